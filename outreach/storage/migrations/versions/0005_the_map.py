"""Figures of each grid by month, for the map."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    counts = ("firms", "covered", "overdue", "employees", "visits", "planned", "done")
    op.create_table(
        "grid_months",
        sa.Column("grid_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("standing", sa.String(length=16), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("list_as_of", sa.Date(), nullable=False),
        sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_grid_months_district_id")
        ),
        sa.ForeignKeyConstraint(["grid_id"], ["grids.id"], name=op.f("fk_grid_months_grid_id")),
        sa.PrimaryKeyConstraint("grid_id", "month", "standing", name=op.f("pk_grid_months")),
    )
    op.create_index(op.f("ix_grid_months_district_id"), "grid_months", ["district_id"])
    op.create_index("ix_grid_months_district_id_month", "grid_months", ["district_id", "month"])
    op.create_index("ix_enterprises_district_id_map", "enterprises", _MAP_COLUMNS)
    op.create_index("ix_visits_district_id_visited_on", "visits", ["district_id", "visited_on"])


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_index("ix_visits_district_id_visited_on", table_name="visits")
    op.drop_index("ix_enterprises_district_id_map", table_name="enterprises")
    op.drop_table("grid_months")


_MAP_COLUMNS = [
    "district_id",
    "retired",
    "standing",
    "grid_id",
    "last_visited_on",
    "employees",
    "lon",
    "lat",
]

"""The map counts firms that should have a union: their size joins what it reads of a firm."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_NAME = "ix_enterprises_district_id_map"
_BEFORE = [
    "district_id",
    "retired",
    "standing",
    "grid_id",
    "last_visited_on",
    "employees",
    "lon",
    "lat",
]


def upgrade() -> None:
    """Go to this revision."""
    op.drop_index(_NAME, table_name="enterprises")
    op.create_index(_NAME, "enterprises", [*_BEFORE, "headcount_class"])


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_index(_NAME, table_name="enterprises")
    op.create_index(_NAME, "enterprises", _BEFORE)

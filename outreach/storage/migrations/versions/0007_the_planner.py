"""Scenarios of the laboratory and proposals of borders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("visit_plans", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("name", sa.String(length=60), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("based_on", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_visit_plans_based_on"), "visit_plans", ["based_on"], ["id"]
        )
    op.create_table(
        "plan_edits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("grid_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["visit_plans.id"], name=op.f("fk_plan_edits_plan_id")
        ),
        sa.ForeignKeyConstraint(["grid_id"], ["grids.id"], name=op.f("fk_plan_edits_grid_id")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.id"], name=op.f("fk_plan_edits_enterprise_id")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name=op.f("fk_plan_edits_made_by")),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_plan_edits_district_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_edits")),
        sa.UniqueConstraint(
            "plan_id", "grid_id", "number", name=op.f("uq_plan_edits_plan_id_grid_id_number")
        ),
    )
    with op.batch_alter_table("plan_edits", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_plan_edits_district_id"), ["district_id"], unique=False
        )

    op.create_table(
        "plan_locks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("grid_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("enterprise_id", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["visit_plans.id"], name=op.f("fk_plan_locks_plan_id")
        ),
        sa.ForeignKeyConstraint(["grid_id"], ["grids.id"], name=op.f("fk_plan_locks_grid_id")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.id"], name=op.f("fk_plan_locks_enterprise_id")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_plan_locks_district_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_locks")),
        sa.UniqueConstraint(
            "plan_id", "enterprise_id", name=op.f("uq_plan_locks_plan_id_enterprise_id")
        ),
        sa.UniqueConstraint(
            "plan_id", "grid_id", "day", name=op.f("uq_plan_locks_plan_id_grid_id_day")
        ),
    )
    with op.batch_alter_table("plan_locks", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_plan_locks_district_id"), ["district_id"], unique=False
        )

    op.create_table(
        "border_proposals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("grids", sa.JSON(), nullable=False),
        sa.Column("firms", sa.JSON(), nullable=False),
        sa.Column("basis", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["made_by"], ["accounts.id"], name=op.f("fk_border_proposals_made_by")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["accounts.id"], name=op.f("fk_border_proposals_decided_by")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_border_proposals_district_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_border_proposals")),
    )
    with op.batch_alter_table("border_proposals", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_border_proposals_district_id"), ["district_id"], unique=False
        )


def downgrade() -> None:
    """Go back to the revision before."""
    for table in ("border_proposals", "plan_locks", "plan_edits"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_index(batch_op.f(f"ix_{table}_district_id"))
        op.drop_table(table)
    with op.batch_alter_table("visit_plans", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_visit_plans_based_on"), type_="foreignkey")
        batch_op.drop_column("based_on")
        batch_op.drop_column("name")

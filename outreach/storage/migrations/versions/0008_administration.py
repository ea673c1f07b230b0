"""What administrators decide: settings, calendar, leave, grids of former days."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "account_grants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("grid_worker_id", sa.Integer(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_account_grants_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["accounts.id"], name=op.f("fk_account_grants_decided_by")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_account_grants_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["grid_worker_id"], ["grid_workers.id"], name=op.f("fk_account_grants_grid_worker_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["accounts.id"], name=op.f("fk_account_grants_proposed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_grants")),
    )
    with op.batch_alter_table("account_grants", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_account_grants_account_id"), ["account_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_account_grants_district_id"), ["district_id"], unique=False
        )

    op.create_table(
        "calendar_days",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("works", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_calendar_days_district_id")
        ),
        sa.ForeignKeyConstraint(["set_by"], ["accounts.id"], name=op.f("fk_calendar_days_set_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_days")),
        sa.UniqueConstraint("district_id", "day", name=op.f("uq_calendar_days_district_id_day")),
    )
    with op.batch_alter_table("calendar_days", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_calendar_days_district_id"), ["district_id"], unique=False
        )

    op.create_table(
        "calendar_notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("received", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_calendar_notices_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["taken_by"], ["accounts.id"], name=op.f("fk_calendar_notices_taken_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_notices")),
    )
    with op.batch_alter_table("calendar_notices", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_calendar_notices_district_id"), ["district_id"], unique=False
        )
        batch_op.create_index(
            "ix_calendar_notices_district_id_year", ["district_id", "year"], unique=False
        )

    op.create_table(
        "district_settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_district_settings_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["set_by"], ["accounts.id"], name=op.f("fk_district_settings_set_by")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by"], ["accounts.id"], name=op.f("fk_district_settings_withdrawn_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_district_settings")),
    )
    with op.batch_alter_table("district_settings", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_district_settings_district_id"), ["district_id"], unique=False
        )
        batch_op.create_index(
            "ix_district_settings_district_id_name", ["district_id", "name"], unique=False
        )

    op.create_table(
        "grid_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("firms_moved", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_grid_changes_district_id")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name=op.f("fk_grid_changes_made_by")),
        sa.ForeignKeyConstraint(
            ["undone_by"], ["accounts.id"], name=op.f("fk_grid_changes_undone_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grid_changes")),
    )
    with op.batch_alter_table("grid_changes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_grid_changes_district_id"), ["district_id"], unique=False
        )

    op.create_table(
        "handovers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("grid_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name_before", sa.String(length=100), nullable=False),
        sa.Column("name_after", sa.String(length=100), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_handovers_district_id")
        ),
        sa.ForeignKeyConstraint(["grid_id"], ["grids.id"], name=op.f("fk_handovers_grid_id")),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name=op.f("fk_handovers_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
    )
    with op.batch_alter_table("handovers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handovers_district_id"), ["district_id"], unique=False)
        batch_op.create_index("ix_handovers_grid_id_day", ["grid_id", "day"], unique=False)

    op.create_table(
        "leaves",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("grid_worker_id", sa.Integer(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("stand_in_id", sa.Integer(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Integer(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cancelled_by"], ["accounts.id"], name=op.f("fk_leaves_cancelled_by")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_leaves_district_id")
        ),
        sa.ForeignKeyConstraint(["entered_by"], ["accounts.id"], name=op.f("fk_leaves_entered_by")),
        sa.ForeignKeyConstraint(
            ["grid_worker_id"], ["grid_workers.id"], name=op.f("fk_leaves_grid_worker_id")
        ),
        sa.ForeignKeyConstraint(
            ["stand_in_id"], ["grid_workers.id"], name=op.f("fk_leaves_stand_in_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leaves")),
    )
    with op.batch_alter_table("leaves", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_leaves_district_id"), ["district_id"], unique=False)
        batch_op.create_index("ix_leaves_district_id_last", ["district_id", "last"], unique=False)

    op.create_table(
        "grid_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("grid_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["change_id"], ["grid_changes.id"], name=op.f("fk_grid_versions_change_id")
        ),
        sa.ForeignKeyConstraint(["grid_id"], ["grids.id"], name=op.f("fk_grid_versions_grid_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grid_versions")),
        sa.UniqueConstraint(
            "change_id", "grid_id", name=op.f("uq_grid_versions_change_id_grid_id")
        ),
    )
    with op.batch_alter_table("grid_versions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grid_versions_grid_id"), ["grid_id"], unique=False)

    op.create_table(
        "firm_grids",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("grid_id", sa.Integer(), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_firm_grids_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.id"], name=op.f("fk_firm_grids_enterprise_id")
        ),
        sa.ForeignKeyConstraint(["grid_id"], ["grids.id"], name=op.f("fk_firm_grids_grid_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_firm_grids")),
        sa.UniqueConstraint(
            "enterprise_id", "since", name=op.f("uq_firm_grids_enterprise_id_since")
        ),
    )
    with op.batch_alter_table("firm_grids", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_firm_grids_district_id"), ["district_id"], unique=False
        )

    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.create_index("ix_audit_entries_account_id_id", ["account_id", "id"], unique=False)


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_entries_account_id_id")

    with op.batch_alter_table("firm_grids", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_firm_grids_district_id"))

    op.drop_table("firm_grids")
    with op.batch_alter_table("grid_versions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_grid_versions_grid_id"))

    op.drop_table("grid_versions")
    with op.batch_alter_table("leaves", schema=None) as batch_op:
        batch_op.drop_index("ix_leaves_district_id_last")
        batch_op.drop_index(batch_op.f("ix_leaves_district_id"))

    op.drop_table("leaves")
    with op.batch_alter_table("handovers", schema=None) as batch_op:
        batch_op.drop_index("ix_handovers_grid_id_day")
        batch_op.drop_index(batch_op.f("ix_handovers_district_id"))

    op.drop_table("handovers")
    with op.batch_alter_table("grid_changes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_grid_changes_district_id"))

    op.drop_table("grid_changes")
    with op.batch_alter_table("district_settings", schema=None) as batch_op:
        batch_op.drop_index("ix_district_settings_district_id_name")
        batch_op.drop_index(batch_op.f("ix_district_settings_district_id"))

    op.drop_table("district_settings")
    with op.batch_alter_table("calendar_notices", schema=None) as batch_op:
        batch_op.drop_index("ix_calendar_notices_district_id_year")
        batch_op.drop_index(batch_op.f("ix_calendar_notices_district_id"))

    op.drop_table("calendar_notices")
    with op.batch_alter_table("calendar_days", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_calendar_days_district_id"))

    op.drop_table("calendar_days")
    with op.batch_alter_table("account_grants", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_grants_district_id"))
        batch_op.drop_index(batch_op.f("ix_account_grants_account_id"))

    op.drop_table("account_grants")

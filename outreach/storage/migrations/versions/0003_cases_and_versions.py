"""Doors, cases, remarks, and the versions of a visit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0003a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "door_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_door_notes_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_door_notes_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["records.id"], name=op.f("fk_door_notes_record_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door_notes")),
    )
    with op.batch_alter_table("door_notes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_door_notes_district_id"), ["district_id"], unique=False
        )
        batch_op.create_index("ix_door_notes_record_id", ["record_id"], unique=False)
    op.create_table(
        "cases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("visit_uuid", sa.String(length=36), nullable=True),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("workers", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_cases_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.id"], name=op.f("fk_cases_enterprise_id")
        ),
        sa.ForeignKeyConstraint(["opened_by"], ["accounts.id"], name=op.f("fk_cases_opened_by")),
        sa.ForeignKeyConstraint(["visit_uuid"], ["visits.uuid"], name=op.f("fk_cases_visit_uuid")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("visit_uuid", "kind", name=op.f("uq_cases_visit_uuid_kind")),
    )
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cases_district_id"), ["district_id"], unique=False)
        batch_op.create_index("ix_cases_district_id_state", ["district_id", "state"], unique=False)
        batch_op.create_index("ix_cases_enterprise_id", ["enterprise_id"], unique=False)
    op.create_table(
        "visit_remarks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_uuid", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_visit_remarks_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_visit_remarks_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["visit_uuid"], ["visits.uuid"], name=op.f("fk_visit_remarks_visit_uuid")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_remarks")),
    )
    with op.batch_alter_table("visit_remarks", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_visit_remarks_district_id"), ["district_id"], unique=False
        )
        batch_op.create_index("ix_visit_remarks_visit_uuid", ["visit_uuid"], unique=False)
    op.create_table(
        "visit_revisions",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("visit_uuid", sa.String(length=36), nullable=False),
        sa.Column("based_on", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_visit_revisions_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_visit_revisions_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["records.id"], name=op.f("fk_visit_revisions_record_id")
        ),
        sa.ForeignKeyConstraint(
            ["visit_uuid"], ["visits.uuid"], name=op.f("fk_visit_revisions_visit_uuid")
        ),
        sa.PrimaryKeyConstraint("uuid", name=op.f("pk_visit_revisions")),
    )
    with op.batch_alter_table("visit_revisions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_visit_revisions_district_id"), ["district_id"], unique=False
        )
        batch_op.create_index("ix_visit_revisions_visit_uuid", ["visit_uuid"], unique=False)
    op.create_table(
        "case_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_case_events_account_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_events_case_id")),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_case_events_district_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_events")),
    )
    with op.batch_alter_table("case_events", schema=None) as batch_op:
        batch_op.create_index("ix_case_events_case_id", ["case_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_case_events_district_id"), ["district_id"], unique=False
        )
    with op.batch_alter_table("records", schema=None) as batch_op:
        batch_op.add_column(sa.Column("superseded_by", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_records_superseded_by"), "records", ["superseded_by"], ["id"]
        )
    with op.batch_alter_table("user_sessions", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("kind", sa.String(length=8), server_default="desk", nullable=False)
        )
        batch_op.add_column(
            sa.Column("label", sa.String(length=100), server_default="", nullable=False)
        )
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("revision_uuid", sa.String(length=36), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("clock_skew_s", sa.Integer(), server_default="0", nullable=False)
        )


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.drop_column("clock_skew_s")
        batch_op.drop_column("revision_uuid")
    with op.batch_alter_table("user_sessions", schema=None) as batch_op:
        batch_op.drop_column("label")
        batch_op.drop_column("kind")
    with op.batch_alter_table("records", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_records_superseded_by"), type_="foreignkey")
        batch_op.drop_column("superseded_by")
    with op.batch_alter_table("case_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_events_district_id"))
        batch_op.drop_index("ix_case_events_case_id")
    op.drop_table("case_events")
    with op.batch_alter_table("visit_revisions", schema=None) as batch_op:
        batch_op.drop_index("ix_visit_revisions_visit_uuid")
        batch_op.drop_index(batch_op.f("ix_visit_revisions_district_id"))
    op.drop_table("visit_revisions")
    with op.batch_alter_table("visit_remarks", schema=None) as batch_op:
        batch_op.drop_index("ix_visit_remarks_visit_uuid")
        batch_op.drop_index(batch_op.f("ix_visit_remarks_district_id"))
    op.drop_table("visit_remarks")
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_index("ix_cases_enterprise_id")
        batch_op.drop_index("ix_cases_district_id_state")
        batch_op.drop_index(batch_op.f("ix_cases_district_id"))
    op.drop_table("cases")
    with op.batch_alter_table("door_notes", schema=None) as batch_op:
        batch_op.drop_index("ix_door_notes_record_id")
        batch_op.drop_index(batch_op.f("ix_door_notes_district_id"))
    op.drop_table("door_notes")

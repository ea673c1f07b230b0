"""The phone: attachments, codes, calendars, changed days, what could not be taken, tracks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003a"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "attachments",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("visit_uuid", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("stored_sha256", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_attachments_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_attachments_district_id")
        ),
        sa.PrimaryKeyConstraint("uuid", name=op.f("pk_attachments")),
    )
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_attachments_district_id"), ["district_id"], unique=False
        )
        batch_op.create_index("ix_attachments_visit_uuid", ["visit_uuid"], unique=False)
    op.create_table(
        "binding_codes",
        sa.Column("code_sha256", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_binding_codes_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_binding_codes_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["accounts.id"], name=op.f("fk_binding_codes_made_by")
        ),
        sa.PrimaryKeyConstraint("code_sha256", name=op.f("pk_binding_codes")),
    )
    with op.batch_alter_table("binding_codes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_binding_codes_account_id"), ["account_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_binding_codes_district_id"), ["district_id"], unique=False
        )
    op.create_table(
        "binding_tries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_binding_tries")),
    )
    with op.batch_alter_table("binding_tries", schema=None) as batch_op:
        batch_op.create_index("ix_binding_tries_source_at", ["source", "at"], unique=False)
    op.create_table(
        "calendar_feeds",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_calendar_feeds_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_calendar_feeds_district_id")
        ),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_calendar_feeds")),
    )
    with op.batch_alter_table("calendar_feeds", schema=None) as batch_op:
        batch_op.create_index("ix_calendar_feeds_account_id", ["account_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_calendar_feeds_district_id"), ["district_id"], unique=False
        )
    op.create_table(
        "day_changes",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("grid_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("stops", sa.JSON(), nullable=False),
        sa.Column("travel_s", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_day_changes_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_day_changes_district_id")
        ),
        sa.ForeignKeyConstraint(["grid_id"], ["grids.id"], name=op.f("fk_day_changes_grid_id")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["visit_plans.id"], name=op.f("fk_day_changes_plan_id")
        ),
        sa.PrimaryKeyConstraint("uuid", name=op.f("pk_day_changes")),
        sa.UniqueConstraint(
            "grid_id", "day", "number", name=op.f("uq_day_changes_grid_id_day_number")
        ),
    )
    with op.batch_alter_table("day_changes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_day_changes_district_id"), ["district_id"], unique=False
        )
    op.create_table(
        "held_visits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Integer(), nullable=True),
        sa.Column("settlement", sa.String(length=16), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_held_visits_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_held_visits_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["settled_by"], ["accounts.id"], name=op.f("fk_held_visits_settled_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_visits")),
        sa.UniqueConstraint("uuid", "sha256", name=op.f("uq_held_visits_uuid_sha256")),
    )
    with op.batch_alter_table("held_visits", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_held_visits_district_id"), ["district_id"], unique=False
        )
    op.create_table(
        "track_consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_track_consents_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_track_consents_district_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_track_consents")),
    )
    with op.batch_alter_table("track_consents", schema=None) as batch_op:
        batch_op.create_index("ix_track_consents_account_id", ["account_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_track_consents_district_id"), ["district_id"], unique=False
        )
    op.create_table(
        "track_segments",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("grid_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_track_segments_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_track_segments_district_id")
        ),
        sa.ForeignKeyConstraint(["grid_id"], ["grids.id"], name=op.f("fk_track_segments_grid_id")),
        sa.PrimaryKeyConstraint("uuid", name=op.f("pk_track_segments")),
    )
    with op.batch_alter_table("track_segments", schema=None) as batch_op:
        batch_op.create_index(
            "ix_track_segments_account_id_day", ["account_id", "day"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_track_segments_district_id"), ["district_id"], unique=False
        )
    op.create_table(
        "track_points",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("segment_uuid", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("grid_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("accuracy_m", sa.Double(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_track_points_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_track_points_district_id")
        ),
        sa.ForeignKeyConstraint(["grid_id"], ["grids.id"], name=op.f("fk_track_points_grid_id")),
        sa.ForeignKeyConstraint(
            ["segment_uuid"], ["track_segments.uuid"], name=op.f("fk_track_points_segment_uuid")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_track_points")),
        sa.UniqueConstraint("segment_uuid", "at", name=op.f("uq_track_points_segment_uuid_at")),
    )
    with op.batch_alter_table("track_points", schema=None) as batch_op:
        batch_op.create_index("ix_track_points_at", ["at"], unique=False)
        batch_op.create_index("ix_track_points_account_id_day", ["account_id", "day"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_track_points_district_id"), ["district_id"], unique=False
        )


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("track_points", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_track_points_district_id"))
        batch_op.drop_index("ix_track_points_at")
        batch_op.drop_index("ix_track_points_account_id_day")
    op.drop_table("track_points")
    with op.batch_alter_table("track_segments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_track_segments_district_id"))
        batch_op.drop_index("ix_track_segments_account_id_day")
    op.drop_table("track_segments")
    with op.batch_alter_table("track_consents", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_track_consents_district_id"))
        batch_op.drop_index("ix_track_consents_account_id")
    op.drop_table("track_consents")
    with op.batch_alter_table("held_visits", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_held_visits_district_id"))
    op.drop_table("held_visits")
    with op.batch_alter_table("day_changes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_day_changes_district_id"))
    op.drop_table("day_changes")
    with op.batch_alter_table("calendar_feeds", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_calendar_feeds_district_id"))
        batch_op.drop_index("ix_calendar_feeds_account_id")
    op.drop_table("calendar_feeds")
    with op.batch_alter_table("binding_tries", schema=None) as batch_op:
        batch_op.drop_index("ix_binding_tries_source_at")
    op.drop_table("binding_tries")
    with op.batch_alter_table("binding_codes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_binding_codes_district_id"))
        batch_op.drop_index(batch_op.f("ix_binding_codes_account_id"))
    op.drop_table("binding_codes")
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.drop_index("ix_attachments_visit_uuid")
        batch_op.drop_index(batch_op.f("ix_attachments_district_id"))
    op.drop_table("attachments")

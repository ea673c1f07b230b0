"""Where addresses lie, what sources are worth, what changes, files that people hand in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002a"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "geocoded_addresses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=12), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("received_lon", sa.Double(), nullable=True),
        sa.Column("received_lat", sa.Double(), nullable=True),
        sa.Column("datum", sa.String(length=8), nullable=False),
        sa.Column("error_m", sa.Double(), nullable=True),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_geocoded_addresses_district_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_geocoded_addresses")),
        sa.UniqueConstraint(
            "district_id",
            "provider",
            "address",
            name=op.f("uq_geocoded_addresses_district_id_provider_address"),
        ),
    )
    with op.batch_alter_table("geocoded_addresses", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_geocoded_addresses_district_id"), ["district_id"], unique=False
        )
    op.create_table(
        "source_calibrations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("log_ratio", sa.Double(), nullable=False),
        sa.Column("spread", sa.Double(), nullable=False),
        sa.Column("pairs", sa.Integer(), nullable=False),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_source_calibrations_district_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_calibrations")),
        sa.UniqueConstraint(
            "district_id", "source", name=op.f("uq_source_calibrations_district_id_source")
        ),
    )
    with op.batch_alter_table("source_calibrations", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_source_calibrations_district_id"), ["district_id"], unique=False
        )
    op.create_table(
        "changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("grid_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("former_grid_id", sa.Integer(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("before", sa.String(length=500), nullable=False),
        sa.Column("after", sa.String(length=500), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_changes_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.id"], name=op.f("fk_changes_enterprise_id")
        ),
        sa.ForeignKeyConstraint(
            ["former_grid_id"], ["grids.id"], name=op.f("fk_changes_former_grid_id")
        ),
        sa.ForeignKeyConstraint(["grid_id"], ["grids.id"], name=op.f("fk_changes_grid_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
    )
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_changes_district_id"), ["district_id"], unique=False)
        batch_op.create_index(
            "ix_changes_district_id_found_on", ["district_id", "found_on"], unique=False
        )
        batch_op.create_index("ix_changes_enterprise_id", ["enterprise_id"], unique=False)
        batch_op.create_index("ix_changes_grid_id_found_on", ["grid_id", "found_on"], unique=False)
    op.create_table(
        "header_meanings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("header", sa.String(length=200), nullable=False),
        sa.Column("column", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("explained_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_header_meanings_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_header_meanings_district_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_header_meanings")),
        sa.UniqueConstraint(
            "district_id",
            "source",
            "header",
            name=op.f("uq_header_meanings_district_id_source_header"),
        ),
    )
    with op.batch_alter_table("header_meanings", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_header_meanings_district_id"), ["district_id"], unique=False
        )
    op.create_table(
        "uploads",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_uploads_account_id")
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_uploads_batch_id")),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_uploads_district_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
    )
    with op.batch_alter_table("uploads", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_uploads_district_id"), ["district_id"], unique=False)
        batch_op.create_index(
            "ix_uploads_district_id_handed_in_at", ["district_id", "handed_in_at"], unique=False
        )


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("uploads", schema=None) as batch_op:
        batch_op.drop_index("ix_uploads_district_id_handed_in_at")
        batch_op.drop_index(batch_op.f("ix_uploads_district_id"))
    op.drop_table("uploads")
    with op.batch_alter_table("header_meanings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_header_meanings_district_id"))
    op.drop_table("header_meanings")
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.drop_index("ix_changes_grid_id_found_on")
        batch_op.drop_index("ix_changes_enterprise_id")
        batch_op.drop_index("ix_changes_district_id_found_on")
        batch_op.drop_index(batch_op.f("ix_changes_district_id"))
    op.drop_table("changes")
    with op.batch_alter_table("source_calibrations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_source_calibrations_district_id"))
    op.drop_table("source_calibrations")
    with op.batch_alter_table("geocoded_addresses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_geocoded_addresses_district_id"))
    op.drop_table("geocoded_addresses")

"""What people decide about records, and what follows for enterprises."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0002a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "doubtful_pairs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("left_record_id", sa.Integer(), nullable=False),
        sa.Column("right_record_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("weight", sa.Double(), nullable=True),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("priority", sa.Double(), nullable=False),
        sa.Column("state", sa.String(length=8), server_default="open", nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_doubtful_pairs_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["left_record_id"], ["records.id"], name=op.f("fk_doubtful_pairs_left_record_id")
        ),
        sa.ForeignKeyConstraint(
            ["right_record_id"], ["records.id"], name=op.f("fk_doubtful_pairs_right_record_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_doubtful_pairs")),
    )
    with op.batch_alter_table("doubtful_pairs", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_doubtful_pairs_district_id"), ["district_id"], unique=False
        )
        batch_op.create_index(
            "ix_doubtful_pairs_district_id_priority", ["district_id", "priority"], unique=False
        )
    op.create_table(
        "judgements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("left_record_id", sa.Integer(), nullable=False),
        sa.Column("right_record_id", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("basis", sa.JSON(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_judgements_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_judgements_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["left_record_id"], ["records.id"], name=op.f("fk_judgements_left_record_id")
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by"], ["accounts.id"], name=op.f("fk_judgements_revoked_by")
        ),
        sa.ForeignKeyConstraint(
            ["right_record_id"], ["records.id"], name=op.f("fk_judgements_right_record_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgements")),
    )
    with op.batch_alter_table("judgements", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_judgements_district_id"), ["district_id"], unique=False
        )
        batch_op.create_index(
            "ix_judgements_left_record_id", ["left_record_id", "right_record_id"], unique=False
        )
    op.create_table(
        "marked_positions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("received_lon", sa.Double(), nullable=False),
        sa.Column("received_lat", sa.Double(), nullable=False),
        sa.Column("datum", sa.String(length=8), nullable=False),
        sa.Column("error_m", sa.Double(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_marked_positions_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_marked_positions_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["records.id"], name=op.f("fk_marked_positions_record_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marked_positions")),
    )
    with op.batch_alter_table("marked_positions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_marked_positions_district_id"), ["district_id"], unique=False
        )
        batch_op.create_index("ix_marked_positions_record_id", ["record_id"], unique=False)
    op.create_table(
        "record_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("left_record_id", sa.Integer(), nullable=False),
        sa.Column("right_record_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=24), nullable=False),
        sa.Column("weight", sa.Double(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_record_links_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["left_record_id"], ["records.id"], name=op.f("fk_record_links_left_record_id")
        ),
        sa.ForeignKeyConstraint(
            ["right_record_id"], ["records.id"], name=op.f("fk_record_links_right_record_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_links")),
    )
    with op.batch_alter_table("record_links", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_record_links_district_id"), ["district_id"], unique=False
        )
        batch_op.create_index("ix_record_links_left_record_id", ["left_record_id"], unique=False)
        batch_op.create_index("ix_record_links_right_record_id", ["right_record_id"], unique=False)
    op.create_table(
        "relations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=True),
        sa.Column("union_key", sa.String(length=200), nullable=False),
        sa.Column("union_name", sa.String(length=500), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["districts.id"], name=op.f("fk_relations_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.id"], name=op.f("fk_relations_enterprise_id")
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["enterprises.id"], name=op.f("fk_relations_other_id")
        ),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_relations_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relations")),
    )
    with op.batch_alter_table("relations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_relations_district_id"), ["district_id"], unique=False)
        batch_op.create_index(
            "ix_relations_district_id_union_key", ["district_id", "union_key"], unique=False
        )
        batch_op.create_index("ix_relations_enterprise_id", ["enterprise_id"], unique=False)
        batch_op.create_index("ix_relations_other_id", ["other_id"], unique=False)
    with op.batch_alter_table("batches", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("complete", sa.Boolean(), server_default=sa.true(), nullable=False)
        )
        batch_op.add_column(sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("undone_by", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_batches_undone_by"), "accounts", ["undone_by"], ["id"]
        )
    with op.batch_alter_table("enterprises", schema=None) as batch_op:
        batch_op.add_column(sa.Column("headcount_low", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("headcount_high", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("over_probability", sa.Double(), nullable=True))
        batch_op.add_column(
            sa.Column("headcount_class", sa.String(length=16), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("missing_from", sa.JSON(), server_default="[]", nullable=False)
        )
        batch_op.add_column(sa.Column("position_as_of", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("home_record_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_enterprises_home_record_id"), "records", ["home_record_id"], ["id"]
        )
        batch_op.create_index("ix_enterprises_home_record_id", ["home_record_id"], unique=False)
    op.execute(
        "UPDATE enterprises SET home_record_id = COALESCE("
        "(SELECT record_id FROM enterprise_aliases WHERE former_id = enterprises.id), "
        "(SELECT MIN(record_id) FROM members WHERE enterprise_id = enterprises.id))"
    )


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("enterprises", schema=None) as batch_op:
        batch_op.drop_index("ix_enterprises_home_record_id")
        batch_op.drop_constraint(batch_op.f("fk_enterprises_home_record_id"), type_="foreignkey")
        batch_op.drop_column("home_record_id")
        batch_op.drop_column("position_as_of")
        batch_op.drop_column("missing_from")
        batch_op.drop_column("headcount_class")
        batch_op.drop_column("over_probability")
        batch_op.drop_column("headcount_high")
        batch_op.drop_column("headcount_low")
    with op.batch_alter_table("batches", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_batches_undone_by"), type_="foreignkey")
        batch_op.drop_column("undone_by")
        batch_op.drop_column("undone_at")
        batch_op.drop_column("complete")
    with op.batch_alter_table("relations", schema=None) as batch_op:
        batch_op.drop_index("ix_relations_other_id")
        batch_op.drop_index("ix_relations_enterprise_id")
        batch_op.drop_index("ix_relations_district_id_union_key")
        batch_op.drop_index(batch_op.f("ix_relations_district_id"))
    op.drop_table("relations")
    with op.batch_alter_table("record_links", schema=None) as batch_op:
        batch_op.drop_index("ix_record_links_right_record_id")
        batch_op.drop_index("ix_record_links_left_record_id")
        batch_op.drop_index(batch_op.f("ix_record_links_district_id"))
    op.drop_table("record_links")
    with op.batch_alter_table("marked_positions", schema=None) as batch_op:
        batch_op.drop_index("ix_marked_positions_record_id")
        batch_op.drop_index(batch_op.f("ix_marked_positions_district_id"))
    op.drop_table("marked_positions")
    with op.batch_alter_table("judgements", schema=None) as batch_op:
        batch_op.drop_index("ix_judgements_left_record_id")
        batch_op.drop_index(batch_op.f("ix_judgements_district_id"))
    op.drop_table("judgements")
    with op.batch_alter_table("doubtful_pairs", schema=None) as batch_op:
        batch_op.drop_index("ix_doubtful_pairs_district_id_priority")
        batch_op.drop_index(batch_op.f("ix_doubtful_pairs_district_id"))
    op.drop_table("doubtful_pairs")

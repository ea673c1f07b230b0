"""What the desk keeps: figures by day and month, how far firms are, text to search in, tokens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    _make_figures()
    _make_search()
    _make_tokens()
    op.create_index(
        "ix_enterprises_district_id_last_visited_on",
        "enterprises",
        ["district_id", "last_visited_on"],
    )
    op.create_index("ix_audit_entries_district_id_id", "audit_entries", ["district_id", "id"])
    op.create_index("ix_audit_entries_subject_id", "audit_entries", ["subject_id", "subject"])
    op.create_index("ix_visits_grid_id_visited_on", "visits", ["grid_id", "visited_on"])


def _district(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["district_id"], ["districts.id"], name=op.f(f"fk_{table}_district_id")
    )


def _enterprise(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["enterprise_id"], ["enterprises.id"], name=op.f(f"fk_{table}_enterprise_id")
    )


def _make_figures() -> None:
    op.create_table(
        "desk_figures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("span", sa.String(length=8), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("township", sa.String(length=100), nullable=False),
        sa.Column("grid_id", sa.Integer(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        _district("desk_figures"),
        sa.ForeignKeyConstraint(["grid_id"], ["grids.id"], name=op.f("fk_desk_figures_grid_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_figures")),
    )
    op.create_index(op.f("ix_desk_figures_district_id"), "desk_figures", ["district_id"])
    op.create_index(
        "ix_desk_figures_area",
        "desk_figures",
        ["district_id", "span", "level", "day", "township", "grid_id"],
    )
    op.create_table(
        "desk_states",
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("audit_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("firms", sa.Integer(), nullable=False),
        sa.Column("searched_at", sa.DateTime(timezone=True), nullable=True),
        _district("desk_states"),
        sa.PrimaryKeyConstraint("district_id", name=op.f("pk_desk_states")),
    )
    op.create_table(
        "formations",
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=12), nullable=False),
        sa.Column("finding_on", sa.Date(), nullable=True),
        sa.Column("members", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=False),
        _district("formations"),
        _enterprise("formations"),
        sa.PrimaryKeyConstraint("enterprise_id", name=op.f("pk_formations")),
    )
    op.create_index(op.f("ix_formations_district_id"), "formations", ["district_id"])
    op.create_index("ix_formations_district_id_stage", "formations", ["district_id", "stage"])


def _make_search() -> None:
    op.create_table(
        "search_texts",
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("initials", sa.String(length=500), nullable=False),
        sa.Column("digest", sa.String(length=16), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        _district("search_texts"),
        _enterprise("search_texts"),
        sa.PrimaryKeyConstraint("enterprise_id", name=op.f("pk_search_texts")),
    )
    op.create_index(op.f("ix_search_texts_district_id"), "search_texts", ["district_id"])
    op.create_table(
        "search_postings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gram", sa.String(length=24), nullable=False),
        sa.Column("segment", sa.Integer(), nullable=False),
        sa.Column("firms", sa.Integer(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        _district("search_postings"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_postings")),
        sa.UniqueConstraint(
            "district_id",
            "gram",
            "segment",
            name=op.f("uq_search_postings_district_id_gram_segment"),
        ),
    )
    op.create_index(op.f("ix_search_postings_district_id"), "search_postings", ["district_id"])


def _make_tokens() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("hint", sa.String(length=8), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_on", sa.Date(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=False),
        _district("api_tokens"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_api_tokens_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_api_tokens_token_sha256")),
    )
    op.create_index(op.f("ix_api_tokens_district_id"), "api_tokens", ["district_id"])
    op.create_index("ix_api_tokens_account_id", "api_tokens", ["account_id"])
    op.create_table(
        "api_calls",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", "minute", name=op.f("pk_api_calls")),
    )


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_index("ix_visits_grid_id_visited_on", table_name="visits")
    op.drop_index("ix_audit_entries_subject_id", table_name="audit_entries")
    op.drop_index("ix_audit_entries_district_id_id", table_name="audit_entries")
    op.drop_index("ix_enterprises_district_id_last_visited_on", table_name="enterprises")
    for name in (
        "api_calls",
        "api_tokens",
        "search_postings",
        "search_texts",
        "formations",
        "desk_states",
        "desk_figures",
    ):
        op.drop_table(name)

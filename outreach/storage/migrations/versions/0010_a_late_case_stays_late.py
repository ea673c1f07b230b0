"""A step keeps the deadline that it set, and a case that it was late."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.add_column("case_events", sa.Column("due_on", sa.Date(), nullable=True))
    op.add_column(
        "cases", sa.Column("was_late", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_column("cases", "was_late")
    op.drop_column("case_events", "due_on")

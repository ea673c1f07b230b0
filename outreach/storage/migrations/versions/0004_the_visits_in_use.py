"""What a phone and a desk say about visits after they were sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.add_column(sa.Column("appointed_on", sa.Date(), nullable=True))
        batch_op.add_column(
            sa.Column("appointed_part", sa.String(length=12), server_default="", nullable=False)
        )
        batch_op.create_index(
            "ix_visits_district_id_appointed_on", ["district_id", "appointed_on"], unique=False
        )


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.drop_index("ix_visits_district_id_appointed_on")
        batch_op.drop_column("appointed_part")
        batch_op.drop_column("appointed_on")

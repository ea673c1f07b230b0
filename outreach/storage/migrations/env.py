"""Alembic's entry: runs on the connection that `Database` hands over."""

from __future__ import annotations

from typing import Literal

from alembic import context

from outreach.storage import database  # noqa: F401  (all tables become known)
from outreach.storage.base import Base, UtcDateTime


def _render(kind: str, value: object, _context: object) -> str | Literal[False]:
    """Write our column type as the plain type, so that a revision never imports the application."""
    if kind == "type" and isinstance(value, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    render_item=_render,
)
with context.begin_transaction():
    context.run_migrations()

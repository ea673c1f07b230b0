"""Commands for the database's schema."""

from __future__ import annotations

import click

from outreach.cli.session import Workplace, pass_workplace


@click.group(help="数据库结构")
def database() -> None:
    """Group of commands."""


@database.command("upgrade", help="升级到最新结构;SQLite 会先留一份副本。")
@pass_workplace
def upgrade(workplace: Workplace) -> None:
    """Bring the schema to the newest revision."""
    from outreach.storage.database import Database

    database = Database(workplace.settings.database)
    database.upgrade()
    workplace.print("数据库结构:{revision}", revision=database.revision() or "")

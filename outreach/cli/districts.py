"""Commands for the districts of one database."""

from __future__ import annotations

import click

from outreach.cli.session import Workplace, pass_workplace


@click.group(help="本库里的区")
def district() -> None:
    """Group of commands."""


@district.command("add", help="新增一个区。")
@click.argument("code")
@click.argument("name")
@pass_workplace
def add(workplace: Workplace, code: str, name: str) -> None:
    """Add a district."""
    from outreach.services.administration.districts import add_district

    with workplace.transaction() as session:
        add_district(session, code=code, name=name)
    workplace.print("已新增:{code} {name}", code=code, name=name)

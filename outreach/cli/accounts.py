"""Commands for accounts."""

from __future__ import annotations

import secrets

import click

from outreach.cli.session import Workplace, now, pass_workplace
from outreach.domain.accounts import Role


@click.command("account", help="新增账号。不给密码就生成一个,只显示这一次。")
@click.argument("login")
@click.option("--role", type=click.Choice([role.value for role in Role]))
@click.option("--name", default="", help="显示的名字")
@click.option("--grid", "grid_code", help="网格员账号所属的网格编码")
@click.option("--password", help="至少 12 个字符")
@click.option("--close", is_flag=True, help="停用这个账号,不新增")
@pass_workplace
def add_account(
    workplace: Workplace,
    login: str,
    role: str | None,
    name: str,
    grid_code: str | None,
    password: str | None,
    *,
    close: bool,
) -> None:
    """Add an account, or close one."""
    from outreach.services.administration import accounts

    if close:
        with workplace.transaction() as session:
            district_id = workplace.district(session).id
            accounts.close_by_login(session, district_id=district_id, login=login, now=now())
        workplace.print("已停用账号 {login}", login=login)
        return
    if role is None:
        raise click.UsageError("请用 --role 说明角色")
    chosen = password or secrets.token_urlsafe(12)
    with workplace.transaction() as session:
        accounts.add_account(
            session,
            district_id=workplace.district(session).id,
            login=login,
            password=chosen,
            role=Role(role),
            display_name=name or login,
            now=now(),
            grid_code=grid_code,
        )
    workplace.print("已新增账号 {login}", login=login)
    if password is None:
        workplace.print("密码(只显示这一次):{password}", password=chosen)

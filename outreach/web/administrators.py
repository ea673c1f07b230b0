"""Accounts: proposed and closed by one administrator, granted by another."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request, session, url_for

from outreach.domain.accounts import Role
from outreach.errors import Conflict, InvalidInput, NotFound
from outreach.services.administration import administrators
from outreach.services.administration.administrators import AccountFilter, WantedAccount
from outreach.web import current, queries, texts

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

pages = Blueprint("administrators", __name__, url_prefix="/accounts")

PAGE_SIZE = 50
KEY = f"<int(max={queries.LARGEST_ID}):account_id>"
GRANT_KEY = f"<int(max={queries.LARGEST_ID}):grant_id>"
_FIELDS = ("login", "name", "role", "grid")
_FILTER = ("text", "of", "waiting", "page")


@pages.get("")
def index() -> str:
    """List the accounts, those that wait for a grant first."""
    return _page()


def _page(
    problem: str = "", password: tuple[str, str] | None = None, *, keeps_form: bool = False
) -> str:
    """The list with the form for a new account; `password` is shown this once with its login."""
    wanted = AccountFilter(
        text=request.args.get("text", "").strip()[:64],
        role=queries.choice(Role, "of"),
        waiting=request.args.get("waiting") == "1",
    )
    page = queries.Paging(page=queries.page_number(), size=PAGE_SIZE)
    lines, total = administrators.list_accounts(
        current.session(), current.principal(), wanted, limit=page.size, offset=page.offset
    )
    return render_template(
        "administrators/list.html",
        wanted=wanted,
        lines=lines,
        roles=list(Role),
        problem=problem,
        password=password,
        sent={name: request.form.get(name, "") if keeps_form else "" for name in _FIELDS},
        told=session.pop("told", None),
        kept=_kept(),
        page=queries.Paging(page=page.page, size=page.size, total=total),
    )


def _kept() -> dict[str, str]:
    """The filter and the page of the list, which stay through whatever is done to an account."""
    return {name: value for name in _FILTER if (value := request.args.get(name, "").strip())}


def _done(template: str) -> ResponseReturnValue:
    """Back to the list as it was filtered, which says once what was done to whom."""
    session["told"] = texts.text(template, login=request.form.get("login", "")[:64])
    return redirect(f"{url_for('administrators.index')}?{urlencode(_kept())}".rstrip("?"), 303)


def _role() -> Role:
    value = request.form.get("role", "")
    if value not in set(Role):
        raise InvalidInput("请选一个角色")
    return Role(value)


@pages.post("")
def propose() -> ResponseReturnValue:
    """Add an account that waits for a grant; its password is shown this once."""
    administrators.require_opener(current.principal())
    texts.answer_belongs_to(url_for("administrators.index"))
    form = request.form
    try:
        wanted = WantedAccount(
            login=form.get("login", ""),
            display_name=form.get("name", ""),
            role=_role(),
            grid_code=form.get("grid", ""),
        )
        password = administrators.propose_account(
            current.session(), current.principal(), wanted, now=current.now()
        )
    except (InvalidInput, Conflict, NotFound) as error:
        status = 409 if isinstance(error, Conflict) else 422
        return _page(texts.error_text(error), keeps_form=True), status
    return _page(password=(wanted.login.strip(), password))


@pages.post(f"/{KEY}/role")
def propose_role(account_id: int) -> ResponseReturnValue:
    """Propose another role for an account, or to open it again."""
    administrators.require_opener(current.principal())
    texts.answer_belongs_to(url_for("administrators.index"))
    try:
        administrators.propose_role(
            current.session(),
            current.principal(),
            account_id,
            role=_role(),
            grid_code=request.form.get("grid", ""),
            now=current.now(),
        )
    except InvalidInput as error:
        return _page(texts.error_text(error)), 422
    return _done("“{login}”的申请已提出,等安全管理员授权。")


@pages.post(f"/{KEY}/password")
def reset_password(account_id: int) -> ResponseReturnValue:
    """Give an account a new password, shown this once; the account waits for a grant."""
    texts.answer_belongs_to(url_for("administrators.index"))
    password = administrators.reset_password(
        current.session(), current.principal(), account_id, now=current.now()
    )
    return _page(password=(request.form.get("login", "")[:64], password))


@pages.post(f"/{KEY}/close")
def close(account_id: int) -> ResponseReturnValue:
    """Close an account at once."""
    administrators.close_account(
        current.session(), current.principal(), account_id, now=current.now()
    )
    return _done("“{login}”已停用,所有登录都已结束。")


@pages.post(f"/{KEY}/sign-out")
def end_sessions(account_id: int) -> ResponseReturnValue:
    """End all sign-ins of an account."""
    administrators.end_sessions(
        current.session(), current.principal(), account_id, now=current.now()
    )
    return _done("“{login}”的全部登录已结束。")


@pages.post(f"/grants/{GRANT_KEY}")
def decide(grant_id: int) -> ResponseReturnValue:
    """Grant what was proposed, or not."""
    granted = request.form.get("do") == "grant"
    administrators.decide_grant(
        current.session(), current.principal(), grant_id, granted=granted, now=current.now()
    )
    if granted:
        return _done("已授权给“{login}”,从对方下一次打开页面起生效。")
    return _done("没有授权给“{login}”。")

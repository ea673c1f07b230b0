"""Signing in and out, the password, and the way home."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, session, url_for

from outreach.domain.accounts import Role
from outreach.errors import InvalidInput
from outreach.services.administration import accounts
from outreach.web import current, texts
from outreach.web.security import (
    drop_session_cookie,
    public,
    session_token,
    set_session_cookie,
)

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from outreach.domain.accounts import Principal

pages = Blueprint("accounts", __name__)

_HOMES = {
    Role.GRID_WORKER: "routes.today",
    Role.DISTRICT: "maps.show",
    Role.PLANNER: "plans.index",
    Role.SYSTEM_ADMIN: "administrators.index",
    Role.SECURITY_ADMIN: "administrators.index",
    Role.AUDITOR: "audit.index",
}


def home_of(principal: Principal) -> str:
    """The page that a role works on."""
    return url_for(_HOMES[principal.role])


def safe_next(target: str) -> str | None:
    """A path of this host to go to after signing in, or `None` for anything else."""
    parts = urlsplit(target)
    own = not parts.scheme and not parts.netloc and target.startswith("/")
    if not own or target.startswith("//") or "\\" in target or not target.isprintable():
        return None
    return target


@pages.get("/")
def home() -> ResponseReturnValue:
    """Lead to the page of the role."""
    return redirect(home_of(current.principal()), 303)


@pages.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """Show the sign-in."""
    return render_template("accounts/sign_in.html", next=request.args.get("next", ""))


@pages.post("/sign-in")
@public
def open_session() -> ResponseReturnValue:
    """Check the password; every failure looks the same."""
    login, password = request.form.get("login", ""), request.form.get("password", "")
    opened = accounts.sign_in(
        current.session(), login=login[:64], password=password, now=current.now()
    )
    current.commit()  # a failure counts, too
    target = request.form.get("next", "")
    if opened is None:
        page = render_template(
            "accounts/sign_in.html", next=target, login=login, problem=accounts.WRONG
        )
        return page, 401
    session.clear()
    answer = redirect(safe_next(target) or home_of(opened.principal), 303)
    set_session_cookie(answer, opened.token)
    return answer


@pages.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session: a copy of the cookie is worthless from now on."""
    accounts.sign_out(current.session(), session_token(), now=current.now())
    session.clear()
    answer = redirect(url_for("accounts.sign_in"), 303)
    drop_session_cookie(answer)
    return answer


@pages.get("/password")
def password() -> ResponseReturnValue:
    """Show the form for a new password."""
    return render_template("accounts/password.html")


@pages.post("/password")
def change_password() -> ResponseReturnValue:
    """Set a new password; all sessions of the account end."""
    old, new = request.form.get("old", ""), request.form.get("new", "")
    try:
        if new != request.form.get("again", ""):
            raise InvalidInput("两次输入的新密码不一样")
        accounts.change_password(
            current.session(), current.principal(), old=old, new=new, now=current.now()
        )
    except InvalidInput as error:
        problem = texts.error_text(error)
        return render_template("accounts/password.html", problem=problem), 422
    answer = redirect(url_for("accounts.sign_in", changed=1), 303)
    drop_session_cookie(answer)
    return answer

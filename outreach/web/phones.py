"""Tying a grid worker's phone to her account, and cutting off one that was lost."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, session, url_for

from outreach.domain.accounts import PHONE_SESSION_LIFE
from outreach.domain.phones import CODE_LIFE, clean_code, show_code
from outreach.services.administration import accounts, phones
from outreach.web import current, queries, texts
from outreach.web.accounts import home_of
from outreach.web.security import public, session_token, set_session_cookie

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

pages = Blueprint("phones", __name__)

KEY = f"<int(max={queries.LARGEST_ID}):account_id>"


@pages.get("/phones")
def index() -> str:
    """List the grid workers' accounts with their tied phones."""
    lines = phones.list_phones(current.session(), current.principal(), now=current.now())
    return render_template("phones/list.html", lines=lines, today=current.today())


@pages.post(f"/phones/{KEY}/code")
def make_code(account_id: int) -> str:
    """Show a fresh binding code, once, as a picture and in letters."""
    fresh = phones.make_code(current.session(), current.principal(), account_id, now=current.now())
    texts.answer_belongs_to(url_for("phones.index"))
    link = f"{public_root()}{url_for('phones.bind')}#{fresh.code}"
    return render_template(
        "phones/code.html",
        fresh=fresh,
        letters=show_code(fresh.code),
        minutes=int(CODE_LIFE.total_seconds() // 60),
        address=f"{public_root()}{url_for('phones.bind')}",
        picture=_picture(link),
        unreachable=_is_this_machine(),
    )


def public_root() -> str:
    """Where phones reach the pages: the setting, else the address that the office itself used."""
    return current.surroundings().settings.public_url.rstrip("/") or request.host_url.rstrip("/")


def _is_this_machine() -> bool:
    """Whether the picture would lead a phone to itself."""
    if current.surroundings().settings.public_url:
        return False
    host = request.host.rsplit(":", 1)[0].strip("[]")
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _picture(link: str) -> str:
    """The link as a QR code, an SVG in the page itself. The one door to segno."""
    import segno  # lazy: start-up time

    return segno.make(link, error="m", micro=False).svg_data_uri(border=4, dark="#000")


@pages.post(f"/phones/{KEY}/end")
def end(account_id: int) -> ResponseReturnValue:
    """End a grid worker's phone at once: it is lost."""
    phones.end_session(
        current.session(),
        current.principal(),
        request.form.get("key", ""),
        account_id=account_id,
        now=current.now(),
    )
    return redirect(url_for("phones.index", ended=1), 303)


@pages.get("/bind")
@public
def bind() -> str:
    """Show where a code is typed; one that came with the link is read by the page, never sent here.

    A link's preview loads this page and uses nothing up.
    """
    return render_template("phones/bind.html")


@pages.post("/bind/check")
@public
def check() -> ResponseReturnValue:
    """Say whose account a code would tie the phone to; the code stays unused."""
    code = clean_code(request.form.get("code", ""))
    texts.answer_belongs_to(url_for("phones.bind"))
    name = phones.find_offer(current.session(), code, source=_source(), now=current.now())
    current.commit()  # a wrong code counts
    if name is None:
        return render_template("phones/bind.html", problem=phones.WRONG), 422
    return render_template("phones/offer.html", code=code, name=name)


@pages.post("/bind")
@public
def tie() -> ResponseReturnValue:
    """Use the code up and sign this phone in for long."""
    code = clean_code(request.form.get("code", ""))
    texts.answer_belongs_to(url_for("phones.bind"))
    agent = request.headers.get("User-Agent", "")[:400]
    opened = phones.bind_phone(
        current.session(), code, source=_source(), user_agent=agent, now=current.now()
    )
    current.commit()  # a wrong code counts
    if opened is None:
        return render_template("phones/bind.html", problem=phones.WRONG), 422
    accounts.sign_out(current.session(), session_token(), now=current.now())
    session.clear()
    answer = redirect(home_of(opened.principal), 303)
    set_session_cookie(answer, opened.token, life=PHONE_SESSION_LIFE)
    return answer


def _source() -> str:
    return request.remote_addr or ""

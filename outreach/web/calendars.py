"""The private calendar: its page, and the feed behind its address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, redirect, render_template, request, url_for

from outreach.services.visits import calendars
from outreach.web import current, texts
from outreach.web.phones import public_root
from outreach.web.security import public

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from werkzeug.wrappers import Response as AnyResponse

pages = Blueprint("calendars", __name__)


@pages.get("/calendar")
def show() -> str:
    """Say what the calendar is, and whether it stands; the address itself is never shown again."""
    since = calendars.feed_since(current.session(), current.principal())
    return render_template("phones/calendar.html", since=since, address=None)


@pages.post("/calendar/renew")
def renew() -> str:
    """Make a new address and show it, this once."""
    token = calendars.renew_feed(current.session(), current.principal(), now=current.now())
    texts.answer_belongs_to(url_for("calendars.show"))
    address = f"{public_root()}{url_for('calendars.feed', token=token)}"
    return render_template("phones/calendar.html", since=current.now(), address=address)


@pages.post("/calendar/revoke")
def revoke() -> ResponseReturnValue:
    """End the address."""
    calendars.revoke_feed(current.session(), current.principal(), now=current.now())
    return redirect(url_for("calendars.show"), 303)


@pages.get("/calendar/<token>.ics")
@public
def feed(token: str) -> AnyResponse:
    """Give the week to a calendar program, or "not changed"."""
    found = calendars.read_feed(current.session(), token[:64], now=current.now())
    answer = Response(found.content, mimetype="text/calendar")
    answer.headers["Content-Disposition"] = "inline; filename=outreach.ics"
    answer.cache_control.private = True
    answer.cache_control.no_cache = True
    answer.set_etag(found.digest)
    answer.last_modified = found.changed_at
    return answer.make_conditional(request)

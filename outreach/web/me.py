"""What is the signed-in person's own: phones, calendar, track, paper, text size, language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.services.administration import phones
from outreach.services.visits import calendars, remarks, tracks
from outreach.web import current, texts
from outreach.web.security import drop_session_cookie, session_token

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

pages = Blueprint("me", __name__)


@pages.get("/me")
def show() -> str:
    """Gather everything of one's own on one page."""
    session, principal, now = current.session(), current.principal(), current.now()
    walks = principal.role.records_visits
    return render_template(
        "phones/me.html",
        sessions=phones.list_sessions(session, principal, token=session_token(), now=now),
        calendar_since=calendars.feed_since(session, principal) if walks else None,
        track_since=tracks.consent_since(session, principal) if walks else None,
        remarks=len(remarks.list_open_remarks(session, principal)),
        today=current.today(),
        sizes=list(texts.TextSize),
    )


@pages.post("/me/end")
def end() -> ResponseReturnValue:
    """End one of the own sessions at once; ending this one leads to the sign-in."""
    key = request.form.get("key", "")
    session, principal, now = current.session(), current.principal(), current.now()
    open_now = phones.list_sessions(session, principal, token=session_token(), now=now)
    is_this = any(one.key == key and one.is_this for one in open_now)
    phones.end_session(session, principal, key, now=now)
    if not is_this:
        return redirect(url_for("me.show", ended=1), 303)
    answer = redirect(url_for("accounts.sign_in"), 303)
    drop_session_cookie(answer)
    return answer


@pages.post("/me/text-size")
def text_size() -> ResponseReturnValue:
    """Keep the chosen size of text on this browser."""
    answer = redirect(url_for("me.show"), 303)
    texts.keep_text_size(answer, request.form.get("size", ""))
    return answer

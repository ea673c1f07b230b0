"""Finding a firm. A telephone number is sent in a form, so that no address ever holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.domain.search import LONGEST_QUERY, looks_like_phone
from outreach.services.enterprises import search
from outreach.web import current, texts

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

pages = Blueprint("search", __name__, url_prefix="/search")


def _results(text: str, *, by_phone: bool) -> str:
    session, principal, now = current.session(), current.principal(), current.now()
    search.try_index(current.surroundings().database, principal.district_id, now=now)
    found = search.find_enterprises(session, principal, text, now=now, by_phone=by_phone)
    return render_template("search/results.html", text=text, found=found, by_phone=by_phone)


@pages.get("")
def show() -> str:
    """Show what a text finds; without one only the field."""
    text = request.args.get("q", "").strip()[:LONGEST_QUERY]
    if not text:
        return render_template("search/results.html", text="", found=None, by_phone=False)
    return _results(text, by_phone=False)


@pages.post("")
def look() -> ResponseReturnValue:
    """Look for a telephone number here; anything else has an address of its own."""
    text = request.form.get("q", "").strip()[:LONGEST_QUERY]
    texts.answer_belongs_to(url_for("search.show"))
    if not looks_like_phone(text):
        return redirect(url_for("search.show", q=text or None), 303)
    return _results(text, by_phone=True)

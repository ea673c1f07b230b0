"""The page on which an account makes and ends its keys to the read-only interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.domain.tokens import LIVES, LONGEST_KEY_NAME
from outreach.errors import InvalidInput
from outreach.services.administration import tokens
from outreach.web import current, queries, texts

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

pages = Blueprint("tokens", __name__, url_prefix="/api-keys")

KEY = f"<int(max={queries.LARGEST_ID}):token_id>"


def _page(*, fresh: str = "", problem: str = "") -> str:
    lines = tokens.list_tokens(current.session(), current.principal(), now=current.now())
    return render_template(
        "tokens/list.html",
        lines=lines,
        lives=LIVES,
        longest=LONGEST_KEY_NAME,
        fresh=fresh,
        problem=problem,
        sent=request.form,
    )


@pages.get("")
def index() -> str:
    """List the account's own keys."""
    return _page()


@pages.post("")
def make() -> ResponseReturnValue:
    """Make a key and show it, this once."""
    texts.answer_belongs_to(url_for("tokens.index"))
    try:
        fresh = tokens.make_token(
            current.session(),
            current.principal(),
            name=request.form.get("name", ""),
            days=queries.key_of(request.form.get("days", "")),
            now=current.now(),
        )
    except InvalidInput as error:
        return _page(problem=texts.error_text(error)), 422
    return _page(fresh=fresh)


@pages.post(f"/{KEY}/revoke")
def revoke(token_id: int) -> ResponseReturnValue:
    """End a key at once."""
    tokens.revoke_token(current.session(), current.principal(), token_id, now=current.now())
    return redirect(url_for("tokens.index"), 303)

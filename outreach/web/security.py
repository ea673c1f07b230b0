"""The session cookie, forms that cannot be forged, and the headers of every answer."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING, Any

from flask import abort, current_app, g, request, session
from flask_wtf.csrf import CSRFProtect

from outreach.domain.accounts import SESSION_LIFE
from outreach.services.administration import accounts
from outreach.services.administration.principals import require_business
from outreach.web import current
from outreach.web.errors import SignInNeeded

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta
    from pathlib import Path
    from typing import TypeVar

    from flask import Blueprint, Flask, Response
    from werkzeug.wrappers import Response as AnyResponse

    View = TypeVar("View", bound=Callable[..., Any])

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; font-src 'self'; frame-src 'self'; form-action 'self'; "
    "manifest-src 'self'; worker-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""No inline script or style anywhere, nothing from another host."""

FRAME_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'self' 'unsafe-inline'; "
    "style-src 'self' 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'"
)
"""A drawn map needs inline script; it lives in an opaque origin that reaches no cookie or page."""

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), payment=(), usb=(), geolocation=(self)",
}


_FILES = frozenset({"static", "assets.map_asset"})
"""Files without data: anybody may load them and keep them."""


_WITHOUT_BUSINESS = frozenset({"accounts", "administrators", "audit", "me", "assets", "shell"})
"""Families of pages without firms, visits and plans: an administrator opens no others."""


def public(view: View) -> View:
    """Mark a view that nobody needs to sign in for."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def cookie_name() -> str:
    """The name of the session cookie; `__Host-` binds it to this host over https."""
    prefix = "__Host-" if current.surroundings().settings.cookie_secure else ""
    return f"{prefix}outreach_session"


def set_session_cookie(
    response: AnyResponse, token: str, *, life: timedelta = SESSION_LIFE
) -> None:
    """Hand the session's token to the browser, where no script can read it."""
    response.set_cookie(
        cookie_name(),
        token,
        max_age=int(life.total_seconds()),
        secure=current.surroundings().settings.cookie_secure,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def drop_session_cookie(response: AnyResponse) -> None:
    """Make the browser forget the token."""
    response.delete_cookie(
        cookie_name(),
        path="/",
        secure=current.surroundings().settings.cookie_secure,
        httponly=True,
        samesite="Lax",
    )


def session_token() -> str:
    """The token that the browser sent, or an empty text."""
    return request.cookies.get(cookie_name(), "")


def form_settings(*, cookie_secure: bool) -> dict[str, Any]:
    """Flask's own cookie holds nothing but the secret of the forms and the last receipt.

    The token lives as long as its cookie, since a phone page stays open for days. Pages send no
    Referer, so `Sec-Fetch-Site` is judged instead of it.
    """
    return {
        "SESSION_COOKIE_NAME": ("__Host-" if cookie_secure else "") + "outreach_form",
        "SESSION_COOKIE_SECURE": cookie_secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_REFRESH_EACH_REQUEST": False,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,
    }


def load_secret_key(folder: Path) -> bytes:
    """Return the key that signs Flask's cookie; it is made at the first start, readable by us."""
    path = folder / "secret_key"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f"secret_key.{secrets.token_hex(8)}"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_hex(32).encode())
        try:
            os.link(draft, path)  # of two servers that start at once, the first one's key stands
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes()


def install(app: Flask) -> None:
    """Guard every request and every answer."""
    app.before_request(_refuse_unreadable)
    app.before_request(_refuse_other_sites)
    CSRFProtect(app)
    app.before_request(_require_sign_in)
    app.after_request(_add_headers)


def trust_header(app: Flask, pages: Blueprint) -> None:
    """Ask no form's secret of pages that demand a header of our own instead."""
    app.extensions["csrf"].exempt(pages)


def _refuse_unreadable() -> None:
    """A NUL fits into no database text; no page of ours ever sends one."""
    sent = (*request.args.values(), *request.form.values(), *request.cookies.values())
    if any("\x00" in value for value in sent) or "\x00" in request.path:
        abort(400)


def _refuse_other_sites() -> None:
    changes = request.method not in {"GET", "HEAD", "OPTIONS"}
    if changes and request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}:
        abort(400)


def _require_sign_in() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or request.endpoint in _FILES:
        return
    if not session.permanent:
        session.permanent = True
    if getattr(view, "is_public", False):
        return
    token = session_token()
    found = accounts.find_principal(current.session(), token, now=current.now()) if token else None
    if found is None:
        raise SignInNeeded("请先登录")
    g.principal = found
    if (request.endpoint or "").partition(".")[0] not in _WITHOUT_BUSINESS:
        require_business(found)


_NO_DOCUMENTS = ("text/javascript", "text/css")
"""What runs nothing when it is opened by itself: the policy is that of the page that loads it."""


def _add_headers(response: Response) -> Response:
    if request.endpoint in _FILES and response.mimetype in _NO_DOCUMENTS:
        # Half a kilobyte for each of two dozen files: 7 KB of a phone's first load.
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
    # A view that lets one reader's own program keep its answer says "private".
    if request.endpoint not in _FILES and not response.cache_control.private:
        response.headers["Cache-Control"] = "no-store"
    return response

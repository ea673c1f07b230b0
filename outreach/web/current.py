"""What belongs to the request that is being answered: transaction, person, moment, language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app, g, request

from outreach.domain.calendar import CHINA
from outreach.errors import Refused
from outreach.i18n import Language
from outreach.services.administration.district_settings import settings_on

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from flask import Flask, Response
    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.services.runs.queue import Queue
    from outreach.settings import Settings
    from outreach.storage.database import Database

LANGUAGE_COOKIE = "lang"
FIRST_ERROR_STATUS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What every request of the application shares."""

    settings: Settings
    database: Database
    queue: Queue | None
    clock: Callable[[], datetime]


def surroundings() -> Surroundings:
    """What the application was made with."""
    return cast("Surroundings", current_app.extensions["outreach"])


def settings() -> Settings:
    """The settings of the signed-in person's district today."""
    if "settings" not in g:
        base = surroundings().settings
        g.settings = settings_on(session(), principal().district_id, base, today())
    return cast("Settings", g.settings)


def session() -> Session:
    """The request's transaction, opened at its first use; the request commits it, never a view."""
    if "session" not in g:
        g.session = surroundings().database.session()
    return cast("Session", g.session)


def commit() -> None:
    """Commit before the answer is made: for a failed sign-in that must count, for a run to wake."""
    session().commit()


def principal() -> Principal:
    """Who is signed in; only for pages that are not public."""
    return cast("Principal", g.principal)


def planner() -> Principal:
    """Who is signed in, if she makes plans.

    Raises
    ------
    Refused
        When the role does not.
    """
    if not principal().role.plans:
        raise Refused("只有规划人员可以排计划")
    return principal()


def find_principal() -> Principal | None:
    """Who is signed in, or `None` on a public page."""
    return cast("Principal | None", g.get("principal"))


def now() -> datetime:
    """One moment for the whole request."""
    if "now" not in g:
        g.now = surroundings().clock()
    return cast("datetime", g.now)


def today() -> date:
    """The present day in China."""
    return now().astimezone(CHINA).date()


def language() -> Language:
    """The reader's language; Chinese unless she chose another."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    return Language(chosen) if chosen in set(Language) else Language.ZH


def install(app: Flask) -> None:
    """Let each request own its transaction."""

    @app.after_request
    def finish(response: Response) -> Response:
        if "session" in g:
            if response.status_code < FIRST_ERROR_STATUS:
                session().commit()
            else:
                session().rollback()
        return response

    @app.teardown_request
    def close(_error: BaseException | None) -> None:
        if "session" in g:
            g.pop("session").close()

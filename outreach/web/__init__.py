"""Pages for the browser: parse, call one service, render."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from flask import Flask
from flask_compress import Compress

from outreach.domain.accounts import PHONE_SESSION_LIFE
from outreach.services.planning.travel import use_roads
from outreach.sources.specs import learn_sources
from outreach.web import (
    accounts,
    administration,
    administrators,
    api,
    assets,
    audit,
    balance,
    base_maps,
    board,
    calendar_days,
    calendars,
    cases,
    changes,
    current,
    dashboard,
    day_changes,
    days,
    enterprises,
    errors,
    exports,
    grids,
    held_visits,
    imports,
    issues,
    laboratory,
    leave,
    maps,
    me,
    paper,
    past_visits,
    phones,
    places,
    plans,
    reviews,
    routes,
    runs,
    search,
    security,
    settings_pages,
    shell,
    sync,
    texts,
    tokens,
    tracks,
    visits,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from outreach.services.runs.queue import Queue
    from outreach.settings import Settings
    from outreach.storage.database import Database

LARGEST_FORM = 256 * 1024
"""Bytes of a posted form; the longest visit has four texts of 1,000 characters."""

COMPRESSION = {
    "COMPRESS_ALGORITHM": ["br", "zstd", "gzip", "deflate"],
    "COMPRESS_ALGORITHM_STREAMING": ["br", "zstd", "deflate"],
    "COMPRESS_BR_LEVEL": 5,
}
"""A phone's bytes are dearer than the server's milliseconds: a tenth smaller than zstd's default
level for 4 ms of the largest file; the levels above 5 cost ten times that for 3 %."""

FAMILIES = (
    accounts,
    administration,
    administrators,
    api,
    assets,
    audit,
    balance,
    base_maps,
    board,
    calendar_days,
    calendars,
    cases,
    changes,
    dashboard,
    day_changes,
    days,
    enterprises,
    exports,
    grids,
    held_visits,
    imports,
    issues,
    laboratory,
    leave,
    maps,
    me,
    paper,
    past_visits,
    phones,
    places,
    plans,
    reviews,
    routes,
    runs,
    search,
    settings_pages,
    shell,
    sync,
    tokens,
    tracks,
    visits,
)
"""One blueprint per family of pages."""


def utc_now() -> datetime:
    """The present moment, aware."""
    return datetime.now(UTC)


def create_app(
    settings: Settings,
    *,
    database: Database,
    queue: Queue | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Flask:
    """Wire the application together.

    `queue` may be missing where nobody works on runs; a run asked for then waits.
    """
    learn_sources(settings.sources_folder)
    use_roads(database, settings)
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=security.load_secret_key(settings.instance),
        MAX_CONTENT_LENGTH=LARGEST_FORM,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=365),
        PERMANENT_SESSION_LIFETIME=PHONE_SESSION_LIFE,
        **COMPRESSION,
        **security.form_settings(cookie_secure=settings.cookie_secure),
    )
    app.extensions["outreach"] = current.Surroundings(
        settings=settings, database=database, queue=queue, clock=clock
    )
    errors.install(app)
    current.install(app)
    texts.install(app)
    security.install(app)
    for family in FAMILIES:
        app.register_blueprint(family.pages)
    security.trust_header(app, sync.pages)
    security.trust_header(app, day_changes.pages)
    Compress(app)
    return app

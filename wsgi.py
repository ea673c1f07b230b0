"""What a WSGI server serves: `gunicorn wsgi:app`."""

from __future__ import annotations

from outreach.services.runs.queue import Queue
from outreach.settings import load_settings
from outreach.storage.database import Database
from outreach.web import create_app, utc_now

settings = load_settings()
database = Database(settings.database)
if database.engine.dialect.name == "sqlite":
    database.upgrade()
else:
    database.require_current()
app = create_app(settings, database=database, queue=Queue(settings, database, utc_now))

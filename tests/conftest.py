"""What all tests share: databases of each kind and one browser."""

from __future__ import annotations

import os
import shutil
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest
from environment import skip_or_fail
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from outreach.settings import make_settings
from outreach.storage.database import Database

SERVER = os.environ.get("OUTREACH_TEST_POSTGRESQL", "postgresql+psycopg:///postgres")
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def pytest_collection_modifyitems(items):
    for item in items:
        if "postgresql" in item.name:
            item.add_marker("postgresql")


class PostgresServer:
    """Makes and drops databases from a template that was migrated once."""

    def __init__(self):
        self.admin = create_engine(SERVER, isolation_level="AUTOCOMMIT")
        self.prefix = f"outreach_test_{uuid.uuid4().hex[:8]}"
        self.template = f"{self.prefix}_template"
        self.run(f'CREATE DATABASE "{self.template}"')
        database = Database(self.url(self.template))
        database.upgrade()
        database.close()

    def run(self, sql):
        with self.admin.connect() as connection:
            connection.execute(text(sql))

    def url(self, name):
        return make_url(SERVER).set(database=name).render_as_string(hide_password=False)

    def make(self, *, migrated=True):
        name = f"{self.prefix}_{uuid.uuid4().hex[:8]}"
        template = f' TEMPLATE "{self.template}"' if migrated else ""
        self.run(f'CREATE DATABASE "{name}"{template}')
        return name

    def drop(self, name):
        self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def close(self):
        self.drop(self.template)
        self.admin.dispose()


@pytest.fixture(scope="session")
def postgres():
    try:
        server = PostgresServer()
    except OperationalError as error:
        skip_or_fail(
            "No PostgreSQL server could be reached; install postgresql or set "
            f"OUTREACH_TEST_POSTGRESQL ({error.orig})"
        )
    yield server
    server.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "outreach.db"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    database.close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """A migrated, empty database of each kind."""
    if request.param == "sqlite":
        path = tmp_path / "outreach.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgres")
    name = server.make()
    yield server.url(name)
    server.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request, tmp_path):
    """A database of each kind without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server = request.getfixturevalue("postgres")
    name = server.make(migrated=False)
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def database(database_url):
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def session(database):
    """A session that is rolled back at the end unless the test commits."""
    with database.session() as session:
        yield session


@pytest.fixture
def settings(tmp_path):
    return make_settings({"instance": str(tmp_path), "plan": {"seconds_per_grid": 0.1}})


@pytest.fixture(scope="session")
def reference():
    """The reference material that is not part of the project."""
    folder = Path(os.environ.get("OUTREACH_REFERENCE", Path(__file__).parents[2] / "shared"))
    if not (folder / "linkage" / "dev").is_dir():
        pytest.skip("The reference material is not on this machine; set OUTREACH_REFERENCE")
    return folder


CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium():
    """One browser for all tests of a process: Playwright takes no second one."""
    path = (
        shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )
    if path is None:
        skip_or_fail("Chromium was not found; on Debian: apt-get install chromium fonts-noto-cjk")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()

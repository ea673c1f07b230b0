"""The application over a filled database of each kind, and behind a real server."""

from __future__ import annotations

import contextlib
import shutil
import threading
import uuid

import pytest
from made_up_site import Site, fill

from outreach.settings import make_settings
from outreach.storage.database import Database


@pytest.fixture(scope="session")
def filled_sqlite(sqlite_template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("filled")
    path = folder / "outreach.db"
    shutil.copy(sqlite_template, path)
    fill(f"sqlite:///{path}", folder)
    return path


@pytest.fixture(scope="session")
def filled_postgresql(postgres, tmp_path_factory):
    name = postgres.make()
    fill(postgres.url(name), tmp_path_factory.mktemp("filled"))
    yield name
    postgres.drop(name)


@pytest.fixture
def sqlite_site(filled_sqlite, tmp_path):
    shutil.copy(filled_sqlite, tmp_path / "outreach.db")
    database = Database(f"sqlite:///{tmp_path / 'outreach.db'}")
    yield Site(database, make_settings({"instance": str(tmp_path)}))
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request, tmp_path):
    """The application over a fresh copy of the filled database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_site")
        return
    filled = request.getfixturevalue("filled_postgresql")
    server = request.getfixturevalue("postgres")
    name = f"{server.prefix}_{uuid.uuid4().hex[:8]}"
    server.run(f'CREATE DATABASE "{name}" TEMPLATE "{filled}"')
    database = Database(server.url(name))
    yield Site(database, make_settings({"instance": str(tmp_path)}))
    database.close()
    server.drop(name)


@pytest.fixture
def address(sqlite_site):
    """The application behind a real server."""
    from waitress.server import create_server

    server = create_server(sqlite_site.app, host="127.0.0.1", port=0, threads=4)

    def serve():
        # A browser that left may still be answered when the server closes its sockets.
        with contextlib.suppress(OSError):
            server.run()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(timeout=5)

"""The engine: SQLite with durable writes by default, PostgreSQL by its URL."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import NoSuchModuleError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

# Every module of tables must be known before the metadata is used.
from outreach.errors import Conflict, InvalidInput
from outreach.storage import (  # noqa: F401
    accounts,
    borders,
    calendar_days,
    cases,
    changes,
    days,
    desk,
    district_settings,
    districts,
    enterprises,
    grid_history,
    grid_months,
    grids,
    headcounts,
    judgements,
    leave,
    phones,
    plans,
    positions,
    records,
    runs,
    tracks,
    uploads,
    visits,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic.config import Config

OLDEST_POSTGRESQL = 15


def make_engine(url: str) -> Engine:
    """Return an engine for a database URL (`sqlite:///…` or `postgresql://…`).

    SQLite runs in WAL mode with synchronous=FULL, so that what was acknowledged survives a power
    cut, and with foreign keys on. Its folder is made when missing.

    Raises
    ------
    InvalidInput
        When the URL names a database that is neither SQLite nor PostgreSQL.
    """
    try:
        parsed = make_url(url)
    except Exception as error:  # SQLAlchemy raises its own ArgumentError and ValueError alike
        raise InvalidInput("OUTREACH_DATABASE_URL 写得不对,应像 {like}", like=_LIKE) from error
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        raise InvalidInput("不支持 {name} 数据库,请用 {like}", name=parsed.drivername, like=_LIKE)
    try:
        if parsed.get_backend_name() == "sqlite":
            return _sqlite_engine(parsed.database or "", parsed.render_as_string())
        return create_engine(parsed, pool_pre_ping=True, pool_size=10)
    except NoSuchModuleError as error:
        raise InvalidInput(
            "不支持 {name} 数据库,请用 {like}", name=parsed.drivername, like=_LIKE
        ) from error


_LIKE = "sqlite:///instance/outreach.db / postgresql://host/database"


def _sqlite_engine(path: str, url: str) -> Engine:
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def _durable(connection: Any, _record: Any) -> None:  # noqa: ANN401
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "savepoint")
    def _begin_first(connection: Connection, _name: str) -> None:
        # Python's driver opens no transaction for a savepoint, so its release would commit.
        driver: Any = connection.connection.dbapi_connection
        if not driver.in_transaction:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


class Database:
    """One database: its engine and its transactions.

    What is put into `info` every later session holds in its own `info`: where the installation
    keeps what is no row.
    """

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url)
        self.info: dict[str, object] = {}
        self._sessions = sessionmaker(self.engine, expire_on_commit=False, info=self.info)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a session; commit when the block ends well, roll back when it raises."""
        with self._explained(), self._sessions.begin() as session:
            yield session

    def session(self) -> Session:
        """Open a session whose owner commits and closes it (a web request)."""
        return self._sessions()

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()

    def upgrade(self) -> None:
        """Bring the schema to the newest revision; a SQLite file is copied first."""
        from alembic import command  # lazy: start-up time of the command line

        config = self._alembic()
        if self.revision() == _head(config):
            return
        self._copy_first()
        with self._migration() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def downgrade(self, revision: str) -> None:
        """Take the schema back to `revision` (`base` empties it)."""
        from alembic import command  # lazy: start-up time of the command line

        config = self._alembic()
        with self._migration() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, revision)

    @contextmanager
    def _migration(self) -> Iterator[Connection]:
        """Open the transaction of a migration.

        SQLite changes a table by making it anew, which its foreign keys would refuse; they are
        off meanwhile, and checked before the transaction ends.
        """
        sqlite = self.engine.dialect.name == "sqlite"
        with self._explained(), self.engine.connect() as connection:
            if sqlite:
                connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
                connection.rollback()
            with connection.begin():
                yield connection
                if sqlite:
                    _require_whole(connection)
            if sqlite:
                connection.exec_driver_sql("PRAGMA foreign_keys=ON")

    def revision(self) -> str | None:
        """The schema's revision, `None` for an empty database."""
        from alembic.migration import MigrationContext  # lazy: start-up time

        with self._explained(), self.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Say what a database that cannot be reached, read or written needs."""
        try:
            yield
        except OperationalError as error:
            raise Conflict(
                "数据库 {name} 现在用不了,请核对地址、权限和磁盘,或等另一个任务做完:{reason}",
                name=self.engine.url.render_as_string(),
                reason=str(error.orig).strip().splitlines()[0],
            ) from error

    def require_current(self) -> None:
        """Raise unless the schema is at the newest revision.

        Raises
        ------
        Conflict
            Naming the command that brings it there.
        """
        if self.revision() != _head(self._alembic()):
            raise Conflict("数据库结构不是最新的,请先运行 outreach db upgrade")

    def _alembic(self) -> Config:
        from alembic.config import Config  # lazy: start-up time of the command line

        config = Config()
        folder = resources.files("outreach.storage") / "migrations"
        config.set_main_option("script_location", str(folder))
        return config

    def _copy_first(self) -> None:
        path = Path(self.engine.url.database or "")
        if (
            self.engine.dialect.name != "sqlite"
            or not path.is_file()
            or not inspect(self.engine).get_table_names()
        ):
            return
        shutil.copy2(path, path.with_name(f"{path.name}.before-{self.revision()}"))


def _require_whole(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        raise Conflict("数据库里有断开的引用({table}),请从备份恢复后再升级", table=broken[0][0])


def _head(config: Config) -> str | None:
    from alembic.script import ScriptDirectory  # lazy: start-up time of the command line

    return ScriptDirectory.from_config(config).get_current_head()

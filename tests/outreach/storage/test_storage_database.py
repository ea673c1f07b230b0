from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import factories as f
import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError, StatementError

from outreach.errors import Conflict, InvalidInput
from outreach.storage import base
from outreach.storage.accounts import AuditEntry
from outreach.storage.database import Database
from outreach.storage.districts import District
from outreach.storage.records import Batch, Record


def test_the_schema_goes_up_down_and_up_again(empty_database_url):
    database = Database(empty_database_url)
    assert database.revision() is None
    database.upgrade()
    assert "enterprises" in inspect(database.engine).get_table_names()
    database.downgrade("base")
    assert set(inspect(database.engine).get_table_names()) <= {"alembic_version"}
    database.upgrade()
    database.close()


def test_a_filled_database_goes_down_and_up(database, tmp_path):
    with database.transaction() as session:
        f.make_district(
            session, tmp_path / "files", market=[f.firm(1, code=f.CODES[0], employees="30")]
        )
    database.downgrade("base")
    database.upgrade()
    with database.transaction() as session:
        assert session.query(District).count() == 0


def test_a_filled_database_of_the_first_revision_keeps_its_rows_over_an_upgrade(
    empty_database_url,
):
    database = Database(empty_database_url)
    database.upgrade()
    database.downgrade("0001")
    with database.engine.begin() as connection:
        for statement in FILLED:
            connection.execute(text(statement))
    database.upgrade()
    with database.transaction() as session:
        assert session.query(Record).one().batch_id == session.query(Batch).one().id
        assert session.query(Batch).one().complete
    database.close()


FILLED = (
    "INSERT INTO districts (id, code, name, is_demo) VALUES (1, '360704', 'x', false)",
    "INSERT INTO batches (id, district_id, source, file_name, sha256, size_bytes, encoding,"
    " header_row, rows_read, rows_held, received_at)"
    " VALUES (1, 1, 'tax', 'a', 'b', 1, '', 1, 1, 0, '2026-01-01 00:00:00')",
    'INSERT INTO records (id, district_id, batch_id, source, "row", raw, held)'
    " VALUES (1, 1, 1, 'tax', 1, '{}', false)",
)


def test_a_database_with_a_broken_reference_is_not_upgraded(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'broken.db'}")
    database.upgrade()
    database.downgrade("0001")
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.execute(text(FILLED[2]))
        connection.commit()
    with pytest.raises(Conflict, match="断开的引用"):
        database.upgrade()
    assert database.revision() == "0001"
    database.close()


def test_the_migrations_make_exactly_the_tables_of_the_models(database):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with database.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), base.Base.metadata)
    assert differences == []


def test_an_old_schema_is_refused_with_the_command_that_mends_it(empty_database_url):
    database = Database(empty_database_url)
    with pytest.raises(Conflict, match="outreach db upgrade"):
        database.require_current()
    database.close()


def test_a_sqlite_file_with_tables_is_copied_before_an_upgrade(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'old.db'}")
    with database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE precious (id INTEGER)"))
    database.upgrade()
    assert [path.name for path in tmp_path.glob("old.db.before-*")] == ["old.db.before-None"]
    database.close()


def test_sqlite_writes_durably_and_keeps_foreign_keys(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'a.db'}")
    with database.engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    database.close()


@pytest.mark.parametrize("url", ["mysql://host/db", "nonsense", "oracle://x"])
def test_an_unknown_database_is_refused(url):
    with pytest.raises(InvalidInput, match="sqlite:///"):
        Database(url)


def test_what_a_savepoint_released_goes_with_its_transaction(database):
    with database.session() as session:
        with session.begin_nested():
            session.add(District(code="900009", name="x"))
        session.rollback()
    with database.session() as session:
        assert session.query(District).count() == 0


def test_a_transaction_that_raises_leaves_nothing(database):
    def write_and_fail():
        with database.transaction() as session:
            session.add(District(code="1", name="一", is_demo=False))
            session.flush()
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        write_and_fail()
    with database.transaction() as session:
        assert session.query(District).count() == 0


def test_a_moment_without_zone_is_refused_and_one_with_zone_comes_back_in_utc(session):
    district = District(code="1", name="一", is_demo=False)
    session.add(district)
    session.flush()

    def entry(at):
        return AuditEntry(
            district_id=district.id,
            at=at,
            account_id=None,
            action="a",
            subject="s",
            subject_id="1",
            detail={},
        )

    china = timezone(timedelta(hours=8))
    stored = entry(datetime(2026, 11, 23, 9, 0, tzinfo=china))
    session.add(stored)
    session.flush()
    session.expire(stored)
    assert stored.at == datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    assert stored.at.tzinfo is UTC
    session.add(entry(datetime(2026, 11, 23, 9, 0)))  # noqa: DTZ001  (the mistake under test)
    with pytest.raises(StatementError, match="time zone"):
        session.flush()


def test_a_row_of_an_unknown_district_is_refused_by_the_database(session):
    session.add(
        AuditEntry(
            district_id=99,
            at=f.NOW,
            account_id=None,
            action="a",
            subject="s",
            subject_id="1",
            detail={},
        )
    )
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_server_that_cannot_be_reached_is_said_without_its_password():
    database = Database("postgresql://someone:secret@127.0.0.1:1/nothing")
    with pytest.raises(Conflict, match="用不了") as caught:
        database.revision()
    assert "secret" not in str(caught.value)
    database.close()


def test_a_database_that_another_process_is_writing_is_said_after_a_wait(tmp_path):
    first = Database(f"sqlite:///{tmp_path / 'a.db'}")
    first.upgrade()
    second = Database(f"sqlite:///{tmp_path / 'a.db'}")

    def write(database):
        with database.transaction() as session:
            session.execute(text("PRAGMA busy_timeout = 50"))
            session.add(District(code="1", name="一", is_demo=False))
            session.flush()
            if database is first:
                write(second)

    with pytest.raises(Conflict, match="database is locked"):
        write(first)
    first.close()
    second.close()

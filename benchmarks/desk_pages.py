"""How quickly the district's desk answers, on a made-up district of any size.

`python benchmarks/desk_pages.py --firms 500000 --visits 2000000 --url postgresql:///bench` fills an
empty database (made by the caller; by default a SQLite file in a temporary folder) and prints the
seconds that counting and indexing take and the milliseconds of each page at the server.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import insert, select, text

from outreach.domain.accounts import Role
from outreach.domain.targets import Standing
from outreach.i18n import Language
from outreach.services.administration.accounts import add_account
from outreach.services.administration.districts import add_district
from outreach.services.administration.principals import command_line
from outreach.services.desk.desk_changes import refresh_all, refresh_figures
from outreach.services.desk.desk_figures import forget_figures
from outreach.services.desk.exports import ExportKind, ExportOrder, write_export
from outreach.services.enterprises.enterprise_lists import EnterpriseFilter
from outreach.settings import make_settings
from outreach.storage.database import Database
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid
from outreach.storage.visits import Visit
from outreach.web import create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
PASSWORD = "a long pass phrase"
CHUNK = 20_000
GRIDS, TOWNSHIPS = 136, 20
WORDS = "鑫源宏达华茂诚信永兴腾飞恒通金辉盛世嘉禾瑞丰德隆祥云博雅安康利民新光明泰和顺广"
PLACES = "幸福建设人民解放和平光明团结胜利红旗东风长征文明健康友谊前进朝阳青年工业滨江"
TRADES = ("贸易有限公司", "机械制造有限公司", "物流有限公司", "餐饮店", "建材经营部", "服装厂")
STANDINGS = (
    ("target", "surely_over", 30),
    ("with_union", "surely_over", 20),
    ("near_miss", "doubtful", 40),
    ("under", "under", 700),
    ("not_active", "under", 110),
    ("no_headcount", "", 100),
)


def main(argv: Sequence[str] | None = None) -> dict[str, float]:
    """Print the figures, and give those with an aim by name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--firms", type=int, default=20_000)
    parser.add_argument("--visits", type=int, default=80_000)
    parser.add_argument("--url", default="")
    parser.add_argument("--counted", action="store_true", help="leave the figures as they are")
    parser.add_argument("--filled", action="store_true", help="the database was filled before")
    asked = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        url = asked.url or f"sqlite:///{Path(folder) / 'desk.db'}"
        database = Database(url)
        if not asked.filled:
            database.upgrade()
            say("fill (s)", lambda: fill(database, asked.firms, asked.visits))
        if not asked.counted:
            count(database)
        found = measure(database, Path(folder))
        database.close()
    return found


def say(title: str, work: Callable[[], object], *, times: int = 1, unit: float = 1.0) -> float:
    """Print the median (and the slowest, of several) time of some work; give the median."""
    spent = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        spent.append((time.perf_counter() - started) * unit)
    slowest = f"  slowest {max(spent):,.1f}" if times > 1 else ""
    print(f"{title:<56}{statistics.median(spent):>10,.1f}{slowest}", flush=True)
    return statistics.median(spent)


def fill(database: Database, firms: int, visits: int) -> None:
    """A district with its grids, accounts, firms and visits, the same for the same numbers."""
    chance = random.Random(20)
    with database.transaction() as session:
        district = add_district(session, code="900001", name="试验区")
        ring = [[115.0, 25.0], [115.1, 25.0], [115.1, 25.1], [115.0, 25.0]]
        shape = {"type": "Polygon", "coordinates": [ring]}
        session.execute(
            insert(Grid),
            [
                {
                    "district_id": district.id,
                    "code": f"G{n:03}",
                    "name": f"第{n}网格",
                    "township": f"{n % TOWNSHIPS}号镇",
                    "geometry": shape,
                    "received": shape,
                    "datum": "wgs84",
                    "imported_at": NOW,
                }
                for n in range(1, GRIDS + 1)
            ],
        )
        for role in (Role.DISTRICT, Role.PLANNER):
            add_account(
                session,
                district_id=district.id,
                login=role.value,
                password=PASSWORD,
                role=role,
                display_name="x",
                now=NOW,
            )
        grids = session.scalars(select(Grid.id)).all()
    load(database, Enterprise, (firm(chance, key, grids) for key in range(1, firms + 1)))
    load(database, Visit, (visit(chance, key, firms, grids) for key in range(visits)))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def firm(chance: random.Random, key: int, grids: list[int]) -> dict[str, object]:
    standing, held, _ = chance.choices(STANDINGS, weights=[w for *_, w in STANDINGS])[0]
    placed = chance.random() < 0.95
    due = standing in {"target", "with_union", "near_miss"}
    word = "".join(chance.choices(WORDS, k=chance.choice((2, 3, 3, 4))))
    street = "".join(chance.choices(PLACES, k=2))
    last = TODAY - timedelta(days=chance.randint(0, 200)) if chance.random() < 0.4 else None
    employees = chance.randint(26, 400) if due else chance.randint(1, 25)
    return {
        "id": key,
        "district_id": 1,
        "name": f"赣州市{word}{chance.choice(TRADES)}",
        "uscc": f"91360704MA{key:08}",
        "state": "active",
        "legal_rep": "王小明",
        "phone": f"138{key:08}",
        "address": f"{key % TOWNSHIPS}号镇{street}路{key % 999}号",
        "township": f"{key % TOWNSHIPS}号镇",
        "industry": "office",
        "union_status": "own" if standing == "with_union" else "none",
        "union_name": "",
        "employees": employees if held else None,
        "headcounts": [],
        "over_probability": 0.5,
        "headcount_class": held,
        "lon": 115.05 if placed else None,
        "lat": 25.05 if placed else None,
        "place_name": "",
        "unplaced_reason": None if placed else "no_known_place",
        "grid_id": chance.choice(grids) if placed else None,
        "standing": standing,
        "reasons": [],
        "last_visited_on": last if due else None,
        "missing_from": [],
        "retired": False,
    }


def visit(chance: random.Random, key: int, firms: int, grids: list[int]) -> dict[str, object]:
    day = TODAY - timedelta(days=chance.randint(0, 390))
    finding = chance.choice(("none", "willing", "preparing", None))
    return {
        "uuid": str(UUID(int=key + 1)),
        "district_id": 1,
        "enterprise_id": chance.randint(1, firms),
        "grid_id": chance.choice(grids),
        "account_id": 1,
        "visited_at": datetime(day.year, day.month, day.day, 2, tzinfo=UTC),
        "visited_on": day,
        "received_at": NOW,
        "result": chance.choice(("met_head", "met_clerk", "nobody", "unchanged")),
        "content": {"note": "有意向", "union_finding": finding},
        "sha256": "0" * 64,
        "revision_uuid": "",
        "clock_skew_s": 0,
    }


def load(database: Database, table: Any, rows: Iterable[dict[str, object]]) -> None:  # noqa: ANN401
    """Bulk insert; PostgreSQL takes a stream, SQLite many rows at once."""
    rows = iter(rows)
    columns = table.__table__.columns
    if database.engine.dialect.name != "postgresql":
        while chunk := list(islice(rows, CHUNK)):
            with database.engine.begin() as connection:
                connection.execute(insert(table), chunk)
        return
    first = next(rows)
    names = [column.name for column in columns if column.name in first]
    raw = database.engine.raw_connection()
    target = f"COPY {table.__tablename__} ({', '.join(names)}) FROM STDIN"
    with raw.cursor() as cursor, cursor.copy(target) as stream:
        for row in chain([first], rows):
            stream.write_row([_plain(row[name]) for name in names])
    raw.commit()
    raw.close()


def _plain(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value


def count(database: Database) -> None:
    """Count and index the district as the background worker does."""
    with database.transaction() as session:
        forget_figures(session, [1])
    say("count the whole district (s)", lambda: recount(database))
    say("index the whole district (s)", lambda: refresh_all(database, clock=lambda: NOW))


def recount(database: Database) -> None:
    """Count without indexing."""
    with database.transaction() as session:
        refresh_figures(session, 1, now=NOW, while_waiting=False)


def measure(database: Database, folder: Path) -> dict[str, float]:
    """Print the figures of every page; give the slowest dashboard, search and the workbook."""
    settings = make_settings({"instance": str(folder)})
    app = create_app(settings, database=database, clock=lambda: NOW)
    client = app.test_client()
    token = client.get("/sign-in").text.split('name="csrf_token" value="')[1].split('"')[0]
    client.post("/sign-in", data={"csrf_token": token, "login": "district", "password": PASSWORD})

    def page(path: str) -> None:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        answer.get_data()

    pages = ("/dashboard", "/dashboard?township=3号镇", "/dashboard?grid=5", "/dashboard/digest")
    queries = ("鑫源", "幸福建设路 机械", "gzsxy", "91360704MA00001234", "有限公司", "没有这家的字")
    spent = {}
    for path in (*pages, *(f"/search?q={query}" for query in queries)):
        page(path)
        spent[path] = say(f"{path} (ms)", lambda path=path: page(path), times=15, unit=1000)
    return {
        "dashboard (ms)": max(one for path, one in spent.items() if path in pages),
        "search (ms)": max(one for path, one in spent.items() if path not in pages),
        "workbook (s)": say(
            "a list of one firm in nine as a workbook (s)", lambda: export(database)
        ),
    }


def export(database: Database) -> None:
    """Write the firms that are not active: about 55,000 of 500,000."""
    asked = ExportOrder(
        wanted=EnterpriseFilter(standing=Standing.NOT_ACTIVE),
        kind=ExportKind.XLSX,
        language=Language.ZH,
        today=TODAY,
    )
    with database.transaction() as session:
        file = write_export(session, command_line(1), asked, now=NOW)
    print(f"  {file.rows:,} rows, {len(file.content):,} bytes")


if __name__ == "__main__":
    main()

"""Measure what people's decisions cost on a full district.

    .venv/bin/python benchmarks/judgements.py [--entities N] [--seed N] [--pairs N] [--url URL]

A made-up district is written, imported and linked (that takes some minutes and is not measured
here). Then the first questions of the queue are answered "same" and taken back again, each in its
own transaction, and "who said N, when" is asked of enterprises with many statements. The membership
must be the same before and after. `--url` names another empty database, such as a PostgreSQL one.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from outreach.storage.database import Database

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
FILES = ("market.xlsx", "hr.xlsx", "union.xlsx", "tax.csv", "civil.csv")


def fill(database: Database, folder: Path, *, entities: int, seed: int) -> int:
    from maps.datum import Datum
    from outreach.demo.district import write_district
    from outreach.domain.targets import TargetRule
    from outreach.services.administration.districts import add_district
    from outreach.services.grids.grids import import_grids
    from outreach.services.linking.linking import link_district
    from outreach.services.registers.gazetteer import import_gazetteer
    from outreach.services.registers.imports import import_file
    from outreach.sources.workbooks import Limits

    write_district(folder, seed=seed, entities=entities)
    with database.transaction() as session:
        district = add_district(session, code="1", name="试验区")
        known = {"district_id": district.id, "limits": Limits(), "now": NOW}
        for name, load in (("grids.geojson", import_grids), ("gazetteer.csv", import_gazetteer)):
            if (folder / name).exists():
                load(session, folder / name, datum=Datum.WGS84, **known)
        for name in FILES:
            import_file(session, folder / name, **known)
        link_district(session, district_id=district.id, rule=TargetRule(), now=NOW, today=TODAY)
        return district.id


def membership(session: Session) -> list[tuple[int, int, str, str]]:
    from sqlalchemy import select

    from outreach.storage.enterprises import Member

    query = select(Member.record_id, Member.enterprise_id, Member.rule, Member.evidence)
    return [tuple(row) for row in session.execute(query.order_by(Member.record_id))]


def timed(work: Callable[[], object]) -> tuple[tuple[float, float], object]:
    """Milliseconds by the clock and of the processor, and what the work gave."""
    start, used = time.perf_counter(), time.process_time()
    result = work()
    return ((time.perf_counter() - start) * 1000, (time.process_time() - used) * 1000), result


def show(name: str, costs: list[tuple[float, float]]) -> None:
    cells = [name, str(len(costs))]
    for which in (0, 1):
        ordered = sorted(cost[which] for cost in costs)
        high = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
        cells += [f"{statistics.median(ordered):.1f}", f"{high:.1f}"]
    print("|", " | ".join(cells), "|")


def measure(database: Database, district_id: int, pairs: int) -> None:
    from sqlalchemy import func, select

    from outreach.domain.judgements import Verdict
    from outreach.domain.targets import TargetRule
    from outreach.services.administration.principals import command_line
    from outreach.services.enterprises import dossiers
    from outreach.services.linking import judgements
    from outreach.storage.enterprises import Member
    from outreach.storage.judgements import DoubtfulPair

    principal = command_line(district_id)
    at = judgements.Today(now=NOW, today=TODAY, rule=TargetRule())
    with database.session() as session:
        before = membership(session)
        queue = session.execute(
            select(DoubtfulPair.left_record_id, DoubtfulPair.right_record_id)
            .where(DoubtfulPair.reason != "weak")
            .order_by(DoubtfulPair.priority.desc(), DoubtfulPair.id)
            .limit(pairs)
        ).all()
        largest = session.scalars(
            select(Member.enterprise_id)
            .group_by(Member.enterprise_id)
            .order_by(func.count().desc(), Member.enterprise_id)
            .limit(200)
        ).all()

    def decide(pair: tuple[int, int]) -> int:
        with database.transaction() as session:
            done = judgements.decide(session, principal, pair, Verdict.SAME, at=at)
            return done.judgement_id

    def undo(judgement_id: int) -> None:
        with database.transaction() as session:
            judgements.take_back(session, principal, judgement_id, at=at)

    def who_said(enterprise_id: int) -> object:
        with database.session() as session:
            return dossiers.list_statements(session, enterprise_id)

    decided, undone, said = [], [], []
    for left, right in queue:
        cost, judgement = timed(lambda pair=(left, right): decide(pair))
        decided.append(cost)
        undone.append(timed(lambda key=judgement: undo(key))[0])
    said = [timed(lambda key=key: who_said(key))[0] for key in largest]
    print("| | times | median ms | 95 % | median CPU ms | 95 % |\n|---|---|---|---|---|---|")
    show("decide (same)", decided)
    show("undo", undone)
    show("who said N, when: the 200 enterprises with the most rows", said)
    with database.session() as session:
        print("membership as before:", membership(session) == before)


def main() -> None:
    from outreach.storage.database import Database

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entities", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pairs", type=int, default=100)
    parser.add_argument("--url", default="")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(arguments.url or f"sqlite:///{folder}/outreach.db")
        database.upgrade()
        district = fill(
            database, Path(folder) / "files", entities=arguments.entities, seed=arguments.seed
        )
        measure(database, district, arguments.pairs)
        database.close()


if __name__ == "__main__":
    main()

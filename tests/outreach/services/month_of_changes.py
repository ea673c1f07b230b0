"""A made-up district over two months, and how well the changes found match what happened."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import factories as f
from sqlalchemy import select

from maps.datum import Datum
from outreach.demo import write_district, write_next_month
from outreach.services.administration.districts import add_district
from outreach.services.grids.grids import import_grids
from outreach.services.registers.gazetteer import import_gazetteer
from outreach.services.registers.imports import import_file
from outreach.storage.changes import Change
from outreach.storage.enterprises import Member
from outreach.storage.records import Batch, Record

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from outreach.demo import NextMonth, TrueChange
    from outreach.storage.districts import District

FIRST = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
SECOND = datetime(2026, 12, 2, 1, 0, tzinfo=UTC)
FILES = ("market.xlsx", "hr.xlsx", "tax.csv", "civil.csv", "union.xlsx")


def live_two_months(
    session: Session, folder: Path, *, seed: int, entities: int
) -> tuple[District, NextMonth]:
    """Import and link a district's first month, then the second."""
    files = write_district(folder / "first", seed=seed, entities=entities)
    month = write_next_month(folder / "second", seed=seed, entities=entities)
    district = add_district(session, code=files.adcode, name=files.label, is_demo=True)
    known = {"district_id": district.id, "limits": f.LIMITS}
    import_grids(session, files.grids, datum=Datum.GCJ02, now=FIRST, **known)
    import_gazetteer(session, files.gazetteer, datum=Datum.GCJ02, now=FIRST, **known)
    for name in FILES:
        import_file(session, folder / "first" / name, now=FIRST, **known)
    f.link(session, district, today=date(2026, 11, 2))
    for name in FILES:
        report = import_file(session, folder / "second" / name, now=SECOND, **known)
        assert report.complete
    f.link(session, district, today=date(2026, 12, 2))
    return district, month


@dataclass
class Match:
    """How the found changes of one kind match the true ones."""

    kind: str
    true: int
    found: int
    right: int

    @property
    def precision(self) -> float:
        """The share of the found ones that happened."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """The share of what happened that was found."""
        return self.right / self.true if self.true else 1.0

    def __str__(self) -> str:
        return (
            f"{self.kind:14} true {self.true:4} found {self.found:4} right {self.right:4} "
            f"precision {self.precision:.3f} recall {self.recall:.3f}"
        )


def compare(session: Session, district: District, month: NextMonth) -> dict[str, Match]:
    """Match the changes of the second linking with the truth, kind by kind; and all together."""
    entities = entity_of_enterprises(session, district, month)
    found: dict[str, set[tuple[int, str]]] = defaultdict(set)
    for change in session.scalars(select(Change).where(Change.district_id == district.id)):
        source = change.source if change.kind == "vanished" else ""
        found[change.kind].add((entities.get(change.enterprise_id, -1), source))
    true: dict[str, set[tuple[int, str]]] = defaultdict(set)
    for one in month.happened:
        true[one.kind].add((one.entity, one.source))
    matches = {
        kind: Match(kind, len(true[kind]), len(found[kind]), len(true[kind] & found[kind]))
        for kind in sorted({*true, *found})
    }
    matches["all"] = Match(
        "all",
        sum(m.true for m in matches.values()),
        sum(m.found for m in matches.values()),
        sum(m.right for m in matches.values()),
    )
    return matches


def entity_of_enterprises(session: Session, district: District, month: NextMonth) -> dict[int, int]:
    """The true entity that most rows of each enterprise are of; both months' rows count."""
    truth: dict[tuple[str, str, int], int] = {}
    for when, path in (("first", month.truth.parents[1] / "first"), ("second", month.truth.parent)):
        with (path / "truth.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                truth[when, row["file"], int(row["row"])] = int(row["entity"])
    votes: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    query = (
        select(Member.enterprise_id, Batch.file_name, Batch.received_at, Record.row)
        .join(Record, Record.id == Member.record_id)
        .join(Batch, Batch.id == Record.batch_id)
        .where(Member.district_id == district.id)
    )
    for enterprise_id, name, received_at, row in session.execute(query):
        when = "first" if received_at == FIRST else "second"
        votes[enterprise_id][truth[when, name, row]] += 1
    return {key: max(of, key=lambda entity: of[entity]) for key, of in votes.items()}


def unexplained(
    session: Session, district: District, month: NextMonth
) -> tuple[list[Change], list[TrueChange]]:
    """The changes that did not happen, and those that were not found."""
    entities = entity_of_enterprises(session, district, month)
    rows = session.scalars(select(Change).where(Change.district_id == district.id)).all()
    happened = {(one.entity, one.kind) for one in month.happened}
    found = {(entities.get(row.enterprise_id, -1), row.kind) for row in rows}
    wrong = [r for r in rows if (entities.get(r.enterprise_id, -1), r.kind) not in happened]
    return wrong, [one for one in month.happened if (one.entity, one.kind) not in found]

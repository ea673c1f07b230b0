"""What a linking changed: the enterprise file before, the file after, and the difference kept."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from outreach.domain.changes import Change as Found
from outreach.domain.changes import (
    Missing,
    Said,
    Sameness,
    Sighting,
    Snapshot,
    find_changes,
    find_missing,
)
from outreach.domain.enterprises import OperatingState, UnionStatus
from outreach.domain.positions import PositionSource
from outreach.domain.sources import Source
from outreach.domain.statements import Prop
from outreach.fusion.addresses import is_same_place
from outreach.fusion.names import split_name, strip_union_tail
from outreach.fusion.regions import learn_regions
from outreach.services.registers.deliveries import list_deliveries
from outreach.storage.changes import Change
from outreach.storage.enterprises import Enterprise, Member
from outreach.storage.grids import Grid
from outreach.storage.records import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from outreach.domain.statements import Statement
    from outreach.domain.targets import TargetRule
    from outreach.fusion.addresses import Gazetteer

LONGEST_VALUE = 500
_CHUNK = 5000
_SEEN = {PositionSource.PERSON.value, PositionSource.VISIT.value}
_LISTED = {
    Prop.NAME: "names",
    Prop.ADDRESS: "addresses",
    Prop.BIZ_ADDRESS: "addresses",
    Prop.STATUS: "states",
    Prop.UNION_STATUS: "unions",
    Prop.HEADCOUNT: "headcounts",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The enterprise file as it stood before a linking, by enterprise id."""

    enterprises: Mapping[int, Snapshot]


def remember_file(session: Session, district_id: int) -> Before:
    """Keep how the enterprise file stands, to be compared with what a linking makes of it."""
    return Before(enterprises=_snapshots(session, district_id))


def note_changes(
    session: Session,
    before: Before,
    said: Mapping[int, list[Statement]],
    gazetteer: Gazetteer,
    *,
    district_id: int,
    rule: TargetRule,
    now: datetime,
    today: date,
) -> int:
    """Flag what vanished from a register, and append what changed; returns how many changes.

    Call it when the linking has written its enterprises. `said` are the statements of all records.
    The first linking of a district flags nothing and notes nothing.
    """
    missing = _flag_missing(session, district_id)
    after = _snapshots(session, district_id)
    if not before.enterprises:
        return 0
    after = {key: replace(one, missing=missing.get(key, ())) for key, one in after.items()}
    differing = [one for key, one in after.items() if one != before.enterprises.get(key)]
    changes = find_changes(
        {
            **before.enterprises,
            **{key: _with_words(one, said) for key, one in _concerned(before, differing).items()},
        },
        [_with_words(one, said) for one in differing],
        same=_sameness(said, gazetteer),
        employees_over=rule.employees_over,
    )
    _append(session, changes, district_id=district_id, now=now, today=today)
    return len(changes)


def _concerned(before: Before, differing: Iterable[Snapshot]) -> dict[int, Snapshot]:
    """What stood before where something differs: the same ids, and whoever held the same rows."""
    homes = {r: one.enterprise_id for one in before.enterprises.values() for r in one.records}
    wanted = {homes[r] for one in differing for r in one.records if r in homes}
    wanted |= {one.enterprise_id for one in differing}
    return {key: one for key, one in before.enterprises.items() if key in wanted}


def _snapshots(session: Session, district_id: int) -> dict[int, Snapshot]:
    """All enterprises that are not retired, without the words of the sources."""
    records: dict[int, set[int]] = defaultdict(set)
    members = select(Member.record_id, Member.enterprise_id)
    for record_id, enterprise_id in session.execute(
        members.where(Member.district_id == district_id)
    ):
        records[enterprise_id].add(record_id)
    query = (
        select(
            Enterprise.id,
            Enterprise.name,
            Enterprise.address,
            Enterprise.state,
            Enterprise.union_status,
            Enterprise.union_name,
            Enterprise.employees,
            Enterprise.grid_id,
            Grid.name.label("grid"),
            Enterprise.lon,
            Enterprise.lat,
            Enterprise.position_source,
            Enterprise.missing_from,
        )
        .outerjoin(Grid, Grid.id == Enterprise.grid_id)
        .where(Enterprise.district_id == district_id, Enterprise.retired.is_(False))
    )
    return {
        row.id: Snapshot(
            enterprise_id=row.id,
            records=frozenset(records.get(row.id, ())),
            name=row.name,
            address=row.address,
            state=OperatingState(row.state),
            union_status=UnionStatus(row.union_status),
            union_name=row.union_name,
            employees=row.employees,
            grid_id=row.grid_id,
            grid=row.grid or "",
            point=(row.lon, row.lat) if row.lon is not None else None,
            point_is_seen=row.position_source in _SEEN,
            missing=read_missing(row.missing_from),
        )
        for row in session.execute(query)
    }


def read_missing(stored: Iterable[Mapping[str, Any]]) -> tuple[Missing, ...]:
    """Read back the registers from which an enterprise vanished."""
    return tuple(
        Missing(
            source=Source(one["source"]),
            last_seen=date.fromisoformat(one["last_seen"]),
            since=date.fromisoformat(one["since"]),
        )
        for one in stored
    )


def _with_words(one: Snapshot, said: Mapping[int, list[Statement]]) -> Snapshot:
    """Add what each source says, newest last; a visit's word, too."""
    words: dict[str, list[Statement]] = defaultdict(list)
    for record in sorted(one.records):
        for statement in said.get(record, ()):
            if statement.prop in _LISTED:
                words[_LISTED[statement.prop]].append(statement)
    for listed in words.values():
        listed.sort(key=lambda s: (s.as_of or date.min, s.delivery))
    told = {
        name: tuple(Said(text=_shown(s, name), source=s.source, as_of=s.as_of) for s in listed)
        for name, listed in words.items()
    }
    return replace(
        one,
        names=told.get("names", ()),
        addresses=told.get("addresses", ()),
        states=told.get("states", ()),
        unions=told.get("unions", ()),
        headcounts=told.get("headcounts", ()),
    )


def _shown(statement: Statement, listed: str) -> str:
    return strip_union_tail(statement.value) if listed == "names" else statement.value


def _sameness(said: Mapping[int, list[Statement]], gazetteer: Gazetteer) -> Sameness:
    addresses = [s.value for words in said.values() for s in words if s.prop is Prop.ADDRESS]
    regions = learn_regions(addresses)

    def same_name(one: str, other: str) -> bool:
        return split_name(one, regions) == split_name(other, regions)

    def same_address(one: str, other: str) -> bool:
        return is_same_place(one, other, gazetteer)

    return Sameness(name=same_name, address=same_address)


def _append(
    session: Session, changes: list[Found], *, district_id: int, now: datetime, today: date
) -> None:
    rows = [
        {
            "district_id": district_id,
            "enterprise_id": change.enterprise_id,
            "grid_id": change.grid_id,
            "former_grid_id": change.former_grid_id,
            "kind": change.kind.value,
            "found_on": today,
            "found_at": now,
            "as_of": change.as_of,
            "source": change.source.value if change.source else "",
            "before": change.before[:LONGEST_VALUE],
            "after": change.after[:LONGEST_VALUE],
        }
        for change in changes
    ]
    for start in range(0, len(rows), _CHUNK):
        session.execute(insert(Change), rows[start : start + _CHUNK])


def _flag_missing(session: Session, district_id: int) -> dict[int, tuple[Missing, ...]]:
    """Set `missing_from` of every enterprise to what the deliveries tell; returns those flagged."""
    flagged = _find_all_missing(session, district_id)
    stored: dict[int, list[dict[str, Any]]] = dict(
        session.execute(
            select(Enterprise.id, Enterprise.missing_from).where(
                Enterprise.district_id == district_id, Enterprise.retired.is_(False)
            )
        ).all()
    )
    changed = []
    for enterprise_id, known in stored.items():
        wanted = [
            {
                "source": one.source.value,
                "last_seen": one.last_seen.isoformat(),
                "since": one.since.isoformat(),
            }
            for one in flagged.get(enterprise_id, ())
        ]
        if wanted != known:
            changed.append({"id": enterprise_id, "missing_from": wanted})
    for start in range(0, len(changed), _CHUNK):
        session.execute(update(Enterprise), changed[start : start + _CHUNK])
    return flagged


def _find_all_missing(session: Session, district_id: int) -> dict[int, tuple[Missing, ...]]:
    found: dict[int, tuple[Missing, ...]] = {}
    for source, deliveries in list_deliveries(session, district_id).items():
        if sum(delivery.complete for delivery in deliveries) <= 1:
            continue
        numbers = {b: place for place, one in enumerate(deliveries) for b in one.batches}
        named: dict[int, set[int]] = defaultdict(set)
        query = (
            select(Member.enterprise_id, Record.batch_id)
            .join(Record, Record.id == Member.record_id)
            .where(Member.district_id == district_id, Record.batch_id.in_(numbers))
            .distinct()
        )
        for enterprise_id, batch_id in session.execute(query):
            named[enterprise_id].add(numbers[batch_id])
        for enterprise_id, places in named.items():
            sightings = [
                Sighting(day=one.day, complete=one.complete, named=place in places)
                for place, one in enumerate(deliveries)
            ]
            if missing := find_missing(source, sightings):
                found[enterprise_id] = (*found.get(enterprise_id, ()), missing)
    return found

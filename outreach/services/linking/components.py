"""The enterprises around a few records: loaded whole, joined anew, stored.

A component is all records that links or "same" judgements connect, withheld links among them.
Which enterprises it holds follows from its links and judgements alone, so taking a judgement back
gives the former enterprises back, their ids too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import aliased

from outreach.domain.judgements import JudgedPair, Verdict
from outreach.domain.sources import Source
from outreach.domain.statements import Prop
from outreach.domain.visits import VisitResult
from outreach.errors import Conflict
from outreach.fusion.links import Finding, LinkRule
from outreach.fusion.links import RecordLink as Joined
from outreach.fusion.rejoining import JoinedRecord, rejoin
from outreach.services.linking.folding import save_values
from outreach.services.linking.memberships import give_ids, load_judged, save_members
from outreach.services.registers.gazetteer import load_gazetteer
from outreach.services.registers.statements import (
    find_parent_coded,
    load_statements,
    without_parent_codes,
)
from outreach.storage.enterprises import Enterprise, EnterpriseAlias, Member
from outreach.storage.judgements import Judgement, RecordLink
from outreach.storage.records import Record
from outreach.storage.visits import Visit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from outreach.domain.statements import Statement
    from outreach.domain.targets import TargetRule
    from outreach.fusion.links import Linkage


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """Connected records with the links among them in the order in which they joined.

    `members` tells the enterprise of each record as it is stored now.
    """

    district_id: int
    records: frozenset[int]
    links: tuple[Joined, ...]
    members: dict[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What joining anew has changed: enterprises as they are now, and those that are gone."""

    enterprises: tuple[int, ...]
    gone: tuple[int, ...]


def load_component(session: Session, district_id: int, seeds: Iterable[int]) -> Component:
    """Load all that hangs together with some records.

    Raises
    ------
    Conflict
        When an earlier version of the program has linked the district and kept no links.
    """
    records, links = _reach(session, district_id, set(seeds))
    members = _members_around(session, records)
    loose = members.keys() - records
    visits = _links_of_visits(session, loose)
    if loose - {link.right for link in visits}:
        raise Conflict("这些行是旧版本归并的,没有留下归并链。请先运行 outreach link,再来判断")
    return Component(
        district_id=district_id,
        records=frozenset(records | loose),
        links=(*visits, *links),
        members=members,
    )


def _reach(session: Session, district_id: int, seeds: set[int]) -> tuple[set[int], list[Joined]]:
    """Follow links and "same" judgements from the seeds; the links come in their order."""
    reached, frontier = set(seeds), set(seeds)
    found: dict[int, RecordLink] = {}
    same = select(Judgement.left_record_id, Judgement.right_record_id).where(
        Judgement.district_id == district_id,
        Judgement.verdict == Verdict.SAME,
        Judgement.revoked_at.is_(None),
    )
    while frontier:
        near: set[int] = set()
        query = select(RecordLink).where(
            or_(RecordLink.left_record_id.in_(frontier), RecordLink.right_record_id.in_(frontier))
        )
        for link in session.scalars(query):
            found[link.id] = link
            near |= {link.left_record_id, link.right_record_id}
        judged = same.where(
            or_(Judgement.left_record_id.in_(frontier), Judgement.right_record_id.in_(frontier))
        )
        for left, right in session.execute(judged):
            near |= {left, right}
        frontier = near - reached
        reached |= near
    return reached, [read_link(found[key]) for key in sorted(found)]


def read_link(row: RecordLink) -> Joined:
    """A stored link as the rules read it."""
    return Joined(
        left=row.left_record_id,
        right=row.right_record_id,
        rule=LinkRule(row.rule),
        evidence=row.evidence,
        weight=row.weight,
        findings=tuple(Finding(label=f["label"], weight=f["weight"]) for f in row.findings),
    )


def _members_around(session: Session, records: Collection[int]) -> dict[int, int]:
    """The enterprise of each record, and all other members of these enterprises."""
    homes = select(Member.enterprise_id).where(Member.record_id.in_(records))
    query = select(Member.record_id, Member.enterprise_id).where(Member.enterprise_id.in_(homes))
    return dict(session.execute(query).all())


def _links_of_visits(session: Session, records: Collection[int]) -> list[Joined]:
    """Visits since the last linking have no link yet: they belong to the firm that was visited.

    A version of a visit that was corrected later stays where it is.
    """
    if not records:
        return []
    visited, stays = aliased(Enterprise), aliased(Enterprise)
    query = (
        select(Record.id, visited.home_record_id, stays.home_record_id, Member.evidence)
        .join(Member, Member.record_id == Record.id)
        .join(stays, stays.id == Member.enterprise_id)
        .outerjoin(Visit, Visit.record_id == Record.id)
        .outerjoin(visited, visited.id == Visit.enterprise_id)
        .where(Record.id.in_(records), Record.source == Source.VISIT)
        .order_by(Record.id)
    )
    return [
        Joined(left=anchor, right=record, rule=LinkRule.VISITED, evidence=evidence)
        for record, home, other, evidence in session.execute(query)
        if (anchor := home or other) is not None and anchor != record
    ]


def regroup(
    session: Session,
    component: Component,
    *,
    rule: TargetRule,
    now: datetime,
    today: date,
) -> Change:
    """Join the records of a component anew and bring the enterprises that differ up to date."""
    said = load_statements(session, component.district_id, component.records)
    parents = find_parent_coded(session, component.records)
    linkage = rejoin_component(session, component, said, parents)
    clusters = linkage.clusters
    given = give_ids(
        session,
        clusters,
        previous=component.members,
        homes=_homes_in(session, component.records),
        district_id=component.district_id,
        now=now,
    )
    session.execute(delete(Member).where(Member.record_id.in_(component.records)))
    save_members(session, clusters, given.ids, linkage.links, district_id=component.district_id)
    before: dict[int, set[int]] = {}
    for record, enterprise in component.members.items():
        before.setdefault(enterprise, set()).add(record)
    changed = [
        (cluster, id_)
        for cluster, id_ in zip(clusters, given.ids, strict=True)
        if before.get(id_) != set(cluster)
    ]
    if changed:
        save_values(
            session,
            [cluster for cluster, _ in changed],
            [id_ for _, id_ in changed],
            without_parent_codes(said, parents),
            load_gazetteer(session, component.district_id),
            district_id=component.district_id,
            rule=rule,
            today=today,
        )
        _note_last_visits(session, [id_ for _, id_ in changed])
    return Change(
        enterprises=tuple(sorted(given.ids)),
        gone=tuple(sorted(before.keys() - set(given.ids))),
    )


def rejoin_component(
    session: Session,
    component: Component,
    said: dict[int, list[Statement]],
    parents: set[int],
    extra: Iterable[JudgedPair] = (),
) -> Linkage:
    """The enterprises that a component's links give under the judgements, and under `extra`."""
    sources = dict(
        session.execute(
            select(Record.id, Record.source).where(Record.id.in_(component.records))
        ).all()
    )
    codes = {
        record: next((s.value for s in statements if s.prop is Prop.USCC), "")
        for record, statements in said.items()
    }
    judged = load_judged(session, component.district_id, component.records)
    return rejoin(
        [
            JoinedRecord(
                record_id=record,
                source=Source(sources[record]),
                uscc=codes.get(record, ""),
                is_parents=record in parents,
            )
            for record in component.records
        ],
        component.links,
        [*judged, *extra],
    )


def _homes_in(session: Session, records: Collection[int]) -> dict[int, int]:
    query = select(Enterprise.id, Enterprise.home_record_id).where(
        Enterprise.home_record_id.in_(records)
    )
    return {key: home for key, home in session.execute(query) if home is not None}


def _note_last_visits(session: Session, enterprises: Collection[int]) -> None:
    """A visit counts for the enterprise that its firm belongs to now."""
    meaning = {id_: id_ for id_ in enterprises}
    aliases = select(EnterpriseAlias.former_id, EnterpriseAlias.enterprise_id).where(
        EnterpriseAlias.enterprise_id.in_(enterprises)
    )
    meaning |= dict(session.execute(aliases).all())
    settled = [result for result in VisitResult if result.settles_visit]
    visits = (
        select(Visit.enterprise_id, func.max(Visit.visited_on))
        .where(Visit.enterprise_id.in_(meaning), Visit.result.in_(settled))
        .group_by(Visit.enterprise_id)
    )
    last: dict[int, date | None] = dict.fromkeys(enterprises)
    for former, day in session.execute(visits):
        known = last[meaning[former]]
        last[meaning[former]] = max(day, known) if known else day
    session.execute(
        update(Enterprise), [{"id": id_, "last_visited_on": day} for id_, day in last.items()]
    )

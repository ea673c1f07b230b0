"""Records into the enterprise file: link, keep ids, fold, place, assess, save.

Everything written here is derived and can be rebuilt from records and statements.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, update

from outreach.domain.issues import IssueKind
from outreach.domain.sources import Source
from outreach.domain.statements import Prop, Statement
from outreach.fusion.identity import keep_ids
from outreach.fusion.linkage import Link, Linkage, LinkRule, Profile, link_records
from outreach.fusion.profiles import ProfileMaker, all_addresses
from outreach.services.audit import write_audit
from outreach.services.changes import note_changes, remember_file
from outreach.services.deliveries import rank_batches
from outreach.services.enterprises import make_rows
from outreach.services.gazetteer import load_gazetteer
from outreach.services.grids import load_locator
from outreach.services.progress import OnProgress, silent
from outreach.storage import records as rows
from outreach.storage.enterprises import Enterprise, EnterpriseAlias, Member
from outreach.storage.visits import Visit

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from outreach.domain.targets import TargetRule
    from outreach.fusion.addresses import Gazetteer

DOUBT_KINDS = (IssueKind.PARENT_CODE, IssueKind.AMBIGUOUS_MATCH, IssueKind.CONFLICTING_CODES)
_CHUNK = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkReport:
    """The numbers of a linking; `rows_read = rows_linked + rows_held`."""

    rows_read: int
    rows_linked: int
    rows_held: int
    enterprises: int
    placed: int
    unplaced: int
    by_rule: dict[str, int]
    doubts: dict[str, int]
    new: int
    aliased: int


def link_district(
    session: Session,
    *,
    district_id: int,
    rule: TargetRule,
    now: datetime,
    today: date,
    on_progress: OnProgress = silent,
) -> LinkReport:
    """Build the enterprise file of a district anew; ids that exist stay, changes are noted."""
    before = remember_file(session, district_id)
    said = load_statements(session, district_id)
    on_progress(1, 6)
    gazetteer = load_gazetteer(session, district_id)
    linkage = link_records(_profiles(session, said, gazetteer, district_id))
    on_progress(2, 6)
    previous = dict(
        session.execute(
            select(Member.record_id, Member.enterprise_id).where(Member.district_id == district_id)
        ).all()
    )
    ids, new, aliased = _save_identities(session, linkage, previous, district_id, now)
    on_progress(3, 6)
    _save_members(session, linkage, ids, district_id)
    _save_doubts(session, linkage, district_id)
    on_progress(4, 6)
    parents = {d.record_id for d in linkage.doubts if d.kind is IssueKind.PARENT_CODE}
    placed = _save_values(
        session,
        linkage,
        ids,
        without_parent_codes(said, parents),
        gazetteer,
        district_id=district_id,
        rule=rule,
        today=today,
    )
    changes = note_changes(
        session,
        before,
        said,
        gazetteer,
        district_id=district_id,
        rule=rule,
        now=now,
        today=today,
    )
    on_progress(5, 6)
    report = _report(session, linkage, district_id, new=new, aliased=aliased, placed=placed)
    write_audit(
        session,
        district_id=district_id,
        account_id=None,
        action="link",
        subject="district",
        subject_id=district_id,
        now=now,
        detail={
            "enterprises": report.enterprises,
            "rows": report.rows_linked,
            "changes": changes,
        },
    )
    on_progress(6, 6)
    return report


def load_statements(
    session: Session, district_id: int, record_ids: list[int] | None = None
) -> dict[int, list[Statement]]:
    """Load all statements of a district (or of some records) by record id, in one query."""
    table = rows.Statement
    query = select(
        table.record_id,
        table.source,
        table.prop,
        table.value,
        table.raw,
        table.as_of,
        rows.Record.batch_id,
    ).join(rows.Record, rows.Record.id == table.record_id)
    if record_ids is None:
        query = query.where(table.district_id == district_id)
    else:
        query = query.where(table.record_id.in_(record_ids))
    query = query.order_by(table.id)
    sources = {source.value: source for source in Source}
    props = {prop.value: prop for prop in Prop}
    ranks = rank_batches(session, district_id)
    said: dict[int, list[Statement]] = defaultdict(list)
    for record_id, source, prop, value, raw, as_of, batch_id in session.execute(query):
        said[record_id].append(
            Statement(
                prop=props[prop],
                value=value,
                raw=raw,
                source=sources[source],
                as_of=as_of,
                record_id=record_id,
                delivery=ranks.get(batch_id, 0),
            )
        )
    return said


_CODES = {Prop.USCC, Prop.ORG_CODE, Prop.TAX_ID}


def without_parent_codes(
    said: dict[int, list[Statement]], parents: set[int]
) -> dict[int, list[Statement]]:
    """Leave out the codes of records that carry their parent's: a branch never shows them."""
    return {
        record_id: [s for s in statements if s.prop not in _CODES]
        if record_id in parents
        else statements
        for record_id, statements in said.items()
    }


def find_parent_coded(session: Session, record_ids: list[int]) -> set[int]:
    """Those of the records whose code the last linking found to be their parent's."""
    issue = rows.Issue
    query = select(issue.record_id).where(
        issue.record_id.in_(record_ids), issue.kind == IssueKind.PARENT_CODE
    )
    return {record_id for record_id in session.scalars(query) if record_id is not None}


def _profiles(
    session: Session, said: dict[int, list[Statement]], gazetteer: Gazetteer, district_id: int
) -> list[Profile]:
    maker = ProfileMaker.of(all_addresses(said), gazetteer if gazetteer.townships else None)
    anchors = _visit_anchors(session, district_id)
    batches = dict(
        session.execute(
            select(rows.Record.id, rows.Record.batch_id).where(
                rows.Record.district_id == district_id
            )
        ).all()
    )
    profiles = [
        maker.make(
            record_id,
            statements,
            source=statements[0].source,
            batch=batches.get(record_id),
            visited_record=anchors.get(record_id),
        )
        for record_id, statements in said.items()
    ]
    silent_visits = (
        Profile(record_id=record_id, source=Source.VISIT, visited_record=anchors[record_id])
        for record_id in anchors.keys() - said.keys()
    )
    return [*profiles, *silent_visits]


def _visit_anchors(session: Session, district_id: int) -> dict[int, int]:
    """For each visit's record the oldest record of the enterprise that was visited."""
    query = (
        select(Visit.record_id, func.min(Member.record_id))
        .join(Member, Member.enterprise_id == Visit.enterprise_id)
        .where(Visit.district_id == district_id, Visit.record_id.is_not(None))
        .group_by(Visit.record_id)
    )
    return {record: anchor for record, anchor in session.execute(query) if record is not None}


def _save_identities(
    session: Session, linkage: Linkage, previous: dict[int, int], district_id: int, now: datetime
) -> tuple[list[int], int, int]:
    """Give every cluster its enterprise id; returns the ids, how many are new, how many aliases."""
    retired = _retired_homes(session, district_id)
    identities = keep_ids(linkage.clusters, previous, retired)
    missing = sum(kept is None for kept in identities.ids)
    supply = iter(_new_ids(session, missing, district_id))
    ids = [next(supply) if kept is None else kept for kept in identities.ids]
    homes = {**retired, **_homes(previous)}
    session.execute(delete(EnterpriseAlias).where(EnterpriseAlias.district_id == district_id))
    aliases = [
        {
            "district_id": district_id,
            "former_id": former,
            "enterprise_id": ids[position],
            "record_id": homes[former],
            "since": now,
        }
        for former, position in identities.aliases.items()
    ]
    if aliases:
        session.execute(insert(EnterpriseAlias), aliases)
    gone = set(previous.values()) - set(ids)
    if gone:
        changes = [{"id": former, "retired": True} for former in sorted(gone)]
        session.execute(update(Enterprise), changes)
    return ids, missing, len(aliases)


def _retired_homes(session: Session, district_id: int) -> dict[int, int]:
    """Enterprises that earlier linkings merged away, with their oldest record."""
    query = select(EnterpriseAlias.former_id, EnterpriseAlias.record_id)
    return dict(session.execute(query.where(EnterpriseAlias.district_id == district_id)).all())


def _homes(previous: dict[int, int]) -> dict[int, int]:
    """Enterprise id -> its oldest record."""
    homes: dict[int, int] = {}
    for record_id, enterprise_id in previous.items():
        homes[enterprise_id] = min(record_id, homes.get(enterprise_id, record_id))
    return homes


def _new_ids(session: Session, count: int, district_id: int) -> list[int]:
    fresh: list[int] = []
    blank = {"district_id": district_id, **_BLANK}
    for start in range(0, count, _CHUNK):
        size = min(_CHUNK, count - start)
        fresh += session.scalars(insert(Enterprise).returning(Enterprise.id), [blank] * size).all()
    return sorted(fresh)


_BLANK = {
    "name": "",
    "state": "unknown",
    "industry": "office",
    "union_status": "none",
    "headcounts": [],
    "reasons": [],
}


def _save_members(session: Session, linkage: Linkage, ids: list[int], district_id: int) -> None:
    session.execute(delete(Member).where(Member.district_id == district_id))
    members = [
        {
            "district_id": district_id,
            "record_id": record_id,
            "enterprise_id": enterprise_id,
            "rule": _link(linkage, record_id).rule,
            "evidence": _link(linkage, record_id).evidence,
        }
        for cluster, enterprise_id in zip(linkage.clusters, ids, strict=True)
        for record_id in cluster
    ]
    for start in range(0, len(members), _CHUNK):
        session.execute(insert(Member), members[start : start + _CHUNK])


def _link(linkage: Linkage, record_id: int) -> Link:
    return linkage.links[record_id]


def _save_doubts(session: Session, linkage: Linkage, district_id: int) -> None:
    """Doubts are found anew by every linking, so those of the last one go."""
    session.execute(
        delete(rows.Issue).where(
            rows.Issue.district_id == district_id, rows.Issue.kind.in_(DOUBT_KINDS)
        )
    )
    if not linkage.doubts:
        return
    known = session.execute(
        select(rows.Record.id, rows.Record.batch_id, rows.Record.row).where(
            rows.Record.district_id == district_id
        )
    )
    where = {record: (batch, row) for record, batch, row in known}
    session.execute(
        insert(rows.Issue),
        [
            {
                "district_id": district_id,
                "batch_id": where[doubt.record_id][0],
                "record_id": doubt.record_id,
                "kind": doubt.kind,
                "row": where[doubt.record_id][1],
                "column": "",
                "value": doubt.value,
            }
            for doubt in linkage.doubts
        ],
    )


def _save_values(
    session: Session,
    linkage: Linkage,
    ids: list[int],
    said: dict[int, list[Statement]],
    gazetteer: Gazetteer,
    *,
    district_id: int,
    rule: TargetRule,
    today: date,
) -> int:
    """Fold, place and assess every enterprise; returns how many have a position."""
    locator = load_locator(session, district_id)
    placed = 0
    for start in range(0, len(ids), _CHUNK):
        statements = {
            enterprise_id: [s for record_id in cluster for s in said.get(record_id, ())]
            for cluster, enterprise_id in zip(
                linkage.clusters[start : start + _CHUNK], ids[start : start + _CHUNK], strict=True
            )
        }
        values = make_rows(statements, gazetteer, locator, rule=rule, today=today)
        placed += sum(value["grid_id"] is not None for value in values)
        session.execute(update(Enterprise), values)
    return placed


def _report(
    session: Session, linkage: Linkage, district_id: int, *, new: int, aliased: int, placed: int
) -> LinkReport:
    register = rows.Record.source != Source.VISIT
    counts = dict(
        session.execute(
            select(rows.Record.held, func.count())
            .where(rows.Record.district_id == district_id, register)
            .group_by(rows.Record.held)
        ).all()
    )
    linked = session.scalar(
        select(func.count())
        .select_from(Member)
        .join(rows.Record, rows.Record.id == Member.record_id)
        .where(Member.district_id == district_id, register)
    )
    by_rule = Counter(link.rule for link in linkage.links.values())
    return LinkReport(
        rows_read=sum(counts.values()),
        rows_linked=linked or 0,
        rows_held=counts.get(True, 0),
        enterprises=len(linkage.clusters),
        placed=placed,
        unplaced=len(linkage.clusters) - placed,
        by_rule={rule.value: by_rule[rule] for rule in LinkRule if by_rule[rule]},
        doubts=dict(sorted(Counter(d.kind.value for d in linkage.doubts).items())),
        new=new,
        aliased=aliased,
    )

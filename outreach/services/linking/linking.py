"""Records into the enterprise file: link, keep ids, fold, place, assess, save.

Everything written here is derived and can be rebuilt from records and statements.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from outreach.domain.sources import Source
from outreach.domain.statements import Prop
from outreach.domain.targets import Standing
from outreach.fusion.comparisons import load_model
from outreach.fusion.linkage import Linkage, LinkRule, Profile, link_records
from outreach.fusion.profiles import ProfileMaker, all_addresses
from outreach.fusion.relations import find_relations
from outreach.fusion.stakes import order_questions
from outreach.services.administration.audit import write_audit
from outreach.services.linking.changes import note_changes, remember_file
from outreach.services.linking.doubts import save_issues, save_questions
from outreach.services.linking.folding import fold_records, save_values
from outreach.services.linking.headcounts import learn_sources
from outreach.services.linking.memberships import (
    GivenIds,
    give_ids,
    load_homes,
    load_judged,
    load_members,
    replace_members,
    save_links,
)
from outreach.services.linking.relations import save_relations
from outreach.services.progress import OnProgress, silent
from outreach.services.registers.gazetteer import load_gazetteer
from outreach.services.registers.statements import load_statements, without_parent_codes
from outreach.storage import records as rows
from outreach.storage.enterprises import Enterprise, Member
from outreach.storage.visits import Visit

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from outreach.domain.engines import LinkageSettings
    from outreach.domain.statements import Statement
    from outreach.domain.targets import TargetRule
    from outreach.fusion.addresses import Gazetteer


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkReport:
    """The numbers of a linking; `rows_read = rows_linked + rows_held`.

    What the sources are worth is learned anew by every linking, so that the list of targets may
    change by firms that no new row names; hence both its sizes.
    """

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
    targets_before: int
    targets: int


def link_district(
    session: Session,
    *,
    district_id: int,
    rule: TargetRule,
    now: datetime,
    today: date,
    settings: LinkageSettings | None = None,
    on_progress: OnProgress = silent,
) -> LinkReport:
    """Build the enterprise file of a district anew; ids that exist stay, changes are noted."""
    before = remember_file(session, district_id)
    said = load_statements(session, district_id)
    previous = load_members(session, district_id)
    homes = load_homes(session, district_id)
    on_progress(1, 6)
    gazetteer = load_gazetteer(session, district_id)
    anchors = _visit_anchors(
        session,
        {record: id_ for record, id_ in previous.items() if record in said},
        {id_: home for id_, home in homes.items() if home in said},
        district_id,
    )
    profiles = _profiles(session, said, gazetteer, anchors, district_id)
    linkage = link_records(
        profiles,
        judgements=load_judged(session, district_id),
        settings=settings,
    )
    # Worked out before the first row is written: a writer keeps others from an embedded file.
    questions = order_questions(
        linkage,
        fold_records(said, gazetteer.township_of, today=today),
        threshold=load_model().decision.threshold,
        employees_over=rule.employees_over,
    )
    related = find_relations(linkage, profiles, said)
    targets_before = _count_targets(session, district_id)
    on_progress(2, 6)
    given = give_ids(
        session,
        linkage.clusters,
        previous=previous,
        homes=homes,
        district_id=district_id,
        now=now,
    )
    on_progress(3, 6)
    replace_members(session, linkage.clusters, given.ids, linkage.links, district_id=district_id)
    save_links(session, linkage.joined, district_id=district_id)
    save_issues(session, linkage, district_id)
    save_questions(session, questions, district_id)
    save_relations(session, related, given.ids, district_id=district_id)
    on_progress(4, 6)
    said = without_parent_codes(said, set(linkage.parent_coded))
    learn_sources(session, linkage.clusters, said, district_id=district_id, now=now)
    placed = save_values(
        session,
        linkage.clusters,
        given.ids,
        said,
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
    report = _report(
        session, linkage, given, district_id, placed=placed, targets_before=targets_before
    )
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


def _profiles(
    session: Session,
    said: dict[int, list[Statement]],
    gazetteer: Gazetteer,
    anchors: dict[int, int],
    district_id: int,
) -> list[Profile]:
    maker = ProfileMaker.of(all_addresses(said), gazetteer if gazetteer.townships else None)
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
        if statements[0].source is not Source.VISIT
        or record_id in anchors
        or any(said.prop is Prop.NAME for said in statements)  # a firm found on the spot
    ]
    silent_visits = (
        Profile(record_id=record_id, source=Source.VISIT, visited_record=anchors[record_id])
        for record_id in anchors.keys() - said.keys()
    )
    return [*profiles, *silent_visits]


def _visit_anchors(
    session: Session, previous: dict[int, int], homes: dict[int, int], district_id: int
) -> dict[int, int]:
    """For each visit's record the home record of the enterprise that was visited.

    `previous` and `homes` know only records that speak; where the home record does not any more,
    the oldest record of the enterprise stands for it.
    """
    query = select(Visit.record_id, Visit.enterprise_id).where(
        Visit.district_id == district_id, Visit.record_id.is_not(None)
    )
    visited = {record: one for record, one in session.execute(query) if record is not None}
    anchors: dict[int, int] = {}
    for record in sorted(previous.keys() - visited.keys(), reverse=True):
        anchors[previous[record]] = record
    anchors |= homes
    return {record: anchors[one] for record, one in visited.items() if one in anchors}


def _report(
    session: Session,
    linkage: Linkage,
    given: GivenIds,
    district_id: int,
    *,
    placed: int,
    targets_before: int,
) -> LinkReport:
    register = rows.Record.source != Source.VISIT
    counts = dict(
        session.execute(
            select(rows.Record.held, func.count())
            .join(rows.Batch, rows.Batch.id == rows.Record.batch_id)
            .where(rows.Record.district_id == district_id, register, rows.Batch.undone_at.is_(None))
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
        new=given.new,
        aliased=given.aliased,
        targets_before=targets_before,
        targets=_count_targets(session, district_id),
    )


def _count_targets(session: Session, district_id: int) -> int:
    query = select(func.count()).where(
        Enterprise.district_id == district_id,
        Enterprise.retired.is_(False),
        Enterprise.standing == Standing.TARGET,
    )
    return session.scalar(query) or 0

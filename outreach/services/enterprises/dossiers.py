"""One file per enterprise (一企一档): agreed values, and for each who said it and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from outreach.domain.accounts import mask_name, mask_phone
from outreach.domain.calendar import CHINA
from outreach.domain.headcounts import HeadcountClass
from outreach.domain.positions import PositionSource, UnplacedReason
from outreach.domain.sources import Source
from outreach.domain.statements import Prop
from outreach.domain.targets import Standing
from outreach.domain.wording import Sentence
from outreach.fusion.linkage import LinkRule
from outreach.services.administration.audit import write_audit
from outreach.services.enterprises.dossier_parts import (
    FirmCase,
    Opening,
    Origin,
    file_in_words,
    find_stage,
    list_firm_cases,
    list_openings,
    list_origins,
)
from outreach.services.enterprises.enterprises import get_enterprise, to_domain
from outreach.services.linking.changes import read_missing
from outreach.services.linking.headcounts import FigureLine, list_figures, load_calibration
from outreach.services.linking.judgement_views import JudgementLine, list_judgements_of
from outreach.services.linking.relations import Relations, list_relations
from outreach.services.visits.visit_views import VisitLine, list_visits
from outreach.storage.enterprises import Enterprise, Member
from outreach.storage.grids import Grid
from outreach.storage.judgements import RecordLink
from outreach.storage.records import Batch, Record, Statement

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from outreach.domain import enterprises
    from outreach.domain.accounts import Principal
    from outreach.domain.changes import Missing
    from outreach.domain.formations import Stage

_OPEN_TO_ALL = frozenset(Prop) - {Prop.LEGAL_REP, Prop.UNION_CHAIR, Prop.PHONE}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """Who said what, when, in which row; `value` is masked where it names or reaches a person."""

    prop: Prop
    value: str
    source: Source
    as_of: date | None
    file_name: str
    row: int

    @property
    def file(self) -> Sentence:
        """Where the row stands, in words."""
        return file_in_words(self.source, self.file_name)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLine:
    """A received row that belongs to the enterprise, and why.

    `weight` is the match weight of a comparison; `is_home` marks the row that the enterprise stands
    on, which is not split off from itself.
    """

    record_id: int
    source: Source
    file_name: str
    row: int
    rule: LinkRule
    evidence: str
    weight: float | None
    is_home: bool

    @property
    def file(self) -> Sentence:
        """Where the row stands, in words."""
        return file_in_words(self.source, self.file_name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """What the dossier page shows. Personal values inside `enterprise` are masked."""

    id: int
    enterprise: enterprises.Enterprise
    grid_name: str
    lon: float | None
    lat: float | None
    position_source: PositionSource | None
    position_error_m: float | None
    position_as_of: date | None
    place_name: str
    unplaced_reason: UnplacedReason | None
    figures: tuple[FigureLine, ...]
    headcount_class: HeadcountClass | None
    standing: Standing | None
    reasons: tuple[Sentence, ...]
    last_visited_on: date | None
    missing: tuple[Missing, ...]
    statements: tuple[StatementLine, ...]
    members: tuple[MemberLine, ...]
    relations: Relations
    judgements: tuple[JudgementLine, ...]
    visits: tuple[VisitLine, ...]
    origins: Mapping[str, Origin]
    stage: Stage | None
    cases: tuple[FirmCase, ...]
    openings: tuple[Opening, ...]
    confirmed_days: int | None

    @property
    def more(self) -> tuple[StatementLine, ...]:
        """The newest word about each further property, such as the day of its founding."""
        found: dict[Prop, StatementLine] = {}
        for line in self.statements:
            if line.prop in _MORE:
                found.setdefault(line.prop, line)
        return tuple(found[prop] for prop in _MORE if prop in found)


_MORE = (
    Prop.FORMER_NAME,
    Prop.ENTERPRISE_TYPE,
    Prop.FOUNDED_ON,
    Prop.ORG_CODE,
    Prop.TAX_ID,
    Prop.REG_NO,
    Prop.SI_UNIT_NO,
    Prop.UNION_USCC,
    Prop.UNION_KIND,
    Prop.UNION_FOUNDED_ON,
    Prop.UNION_CHAIR,
    Prop.MEMBER_COUNT,
)


def open_dossier(
    session: Session,
    principal: Principal,
    enterprise_id: int,
    *,
    now: datetime,
    is_export: bool = False,
) -> Dossier:
    """Open an enterprise's dossier; opening it is audited, for an export by the export itself.

    Raises
    ------
    NotFound
        When the enterprise is out of the account's sight.
    """
    row = get_enterprise(session, principal, enterprise_id)
    today = now.astimezone(CHINA).date()
    grid = session.get(Grid, row.grid_id) if row.grid_id is not None else None
    if not is_export:
        write_audit(
            session,
            district_id=principal.district_id,
            account_id=principal.account_id or None,
            action="open_dossier",
            subject="enterprise",
            subject_id=row.id,
            now=now,
        )
    enterprise = _masked(row)
    calibration = load_calibration(session, row.district_id)
    return Dossier(
        id=row.id,
        enterprise=enterprise,
        grid_name=grid.name if grid else "",
        lon=row.lon,
        lat=row.lat,
        position_source=PositionSource(row.position_source) if row.position_source else None,
        position_error_m=row.position_error_m,
        position_as_of=row.position_as_of,
        place_name=row.place_name,
        unplaced_reason=UnplacedReason(row.unplaced_reason) if row.unplaced_reason else None,
        figures=tuple(list_figures(enterprise.headcounts, calibration)),
        headcount_class=HeadcountClass(row.headcount_class) if row.headcount_class else None,
        standing=Standing(row.standing) if row.standing else None,
        reasons=tuple(Sentence.from_json(reason) for reason in row.reasons),
        last_visited_on=row.last_visited_on,
        missing=read_missing(row.missing_from),
        statements=tuple(list_statements(session, row.id)),
        members=tuple(_members(session, row)),
        relations=list_relations(session, principal, row.id),
        judgements=tuple(list_judgements_of(session, principal, row.id)),
        visits=tuple(list_visits(session, principal, row.id)),
        origins=list_origins(session, row),
        stage=find_stage(session, row.id),
        cases=tuple(list_firm_cases(session, principal, row.id, today=today)),
        openings=tuple(list_openings(session, principal, row.id)),
        confirmed_days=(today - row.last_visited_on).days if row.last_visited_on else None,
    )


def _masked(row: Enterprise) -> enterprises.Enterprise:
    from dataclasses import replace

    whole = to_domain(row)
    return replace(whole, legal_rep=mask_name(whole.legal_rep), phone=mask_phone(whole.phone))


def list_statements(session: Session, enterprise_id: int) -> list[StatementLine]:
    """Who said what of an enterprise, and when; personal values are masked."""
    query = (
        select(Statement, Batch.file_name, Record.row)
        .join(Record, Record.id == Statement.record_id)
        .join(Batch, Batch.id == Record.batch_id)
        .join(Member, Member.record_id == Record.id)
        .where(
            Member.enterprise_id == enterprise_id,
            Batch.undone_at.is_(None),
            Record.superseded_by.is_(None),
        )
        .order_by(Statement.prop, Statement.as_of.desc(), Statement.id)
    )
    return [
        StatementLine(
            prop=Prop(said.prop),
            value=_mask(Prop(said.prop), said.value),
            source=Source(said.source),
            as_of=said.as_of,
            file_name=file_name,
            row=row,
        )
        for said, file_name, row in session.execute(query)
    ]


def _mask(prop: Prop, value: str) -> str:
    if prop is Prop.PHONE:
        return mask_phone(value)
    return value if prop in _OPEN_TO_ALL else mask_name(value)


def _members(session: Session, enterprise: Enterprise) -> list[MemberLine]:
    query = (
        select(Member, Record.source, Record.row, Batch.file_name)
        .join(Record, Record.id == Member.record_id)
        .join(Batch, Batch.id == Record.batch_id)
        .where(
            Member.enterprise_id == enterprise.id,
            Batch.undone_at.is_(None),
            Record.superseded_by.is_(None),
        )
        .order_by(Record.source, Record.row)
    )
    found = session.execute(query).all()
    weights = _weights(session, {member.record_id: member.rule for member, *_ in found})
    records = [member.record_id for member, *_ in found]
    home = enterprise.home_record_id
    home = home if home in records else min(records, default=None)
    return [
        MemberLine(
            record_id=member.record_id,
            source=Source(source),
            file_name=file_name,
            row=row,
            rule=LinkRule(member.rule),
            # A visit's row belongs where the visit was made; its evidence is a number of ours.
            evidence="" if member.rule == LinkRule.VISITED else member.evidence,
            weight=weights.get(member.record_id),
            is_home=member.record_id == home,
        )
        for member, source, row, file_name in found
    ]


def _weights(session: Session, rules: Mapping[int, str]) -> dict[int, float]:
    """The weight of each record's first link of its rule, where a comparison made it."""
    query = (
        select(RecordLink)
        .where(
            RecordLink.weight.is_not(None),
            or_(RecordLink.left_record_id.in_(rules), RecordLink.right_record_id.in_(rules)),
        )
        .order_by(RecordLink.id)
    )
    weights: dict[int, float] = {}
    for link in session.scalars(query):
        for end in (link.left_record_id, link.right_record_id):
            if rules.get(end) == link.rule and link.weight is not None:
                weights.setdefault(end, link.weight)
    return weights

"""One doubtful pair as its page shows it: both rows side by side, and what the machine found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from outreach.domain.accounts import mask_name, mask_phone
from outreach.domain.differences import Part, mark_differences
from outreach.domain.judgements import DoubtReason
from outreach.domain.sources import Source
from outreach.domain.statements import Prop
from outreach.domain.waterfalls import Waterfall, make_waterfall
from outreach.errors import NotFound
from outreach.fusion.comparisons import load_model
from outreach.fusion.links import LinkRule
from outreach.services.administration.audit import write_audit
from outreach.services.linking.judgement_views import JudgementLine, list_judgements
from outreach.services.linking.judgements import require_judge, require_pair
from outreach.services.registers.statements import load_statements
from outreach.storage.enterprises import Enterprise, Member
from outreach.storage.judgements import DoubtfulPair, RecordLink
from outreach.storage.records import Batch, Record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.domain.statements import Statement

_SHOWN = (
    Prop.NAME,
    Prop.FORMER_NAME,
    Prop.USCC,
    Prop.ORG_CODE,
    Prop.TAX_ID,
    Prop.REG_NO,
    Prop.UNION_USCC,
    Prop.LEGAL_REP,
    Prop.UNION_CHAIR,
    Prop.PHONE,
    Prop.ADDRESS,
    Prop.BIZ_ADDRESS,
    Prop.TOWNSHIP,
    Prop.STATUS,
    Prop.FOUNDED_ON,
    Prop.HEADCOUNT,
    Prop.UNION_NAME,
    Prop.UNION_STATUS,
)
_CODED = {Prop.STATUS, Prop.UNION_STATUS}
"""A page names these: their stored words are codes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowView:
    """One of the two rows, with the enterprise that it belongs to now."""

    record_id: int
    source: Source
    file_name: str
    row: int
    enterprise_id: int
    enterprise_name: str
    enterprise_rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One property of the two rows; personal values are masked.

    `agrees` is `None` where one of the two says nothing.
    """

    prop: Prop
    left: tuple[Part, ...]
    right: tuple[Part, ...]
    agrees: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PairView:
    """What the page of one pair shows."""

    left: RowView
    right: RowView
    fields: tuple[Compared, ...]
    reason: DoubtReason | None
    rule: LinkRule | None
    waterfall: Waterfall | None
    standing: JudgementLine | None
    history: tuple[JudgementLine, ...]


def open_pair(
    session: Session, principal: Principal, pair: tuple[int, int], *, now: datetime
) -> PairView:
    """Open one pair; that is audited.

    Raises
    ------
    Refused, NotFound
        When the account may not judge, or one of the rows is out of its sight.
    """
    require_judge(principal)
    left, right = require_pair(session, principal, pair)
    if left == right:
        raise NotFound("没有找到这两行")
    write_audit(
        session,
        district_id=principal.district_id,
        account_id=principal.account_id or None,
        action="open_pair",
        subject="record",
        subject_id=left,
        now=now,
        detail={"other": right},
    )
    said = load_statements(session, principal.district_id, [left, right])
    question, link = _machine(session, principal.district_id, left, right)
    seen = question or link
    history = list_judgements(session, principal, [(left, right)])
    return PairView(
        left=_row(session, left),
        right=_row(session, right),
        fields=tuple(_compare(said.get(left, []), said.get(right, []))),
        reason=DoubtReason(question.reason) if question else None,
        rule=LinkRule(link.rule) if link else None,
        waterfall=_waterfall(seen),
        standing=next((one for one in history if one.revoked_at is None), None),
        history=tuple(history),
    )


def _waterfall(seen: DoubtfulPair | RecordLink | None) -> Waterfall | None:
    """The steps to the weight; `None` where no comparison was made."""
    if seen is None or seen.weight is None:
        return None
    return make_waterfall(
        seen.weight,
        [(str(one["label"]), float(one["weight"])) for one in seen.findings],
        threshold=load_model().decision.threshold,
    )


def _machine(
    session: Session, district_id: int, left: int, right: int
) -> tuple[DoubtfulPair | None, RecordLink | None]:
    """What the last linking said of the two: a question, a link, or neither."""
    question = session.scalar(
        select(DoubtfulPair).where(
            DoubtfulPair.district_id == district_id,
            DoubtfulPair.left_record_id == left,
            DoubtfulPair.right_record_id == right,
        )
    )
    link = session.scalar(
        select(RecordLink)
        .where(
            RecordLink.left_record_id.in_((left, right)),
            RecordLink.right_record_id.in_((left, right)),
        )
        .order_by(RecordLink.id)
    )
    return question, link


def _row(session: Session, record_id: int) -> RowView:
    query = (
        select(Record, Batch.file_name, Enterprise.id, Enterprise.name)
        .join(Batch, Batch.id == Record.batch_id)
        .join(Member, Member.record_id == Record.id)
        .join(Enterprise, Enterprise.id == Member.enterprise_id)
        .where(Record.id == record_id)
    )
    record, file_name, enterprise_id, name = session.execute(query).one()
    count = session.scalar(
        select(func.count()).select_from(Member).where(Member.enterprise_id == enterprise_id)
    )
    return RowView(
        record_id=record.id,
        source=Source(record.source),
        file_name=file_name,
        row=record.row,
        enterprise_id=enterprise_id,
        enterprise_name=name,
        enterprise_rows=count or 0,
    )


def _compare(left: list[Statement], right: list[Statement]) -> Iterable[Compared]:
    for prop in _SHOWN:
        one, two = _values(left, prop), _values(right, prop)
        if not one and not two:
            continue
        agrees = one == two if one and two else None
        if prop.is_personal:
            parts = _masked(prop, one, agrees), _masked(prop, two, agrees)
        elif prop in _CODED:
            parts = _whole(one, agrees), _whole(two, agrees)
        else:
            parts = mark_differences(one, two)
        yield Compared(prop=prop, left=parts[0], right=parts[1], agrees=agrees)


def _values(said: list[Statement], prop: Prop) -> str:
    return "、".join(dict.fromkeys(s.value for s in said if s.prop is prop))


def _masked(prop: Prop, value: str, agrees: bool | None) -> tuple[Part, ...]:  # noqa: FBT001
    """A masked value is marked as a whole: where it differs must not be told."""
    return _whole(mask_phone(value) if prop is Prop.PHONE else mask_name(value), agrees)


def _whole(value: str, agrees: bool | None) -> tuple[Part, ...]:  # noqa: FBT001
    return (Part(text=value, differs=agrees is False),) if value else ()

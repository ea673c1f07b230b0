"""What people see of the doubtful: the queue, one pair, and the judgements about a firm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import aliased

from outreach.domain.judgements import DoubtReason, QuestionState, Verdict
from outreach.domain.sources import Source
from outreach.domain.statements import Prop
from outreach.services.linking.judgements import require_judge
from outreach.storage.accounts import Account
from outreach.storage.enterprises import Enterprise, Member
from outreach.storage.judgements import DoubtfulPair, Judgement
from outreach.storage.records import Record
from outreach.storage.records import Statement as Said

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the queue is: verdicts that stand, questions open, questions put off."""

    decided: int
    open: int
    later: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFilter:
    """What the queue shows."""

    reason: DoubtReason | None = None
    state: QuestionState = QuestionState.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionLine:
    """One question of the queue; `left` and `right` are records."""

    left: int
    right: int
    left_name: str
    right_name: str
    left_source: Source
    right_source: Source
    township: str
    reason: DoubtReason
    weight: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementLine:
    """A judgement as people read it; `revoked_at` is `None` while it stands."""

    id: int
    left: int
    right: int
    left_name: str
    right_name: str
    verdict: Verdict
    who: str
    decided_at: datetime
    revoked_at: datetime | None
    revoked_by: str


def count_progress(session: Session, principal: Principal) -> Progress:
    """Count what is decided, open and put off.

    Raises
    ------
    Refused
        When the account does not see the whole district.
    """
    require_judge(principal)
    states = dict(
        session.execute(
            select(DoubtfulPair.state, func.count())
            .where(DoubtfulPair.district_id == principal.district_id)
            .group_by(DoubtfulPair.state)
        ).all()
    )
    decided = session.scalar(
        select(func.count())
        .select_from(Judgement)
        .where(
            Judgement.district_id == principal.district_id,
            Judgement.revoked_at.is_(None),
            Judgement.verdict != Verdict.LATER,
        )
    )
    return Progress(
        decided=decided or 0,
        open=states.get(QuestionState.OPEN, 0),
        later=states.get(QuestionState.LATER, 0),
    )


def list_questions(
    session: Session, principal: Principal, wanted: QueueFilter, *, limit: int, offset: int
) -> tuple[list[QuestionLine], int]:
    """One page of the queue, the most useful question first, and how many there are.

    Raises
    ------
    Refused
        When the account does not see the whole district.
    """
    require_judge(principal)
    left, right = aliased(Member), aliased(Member)
    one, two = aliased(Enterprise), aliased(Enterprise)
    row_of_left, row_of_right = aliased(Record), aliased(Record)
    where = [DoubtfulPair.district_id == principal.district_id, DoubtfulPair.state == wanted.state]
    if wanted.reason is not None:
        where.append(DoubtfulPair.reason == wanted.reason)
    total = session.scalar(select(func.count()).select_from(DoubtfulPair).where(*where)) or 0
    query = (
        select(DoubtfulPair, one.name, two.name, row_of_left.source, row_of_right.source)
        .add_columns(one.township)
        .join(left, left.record_id == DoubtfulPair.left_record_id)
        .join(right, right.record_id == DoubtfulPair.right_record_id)
        .join(one, one.id == left.enterprise_id)
        .join(two, two.id == right.enterprise_id)
        .join(row_of_left, row_of_left.id == DoubtfulPair.left_record_id)
        .join(row_of_right, row_of_right.id == DoubtfulPair.right_record_id)
        .where(*where)
        .order_by(DoubtfulPair.priority.desc(), DoubtfulPair.id)
        .limit(limit)
        .offset(offset)
    )
    found = session.execute(query).all()
    names = _names_of(session, {r for pair, *_ in found for r in _ends(pair)})
    return [
        QuestionLine(
            left=pair.left_record_id,
            right=pair.right_record_id,
            left_name=names.get(pair.left_record_id) or name,
            right_name=names.get(pair.right_record_id) or other,
            left_source=Source(source),
            right_source=Source(other_source),
            township=township,
            reason=DoubtReason(pair.reason),
            weight=pair.weight,
        )
        for pair, name, other, source, other_source, township in found
    ], total


def find_next(
    session: Session, principal: Principal, reason: DoubtReason | None = None
) -> tuple[int, int] | None:
    """The two rows of the most useful open question, of one reason when that is given."""
    require_judge(principal)
    query = select(DoubtfulPair.left_record_id, DoubtfulPair.right_record_id).where(
        DoubtfulPair.district_id == principal.district_id,
        DoubtfulPair.state == QuestionState.OPEN,
    )
    if reason is not None:
        query = query.where(DoubtfulPair.reason == reason)
    row = session.execute(
        query.order_by(DoubtfulPair.priority.desc(), DoubtfulPair.id).limit(1)
    ).first()
    return (row[0], row[1]) if row else None


def list_judgements(
    session: Session, principal: Principal, pairs: Collection[tuple[int, int]]
) -> list[JudgementLine]:
    """All judgements on some pairs, the newest first, revoked ones among them."""
    where = tuple_(Judgement.left_record_id, Judgement.right_record_id).in_(pairs)
    return _judgements(session, principal, where)


def list_judgements_of(
    session: Session, principal: Principal, enterprise_id: int
) -> list[JudgementLine]:
    """All judgements about rows of one enterprise, the newest first."""
    rows = select(Member.record_id).where(Member.enterprise_id == enterprise_id)
    where = or_(Judgement.left_record_id.in_(rows), Judgement.right_record_id.in_(rows))
    return _judgements(session, principal, where)


def find_judgement(
    session: Session, principal: Principal, judgement_id: int
) -> JudgementLine | None:
    """One judgement of the account's district, or `None`."""
    require_judge(principal)
    return next(iter(_judgements(session, principal, Judgement.id == judgement_id)), None)


def _judgements(session: Session, principal: Principal, where: Any) -> list[JudgementLine]:  # noqa: ANN401  (any condition)
    decider, revoker = aliased(Account), aliased(Account)
    query = (
        select(Judgement, decider.display_name, revoker.display_name)
        .outerjoin(decider, decider.id == Judgement.account_id)
        .outerjoin(revoker, revoker.id == Judgement.revoked_by)
        .where(Judgement.district_id == principal.district_id, where)
        .order_by(Judgement.id.desc())
    )
    found = session.execute(query).all()
    names = _names_of(session, {r for judgement, *_ in found for r in _ends(judgement)})
    return [
        JudgementLine(
            id=judgement.id,
            left=judgement.left_record_id,
            right=judgement.right_record_id,
            left_name=names.get(judgement.left_record_id, ""),
            right_name=names.get(judgement.right_record_id, ""),
            verdict=Verdict(judgement.verdict),
            who=who or "",
            decided_at=judgement.decided_at,
            revoked_at=judgement.revoked_at,
            revoked_by=revoked_by or "",
        )
        for judgement, who, revoked_by in found
    ]


def _ends(pair: DoubtfulPair | Judgement) -> tuple[int, int]:
    return pair.left_record_id, pair.right_record_id


def _names_of(session: Session, records: Collection[int]) -> dict[int, str]:
    """The name that each row itself gives; a row without one has none."""
    query = (
        select(Said.record_id, Said.value)
        .where(Said.record_id.in_(records), Said.prop == Prop.NAME)
        .order_by(Said.id.desc())
    )
    return dict(session.execute(query).all())

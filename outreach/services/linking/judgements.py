"""People decide the doubtful: same, different, later, and taking it back.

A judgement is never changed: it stands until it is revoked, and a new one on the same two records
revokes the former. Deciding joins the records around the pair anew, not the district.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from outreach.domain.judgements import JudgedPair, Verdict, agree
from outreach.errors import Conflict, NotFound, Refused
from outreach.fusion.links import LinkRule, RecordLink
from outreach.fusion.rejoining import link_towards
from outreach.services.administration.audit import write_audit
from outreach.services.linking.components import Change, load_component, regroup
from outreach.services.linking.doubts import refresh_states
from outreach.services.linking.memberships import load_judged
from outreach.storage.enterprises import Enterprise, Member
from outreach.storage.judgements import DoubtfulPair, Judgement
from outreach.storage.judgements import RecordLink as Link

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.domain.targets import TargetRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What a decision did: the judgement's key, and the enterprises that are now and were."""

    judgement_id: int
    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """The moment and the rule by which enterprises are assessed."""

    now: datetime
    today: date
    rule: TargetRule


def decide(
    session: Session,
    principal: Principal,
    pair: tuple[int, int],
    verdict: Verdict,
    *,
    at: Today,
) -> Decided:
    """Answer whether two records are one enterprise, and bring the file up to date.

    Raises
    ------
    Refused
        When the account does not see the whole district.
    NotFound
        When one of the records is not of the account's district or belongs to no enterprise.
    Conflict
        When standing judgements on other pairs say the contrary.
    """
    require_judge(principal)
    left, right = require_pair(session, principal, pair)
    _require_agreement(
        session, principal.district_id, JudgedPair(left=left, right=right, verdict=verdict)
    )
    standing = find_standing(session, principal.district_id, left, right)
    if standing is not None:
        _revoke(standing, principal, at)
    judgement = Judgement(
        district_id=principal.district_id,
        left_record_id=left,
        right_record_id=right,
        verdict=verdict,
        basis=_basis(session, principal.district_id, left, right),
        account_id=principal.account_id or None,
        decided_at=at.now,
    )
    session.add(judgement)
    session.flush()
    change = _apply(session, principal, judgement, at, before=standing)
    _audit(session, principal, "judge", judgement, at.now)
    return Decided(judgement_id=judgement.id, change=change)


def take_back(session: Session, principal: Principal, judgement_id: int, *, at: Today) -> Decided:
    """Revoke a judgement; the enterprises are what they were without it, ids included.

    Raises
    ------
    Refused, NotFound
        As for `decide`.
    Conflict
        When it was taken back already.
    """
    require_judge(principal)
    judgement = session.scalar(
        select(Judgement).where(
            Judgement.id == judgement_id, Judgement.district_id == principal.district_id
        )
    )
    if judgement is None:
        raise NotFound("没有找到这个判断")
    if judgement.revoked_at is not None:
        raise Conflict("这个判断已经撤销过了")
    _revoke(judgement, principal, at)
    session.flush()
    change = _apply(session, principal, judgement, at)
    _audit(session, principal, "take_back_judgement", judgement, at.now)
    return Decided(judgement_id=judgement.id, change=change)


def split_off(session: Session, principal: Principal, record_id: int, *, at: Today) -> Decided:
    """Say that a row does not belong to its enterprise: "different" from what it joined along.

    What had joined along the row itself goes with it.

    Raises
    ------
    Refused, NotFound
        As for `decide`.
    Conflict
        When the enterprise is where this row is, or a visit put it there.
    """
    require_judge(principal)
    require_pair(session, principal, (record_id, record_id))
    component = load_component(session, principal.district_id, [record_id])
    enterprise_id = component.members[record_id]
    home = session.scalar(select(Enterprise.home_record_id).where(Enterprise.id == enterprise_id))
    members = {r for r, id_ in component.members.items() if id_ == enterprise_id}
    judged = [
        RecordLink(left=j.left, right=j.right, rule=LinkRule.JUDGED)
        for j in load_judged(session, principal.district_id, component.records)
        if j.verdict is Verdict.SAME
    ]
    links = [*judged, *component.links]
    link = link_towards(links, members, record_id, home if home in members else None)
    if link is None:
        raise Conflict("这家企业就以这一行为准。请在不属于它的那些行上选“这一行不是这家”")
    if link.rule is LinkRule.VISITED:
        raise Conflict("走访记录跟着走访的企业走,不能单独分开")
    standing = find_standing(session, principal.district_id, link.left, link.right)
    if link.rule is LinkRule.JUDGED and standing is not None:
        return take_back(session, principal, standing.id, at=at)
    return decide(session, principal, (link.left, link.right), Verdict.DIFFERENT, at=at)


def require_judge(principal: Principal) -> None:
    """Only who sees the whole district decides.

    Raises
    ------
    Refused
        When the account does not.
    """
    if not principal.role.sees_district:
        raise Refused("归并判断只给区总工会和规划人员做")


def require_pair(session: Session, principal: Principal, pair: tuple[int, int]) -> tuple[int, int]:
    """The pair in its order, when both records are in an enterprise of the account's district.

    Raises
    ------
    NotFound
        When one of them is not.
    """
    known = set(
        session.scalars(
            select(Member.record_id).where(
                Member.record_id.in_(pair), Member.district_id == principal.district_id
            )
        )
    )
    if known != set(pair):
        raise NotFound("没有找到这两行")
    return min(pair), max(pair)


def find_standing(session: Session, district_id: int, left: int, right: int) -> Judgement | None:
    """The judgement that stands on two records, of whatever verdict."""
    found: Judgement | None = session.scalar(
        select(Judgement).where(
            Judgement.district_id == district_id,
            Judgement.left_record_id == left,
            Judgement.right_record_id == right,
            Judgement.revoked_at.is_(None),
        )
    )
    return found


def _revoke(judgement: Judgement, principal: Principal, at: Today) -> None:
    judgement.revoked_at = at.now
    judgement.revoked_by = principal.account_id or None


def _apply(
    session: Session,
    principal: Principal,
    judgement: Judgement,
    at: Today,
    *,
    before: Judgement | None = None,
) -> Change:
    """Bring the enterprises around the pair up to date; "later" changes none of them."""
    pair = (judgement.left_record_id, judgement.right_record_id)
    deciding = any(Verdict(j.verdict).decides for j in (judgement, before) if j is not None)
    change = Change(enterprises=(), gone=())
    records: frozenset[int] = frozenset(pair)
    if deciding:
        component = load_component(session, principal.district_id, pair)
        records = component.records
        change = regroup(session, component, rule=at.rule, now=at.now, today=at.today)
    refresh_states(session, principal.district_id, records)
    return change


def _require_agreement(session: Session, district_id: int, wanted: JudgedPair) -> None:
    """A verdict that other judgements overrule would be a lie: it is refused with its remedy."""
    pair = {wanted.left, wanted.right}
    others = [j for j in load_judged(session, district_id) if {j.left, j.right} != pair]
    if wanted.verdict.decides and not agree([*others, wanted]):
        raise Conflict("这和别的判断矛盾。请先在这家企业的“判断记录”里撤销那个判断,再来判断这两行")


def _basis(session: Session, district_id: int, left: int, right: int) -> dict[str, Any]:
    """What the machine said of the pair: of its question, or of the link that it made."""
    pair = session.scalar(
        select(DoubtfulPair).where(
            DoubtfulPair.district_id == district_id,
            DoubtfulPair.left_record_id == left,
            DoubtfulPair.right_record_id == right,
        )
    )
    if pair is not None:
        return {"reason": pair.reason, "weight": pair.weight, "findings": pair.findings}
    link = session.scalar(
        select(Link)
        .where(
            Link.left_record_id.in_((left, right)),
            Link.right_record_id.in_((left, right)),
            Link.district_id == district_id,
        )
        .order_by(Link.id)
    )
    if link is not None:
        return {"rule": link.rule, "weight": link.weight, "findings": link.findings}
    return {}


def _audit(
    session: Session, principal: Principal, action: str, judgement: Judgement, now: datetime
) -> None:
    write_audit(
        session,
        district_id=principal.district_id,
        account_id=principal.account_id or None,
        action=action,
        subject="judgement",
        subject_id=judgement.id,
        now=now,
        detail={
            "records": [judgement.left_record_id, judgement.right_record_id],
            "verdict": judgement.verdict,
        },
    )

"""What a left-out firm would cost, and how far a grid's week may be from the best: by solving."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from outreach.domain.boards import EditKind
from outreach.domain.plans import LeftOutReason
from outreach.domain.wording import Sentence
from outreach.errors import Conflict, NotFound
from outreach.services.planning.plan_edits import write_edit
from outreach.services.planning.solved_weeks import (
    at_work,
    count_broken,
    orders_of_plan,
    put_up_week,
    require_draft,
    require_plan,
    require_seen,
)
from outreach.storage.plans import PlanLeftOut

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    import routing
    from outreach.domain.accounts import Principal
    from outreach.domain.boards import Orders
    from outreach.services.planning.solved_weeks import SolvedWeek
    from outreach.storage.plans import PlanEdit

BOUND_S = 1.5
"""Wall seconds for the bound of one grid's week, while the planner waits."""

_CANNOT = {
    "never_open": LeftOutReason.NEVER_OPEN,
    "out_of_reach": LeftOutReason.OUT_OF_REACH,
    "no_shift": LeftOutReason.NO_WORKING_DAY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What putting a left-out firm in costs; `orders` is the week that it would be, if one is."""

    sentence: Sentence
    week: SolvedWeek | None = None
    orders: Orders | None = None

    @property
    def can_be_taken(self) -> bool:
        """Whether there is a week to take."""
        return self.orders is not None


def price_left_out(
    session: Session, principal: Principal, plan_id: int, enterprise_id: int
) -> Offer:
    """Say what putting a left-out firm into its grid's week costs, by solving with it forced in.

    Raises
    ------
    Refused, NotFound
        When the account does not read plans, or the plan did not leave the firm out.
    Conflict
        When the week can no longer be put up as it was planned.
    """
    import routing

    plan = require_plan(session, principal, plan_id)
    missed = session.scalar(
        select(PlanLeftOut).where(
            PlanLeftOut.plan_id == plan.id, PlanLeftOut.enterprise_id == enterprise_id
        )
    )
    if missed is None:
        raise NotFound("这个计划里没有排掉这家企业")
    if missed.grid_id is None:
        return Offer(sentence=LeftOutReason.NO_POSITION.sentence)
    whole = put_up_week(session, plan, missed.grid_id, also={enterprise_id})
    week = at_work(whole)
    if enterprise_id in week.nobody_goes:
        return Offer(sentence=week.nobody_goes[enterprise_id].sentence)
    if count_broken(week):
        return Offer(sentence=Sentence(template="这一周有冲突,先改好再算"))
    try:
        found = routing.price(week.problem, week.plan, str(enterprise_id))
    except routing.RoutingError as error:
        raise Conflict("排好计划以后资料变了,算不出来,请重新排一版再看") from error
    if found.reason is not None or found.plan is None:
        reason = found.reason.value if found.reason else ""
        return Offer(sentence=_CANNOT.get(reason, LeftOutReason.NO_TIME_LEFT).sentence)
    return Offer(
        sentence=_say_price(found, week.names),
        week=whole,
        orders=_beside_away(whole, orders_of_plan(found.plan)),
    )


def _beside_away(week: SolvedWeek, orders: Orders) -> Orders:
    """The orders, and beside them what still stands on days on which nobody goes out."""
    planned = {key for order in orders.values() for key in order}
    away = {
        day: tuple(key for key in week.orders.get(day, ()) if key not in planned)
        for day in week.grid.away
    }
    return {**orders, **{day: order for day, order in away.items() if order}}


def take_price(
    session: Session,
    principal: Principal,
    plan_id: int,
    enterprise_id: int,
    *,
    seen: int,
    now: datetime,
) -> PlanEdit:
    """Make the week what the price of a left-out firm was worked out from; it can be undone.

    Raises
    ------
    Refused, NotFound, Conflict
        As `require_draft` and `price_left_out`; when the week was changed since, or the firm fits
        in no week.
    """
    plan = require_draft(session, principal, plan_id)
    offer = price_left_out(session, principal, plan_id, enterprise_id)
    if offer.week is None or offer.orders is None:
        raise Conflict("这家企业换不进来:{reason}", reason=offer.sentence.in_chinese())
    require_seen(session, plan, offer.week.grid.grid_id, seen)
    return write_edit(
        session,
        principal,
        offer.week,
        offer.orders,
        kind=EditKind.SWAP,
        enterprise_id=enterprise_id,
        now=now,
    )


def _say_price(found: routing.Price, names: Mapping[int, str]) -> Sentence:
    pushed = ", ".join(names[int(key)] for key in found.pushed_out)
    values: dict[str, str | int] = {"minutes": abs(found.added_minutes), "names": pushed}
    less = found.added_minutes < 0
    if not pushed:
        text = "加进去,路上少 {minutes} 分钟" if less else "加进去,路上多 {minutes} 分钟"
        return Sentence(template=text, values={"minutes": values["minutes"]})
    text = (
        "排得下的办法是换下 {names},路上少 {minutes} 分钟"
        if less
        else "排得下的办法是换下 {names},路上多 {minutes} 分钟"
    )
    return Sentence(template=text, values=values)


def bound_week(
    session: Session, principal: Principal, plan_id: int, grid_id: int
) -> Sentence | None:
    """Say within how many per cent of the best possible a grid's week is; `None` without a plan.

    Raises
    ------
    Refused, NotFound, Conflict
        As `price_left_out`.
    """
    import routing

    week = put_up_week(session, require_plan(session, principal, plan_id), grid_id)
    worth = week.plan.objective
    if worth <= 0:
        return None
    bound = routing.upper_bound(week.problem, time_limit_s=BOUND_S)
    percent = max(0, -(-100 * (bound - worth) // worth))
    return Sentence(template="离理论上最好的最多差 {percent}%", values={"percent": percent})

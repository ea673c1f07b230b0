"""A week of visits: what is asked for, what comes out, which version stands."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from outreach.domain.headcounts import HeadcountClass
from outreach.domain.targets import Standing
from outreach.domain.visit_windows import WELCOME_HOURS, TimeWindow
from outreach.domain.weights import PlanWeights
from outreach.domain.wording import Sentence

if TYPE_CHECKING:
    from outreach.domain.appointments import Appointment
    from outreach.domain.enterprises import Enterprise, Industry
    from outreach.domain.headcounts import HeadcountEstimate


class PlanStatus(StrEnum):
    """The life of a plan version; a version never changes otherwise."""

    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {"draft": "草稿", "published": "已发布", "superseded": "已被替换"}[self.value]


class VisitPurpose(StrEnum):
    """Why a visit is planned."""

    ORGANISE = "organise"
    VERIFY = "verify"
    SERVE = "serve"
    REFRESH = "refresh"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {
            "organise": "建会动员",
            "verify": "核实人数",
            "serve": "办理诉求",
            "refresh": "每月更新",
        }[self.value]


class LeftOutReason(StrEnum):
    """Why a firm that is due is not in the week's plan."""

    NO_POSITION = "no_position"
    NO_GRID_WORKER = "no_grid_worker"
    NO_WORKING_DAY = "no_working_day"
    VISITED_LATELY = "visited_lately"
    NEVER_OPEN = "never_open"
    OUT_OF_REACH = "out_of_reach"
    NOT_WORTH_THE_WAY = "not_worth_the_way"
    NO_TIME_LEFT = "no_time_left"
    MORE_URGENT_FIRST = "more_urgent_first"
    INTERVAL_STRETCHED = "interval_stretched"
    GRID_FAILED = "grid_failed"
    ROOM_LEFT = "room_left"
    APPOINTED_DAY_OFF = "appointed_day_off"
    ON_LEAVE = "on_leave"
    STAND_IN_MUST_ONLY = "stand_in_must_only"
    ASK_STAND_IN = "ask_stand_in"

    @property
    def sentence(self) -> Sentence:
        """The reason in words."""
        return Sentence(template=_LEFT_OUT[self])


_LEFT_OUT = {
    LeftOutReason.NO_POSITION: "还没有位置,排不进路线",
    LeftOutReason.NO_GRID_WORKER: "所在网格没有网格员",
    LeftOutReason.NO_WORKING_DAY: "这一周没有工作日",
    LeftOutReason.VISITED_LATELY: "刚走访过,还不到再去的时候",
    LeftOutReason.NEVER_OPEN: "上班时间内没有适合上门的时段",
    LeftOutReason.OUT_OF_REACH: "太远,当班时间内来不及往返",
    LeftOutReason.NOT_WORTH_THE_WAY: "这一周专程去路上花的时间太多",
    LeftOutReason.NO_TIME_LEFT: "这一周时间已排满,先去了更急的企业",
    LeftOutReason.MORE_URGENT_FIRST: "这个网格等着走访的比一周能去的多,先去了更急的企业",
    LeftOutReason.INTERVAL_STRETCHED: "这个网格要走的太多,更新间隔拉长了,还没到日子",
    LeftOutReason.ROOM_LEFT: "还排得下,没有加进去",
    LeftOutReason.APPOINTED_DAY_OFF: "约在休息日,计划不排,请和企业改日子",
    LeftOutReason.ON_LEAVE: "网格员请假,没有安排人代班",
    LeftOutReason.STAND_IN_MUST_ONLY: "网格员请假,代班的只走约好的和期限近的诉求",
    LeftOutReason.ASK_STAND_IN: "网格员请假,请代班的网格员去",
    LeftOutReason.GRID_FAILED: "这个网格的计划没有算出来,请重新排",
}


class TravelMode(StrEnum):
    """How the grid worker gets about."""

    WALK = "walk"
    E_BIKE = "e_bike"
    CAR = "car"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {"walk": "步行", "e_bike": "电动车", "car": "汽车"}[self.value]

    @property
    def speed_kmh(self) -> float:
        """Door-to-door speed in town, km/h; the straight line is stretched by the detour factor."""
        return {"walk": 4.5, "e_bike": 18.0, "car": 26.0}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRule:
    """The parameters of a week's plan; every plan keeps the rule it was made with.

    With `iterations_per_grid` above 0 the search counts its rounds (each takes up every firm once)
    instead of `seconds_per_grid`: the same data and seed then give the same plan on any machine.
    """

    shift_start: time = time(8, 30)
    lunch: TimeWindow = field(default_factory=lambda: TimeWindow(opens=time(12), closes=time(14)))
    shift_end: time = time(17, 30)
    most_stops_a_day: int = 8
    outings_a_week: int = 3
    refresh_days: int = 30
    least_days_between_visits: int = 7
    most_candidates: int = 60
    travel_mode: TravelMode = TravelMode.E_BIKE
    detour_factor: float = 1.4
    seconds_per_grid: float = 1.0
    iterations_per_grid: int = 0
    seed: int = 1
    weights: PlanWeights = field(default_factory=PlanWeights)

    def __post_init__(self) -> None:
        for name, low, high in _RANGES:
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"plan.{name} = {value}: must lie between {low} and {high}")
        if not self.shift_start < self.lunch.opens < self.lunch.closes < self.shift_end:
            raise ValueError("plan: shift_start < lunch < shift_end must hold")


def travels_like(rule: PlanRule, made_with: PlanRule | None) -> PlanRule:
    """Return `rule` with the way of getting about that a plan was made with, if there is one."""
    if made_with is None:
        return rule
    mode, detour = made_with.travel_mode, made_with.detour_factor
    return replace(rule, travel_mode=mode, detour_factor=detour)


_RANGES: tuple[tuple[str, float, float], ...] = (
    ("most_stops_a_day", 1, 30),
    ("outings_a_week", 0, 7),
    ("refresh_days", 1, 365),
    ("least_days_between_visits", 0, 90),
    ("most_candidates", 1, 500),
    ("detour_factor", 1.0, 3.0),
    ("seconds_per_grid", 0.05, 600.0),
    ("iterations_per_grid", 0, 10_000),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One firm that may be visited in the week, with what decides its value.

    `days_since_visit` is `None` when it was never visited; `lon`, `lat` are WGS-84 degrees.
    `headcount` is `None` when no source gives a headcount; `employees` is then 0. `case_due_days`
    counts from the week's Monday to the earliest deadline of the firm's open cases, below 0 when it
    is over; `None` without an open case. `appointment` is a visit in the week that the firm agreed
    to: the plan keeps it before all else.
    """

    enterprise_id: int
    name: str
    purpose: VisitPurpose
    lon: float
    lat: float
    industry: Industry
    employees: int
    days_since_visit: int | None
    headcount: HeadcountEstimate | None = None
    case_due_days: int | None = None
    address: str = ""
    appointment: Appointment | None = None


_SMALL, _LONG_TALK, _MEDIUM = 10, 25, 26
_MOST_FOR_DOUBT = 2700
"""Even overdue a doubtful firm stays below a target's least value: 1.5 * (1800 + 2700) < 7200."""


def service_minutes(candidate: Candidate) -> int:
    """Minutes at the door: 15 micro, 25 small, 40 for the first visit of a firm with 25 or more."""
    if candidate.employees >= _LONG_TALK and candidate.days_since_visit is None:
        return 40
    return 25 if candidate.employees >= _SMALL else 15


def visit_prize(candidate: Candidate, rule: PlanRule) -> int:
    """The value of a visit in seconds of travel that it is worth.

    A target is worth two hours of travel and up to an hour more with its size; a doubtful headcount
    half an hour, and more the likelier it is over the line, so that it comes between the two; a
    refresh forty minutes; an open case of the firm as `case_value` says, if that is more. All but
    that grow by up to half while they are overdue, so that nothing is forgotten for ever. The
    rule's weights scale each part; a weight on ways makes all visits worth fewer of them.
    """
    weights = rule.weights
    since = candidate.days_since_visit
    overdue = 1.0 if since is None else max(0.0, (since - rule.refresh_days) / rule.refresh_days)
    urgency = 1.0 + 0.5 * min(1.0, overdue) * weights.overdue / 100
    base: float
    if candidate.purpose is VisitPurpose.ORGANISE:
        size = min(3600, 24 * max(0, candidate.employees - _MEDIUM))
        base = (7200 * weights.organise + size * weights.size) / 100
    elif candidate.purpose is VisitPurpose.VERIFY:
        likely = candidate.headcount.over_probability if candidate.headcount else 0.0
        base = (1800 + min(_MOST_FOR_DOUBT, round(3600 * likely))) * weights.verify / 100
    elif candidate.purpose is VisitPurpose.SERVE:
        base = 0
    else:
        base = (1800 + min(600, 12 * candidate.employees)) * weights.refresh / 100
    case = case_value(candidate.case_due_days) * weights.cases / 100
    return round(max(round(base * urgency), case) * 100 / weights.travel)


def case_value(due_days: int | None) -> int:
    """What answering a firm's open case is worth, in seconds of travel; 0 without one.

    A promise with time left is worth half an hour, like a refresh; one whose deadline falls into
    the week an hour and a half; one that is over two and a half hours, more than most targets:
    what was promised goes first. `due_days` counts from the week's Monday.
    """
    if due_days is None:
        return 0
    if due_days < 0:
        return 9000
    return 5400 if due_days < _WEEK_DAYS else 1800


_WEEK_DAYS = 7


def welcome_windows(industry: Industry) -> tuple[TimeWindow, ...]:
    """The hours in which the firm welcomes a visit."""
    return WELCOME_HOURS[industry]


def choose_purpose(
    enterprise: Enterprise,
    standing: Standing,
    days_since_visit: int | None,
    rule: PlanRule,
    *,
    headcount_class: HeadcountClass | None = None,
    has_case: bool = False,
) -> VisitPurpose | None:
    """Why the firm is due in the coming week, or `None`.

    A target is due unless it was visited less than `least_days_between_visits` ago. Every other
    active firm with a union or near the line is due when its last visit is `refresh_days` old: to
    verify its headcount when that is doubtful, else to keep its file fresh. An open case makes any
    firm due.
    """
    otherwise = VisitPurpose.SERVE if has_case else None
    if standing is Standing.TARGET:
        lately = days_since_visit is not None and days_since_visit < rule.least_days_between_visits
        return otherwise if lately else VisitPurpose.ORGANISE
    kept_fresh = standing in {Standing.WITH_UNION, Standing.NEAR_MISS}
    if not kept_fresh or not enterprise.state.is_active:
        return otherwise
    due = days_since_visit is None or days_since_visit >= rule.refresh_days
    if not due:
        return otherwise
    is_doubt = standing is Standing.NEAR_MISS and headcount_class is HeadcountClass.DOUBTFUL
    if is_doubt:
        return VisitPurpose.VERIFY
    return otherwise or VisitPurpose.REFRESH


_NEVER, _OVERDUE, _SINCE = "还没有走访过", "超期 {days} 天", "{days} 天没去过"
_VISIT_AGES = {_NEVER, _OVERDUE, _SINCE}
_LATELY_DAYS = 7


def why_this_firm(candidate: Candidate, rule: PlanRule) -> tuple[Sentence, ...]:
    """The reason on the grid worker's card: what she would say herself.

    It never tells what a case is about: the card may be seen by the employer.
    """
    reasons = [candidate.appointment.sentence] if candidate.appointment is not None else []
    if candidate.case_due_days is not None:
        reasons.append(Sentence(template="有一件诉求要回复"))
    if candidate.purpose is VisitPurpose.ORGANISE:
        reasons.append(
            Sentence(template="{employees} 人,没有工会", values={"employees": candidate.employees})
        )
    elif candidate.purpose is VisitPurpose.VERIFY and candidate.headcount is not None:
        headcount = candidate.headcount
        reasons.append(
            Sentence(
                template="估计 {low}-{high} 人,请核实",
                values={"low": headcount.low, "high": headcount.high},
            )
        )
    elif candidate.purpose is not VisitPurpose.SERVE:
        reasons.append(Sentence(template="每月更新一次"))
    since = candidate.days_since_visit
    if since is None:
        reasons.append(Sentence(template=_NEVER))
    elif since > rule.refresh_days:
        reasons.append(Sentence(template=_OVERDUE, values={"days": since - rule.refresh_days}))
    else:
        reasons.append(Sentence(template=_SINCE, values={"days": since}))
    return tuple(reasons)


def with_last_visit(
    reasons: tuple[Sentence, ...], last_visited_on: date | None, day: date
) -> tuple[Sentence, ...]:
    """The reasons of a planned stop as of `day`: a visit since the plan replaces what it said.

    A plan is made days ahead, and a firm that was due then may have been visited early.
    """
    since = (day - last_visited_on).days if last_visited_on is not None else 0
    if not 0 < since <= _LATELY_DAYS:
        return reasons
    kept = [reason for reason in reasons if reason.template not in _VISIT_AGES]
    return (*kept, Sentence(template="{days} 天前走访过", values={"days": since}))


def require_monday(week: date) -> date:
    """Return `week` if it is a Monday.

    Raises
    ------
    ValueError
        When it is another day; the message names the Monday that was probably meant.
    """
    if week.weekday() != 0:
        monday = week - timedelta(days=week.weekday())
        raise ValueError(f"week {week}: must be a Monday, perhaps {monday}")
    return week

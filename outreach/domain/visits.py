"""A visit and what it found: three checks, three notes (三查三记)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from outreach.domain.appointments import Appointment, DayPart
from outreach.domain.enterprises import OperatingState
from outreach.domain.headcounts import LARGEST_HEADCOUNT
from outreach.domain.sources import Source
from outreach.domain.statements import Prop, Statement

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime
    from uuid import UUID

    from outreach.domain.cases import CaseKind

LONGEST_NOTE = 1000
"""Characters of a free text on the visit form."""

MOST_WILLING = 5
"""The firm's attitude runs from 1 (against a union) to 5 (wants one)."""

LARGEST_ACCURACY_M = 100_000
USABLE_ACCURACY_M = 200
"""A position less accurate than this is kept with the visit, but does not place the firm."""

CLOCK_TRUSTED_WITHIN = timedelta(minutes=10)
"""A phone's clock that is further off is corrected by the server's, and the visit marked."""

CORRECTED_WITHIN = timedelta(days=7)
"""For so long after it was received the author may correct a visit."""


def may_correct(received_at: datetime, *, now: datetime) -> bool:
    """Whether a visit may still be corrected by its author."""
    return now - received_at <= CORRECTED_WITHIN


class VisitResult(StrEnum):
    """How the visit ended; only the first two open the form."""

    MET_HEAD = "met_head"
    MET_CLERK = "met_clerk"
    NOBODY = "nobody"
    REFUSED = "refused"
    APPOINTMENT = "appointment"
    CLOSED = "closed"
    MOVED = "moved"
    NOT_FOUND = "not_found"
    UNCHANGED = "unchanged"
    """One tap that confirms the file: the monthly refresh, but no visit."""

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return _RESULT_LABELS[self]

    @property
    def opens_form(self) -> bool:
        """Whether somebody was met, so that checks and notes can be taken."""
        return self in {VisitResult.MET_HEAD, VisitResult.MET_CLERK}

    @property
    def is_at_door(self) -> bool:
        """Whether the worker stood where the firm is, so that her position is the firm's."""
        return self not in {VisitResult.MOVED, VisitResult.NOT_FOUND}

    @property
    def settles_visit(self) -> bool:
        """Whether the firm counts as visited; otherwise it stays due."""
        return self in {
            VisitResult.MET_HEAD,
            VisitResult.MET_CLERK,
            VisitResult.REFUSED,
            VisitResult.CLOSED,
            VisitResult.MOVED,
        }

    @property
    def is_visit(self) -> bool:
        """Whether the worker was at the firm, so that the visit form offers it."""
        return self is not VisitResult.UNCHANGED

    @property
    def leaves_appointment(self) -> bool:
        """Whether what the firm had agreed to before still stands, if its day is to come."""
        return self in {VisitResult.NOBODY, VisitResult.UNCHANGED}

    @property
    def refreshes(self) -> bool:
        """Whether the firm's file counts as fresh again."""
        return self.settles_visit or not self.is_visit

    @property
    def state(self) -> OperatingState | None:
        """What the result alone says about the firm."""
        return {
            VisitResult.CLOSED: OperatingState.SUSPENDED,
            VisitResult.MOVED: OperatingState.MOVED_OUT,
        }.get(self)


_RESULT_LABELS = {
    VisitResult.MET_HEAD: "见到负责人",
    VisitResult.MET_CLERK: "见到经办人",
    VisitResult.NOBODY: "没有人",
    VisitResult.REFUSED: "拒绝",
    VisitResult.APPOINTMENT: "约了下次",
    VisitResult.CLOSED: "停业",
    VisitResult.MOVED: "搬走了",
    VisitResult.NOT_FOUND: "查无此户",
    VisitResult.UNCHANGED: "没有变化",
}


class HeadcountEvidence(StrEnum):
    """How the grid worker knows the number."""

    TOLD = "told"
    ATTENDANCE_SHEET = "attendance_sheet"
    ROSTER = "roster"
    SEEN = "seen"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {"told": "口述", "attendance_sheet": "考勤表", "roster": "花名册", "seen": "目测"}[
            self.value
        ]


class Premises(StrEnum):
    """The kind of place."""

    FACTORY = "factory"
    OFFICE = "office"
    SHOP = "shop"
    PARK = "park"
    SITE = "site"
    HOME = "home"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {
            "factory": "厂房",
            "office": "写字楼",
            "shop": "商铺",
            "park": "园区",
            "site": "工地",
            "home": "家庭",
        }[self.value]


class UnionFinding(StrEnum):
    """What the firm says about a union."""

    NONE = "none"
    WILLING = "willing"
    PREPARING = "preparing"
    FOUNDED = "founded"
    JOINT = "joint"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {
            "none": "没有",
            "willing": "有意向",
            "preparing": "筹备中",
            "founded": "已建会",
            "joint": "联合工会覆盖",
        }[self.value]


class Obstacle(StrEnum):
    """What stands in the way of a union, as the firm says."""

    COST = "cost"
    INTERFERENCE = "interference"
    NOBODY = "nobody"
    TURNOVER = "turnover"
    HEAD_OFFICE = "head_office"
    OTHER_BODY = "other_body"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {
            "cost": "怕花钱",
            "interference": "怕影响管理",
            "nobody": "没人会办",
            "turnover": "人少流动大",
            "head_office": "总公司没同意",
            "other_body": "已有别的组织",
            "unknown": "不了解工会",
        }[self.value]


class PromisedStep(StrEnum):
    """What the firm promised to do next."""

    READ = "read"
    ASK = "ask"
    MEET = "meet"
    PREPARE = "prepare"
    APPLY = "apply"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {
            "read": "看材料",
            "ask": "请示老板",
            "meet": "开会商量",
            "prepare": "成立筹备组",
            "apply": "交申请",
        }[self.value]


class Settlement(StrEnum):
    """What a person made of a held record."""

    ACCEPTED = "accepted"
    SET_ASIDE = "set_aside"

    @property
    def label(self) -> str:
        """The name in the log, in Chinese."""
        return {"accepted": "收下", "set_aside": "放一边"}[self.value]


class HoldReason(StrEnum):
    """Why something that a phone sent waits for a person instead of being a visit."""

    UNREADABLE = "unreadable"
    INVALID = "invalid"
    NOT_IN_GRID = "not_in_grid"
    CONFLICT = "conflict"
    TOO_LATE = "too_late"
    OTHER_FIRM = "other_firm"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {
            "unreadable": "内容读不出来",
            "invalid": "有一处填得不对",
            "not_in_grid": "企业不在这个网格",
            "conflict": "和已收到的内容不一样",
            "too_late": "超过七天才更正",
            "other_firm": "编号是另一家企业的",
        }[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitPosition:
    """Where the grid worker says that the door is: degrees in `datum`, radius in metres."""

    lon: float
    lat: float
    accuracy_m: float
    datum: str

    def __post_init__(self) -> None:
        if not (-180 <= self.lon <= 180 and -90 <= self.lat <= 90):  # noqa: PLR2004 degrees
            raise ValueError(f"position = {self.lon},{self.lat}: no point on the earth")
        if not 0 <= self.accuracy_m <= LARGEST_ACCURACY_M:
            raise ValueError(f"accuracy_m = {self.accuracy_m}: must lie in 0..{LARGEST_ACCURACY_M}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One visit as the grid worker recorded it.

    `uuid` is made on the phone, so that sending it twice stores it once. `visited_at` is aware.
    The three checks and three notes are empty unless somebody was met. `attitude` runs from 1
    (against a union) to 5 (wants one). `requests` opens a case each. `position` is there only when
    the worker tapped for it. `appointed_on` and `appointed_part` go with the result "appointment".
    """

    uuid: UUID
    enterprise_id: int
    visited_at: datetime
    result: VisitResult
    operating_state: OperatingState | None = None
    employees: int | None = None
    evidence: HeadcountEvidence | None = None
    premises: Premises | None = None
    concerns: str = ""
    hardships: str = ""
    resources: str = ""
    union_finding: UnionFinding | None = None
    hardship_workers: int | None = None
    attitude: int | None = None
    obstacle: Obstacle | None = None
    promise: PromisedStep | None = None
    promised_on: date | None = None
    requests: tuple[CaseKind, ...] = ()
    request_note: str = ""
    position: VisitPosition | None = None
    appointed_on: date | None = None
    appointed_part: DayPart | None = None
    note: str = ""

    @property
    def appointment(self) -> Appointment | None:
        """The next visit that the firm agreed to."""
        if self.appointed_on is None:
            return None
        return Appointment(day=self.appointed_on, part=self.appointed_part)

    def __post_init__(self) -> None:
        if self.visited_at.tzinfo is None:
            raise ValueError("visited_at: must carry a time zone")
        if self.employees is not None and not 0 <= self.employees <= LARGEST_HEADCOUNT:
            raise ValueError(
                f"employees = {self.employees}: must lie between 0 and {LARGEST_HEADCOUNT}"
            )
        if (
            self.hardship_workers is not None
            and not 0 <= self.hardship_workers <= LARGEST_HEADCOUNT
        ):
            raise ValueError(f"hardship_workers = {self.hardship_workers}: no number of people")
        if self.attitude is not None and not 1 <= self.attitude <= MOST_WILLING:
            raise ValueError(f"attitude = {self.attitude}: must lie in 1..{MOST_WILLING}")
        for name in ("concerns", "hardships", "resources", "request_note", "note"):
            if len(getattr(self, name)) > LONGEST_NOTE:
                raise ValueError(f"{name}: longer than {LONGEST_NOTE} characters")


def standing_appointment(
    visits: Iterable[tuple[date, VisitResult, Appointment | None]],
) -> Appointment | None:
    """What a firm agreed to and still stands; `visits` come by time: day, result, agreed visit.

    A newer agreement takes the place of the former. A visit on the agreed day or later, and any
    visit at which somebody was met or the firm was gone, ends it.
    """
    standing: Appointment | None = None
    for visited_on, result, agreed in visits:
        if agreed is not None:
            standing = agreed
        elif standing is not None:
            is_over = result.is_visit and visited_on >= standing.day
            standing = None if is_over or not result.leaves_appointment else standing
    return standing


def statements_of(
    visit: Visit, *, visited_on: date, leaves_grid: bool = False
) -> tuple[Statement, ...]:
    """What the visit says about the enterprise, as statements of the source "visit".

    `leaves_grid` says that the visit's point lies outside of the firm's grid. A firm is carried
    off to another grid worker only where somebody was met: a closed door may be another's.
    """
    found: list[tuple[Prop, str, str]] = []
    state = visit.operating_state or visit.result.state
    if state is not None:
        found.append((Prop.STATUS, state.value, state.label))
    if visit.employees is not None:
        raw = (
            f"{visit.employees} {visit.evidence.label}" if visit.evidence else str(visit.employees)
        )
        found.append((Prop.HEADCOUNT, str(visit.employees), raw))
    if visit.union_finding in {UnionFinding.FOUNDED, UnionFinding.JOINT}:
        status = "own" if visit.union_finding is UnionFinding.FOUNDED else "joint"
        found.append((Prop.UNION_STATUS, status, visit.union_finding.label))
    elif visit.union_finding is not None:
        found.append((Prop.UNION_STATUS, "none", visit.union_finding.label))
    is_sure = visit.result.opens_form or (visit.result.is_at_door and not leaves_grid)
    at = visit.position if is_sure else None
    if at is not None and at.accuracy_m <= USABLE_ACCURACY_M:
        value = f"{at.lon:.6f},{at.lat:.6f},{at.datum}"
        found.append((Prop.POSITION, value, f"{value},{at.accuracy_m:.0f}"))
    return tuple(
        Statement(prop=prop, value=value, raw=raw, source=Source.VISIT, as_of=visited_on)
        for prop, value, raw in found
    )

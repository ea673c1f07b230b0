"""A visit and what it found: three checks, three notes (三查三记)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from outreach.domain.enterprises import OperatingState
from outreach.domain.headcounts import LARGEST_HEADCOUNT
from outreach.domain.sources import Source
from outreach.domain.statements import Prop, Statement

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

LONGEST_NOTE = 1000
"""Characters of a free text on the visit form."""


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

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return _RESULT_LABELS[self]

    @property
    def opens_form(self) -> bool:
        """Whether somebody was met, so that checks and notes can be taken."""
        return self in {VisitResult.MET_HEAD, VisitResult.MET_CLERK}

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One visit as the grid worker recorded it.

    `uuid` is made on the phone, so that sending it twice stores it once. `visited_at` is aware.
    The three checks and three notes are empty unless somebody was met.
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
    note: str = ""

    def __post_init__(self) -> None:
        if self.visited_at.tzinfo is None:
            raise ValueError("visited_at: must carry a time zone")
        if self.employees is not None and not 0 <= self.employees <= LARGEST_HEADCOUNT:
            raise ValueError(
                f"employees = {self.employees}: must lie between 0 and {LARGEST_HEADCOUNT}"
            )
        for name in ("concerns", "hardships", "resources", "note"):
            if len(getattr(self, name)) > LONGEST_NOTE:
                raise ValueError(f"{name}: longer than {LONGEST_NOTE} characters")


def statements_of(visit: Visit, *, visited_on: date) -> tuple[Statement, ...]:
    """What the visit says about the enterprise, as statements of the source "visit"."""
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
    return tuple(
        Statement(prop=prop, value=value, raw=raw, source=Source.VISIT, as_of=visited_on)
        for prop, value, raw in found
    )

"""Who should have a union and has none: the district's working target.

Two different numbers happen to be 25. The working target counts employees and excludes the number
(职工超25人: 26 and more, Civil Code art. 1259). Trade Union Law art. 11 counts union members and
includes the number. They are two settings and never share a constant.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from outreach.domain.enterprises import Enterprise, OperatingState, UnionStatus
from outreach.domain.wording import Sentence, Value

if TYPE_CHECKING:
    from outreach.domain.headcounts import Headcount


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRule:
    """The district's rule.

    employees_over : more employees than this make a target (strictly over).
    near_miss_from : from this headcount on an enterprise is listed as a near miss.
    must_set_up_members : members from which the law itself demands a union (25 counts).
    """

    employees_over: int = 25
    near_miss_from: int = 20
    must_set_up_members: int = 25

    def __post_init__(self) -> None:
        if not 0 <= self.near_miss_from <= self.employees_over:
            raise ValueError(
                f"target.near_miss_from = {self.near_miss_from}: must lie between 0 and "
                f"target.employees_over = {self.employees_over}"
            )


class Standing(StrEnum):
    """Where an enterprise stands against the rule."""

    TARGET = "target"
    NEAR_MISS = "near_miss"
    WITH_UNION = "with_union"
    UNDER = "under"
    NOT_ACTIVE = "not_active"
    NO_HEADCOUNT = "no_headcount"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return _STANDING_LABELS[self]


_STANDING_LABELS = {
    Standing.TARGET: "重点对象",
    Standing.NEAR_MISS: "接近标准",
    Standing.WITH_UNION: "已有工会",
    Standing.UNDER: "人数未达",
    Standing.NOT_ACTIVE: "不在经营",
    Standing.NO_HEADCOUNT: "没有人数",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The standing of one enterprise with its reasons in words."""

    standing: Standing
    reasons: tuple[Sentence, ...]


def assess_target(enterprise: Enterprise, rule: TargetRule) -> Assessment:
    """Judge one enterprise; every target and every near miss says why."""
    standing = _standing(enterprise, rule)
    reasons = [_headcount_reason(enterprise.headcount, rule)]
    largest = max(enterprise.headcounts, key=lambda figure: figure.employees, default=None)
    if standing is Standing.NEAR_MISS and not _is_close(enterprise.headcount, rule):
        reasons.append(_headcount_reason(largest, rule))
    reasons += [_union_reason(enterprise), _state_reason(enterprise)]
    return Assessment(standing=standing, reasons=tuple(reasons))


def _is_close(headcount: Headcount | None, rule: TargetRule) -> bool:
    return headcount is not None and headcount.employees >= rule.near_miss_from


def _standing(enterprise: Enterprise, rule: TargetRule) -> Standing:
    near = _near_miss(enterprise, rule)
    headcount = enterprise.headcount
    over = headcount is not None and headcount.employees > rule.employees_over
    if not enterprise.state.is_active:
        return near if over and not enterprise.state.has_ended else Standing.NOT_ACTIVE
    if enterprise.union_status is not UnionStatus.NONE:
        return Standing.WITH_UNION
    if headcount is None:
        return Standing.NO_HEADCOUNT
    return Standing.TARGET if over else near


def _near_miss(enterprise: Enterprise, rule: TargetRule) -> Standing:
    """A near miss fails by little: some source counts enough, or the state alone is in doubt."""
    figures = [figure.employees for figure in enterprise.headcounts]
    if enterprise.headcount is not None:
        figures.append(enterprise.headcount.employees)
    close = max(figures, default=0) >= rule.near_miss_from
    if enterprise.union_status is UnionStatus.NONE and close:
        return Standing.NEAR_MISS
    return Standing.UNDER if enterprise.state.is_active else Standing.NOT_ACTIVE


def _headcount_reason(headcount: Headcount | None, rule: TargetRule) -> Sentence:
    if headcount is None:
        return Sentence(template="没有任何来源给出人数")
    values: dict[str, Value] = {
        "employees": headcount.employees,
        "line": rule.employees_over,
        "source": headcount.source.label,
        "as_of": headcount.as_of.isoformat() if headcount.as_of else "—",
    }
    if headcount.employees > rule.employees_over:
        template = "{employees} 人,超过 {line} 人({source},{as_of})"
    elif headcount.employees >= rule.near_miss_from:
        template = "{employees} 人,接近但没有超过 {line} 人({source},{as_of})"
    else:
        template = "{employees} 人,没有超过 {line} 人({source},{as_of})"
    return Sentence(template=template, values=values)


def _union_reason(enterprise: Enterprise) -> Sentence:
    if enterprise.union_status is UnionStatus.OWN:
        return Sentence(template="已有工会:{name}", values={"name": enterprise.union_name or "—"})
    if enterprise.union_status is UnionStatus.JOINT:
        return Sentence(
            template="由联合工会覆盖:{name}", values={"name": enterprise.union_name or "—"}
        )
    return Sentence(template="没有工会")


def _state_reason(enterprise: Enterprise) -> Sentence:
    if enterprise.state is OperatingState.UNKNOWN:
        return Sentence(template="经营状态不明")
    return Sentence(
        template="经营状态:{state}",
        values={"state": enterprise.state.label},
    )

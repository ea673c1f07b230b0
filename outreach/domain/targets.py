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
from outreach.domain.headcounts import (
    HeadcountClass,
    HeadcountEstimate,
    HeadcountKind,
    classify_headcount,
    newest_figures,
)
from outreach.domain.wording import Sentence, Value

if TYPE_CHECKING:
    from outreach.domain.headcounts import Headcount


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRule:
    """The district's rule.

    employees_over : more employees than this make a target (strictly over).
    near_miss_from : from this headcount on an enterprise is listed as a near miss.
    must_set_up_members : members from which the law itself demands a union (25 counts).
    surely_over : probability of being over the line from which it is taken as sure.
    probably_over : from which it is probable and makes a target. At one half this is the same as
        an estimate of more than `employees_over`; a smaller value lists more and errs more often.
    doubtful_from : from which it is in doubt, so that a visit shall verify it.
    """

    employees_over: int = 25
    near_miss_from: int = 20
    must_set_up_members: int = 25
    surely_over: float = 0.9
    probably_over: float = 0.5
    doubtful_from: float = 0.1

    def __post_init__(self) -> None:
        if not 0 <= self.near_miss_from <= self.employees_over:
            raise ValueError(
                f"target.near_miss_from = {self.near_miss_from}: must lie between 0 and "
                f"target.employees_over = {self.employees_over}"
            )
        if not 0 < self.doubtful_from < self.probably_over < self.surely_over < 1:
            raise ValueError(
                f"target.doubtful_from = {self.doubtful_from}, probably_over = "
                f"{self.probably_over}, surely_over = {self.surely_over}: must rise between 0 and 1"
            )

    def classify(self, over_probability: float) -> HeadcountClass:
        """The class of a probability of being over the line."""
        return classify_headcount(
            over_probability,
            surely_over=self.surely_over,
            probably_over=self.probably_over,
            doubtful_from=self.doubtful_from,
        )


_OVER = {HeadcountClass.SURELY_OVER, HeadcountClass.PROBABLY_OVER}


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
    """The standing of one enterprise with its reasons in words.

    `headcount_class` is `None` when no source gives a headcount.
    """

    standing: Standing
    headcount_class: HeadcountClass | None
    reasons: tuple[Sentence, ...]


def assess_target(enterprise: Enterprise, rule: TargetRule) -> Assessment:
    """Judge one enterprise: every standing says the number, the figures behind it, and the rest."""
    headcount = enterprise.headcount
    held = rule.classify(headcount.over_probability) if headcount is not None else None
    reasons = [_number_reason(headcount, held, rule)]
    if headcount is not None and not headcount.is_count:
        figures = newest_figures(enterprise.headcounts).values()
        reasons += [_figure_reason(figure) for figure in figures]
    reasons += [_union_reason(enterprise), _state_reason(enterprise)]
    return Assessment(
        standing=_standing(enterprise, held, rule), headcount_class=held, reasons=tuple(reasons)
    )


def _standing(enterprise: Enterprise, held: HeadcountClass | None, rule: TargetRule) -> Standing:
    near = _near_miss(enterprise, held, rule)
    if not enterprise.state.is_active:
        is_doubt = held in _OVER and not enterprise.state.has_ended
        return near if is_doubt else Standing.NOT_ACTIVE
    if enterprise.union_status is not UnionStatus.NONE:
        return Standing.WITH_UNION
    if held is None:
        return Standing.NO_HEADCOUNT
    return Standing.TARGET if held in _OVER else near


def _near_miss(enterprise: Enterprise, held: HeadcountClass | None, rule: TargetRule) -> Standing:
    """A near miss fails by little: its number is close or in doubt, or its state alone is."""
    close = held in {*_OVER, HeadcountClass.DOUBTFUL} or _is_close(enterprise, rule)
    if enterprise.union_status is UnionStatus.NONE and close:
        return Standing.NEAR_MISS
    return Standing.UNDER if enterprise.state.is_active else Standing.NOT_ACTIVE


def _is_close(enterprise: Enterprise, rule: TargetRule) -> bool:
    """A visit's count alone decides while it stands; else one source that says so is enough."""
    headcount = enterprise.headcount
    if headcount is None:
        return False
    numbers = [headcount.employees]
    if not headcount.is_count:
        numbers += [f.employees for f in newest_figures(enterprise.headcounts).values()]
    return max(numbers) >= rule.near_miss_from


_CLASS_REASONS = {
    HeadcountClass.SURELY_OVER: "估计 {employees} 人({low}-{high}),确定超过 {line} 人",
    HeadcountClass.PROBABLY_OVER: "估计 {employees} 人({low}-{high}),{percent}% 可能超过 {line} 人",
    HeadcountClass.DOUBTFUL: (
        "估计 {employees} 人({low}-{high}),存疑:{percent}% 可能超过 {line} 人"
    ),
    HeadcountClass.UNDER: "估计 {employees} 人({low}-{high}),没有超过 {line} 人",
}

_FIGURE_REASONS = {
    HeadcountKind.ATTENDING: "上次现场 {employees}",
    HeadcountKind.INSURED: "参保 {employees}",
    HeadcountKind.TAXED: "个税 {employees}",
    HeadcountKind.REPORTED: "年报 {employees}",
    HeadcountKind.CONTRIBUTING: "公积金 {employees}",
    HeadcountKind.UNION: "工会登记 {employees}",
}


def _number_reason(
    headcount: HeadcountEstimate | None, held: HeadcountClass | None, rule: TargetRule
) -> Sentence:
    if headcount is None or held is None:
        return Sentence(template="没有任何来源给出人数")
    values: dict[str, Value] = {"employees": headcount.employees, "line": rule.employees_over}
    if headcount.is_count:
        values["as_of"] = headcount.as_of.isoformat() if headcount.as_of else "—"
        if headcount.employees > rule.employees_over:
            template = "现场 {employees} 人({as_of}),超过 {line} 人"
        else:
            template = "现场 {employees} 人({as_of}),没有超过 {line} 人"
        return Sentence(template=template, values=values)
    values |= {"low": headcount.low, "high": headcount.high}
    if held in {HeadcountClass.PROBABLY_OVER, HeadcountClass.DOUBTFUL}:
        values["percent"] = round(100 * headcount.over_probability)
    return Sentence(template=_CLASS_REASONS[held], values=values)


def _figure_reason(figure: Headcount) -> Sentence:
    return Sentence(template=_FIGURE_REASONS[figure.kind], values={"employees": figure.employees})


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

"""How many employees an enterprise has, as dated evidence with an estimate."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from statistics import NormalDist
from typing import TYPE_CHECKING

from outreach.domain.sources import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

VISIT_COUNT_HOLDS = timedelta(days=90)
"""A grid worker's own count stands above every register for 90 days (proposal of the domain)."""

LARGEST_HEADCOUNT = 500_000
"""More is a mistake of the sheet: no employer of the country's districts reaches it."""

INTERVAL_SHARE = 0.8
"""The interval of an estimate holds the true number of eight firms in ten."""

UNDATED_AGE_DAYS = 365
"""A figure without a day is taken to be a year old: an annual report's age."""

_ORDINARY_CONFLICT = 4.0
"""Up to twice their own spread figures may differ by chance; beyond it the interval widens."""

_LEAST_NUMBER = 0.5
_YEAR_DAYS = 365.25


class HeadcountKind(StrEnum):
    """What a source counts when it gives a headcount."""

    ATTENDING = "attending"
    INSURED = "insured"
    TAXED = "taxed"
    REPORTED = "reported"
    CONTRIBUTING = "contributing"
    UNION = "union"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return _LABELS[self]


_LABELS = {
    HeadcountKind.ATTENDING: "现场人数",
    HeadcountKind.INSURED: "参保人数",
    HeadcountKind.TAXED: "个税申报人数",
    HeadcountKind.REPORTED: "从业人数",
    HeadcountKind.CONTRIBUTING: "公积金缴存人数",
    HeadcountKind.UNION: "工会登记职工人数",
}


class HeadcountClass(StrEnum):
    """How sure it is that an enterprise is over the line."""

    SURELY_OVER = "surely_over"
    PROBABLY_OVER = "probably_over"
    DOUBTFUL = "doubtful"
    UNDER = "under"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return _CLASS_LABELS[self]


_CLASS_LABELS = {
    HeadcountClass.SURELY_OVER: "确定超过",
    HeadcountClass.PROBABLY_OVER: "可能超过",
    HeadcountClass.DOUBTFUL: "存疑",
    HeadcountClass.UNDER: "未达",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Headcount:
    """One figure with its source and its day.

    `accounts` is the number of social-insurance accounts that it was summed from.
    """

    employees: int
    source: Source
    as_of: date | None
    accounts: int = 1

    @property
    def kind(self) -> HeadcountKind:
        """What the source counts."""
        return HeadcountKind(self.source.facts.counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceWorth:
    """What a source's figures are worth.

    log_ratio : mean of ln(figure / true number); -0.2 means that it misses about a fifth.
    spread : standard deviation of that logarithm, above 0.
    pairs : firms that it was learned from; 0 for the written prior.
    """

    log_ratio: float
    spread: float
    pairs: int = 0

    def __post_init__(self) -> None:
        if self.spread <= 0:
            raise ValueError(f"spread = {self.spread}: must be above 0")

    @property
    def ratio(self) -> float:
        """The figure that the source gives for one employee."""
        return math.exp(self.log_ratio)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What every source is worth in one district.

    other : the worth of a source that `sources` does not name.
    yearly_spread : standard deviation by which ln(true number) moves in a year.
    tail : exponent of the sizes of firms; the share of firms over n falls as n to the power -tail.
    """

    sources: Mapping[Source, SourceWorth]
    other: SourceWorth
    yearly_spread: float
    tail: float

    def worth_of(self, source: Source) -> SourceWorth:
        """What the source's figures are worth."""
        return self.sources.get(source, self.other)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadcountEstimate:
    """The number that stands: a visit's count, or an estimate from all sources.

    employees : the count, or the number that is as likely too large as too small.
    low, high : the interval that holds the true number in `INTERVAL_SHARE` of all cases.
    over_probability : probability, 0 to 1, of strictly more employees than the line.
    as_of : day of the newest figure that was used.
    is_count : whether a grid worker's count stands, and so nothing was estimated.
    """

    employees: int
    low: int
    high: int
    over_probability: float
    as_of: date | None
    is_count: bool = False


def estimate_headcount(
    evidence: Iterable[Headcount], calibration: Calibration, *, employees_over: int, today: date
) -> HeadcountEstimate | None:
    """Estimate the number of employees, or return `None` without evidence.

    A visit's count of the last 90 days stands as it is. Otherwise the newest figure of each source
    is divided by the source's ratio, and their weighted mean is taken on the scale of logarithms:
    the narrower a source's spread and the newer its figure, the more it weighs. A zero beside
    other sources' people says that the firm is not known there, not that nobody works.
    """
    newest = newest_figures(evidence)
    visited = newest.get(Source.VISIT)
    if visited and visited.as_of and today - visited.as_of <= VISIT_COUNT_HOLDS:
        return _counted(visited, employees_over)
    figures = [f for f in newest.values() if f.employees > 0] or list(newest.values())
    if not figures:
        return None
    mean, variance = _weigh(figures, calibration, today)
    sizes = _Sizes.of(mean, variance, calibration.tail)
    beside = (1 - INTERVAL_SHARE) / 2
    is_empty = all(figure.employees == 0 for figure in figures)
    return HeadcountEstimate(
        employees=0 if is_empty else sizes.number_at(0.5),
        low=0 if is_empty else sizes.number_at(beside),
        high=sizes.number_at(1 - beside),
        over_probability=sizes.share_over(employees_over),
        as_of=max((f.as_of for f in figures if f.as_of), default=None),
    )


def newest_figures(evidence: Iterable[Headcount]) -> dict[Source, Headcount]:
    """Each source's newest figure; among equal days the larger."""
    newest: dict[Source, Headcount] = {}
    for figure in evidence:
        best = newest.get(figure.source)
        if best is None or _age_key(figure) > _age_key(best):
            newest[figure.source] = figure
    return dict(sorted(newest.items()))


def classify_headcount(
    over_probability: float, *, surely_over: float, probably_over: float, doubtful_from: float
) -> HeadcountClass:
    """Put the probability of being over the line into one of four words."""
    if over_probability >= surely_over:
        return HeadcountClass.SURELY_OVER
    if over_probability >= probably_over:
        return HeadcountClass.PROBABLY_OVER
    return HeadcountClass.DOUBTFUL if over_probability >= doubtful_from else HeadcountClass.UNDER


def calibrated_number(figure: Headcount, calibration: Calibration) -> float:
    """The number of employees that the figure alone speaks for: figure / ratio of its source."""
    return figure.employees / calibration.worth_of(figure.source).ratio


def _age_key(figure: Headcount) -> tuple[date, int]:
    return (figure.as_of or date.min, figure.employees)


def _counted(visited: Headcount, employees_over: int) -> HeadcountEstimate:
    return HeadcountEstimate(
        employees=visited.employees,
        low=visited.employees,
        high=visited.employees,
        over_probability=1.0 if visited.employees > employees_over else 0.0,
        as_of=visited.as_of,
        is_count=True,
    )


def _weigh(figures: list[Headcount], calibration: Calibration, today: date) -> tuple[float, float]:
    """Mean and variance of ln(number) from the figures alone.

    The years that have passed since the newest figure are common to all and widen the whole; an
    older figure loses weight by its additional age. Figures that contradict each other by more
    than their spreads explain widen the variance in the measure of the contradiction.
    """
    yearly = calibration.yearly_spread**2
    ages = [_age_years(figure, today) for figure in figures]
    youngest = min(ages)
    values, weights = [], []
    for figure, age in zip(figures, ages, strict=True):
        worth = calibration.worth_of(figure.source)
        number = max(float(figure.employees), _LEAST_NUMBER)
        rounding = 1 / (12 * number * number)
        values.append(math.log(number) - worth.log_ratio)
        weights.append(1 / (worth.spread**2 + rounding + yearly * (age - youngest)))
    total = math.fsum(weights)
    mean = math.fsum(w * v for w, v in zip(weights, values, strict=True)) / total
    conflict = math.fsum(w * (v - mean) ** 2 for w, v in zip(weights, values, strict=True))
    degrees = max(1, len(figures) - 1)
    widened = max(1.0, conflict / degrees / _ORDINARY_CONFLICT)
    return mean, widened / total + yearly * youngest


def _age_years(figure: Headcount, today: date) -> float:
    days = (today - figure.as_of).days if figure.as_of else UNDATED_AGE_DAYS
    return max(0, days) / _YEAR_DAYS


@dataclass(frozen=True, slots=True)
class _Sizes:
    """The sizes that a firm may have: what the figures say, times how rare large firms are.

    On the scale of logarithms a normal curve times exp(-tail * x) is the same curve moved down by
    tail * variance; it is cut at half a person.
    """

    curve: NormalDist
    cut: float

    @classmethod
    def of(cls, mean: float, variance: float, tail: float) -> _Sizes:
        curve = NormalDist(mean - tail * variance, math.sqrt(variance))
        # A very wide curve would lie below the cut altogether; the figures' own stands then.
        cut = curve.cdf(math.log(_LEAST_NUMBER))
        if cut > _MOST_CUT:
            curve = NormalDist(mean, math.sqrt(variance))
            cut = curve.cdf(math.log(_LEAST_NUMBER))
        return cls(curve, min(cut, _MOST_CUT))

    def number_at(self, share: float) -> int:
        """The whole number under which this share of the sizes lies."""
        at = math.exp(self.curve.inv_cdf(self.cut + share * (1 - self.cut)))
        return min(LARGEST_HEADCOUNT, math.floor(at + 0.5))

    def share_over(self, line: int) -> float:
        """The share of the sizes that are strictly more than the line."""
        under = self.curve.cdf(math.log(line + 0.5))
        return min(1.0, max(0.0, (1 - under) / (1 - self.cut)))


_MOST_CUT = 0.9

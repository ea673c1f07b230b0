"""What each source's headcount is worth, learned from firms that several sources know.

The true number of employees is never observed, so only differences between sources can be learned
from registers. What fixes the level is written down: the prior of every source in
`calibration.toml`, firmest for income tax (by law everyone who is paid is declared), and the counts
of grid workers, which are true by definition and outweigh the prior once there are some dozen.
"""

from __future__ import annotations

import math
import tomllib
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from outreach.domain.headcounts import Calibration, Headcount, SourceWorth, newest_figures
from outreach.domain.sources import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LEAST_FIGURE = 10
"""Firms to learn from have this many people: below, one person more is a tenth and more.

The more precise of the two sources must say so; choosing by the less precise one would choose firms
that it overstates.
"""

PRIOR_PAIRS = 30
"""The written spread weighs as much as this many firms."""

_LEAST_PAIRS = 5
_LEAST_SPREAD = 0.03
_COMMON_ERROR = 0.01
_YEAR_DAYS = 365.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """What is assumed of a source before anything is learned; `because` says on what ground."""

    ratio: float
    ratio_doubt: float
    spread: float
    because: str


@cache
def prior_of(source: Source) -> Prior:
    """The reviewed prior of a source; one that the file does not name has the widest."""
    written = _read()
    return Prior(**written.get(source.value, written["other"]))


def prior_calibration() -> Calibration:
    """The calibration of a district of which nothing is known."""
    return make_calibration({})


def make_calibration(learned: Mapping[Source, SourceWorth]) -> Calibration:
    """Complete what was learned of some sources with the written priors of the others."""
    written = _read()
    return Calibration(
        sources={**{source: _assumed(prior_of(source)) for source in Source}, **learned},
        other=_assumed(Prior(**written["other"])),
        yearly_spread=written["yearly_spread"],
        tail=written["tail"],
    )


def _assumed(prior: Prior) -> SourceWorth:
    return SourceWorth(log_ratio=math.log(prior.ratio), spread=prior.spread)


@cache
def _read() -> dict[str, Any]:
    path = Path(__file__).with_name("calibration.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def learn_calibration(enterprises: Iterable[Iterable[Headcount]]) -> Calibration:
    """Learn every source's ratio and spread from the figures of a district's enterprises.

    For each two sources the median of ln(figure / other figure) says how their ratios differ, and
    the median distance from it how far both spread. The ratios and spreads that fit all pairs
    best are taken, each held by its written prior: a few firms change little, thousands decide.
    """
    known = [newest_figures(figures) for figures in enterprises]
    compared = _compare(known)
    if not compared:
        return prior_calibration()
    counts = _count_pairs(known)
    spreads = _fit_spreads(compared)
    ratios = _fit_ratios(compared)
    return make_calibration(
        {
            source: SourceWorth(
                log_ratio=ratios[source], spread=spreads[source], pairs=counts[source]
            )
            for source in sorted(ratios)
        }
    )


class _Compared(NamedTuple):
    """Two sources over all firms that both know: `firms`, middle and variance of ln(one/other)."""

    one: Source
    other: Source
    firms: int
    middle: float
    variance: float


def _compare(known: list[dict[Source, Headcount]]) -> list[_Compared]:
    """Compare each two sources that at least `_LEAST_PAIRS` firms have in common."""
    differences: dict[tuple[Source, Source], list[tuple[float, float]]] = defaultdict(list)
    for newest in known:
        for one, other in combinations(newest.values(), 2):
            precise = min(one, other, key=lambda figure: prior_of(figure.source).spread)
            if min(one.employees, other.employees) > 0 and precise.employees >= LEAST_FIGURE:
                differences[one.source, other.source].append(
                    (math.log(one.employees / other.employees), _years_between(one, other))
                )
    moves = _read()["yearly_spread"] ** 2
    return [
        _summarise(pair, found, moves)
        for pair, found in sorted(differences.items())
        if len(found) >= _LEAST_PAIRS
    ]


def _summarise(
    pair: tuple[Source, Source], found: list[tuple[float, float]], moves: float
) -> _Compared:
    middle = median(difference for difference, _ in found)
    # 1.4826 makes the median distance of a normal curve its standard deviation.
    distance = 1.4826 * median(abs(difference - middle) for difference, _ in found)
    apart = moves * median(years for _, years in found)
    variance = max(2 * _LEAST_SPREAD**2, distance**2 - apart)
    return _Compared(*pair, firms=len(found), middle=middle, variance=variance)


def _years_between(one: Headcount, other: Headcount) -> float:
    if one.as_of is None or other.as_of is None:
        return 0.0
    return abs((one.as_of - other.as_of).days) / _YEAR_DAYS


def _count_pairs(known: list[dict[Source, Headcount]]) -> Counter[Source]:
    """For each source the firms that another source knows, too."""
    return Counter(source for newest in known if len(newest) > 1 for source in newest)


def _fit_ratios(compared: list[_Compared]) -> dict[Source, float]:
    sources = _sources(compared)
    equations = [
        # 1.57: a median is that much less sure than a mean.
        _Equation(
            {pair.one: 1.0, pair.other: -1.0},
            pair.middle,
            1 / (1.57 * pair.variance / pair.firms + _COMMON_ERROR**2),
        )
        for pair in compared
    ]
    equations += [
        _Equation({source: 1.0}, math.log(prior.ratio), prior.ratio_doubt**-2)
        for source, prior in ((source, prior_of(source)) for source in sources)
    ]
    return _solve(sources, equations)


def _fit_spreads(compared: list[_Compared]) -> dict[Source, float]:
    """The variances of two sources add up to the variance between them."""
    sources = _sources(compared)
    equations = [
        _Equation({pair.one: 1.0, pair.other: 1.0}, pair.variance, pair.firms / pair.variance**2)
        for pair in compared
    ]
    equations += [
        _Equation({source: 1.0}, prior.spread**2, PRIOR_PAIRS / prior.spread**4)
        for source, prior in ((source, prior_of(source)) for source in sources)
    ]
    found = _solve(sources, equations)
    return {source: math.sqrt(max(v, _LEAST_SPREAD**2)) for source, v in found.items()}


def _sources(compared: list[_Compared]) -> list[Source]:
    return sorted({source for pair in compared for source in (pair.one, pair.other)})


class _Equation(NamedTuple):
    factors: dict[Source, float]
    value: float
    weight: float


def _solve(sources: list[Source], equations: list[_Equation]) -> dict[Source, float]:
    """The values that miss the equations least, by weighted squares."""
    import numpy as np  # lazy: start-up time

    roots = [math.sqrt(equation.weight) for equation in equations]
    left = [
        [root * equation.factors.get(source, 0.0) for source in sources]
        for root, equation in zip(roots, equations, strict=True)
    ]
    right = [root * equation.value for root, equation in zip(roots, equations, strict=True)]
    found = np.linalg.lstsq(np.array(left), np.array(right), rcond=None)[0]
    return dict(zip(sources, found.tolist(), strict=True))

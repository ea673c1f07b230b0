"""How many employees an enterprise has, as dated evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from outreach.domain.sources import Source

VISIT_COUNT_HOLDS = timedelta(days=90)
"""A grid worker's own count stands above every register for 90 days (proposal of the domain)."""

LARGEST_HEADCOUNT = 500_000
"""More is a mistake of the sheet: no employer of the country's districts reaches it."""


class HeadcountKind(StrEnum):
    """What a source counts when it gives a headcount."""

    ATTENDING = "attending"
    INSURED = "insured"
    TAXED = "taxed"
    REPORTED = "reported"
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
    HeadcountKind.UNION: "工会登记职工人数",
}

KIND_OF_SOURCE = {
    Source.VISIT: HeadcountKind.ATTENDING,
    Source.SOCIAL_SECURITY: HeadcountKind.INSURED,
    Source.TAX: HeadcountKind.TAXED,
    Source.MARKET: HeadcountKind.REPORTED,
    Source.CIVIL_AFFAIRS: HeadcountKind.REPORTED,
    Source.MEMBERS: HeadcountKind.UNION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Headcount:
    """One figure with its source and its day."""

    employees: int
    source: Source
    as_of: date | None

    @property
    def kind(self) -> HeadcountKind:
        """What the source counts."""
        return KIND_OF_SOURCE[self.source]


def settle_headcount(evidence: list[Headcount], *, today: date) -> Headcount | None:
    """Choose the figure that stands, or `None` without evidence.

    Order: a visit's count of the last 90 days; the larger of social insurance and individual
    income tax (each misses people that the other has: dispatched, retired, newly hired); the
    register's annual report; the union's own figure; an older count of a visit. Within a source
    the newest figure counts, and among equal days the larger.
    """
    newest = _newest_by_source(evidence)
    visited = newest.get(Source.VISIT)
    if visited and visited.as_of and today - visited.as_of <= VISIT_COUNT_HOLDS:
        return visited
    declared = [newest[s] for s in (Source.SOCIAL_SECURITY, Source.TAX) if s in newest]
    if declared:
        return max(declared, key=lambda figure: figure.employees)
    for source in (Source.MARKET, Source.CIVIL_AFFAIRS, Source.MEMBERS, Source.VISIT):
        if source in newest:
            return newest[source]
    return None


def _newest_by_source(evidence: list[Headcount]) -> dict[Source, Headcount]:
    newest: dict[Source, Headcount] = {}
    for figure in evidence:
        best = newest.get(figure.source)
        if best is None or _age_key(figure) > _age_key(best):
            newest[figure.source] = figure
    return newest


def _age_key(figure: Headcount) -> tuple[date, int]:
    return (figure.as_of or date.min, figure.employees)

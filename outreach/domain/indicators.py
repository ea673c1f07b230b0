"""What the district is steered by: counts of an area, and shares of them with a goal."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from outreach.domain.formations import Stage
from outreach.domain.grid_figures import FEW, percent
from outreach.domain.wording import Sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

TREND_WEEKS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The firms of an area on one day; every number is one of firms unless its name says else.

    firms : in the file. placed : in a grid. due : targets, near misses and firms with a union.
    covered, overdue : of the due ones, visited within 30 days, or before that; the rest was
    never visited. should_have : active and over the line, with or without a union. untouched to
    joined : where these stand, see `Stage`. founded_unvisited : with a union, never visited.
    members : people in unions, as far as a register says. doubtful : near misses whose headcount
    is in doubt. missing : gone from a register.
    """

    firms: int = 0
    placed: int = 0
    due: int = 0
    covered: int = 0
    overdue: int = 0
    targets: int = 0
    targets_visited: int = 0
    target_employees: int = 0
    should_have: int = 0
    untouched: int = 0
    visited: int = 0
    willing: int = 0
    preparing: int = 0
    founded: int = 0
    joined: int = 0
    founded_unvisited: int = 0
    members: int = 0
    doubtful: int = 0
    no_headcount: int = 0
    missing: int = 0

    def __add__(self, other: Self) -> Self:
        return type(self)(
            **{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)}
        )

    @property
    def never(self) -> int:
        """Due firms that were never visited."""
        return self.due - self.covered - self.overdue

    @property
    def with_union(self) -> int:
        """Firms that should have a union and have one."""
        return self.founded + self.joined

    @property
    def stages(self) -> dict[Stage, int]:
        """How many firms that should have a union stand where."""
        return {stage: getattr(self, stage.value) for stage in Stage}

    def as_json(self) -> dict[str, int]:
        """The form in which counts are stored."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @classmethod
    def from_json(cls, stored: Mapping[str, int]) -> Self:
        """Read back what `as_json` gave; a count that an older version did not know is 0."""
        return cls(**{f.name: int(stored.get(f.name, 0)) for f in fields(cls)})


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthCounts:
    """The field work of an area in one month.

    visits : recorded, without one-tap confirmations. met : somebody was met. firms : different
    firms that count as visited. outings : days of a grid with at least one visit. confirmed :
    one-tap confirmations that nothing changed.
    """

    visits: int = 0
    met: int = 0
    firms: int = 0
    outings: int = 0
    confirmed: int = 0

    def __add__(self, other: Self) -> Self:
        return type(self)(
            **{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)}
        )

    def as_json(self) -> dict[str, int]:
        """The form in which counts are stored."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @classmethod
    def from_json(cls, stored: Mapping[str, int]) -> Self:
        """Read back what `as_json` gave."""
        return cls(**{f.name: int(stored.get(f.name, 0)) for f in fields(cls)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Goals:
    """What the district set itself, in per cent; `None` where it set nothing.

    covered : of the due firms, visited within 30 days. targets_visited : of the targets, visited
    at all. with_union : of the firms that should have a union. placed : of all firms, in a grid.
    outings : of the outings of the week's quota.
    """

    covered: int | None = 100
    targets_visited: int | None = 100
    with_union: int | None = None
    placed: int | None = 100
    outings: int | None = 100

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if value is not None and not 0 < value <= 100:  # noqa: PLR2004  (per cent)
                raise ValueError(f"goals.{one.name} = {value}: must lie in 1..100")


class IndicatorKind(StrEnum):
    """What is measured."""

    COVERED = "covered"
    TARGETS_VISITED = "targets_visited"
    WITH_UNION = "with_union"
    OUTINGS = "outings"
    PLACED = "placed"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {
            "covered": "30 天内走访过",
            "targets_visited": "重点对象曾走访过",
            "with_union": "应建会的已建会",
            "outings": "本周出门",
            "placed": "有位置的企业",
        }[self.value]

    @property
    def meaning(self) -> str:
        """What is counted among what, in Chinese."""
        return {
            "covered": "应走访 = 重点对象、接近标准和已有工会的企业",
            "targets_visited": "重点对象 = 在经营、超过标准人数、没有工会;不论多久以前走访过",
            "with_union": "应建会 = 在经营、超过标准人数的企业",
            "outings": "应出门 = 网格数 × 一周最少出去几次;一个网格多出门的不算",
            "placed": "分母是档案里的全部企业",
        }[self.value]

    @property
    def unit(self) -> str:
        """What is counted, in Chinese."""
        return "次" if self is IndicatorKind.OUTINGS else "家"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """The indicator as it stood on a day."""

    day: date
    part: int
    whole: int

    @property
    def share(self) -> float | None:
        """Between 0 and 1, `None` without a whole."""
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """`part` of `whole`, what the district set itself (per cent), and how it came to be so."""

    kind: IndicatorKind
    part: int
    whole: int
    goal: int | None
    trend: tuple[TrendPoint, ...] = ()

    @property
    def percent(self) -> int | None:
        """As `grid_figures.percent`, so that 100 is said only when nothing is left."""
        return percent(self.part, self.whole) if self.whole else None

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is reached, `None` without a goal or a whole."""
        if self.goal is None or not self.whole:
            return None
        return 100 * self.part >= self.goal * self.whole

    @property
    def lacks(self) -> int:
        """How many are still needed to reach the goal."""
        if self.goal is None:
            return 0
        return max(0, -(-self.goal * self.whole // 100) - self.part)

    @property
    def is_small(self) -> bool:
        """Whether there are too few for a share to mean much."""
        return self.whole < FEW

    @property
    def since(self) -> TrendPoint | None:
        """The earliest point to compare with, where there is one before the last."""
        return self.trend[0] if len(self.trend) > 1 else None


_PARTS = {
    IndicatorKind.COVERED: ("covered", "due"),
    IndicatorKind.TARGETS_VISITED: ("targets_visited", "targets"),
    IndicatorKind.WITH_UNION: ("with_union", "should_have"),
    IndicatorKind.PLACED: ("placed", "firms"),
}


def make_indicators(
    counts: Counts,
    history: Sequence[tuple[date, Counts]],
    goals: Goals,
    *,
    outings: Indicator | None = None,
) -> tuple[Indicator, ...]:
    """The indicators of an area; `history` holds earlier days and today, ascending."""
    points = weekly(history)
    found = [
        Indicator(
            kind=kind,
            part=getattr(counts, part),
            whole=getattr(counts, whole),
            goal=getattr(goals, kind.value),
            trend=tuple(
                TrendPoint(day=day, part=getattr(then, part), whole=getattr(then, whole))
                for day, then in points
            ),
        )
        for kind, (part, whole) in _PARTS.items()
    ]
    if outings is not None:
        found.insert(3, outings)
    return tuple(found)


def funnel_notes(counts: Counts) -> tuple[Sentence, ...]:
    """What must be known to read the funnel, wherever it is shown."""
    found = []
    if counts.founded_unvisited:
        found.append(
            Sentence(
                template="“走访过”以下含 {count} 家没有走访就已建会的。",
                values={"count": counts.founded_unvisited},
            )
        )
    if counts.members:
        found.append(Sentence(template="会员 {members} 人。", values={"members": counts.members}))
    else:
        found.append(
            Sentence(template="工会登记表里没有会员人数,“会员入会”要等有了才数得出。", values={})
        )
    return tuple(found)


def weekly(history: Sequence[tuple[date, Counts]]) -> list[tuple[date, Counts]]:
    """One day a week back from the newest, at most `TREND_WEEKS` of them; days ascend.

    A week without a counted day is left out, never filled in.
    """
    if not history:
        return []
    newest = history[-1][0]
    chosen: dict[int, tuple[date, Counts]] = {}
    for day, counts in history:
        weeks_ago = (newest - day).days // 7
        if weeks_ago <= TREND_WEEKS and not (weeks_ago == 0 and day != newest):
            chosen[weeks_ago] = (day, counts)
    return [chosen[weeks] for weeks in sorted(chosen, reverse=True)]


def total(parts: Iterable[Counts]) -> Counts:
    """The counts of all parts together."""
    found = Counts()
    for one in parts:
        found += one
    return found


def kept_days(days: Iterable[date], *, today: date) -> set[date]:
    """The days whose figures of the smaller areas stay: each of the last 92, then Mondays only."""
    recent = today - timedelta(days=92)
    return {day for day in days if day >= recent or day.weekday() == 0}

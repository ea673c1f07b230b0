"""A grid worker's day as she changes it: skip, reorder, add, undo; what changed, what it breaks."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from outreach.domain.plans import VisitPurpose
from outreach.domain.wording import Sentence

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import time

    from outreach.domain.visit_windows import TimeWindow

NEAR_M = 300.0
"""As far as a grid worker goes on foot for one more firm (ui.md 1.2)."""

BUSY_S = 3600
"""A firm that is busy is tried again an hour later, if the day still has room."""

LONGEST_NAME, LONGEST_ADDRESS = 100, 200
"""Characters of what is written of a firm that was found on the spot."""


class SkipReason(StrEnum):
    """Why a stop is not served now."""

    NOT_TODAY = "not_today"
    CLOSED = "closed"
    BUSY = "busy"
    ROAD = "road"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {
            "not_today": "今天不去",
            "closed": "关门",
            "busy": "正在忙",
            "road": "路不通",
            "other": "其他原因",
        }[self.value]

    @property
    def frees_time(self) -> bool:
        """Whether the time may go to another due firm; else the worker wanted a shorter day."""
        return self in {SkipReason.CLOSED, SkipReason.ROAD, SkipReason.BUSY}


class DayChangeKind(StrEnum):
    """What the worker did with her day."""

    SKIP = "skip"
    ORDER = "order"
    MOVE = "move"
    ADD = "add"
    FOUND = "found"
    UNDO = "undo"

    @property
    def label(self) -> str:
        """The name in the log, in Chinese."""
        return {
            "skip": "先不去",
            "order": "排次序",
            "move": "换位置",
            "add": "加一家",
            "found": "加新发现的企业",
            "undo": "撤掉一步",
        }[self.value]

    @property
    def is_own_order(self) -> bool:
        """Whether the order of the day is hers from then on."""
        return self in {DayChangeKind.ORDER, DayChangeKind.MOVE}


@dataclass(frozen=True, slots=True, kw_only=True)
class DayStop:
    """One stop of a day; its moments are seconds after midnight on the clock of the day.

    `is_moved` is worked out against the published route and not stored.
    """

    enterprise_id: int
    purpose: VisitPurpose
    arrive_s: int
    start_s: int
    end_s: int
    reasons: tuple[Sentence, ...]
    is_added: bool = False
    is_moved: bool = False

    def as_json(self) -> dict[str, Any]:
        """The form in which a stop of a changed day is stored."""
        return {
            "enterprise_id": self.enterprise_id,
            "purpose": self.purpose.value,
            "arrive_s": self.arrive_s,
            "start_s": self.start_s,
            "end_s": self.end_s,
            "reasons": [reason.as_json() for reason in self.reasons],
            "is_added": self.is_added,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> DayStop:
        """Read back what `as_json` gave."""
        return cls(
            enterprise_id=stored["enterprise_id"],
            purpose=VisitPurpose(stored["purpose"]),
            arrive_s=stored["arrive_s"],
            start_s=stored["start_s"],
            end_s=stored["end_s"],
            reasons=tuple(Sentence.from_json(reason) for reason in stored["reasons"]),
            is_added=stored["is_added"],
        )


def reordered(present: Sequence[int], wanted: Sequence[int]) -> list[int]:
    """The stops of a day as `wanted` orders them.

    What the day no longer has is left out; what `wanted` does not name, since it was added
    meanwhile, comes last in its order.
    """
    kept = [one for one in dict.fromkeys(wanted) if one in set(present)]
    return [*kept, *(one for one in present if one not in set(kept))]


def moved(present: Sequence[int], one: int, by: int) -> list[int]:
    """The stops with `one` moved by so many places, at most to the ends."""
    order = [other for other in present if other != one]
    if len(order) < len(present):
        place = min(max(0, list(present).index(one) + by), len(order))
        order.insert(place, one)
    return order


@dataclass(frozen=True, slots=True, kw_only=True)
class DayDiff:
    """What differs between two states of a day, by enterprise."""

    added: tuple[int, ...] = ()
    moved: tuple[int, ...] = ()
    dropped: tuple[int, ...] = ()

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """The line that says what changed, in parts: `2 家新增`, `1 家挪动`."""
        counted = (
            ("{count} 家新增", self.added),
            ("{count} 家挪动", self.moved),
            ("{count} 家取消", self.dropped),
        )
        said = tuple(
            Sentence(template=template, values={"count": len(ids)})
            for template, ids in counted
            if ids
        )
        return said or (Sentence(template="路线没有变"),)


def compare_days(before: Sequence[int], after: Sequence[int]) -> DayDiff:
    """What changed; `moved` are the fewest stops whose moves explain the new order."""
    places = {one: place for place, one in enumerate(before)}
    stayed = [one for one in after if one in places]
    kept = _longest_rise([places[one] for one in stayed])
    return DayDiff(
        added=tuple(one for one in after if one not in places),
        moved=tuple(one for place, one in enumerate(stayed) if place not in kept),
        dropped=tuple(one for one in before if one not in set(after)),
    )


def _longest_rise(values: Sequence[int]) -> Collection[int]:
    """The places of a longest rising part of `values` (patience sorting)."""
    ends: list[int] = []
    last: list[int] = []
    former: list[int] = []
    for place, value in enumerate(values):
        pile = bisect_left(ends, value)
        former.append(last[pile - 1] if pile else -1)
        ends[pile : pile + 1] = [value]
        last[pile : pile + 1] = [place]
    kept = set()
    place = last[-1] if last else -1
    while place >= 0:
        kept.add(place)
        place = former[place]
    return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A stop as its hours judge it: when it is served, and when the firm welcomes visits.

    `agreed` names the part of the day that was agreed on, if one was: `windows` are then its hours.
    """

    name: str
    start_s: int
    end_s: int
    windows: tuple[TimeWindow, ...]
    agreed: str = ""


def list_violations(
    calls: Sequence[Call], *, back_s: int, shift_end_s: int
) -> tuple[Sentence, ...]:
    """What the order of a day breaks; said to the worker, never a reason to refuse.

    `back_s` is when she is back at the office, in seconds of the day like `shift_end_s`.
    """
    said = [found for call in calls if (found := _violation(call)) is not None]
    if back_s > shift_end_s:
        said.append(
            Sentence(
                template="回到社区要 {back},比下班晚 {minutes} 分钟",
                values={"back": clock_of(back_s), "minutes": -(-(back_s - shift_end_s) // 60)},
            )
        )
    return tuple(said)


def _violation(call: Call) -> Sentence | None:
    hours = [(seconds_of(window.opens), seconds_of(window.closes)) for window in call.windows]
    if not hours or any(opens <= call.start_s and call.end_s <= closes for opens, closes in hours):
        return None
    if call.agreed:
        return Sentence(
            template="{name}约好{part}去,现在排在 {time}",
            values={"name": call.name, "part": call.agreed, "time": clock_of(call.start_s)},
        )
    closes = max(closes for _, closes in hours)
    values = {"name": call.name, "time": clock_of(call.start_s), "closes": clock_of(closes)}
    if call.start_s >= closes:
        return Sentence(template="到{name}已经 {time},对方 {closes} 关门", values=values)
    if call.start_s < min(opens for opens, _ in hours):
        return Sentence(template="到{name}才 {time},对方还没开门", values=values)
    return Sentence(template="到{name}是 {time},对方 {closes} 前谈不完", values=values)


def seconds_of(clock: time) -> int:
    """Seconds after midnight of a time on the clock."""
    return clock.hour * 3600 + clock.minute * 60 + clock.second


def clock_of(second_of_day: int) -> str:
    """A second of the day as it is written on the route page, e.g. `09:05`."""
    return f"{second_of_day // 3600:02d}:{second_of_day % 3600 // 60:02d}"

"""The plan board: what a planner may fix, move and have planned again, and what that changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from outreach.domain.days import compare_days
from outreach.domain.wording import Sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Orders = dict[date, tuple[int, ...]]
"""Enterprise ids in their order, by day; a day without visits may be missing."""


class LockLevel(StrEnum):
    """What a lock fixes, from the most to the least."""

    ROUTE = "route"
    POSITION = "position"
    DAY = "day"
    WORKER = "worker"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {
            "route": "锁住整条路线",
            "position": "锁住日子和次序",
            "day": "锁住日子",
            "worker": "锁住由这个网格员去",
        }[self.value]


STOP_LOCKS = (LockLevel.WORKER, LockLevel.DAY, LockLevel.POSITION)
"""The levels that fix one stop, loosest first."""


class ReplanMode(StrEnum):
    """How much planning again may change."""

    ANYTHING = "anything"
    FILL = "fill"
    REORDER = "reorder"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {
            "anything": "都可以变",
            "fill": "已排的不动,只补空档",
            "reorder": "谁去哪几家不变,只换日子和次序",
        }[self.value]

    @property
    def sentence(self) -> Sentence:
        """What it does, in one sentence."""
        return Sentence(template=_MODES[self])


_MODES = {
    ReplanMode.ANYTHING: "除了锁住的,从头排一遍,企业可能进来,也可能出去。",
    ReplanMode.FILL: "排好的企业日子和先后都不变,空着的时间能加几家加几家。",
    ReplanMode.REORDER: "每个网格员去的企业还是这些,重新安排哪天去、先去谁。",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedReplan:
    """Planning a version again: how much may change, and of which grids; none named are all."""

    mode: ReplanMode
    only: tuple[int, ...] = ()


class EditKind(StrEnum):
    """A change of a grid's week in a draft."""

    MOVE = "move"
    TAKE_OUT = "take_out"
    PUT_IN = "put_in"
    SWAP = "swap"
    REPLAN = "replan"
    LOCK = "lock"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {
            "move": "移动",
            "take_out": "拿出计划",
            "put_in": "加进计划",
            "swap": "换进计划",
            "replan": "重新排",
            "lock": "锁住或松开",
        }[self.value]


def kind_of_edit(orders: Mapping[date, Sequence[int]], key: int, to_day: date | None) -> EditKind:
    """What putting an enterprise on `to_day`, or nowhere, does to `orders`."""
    if to_day is None:
        return EditKind.TAKE_OUT
    return EditKind.MOVE if any(key in order for order in orders.values()) else EditKind.PUT_IN


def move_stop(
    orders: Mapping[date, Sequence[int]], key: int, *, to_day: date | None, place: int
) -> Orders:
    """Put enterprise `key` at `place` (from 1) of `to_day`, wherever it is now.

    `None` takes it out. A place beyond the end is the end.
    """
    moved = {day: tuple(one for one in order if one != key) for day, order in orders.items()}
    if to_day is not None:
        order = moved.get(to_day, ())
        at = min(max(0, place - 1), len(order))
        moved[to_day] = (*order[:at], key, *order[at:])
    return {day: order for day, order in sorted(moved.items()) if order}


class StopChangeKind(StrEnum):
    """What a new version means for one firm."""

    ADDED = "added"
    DROPPED = "dropped"
    OTHER_WORKER = "other_worker"
    OTHER_DAY = "other_day"
    OTHER_ORDER = "other_order"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {
            "added": "新增",
            "dropped": "取消",
            "other_worker": "换网格员",
            "other_day": "换日子",
            "other_order": "换次序",
        }[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPlace:
    """Where a firm stands in a plan; `sequence` counts from 1."""

    grid_id: int
    day: date
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StopChange:
    """One firm that stands elsewhere in another version; a place is `None` where it is in none."""

    kind: StopChangeKind
    enterprise_id: int
    before: PlannedPlace | None
    after: PlannedPlace | None

    @property
    def grid_id(self) -> int:
        """The grid whose worker does it from now on, or did it before."""
        place = self.after or self.before
        return place.grid_id if place else 0


def compare_plans(
    before: Mapping[int, PlannedPlace], after: Mapping[int, PlannedPlace]
) -> tuple[StopChange, ...]:
    """What differs between two versions, by enterprise id; of a new order the fewest moves."""
    moved = _moved_within_days(before, after)
    changes = []
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        kind = _kind(old, new, is_moved=key in moved)
        if kind is not None:
            changes.append(StopChange(kind=kind, enterprise_id=key, before=old, after=new))
    return tuple(changes)


def _kind(
    old: PlannedPlace | None, new: PlannedPlace | None, *, is_moved: bool
) -> StopChangeKind | None:
    if old is None:
        return StopChangeKind.ADDED
    if new is None:
        return StopChangeKind.DROPPED
    if old.grid_id != new.grid_id:
        return StopChangeKind.OTHER_WORKER
    if old.day != new.day:
        return StopChangeKind.OTHER_DAY
    return StopChangeKind.OTHER_ORDER if is_moved else None


def _moved_within_days(
    before: Mapping[int, PlannedPlace], after: Mapping[int, PlannedPlace]
) -> set[int]:
    was, now = _by_day(before.items()), _by_day(after.items())
    moved: set[int] = set()
    for route, order in now.items():
        moved.update(compare_days(was.get(route, ()), order).moved)
    return moved


def _by_day(places: Iterable[tuple[int, PlannedPlace]]) -> dict[tuple[int, date], list[int]]:
    found: dict[tuple[int, date], list[int]] = {}
    for key, place in sorted(places, key=lambda one: one[1].sequence):
        found.setdefault((place.grid_id, place.day), []).append(key)
    return found


def orders_as_json(orders: Mapping[date, Sequence[int]]) -> dict[str, list[int]]:
    """Orders as they are stored with a change."""
    return {day.isoformat(): list(order) for day, order in sorted(orders.items())}


def places_of(orders: Mapping[date, Sequence[int]], grid_id: int) -> dict[int, PlannedPlace]:
    """Where each enterprise stands in the orders of one grid."""
    return {
        key: PlannedPlace(grid_id=grid_id, day=day, sequence=place)
        for day, order in orders.items()
        for place, key in enumerate(order, start=1)
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekState:
    """A grid's week before a change: what taking it back must bring back.

    `left_out` holds the stored reason of each firm beside the plan, `locks` the level of each
    locked stop, `locked_days` the days whose whole routes are locked.
    """

    orders: Orders
    left_out: Mapping[int, str] = field(default_factory=dict)
    locks: Mapping[int, LockLevel] = field(default_factory=dict)
    locked_days: frozenset[date] = frozenset()

    def as_json(self) -> dict[str, Any]:
        """The form in which a state is stored: the orders by day, and the rest beside them."""
        return {
            **orders_as_json(self.orders),
            "left_out": {str(key): reason for key, reason in self.left_out.items()},
            "locks": {str(key): level.value for key, level in self.locks.items()},
            "locked_days": sorted(day.isoformat() for day in self.locked_days),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> WeekState:
        """Read back what `as_json` gave; older changes have the orders alone."""
        rest = {"left_out", "locks", "locked_days"}
        return cls(
            orders={
                date.fromisoformat(day): tuple(order)
                for day, order in stored.items()
                if day not in rest
            },
            left_out={int(key): reason for key, reason in stored.get("left_out", {}).items()},
            locks={int(key): LockLevel(one) for key, one in stored.get("locks", {}).items()},
            locked_days=frozenset(map(date.fromisoformat, stored.get("locked_days", ()))),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LockBreak:
    """A lock that a change went over: of a stop (`enterprise_id`) or of a `day`'s whole route.

    `is_out` tells that the stop left the plan, and its lock with it; otherwise the lock stays and
    holds what is there now.
    """

    level: LockLevel
    enterprise_id: int | None = None
    day: date | None = None
    is_out: bool = False


def find_lock_breaks(before: WeekState, after: Orders) -> tuple[LockBreak, ...]:
    """The locks that the way from `before` to the orders `after` did not keep."""
    was, now = places_of(before.orders, 0), places_of(after, 0)
    found = [
        LockBreak(level=LockLevel.ROUTE, day=day)
        for day in sorted(before.locked_days)
        if before.orders.get(day, ()) != after.get(day, ())
    ]
    for key, level in sorted(before.locks.items()):
        old, new = was.get(key), now.get(key)
        if old is None:
            continue
        if new is None:
            found.append(LockBreak(level=level, enterprise_id=key, is_out=True))
        elif _is_broken(level, old, new):
            found.append(LockBreak(level=level, enterprise_id=key))
    return tuple(found)


def _is_broken(level: LockLevel, old: PlannedPlace, new: PlannedPlace) -> bool:
    if level is LockLevel.POSITION:
        return old != new
    return level is LockLevel.DAY and old.day != new.day

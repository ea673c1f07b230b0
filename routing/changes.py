"""What differs between a published plan and the one that takes its place, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from routing.events import ClosedDoor, NewFirm, RunningLate, ShiftGone, UrgentVisit
from routing.price import places_of
from routing.tours import longest_rise

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from routing.events import Event
    from routing.plan import Plan


class ChangeKind(StrEnum):
    """What happened to a stop."""

    ADDED = "added"
    MOVED = "moved"
    """It is in another shift, or at another place among the stops that stayed."""
    DROPPED = "dropped"

    @property
    def label(self) -> str:
        """What the planner reads."""
        return {"added": "新增", "moved": "调整", "dropped": "取消"}[self.value]


class ChangeReason(StrEnum):
    """Why."""

    CLOSED_DOOR = "closed_door"
    RUNNING_LATE = "running_late"
    SHIFT_GONE = "shift_gone"
    URGENT = "urgent"
    NEW_FIRM = "new_firm"
    ROOM_MADE = "room_made"
    """Time became free."""
    MADE_WAY = "made_way"
    """It gave its time to a stop that needed it more."""

    @property
    def label(self) -> str:
        """What the planner reads."""
        return _LABELS[self]


_LABELS = {
    ChangeReason.CLOSED_DOOR: "企业未开门",
    ChangeReason.RUNNING_LATE: "前面耽搁了",
    ChangeReason.SHIFT_GONE: "该班次无人",
    ChangeReason.URGENT: "紧急预约",
    ChangeReason.NEW_FIRM: "新发现企业",
    ChangeReason.ROOM_MADE: "腾出了时间",
    ChangeReason.MADE_WAY: "为更急的走访让路",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One stop that is elsewhere than it was published; a shift is None where it is in none."""

    kind: ChangeKind
    id: str
    from_shift: str | None
    to_shift: str | None
    reason: ChangeReason


def summary(changes: Sequence[Change]) -> str:
    """Return how many stops were added, moved and dropped, e.g. `2 added, 1 moved`."""
    count = Counter(change.kind for change in changes)
    return ", ".join(f"{count[kind]} {kind}" for kind in ChangeKind if count[kind]) or "no change"


def list_changes(
    published: Plan, plan: Plan, events: Sequence[Event], *, gone: Collection[str] = ()
) -> tuple[Change, ...]:
    """Return what changed, added first, then moved, then dropped.

    Parameters
    ----------
    gone
        Stops of the published plan that are over and so no change.
    """
    before = {key: at for key, at in places_of(published).items() if key not in gone}
    after = places_of(plan)
    moved = _moved(before, after)
    changes = []
    for stop_id in (*after, *(key for key in before if key not in after)):
        if stop_id not in before:
            kind = ChangeKind.ADDED
        elif stop_id not in after:
            kind = ChangeKind.DROPPED
        elif stop_id in moved:
            kind = ChangeKind.MOVED
        else:
            continue
        from_shift = before[stop_id][0] if stop_id in before else None
        to_shift = after[stop_id][0] if stop_id in after else None
        reason = _reason(stop_id, from_shift, events)
        changes.append(
            Change(kind=kind, id=stop_id, from_shift=from_shift, to_shift=to_shift, reason=reason)
        )
    order = list(ChangeKind)
    return tuple(sorted(changes, key=lambda change: order.index(change.kind)))


def _moved(before: dict[str, tuple[str, int]], after: dict[str, tuple[str, int]]) -> set[str]:
    """Return the stops in another shift, and the fewest whose moves explain a new order."""
    moved = {key for key, at in after.items() if key in before and before[key][0] != at[0]}
    for shift in {at[0] for at in after.values()}:
        stayed = sorted(
            (key for key, at in after.items() if at[0] == shift and key in before.keys() - moved),
            key=lambda key: after[key][1],
        )
        kept = longest_rise([before[key][1] for key in stayed])
        moved |= {key for place, key in enumerate(stayed) if place not in kept}
    return moved


def _reason(stop_id: str, from_shift: str | None, events: Sequence[Event]) -> ChangeReason:
    for event in events:
        match event:
            case ClosedDoor() if event.stop == stop_id:
                return ChangeReason.CLOSED_DOOR
            case UrgentVisit() if event.stop.id == stop_id:
                return ChangeReason.URGENT
            case NewFirm() if event.stop.id == stop_id:
                return ChangeReason.NEW_FIRM
            case ShiftGone() if event.shift == from_shift:
                return ChangeReason.SHIFT_GONE
            case RunningLate() if event.shift == from_shift:
                return ChangeReason.RUNNING_LATE
            case _:
                pass
    return ChangeReason.ROOM_MADE if from_shift is None else ChangeReason.MADE_WAY

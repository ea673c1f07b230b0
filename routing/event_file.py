"""What happened in the field as a JSON file, format visit-events/1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from routing.events import ClosedDoor, NewFirm, RunningLate, ShiftGone, UrgentVisit
from routing.files import stop_of
from routing.json_reader import Reader

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from routing.events import Event

EVENTS_FORMAT = "visit-events/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsFile:
    """The second on the clock of the shifts at which the events are told, and the events."""

    now_s: int
    events: tuple[Event, ...]


def read_events(path: Path) -> EventsFile:
    """Read events.

    The file holds `format`, `now_s` and `events`, a list of objects with a `kind` and the fields of
    the event of that name: `closed_door` (stop, until_s or null), `running_late` (shift, free_s),
    `shift_gone` (shift), `urgent_visit` and `new_firm` (stop as in visit-problem/1; to_s and from_s
    for a place that the problem lacks).

    Raises
    ------
    InvalidFile
        When the file is not JSON of the format, or lacks or adds a key.
    InvalidProblem
        When a stop that it adds is none.
    OSError
        When the file cannot be read.
    """
    reader = Reader.of_file(path, EVENTS_FORMAT)
    found = EventsFile(
        now_s=reader.whole("now_s"),
        events=tuple(_event(each) for each in reader.children("events")),
    )
    reader.require_empty()
    return found


def _event(reader: Reader) -> Event:
    kind = reader.text("kind")
    if kind not in _KINDS:
        raise reader.wrong("kind", kind, f"one of {', '.join(_KINDS)}")
    event = _KINDS[kind](reader)
    reader.require_empty()
    return event


def _closed_door(reader: Reader) -> Event:
    until_s = reader.whole("until_s") if reader.has("until_s") else None
    return ClosedDoor(stop=reader.text("stop"), until_s=until_s)


def _running_late(reader: Reader) -> Event:
    return RunningLate(shift=reader.text("shift"), free_s=reader.whole("free_s"))


def _shift_gone(reader: Reader) -> Event:
    return ShiftGone(shift=reader.text("shift"))


def _urgent_visit(reader: Reader) -> Event:
    return UrgentVisit(
        stop=stop_of(reader.child("stop")), to_s=_row(reader, "to_s"), from_s=_row(reader, "from_s")
    )


def _new_firm(reader: Reader) -> Event:
    return NewFirm(
        stop=stop_of(reader.child("stop")), to_s=_row(reader, "to_s"), from_s=_row(reader, "from_s")
    )


def _row(reader: Reader, key: str) -> tuple[int, ...] | None:
    if not reader.has(key):
        return None
    row = reader.take(key)
    if not isinstance(row, list) or not all(type(value) is int for value in row):
        raise reader.wrong(key, row, "a list of whole seconds, one per location")
    return tuple(row)


_KINDS: dict[str, Callable[[Reader], Event]] = {
    "closed_door": _closed_door,
    "running_late": _running_late,
    "shift_gone": _shift_gone,
    "urgent_visit": _urgent_visit,
    "new_firm": _new_firm,
}

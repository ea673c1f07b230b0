"""What can happen in the field while a plan is under way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from routing.errors import InvalidEvent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from routing.problem import Problem, Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedDoor:
    """Nobody opens at `stop`; it cannot start before `until_s`, None means in the whole horizon."""

    stop: str
    until_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningLate:
    """The grid worker of `shift` can go on at `free_s` only."""

    shift: str
    free_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftGone:
    """Nobody works the rest of `shift`: illness, a meeting."""

    shift: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgentVisit:
    """An appointment that must be kept.

    `to_s` and `from_s` are seconds from every location of the problem to the place of `stop` and
    back, for a place that the problem does not have yet; its `location` then is the number of
    locations. Both are None where `location` is known. Travel matrices of modes take the same.
    """

    stop: Stop
    to_s: tuple[int, ...] | None = None
    from_s: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFirm:
    """A firm found on the way, worth a visit; fields as in `UrgentVisit`."""

    stop: Stop
    to_s: tuple[int, ...] | None = None
    from_s: tuple[int, ...] | None = None


Event = ClosedDoor | RunningLate | ShiftGone | UrgentVisit | NewFirm


def happen(problem: Problem, event: Event) -> Problem:
    """Return the problem after `event`; `RunningLate` changes only what is still to be driven.

    Raises
    ------
    InvalidEvent
        When it names an unknown stop or shift, or adds a stop that is there already.
    InvalidProblem
        When the stop it adds does not fit the problem.
    """
    match event:
        case ClosedDoor():
            return _close(problem, event)
        case ShiftGone() | RunningLate():
            if event.shift not in {shift.id for shift in problem.shifts}:
                raise InvalidEvent(f"{problem.name!r} has no shift {event.shift!r}")
            if isinstance(event, RunningLate):
                return problem
            return replace(
                problem,
                shifts=tuple(
                    replace(shift, max_stops=0) if shift.id == event.shift else shift
                    for shift in problem.shifts
                ),
            )
        case UrgentVisit() | NewFirm():
            return _add(problem, event)


def _close(problem: Problem, event: ClosedDoor) -> Problem:
    if event.stop not in {stop.id for stop in problem.stops}:
        raise InvalidEvent(f"{problem.name!r} has no stop {event.stop!r}")
    stops = []
    for stop in problem.stops:
        if stop.id == event.stop:
            until_s = event.until_s
            windows = (
                ()
                if until_s is None
                else tuple(
                    (max(low, until_s), high) for low, high in stop.windows if high >= until_s
                )
            )
            stop = replace(stop, windows=windows)  # noqa: PLW2901
        stops.append(stop)
    return replace(problem, stops=tuple(stops))


def _add(problem: Problem, event: UrgentVisit | NewFirm) -> Problem:
    if event.stop.id in {stop.id for stop in problem.stops}:
        raise InvalidEvent(f"stop {event.stop.id!r} is in {problem.name!r} already")
    stop = replace(event.stop, required=True) if isinstance(event, UrgentVisit) else event.stop
    if event.to_s is None or event.from_s is None:
        return replace(problem, stops=(*problem.stops, stop))
    if not len(event.to_s) == len(event.from_s) == problem.locations == stop.location:
        raise InvalidEvent(
            f"stop {stop.id!r}: to_s and from_s need {problem.locations} values and location "
            f"{problem.locations}, not {len(event.to_s)}, {len(event.from_s)} and {stop.location}"
        )
    return replace(
        problem,
        travel_s=_grown(problem.travel_s, event.to_s, event.from_s),
        travel_by_mode={
            mode: _grown(travel, event.to_s, event.from_s)
            for mode, travel in problem.travel_by_mode.items()
        },
        stops=(*problem.stops, stop),
    )


def _grown(
    travel: NDArray[np.int64], to_s: tuple[int, ...], from_s: tuple[int, ...]
) -> NDArray[np.int64]:
    grown = np.zeros((len(travel) + 1, len(travel) + 1), dtype=np.int64)
    grown[:-1, :-1] = travel
    grown[:-1, -1], grown[-1, :-1] = to_s, from_s
    return grown

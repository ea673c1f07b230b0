"""The visit-planning problem of one worker's horizon; an object that exists is valid."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from routing.errors import InvalidProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

MAX_SECONDS = 10**9
"""Largest time accepted: 31 years. It keeps every sum of times far inside 64 bits."""

MAX_PRIZE = 10**12
"""Largest prize, penalty or weight times travel accepted, for the same reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One stretch of working time on one day.

    Seconds count from midnight of day 0 of the horizon. The route leaves `start_location` at
    `start_s` at the earliest and is at `end_location` by `end_s`.

    Parameters
    ----------
    mode
        Key of the travel matrix of this shift in `Problem.travel_by_mode`; None takes `travel_s`.
    start_building
        Building in which the route starts, whose set-up time is already paid.
    """

    id: str
    day: int
    start_s: int
    end_s: int
    start_location: int
    end_location: int
    max_stops: int
    mode: str | None = None
    start_building: str | None = None

    def __post_init__(self) -> None:
        where = f"shift {_named('shift', self.id)}"
        _require_whole(where, "day", self.day, MAX_SECONDS)
        _require_whole(where, "start_s", self.start_s, MAX_SECONDS)
        _require_whole(where, "end_s", self.end_s, MAX_SECONDS)
        _require_whole(where, "start_location", self.start_location, MAX_SECONDS)
        _require_whole(where, "end_location", self.end_location, MAX_SECONDS)
        _require_whole(where, "max_stops", self.max_stops, MAX_SECONDS)
        _require_text(where, "mode", self.mode)
        _require_text(where, "start_building", self.start_building)
        if self.end_s < self.start_s:
            raise InvalidProblem(f"{where}: end_s {self.end_s} is before start_s {self.start_s}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One visit that may be made.

    `windows` are (earliest, latest) START of service on the clock of the shifts; waiting is
    allowed. `shifts` are the ids of the only shifts allowed, None allows all.

    Parameters
    ----------
    setup_s
        Seconds between reaching the place and the earliest start of service (parking, gate,
        lift), spared where the stop before on the route is in the same `building`.
    building
        Name of the building; None is a building of its own.
    firm
        Name of the firm visited; stops of one firm keep the larger of their gaps.
    min_gap_days
        Least difference of days to another stop of the same firm: 1 keeps the two from one day.

    Notes
    -----
    A longest gap between visits, such as "once a month", spans more than one horizon and so has no
    field: the caller turns the days since the last visit into `prize` (the more overdue, the
    higher) or, where the visit must not wait for the next horizon, into `required`.
    """

    id: str
    location: int
    service_s: int
    prize: int
    required: bool
    windows: tuple[tuple[int, int], ...]
    shifts: tuple[str, ...] | None = None
    setup_s: int = 0
    building: str | None = None
    firm: str | None = None
    min_gap_days: int = 0

    def __post_init__(self) -> None:
        where = f"stop {_named('stop', self.id)}"
        _require_whole(where, "location", self.location, MAX_SECONDS)
        _require_whole(where, "service_s", self.service_s, MAX_SECONDS)
        _require_whole(where, "prize", self.prize, MAX_PRIZE)
        if not isinstance(self.required, bool):
            raise InvalidProblem(f"{where}: required is {self.required!r}, not true or false")
        if not isinstance(self.windows, tuple):
            raise InvalidProblem(f"{where}: windows is {self.windows!r}, not a tuple of pairs")
        for window in self.windows:
            _require_window(where, window)
        if self.shifts is not None and not isinstance(self.shifts, tuple):
            raise InvalidProblem(f"{where}: shifts is {self.shifts!r}, not a tuple of shift ids")
        _require_whole(where, "setup_s", self.setup_s, MAX_SECONDS)
        _require_whole(where, "min_gap_days", self.min_gap_days, MAX_SECONDS)
        _require_text(where, "building", self.building)
        _require_text(where, "firm", self.firm)
        if self.min_gap_days and self.firm is None:
            raise InvalidProblem(f"{where}: min_gap_days is {self.min_gap_days} without a firm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """What a plan is worth.

    Prizes of the stops visited, less `travel_weight` per second of travel, less
    `missed_required_penalty` per required stop missed, less `short_day_penalty` per day with a
    visit that is lacking to `min_days`.
    """

    travel_weight: int = 1
    missed_required_penalty: int = 0
    min_days: int = 0
    short_day_penalty: int = 0

    def __post_init__(self) -> None:
        # A weight above a million would let weight times travel leave 64 bits.
        _require_whole("objective", "travel_weight", self.travel_weight, 10**6)
        for name in ("missed_required_penalty", "short_day_penalty"):
            _require_whole("objective", name, getattr(self, name), MAX_PRIZE)
        _require_whole("objective", "min_days", self.min_days, MAX_SECONDS)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Problem:
    """All that is to be planned at once: one grid worker, one day or week.

    `travel_s` is an (n, n) int64 array of directed seconds from row to column with a zero
    diagonal; the triangle inequality is not promised. A read-only copy is kept. `travel_by_mode`
    holds such arrays of the same size by name of mode, for shifts that name one.

    Raises
    ------
    InvalidProblem
        When a field breaks the definition.
    """

    name: str
    travel_s: NDArray[np.int64]
    shifts: tuple[Shift, ...]
    stops: tuple[Stop, ...]
    objective: Objective
    travel_by_mode: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _named("problem", self.name)
        object.__setattr__(self, "travel_s", _checked_travel(self.travel_s))
        object.__setattr__(self, "travel_by_mode", self._checked_modes())
        object.__setattr__(self, "shifts", tuple(self.shifts))
        object.__setattr__(self, "stops", tuple(self.stops))
        _require_unique("shift", (shift.id for shift in self.shifts))
        _require_unique("stop", (stop.id for stop in self.stops))
        for shift in self.shifts:
            self._require_location(f"shift {shift.id!r}", "start_location", shift.start_location)
            self._require_location(f"shift {shift.id!r}", "end_location", shift.end_location)
        for stop in self.stops:
            self._require_location(f"stop {stop.id!r}", "location", stop.location)
        self._require_known_shifts()

    def __reduce__(self) -> tuple[Callable[..., Problem], tuple[object, ...]]:
        # Pickling an array forgets that it is read-only; building again remembers.
        return _remake, (
            self.name,
            self.travel_s,
            self.shifts,
            self.stops,
            self.objective,
            dict(self.travel_by_mode),
        )

    @property
    def locations(self) -> int:
        """Number of locations n."""
        return int(self.travel_s.shape[0])

    def travel_of(self, shift: Shift) -> NDArray[np.int64]:
        """Return the travel matrix of a shift, by its mode."""
        return self.travel_s if shift.mode is None else self.travel_by_mode[shift.mode]

    def _checked_modes(self) -> Mapping[str, NDArray[np.int64]]:
        checked: dict[str, NDArray[np.int64]] = {}
        for mode, travel_s in self.travel_by_mode.items():
            checked[mode] = _checked_travel(travel_s, f"travel_by_mode[{mode!r}]")
            if checked[mode].shape != self.travel_s.shape:
                raise InvalidProblem(
                    f"travel_by_mode[{mode!r}]: shape is {checked[mode].shape}, travel_s has "
                    f"{self.travel_s.shape}"
                )
        for shift in self.shifts:
            if shift.mode is not None and shift.mode not in checked:
                raise InvalidProblem(f"shift {shift.id!r}: mode {shift.mode!r} has no matrix")
        return MappingProxyType(checked)

    def _require_location(self, where: str, field: str, location: int) -> None:
        if location >= self.locations:
            raise InvalidProblem(
                f"{where}: {field} {location} is unknown; travel_s has {self.locations} locations"
            )

    def _require_known_shifts(self) -> None:
        known = {shift.id for shift in self.shifts}
        for stop in self.stops:
            for shift_id in stop.shifts or ():
                if shift_id not in known:
                    raise InvalidProblem(f"stop {stop.id!r}: shifts names unknown {shift_id!r}")


def _remake(
    name: str,
    travel_s: NDArray[np.int64],
    shifts: tuple[Shift, ...],
    stops: tuple[Stop, ...],
    objective: Objective,
    travel_by_mode: Mapping[str, NDArray[np.int64]],
) -> Problem:
    return Problem(
        name=name,
        travel_s=travel_s,
        shifts=shifts,
        stops=stops,
        objective=objective,
        travel_by_mode=travel_by_mode,
    )


def _named(kind: str, name: object) -> str:
    if not isinstance(name, str) or not name:
        raise InvalidProblem(f"{kind}: id or name is {name!r}, not a text with at least one letter")
    return repr(name)


def _require_text(where: str, name: str, value: object) -> None:
    if value is not None and (not isinstance(value, str) or not value):
        raise InvalidProblem(f"{where}: {name} is {value!r}, not a text with at least one letter")


def _require_whole(where: str, field: str, value: object, most: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidProblem(f"{where}: {field} is {value!r}, not a whole number (int)")
    if not 0 <= value <= most:
        raise InvalidProblem(f"{where}: {field} is {value}, not between 0 and {most}")


def _require_window(where: str, window: tuple[int, ...]) -> None:
    match window:
        case (earliest, latest):
            _require_whole(where, "windows: earliest start", earliest, MAX_SECONDS)
            _require_whole(where, "windows: latest start", latest, MAX_SECONDS)
            if latest < earliest:
                raise InvalidProblem(f"{where}: windows: earliest {earliest} is after {latest}")
        case _:
            raise InvalidProblem(f"{where}: windows holds {window!r}, not (earliest, latest)")


def _require_unique(kind: str, ids: Iterable[str]) -> None:
    for name, count in Counter(ids).items():
        if count > 1:
            raise InvalidProblem(f"{kind} {name!r}: id occurs {count} times; ids must differ")


def _checked_travel(travel_s: NDArray[np.int64], field: str = "travel_s") -> NDArray[np.int64]:
    """Return a read-only int64 copy, or say what is wrong with the matrix and where."""
    travel = np.asarray(travel_s)
    if travel.ndim != 2 or travel.shape[0] != travel.shape[1]:  # noqa: PLR2004  (a square)
        raise InvalidProblem(f"{field}: shape is {travel.shape}, not (n, n)")
    if travel.dtype.kind == "f" and not np.isfinite(travel).all():
        row, column = np.argwhere(~np.isfinite(travel))[0]
        value = travel[row, column]
        raise InvalidProblem(f"{field}[{row}][{column}] is {value}, not a whole number of seconds")
    if travel.dtype.kind not in "iu" and travel.size:
        raise InvalidProblem(f"{field}: type is {travel.dtype}; round to whole seconds (int64)")
    wrong = (travel < 0) | (travel > MAX_SECONDS)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        value = travel[row, column]
        raise InvalidProblem(f"{field}[{row}][{column}] is {value}, not in 0..{MAX_SECONDS}")
    if np.diagonal(travel).any():
        place = int(np.flatnonzero(np.diagonal(travel))[0])
        raise InvalidProblem(f"{field}[{place}][{place}] is {travel[place, place]}, not 0")
    travel = travel.astype(np.int64, copy=True)
    travel.flags.writeable = False
    return travel

"""Problems and plans as JSON files, formats visit-problem/1 and visit-plan/1."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from routing.errors import InvalidFile
from routing.plan import LeftOut, LeftOutReason, Plan, PlannedStop, Route, SolverNote
from routing.problem import Objective, Problem, Shift, Stop

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

PROBLEM_FORMAT = "visit-problem/1"
PLAN_FORMAT = "visit-plan/1"

_REQUIRED = object()


def read_problem(path: Path) -> Problem:
    """Read a problem.

    Raises
    ------
    InvalidFile
        When the file is not JSON of the format, or lacks or adds a key.
    InvalidProblem
        When what it says is no valid problem.
    OSError
        When the file cannot be read.
    """
    reader = _Reader.of_file(path, PROBLEM_FORMAT)
    problem = Problem(
        name=reader.take("name"),
        travel_s=_matrix(reader),
        shifts=tuple(_shift(each) for each in reader.children("shifts")),
        stops=tuple(_stop(each) for each in reader.children("stops")),
        objective=_objective(reader.child("objective")),
    )
    reader.require_empty()
    return problem


def write_problem(problem: Problem, path: Path) -> None:
    """Write a problem as visit-problem/1."""
    content = {
        "format": PROBLEM_FORMAT,
        "name": problem.name,
        "travel_s": problem.travel_s.tolist(),
        "shifts": [
            {
                "id": shift.id,
                "day": shift.day,
                "start_s": shift.start_s,
                "end_s": shift.end_s,
                "from": shift.start_location,
                "to": shift.end_location,
                "max_stops": shift.max_stops,
            }
            for shift in problem.shifts
        ],
        "stops": [_stop_content(stop) for stop in problem.stops],
        "objective": {
            "travel_weight": problem.objective.travel_weight,
            "missed_required_penalty": problem.objective.missed_required_penalty,
            "min_days": problem.objective.min_days,
            "short_day_penalty": problem.objective.short_day_penalty,
        },
    }
    _write(path, content)


def write_plan(plan: Plan, path: Path) -> None:
    """Write a plan as visit-plan/1."""
    note = plan.solver
    content = {
        "format": PLAN_FORMAT,
        "problem": plan.problem,
        "objective": plan.objective,
        "routes": [
            {
                "shift": route.shift,
                "travel_s": route.travel_s,
                "stops": [
                    {
                        "id": stop.id,
                        "arrive_s": stop.arrive_s,
                        "start_s": stop.start_s,
                        "end_s": stop.end_s,
                    }
                    for stop in route.stops
                ],
            }
            for route in plan.routes
        ],
        "unplanned": [
            {
                "id": left.id,
                "reason": left.reason.value,
                "shift": left.shift,
                "added_travel_s": left.added_travel_s,
            }
            for left in plan.left_out
        ],
        "bound": plan.bound,
        "solver": None
        if note is None
        else {
            "engine": note.engine,
            "seed": note.seed,
            "time_limit_s": note.time_limit_s,
            "iterations": note.iterations,
            "seconds": note.seconds,
        },
    }
    _write(path, content)


def read_plan(path: Path) -> Plan:
    """Read a plan as `write_plan` writes it; whether it is feasible is for the checker to say.

    Raises
    ------
    InvalidFile
        When the file is not JSON of the format, or lacks or adds a key.
    OSError
        When the file cannot be read.
    """
    reader = _Reader.of_file(path, PLAN_FORMAT)
    plan = Plan(
        problem=reader.text("problem"),
        objective=reader.whole("objective"),
        routes=tuple(_route(each) for each in reader.children("routes")),
        left_out=tuple(_left_out(each) for each in reader.children("unplanned")),
        bound=reader.whole("bound") if reader.has("bound") else None,
        solver=_solver_note(reader),
    )
    reader.require_empty()
    return plan


class _Reader:
    """Takes keys out of one JSON object; what is wrong is said with the place and the value."""

    def __init__(self, content: object, where: str) -> None:
        if not isinstance(content, dict):
            raise InvalidFile(f"{where}: {_shown(content)} is no object")
        self._content: dict[str, Any] = dict(content)
        self._where = where

    @classmethod
    def of_file(cls, path: Path, expected: str) -> _Reader:
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
            raise InvalidFile(f"{path.name}: no JSON in UTF-8: {error}") from error
        reader = cls(content, path.name)
        found = reader.take("format")
        if found != expected:
            raise InvalidFile(f"{path.name}: format is {_shown(found)}, not {expected!r}")
        return reader

    def take(self, key: str, default: object = _REQUIRED) -> Any:  # noqa: ANN401  (raw JSON)
        if key in self._content:
            return self._content.pop(key)
        if default is _REQUIRED:
            raise InvalidFile(f"{self._where}: {key} is missing")
        return default

    def text(self, key: str) -> str:
        value = self.take(key)
        if not isinstance(value, str):
            raise self.wrong(key, value, "a text")
        return value

    def whole(self, key: str) -> int:
        value = self.take(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.wrong(key, value, "a whole number")
        return value

    def seconds(self, key: str) -> float:
        value = self.take(key)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self.wrong(key, value, "a number of seconds")
        return float(value)

    def has(self, key: str) -> bool:
        """Tell whether `key` has a value; a null is taken out."""
        if self._content.get(key) is None:
            self._content.pop(key, None)
            return False
        return True

    def child(self, key: str) -> _Reader:
        return _Reader(self.take(key), f"{self._where}: {key}")

    def children(self, key: str) -> list[_Reader]:
        found = self.take(key)
        if not isinstance(found, list):
            raise self.wrong(key, found, "a list")
        return [_Reader(each, f"{self._where}: {key}[{i}]") for i, each in enumerate(found)]

    def require_empty(self) -> None:
        for key, value in self._content.items():
            raise InvalidFile(f"{self._where}: {key} is unknown (its value is {_shown(value)})")

    def wrong(self, key: str, value: object, expected: str) -> InvalidFile:
        return InvalidFile(f"{self._where}: {key} is {_shown(value)}, not {expected}")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004  (a line's half)


def _matrix(reader: _Reader) -> NDArray[np.int64]:
    rows = reader.take("travel_s")
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise reader.wrong("travel_s", rows, "a list of rows")
    if not rows:
        return np.zeros((0, 0), dtype=np.int64)
    for i, row in enumerate(rows):
        if len(row) != len(rows):
            raise reader.wrong(f"travel_s[{i}]", len(row), f"{len(rows)} values long")
        for j, value in enumerate(row):
            if type(value) is not int:
                raise reader.wrong(f"travel_s[{i}][{j}]", value, "a whole number of seconds")
    try:
        return np.array(rows, dtype=np.int64)
    except OverflowError as error:
        raise InvalidFile(f"travel_s: a value leaves 64 bits ({error})") from error


def _shift(reader: _Reader) -> Shift:
    shift = Shift(
        id=reader.take("id"),
        day=reader.take("day"),
        start_s=reader.take("start_s"),
        end_s=reader.take("end_s"),
        start_location=reader.take("from"),
        end_location=reader.take("to"),
        max_stops=reader.take("max_stops"),
    )
    reader.require_empty()
    return shift


def _stop(reader: _Reader) -> Stop:
    windows, shifts = reader.take("windows"), reader.take("shifts", None)
    if not isinstance(windows, list):
        raise reader.wrong("windows", windows, "a list of [earliest, latest]")
    if shifts is not None and not _is_list_of_texts(shifts):
        raise reader.wrong("shifts", shifts, "a list of shift ids")
    stop = Stop(
        id=reader.take("id"),
        location=reader.take("location"),
        service_s=reader.take("service_s"),
        prize=reader.take("prize"),
        required=reader.take("required"),
        windows=tuple(tuple(each) if isinstance(each, list) else each for each in windows),
        shifts=None if shifts is None else tuple(shifts),
    )
    reader.require_empty()
    return stop


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _stop_content(stop: Stop) -> dict[str, object]:
    content: dict[str, object] = {
        "id": stop.id,
        "location": stop.location,
        "service_s": stop.service_s,
        "prize": stop.prize,
        "required": stop.required,
        "windows": [list(window) for window in stop.windows],
    }
    if stop.shifts is not None:
        content["shifts"] = list(stop.shifts)
    return content


def _objective(reader: _Reader) -> Objective:
    objective = Objective(
        travel_weight=reader.take("travel_weight"),
        missed_required_penalty=reader.take("missed_required_penalty"),
        min_days=reader.take("min_days"),
        short_day_penalty=reader.take("short_day_penalty"),
    )
    reader.require_empty()
    return objective


def _route(reader: _Reader) -> Route:
    route = Route(
        shift=reader.text("shift"),
        travel_s=reader.whole("travel_s"),
        stops=tuple(_planned_stop(each) for each in reader.children("stops")),
    )
    reader.require_empty()
    return route


def _planned_stop(reader: _Reader) -> PlannedStop:
    stop = PlannedStop(
        id=reader.text("id"),
        arrive_s=reader.whole("arrive_s"),
        start_s=reader.whole("start_s"),
        end_s=reader.whole("end_s"),
    )
    reader.require_empty()
    return stop


def _left_out(reader: _Reader) -> LeftOut:
    reason = reader.take("reason")
    if reason not in set(LeftOutReason):
        raise reader.wrong("reason", reason, f"one of {', '.join(LeftOutReason)}")
    left = LeftOut(
        id=reader.text("id"),
        reason=LeftOutReason(reason),
        shift=reader.text("shift") if reader.has("shift") else None,
        added_travel_s=reader.whole("added_travel_s") if reader.has("added_travel_s") else None,
    )
    reader.require_empty()
    return left


def _solver_note(reader: _Reader) -> SolverNote | None:
    if not reader.has("solver"):
        return None
    inner = reader.child("solver")
    note = SolverNote(
        engine=inner.text("engine"),
        seed=inner.whole("seed"),
        time_limit_s=inner.seconds("time_limit_s") if inner.has("time_limit_s") else None,
        iterations=inner.whole("iterations") if inner.has("iterations") else None,
        seconds=inner.seconds("seconds") if inner.has("seconds") else None,
    )
    inner.require_empty()
    return note


def _write(path: Path, content: dict[str, object]) -> None:
    text = json.dumps(content, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")

"""Problems and plans as JSON files, formats visit-problem/1 and visit-plan/1."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from routing.errors import InvalidFile
from routing.json_reader import Reader
from routing.plan import LeftOut, LeftOutReason, Plan, PlannedStop, Route, SolverNote
from routing.problem import Objective, Problem, Shift, Stop
from routing.schedule import make_route

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

PROBLEM_FORMAT = "visit-problem/1"
PLAN_FORMAT = "visit-plan/1"


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
    reader = Reader.of_file(path, PROBLEM_FORMAT)
    problem = Problem(
        name=reader.take("name"),
        travel_s=_matrix(reader),
        shifts=tuple(_shift(each) for each in reader.children("shifts")),
        stops=tuple(stop_of(each) for each in reader.children("stops")),
        objective=_objective(reader.child("objective")),
        travel_by_mode=_modes(reader),
    )
    reader.require_empty()
    return problem


def write_problem(problem: Problem, path: Path) -> None:
    """Write a problem as visit-problem/1."""
    content: dict[str, object] = {
        "format": PROBLEM_FORMAT,
        "name": problem.name,
        "travel_s": problem.travel_s.tolist(),
        "shifts": [_shift_content(shift) for shift in problem.shifts],
        "stops": [_stop_content(stop) for stop in problem.stops],
        "objective": {
            "travel_weight": problem.objective.travel_weight,
            "missed_required_penalty": problem.objective.missed_required_penalty,
            "min_days": problem.objective.min_days,
            "short_day_penalty": problem.objective.short_day_penalty,
        },
    }
    if problem.travel_by_mode:
        by_mode = {mode: travel.tolist() for mode, travel in problem.travel_by_mode.items()}
        content["travel_by_mode"] = by_mode
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


def read_plan(path: Path, problem: Problem | None = None) -> Plan:
    """Read a plan; whether it is feasible is for the checker to say.

    Parameters
    ----------
    problem
        Needed for plans of other planners, whose stops may be plain ids in the order of the visit
        and whose routes may not tell their travel: both are worked out from it.

    Raises
    ------
    InvalidFile
        When the file is not JSON of the format, lacks or adds a key, or needs `problem`.
    OSError
        When the file cannot be read.
    """
    reader = Reader.of_file(path, PLAN_FORMAT)
    plan = Plan(
        problem=reader.text("problem"),
        objective=reader.whole("objective"),
        routes=tuple(_route(each, problem) for each in reader.children("routes")),
        left_out=tuple(_left_out(each) for each in reader.children("unplanned")),
        bound=reader.whole("bound") if reader.has("bound") else None,
        solver=_solver_note(reader),
    )
    reader.require_empty()
    return plan


def _modes(reader: Reader) -> dict[str, NDArray[np.int64]]:
    by_mode = reader.take("travel_by_mode", {})
    if not isinstance(by_mode, dict):
        raise reader.wrong("travel_by_mode", by_mode, "an object of matrices by mode")
    inner = Reader(by_mode, "travel_by_mode")
    return {mode: _matrix(inner, mode) for mode in by_mode}


def _matrix(reader: Reader, key: str = "travel_s") -> NDArray[np.int64]:
    rows = reader.take(key)
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise reader.wrong(key, rows, "a list of rows")
    if not rows:
        return np.zeros((0, 0), dtype=np.int64)
    for i, row in enumerate(rows):
        if len(row) != len(rows):
            raise reader.wrong(f"{key}[{i}]", len(row), f"{len(rows)} values long")
        for j, value in enumerate(row):
            if type(value) is not int:
                raise reader.wrong(f"{key}[{i}][{j}]", value, "a whole number of seconds")
    try:
        return np.array(rows, dtype=np.int64)
    except OverflowError as error:
        raise InvalidFile(f"{key}: a value leaves 64 bits ({error})") from error


def _shift(reader: Reader) -> Shift:
    shift = Shift(
        id=reader.take("id"),
        day=reader.take("day"),
        start_s=reader.take("start_s"),
        end_s=reader.take("end_s"),
        start_location=reader.take("from"),
        end_location=reader.take("to"),
        max_stops=reader.take("max_stops"),
        mode=reader.take("mode", None),
        start_building=reader.take("start_building", None),
    )
    reader.require_empty()
    return shift


def stop_of(reader: Reader) -> Stop:
    """Take the stop that an object of visit-problem/1 describes."""
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
        setup_s=reader.take("setup_s", 0),
        building=reader.take("building", None),
        firm=reader.take("firm", None),
        min_gap_days=reader.take("min_gap_days", 0),
    )
    reader.require_empty()
    return stop


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _shift_content(shift: Shift) -> dict[str, object]:
    content: dict[str, object] = {
        "id": shift.id,
        "day": shift.day,
        "start_s": shift.start_s,
        "end_s": shift.end_s,
        "from": shift.start_location,
        "to": shift.end_location,
        "max_stops": shift.max_stops,
    }
    # What is unused is not written: files then are those of planners that know no such rule.
    optional = {"mode": shift.mode, "start_building": shift.start_building}
    return content | {key: value for key, value in optional.items() if value is not None}


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
    optional = {
        "setup_s": stop.setup_s,
        "building": stop.building,
        "firm": stop.firm,
        "min_gap_days": stop.min_gap_days,
    }
    return content | {key: value for key, value in optional.items() if value}


def _objective(reader: Reader) -> Objective:
    objective = Objective(
        travel_weight=reader.take("travel_weight"),
        missed_required_penalty=reader.take("missed_required_penalty"),
        min_days=reader.take("min_days"),
        short_day_penalty=reader.take("short_day_penalty"),
    )
    reader.require_empty()
    return objective


def _route(reader: Reader, problem: Problem | None) -> Route:
    shift = reader.text("shift")
    stops = reader.take("stops")
    if reader.has("travel_s") and not _is_list_of_texts(stops):
        route = Route(
            shift=shift,
            travel_s=reader.whole("travel_s"),
            stops=tuple(_planned_stop(each) for each in reader.wrap("stops", stops)),
        )
    else:
        ids = stops if _is_list_of_texts(stops) else _ids(reader.wrap("stops", stops))
        route = _timed(reader, shift, ids, problem)
    reader.require_empty()
    return route


def _ids(readers: list[Reader]) -> list[str]:
    return [_planned_stop(each).id for each in readers]


def _timed(reader: Reader, shift_id: str, ids: list[str], problem: Problem | None) -> Route:
    """Return the route of an order given by ids, late or not."""
    if problem is None:
        raise reader.wrong("travel_s", None, "there; without it the problem is needed")
    shifts = {shift.id: shift for shift in problem.shifts}
    stops = {stop.id: stop for stop in problem.stops}
    if shift_id not in shifts:
        raise reader.wrong("shift", shift_id, f"a shift of {problem.name!r}")
    for stop_id in ids:
        if stop_id not in stops:
            raise reader.wrong("stops", stop_id, f"a stop of {problem.name!r}")
    return make_route(problem, shifts[shift_id], [stops[each] for each in ids])


def _planned_stop(reader: Reader) -> PlannedStop:
    stop = PlannedStop(
        id=reader.text("id"),
        arrive_s=reader.whole("arrive_s"),
        start_s=reader.whole("start_s"),
        end_s=reader.whole("end_s"),
    )
    reader.require_empty()
    return stop


def _left_out(reader: Reader) -> LeftOut:
    reason = reader.text("reason")
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


def _solver_note(reader: Reader) -> SolverNote | None:
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

"""Measure what is not the quality of plans: re-planning, roads, many problems, the first solve.

    python benchmarks/routing_other.py replan
    python benchmarks/routing_other.py roads FILE.osm.pbf
    python benchmarks/routing_other.py network
    python benchmarks/routing_other.py batch --processes 2
    python benchmarks/routing_other.py first

Seconds are of the processor where one process does the work, because other work on the machine
would lengthen the others; `batch` is of the clock, `first` of both.
"""

from __future__ import annotations

import argparse
import itertools
import resource
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from routing_plans import DAY, HOUR, make_problem

import routing
from routing.network import Line, collapse, make_graph
from routing.travel import haversine_m

if TYPE_CHECKING:
    from collections.abc import Iterator

    from routing.graph import Graph


def measure_replan(problems: int = 12) -> None:
    """Days of 60 candidates: five kinds of events each, at ten o'clock."""
    seconds = []
    for seed in range(problems):
        problem = one_day(seed)
        plan = routing.solve(problem, time_limit_s=1.0)
        for event in events_of(problem, plan):
            before = time.process_time()
            routing.replan(problem, plan, [event], now_s=10 * HOUR)
            seconds.append(time.process_time() - before)
    tell("re-planning a day of 60 candidates", seconds)


def one_day(seed: int) -> routing.Problem:
    """Return a full day of 60 candidates out of a week."""
    week = make_problem("hole", 60, seed)
    shift = replace(week.shifts[0], max_stops=12)
    stops = tuple(
        replace(stop, windows=tuple((low % DAY, low % DAY + high - low) for low, high in each))
        for stop in week.stops
        for each in [[w for w in stop.windows if w[0] // DAY == stop.windows[0][0] // DAY]]
    )
    weights = replace(week.objective, min_days=1)
    return replace(week, shifts=(shift,), stops=stops, objective=weights)


def events_of(problem: routing.Problem, plan: routing.Plan) -> Iterator[routing.replan.Event]:
    route = plan.routes[0]
    ahead = [stop for stop in route.stops if stop.start_s > 10 * HOUR]
    left = {stop.id: stop for stop in problem.stops} | {s.id: None for s in route.stops}
    spare = next(stop for stop in left.values() if stop is not None)
    yield routing.ClosedDoor(stop=ahead[0].id)
    yield routing.ClosedDoor(stop=ahead[-1].id, until_s=15 * HOUR)
    yield routing.RunningLate(shift=route.shift, free_s=11 * HOUR)
    yield routing.ShiftGone(shift=route.shift)
    all_day = ((9 * HOUR, 17 * HOUR),)
    yield routing.UrgentVisit(stop=replace(spare, id="urgent", windows=all_day))
    yield routing.NewFirm(stop=replace(spare, id="new", windows=all_day, prize=9000))


def measure_roads(path: Path) -> None:
    before = time.process_time()
    roads = routing.Roads.read(path)
    print(f"{path.name}: read in {time.process_time() - before:.2f} s")
    for mode in routing.Mode:
        before = time.process_time()
        graph = roads.graph(mode)
        made_s = time.process_time() - before
        print(f"{mode}: {graph.junctions} junctions, {graph.roads} roads, {made_s:.2f} s")
        draw = np.random.default_rng(1)
        points = graph.lonlat[draw.integers(0, len(graph.lonlat), 150)]
        for name in ("first", "again"):
            before = time.process_time()
            travel = roads.matrix(points, mode)
            took_s = time.process_time() - before
            print(
                f"  150 points {name}: {took_s:.2f} s, farthest {travel.seconds.max() / 60:.0f} min"
            )
        before = time.process_time()
        for a, b in itertools.pairwise(points[:21]):
            roads.path(tuple(a), tuple(b), mode)
        print(f"  a way with its shape: {(time.process_time() - before) / 20 * 1000:.0f} ms")


def measure_network() -> None:
    """A made-up network of some 60,000 junctions: a grid of streets, a fifth of them missing."""
    graph = grid_of_streets(268)
    print(f"{graph.junctions} junctions, {graph.roads} roads")
    draw = np.random.default_rng(2)
    for spread in (0.7, 0.2):
        span = graph.lonlat.max(axis=0) - graph.lonlat.min(axis=0)
        middle = graph.lonlat.mean(axis=0)
        points = middle + (draw.random((150, 2)) - 0.5) * span * spread
        for name in ("first", "again"):
            before = time.process_time()
            places, _ = graph.nearest(points)
            far_m = float(haversine_m(points).max())
            graph.between(places)
            took_s = time.process_time() - before
            print(f"150 points up to {far_m / 1000:.0f} km apart, {name}: {took_s:.2f} s")


def grid_of_streets(side: int) -> Graph:
    draw = np.random.default_rng(1)
    step = 0.001
    lines = []
    for x in range(side):
        for y in range(side):
            for there in ((x + 1, y), (x, y + 1)):
                if max(there) < side and draw.random() < 0.8:
                    ends = np.array([(x, y), there], dtype=np.float64) * step
                    ids = (x * side + y, there[0] * side + there[1])
                    lines.append(Line.along(ids, ends, kmh=25, forward=True, backward=True))
    return make_graph(collapse(lines))


def measure_batch(problems: int, processes: int, limit_s: float) -> None:
    sizes = np.random.default_rng(3).integers(20, 151, problems).tolist()
    weeks = [make_problem("office" if k % 2 else "hole", n, k) for k, n in enumerate(sizes)]
    started = time.perf_counter()
    results = list(routing.solve_many(weeks, time_limit_s=limit_s, processes=processes))
    took_s = time.perf_counter() - started
    failed = sum(1 for result in results if result.error is not None)
    memory_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(
        f"{problems} problems of 20 to 150 stops at {limit_s} s on {processes} processes: "
        f"{took_s:.1f} s, {failed} failed, largest process {memory_mb:.0f} MB"
    )


def measure_first() -> None:
    """The first solve of a fresh process, with its start and all imports."""
    code = (
        "import resource, sys, routing\n"
        "from pathlib import Path\n"
        "plan = routing.solve(routing.read_problem(Path(sys.argv[1])), time_limit_s=0.3)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
    )
    path = Path("/tmp") / f"first-{time.time_ns()}.json"
    routing.write_problem(make_problem("office", 150, 0), path)
    seconds, busy, memory = [], [], []
    for _ in range(5):
        started, used = time.perf_counter(), seconds_of_children()
        arguments = [sys.executable, "-c", code, str(path)]
        done = subprocess.run(arguments, check=True, capture_output=True, text=True)
        seconds.append(time.perf_counter() - started)
        busy.append(seconds_of_children() - used)
        memory.append(int(done.stdout))
    path.unlink()
    tell("first solve of a process, 150 stops, limit 0.3 s, by the clock", seconds)
    tell("the same, of the processor", busy)
    print(f"memory {max(memory)} MB")


def seconds_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def tell(what: str, seconds: list[float]) -> None:
    middle, high, most = (1000 * np.quantile(seconds, share) for share in (0.5, 0.95, 1.0))
    print(f"{what}, {len(seconds)} times: p50 {middle:.0f}, p95 {high:.0f}, most {most:.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what is not the quality of plans.")
    parser.add_argument("what", choices=["replan", "roads", "network", "batch", "first"])
    parser.add_argument("path", type=Path, nargs="?", metavar="FILE.osm.pbf")
    parser.add_argument("--problems", type=int, default=136)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--time-limit", type=float, default=1.0)
    options = parser.parse_args()
    if options.what == "replan":
        measure_replan()
    elif options.what == "roads":
        measure_roads(options.path)
    elif options.what == "network":
        measure_network()
    elif options.what == "batch":
        measure_batch(options.problems, options.processes, options.time_limit)
    else:
        measure_first()


if __name__ == "__main__":
    main()

"""Compare the planner with VROOM, PyVRP and its own parts at equal time, judged by one evaluator.

    python benchmarks/routing_plans.py                        made-up problems, a second each
    python benchmarks/routing_plans.py DIR --time-limit 0.3   visit-problem/1 files of a folder
    python benchmarks/routing_plans.py --reference 5          also against what five seconds find

Every method has the same wall time on one thread. Gaps are in percent of the best that any method
found or that the folder's best_known.json says. A required stop that one method serves and another
misses is named. VROOM comes with the planner; PyVRP is a
development extra and is left out with a sentence where it is not installed.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import routing
import routing.start
import routing.vroom_seed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HOUR, DAY = 3600, 86_400
Orders = list[list[int]]
Gaps = dict[str, dict[str, list[float]]]


def make_problem(kind: str, n: int, seed: int) -> routing.Problem:
    """Make a week of one grid worker up: `hole` has full days with a lunch, `office` half days."""
    draw = np.random.default_rng((n, seed))
    spread_m = draw.choice([2500.0, 5000.0])
    centres = draw.normal(0, spread_m / 2, (max(2, n // 12), 2))
    places = centres[draw.integers(0, len(centres), n)] + draw.normal(0, spread_m / 6, (n, 2))
    points = np.vstack([np.zeros((1, 2)), places])
    metres = np.hypot(*(points[:, None] - points[None, :]).transpose(2, 0, 1))
    noise = draw.uniform(0.9, 1.15, metres.shape)
    travel_s = (60 + metres * 1.35 / 4.5 * noise).astype(np.int64)
    np.fill_diagonal(travel_s, 0)
    most = int(draw.integers(8, 12)) if kind == "hole" else 6
    spans = ((9.0, 17.5),) if kind == "hole" else ((9.0, 12.0), (14.0, 17.5))
    shifts = [
        routing.Shift(
            id=f"d{day}h{first:.0f}",
            day=day,
            start_s=int(DAY * day + first * HOUR),
            end_s=int(DAY * day + last * HOUR),
            start_location=0,
            end_location=0,
            max_stops=most,
        )
        for day, (first, last) in itertools.product(range(5), spans)
    ]
    return routing.Problem(
        name=f"{kind}-n{n}-{seed}",
        travel_s=travel_s,
        shifts=tuple(shifts),
        stops=tuple(make_stop(draw, i) for i in range(1, n + 1)),
        objective=routing.Objective(
            travel_weight=1, missed_required_penalty=20_000, min_days=3, short_day_penalty=3600
        ),
    )


def make_stop(draw: np.random.Generator, i: int) -> routing.Stop:
    service_s = int(draw.integers(3, 9)) * 300
    open_days = draw.choice(5, draw.choice([5, 3, 2, 1], p=[0.65, 0.2, 0.1, 0.05]), replace=False)
    first, last = draw.choice([9.0, 9.5, 10.0]), draw.choice([16.5, 17.0, 17.5])
    halves = [((first, 12.0), (14.0, last)), ((14.0, last),), ((first, 12.0),)]
    chosen = halves[draw.choice(3, p=[0.8, 0.12, 0.08])]
    return routing.Stop(
        id=f"v{i}",
        location=i,
        service_s=service_s,
        prize=int(min(10_800, 900 + draw.gamma(1.6, 1500))),
        required=bool(draw.random() < 0.03),
        windows=tuple(
            (int(DAY * day + low * HOUR), int(DAY * day + high * HOUR) - service_s)
            for day in sorted(open_days.tolist())
            for low, high in chosen
        ),
    )


def planned_by(problem: routing.Problem, orders: Orders) -> routing.Plan:
    """Return the plan of orders of stop numbers; its reasons are not looked into."""
    ids = {
        shift.id: [problem.stops[i].id for i in order]
        for shift, order in zip(problem.shifts, orders, strict=True)
    }
    return routing.plan_by_hand(problem, ids).plan


def by_solver(problem: routing.Problem, limit_s: float) -> routing.Plan:
    return routing.solve(problem, time_limit_s=limit_s)


def by_own_seed(problem: routing.Problem, limit_s: float) -> routing.Plan:
    """Greedy insertion and ruin-and-recreate alone."""
    instance = routing.instance.Instance(problem)
    orders = routing.seed.construct(instance)
    return planned_by(problem, routing.seed.improve(instance, orders, seed=0, time_limit_s=limit_s))


def by_ortools(problem: routing.Problem, limit_s: float) -> routing.Plan:
    instance = routing.instance.Instance(problem)
    orders = routing.seed.construct(instance)
    orders = routing.solver.search_with_ortools(instance, orders, time_limit_s=limit_s)
    return planned_by(problem, orders)


def by_vroom(problem: routing.Problem, limit_s: float) -> routing.Plan:
    """VROOM at exploration 5 among the best 1.15 times as many stops as fit, prizes as priority."""
    instance = routing.instance.Instance(problem)
    choice = routing.vroom_seed.CHOICES[0]
    return planned_by(problem, routing.vroom_seed.VroomSeed(instance).ask(choice, 5, limit_s))


def by_pyvrp(problem: routing.Problem, limit_s: float) -> routing.Plan:
    """PyVRP; `routing_pyvrp` says what of a problem it can say. Stating it is not counted."""
    from routing_pyvrp import solve_with_pyvrp

    return planned_by(problem, solve_with_pyvrp(problem, limit_s))


METHODS: dict[str, Callable[[routing.Problem, float], routing.Plan]] = {
    "solve": by_solver,
    "own seed": by_own_seed,
    "OR-Tools": by_ortools,
    "VROOM 5": by_vroom,
    "PyVRP": by_pyvrp,
}


def required_of(problem: routing.Problem, plan: routing.Plan) -> set[str]:
    """Return the required stops that a plan serves."""
    planned = {stop.id for route in plan.routes for stop in route.stops}
    return {stop.id for stop in problem.stops if stop.required} & planned


def problems_of(options: argparse.Namespace) -> Iterator[tuple[routing.Problem, str, int | None]]:
    """Yield problems with the cell they belong to and the best objective known."""
    if options.folder is None:
        for kind, n in itertools.product(("hole", "office"), options.stops):
            for seed in range(options.problems):
                yield make_problem(kind, n, seed), f"{kind}-n{n}", None
        return
    path = options.folder / "best_known.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for path in sorted(options.folder.glob("*-*.json")):
        best = known.get(path.stem, {}).get("best_known")
        yield routing.read_problem(path), path.stem.rsplit("-", 1)[0], best


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description="Compare planners at equal time.")
    made.add_argument("folder", type=Path, nargs="?", metavar="DIR")
    made.add_argument("--time-limit", type=float, default=1.0, metavar="S")
    made.add_argument("--problems", type=int, default=3, help="made-up problems per cell")
    made.add_argument("--stops", type=int, nargs="+", default=[20, 50, 100, 150])
    made.add_argument("--methods", nargs="+", default=list(METHODS), choices=list(METHODS))
    made.add_argument(
        "--reference", type=float, metavar="S", help="compare with a plan of so many seconds, too"
    )
    made.add_argument("--only", default="", help="cells whose names start so")
    return made


def main() -> None:
    options = parser().parse_args()
    methods = [name for name in options.methods if name != "PyVRP" or has_pyvrp()]
    warm_up(methods)
    gaps: Gaps = defaultdict(lambda: defaultdict(list))
    for problem, cell, known in problems_of(options):
        if not cell.startswith(options.only):
            continue
        worths: dict[str, int] = {}
        served: dict[str, set[str]] = {}
        for method in methods:
            started = time.perf_counter()
            plan = METHODS[method](problem, options.time_limit)
            gaps["slowest, s"][method].append(time.perf_counter() - started)
            if routing.is_feasible(problem, plan):
                worths[method] = routing.objective_of(problem, plan)
                served[method] = required_of(problem, plan)
            else:
                print(f"{problem.name}: {method} breaks a rule")
        for method, mine in served.items():
            if missed := set().union(*served.values()) - mine:
                print(f"{problem.name}: {method} misses required {', '.join(sorted(missed))}")
        references = [] if known is None else [known]
        if options.reference:
            long = routing.solve(problem, time_limit_s=options.reference, seed=1)
            references.append(routing.objective_of(problem, long))
        best = max([*worths.values(), *references])
        for method, worth in worths.items():
            gaps[cell][method].append(100 * (1 - worth / best))
            gaps["all"][method].append(100 * (1 - worth / best))
        bound = 100 * (routing.upper_bound(problem) / best - 1)
        gaps[cell]["bound"].append(bound)
        gaps["all"]["bound"].append(bound)
    print_table(gaps, methods, options.time_limit)


def has_pyvrp() -> bool:
    try:
        import pyvrp  # noqa: F401
    except ImportError:
        print("PyVRP is not installed (development extra); it is left out.")
        return False
    return True


def warm_up(methods: list[str]) -> None:
    """Load every engine once, so that no method pays for its import."""
    for method in methods:
        METHODS[method](make_problem("hole", 12, 0), 0.1)


def print_table(gaps: Gaps, methods: list[str], limit_s: float) -> None:
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    print(f"mean / largest gap to the best in %, {limit_s} s each, machine load {load}")
    print(f"{'cell':<12}" + "".join(f"{method:>17}" for method in methods) + f"{'bound':>9}")
    for cell in sorted(gaps, key=lambda name: (name in {"all", "slowest, s"}, name)):
        found = gaps[cell]
        row = "".join(
            f"{mean(found[m]):>9.3f} /{max(found[m]):>6.2f}" if found[m] else f"{'-':>17}"
            for m in methods
        )
        print(f"{cell:<12}{row}" + (f"{mean(found['bound']):>+9.2f}" if "bound" in found else ""))


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


if __name__ == "__main__":
    main()

"""Compare the planner with its own parts at equal time: python benchmarks/routing.py DIR.

DIR holds visit-problem/1 files and best_known.json. Every method gets the same wall time on one
thread, and every plan is judged by the checker.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from pathlib import Path

# This file's own folder would come first, where `routing` is this file.
sys.path[0] = str(Path(__file__).parents[1])

import routing  # noqa: E402  (only now it is the package)

Gaps = dict[str, dict[str, list[float]]]


def planned_by(problem: routing.Problem, orders: list[list[int]]) -> routing.Plan:
    """Return the plan of orders of stop numbers; its reasons are not looked into."""
    routes = tuple(
        routing.schedule.make_route(problem, shift, [problem.stops[i] for i in order])
        for shift, order in zip(problem.shifts, orders, strict=True)
        if order
    )
    return routing.Plan(
        problem=problem.name,
        objective=routing.score(problem, routes).objective,
        routes=routes,
        left_out=(),
    )


def by_construction(problem: routing.Problem, _limit_s: float) -> routing.Plan:
    return planned_by(problem, routing.seed.construct(routing.instance.Instance(problem)))


def by_seed(problem: routing.Problem, limit_s: float) -> routing.Plan:
    instance = routing.instance.Instance(problem)
    orders = routing.seed.construct(instance)
    orders = routing.seed.improve(instance, orders, seed=0, time_limit_s=limit_s)
    return planned_by(problem, orders)


def by_ortools(problem: routing.Problem, limit_s: float) -> routing.Plan:
    instance = routing.instance.Instance(problem)
    orders = routing.seed.construct(instance)
    orders = routing.solver.search_with_ortools(instance, orders, time_limit_s=limit_s)
    return planned_by(problem, orders)


def by_solver(problem: routing.Problem, limit_s: float) -> routing.Plan:
    return routing.solve(problem, time_limit_s=limit_s)


METHODS = {
    "construction": by_construction,
    "seed": by_seed,
    "ortools": by_ortools,
    "solve": by_solver,
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare the planner with its own parts.")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--time-limit", type=float, default=1.0, metavar="S")
    parser.add_argument("--only", default="", help="problems whose names start so")
    options = parser.parse_args()
    known = json.loads((options.folder / "best_known.json").read_text(encoding="utf-8"))
    gaps: Gaps = defaultdict(lambda: defaultdict(list))
    for name in sorted(name for name in known if name.startswith(options.only)):
        problem = routing.read_problem(options.folder / f"{name}.json")
        cell, best = name.rsplit("-", 1)[0], known[name]["best_known"]
        for method, plan_by in METHODS.items():
            started = time.perf_counter()
            plan = plan_by(problem, options.time_limit)
            gaps["slowest, s"][method].append(time.perf_counter() - started)
            assert routing.is_feasible(problem, plan), (name, method)
            gap = 100 * (1 - routing.objective_of(problem, plan) / best)
            gaps[cell][method].append(gap)
            gaps["all"][method].append(gap)
        gaps[cell]["bound"].append(100 * (routing.upper_bound(problem) / best - 1))
    print_table(gaps)


def print_table(gaps: Gaps) -> None:
    print("mean / largest gap to the best known in %; bound: mean % above the best known")
    print(f"{'cell':<14}" + "".join(f"{method:>18}" for method in METHODS) + f"{'bound':>10}")
    for cell in sorted(gaps, key=lambda name: (name in {"all", "slowest, s"}, name)):
        found = gaps[cell]
        row = "".join(f"{mean(found[m]):>9.2f} /{max(found[m]):>7.2f}" for m in METHODS)
        print(f"{cell:<14}{row}" + (f"{mean(found['bound']):>10.2f}" if "bound" in found else ""))


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


if __name__ == "__main__":
    main()

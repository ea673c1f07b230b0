"""python -m routing solve | check | explain | bound | replan | bench | compile."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from routing.bench import bench_folder
from routing.bound import upper_bound
from routing.changes import summary
from routing.checker import check, is_feasible, objective_of
from routing.errors import InvalidFile, RoutingError
from routing.event_file import read_events
from routing.explain import explain
from routing.files import read_plan, read_problem, write_plan, write_problem
from routing.price import price
from routing.replan import replan
from routing.seed import load_search
from routing.solver import solve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from routing.changes import Change
    from routing.explain import StopTerms
    from routing.price import Price


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 good, 1 a finding, 2 unusable input."""
    options = _parser().parse_args(arguments)
    commands = {
        "solve": _solve,
        "check": _check,
        "explain": _explain,
        "bound": _bound,
        "replan": _replan,
        "bench": _bench,
        "compile": _compile,
    }
    try:
        return commands[options.command](options)
    except (RoutingError, OSError) as error:
        _say(f"error: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m routing", description="Visits into routes.")
    commands = parser.add_subparsers(dest="command", required=True)
    solving = commands.add_parser("solve", help="plan a problem")
    solving.add_argument("problem", type=Path, metavar="PROBLEM.json")
    solving.add_argument("--out", type=Path, required=True, metavar="PLAN.json")
    _add_limits(solving)
    for name, text in (
        ("check", "say what a plan breaks"),
        ("explain", "say why each stop is in or out"),
    ):
        judging = commands.add_parser(name, help=text)
        judging.add_argument("problem", type=Path, metavar="PROBLEM.json")
        judging.add_argument("plan", type=Path, metavar="PLAN.json")
        if name == "explain":
            judging.add_argument(
                "--prices", type=int, default=20, metavar="N", help="left-out stops to price"
            )
    bounding = commands.add_parser("bound", help="say what no plan can exceed")
    bounding.add_argument("problem", type=Path, metavar="PROBLEM.json")
    bounding.add_argument("--plan", type=Path, metavar="PLAN.json", help="tell its gap too")
    bounding.add_argument("--time-limit", type=float, default=2.0, metavar="S", help="wall seconds")
    _add_replan(commands.add_parser("replan", help="go on after something happened in the field"))
    benching = commands.add_parser("bench", help="plan a folder and compare with the best known")
    benching.add_argument("folder", type=Path, metavar="DIR")
    _add_limits(benching)
    commands.add_parser("compile", help="compile the search now, so that no plan waits for it")
    return parser


def _add_replan(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("problem", type=Path, metavar="PROBLEM.json")
    parser.add_argument("plan", type=Path, metavar="PLAN.json", help="the published plan")
    parser.add_argument("events", type=Path, metavar="EVENT.json", help="visit-events/1")
    parser.add_argument("--out", type=Path, required=True, metavar="PLAN.json")
    parser.add_argument(
        "--problem-out", type=Path, metavar="PROBLEM.json", help="what was left to plan"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N")


def _add_limits(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--time-limit", type=float, default=1.0, metavar="S", help="wall seconds")
    parser.add_argument("--seed", type=int, default=0, metavar="N")


def _say(text: str, file: object = None) -> None:
    stream = sys.stdout if file is None else sys.stderr
    stream.write(text + "\n")
    stream.flush()


def _solve(options: argparse.Namespace) -> int:
    problem = read_problem(options.problem)
    plan = solve(problem, time_limit_s=options.time_limit, seed=options.seed)
    write_plan(plan, options.out)
    stops = sum(len(route.stops) for route in plan.routes)
    within = "" if plan.gap is None else f", within {plan.gap:.1%} of the best possible"
    _say(
        f"objective {plan.objective}{within}; {stops} stops planned, {len(plan.left_out)} left out"
    )
    return 0


def _check(options: argparse.Namespace) -> int:
    problem = read_problem(options.problem)
    plan = read_plan(options.plan, problem)
    findings = check(problem, plan)
    for finding in findings:
        _say(f"{finding.rule}: {finding.id}: {finding.message}")
    if not findings:
        _say(f"the plan keeps every rule; objective {objective_of(problem, plan)}")
    return 1 if findings else 0


def _explain(options: argparse.Namespace) -> int:
    problem = read_problem(options.problem)
    plan = read_plan(options.plan, problem)
    explanation = explain(problem, plan)
    for terms in explanation.planned:
        _say(f"{terms.shift} {terms.position:>2}. {terms.id}: {_why_in(terms)}")
    for number, left in enumerate(explanation.left_out):
        if number < options.prices:
            _say(f"left out {left.id}: {_why_out(price(problem, plan, left.id))}")
        else:
            _say(f"left out {left.id}: {left.reason}")
    return 0


def _why_in(terms: StopTerms) -> str:
    must = "required, " if terms.required else ""
    other, place = terms.other_day, terms.other_place_s
    day = "no other day has room" if other is None else _more(other.more_travel_s, other.shift)
    order = "no other place in time" if place is None else _more(place, "elsewhere in the order")
    return (
        f"{must}prize {terms.prize}, adds {terms.added_travel_s / 60:.1f} min of travel, waits "
        f"{terms.wait_s / 60:.1f} min, could start {terms.slack_s / 60:.0f} min later; "
        f"{day}; {order}"
    )


def _more(seconds: int, where: str) -> str:
    return f"{seconds / 60:+.1f} min of travel {where}"


def _why_out(found: Price) -> str:
    if found.reason is not None:
        return f"cannot: {found.reason}"
    pushed = f", pushes out {' and '.join(found.pushed_out)}" if found.pushed_out else ""
    pulled = f", lets in {' and '.join(found.pulled_in)}" if found.pulled_in else ""
    return f"{found.added_travel_s / 60:+.1f} min in {found.shift}{pushed}{pulled}"


def _bound(options: argparse.Namespace) -> int:
    problem = read_problem(options.problem)
    bound = upper_bound(problem, time_limit_s=options.time_limit)
    _say(f"no plan of {problem.name} is worth more than {bound}")
    if options.plan is None:
        return 0
    plan = read_plan(options.plan, problem)
    if not is_feasible(problem, plan):
        _say(f"{options.plan.name} breaks a rule, so that the bound says nothing of it")
        return 1
    worth = objective_of(problem, plan)
    share = f", {(bound - worth) / worth:.1%} of it" if worth > 0 else ""
    _say(f"{options.plan.name} is worth {worth}; at most {bound - worth} could be gained{share}")
    return 0


def _replan(options: argparse.Namespace) -> int:
    problem = read_problem(options.problem)
    published = read_plan(options.plan, problem)
    if not is_feasible(problem, published):
        raise InvalidFile(
            f"{options.plan.name}: breaks a rule of {problem.name!r}; `check` says which, and only "
            "a plan that keeps the rules can be gone on with"
        )
    told = read_events(options.events)
    after = replan(problem, published, told.events, now_s=told.now_s, seed=options.seed)
    write_plan(after.plan, options.out)
    if options.problem_out is not None:
        write_problem(after.problem, options.problem_out)
    for route in after.frozen:
        _say(f"{route.shift}: done or under way: {', '.join(stop.id for stop in route.stops)}")
    for change in after.changes:
        _say(_changed(change))
    _say(summary(after.changes))
    return 0


def _changed(change: Change) -> str:
    places = [place for place in (change.from_shift, change.to_shift) if place is not None]
    where = " to ".join(dict.fromkeys(places))
    return f"{change.kind} {change.id} ({where}): {change.reason}"


def _bench(options: argparse.Namespace) -> int:
    for line in bench_folder(options.folder, time_limit_s=options.time_limit, seed=options.seed):
        _say(line)
    return 0


def _compile(_options: argparse.Namespace) -> int:
    load_search()
    return 0


if __name__ == "__main__":
    sys.exit(main())

import os
import signal

import pytest
from made_up_problems import four_shops_and_a_closed_door, make_problem, random_week

import routing.batch
from routing import InvalidLimit, check, solve, solve_many


def die_on_deadly_problems(problem, **limits):
    if problem.name == "deadly":
        os.kill(os.getpid(), signal.SIGKILL)
    if problem.name == "wrong":
        raise ValueError("a bug")
    return solve(problem, **limits)


def solve_or_die(problem, limits):
    plan = die_on_deadly_problems(problem, time_limit_s=limits.time_limit_s, seed=limits.seed)
    return plan, 0.1


def test_every_problem_gets_its_plan_and_progress_is_told():
    problems = [random_week(seed, n=5, days=1) for seed in range(4)]
    told = []
    results = list(
        solve_many(
            problems,
            time_limit_s=0.1,
            processes=2,
            on_done=lambda done, total, name: told.append((done, total, name)),
        )
    )
    assert {result.name for result in results} == {problem.name for problem in problems}
    assert [(done, total) for done, total, _ in told] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    plans = {result.name: result.plan for result in results}
    assert all(check(problem, plans[problem.name]) == () for problem in problems)


def test_a_wrong_and_a_deadly_problem_fail_alone(monkeypatch):
    monkeypatch.setattr(routing.batch, "_solve_one", solve_or_die)
    names = ["good1", "deadly", "good2", "wrong", "good3"]
    problems = [make_problem(name=name) for name in names]
    results = {r.name: r for r in solve_many(problems, time_limit_s=0.05, processes=2)}
    assert sorted(results) == sorted(names)
    assert "died twice" in results["deadly"].error
    assert results["wrong"].error == "ValueError: a bug"
    for name in ("good1", "good2", "good3"):
        assert results[name].error is None
        assert results[name].plan.objective == 3800


def test_no_problems_no_results():
    assert list(solve_many([], processes=2)) == []


def test_processes_below_one_are_refused_at_once():
    with pytest.raises(InvalidLimit, match="processes is 0"):
        solve_many([four_shops_and_a_closed_door()], processes=0)

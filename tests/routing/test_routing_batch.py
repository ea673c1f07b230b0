import os
import signal
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor

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


class Flaky(Executor):
    """Loses each problem as often as said before it solves it."""

    def __init__(self, losses, error):
        self.losses, self.error, self.lost = losses, error, {}

    def submit(self, fn, /, *args, **kwargs):
        name, future = args[0].name, Future()
        self.lost[name] = self.lost.get(name, 0) + 1
        if self.lost[name] <= self.losses:
            future.set_exception(self.error)
        else:
            future.set_result(fn(*args, **kwargs))
        return future


@pytest.mark.parametrize(
    ("losses", "error", "solved"),
    [
        (0, None, True),
        (1, BrokenExecutor("gone"), True),
        (1, ConnectionError("gone"), True),
        (2, BrokenExecutor("gone"), False),
        (1, ValueError("a bug"), False),
    ],
)
def test_a_problem_lost_by_an_executor_is_solved_at_the_second_go(losses, error, solved):
    problems = [make_problem(name=name) for name in ("a", "b", "c")]
    found = list(solve_many(problems, time_limit_s=0.05, executor=Flaky(losses, error)))
    assert sorted(result.name for result in found) == ["a", "b", "c"]
    assert all((result.plan is not None) == solved for result in found)


def test_an_executor_of_threads_solves_as_processes_do_and_stays_open():
    problems = [random_week(seed, n=5, days=1) for seed in range(3)]
    told = []
    with ThreadPoolExecutor(1) as executor:
        found = list(
            solve_many(
                problems,
                time_limit_s=0.05,
                executor=executor,
                on_done=lambda *each: told.append(each[:2]),
            )
        )
        assert executor.submit(int, "3").result() == 3
    assert {result.name for result in found} == {problem.name for problem in problems}
    assert told == [(1, 3), (2, 3), (3, 3)]


# Killing a worker leaves sockets and processes behind that distributed itself warns about.
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_that_loses_a_worker_loses_no_problem():
    distributed = pytest.importorskip("distributed", reason="extra `cluster` is not installed")
    problems = [random_week(seed, n=12, days=2) for seed in range(8)]
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        pids = list(client.run(os.getpid).values())
        found = []
        for result in solve_many(problems, time_limit_s=0.3, executor=client.get_executor()):
            if not found:
                os.kill(pids[0], signal.SIGKILL)
            found.append(result)
    assert {result.name for result in found} == {problem.name for problem in problems}
    assert [result.error for result in found] == [None] * len(problems)

"""Many problems over the processes of one machine, or over an executor of the caller."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import deque
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Future,
    ProcessPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from routing.errors import InvalidLimit
from routing.solver import solve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from concurrent.futures import Executor

    from routing.locks import Locks
    from routing.plan import Plan
    from routing.problem import Problem

MOST_UNDER_WAY = 400
"""Problems handed to an executor at a time: enough for hundreds of processors, some 100 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What solving one problem again keeps of an older plan for it, as `solve` takes it."""

    published: Plan
    locks: Locks | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchResult:
    """What became of one problem: a plan or an error, never both; `seconds` is solving time."""

    name: str
    plan: Plan | None
    error: str | None
    seconds: float


def solve_many(
    problems: Iterable[Problem],
    *,
    time_limit_s: float = 1.0,
    seed: int = 0,
    processes: int | None = None,
    on_done: Callable[[int, int, str], None] | None = None,
    executor: Executor | None = None,
    iteration_limit: int | None = None,
    kept: Mapping[str, Kept] | None = None,
) -> Iterator[BatchResult]:
    """Yield a result per problem as each is done, in no promised order.

    Parameters
    ----------
    time_limit_s
        For each problem.
    processes
        At least 1; the processors of the machine when None. Each runs one thread.
    on_done
        Called in this process with problems done, problems in all and the name of the last one.
    executor
        Where to solve instead of in processes of this machine, e.g. `get_executor()` of a dask
        client (extra `cluster`). It stays open. A problem whose worker was lost is handed in once
        more; `processes` is not looked at.
    iteration_limit
        For each problem, as `solve` takes it: with it the clock is not looked at.
    kept
        By the name of a problem, what is to be kept of an older plan.

    Raises
    ------
    InvalidLimit
        When `processes` is out of range.
    """
    if processes is not None and processes < 1:
        raise InvalidLimit(f"processes is {processes}, not at least 1")
    problems = list(problems)
    limits = _Limits(time_limit_s, seed, iteration_limit, kept or {})
    if executor is not None:
        return _told(_run_on(executor, problems, limits), len(problems), on_done)
    processes = min(processes or _processors(), max(1, len(problems)))
    return _told(_run(problems, limits, processes), len(problems), on_done)


@dataclass(frozen=True, slots=True)
class _Limits:
    time_limit_s: float
    seed: int
    iteration_limit: int | None
    kept: Mapping[str, Kept]

    def of(self, problem: Problem) -> _Limits:
        """What travels to the process that solves one problem."""
        kept = {problem.name: self.kept[problem.name]} if problem.name in self.kept else {}
        return replace(self, kept=kept)


def _processors() -> int:
    # The processors this process may use, which in a container are fewer than the machine has.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _told(
    results: Iterator[BatchResult], total: int, on_done: Callable[[int, int, str], None] | None
) -> Iterator[BatchResult]:
    for done, result in enumerate(results, start=1):
        if on_done is not None:
            on_done(done, total, result.name)
        yield result


def _run_on(executor: Executor, problems: list[Problem], limits: _Limits) -> Iterator[BatchResult]:
    """Run all problems on an executor; those whose worker was lost once more."""
    waiting = deque((problem, 1) for problem in problems)
    running: dict[Future[tuple[Plan, float]], tuple[Problem, int]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < MOST_UNDER_WAY:
                problem, attempt = waiting.popleft()
                running[_submit(executor, problem, limits)] = (problem, attempt)
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                problem, attempt = running.pop(future)
                if attempt == 1 and _was_lost(future):
                    waiting.append((problem, 2))
                else:
                    yield _result(problem, future)
    finally:
        for future in running:
            future.cancel()


def _was_lost(future: Future[tuple[Plan, float]]) -> bool:
    """Tell whether a problem failed because of its executor and not by itself."""
    if future.cancelled():
        return True
    error = future.exception()
    # Told by name, because distributed is an extra that need not be installed.
    return isinstance(error, BrokenExecutor | CancelledError | ConnectionError) or (
        type(error).__module__.partition(".")[0] == "distributed"
    )


def _run(problems: list[Problem], limits: _Limits, processes: int) -> Iterator[BatchResult]:
    """Run all problems; those under way when a worker died again, each in a pool of its own.

    A dead worker breaks its whole pool, and nobody can tell whose problem killed it. Alone, the
    guilty one dies without company.
    """
    waiting = deque(problems)
    while waiting:
        suspects: list[Problem] = []
        yield from _run_pool(waiting, limits, processes, suspects)
        for suspect in suspects:
            guilty: list[Problem] = []
            yield from _run_pool(deque([suspect]), limits, 1, guilty)
            if guilty:
                yield _failed(suspect, "the worker process died twice while solving this problem")


def _run_pool(
    waiting: deque[Problem], limits: _Limits, processes: int, broken: list[Problem]
) -> Iterator[BatchResult]:
    """Take problems from `waiting` until none is left or a worker dies; then fill `broken`."""
    # Spawned, not forked: a fork of a process with threads, as a web server is, may never wake.
    executor = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"))
    running: dict[Future[tuple[Plan, float]], Problem] = {}
    try:
        while (waiting and not broken) or running:
            while waiting and not broken and len(running) <= processes:
                problem = waiting.popleft()
                running[_submit(executor, problem, limits)] = problem
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                problem = running.pop(future)
                if isinstance(future.exception(), BrokenProcessPool):
                    broken.append(problem)
                else:
                    yield _result(problem, future)
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _submit(executor: Executor, problem: Problem, limits: _Limits) -> Future[tuple[Plan, float]]:
    try:
        return executor.submit(_solve_one, problem, limits.of(problem))
    except BrokenExecutor as error:
        # The pool broke between two submissions; the problem shares the fate of those under way.
        future: Future[tuple[Plan, float]] = Future()
        future.set_exception(error)
        return future


def _solve_one(problem: Problem, limits: _Limits) -> tuple[Plan, float]:
    started = time.perf_counter()
    kept = limits.kept.get(problem.name)
    plan = solve(
        problem,
        time_limit_s=limits.time_limit_s,
        seed=limits.seed,
        iteration_limit=limits.iteration_limit,
        locks=kept.locks if kept else None,
        published=kept.published if kept else None,
    )
    return plan, time.perf_counter() - started


def _result(problem: Problem, future: Future[tuple[Plan, float]]) -> BatchResult:
    if future.cancelled():
        return _failed(problem, "the executor cancelled it")
    error = future.exception()
    if error is not None:
        return _failed(problem, f"{type(error).__name__}: {error}")
    plan, seconds = future.result()
    return BatchResult(name=problem.name, plan=plan, error=None, seconds=seconds)


def _failed(problem: Problem, error: str) -> BatchResult:
    return BatchResult(name=problem.name, plan=None, error=error, seconds=0.0)

"""Borders between grids redrawn: contiguous, balanced, few firms in other hands. CP-SAT's door."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from routing.errors import InvalidLimit, InvalidProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

REACH = 4
"""A parcel may go to grids at most so many parcels away: borders move, grids do not wander."""

OVERLOAD_COST, FIRM_COST, PARCEL_COST = 100, 100, 1
"""One minute over the limit weighs as much as one firm in other hands: a firm takes 15 to 40
minutes, so one moves wherever that relieves a grid. An empty parcel moves to keep grids whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A piece of land that belongs to one grid as a whole: work in minutes, firms, its grid."""

    minutes: int
    firms: int
    grid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BorderProblem:
    """Parcels and grids, by index.

    Parameters
    ----------
    neighbours
        Pairs of parcels that share a border.
    roots
        For each grid the parcel that stays in it, where its office is.
    most_minutes
        What no grid should exceed: more is allowed and costs where a grid exceeds it today; a grid
        that keeps it today goes on keeping it.
    """

    parcels: tuple[Parcel, ...]
    neighbours: tuple[tuple[int, int], ...]
    roots: tuple[int, ...]
    most_minutes: int

    def __post_init__(self) -> None:
        for grid, root in enumerate(self.roots):
            if not 0 <= root < len(self.parcels) or self.parcels[root].grid != grid:
                raise InvalidProblem(f"root {root} is no parcel of grid {grid}")
        if any(not 0 <= p.grid < len(self.roots) for p in self.parcels):
            raise InvalidProblem("a parcel belongs to a grid that has no root")
        if self.most_minutes < 0 or any(p.minutes < 0 or p.firms < 0 for p in self.parcels):
            raise InvalidProblem("minutes and firms must be at least 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBorders:
    """Which grid each parcel belongs to, and what that costs; nothing costs less than `bound`."""

    grids: tuple[int, ...]
    cost: int
    bound: int
    firms_moved: int
    overload_minutes: int


def redraw_borders(
    problem: BorderProblem,
    *,
    time_limit_s: float = 30.0,
    threads: int = 2,
    seed: int = 0,
    on_better: Callable[[int], None] | None = None,
) -> NewBorders:
    """Return the best borders found; never worse than today's.

    Every grid stays connected from its root through parcels that are nearer to it, so that none
    has islands or hangs by a corner. A part that is apart from its root today stays as it is.

    Parameters
    ----------
    on_better
        Called with the cost of each better solution.

    Raises
    ------
    InvalidLimit
        When a limit is out of range.
    """
    if time_limit_s <= 0 or threads < 1:
        raise InvalidLimit("time_limit_s must be above 0 and threads at least 1")
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    choices = _choices(problem)
    held = _add_choices(model, problem, choices)
    over = _add_loads(model, problem, held)
    moves = []
    for (parcel, grid), var in held.items():
        if grid != problem.parcels[parcel].grid:
            cost = FIRM_COST * problem.parcels[parcel].firms + PARCEL_COST
            moves.append(cost * var)
    model.minimize(sum(OVERLOAD_COST * var for var in over) + sum(moves))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = time_limit_s
    solver.parameters.num_workers = threads
    solver.parameters.random_seed = seed
    watch = _watch(on_better)
    status = solver.solve(model, watch)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        # Today's borders are the hint and keep every rule, so this is a limit of no time at all.
        return _answer(problem, tuple(p.grid for p in problem.parcels), 0)
    grids = [parcel.grid for parcel in problem.parcels]
    for (parcel, grid), var in held.items():
        if solver.boolean_value(var):
            grids[parcel] = grid
    return _answer(problem, tuple(grids), round(solver.best_objective_bound))


def _watch(on_better: Callable[[int], None] | None) -> Any:  # noqa: ANN401  (an OR-Tools callback)
    from ortools.sat.python import cp_model

    class Watch(cp_model.CpSolverSolutionCallback):
        def on_solution_callback(self) -> None:
            if on_better is not None:
                on_better(round(self.objective_value))

    return Watch()


def _answer(problem: BorderProblem, grids: tuple[int, ...], bound: int) -> NewBorders:
    minutes = [0] * len(problem.roots)
    cost = firms = 0
    for parcel, grid in zip(problem.parcels, grids, strict=True):
        minutes[grid] += parcel.minutes
        if grid != parcel.grid:
            firms += parcel.firms
            cost += FIRM_COST * parcel.firms + PARCEL_COST
    overload = sum(max(0, each - problem.most_minutes) for each in minutes)
    cost += OVERLOAD_COST * overload
    return NewBorders(
        grids=grids,
        cost=cost,
        bound=max(0, min(bound, cost)),
        firms_moved=firms,
        overload_minutes=overload,
    )


def _choices(problem: BorderProblem) -> dict[int, dict[int, list[int]]]:
    """Return, by grid and parcel, the parcels through which it may hang on the grid.

    Those one step nearer to the grid's root, inside it; outside, one step nearer to the grid.
    """
    around: list[list[int]] = [[] for _ in problem.parcels]
    for one, other in problem.neighbours:
        around[one].append(other)
        around[other].append(one)
    roots = set(problem.roots)
    found: dict[int, dict[int, list[int]]] = {}
    for grid, root in enumerate(problem.roots):
        own = {p for p, parcel in enumerate(problem.parcels) if parcel.grid == grid}
        inside = _steps(around, {root: 0}, own, most=len(own))
        far = max(inside.values())
        foreign = set(range(len(problem.parcels))) - own - roots
        outside = _steps(around, dict.fromkeys(inside, far), foreign, most=far + REACH)
        steps = outside | inside
        found[grid] = {
            parcel: [near for near in around[parcel] if steps.get(near, at) < at]
            for parcel, at in steps.items()
            if parcel != root
        }
    return found


def _steps(
    around: Sequence[Sequence[int]],
    starts: dict[int, int],
    allowed: set[int],
    *,
    most: int,
) -> dict[int, int]:
    """Return how many steps each allowed parcel is from the starts."""
    steps = dict(starts)
    queue = deque(starts)
    while queue:
        here = queue.popleft()
        if steps[here] >= most:
            continue
        for there in around[here]:
            if there not in steps and there in allowed:
                steps[there] = steps[here] + 1
                queue.append(there)
    return steps


def _add_choices(
    model: Any,  # noqa: ANN401  (OR-Tools has no stubs)
    problem: BorderProblem,
    choices: dict[int, dict[int, list[int]]],
) -> dict[tuple[int, int], Any]:
    """Add a variable for each grid that a parcel may belong to, with what it hangs on."""
    held: dict[tuple[int, int], Any] = {}
    for grid, parcels in choices.items():
        for parcel in parcels:
            held[parcel, grid] = model.new_bool_var(f"{parcel}:{grid}")
    _add_owners(model, problem, held)
    for grid, parcels in choices.items():
        root = problem.roots[grid]
        for parcel, near in parcels.items():
            if root not in near:
                ways = [held[one, grid] for one in near if (one, grid) in held]
                model.add_bool_or([held[parcel, grid].negated(), *ways])
    return held


def _add_owners(
    model: Any,  # noqa: ANN401  (OR-Tools has no stubs)
    problem: BorderProblem,
    held: dict[tuple[int, int], Any],
) -> None:
    """Give every parcel one grid; one that is apart from its root today stays."""
    by_parcel: dict[int, list[int]] = {}
    for parcel, grid in held:
        by_parcel.setdefault(parcel, []).append(grid)
    for parcel, grids in by_parcel.items():
        own = problem.parcels[parcel].grid
        if own not in grids:
            for grid in grids:
                model.add(held[parcel, grid] == 0)
            continue
        model.add_exactly_one(held[parcel, grid] for grid in grids)
        for grid in grids:
            model.add_hint(held[parcel, grid], grid == own)


def _add_loads(
    model: Any,  # noqa: ANN401  (OR-Tools has no stubs)
    problem: BorderProblem,
    held: dict[tuple[int, int], Any],
) -> list[Any]:
    """Add what each grid has over the limit; nothing may be in one that keeps it today."""
    fixed = [0] * len(problem.roots)
    today = [0] * len(problem.roots)
    terms: list[list[Any]] = [[] for _ in problem.roots]
    own = {parcel for parcel, grid in held if problem.parcels[parcel].grid == grid}
    for index, parcel in enumerate(problem.parcels):
        today[parcel.grid] += parcel.minutes
        if index not in own:
            fixed[parcel.grid] += parcel.minutes
    for (index, grid), var in held.items():
        if index in own and problem.parcels[index].minutes:
            terms[grid].append(problem.parcels[index].minutes * var)
    everything = sum(parcel.minutes for parcel in problem.parcels)
    over = []
    for grid, found in enumerate(terms):
        most = everything if today[grid] > problem.most_minutes else 0
        excess = model.new_int_var(0, most, f"over {grid}")
        model.add(excess >= sum(found) + fixed[grid] - problem.most_minutes)
        over.append(excess)
    return over

"""Visits into routes: a pure planning library."""

from __future__ import annotations

from routing.batch import BatchResult, solve_many
from routing.bound import upper_bound
from routing.checker import Finding, Rule, check, is_feasible, objective_of
from routing.errors import (
    InvalidFile,
    InvalidLimit,
    InvalidPoints,
    InvalidProblem,
    RoutingError,
    UnknownStop,
)
from routing.explain import Explanation, StopTerms, explain, explain_left_out
from routing.files import read_plan, read_problem, write_plan, write_problem
from routing.plan import (
    LeftOut,
    LeftOutReason,
    Plan,
    PlannedStop,
    Route,
    Score,
    SolverNote,
    score,
)
from routing.problem import Objective, Problem, Shift, Stop
from routing.solver import solve
from routing.travel import TravelKind, TravelTimes, straight_line

__all__ = [
    "BatchResult",
    "Explanation",
    "Finding",
    "InvalidFile",
    "InvalidLimit",
    "InvalidPoints",
    "InvalidProblem",
    "LeftOut",
    "LeftOutReason",
    "Objective",
    "Plan",
    "PlannedStop",
    "Problem",
    "Route",
    "RoutingError",
    "Rule",
    "Score",
    "Shift",
    "SolverNote",
    "Stop",
    "StopTerms",
    "TravelKind",
    "TravelTimes",
    "UnknownStop",
    "check",
    "explain",
    "explain_left_out",
    "is_feasible",
    "objective_of",
    "read_plan",
    "read_problem",
    "score",
    "solve",
    "solve_many",
    "straight_line",
    "upper_bound",
    "write_plan",
    "write_problem",
]

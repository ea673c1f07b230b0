"""Visits into routes: a pure planning library."""

from __future__ import annotations

from routing.batch import BatchResult, Kept, solve_many
from routing.bound import upper_bound
from routing.by_hand import HandMadePlan, plan_by_hand
from routing.changes import Change, ChangeKind, ChangeReason, summary
from routing.checker import Finding, Rule, check, is_feasible, objective_of
from routing.days import choose_days
from routing.errors import (
    InvalidEvent,
    InvalidFile,
    InvalidLimit,
    InvalidLocks,
    InvalidPoints,
    InvalidProblem,
    InvalidRoads,
    InvalidServer,
    RoutingError,
    ServerFailed,
    TooFarFromRoads,
    UnknownStop,
)
from routing.event_file import EventsFile, read_events
from routing.events import ClosedDoor, NewFirm, RunningLate, ShiftGone, UrgentVisit
from routing.explain import Explanation, OtherDay, StopTerms, explain, explain_left_out
from routing.files import read_plan, read_problem, write_plan, write_problem
from routing.fill import fill_gaps
from routing.locks import Locks, check_locks
from routing.partners import make_partner_stop
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
from routing.price import Price, price
from routing.problem import Objective, Problem, Shift, Stop
from routing.replan import Replanned, replan
from routing.roads import RoadPath, Roads
from routing.sentences import why_not, why_this_day, why_this_firm, why_this_place
from routing.servers import Engine, RoadServer
from routing.solver import solve
from routing.speeds import Mode, RoadSpeeds
from routing.travel import TravelKind, TravelTimes, straight_line

__all__ = [
    "BatchResult",
    "Change",
    "ChangeKind",
    "ChangeReason",
    "ClosedDoor",
    "Engine",
    "EventsFile",
    "Explanation",
    "Finding",
    "HandMadePlan",
    "InvalidEvent",
    "InvalidFile",
    "InvalidLimit",
    "InvalidLocks",
    "InvalidPoints",
    "InvalidProblem",
    "InvalidRoads",
    "InvalidServer",
    "Kept",
    "LeftOut",
    "LeftOutReason",
    "Locks",
    "Mode",
    "NewFirm",
    "Objective",
    "OtherDay",
    "Plan",
    "PlannedStop",
    "Price",
    "Problem",
    "Replanned",
    "RoadPath",
    "RoadServer",
    "RoadSpeeds",
    "Roads",
    "Route",
    "RoutingError",
    "Rule",
    "RunningLate",
    "Score",
    "ServerFailed",
    "Shift",
    "ShiftGone",
    "SolverNote",
    "Stop",
    "StopTerms",
    "TooFarFromRoads",
    "TravelKind",
    "TravelTimes",
    "UnknownStop",
    "UrgentVisit",
    "check",
    "check_locks",
    "choose_days",
    "explain",
    "explain_left_out",
    "fill_gaps",
    "is_feasible",
    "make_partner_stop",
    "objective_of",
    "plan_by_hand",
    "price",
    "read_events",
    "read_plan",
    "read_problem",
    "replan",
    "score",
    "solve",
    "solve_many",
    "straight_line",
    "summary",
    "upper_bound",
    "why_not",
    "why_this_day",
    "why_this_firm",
    "why_this_place",
    "write_plan",
    "write_problem",
]

import json

import pytest
from made_up_problems import HOUR, four_shops_and_a_closed_door, make_objective, make_problem

from routing import (
    ClosedDoor,
    InvalidFile,
    NewFirm,
    RunningLate,
    ShiftGone,
    UrgentVisit,
    check,
    read_events,
    read_plan,
    read_problem,
    solve,
    write_plan,
    write_problem,
)
from routing.__main__ import main

NEW_STOP = {
    "id": "new",
    "location": 5,
    "service_s": 900,
    "prize": 4000,
    "required": False,
    "windows": [[9 * HOUR, 17 * HOUR]],
}


def write_events(path, *events, now_s=10 * HOUR, **more):
    content = {"format": "visit-events/1", "now_s": now_s, "events": list(events)} | more
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path):
    problem = four_shops_and_a_closed_door()
    write_problem(problem, tmp_path / "problem.json")
    write_plan(solve(problem, iteration_limit=50), tmp_path / "plan.json")
    return tmp_path


def run_replan(folder, *events, now_s=10 * HOUR):
    write_events(folder / "events.json", *events, now_s=now_s)
    names = ("problem.json", "plan.json", "events.json")
    arguments = [str(folder / name) for name in names]
    left, out = folder / "left.json", folder / "new.json"
    return main(["replan", *arguments, "--out", str(out), "--problem-out", str(left)])


def test_every_kind_of_event_is_read(tmp_path):
    row = [60] * 6
    path = write_events(
        tmp_path / "events.json",
        {"kind": "closed_door", "stop": "shop1"},
        {"kind": "closed_door", "stop": "shop2", "until_s": 50_000},
        {"kind": "running_late", "shift": "mon", "free_s": 40_000},
        {"kind": "shift_gone", "shift": "mon"},
        {"kind": "urgent_visit", "stop": NEW_STOP},
        {"kind": "new_firm", "stop": NEW_STOP | {"location": 6}, "to_s": row, "from_s": row},
    )
    told = read_events(path)
    assert told.now_s == 10 * HOUR
    closed, until, late, gone, urgent, new = told.events
    assert closed == ClosedDoor(stop="shop1")
    assert until == ClosedDoor(stop="shop2", until_s=50_000)
    assert late == RunningLate(shift="mon", free_s=40_000)
    assert gone == ShiftGone(shift="mon")
    assert isinstance(urgent, UrgentVisit)
    assert urgent.stop.id == "new"
    assert isinstance(new, NewFirm)
    assert new.to_s == new.from_s == (60,) * 6


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"kind": "earthquake"}, "kind is 'earthquake', not one of closed_door"),
        ({"kind": "closed_door"}, "stop is missing"),
        ({"kind": "shift_gone", "shift": "mon", "why": "ill"}, "why"),
        ({"kind": "new_firm", "stop": NEW_STOP, "to_s": [1.5], "from_s": [1]}, "to_s"),
        ({"kind": "running_late", "shift": "mon", "free_s": "noon"}, "free_s is 'noon'"),
    ],
)
def test_an_event_that_says_something_else_is_refused(tmp_path, event, said):
    with pytest.raises(InvalidFile, match=said):
        read_events(write_events(tmp_path / "events.json", event))


def test_a_key_beside_the_events_is_refused(tmp_path):
    with pytest.raises(InvalidFile, match="later"):
        read_events(write_events(tmp_path / "events.json", later=1))


def test_replan_writes_a_plan_that_its_own_problem_accepts(folder, capsys):
    assert run_replan(folder, {"kind": "closed_door", "stop": "shop4"}) == 0
    problem = read_problem(folder / "left.json")
    plan = read_plan(folder / "new.json", problem)
    assert check(problem, plan) == ()
    assert "shop4" not in {stop.id for route in plan.routes for stop in route.stops}
    said = capsys.readouterr().out
    assert "dropped shop4 (mon): closed_door" in said
    assert said.splitlines()[-1] == "1 dropped"


def test_replan_says_what_is_over(folder, capsys):
    assert run_replan(folder, now_s=11 * HOUR) == 0
    said = capsys.readouterr().out
    assert said.startswith("mon: done or under way: ")
    assert said.endswith("no change\n")


def test_replan_takes_a_new_place_in(folder):
    row = [300] * 6
    new = NEW_STOP | {"location": 6}
    assert run_replan(folder, {"kind": "new_firm", "stop": new, "to_s": row, "from_s": row}) == 0
    plan = read_plan(folder / "new.json", read_problem(folder / "left.json"))
    assert "new" in {stop.id for route in plan.routes for stop in route.stops}


def test_replan_refuses_an_unknown_stop(folder, capsys):
    assert run_replan(folder, {"kind": "closed_door", "stop": "nobody"}) == 2
    assert "'nobody'" in capsys.readouterr().err
    assert not (folder / "new.json").exists()


def test_replan_refuses_a_published_plan_that_breaks_a_rule(folder, capsys):
    content = json.loads((folder / "plan.json").read_text("utf-8"))
    content["routes"].append({"shift": "mon", "stops": ["closed"]})
    (folder / "plan.json").write_text(json.dumps(content), encoding="utf-8")
    assert run_replan(folder) == 2
    assert "plan.json: breaks a rule" in capsys.readouterr().err


def test_bound_says_what_no_plan_exceeds_and_how_much_a_plan_could_gain(folder, capsys):
    arguments = ["bound", str(folder / "problem.json"), "--time-limit", "0.2"]
    assert main(arguments) == 0
    worth = read_plan(folder / "plan.json").objective
    said = capsys.readouterr().out
    assert int(said.rsplit(maxsplit=1)[-1]) >= worth
    assert main([*arguments, "--plan", str(folder / "plan.json")]) == 0
    assert f"plan.json is worth {worth}; at most " in capsys.readouterr().out


def test_bound_names_no_share_of_a_plan_worth_nothing(tmp_path, capsys):
    problem = make_problem(objective=make_objective(min_days=1), stops=[])
    write_problem(problem, tmp_path / "p.json")
    write_plan(solve(problem, iteration_limit=1), tmp_path / "plan.json")
    arguments = ["bound", str(tmp_path / "p.json"), "--plan", str(tmp_path / "plan.json")]
    assert main(arguments) == 0
    assert "is worth -3600; at most 0 could be gained\n" in capsys.readouterr().out


def test_bound_says_nothing_of_a_plan_that_breaks_a_rule(folder, capsys):
    content = json.loads((folder / "plan.json").read_text("utf-8"))
    content["routes"].append({"shift": "mon", "stops": ["closed"]})
    (folder / "plan.json").write_text(json.dumps(content), encoding="utf-8")
    names = [str(folder / "problem.json"), "--plan", str(folder / "plan.json")]
    assert main(["bound", *names, "--time-limit", "0.1"]) == 1
    assert "breaks a rule" in capsys.readouterr().out

import json
import subprocess
import sys

import pytest
from made_up_problems import four_shops_and_a_closed_door, make_problem

from routing import read_plan, write_plan, write_problem
from routing.__main__ import main


@pytest.fixture
def folder(tmp_path):
    write_problem(four_shops_and_a_closed_door(), tmp_path / "street-1.json")
    return tmp_path


def solved(folder):
    plan = folder / "out" / "plan.json"
    plan.parent.mkdir(exist_ok=True)
    arguments = ["solve", str(folder / "street-1.json"), "--time-limit", "0.1", "--out", str(plan)]
    assert main(arguments) == 0
    return plan


def test_solve_writes_a_plan_and_says_what_it_is_worth(folder, capsys):
    plan = read_plan(solved(folder))
    assert f"objective {plan.objective}" in capsys.readouterr().out


def test_check_accepts_the_plan_of_solve(folder, capsys):
    plan = solved(folder)
    assert main(["check", str(folder / "street-1.json"), str(plan)]) == 0
    assert "keeps every rule" in capsys.readouterr().out


def test_check_names_what_is_broken_and_fails(folder, capsys):
    plan = solved(folder)
    content = json.loads(plan.read_text(encoding="utf-8"))
    content["objective"] += 1
    plan.write_text(json.dumps(content), encoding="utf-8")
    assert main(["check", str(folder / "street-1.json"), str(plan)]) == 1
    assert "objective: street" in capsys.readouterr().out


def test_explain_says_why_each_stop_is_in_or_out(folder, capsys):
    plan = solved(folder)
    assert main(["explain", str(folder / "street-1.json"), str(plan)]) == 0
    said = capsys.readouterr().out
    assert "shop4: prize 3004, adds" in said
    assert "left out closed: cannot: never_open" in said


def test_bench_compares_with_the_best_known(folder, capsys):
    known = {"street-1": {"best_known": 10000}}
    (folder / "best_known.json").write_text(json.dumps(known), encoding="utf-8")
    assert main(["bench", str(folder), "--time-limit", "0.1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "gap" in lines[0]
    assert lines[1].startswith("street ")
    assert lines[-1].startswith("all ")


def test_bench_reads_proven_profits_as_thousands(folder, capsys):
    (folder / "proven_optimum.json").write_text('{"street-1": 10}', encoding="utf-8")
    assert main(["bench", str(folder), "--time-limit", "0.1"]) == 0
    assert "gap" in capsys.readouterr().out


def test_an_empty_folder_is_refused(tmp_path, capsys):
    assert main(["bench", str(tmp_path)]) == 2
    assert "holds no problem" in capsys.readouterr().err


def test_a_bad_problem_is_refused_with_field_and_value(tmp_path, capsys):
    write_problem(make_problem(), tmp_path / "p.json")
    content = json.loads((tmp_path / "p.json").read_text(encoding="utf-8"))
    content["stops"][0]["service_s"] = -3
    (tmp_path / "p.json").write_text(json.dumps(content), encoding="utf-8")
    assert main(["solve", str(tmp_path / "p.json"), "--out", str(tmp_path / "x.json")]) == 2
    assert "service_s is -3" in capsys.readouterr().err
    assert not (tmp_path / "x.json").exists()


def test_a_missing_file_is_refused(tmp_path, capsys):
    assert main(["check", str(tmp_path / "a.json"), str(tmp_path / "b.json")]) == 2
    assert "a.json" in capsys.readouterr().err


def test_plans_with_chinese_ids_are_written_readably(tmp_path):
    problem = make_problem(name="街道")
    from routing import solve

    write_plan(solve(problem, iteration_limit=2), tmp_path / "plan.json")
    assert "街道" in (tmp_path / "plan.json").read_text(encoding="utf-8")


def test_importing_routing_does_not_import_ortools():
    code = "import routing, routing.__main__, sys; sys.exit('ortools' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_explain_prices_as_many_left_out_stops_as_asked(folder, capsys):
    plan = solved(folder)
    assert main(["explain", str(folder / "street-1.json"), str(plan), "--prices", "0"]) == 0
    assert "left out closed: never_open" in capsys.readouterr().out

from __future__ import annotations

import json
from datetime import date
from importlib.util import find_spec

import pytest
from click.testing import CliRunner

from outreach import demo
from outreach.cli import cli
from outreach.services.demo import week_to_plan


@pytest.fixture
def small(monkeypatch, tmp_path):
    """The made-up district with fewer entities, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OUTREACH_INSTANCE", str(tmp_path / "instance"))
    (tmp_path / "outreach.toml").write_text("[plan]\nseconds_per_grid = 0.1\n", encoding="utf-8")
    whole = demo.write_district
    monkeypatch.setattr(
        "outreach.services.demo.write_district",
        lambda folder, **options: whole(folder, entities=1500, **options),
    )
    return tmp_path


def invoke(*arguments):
    result = CliRunner().invoke(cli, ["demo", "--no-serve", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_demo_does_the_whole_job_and_a_second_run_destroys_nothing(small):
    done = json.loads(invoke("--json"))
    assert done["link"]["rows_read"] == done["link"]["rows_linked"] + done["link"]["rows_held"]
    assert done["link"]["enterprises"] == done["link"]["placed"] + done["link"]["unplaced"]
    plan = done["plan"]
    assert plan["targets"] == plan["targets_planned"] + plan["targets_left_out"]
    assert plan["failed_grids"] == []
    if find_spec("osmium"):
        assert plan["travel"]["basis"] in {"roads", "roads_partly"}
        assert plan["travel"]["roads_on"] == "2026-11-01"
    assert done["seconds"]["total"] > 0
    again = json.loads(invoke("--json"))
    assert again["exists"]["plans"] == 1
    assert again["exists"]["visits"] > 0
    text = invoke()
    assert "没有改动" in text
    for login in ("demo-grid", "demo-district", "demo-planner"):
        assert login in text
    logins = small / "instance" / "demo" / "logins.json"
    assert logins.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("today", "monday"),
    [
        (date(2026, 11, 23), date(2026, 11, 23)),
        (date(2026, 11, 27), date(2026, 11, 23)),
        (date(2026, 11, 28), date(2026, 11, 30)),
        (date(2026, 10, 1), date(2026, 10, 5)),
    ],
)
def test_the_demo_plans_the_week_of_the_next_working_day(today, monday):
    assert week_to_plan(today) == monday

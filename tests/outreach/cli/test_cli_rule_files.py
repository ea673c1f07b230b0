"""A plan repeated from the command line by its parameter file."""

from __future__ import annotations

import json

import factories as f
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from outreach.cli import cli
from outreach.domain.plans import PlanRule
from outreach.domain.weights import Preset
from outreach.errors import InvalidInput
from outreach.services.planning.plan_rows import read_places
from outreach.services.planning.rule_files import RuleFile, write_rule
from outreach.storage.database import Database
from outreach.storage.plans import VisitPlan


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("SETTINGS", "DATABASE_URL", "INSTANCE", "GEOCODER_KEY"):
        monkeypatch.delenv(f"OUTREACH_{name}", raising=False)

    def call(*arguments):
        result = CliRunner().invoke(cli, [str(a) for a in arguments], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout) if "--json" in arguments else result.output

    return call


@pytest.fixture
def district(run, tmp_path):
    run("grids", "import", f.write_grids(tmp_path / "g.geojson"), "--datum", "wgs84")
    run("workers", "import", f.write_workers(tmp_path / "w.csv"), "--datum", "wgs84")
    run("gazetteer", "import", f.write_places(tmp_path / "p.csv"), "--datum", "wgs84")
    rows = [f.firm(n, name=f"第{n}号厂", employees=str(40 + n)) for n in range(6)]
    run("import", f.write_market(tmp_path / "m.csv", rows))
    run("link")


def test_the_file_of_a_plan_makes_the_same_plan_with_its_name(run, district, tmp_path):
    rule = PlanRule(iterations_per_grid=5, most_stops_a_day=2, weights=Preset.LARGE_FIRST.weights)
    path = tmp_path / "rule.toml"
    path.write_text(write_rule(RuleFile(week=f.MONDAY, name="先大", rule=rule)), encoding="utf-8")
    first, second = (run("plan", "--rule", path, "--json") for _ in range(2))
    assert (first["week"], second["version"]) == ("2026-11-23", 2)
    database = Database(f"sqlite:///{tmp_path / 'instance' / 'outreach.db'}")
    with database.session() as session:
        one, other = session.scalars(select(VisitPlan).order_by(VisitPlan.id)).all()
        assert (one.name, other.name) == ("先大", "先大")
        assert one.rule == other.rule
        assert read_places(session, one.id) == read_places(session, other.id)
    database.close()


def test_another_week_may_be_named_and_without_either_the_command_says_what_it_needs(
    run, district, tmp_path
):
    path = tmp_path / "rule.toml"
    file = RuleFile(week=f.MONDAY, name="", rule=PlanRule(iterations_per_grid=5))
    path.write_text(write_rule(file), encoding="utf-8")
    made = run("plan", "--rule", path, "--week", "2026-11-30", "--json")
    assert made["week"] == "2026-11-30"
    with pytest.raises(InvalidInput, match="--rule"):
        run("plan")

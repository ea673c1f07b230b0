from __future__ import annotations

import json

import factories as f
import pytest
from click.testing import CliRunner

from outreach.cli import cli
from outreach.errors import NotFound, Refused


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
def two_months(run, tmp_path):
    run("grids", "import", f.write_grids(tmp_path / "g.geojson"), "--datum", "wgs84")
    run("gazetteer", "import", f.write_places(tmp_path / "p.csv"), "--datum", "wgs84")
    first = [f.firm(n, code=code, name=f"第{n}号厂") for n, code in enumerate(f.CODES)]
    run("import", f.write_market(tmp_path / "first.csv", first))
    run("link")
    second = [(*row[:6], "注销" if row[0] == 0 else row[6], "", "2026-11-30") for row in first]
    return first, f.write_market(tmp_path / "second.csv", second[:3])


def test_changes_are_listed_in_words_and_for_programs(run, two_months):
    run("import", two_months[1], "--complete")
    run("link")
    found = run("changes", "--json")
    assert (found["total"], found["enterprises"], found["changed"]) == (2, 4, 2)
    assert found["by_kind"] == {"closed": 1, "vanished": 1}
    assert {row["kind"] for row in found["changes"]} == {"closed", "vanished"}
    assert run("changes", "--json", "--kind", "closed")["total"] == 1
    assert run("changes", "--json", "--grid", "G1")["total"] == 2
    assert run("changes", "--json", "--grid", "G2")["total"] == 0
    assert run("changes", "--json", "--since", "2100-01-01")["total"] == 0
    assert "存续 → 注销" in run("changes")
    assert "Active → Cancelled" in run("--lang", "en", "changes")
    with pytest.raises(NotFound, match="G9"):
        run("changes", "--grid", "G9")


def test_a_part_of_a_register_is_said_or_guessed_and_told(run, two_months, tmp_path):
    run("import", two_months[1], "--partial")
    run("link")
    assert run("changes", "--json")["by_kind"] == {"closed": 1}
    few = [(*row[:-1], "2026-12-31") for row in two_months[0][:2]]
    told = run("import", f.write_market(tmp_path / "third.csv", few))
    assert "按一部分数据处理" in told
    assert "--complete" in told


def test_without_a_key_the_geocoder_says_where_to_set_it(run, two_months):
    with pytest.raises(Refused, match="geocoder"):
        run("geocode")

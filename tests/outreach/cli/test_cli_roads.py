"""`outreach roads`: a road file kept, told about, and followed by the next plan."""

from __future__ import annotations

import factories as f
import pytest
from click.testing import CliRunner
from road_files import write_streets

from outreach.cli import cli
from outreach.cli.session import Workplace
from outreach.i18n import Language
from outreach.settings import make_settings
from outreach.typography import typeset

pytest.importorskip("osmium", reason="the extra `roads` is not installed")

MARKET = [f.firm(1, name="甲贸易有限公司", employees="40")]


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("OUTREACH_SETTINGS", "OUTREACH_DATABASE_URL", "OUTREACH_INSTANCE"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments):
        result = CliRunner().invoke(cli, [str(one) for one in arguments], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    return call


@pytest.fixture
def district(run, tmp_path):
    """A district in the folder's own instance."""
    workplace = Workplace(language=Language.ZH, settings=make_settings({}))
    with workplace.transaction() as session:
        return f.make_district(session, tmp_path / "files", market=MARKET).code


def test_a_road_file_is_kept_told_about_and_followed(run, district, tmp_path):
    assert "还没有路网文件" in run("roads")
    kept = run("roads", write_streets(tmp_path / "county.osm.pbf"))
    assert "路网文件 county.osm.pbf" in kept
    assert "2026-11-20 的道路" in kept
    assert "电动车" in kept
    assert "0 (0.0%)" in kept
    assert (tmp_path / "instance" / "roads" / f"{district}.json").is_file()
    assert run("roads") == kept
    named = run("--lang", "en", "roads", tmp_path / "county.osm.pbf", "--day", "2026-11-02")
    assert "Road file county.osm.pbf, roads of 2026-11-02" in named
    report = run("plan", "--week", "2026-11-23", "--seconds", "0.1")
    assert typeset("路上的时间:按道路(2026-11-02 的路网)") in report


def test_a_road_file_as_json_has_all_numbers(run, district, tmp_path):
    import json

    path = write_streets(tmp_path / "county.osm.pbf")
    told = json.loads(run("roads", path, "--json"))
    assert told["file"]["file_name"] == "county.osm.pbf"
    assert {one["mode"] for one in told["firms"]} == {"walk", "e_bike", "car"}
    assert [one["points"] for one in told["offices"]] == [2, 2, 2]

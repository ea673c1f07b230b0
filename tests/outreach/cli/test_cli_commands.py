from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import factories as f
import pytest
from click.testing import CliRunner

from outreach import storage
from outreach.cli import COMMANDS, cli, main

ROOT = Path(__file__).parents[3]


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command in a folder of its own; returns its output as text or JSON."""
    monkeypatch.chdir(tmp_path)
    for name in ("OUTREACH_SETTINGS", "OUTREACH_DATABASE_URL", "OUTREACH_INSTANCE"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments, fails=False):
        result = CliRunner().invoke(cli, [str(a) for a in arguments], catch_exceptions=not fails)
        if not fails and result.exit_code:
            raise AssertionError(f"{arguments}: {result.output}") from result.exception
        return json.loads(result.stdout) if "--json" in arguments and not fails else result.output

    return call


@pytest.fixture
def received(tmp_path):
    """A made-up district's files: firms, payroll, union register, grids, workers, places."""
    market = [
        f.firm(1, code=f.CODES[0], name="甲有限公司", employees="30"),
        f.firm(2, code=f.CODES[1], name="乙有限公司", employees="25"),
        f.firm(3, code=f.CODES[2], name="丙有限公司", employees="60", address="天边"),
        (4, "", "", "", "", "某路", "存续", "5", "2026-10-01"),
    ]
    hr = [("8001", f.CODES[0], "甲有限公司", "东风镇幸福路1号", "正常参保", "33", "2026-10")]
    union = [
        (
            f.CODES[1],
            "81360704MC0000012X",
            "乙有限公司工会委员会",
            "乙有限公司",
            "张三",
            "25",
            "2025-01-01",
        )
    ]
    return {
        "market": f.write_csv(tmp_path / "m.csv", f.MARKET, market),
        "hr": f.write_csv(tmp_path / "h.csv", f.HR, hr, encoding="gb18030", title="参保单位表"),
        "union": f.write_csv(tmp_path / "u.csv", f.UNION, union, encoding="utf-8-sig"),
        "grids": f.write_grids(tmp_path / "g.geojson"),
        "workers": f.write_workers(tmp_path / "w.csv"),
        "places": f.write_places(tmp_path / "p.csv"),
    }


def receive(run, received):
    run("import", received["market"], received["hr"], received["union"], "--json")
    run("grids", "import", received["grids"], "--datum", "wgs84")
    run("workers", "import", received["workers"], "--datum", "wgs84")
    run("gazetteer", "import", received["places"], "--datum", "wgs84")
    run("link")


def test_the_main_job_runs_from_files_to_maps_and_its_numbers_add_up(run, received, tmp_path):
    files = run("import", received["market"], received["hr"], received["union"], "--json")["files"]
    assert [(x["source"], x["rows_read"], x["rows_held"]) for x in files] == [
        ("market", 4, 1),
        ("social_security", 1, 0),
        ("members", 1, 0),
    ]
    for name, group in (("grids", "grids"), ("workers", "workers"), ("places", "gazetteer")):
        assert run(group, "import", received[name], "--datum", "wgs84", "--json")["added"] > 0
    linked = run("link", "--json")
    assert linked["rows_read"] == linked["rows_linked"] + linked["rows_held"] == 6
    assert linked["enterprises"] == linked["placed"] + linked["unplaced"] == 3
    targets = run("targets", "--json")
    assert targets["by_standing"]["target"] == 2
    assert targets["by_standing"]["with_union"] == 1
    assert sum(targets["by_standing"].values()) == targets["enterprises"]
    planned = run("plan", "--week", "2026-11-23", "--seconds", "0.1", "--json")
    assert planned["targets"] == planned["targets_planned"] + planned["targets_left_out"] == 2
    assert planned["left_out"] == {"no_position": 1}
    assert "第 1 版" in run("publish", planned["plan_id"])
    for kind in ("heat", "coverage", "effort", "firms"):
        page = tmp_path / "out" / f"{kind}.html"
        run("map", kind, "--out", page)
        assert "<html" in page.read_text(encoding="utf-8")


def test_importing_again_says_that_nothing_changed(run, received):
    run("import", received["market"])
    assert "没有改变" in run("import", received["market"])
    assert run("import", received["market"], "--json")["files"][0]["is_new"] is False


def test_one_bad_file_does_not_stop_the_others_and_the_exit_status_says_so(run, received, tmp_path):
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(b"")
    result = CliRunner().invoke(cli, ["import", str(bad), str(received["market"]), "--json"])
    assert result.exit_code == 1
    outcome = json.loads(result.stdout)
    assert outcome["files"][0]["rows_read"] == 4
    assert outcome["refused"][0]["code"] == "E101"


def test_issues_and_unplaced_are_listed_with_what_to_do(run, received):
    receive(run, received)
    issues = run("issues", "--held", "--json")
    assert issues["total"] == 1
    assert issues["issues"][0]["row"] == 5
    assert "重新导入" in run("issues", "--held")
    unplaced = run("unplaced", "--json")
    assert (unplaced["total"], unplaced["by_reason"]) == (1, {"no_known_place": 1})
    assert "丙有限公司" in run("unplaced")


def test_the_english_command_speaks_english(run, received):
    receive(run, received)
    text = run("--lang", "en", "targets")
    assert "重点对象" not in text


def test_a_datum_must_be_named(run, received):
    result = CliRunner().invoke(cli, ["grids", "import", str(received["grids"])])
    assert result.exit_code == 2
    assert "--datum" in result.output


def test_an_account_gets_a_password_that_is_shown_once(run, received):
    receive(run, received)
    assert "只显示这一次" in run("account", "desk", "--role", "district")
    assert "w1" in run("account", "w1", "--role", "grid_worker", "--grid", "G1")


def test_districts_are_kept_apart(run, received):
    run("district", "add", "900002", "另一区")
    run("import", received["market"])
    run("district", "add", "900003", "第三区")
    result = CliRunner().invoke(cli, ["link"])
    assert "--district" in str(result.exception)
    assert run("--district", "900002", "link", "--json")["rows_read"] == 4


def test_an_account_is_closed_by_command(run):
    run("district", "add", "900009", "试验区")
    run("account", "keeper", "--role", "auditor", "--password", "a long pass phrase")
    assert "keeper" in run("account", "keeper", "--close")


def test_the_schema_can_be_upgraded_by_command(run):
    versions = Path(storage.__file__).parent / "migrations" / "versions"
    newest = max(path.name[:4] for path in versions.glob("0*.py"))
    assert newest in run("db", "upgrade")


def test_a_known_error_is_one_line_with_a_code_and_exit_status_one(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stopped:
        main(["link"])
    assert stopped.value.code == 1
    error = capsys.readouterr().err
    assert error.startswith("E404 ")
    assert "outreach import" in error


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_and_stands_in_the_manual(name, run):
    assert len(run(name, "--help")) > 40
    for manual in ("README.md", "README.zh-CN.md"):
        text = (ROOT / manual).read_text(encoding="utf-8")
        assert f"outreach {name}" in text, f"{name} is missing from {manual}"


def test_help_imports_no_engine():
    code = (
        "import sys; from outreach.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "engines = {'sqlalchemy', 'geopandas', 'folium', 'ortools', 'flask', 'numpy', 'rich'}\n"
        "heavy = engines & set(sys.modules)\n"
        "sys.exit(','.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_help_of_a_command_speaks_english_too():
    code = "from outreach.cli import main; main(['--lang', 'en', 'plan', '--help'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert not re.search("[\u3400-\u9fff]", done.stdout)


def test_a_port_in_use_is_said_with_the_remedy(run):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = CliRunner().invoke(cli, ["serve", "--port", str(taken.getsockname()[1])])
    assert "--port" in str(result.exception)

"""The main job on files as received; skipped where the reference material is absent."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from outreach.cli import cli

pytestmark = pytest.mark.reference


def test_the_files_as_received_go_through_and_their_numbers_add_up(
    reference, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        result = CliRunner().invoke(cli, [*map(str, arguments), "--json"], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    dev, place = reference / "linkage" / "dev", reference / "district"
    names = ("market.xlsx", "hr.xlsx", "union.xlsx", "tax.csv", "civil.csv")
    files = run("import", *(dev / name for name in names))["files"]
    assert sum(x["rows_read"] for x in files) == 46_033
    assert run("grids", "import", place / "grids.geojson", "--datum", "gcj02")["added"] == 136
    assert run("workers", "import", place / "grid_workers.csv", "--datum", "gcj02")["added"] == 136
    assert run("gazetteer", "import", place / "gazetteer.csv", "--datum", "gcj02")["added"] == 1378
    linked = run("link")
    assert linked["rows_read"] == linked["rows_linked"] + linked["rows_held"] == 46_033
    assert linked["enterprises"] == linked["placed"] + linked["unplaced"]
    assert linked["placed"] / linked["enterprises"] > 0.93
    targets = run("targets")
    assert sum(targets["by_standing"].values()) == targets["enterprises"] == linked["enterprises"]
    planned = run("plan", "--week", "2026-11-23", "--seconds", "0.05")
    assert planned["targets"] == planned["targets_planned"] + planned["targets_left_out"]
    assert planned["targets"] == targets["by_standing"]["target"]
    assert planned["failed_grids"] == []

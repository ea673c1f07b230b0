"""Undoing, redoing and templates on the command line."""

from __future__ import annotations

import json

import factories as f
import openpyxl
import pytest
from click.testing import CliRunner

from outreach.cli import cli

POWER = """
source = "power"
version = 1
telling = ["用电户号"]
required = ["name"]
[office]
label = "供电"
label_en = "Power supply"
belief = 48
[columns]
account = ["用电户号"]
uscc = ["统一社会信用代码"]
name = ["用户名称"]
address = ["用电地址"]
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("OUTREACH_SETTINGS", "OUTREACH_DATABASE_URL", "OUTREACH_INSTANCE"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments, status=0):
        result = CliRunner().invoke(cli, [str(a) for a in arguments])
        assert result.exit_code == status, result.output
        return json.loads(result.stdout) if "--json" in arguments else result.output

    return call


def test_an_import_is_undone_and_redone(run, tmp_path):
    path = f.write_market(tmp_path / "m.csv", [f.firm(1, code=f.CODES[0], employees="30")])
    (report,) = run("import", path, "--json")["files"]
    batch = report["batch_id"]
    assert (report["source"], report["undone"]) == ("market", False)
    assert run("link", "--json")["enterprises"] == 1
    assert "outreach link" in run("undo-import", batch)
    assert "以前就撤销了" in run("undo-import", batch)
    assert run("link", "--json")["enterprises"] == 0
    assert "redo-import" in run("import", path)
    run("redo-import", batch)
    assert "没有撤销过" in run("redo-import", batch)
    assert run("link", "--json")["enterprises"] == 1
    run("undo-import", 999, status=1)


def test_a_template_is_written_for_a_source_that_sends_files(run, tmp_path):
    run("template", "housing_fund", "--out", tmp_path / "t.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["数据"]
    assert "单位缴存人数" in [cell.value for cell in sheet[1]]
    assert "housing_fund" in run("template", "visit", "--out", tmp_path / "v.xlsx", status=2)
    assert not (tmp_path / "v.xlsx").exists()


def test_a_source_of_the_district_s_own_folder_is_known(run, tmp_path, monkeypatch):
    import outreach.domain.sources as domain
    from outreach.sources import specs

    monkeypatch.setattr(specs, "_LEARNT", {})
    monkeypatch.setattr(domain, "_DECLARED", dict(domain._DECLARED))
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "power.toml").write_text(POWER, encoding="utf-8")
    (tmp_path / "outreach.toml").write_text('sources_folder = "own"\n', encoding="utf-8")
    path = f.write_csv(
        tmp_path / "p.csv",
        ("用电户号", "用户名称", "统一社会信用代码", "用电地址"),
        [("7", "东风铸造有限公司", f.CODES[1], "东风镇幸福路9号")],
    )
    (report,) = run("import", path, "--source", "power", "--json")["files"]
    assert report["source"] == "power"
    assert "Power supply" in run("--lang", "en", "import", path)

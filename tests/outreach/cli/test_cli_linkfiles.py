from __future__ import annotations

import factories as f
import pytest
from click.testing import CliRunner

from outreach.cli import cli


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("OUTREACH_SETTINGS", "OUTREACH_DATABASE_URL", "OUTREACH_INSTANCE"):
        monkeypatch.delenv(name, raising=False)
    return lambda *arguments: CliRunner().invoke(cli, [str(a) for a in arguments])


@pytest.fixture
def files(tmp_path):
    """Two firms, one of them insured without a code, and a row that says nothing."""
    market = [
        f.firm(1, code=f.CODES[0], name="甲有限公司"),
        f.firm(2, code=f.CODES[1], name="乙有限公司"),
        (3, "", "", "", "", "某路", "存续", "5", "2026-10-01"),
    ]
    insured = [("8001", "", "甲有限公司", "东风镇幸福路1号", "正常参保", "33", "2026-10")]
    return (
        f.write_csv(tmp_path / "market.csv", f.MARKET, market, title="登记表"),
        f.write_csv(tmp_path / "hr.csv", f.HR, insured),
    )


def test_files_are_linked_without_a_database_one_line_for_each_row(run, files, tmp_path):
    result = run("link", *files, "--out", "links.csv")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "links.csv").read_text(encoding="utf-8").splitlines() == [
        "file,row,enterprise_id",
        "market.csv,3,1",
        "market.csv,4,2",
        "market.csv,5,3",
        "hr.csv,2,1",
    ]
    assert not list(tmp_path.rglob("*.db*"))


def test_the_numbers_can_be_had_as_json(run, files):
    result = run("link", *files, "--out", "links.csv", "--json")
    assert result.stdout.strip() == '{"rows": 4, "enterprises": 3}'


@pytest.mark.parametrize("only", ["files", "out"])
def test_files_and_out_belong_together(run, files, only):
    result = run("link", *(files if only == "files" else ("--out", "links.csv")))
    assert result.exit_code == 2
    assert "--out" in result.output


def test_a_file_that_is_no_register_is_refused_and_nothing_is_written(run, files, tmp_path):
    odd = f.write_csv(tmp_path / "odd.csv", ("甲", "乙"), [("1", "2")])
    result = run("link", *files, odd, "--out", "links.csv")
    assert result.exit_code != 0
    assert not (tmp_path / "links.csv").exists()

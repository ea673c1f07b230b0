from __future__ import annotations

import csv

import factories as f
import pytest
from click.testing import CliRunner

from outreach.cli import cli

NAME = "大同食品有限公司"


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("OUTREACH_SETTINGS", "OUTREACH_DATABASE_URL", "OUTREACH_INSTANCE"):
        monkeypatch.delenv(name, raising=False)
    return lambda *arguments: CliRunner().invoke(cli, [str(a) for a in arguments])


@pytest.fixture
def files(tmp_path):
    market = [f.firm(1, code=f.CODES[0], name=NAME), f.firm(2, code=f.CODES[1], name=NAME)]
    insured = [("8001", "", NAME, "东风镇幸福路1号", "正常参保", "33", "2026-10")]
    return (
        f.write_csv(tmp_path / "market.csv", f.MARKET, market),
        f.write_csv(tmp_path / "hr.csv", f.HR, insured),
    )


def read(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def answers(path, *rows):
    return f.write_csv(path, ("file_a", "row_a", "file_b", "row_b", "verdict"), rows)


def test_the_questions_are_written_and_an_answer_is_obeyed(run, files, tmp_path):
    out, doubts = tmp_path / "links.csv", tmp_path / "doubts.csv"
    assert run("link", *files, "--out", out, "--doubts", doubts).exit_code == 0
    asked = read(doubts)
    assert {(one["file_a"], one["row_a"], one["file_b"], one["row_b"]) for one in asked} == {
        ("market.csv", "2", "hr.csv", "2"),
        ("market.csv", "3", "hr.csv", "2"),
    }
    assert {one["reason"] for one in asked} == {"rivals"}
    assert all(float(one["priority"]) > 0 and float(one["weight"]) > 0 for one in asked)
    answer = answers(tmp_path / "answers.csv", ("market.csv", 3, "hr.csv", 2, "same"))
    done = run("link", *files, "--out", out, "--answers", answer, "--doubts", doubts)
    assert done.exit_code == 0, done.output
    links = {(one["file"], one["row"]): one["enterprise_id"] for one in read(out)}
    assert links["hr.csv", "2"] == links["market.csv", "3"] != links["market.csv", "2"]
    assert read(doubts) == []


def test_an_answer_of_later_changes_nothing(run, files, tmp_path):
    out = tmp_path / "links.csv"
    answer = answers(tmp_path / "answers.csv", ("market.csv", 3, "hr.csv", 2, "later"))
    assert run("link", *files, "--out", out, "--answers", answer).exit_code == 0
    assert len({one["enterprise_id"] for one in read(out)}) == 3


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (("market.csv", 3, "hr.csv", 2, "perhaps"), "perhaps"),
        (("market.csv", "x", "hr.csv", 2, "same"), "row_a"),
        (("market.csv", 99, "hr.csv", 2, "same"), "99"),
    ],
)
def test_an_answer_that_cannot_be_used_is_refused_with_its_place(run, files, tmp_path, row, told):
    answer = answers(tmp_path / "answers.csv", row)
    result = run("link", *files, "--out", tmp_path / "links.csv", "--answers", answer)
    assert result.exit_code != 0
    assert told in str(result.exception) + result.output
    assert not (tmp_path / "links.csv").exists()


def test_answers_without_a_column_are_refused(run, files, tmp_path):
    answer = f.write_csv(tmp_path / "answers.csv", ("file_a",), [("x",)])
    result = run("link", *files, "--out", tmp_path / "links.csv", "--answers", answer)
    assert "row_a" in str(result.exception) + result.output

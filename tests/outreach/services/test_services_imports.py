from __future__ import annotations

import factories as f
import pytest
from sqlalchemy import func, select

from outreach.domain.issues import IssueKind
from outreach.domain.sources import Source
from outreach.errors import FileRefused
from outreach.services.administration.districts import add_district
from outreach.services.registers.imports import import_file, list_issues
from outreach.storage.accounts import AuditEntry
from outreach.storage.records import Batch, Issue, Record, Statement


@pytest.fixture
def district(session):
    return add_district(session, code="900001", name="试验区")


def receive(session, district, path, **options):
    return import_file(
        session, path, district_id=district.id, now=f.NOW, limits=f.LIMITS, **options
    )


def count(session, table):
    return session.scalar(select(func.count()).select_from(table))


def test_a_register_becomes_a_batch_with_records_statements_and_an_audit_entry(
    session, district, tmp_path
):
    path = f.write_market(
        tmp_path / "m.csv", [f.firm(1, code=f.CODES[0], employees="30"), f.firm(2)]
    )
    report = receive(session, district, path)
    assert (report.source, report.rows_read, report.rows_held, report.is_new) == (
        Source.MARKET,
        2,
        0,
        True,
    )
    assert count(session, Record) == 2
    assert report.statements == count(session, Statement)
    statement = session.scalar(select(Statement).where(Statement.prop == "headcount"))
    assert (statement.value, statement.raw, statement.as_of.isoformat()) == (
        "30",
        "30",
        "2026-10-01",
    )
    assert session.scalar(select(AuditEntry.action)) == "import"


def test_the_same_file_twice_changes_nothing(session, district, tmp_path):
    path = f.write_market(tmp_path / "m.csv", [f.firm(1)])
    receive(session, district, path)
    before = [count(session, table) for table in (Batch, Record, Statement, Issue, AuditEntry)]
    copy = tmp_path / "another name.csv"
    copy.write_bytes(path.read_bytes())
    report = receive(session, district, copy)
    assert not report.is_new
    assert [
        count(session, table) for table in (Batch, Record, Statement, Issue, AuditEntry)
    ] == before


def test_the_same_file_may_belong_to_two_districts(session, district, tmp_path):
    path = f.write_market(tmp_path / "m.csv", [f.firm(1)])
    receive(session, district, path)
    other = add_district(session, code="900002", name="另一区")
    assert receive(session, other, path).is_new


def test_a_row_without_name_and_code_is_held_with_an_issue_and_not_lost(
    session, district, tmp_path
):
    rows = [f.firm(1), (2, "", "", "", "", "某路", "存续", "5", "2026-10-01")]
    report = receive(session, district, f.write_market(tmp_path / "m.csv", rows))
    assert (report.rows_read, report.rows_held) == (2, 1)
    lines, total = list_issues(session, district_id=district.id, held_only=True)
    assert total == 1
    assert (lines[0].kind, lines[0].row, lines[0].file_name) == (
        IssueKind.NO_NAME_NO_CODE,
        3,
        "m.csv",
    )


def test_issues_name_file_row_column_value_and_remedy(session, district, tmp_path):
    rows = [f.firm(1, code="91360704000000019C", employees="很多", state="睡觉")]
    receive(session, district, f.write_market(tmp_path / "m.csv", rows))
    lines, total = list_issues(session, district_id=district.id)
    found = {line.kind: line for line in lines}
    assert total == len(lines)
    assert found[IssueKind.BAD_NUMBER].column == "从业人数"
    assert found[IssueKind.BAD_NUMBER].value == "很多"
    assert found[IssueKind.UNKNOWN_CODE].value == "睡觉"
    assert "“很多”" in found[IssueKind.BAD_NUMBER].sentence.in_chinese()
    assert found[IssueKind.BAD_CREDIT_CODE].kind.remedy


def test_the_issue_list_is_paged_and_filtered(session, district, tmp_path):
    rows = [f.firm(n, employees="x") for n in range(7)]
    receive(session, district, f.write_market(tmp_path / "m.csv", rows))
    page, total = list_issues(
        session, district_id=district.id, kind=IssueKind.BAD_NUMBER, limit=3, offset=6
    )
    assert (len(page), total) == (1, 7)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04broken", b"<html></html>", b"a,b\n1,2\n"])
def test_a_file_that_is_no_register_is_refused_and_leaves_the_database_as_it_was(
    session, district, tmp_path, content
):
    path = tmp_path / "x.xls"
    path.write_bytes(content)
    with pytest.raises(FileRefused, match="x.xls"):
        receive(session, district, path)
    assert [count(session, table) for table in (Batch, Record, Statement, Issue)] == [0, 0, 0, 0]


def test_a_missing_file_is_refused(session, district, tmp_path):
    with pytest.raises(FileRefused, match="没有找到"):
        receive(session, district, tmp_path / "nothing.csv")

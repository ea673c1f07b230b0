"""A dossier as a file says what the page says, masked, and leaves an entry of who took it."""

from __future__ import annotations

import zipfile
from io import BytesIO
from uuid import uuid4

import factories as f
import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from outreach.domain.accounts import Role
from outreach.domain.sources import Source
from outreach.domain.targets import TargetRule
from outreach.domain.visits import Visit, VisitResult
from outreach.errors import NotFound
from outreach.i18n import Language
from outreach.services.administration.accounts import principal_of
from outreach.services.enterprises.dossier_files import FileKind, write_dossier
from outreach.services.enterprises.dossiers import open_dossier
from outreach.services.visits.visits import record_visit
from outreach.storage.accounts import AuditEntry
from outreach.storage.enterprises import Enterprise
from outreach.storage.records import Statement

FIRM = f.firm(1, code=f.CODES[0], name="=1+1甲贸易有限公司", employees="40", phone="13800138000")
HR = [("", f.CODES[0], "甲贸易有限公司", "东风镇幸福路1号", "正常", "38", "2026-09")]


@pytest.fixture
def district(session, tmp_path):
    return f.make_district(session, tmp_path / "files", market=[FIRM], hr=HR)


@pytest.fixture
def desk(session, district):
    return principal_of(session, f.make_account(session, district, Role.DISTRICT))


def firm_id(session):
    return session.scalar(select(Enterprise.id))


def write(session, principal, kind, language=Language.ZH):
    return write_dossier(session, principal, firm_id(session), kind, language=language, now=f.NOW)


def text_of(kind, content):
    if kind is FileKind.XLSX:
        sheet = load_workbook(BytesIO(content)).active
        return "\n".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value)
    with zipfile.ZipFile(BytesIO(content)) as parts:
        return parts.read("word/document.xml").decode()


@pytest.mark.parametrize("kind", [FileKind.DOCX, FileKind.XLSX])
def test_a_file_says_who_said_what_and_hides_who_it_is(session, district, desk, kind):
    name, content = write(session, desk, kind)
    said = text_of(kind, content)
    assert name.endswith(kind.value)
    for wanted in (f.CODES[0], "市场监管", "2026-10-01", "138****000", "王**", "谁打开过这份档案"):
        assert wanted in said
    assert "13800138000" not in said
    assert "王小明" not in said


def test_no_cell_of_the_workbook_is_a_formula(session, district, desk):
    sheet = load_workbook(BytesIO(write(session, desk, FileKind.XLSX)[1])).active
    kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert kinds <= {"s", "n", "inlineStr"}
    assert sheet["A1"].value == "'=1+1甲贸易有限公司"


def test_the_pdf_has_pages_of_a4_and_text_in_a_font_that_travels_with_it(session, district, desk):
    _, content = write(session, desk, FileKind.PDF)
    assert content.startswith(b"%PDF-")
    assert b"/FontFile" in content
    assert b"595.2" in content or b"595.27" in content


def test_a_file_is_in_the_language_of_its_reader(session, district, desk):
    _, content = write(session, desk, FileKind.DOCX, Language.EN)
    assert "Headcount" in text_of(FileKind.DOCX, content)


def test_taking_a_file_is_audited_once_with_its_kind_and_stands_in_the_dossier(
    session, district, desk
):
    write(session, desk, FileKind.XLSX)
    session.flush()
    entries = session.scalars(select(AuditEntry).where(AuditEntry.subject == "enterprise")).all()
    assert [(e.action, e.detail) for e in entries] == [("export_dossier", {"kind": "xlsx"})]
    dossier = open_dossier(session, desk, firm_id(session), now=f.NOW)
    assert [one.action for one in dossier.openings] == ["open_dossier", "export_dossier"]
    assert dossier.openings[0].by == "试验"


def test_a_grid_worker_reads_who_opened_it_by_role_and_her_own_openings_by_name(
    session, district, desk
):
    own = principal_of(session, f.make_account(session, district, Role.GRID_WORKER, grid_code="G1"))
    open_dossier(session, desk, firm_id(session), now=f.NOW)
    dossier = open_dossier(session, own, firm_id(session), now=f.NOW)
    assert [(one.role, one.by) for one in dossier.openings] == [
        (Role.GRID_WORKER, "试验"),
        (Role.DISTRICT, ""),
    ]


def test_a_firm_of_another_grid_gives_no_file_and_no_entry(session, district):
    other = principal_of(
        session, f.make_account(session, district, Role.GRID_WORKER, grid_code="G2")
    )
    with pytest.raises(NotFound):
        write(session, other, FileKind.DOCX)
    assert session.scalars(select(AuditEntry).where(AuditEntry.subject == "enterprise")).all() == []


def test_each_agreed_value_names_the_newest_source_that_says_it(session, district, desk):
    dossier = open_dossier(session, desk, firm_id(session), now=f.NOW)
    assert dossier.origins["uscc"].sources == 2
    assert dossier.origins["legal_rep"].source.label == "市场监管"
    assert "phone" in dossier.origins
    assert dossier.stage is None or dossier.stage.value == "untouched"


def test_what_a_visit_told_is_named_by_its_day_and_a_section_by_its_name(session, district, desk):
    worker = principal_of(
        session, f.make_account(session, district, Role.GRID_WORKER, grid_code="G1")
    )
    visit = Visit(
        uuid=uuid4(),
        enterprise_id=firm_id(session),
        visited_at=f.NOW,
        result=VisitResult.MET_HEAD,
        employees=33,
    )
    record_visit(session, worker, visit, rule=TargetRule(), now=f.NOW)
    session.add(
        Statement(
            district_id=district.id,
            record_id=session.scalar(select(Statement.record_id).limit(1)),
            source="market",
            prop="industry",
            value="L",
            raw="L",
        )
    )
    session.flush()
    dossier = open_dossier(session, desk, firm_id(session), now=f.NOW)
    for lines in (dossier.statements, dossier.members):
        [told] = {one.file.in_chinese() for one in lines if one.source is Source.VISIT}
        assert told == "2026-11-23 的走访"
    assert {one.evidence for one in dossier.members if one.source is Source.VISIT} == {""}
    said = text_of(FileKind.XLSX, write(session, desk, FileKind.XLSX)[1])
    assert "2026-11-23 的走访" in said
    assert "visit:" not in said
    assert "租赁和商务服务业 (L)" in said

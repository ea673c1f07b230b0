"""Lists as files: complete, in the account's sight, free of formulas and personal data, audited."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree as ET

import factories as f
import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from outreach.domain.accounts import Role
from outreach.domain.formations import Stage
from outreach.domain.runs import RunState
from outreach.domain.targets import Standing
from outreach.errors import Conflict, NotFound
from outreach.i18n import Language
from outreach.services.administration.accounts import principal_of
from outreach.services.desk.export_runs import ask_for_export, forget_files, read_export
from outreach.services.desk.exports import (
    ExportKind,
    ExportOrder,
    count_without_place,
    write_export,
)
from outreach.services.enterprises.enterprise_lists import EnterpriseFilter
from outreach.services.runs.work import carry_out
from outreach.settings import make_settings
from outreach.storage.accounts import Account, AuditEntry
from outreach.storage.districts import District
from outreach.storage.enterprises import Enterprise
from outreach.storage.runs import Run

STARTS = ("=", "+", "-", "@", "\t", "\r", "＝")
MARKET = [
    f.firm(1, code=f.CODES[0], name="=HYPERLINK(1)甲有限公司", employees="40", phone="13800138000"),
    f.firm(2, name="@乙<b>有限公司", employees="50"),
    f.firm(3, name="丙机械厂", employees="60", address="东风镇光明工业园1号"),
    f.firm(4, name="丁有限公司", employees="70", address="天边"),
]


@pytest.fixture
def district(session, tmp_path):
    return f.make_district(session, tmp_path / "files", market=MARKET)


@pytest.fixture
def desk(session, district):
    return principal_of(session, f.make_account(session, district, Role.DISTRICT))


def order(kind, language=Language.ZH, **wanted):
    return ExportOrder(
        wanted=EnterpriseFilter(**wanted), kind=kind, language=language, today=f.TODAY
    )


def write(session, principal, kind, **wanted):
    return write_export(session, principal, order(kind, **wanted), now=f.NOW)


def test_a_workbook_holds_every_firm_no_formula_its_date_and_its_denominator(
    session, district, desk
):
    file = write(session, desk, ExportKind.XLSX, standing=Standing.TARGET)
    sheet = load_workbook(io.BytesIO(file.content)).active
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert "f" not in {cell.data_type for cell in cells}
    assert not any(str(cell.value).startswith(STARTS) for cell in cells)
    names = [row[0].value for row in sheet.iter_rows(min_row=2)]
    assert "'=HYPERLINK(1)甲有限公司" in names
    assert "2026-11-23 09:00 导出，4 家，共 4 家" in names[-1].replace(",", "，")
    assert file.name == "企业名单 数据截至2026-10-01 全部4家中的4家.xlsx"


def test_numbers_and_days_are_cells_of_their_kind_and_codes_are_texts(session, district, desk):
    firm = session.scalar(select(Enterprise).where(Enterprise.name == "丙机械厂"))
    firm.last_visited_on = date(2026, 11, 20)
    session.flush()
    file = write(session, desk, ExportKind.XLSX)
    sheet = load_workbook(io.BytesIO(file.content)).active
    headers = [cell.value for cell in sheet[1]]
    found = {row[0].value: dict(zip(headers, row, strict=True)) for row in sheet.iter_rows(2)}
    row = found["丙机械厂"]
    assert (row["职工人数"].value, row["职工人数"].number_format) == (firm.employees, "#,##0")
    assert row["上次走访"].value.date() == date(2026, 11, 20)
    assert row["上次走访"].is_date
    assert (row["经度"].data_type, row["经度"].number_format) == ("n", "0.000000")
    assert row["经度"].value == round(firm.lon, 6)
    code = found["'=HYPERLINK(1)甲有限公司"]["统一社会信用代码"]
    assert (code.value, code.data_type) == (f.CODES[0], "s")


def test_the_line_below_a_table_is_never_filtered_away(session, district, desk):
    sheet = load_workbook(io.BytesIO(write(session, desk, ExportKind.XLSX).content)).active
    assert sheet.auto_filter.ref == f"A1:N{1 + len(MARKET)}"
    assert sheet.max_row == len(MARKET) + 3


def test_a_list_says_how_many_of_its_firms_a_file_of_places_leaves_out(session, district, desk):
    every = EnterpriseFilter()
    left_out = count_without_place(session, desk, every, today=f.TODAY)
    assert left_out == 1
    placed = write(session, desk, ExportKind.GPX)
    assert placed.rows + left_out == write(session, desk, ExportKind.CSV).rows


def test_a_csv_opens_in_chinese_and_holds_no_formula(session, district, desk):
    content = write(session, desk, ExportKind.CSV).content
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows[0][0] == "名称"
    assert len(rows) == 1 + len(MARKET)
    assert not any(cell.startswith(STARTS) for row in rows for cell in row)


def test_geojson_and_gpx_hold_the_placed_firms_in_wgs84(session, district, desk):
    whole = json.loads(write(session, desk, ExportKind.GEOJSON).content)
    assert (whole["type"], whole["count"], whole["of"]) == ("FeatureCollection", 3, 4)
    lon, lat = whole["features"][0]["geometry"]["coordinates"]
    assert 114.9 < lon < 115.1
    assert 24.9 < lat < 25.1
    gpx = ET.fromstring(write(session, desk, ExportKind.GPX).content)
    points = gpx.findall("{http://www.topografix.com/GPX/1/1}wpt")
    assert len(points) == 3
    assert "@乙<b>有限公司" in {point[0].text for point in points}


@pytest.mark.parametrize("kind", list(ExportKind))
def test_no_file_names_or_reaches_a_person_and_each_is_audited(session, district, desk, kind):
    content = write(session, desk, kind).content
    for personal in ("13800138000", "王小明"):
        assert personal.encode() not in content
    session.flush()
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "export_list")).one()
    assert entry.detail == {"kind": kind.value, "rows": 3 if kind.needs_place else 4, "of": 4}


def test_a_grid_worker_takes_the_firms_of_her_own_grid_only(session, district):
    own = principal_of(session, f.make_account(session, district, Role.GRID_WORKER, grid_code="G2"))
    file = write(session, own, ExportKind.CSV)
    assert (file.rows, file.of) == (1, 1)
    assert "丙机械厂" in file.content.decode()


def test_a_file_is_in_the_language_of_its_reader(session, district, desk):
    file = write_export(session, desk, order(ExportKind.CSV, Language.EN), now=f.NOW)
    assert "Name" in file.content.decode().splitlines()[0]
    assert file.name == "firms, data of 2026-10-01, 4 of 4.csv"


@pytest.fixture
def long_list(database, tmp_path):
    """A district whose union has asked for a list; the run waits."""
    with database.transaction() as session:
        district = f.make_district(session, tmp_path / "files", market=MARKET)
        account = f.make_account(session, district, Role.DISTRICT)
        principal = principal_of(session, account)
        asked = order(ExportKind.CSV, standing=Standing.TARGET, reached=None)
        run_id = ask_for_export(session, principal, asked, now=f.NOW)
    return database, principal, run_id, make_settings({"instance": str(tmp_path)})


def test_a_long_list_is_written_by_a_run_and_given_to_who_asked(long_list):
    database, principal, run_id, settings = long_list
    carry_out(database, run_id, clock=lambda: f.NOW, processes=1, settings=settings)
    with database.transaction() as session:
        run = session.get_one(Run, run_id)
        assert (run.state, run.total, run.result["rows"]) == (RunState.DONE, 4, 4)
        name, kind, content = read_export(session, principal, run_id, instance=settings.instance)
        assert (name, kind) == ("企业名单 数据截至2026-10-01 全部4家中的4家.csv", ExportKind.CSV)
        assert "丙机械厂" in content.decode()


def test_nobody_else_gets_the_file_and_after_a_day_nobody(long_list):
    database, principal, run_id, settings = long_list
    with database.transaction() as session, pytest.raises(NotFound):
        read_export(session, principal, run_id, instance=settings.instance)
    carry_out(database, run_id, clock=lambda: f.NOW, processes=1, settings=settings)
    with database.transaction() as session:
        district = session.get_one(Account, principal.account_id).district_id
        other = f.make_account(session, session.get_one(District, district), Role.PLANNER)
        with pytest.raises(NotFound):
            read_export(session, principal_of(session, other), run_id, instance=settings.instance)
        folder = settings.instance / "exports"
        written = (folder / run_id).stat().st_mtime
        at = datetime.fromtimestamp(written, UTC)
        forget_files(folder, now=at + timedelta(hours=23, minutes=59))
        assert (folder / run_id).is_file()
        forget_files(folder, now=at + timedelta(hours=24, minutes=1))
        with pytest.raises(NotFound, match="过了一天"):
            read_export(session, principal, run_id, instance=settings.instance)


def test_an_account_that_was_closed_meanwhile_gets_no_file(long_list):
    database, principal, run_id, settings = long_list
    with database.transaction() as session:
        session.get_one(Account, principal.account_id).disabled = True
    carry_out(database, run_id, clock=lambda: f.NOW, processes=1, settings=settings)
    with database.transaction() as session:
        assert session.get_one(Run, run_id).state == RunState.FAILED
        assert (
            session.scalars(select(AuditEntry).where(AuditEntry.action == "export_list")).all()
            == []
        )


def test_three_files_may_wait_and_a_fourth_is_refused(session, district, desk):
    for _ in range(3):
        ask_for_export(session, desk, order(ExportKind.CSV, stage=Stage.WILLING), now=f.NOW)
    with pytest.raises(Conflict, match="已经有 3 份"):
        ask_for_export(session, desk, order(ExportKind.CSV), now=f.NOW)

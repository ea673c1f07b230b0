from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta

import factories as f
import pytest
from month_of_changes import compare, live_two_months
from sqlalchemy import select

from outreach.domain.accounts import Principal, Role
from outreach.domain.changes import ChangeKind
from outreach.errors import Refused
from outreach.i18n import Language, say_sentence
from outreach.services.administration.principals import command_line
from outreach.services.enterprises.enterprise_lists import EnterpriseFilter, list_enterprises
from outreach.services.linking.change_views import (
    ChangeFilter,
    as_text,
    list_changes,
    list_months,
    summarise_changes,
    write_changes,
)
from outreach.services.registers.imports import import_file
from outreach.storage.accounts import AuditEntry
from outreach.storage.changes import Change
from outreach.storage.database import Database
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid

A, B, C, D = f.CODES
DECEMBER = datetime(2026, 12, 2, 1, 0, tzinfo=UTC)
LATER = date(2026, 12, 2)

HR_A = ("8001", A, "甲有限公司", "东风镇幸福路1号", "正常参保", "20", "2026-10")
FIRST = [
    f.firm(1, code=A, name="甲有限公司", employees="20"),
    f.firm(2, code=B, name="乙有限公司", employees="20", address="东风镇幸福路2号"),
    f.firm(3, code=C, name="丙有限公司", address="东风镇幸福路3号"),
]


def receive(session, district, folder, name, header, rows, *, now=DECEMBER, complete=None):
    path = f.write_csv(folder / name, header, rows)
    return import_file(
        session, path, district_id=district.id, now=now, limits=f.LIMITS, complete=complete
    )


def next_market(session, district, folder, rows, **options):
    return receive(session, district, folder, "market2.csv", f.MARKET, rows, **options)


def found(session, district):
    rows = session.scalars(
        select(Change).where(Change.district_id == district.id).order_by(Change.id)
    )
    names = dict(session.execute(select(Enterprise.id, Enterprise.name)).all())
    return {(names[row.enterprise_id], row.kind, row.before, row.after) for row in rows}


def month(rows):
    """The rows of the register, dated a month later."""
    return [(*row[:-1], "2026-11-30") for row in rows]


@pytest.fixture
def district(session, tmp_path):
    return f.make_district(session, tmp_path / "first", market=FIRST, hr=[HR_A])


def test_the_first_linking_writes_no_changes_and_flags_nothing(session, district):
    assert found(session, district) == set()
    assert set(map(str, session.scalars(select(Enterprise.missing_from)))) == {"[]"}


def test_linking_twice_without_new_files_writes_no_changes(session, district):
    f.link(session, district)
    f.link(session, district, today=LATER)
    assert found(session, district) == set()


def test_a_second_month_tells_what_is_new_closed_moved_renamed_and_grown(
    session, district, tmp_path
):
    rows = month(
        [
            f.firm(1, code=A, name="甲有限公司", state="注销"),
            f.firm(2, code=B, name="丁字有限公司", employees="60", address="东风镇幸福路2#"),
            f.firm(3, code=C, name="丙有限责任公司", address="东风镇光明工业园5号"),
            f.firm(4, code=D, name="戊有限公司"),
        ]
    )
    next_market(session, district, tmp_path, rows)
    f.link(session, district, today=LATER)
    grew = session.scalar(select(Change).where(Change.kind == "crossed_up"))
    assert int(grew.before) <= 25 < int(grew.after)
    assert (grew.source, grew.as_of) == ("market", date(2026, 11, 30))
    assert found(session, district) - {("丁字有限公司", "crossed_up", grew.before, grew.after)} == {
        ("甲有限公司", "closed", "active", "cancelled"),
        ("丁字有限公司", "renamed", "乙有限公司", "丁字有限公司"),
        ("丙有限责任公司", "moved", "东风镇幸福路3号", "东风镇光明工业园5号"),
        ("戊有限公司", "new", "", "戊有限公司"),
    }
    moved = session.scalar(select(Change).where(Change.kind == "moved"))
    grids = dict(session.execute(select(Grid.id, Grid.code)).all())
    assert (grids[moved.former_grid_id], grids[moved.grid_id]) == ("G1", "G2")
    assert (moved.source, moved.as_of, moved.found_on) == ("market", date(2026, 11, 30), LATER)
    f.link(session, district, today=LATER + timedelta(days=1))
    assert session.query(Change).count() == 5


def test_the_newest_delivery_counts_even_when_its_rows_carry_an_older_day(
    session, district, tmp_path
):
    rows = [(*FIRST[0][:6], "注销", "20", "2026-09-01"), *month(FIRST[1:])]
    next_market(session, district, tmp_path, rows)
    f.link(session, district, today=LATER)
    assert ("甲有限公司", "closed", "active", "cancelled") in found(session, district)


def test_a_firm_left_out_of_a_complete_delivery_is_flagged_told_and_kept(
    session, district, tmp_path
):
    report = next_market(session, district, tmp_path, month(FIRST[1:]), complete=True)
    assert report.complete
    f.link(session, district, today=LATER)
    assert found(session, district) == {("甲有限公司", "vanished", "2026-10-01", "")}
    firm = session.scalar(select(Enterprise).where(Enterprise.name == "甲有限公司"))
    session.refresh(firm)
    assert firm.missing_from == [
        {"source": "market", "last_seen": "2026-10-01", "since": "2026-11-30"}
    ]
    assert not firm.retired
    listed, total = list_enterprises(
        session, command_line(district.id), EnterpriseFilter(missing=True)
    )
    assert (total, listed[0].name) == (1, "甲有限公司")


def test_a_firm_that_vanished_and_comes_back_is_told(session, district, tmp_path):
    next_market(session, district, tmp_path, month(FIRST[1:]), complete=True)
    f.link(session, district, today=LATER)
    rows = [(*row[:-1], "2026-12-31") for row in FIRST]
    receive(
        session,
        district,
        tmp_path,
        "market3.csv",
        f.MARKET,
        rows,
        now=DECEMBER + timedelta(days=31),
    )
    f.link(session, district, today=LATER + timedelta(days=31))
    assert ("甲有限公司", "back", "2026-11-30", "") in found(session, district)
    firm = session.scalar(select(Enterprise).where(Enterprise.name == "甲有限公司"))
    session.refresh(firm)
    assert firm.missing_from == []


@pytest.mark.parametrize("complete", [False, None], ids=["said", "guessed"])
def test_a_partial_delivery_flags_nobody(session, district, tmp_path, complete):
    report = next_market(session, district, tmp_path, month(FIRST[:2]), complete=complete)
    assert not report.complete
    assert (report.rows_read, report.rows_before) == (2, 3)
    f.link(session, district, today=LATER)
    assert found(session, district) == set()


def test_just_enough_rows_are_taken_for_the_whole_register(session, tmp_path):
    many = [f.firm(n, name=f"第{n}号厂") for n in range(10)]
    district = f.make_district(session, tmp_path / "first", market=many)
    assert next_market(session, district, tmp_path, month(many[:7])).complete
    fewer = [(*row[:-1], "2026-12-31") for row in many[:4]]
    assert not next_market(session, district, tmp_path, fewer).complete


def test_two_files_of_one_day_are_one_delivery(session, district, tmp_path):
    next_market(session, district, tmp_path, month(FIRST[:2]), complete=True)
    receive(session, district, tmp_path, "more.csv", f.MARKET, month(FIRST[2:]), complete=True)
    f.link(session, district, today=LATER)
    assert found(session, district) == set()


def test_a_merge_and_a_split_are_no_change_of_a_firm(session, tmp_path):
    """Two shops without codes are joined by a row that has both their names, as the office says."""
    rows = [
        f.firm(1, code=A, name="甲有限公司", phone="07971234567"),
        f.firm(2, code="", name="寅卯有限公司", address="东风镇光明工业园1号"),
    ]
    district = f.make_district(session, tmp_path / "first", market=rows)
    hr = [("9", A, "寅卯有限公司", "东风镇光明工业园1号", "正常参保", "20", "2026-11")]
    receive(session, district, tmp_path, "hr2.csv", f.HR, hr)
    f.link(session, district, today=LATER)
    assert not {kind for _, kind, _, _ in found(session, district)} & {"closed", "new"}


def worker(session, district, code):
    grid_id = session.scalar(
        select(Grid.id).where(Grid.code == code, Grid.district_id == district.id)
    )
    return Principal(
        account_id=1,
        district_id=district.id,
        role=Role.GRID_WORKER,
        login="",
        display_name="",
        grid_id=grid_id,
    )


@pytest.fixture
def changed(session, district, tmp_path):
    rows = month(
        [
            f.firm(1, code=A, name="=1+1有限公司", state="注销"),
            f.firm(2, code=B, name="乙有限公司", address="东风镇光明工业园2号"),
            FIRST[2],
        ]
    )
    next_market(session, district, tmp_path, rows)
    f.link(session, district, today=LATER)
    return district


def test_a_grid_worker_hears_of_firms_that_came_and_that_left_and_of_no_others(session, changed):
    both = ChangeFilter()
    here, count = list_changes(session, worker(session, changed, "G2"), both, limit=10)
    assert [(one.name, one.kind, one.is_open) for one in here] == [
        ("乙有限公司", ChangeKind.MOVED, True)
    ]
    assert count == 1
    there, _ = list_changes(session, worker(session, changed, "G1"), both, limit=10)
    assert {(one.kind, one.is_open) for one in there} == {
        (ChangeKind.MOVED, False),
        (ChangeKind.CLOSED, True),
        (ChangeKind.RENAMED, True),
    }
    wanted = ChangeFilter(grid_id=there[0].enterprise_id)
    assert list_changes(session, worker(session, changed, "G2"), wanted, limit=10)[1] == 1


def test_the_list_is_filtered_paged_and_summed_up_with_its_denominator(session, changed):
    who = command_line(changed.id)
    assert list_changes(session, who, ChangeFilter(kind=ChangeKind.CLOSED), limit=10)[1] == 1
    assert list_changes(session, who, ChangeFilter(township="东风镇"), limit=10)[1] == 3
    assert list_changes(session, who, ChangeFilter(township="西河乡"), limit=10)[1] == 0
    assert list_changes(session, who, ChangeFilter(month=date(2026, 12, 1)), limit=10)[1] == 3
    assert list_changes(session, who, ChangeFilter(month=date(2026, 11, 1)), limit=10)[1] == 0
    assert list_changes(session, who, ChangeFilter(since=LATER), limit=10)[1] == 3
    assert list_changes(session, who, ChangeFilter(since=LATER + timedelta(1)), limit=10)[1] == 0
    page, total = list_changes(session, who, ChangeFilter(), limit=2, offset=2)
    assert (len(page), total) == (1, 3)
    summary = summarise_changes(session, who, ChangeFilter())
    assert (summary.enterprises, summary.changed, sum(summary.counts.values())) == (3, 2, 3)
    assert list_months(session, who) == [date(2026, 12, 1)]


def test_each_line_says_before_and_after_in_both_languages(session, changed):
    lines, _ = list_changes(
        session, command_line(changed.id), ChangeFilter(kind=ChangeKind.CLOSED), limit=1
    )
    assert say_sentence(lines[0].sentence, Language.ZH) == "存续 → 注销"
    assert say_sentence(lines[0].sentence, Language.EN) == "Active → Cancelled"


def download(session, who):
    content = write_changes(
        session,
        who,
        ChangeFilter(),
        say=lambda text: text,
        say_sentence=lambda said: said.in_chinese(),
        now=DECEMBER,
    )
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_the_download_computes_nothing_and_is_audited(session, changed):
    header, *rows = download(session, command_line(changed.id))
    assert header[0] == "发现日期"
    assert len(rows) == 3
    assert {row[2] for row in rows} == {"'=1+1有限公司", "乙有限公司"}
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert session.query(AuditEntry).filter_by(action="download_changes").count() == 1


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1"])
def test_a_cell_that_a_workbook_would_compute_becomes_text(cell):
    assert as_text(cell) == f"'{cell}"
    assert as_text(f"a{cell}") == f"a{cell}"


def test_a_grid_worker_downloads_nothing(session, changed):
    with pytest.raises(Refused):
        download(session, worker(session, changed, "G1"))


def test_the_changes_of_a_made_up_month_are_found_and_none_is_invented(tmp_path, capsys):
    database = Database(f"sqlite:///{tmp_path / 'months.db'}")
    database.upgrade()
    with database.session() as session:
        matches = compare(session, *live_two_months(session, tmp_path, seed=7, entities=900))
    database.close()
    with capsys.disabled():
        print()
        for match in matches.values():
            print(match)
    assert matches["all"].precision >= 0.95
    assert matches["all"].recall >= 0.9
    for kind in ("new", "closed", "renamed", "crossed_up", "crossed_down", "vanished"):
        assert matches[kind].recall >= 0.8, kind

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import factories as f
import pytest
from sqlalchemy import select

from outreach.domain.accounts import Role
from outreach.domain.grid_figures import MapLayer, fold_tallies, is_settled, measure, month_end
from outreach.domain.targets import Standing
from outreach.services.desk.grid_figures import Window, count_tallies
from outreach.services.desk.grid_months import list_months, load_month, refresh_months
from outreach.storage.enterprises import Enterprise, EnterpriseAlias
from outreach.storage.grid_months import GridMonth
from outreach.storage.grids import Grid
from outreach.storage.records import Record
from outreach.storage.visits import Visit

CHINA = ZoneInfo("Asia/Shanghai")


def at(day):
    return datetime(day.year, day.month, day.day, 20, tzinfo=CHINA)


@pytest.fixture
def district(session, tmp_path):
    rows = [
        f.firm(1, code=f.CODES[0], name="甲有限公司", employees="60"),
        f.firm(2, code=f.CODES[1], name="乙有限公司", employees="40"),
        f.firm(
            3, code=f.CODES[2], name="丙有限公司", employees="50", address="东风镇光明工业园1号"
        ),
    ]
    return f.make_district(session, tmp_path / "files", market=rows)


def visit(session, district, name, day, result="met_head"):
    firm = session.scalar(select(Enterprise).where(Enterprise.name == name))
    worker = f.make_account(
        session, district, Role.GRID_WORKER, login=str(uuid4())[:20], grid_code="G1"
    )
    session.add(
        Visit(
            uuid=str(uuid4()),
            district_id=district.id,
            enterprise_id=firm.id,
            account_id=worker if isinstance(worker, int) else worker.id,
            visited_at=at(day),
            visited_on=day,
            received_at=at(day),
            result=result,
            content={},
            sha256="0" * 64,
        )
    )
    session.flush()
    return firm


def figures(tallies, grid_id, standing=Standing.TARGET):
    return fold_tallies(tallies.get(grid_id, []), standing)


@pytest.fixture
def grids(session, district):
    return dict(
        session.execute(select(Grid.code, Grid.id).where(Grid.district_id == district.id)).all()
    )


def test_a_month_counts_its_own_visits_and_coverage_at_its_end(session, district, grids):
    visit(session, district, "甲有限公司", date(2026, 9, 30))
    visit(session, district, "乙有限公司", date(2026, 10, 1))
    visit(session, district, "乙有限公司", date(2026, 10, 31), result="nobody")
    refresh_months(session, district_id=district.id, now=at(date(2026, 11, 21)))
    september = figures(load_month(session, district.id, date(2026, 9, 1)), grids["G1"])
    october = figures(load_month(session, district.id, date(2026, 10, 1)), grids["G1"])
    assert (september.visits, september.covered, september.overdue, september.firms) == (1, 1, 0, 2)
    # 30 September is 31 days before the end of October, 1 October is 30; who met nobody was there
    # all the same, but the firm is not covered by it.
    assert (october.visits, october.covered, october.overdue) == (2, 1, 1)


def test_a_month_says_how_far_it_was_counted_and_with_which_list(session, district):
    visit(session, district, "甲有限公司", date(2026, 9, 30))
    refresh_months(session, district_id=district.id, now=at(date(2026, 11, 21)))
    found = [(one.month, one.as_of, one.list_as_of) for one in list_months(session, district.id)]
    today = date(2026, 11, 21)
    assert found == [
        (date(2026, 9, 1), date(2026, 9, 30), today),
        (date(2026, 10, 1), date(2026, 10, 31), today),
        (date(2026, 11, 1), today, today),
    ]


@pytest.mark.parametrize(("days", "settled"), [(7, False), (8, True)])
def test_a_month_stands_once_its_visits_can_no_longer_be_corrected(
    session, district, grids, days, settled
):
    month = date(2026, 9, 1)
    counted = month_end(month) + timedelta(days=days)
    assert is_settled(month, counted) is settled
    visit(session, district, "甲有限公司", date(2026, 9, 30))
    refresh_months(session, district_id=district.id, now=at(counted))
    visit(session, district, "乙有限公司", date(2026, 9, 30))
    report = refresh_months(session, district_id=district.id, now=at(counted + timedelta(days=1)))
    assert (month in report.counted) is not settled
    kept = figures(load_month(session, district.id, month), grids["G1"])
    assert kept.visits == (1 if settled else 2)


def test_refreshing_twice_changes_nothing_and_an_empty_district_has_no_months(session, district):
    assert refresh_months(session, district_id=district.id, now=f.NOW).counted == ()
    visit(session, district, "甲有限公司", date(2026, 10, 30))
    for _ in range(2):
        refresh_months(session, district_id=district.id, now=at(date(2026, 11, 21)))
        tallies = load_month(session, district.id, date(2026, 10, 1))
        assert sum(len(of_grid) for of_grid in tallies.values()) == 2


def test_a_month_tells_small_firms_with_a_union_from_those_that_should_have_one(
    session, district, grids
):
    visit(session, district, "甲有限公司", date(2026, 9, 30))
    for name, held in (("甲有限公司", "surely_over"), ("乙有限公司", "under")):
        firm = session.scalar(select(Enterprise).where(Enterprise.name == name))
        firm.standing, firm.headcount_class = "with_union", held
    session.flush()
    month = date(2026, 9, 1)
    refresh_months(session, district_id=district.id, now=at(date(2026, 11, 21)))
    kept = figures(load_month(session, district.id, month), grids["G1"], None)
    assert (kept.firms, kept.with_union) == (2, 1)


def test_a_month_that_was_counted_without_telling_them_apart_is_counted_anew(session, district):
    visit(session, district, "甲有限公司", date(2026, 9, 30))
    refresh_months(session, district_id=district.id, now=at(date(2026, 11, 21)))
    month = date(2026, 9, 1)
    rows = session.scalars(select(GridMonth).where(GridMonth.month == month)).all()
    rows[0].standing = "with_union"
    session.flush()
    report = refresh_months(session, district_id=district.id, now=at(date(2026, 11, 21)))
    assert month in report.counted
    again = refresh_months(session, district_id=district.id, now=at(date(2026, 11, 21)))
    assert month not in again.counted


def test_a_visit_to_a_merged_firm_counts_for_the_one_that_it_means_now(session, district, grids):
    former = visit(session, district, "甲有限公司", date(2026, 11, 2))
    kept = session.scalar(select(Enterprise).where(Enterprise.name == "丙有限公司"))
    former.retired = True
    record = session.scalar(select(Record.id).limit(1))
    session.add(
        EnterpriseAlias(
            district_id=district.id,
            former_id=former.id,
            enterprise_id=kept.id,
            record_id=record,
            since=f.NOW,
        )
    )
    session.flush()
    window = Window(since=date(2026, 11, 1), until=date(2026, 11, 21))
    tallies = count_tallies(session, district.id, window, is_past=True)
    assert figures(tallies, grids["G1"]).visits == 0
    assert figures(tallies, grids["G2"]).visits == 1
    assert figures(tallies, grids["G2"]).covered == 1


def test_a_firm_without_a_place_is_counted_apart(session, district):
    firm = session.scalar(select(Enterprise).where(Enterprise.name == "甲有限公司"))
    firm.grid_id = None
    session.flush()
    tallies = count_tallies(session, district.id, Window.lately(f.TODAY))
    assert figures(tallies, None).firms == 1
    assert measure(MapLayer.COVERAGE, figures(tallies, None), figures(tallies, None)).whole == 1

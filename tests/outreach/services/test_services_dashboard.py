"""The dashboard's numbers are those of the lists behind them, however they were counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import factories as f
import pytest
from sqlalchemy import select, update

from outreach.domain.accounts import Role
from outreach.domain.formations import Stage
from outreach.domain.headcounts import HeadcountClass
from outreach.domain.indicators import Goals, IndicatorKind
from outreach.domain.runs import RunKind
from outreach.domain.targets import Standing, TargetRule
from outreach.domain.visits import UnionFinding, Visit, VisitResult
from outreach.errors import InvalidInput, NotFound, Refused
from outreach.services.administration.accounts import principal_of
from outreach.services.administration.audit import write_audit
from outreach.services.administration.principals import command_line
from outreach.services.desk.desk_changes import (
    refresh_all,
    refresh_figures,
    take_state,
    try_refresh,
)
from outreach.services.desk.desk_figures import count_all
from outreach.services.desk.digests import write_month
from outreach.services.desk.indicators import AreaFilter, open_dashboard
from outreach.services.enterprises.enterprise_lists import (
    EnterpriseFilter,
    Freshness,
    list_enterprises,
)
from outreach.services.runs.runs import queue_run
from outreach.services.visits.visits import record_visit
from outreach.storage.desk import DeskFigure, DeskState
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid
from outreach.storage.records import Batch
from outreach.storage.runs import Run

DUE = EnterpriseFilter(due=True)
LISTS = {
    "firms": EnterpriseFilter(),
    "placed": EnterpriseFilter(placed=True),
    "due": DUE,
    "covered": EnterpriseFilter(due=True, visited=Freshness.COVERED),
    "overdue": EnterpriseFilter(due=True, visited=Freshness.OVERDUE),
    "never": EnterpriseFilter(due=True, visited=Freshness.NEVER),
    "targets": EnterpriseFilter(standing=Standing.TARGET),
    "targets_visited": EnterpriseFilter(standing=Standing.TARGET, visited=Freshness.EVER),
    "should_have": EnterpriseFilter(reached=Stage.UNTOUCHED),
    "with_union": EnterpriseFilter(reached=Stage.FOUNDED),
    **{stage.value: EnterpriseFilter(stage=stage) for stage in Stage},
    "doubtful": EnterpriseFilter(
        standing=Standing.NEAR_MISS, headcount_class=HeadcountClass.DOUBTFUL
    ),
    "no_headcount": EnterpriseFilter(standing=Standing.NO_HEADCOUNT),
    "missing": EnterpriseFilter(missing=True),
}
"""Every number of the dashboard that is one of firms, and the list that it leads to."""

MARKET = [
    f.firm(1, code=f.CODES[0], name="甲贸易有限公司", employees="40"),
    f.firm(2, code=f.CODES[1], name="乙贸易有限公司", employees="50"),
    f.firm(3, name="丙机械厂", employees="60", address="东风镇光明工业园1号"),
    f.firm(4, name="丁食品厂", employees="3"),
    f.firm(5, name="戊物流有限公司", employees="80", address="天边"),
    f.firm(6, name="己商店", employees=""),
    f.firm(7, name="庚建材有限公司", employees="70", address="东风镇光明工业园2号"),
]
UNION = [("", "", "丙机械厂工会委员会", "丙机械厂", "李四", "60", "2025-01-01")]


@pytest.fixture
def district(session, tmp_path):
    return f.make_district(session, tmp_path / "files", market=MARKET, union=UNION)


@pytest.fixture
def desk(district):
    return command_line(district.id)


def worker(session, district, code="G1"):
    return principal_of(
        session, f.make_account(session, district, Role.GRID_WORKER, grid_code=code)
    )


def firm(session, name):
    return session.scalar(select(Enterprise).where(Enterprise.name == name))


def visit(session, principal, name, *, days_ago=0, **found):
    at = f.NOW - timedelta(days=days_ago)
    told = {"result": VisitResult.MET_HEAD, **found}
    record_visit(
        session,
        principal,
        Visit(uuid=uuid4(), enterprise_id=firm(session, name).id, visited_at=at, **told),
        rule=TargetRule(),
        now=f.NOW,
    )
    session.flush()


def board(session, principal, **area):
    return open_dashboard(
        session,
        principal,
        AreaFilter(**area),
        goals=Goals(),
        outings_a_week=3,
        today=f.TODAY,
    )


def count(session, district):
    assert refresh_figures(session, district.id, now=f.NOW, while_waiting=True)


def areas(session, district):
    grids = session.scalars(select(Grid.id).where(Grid.district_id == district.id))
    return [{}, {"township": "东风镇"}, *({"grid_id": key} for key in grids)]


def figures(session):
    rows = session.scalars(select(DeskFigure)).all()
    return sorted(
        (r.span, r.day, r.level, r.township, r.grid_id or 0, sorted(r.counts.items())) for r in rows
    )


def test_every_number_is_the_length_of_the_list_behind_it(session, district, desk):
    one, two = worker(session, district), worker(session, district, "G2")
    visit(session, one, "甲贸易有限公司", union_finding=UnionFinding.WILLING)
    visit(session, one, "乙贸易有限公司", days_ago=31, union_finding=UnionFinding.PREPARING)
    visit(session, two, "庚建材有限公司", days_ago=30)
    count(session, district)
    for area in areas(session, district):
        counts = board(session, desk, **area).counts
        for name, wanted in LISTS.items():
            asked = EnterpriseFilter(**{**_asked(wanted), **area})
            _, listed = list_enterprises(session, desk, asked, today=f.TODAY)
            assert getattr(counts, name) == listed, (area, name)


def _asked(wanted):
    return {
        name: getattr(wanted, name)
        for name in EnterpriseFilter.__dataclass_fields__
        if getattr(wanted, name) != EnterpriseFilter.__dataclass_fields__[name].default
    }


def test_a_visit_thirty_days_ago_still_covers_and_one_day_more_does_not(session, district, desk):
    two = worker(session, district, "G2")
    visit(session, two, "庚建材有限公司", days_ago=30)
    visit(session, two, "丙机械厂", days_ago=31)
    count(session, district)
    counts = board(session, desk).counts
    assert (counts.covered, counts.overdue) == (1, 1)
    assert [line.name for line in board(session, desk).overdue] == ["丙机械厂"]
    assert board(session, desk).overdue[0].days == 31


def test_counting_only_what_a_visit_changed_gives_what_counting_all_gives(session, district):
    one, two = worker(session, district), worker(session, district, "G2")
    visit(session, one, "甲贸易有限公司", days_ago=3)
    count(session, district)
    visit(session, one, "甲贸易有限公司", union_finding=UnionFinding.PREPARING, employees=12)
    visit(session, two, "庚建材有限公司", days_ago=40, union_finding=UnionFinding.WILLING)
    visit(session, one, "乙贸易有限公司", result=VisitResult.NOBODY)
    count(session, district)
    some = figures(session)
    count_all(session, district.id, audit_id=0, now=f.NOW)
    assert some == figures(session)


def test_nothing_is_counted_while_nothing_changed(session, district):
    count(session, district)
    before = session.scalars(select(DeskFigure.id)).all()
    count(session, district)
    assert session.scalars(select(DeskFigure.id)).all() == before


def test_a_linking_and_a_new_day_count_the_whole_district_anew(session, district, desk):
    count(session, district)
    assert board(session, desk).counts.due == 5
    firm(session, "丁食品厂").standing = Standing.TARGET
    f.link(session, district)
    firm(session, "丁食品厂").standing = Standing.TARGET
    session.flush()
    count(session, district)
    assert board(session, desk).counts.due == 6
    tomorrow = f.NOW + timedelta(days=1)
    assert refresh_figures(session, district.id, now=tomorrow, while_waiting=True)
    days = set(session.scalars(select(DeskFigure.day).where(DeskFigure.span == "day")))
    assert days == {f.TODAY, f.TODAY + timedelta(days=1)}


def test_townships_and_grids_add_up_to_the_district(session, district, desk):
    count(session, district)
    whole = board(session, desk)
    assert sum(line.counts.firms for line in whole.areas) == whole.counts.firms == len(MARKET)
    town = board(session, desk, township="东风镇")
    assert {line.name for line in town.areas if line.grid_id} == {"东风第1网格", "东风第2网格"}
    assert board(session, desk, grid_id=town.areas[0].grid_id).areas == ()


def test_the_smallest_share_of_its_own_due_firms_comes_first(session, district, desk):
    visit(session, worker(session, district), "甲贸易有限公司")
    count(session, district)
    lines = board(session, desk, township="东风镇").areas
    shares = [line.counts.covered / line.counts.due for line in lines if line.counts.due]
    assert shares == sorted(shares)


def test_outings_count_days_of_a_grid_up_to_the_quota_and_not_for_one_grid(session, district, desk):
    one = worker(session, district)
    visit(session, one, "甲贸易有限公司")
    visit(session, one, "乙贸易有限公司")
    count(session, district)
    found = {i.kind: i for i in board(session, desk).indicators}[IndicatorKind.OUTINGS]
    assert (found.part, found.whole) == (1, 6)
    alone = board(session, desk, grid_id=one.grid_id).indicators
    assert IndicatorKind.OUTINGS not in {i.kind for i in alone}


def test_a_large_district_is_left_to_the_background_worker(session, district, monkeypatch):
    monkeypatch.setattr("outreach.services.desk.desk_changes.COUNTED_WHILE_WAITING", len(MARKET))
    assert refresh_figures(session, district.id, now=f.NOW, while_waiting=True)
    session.delete(session.get(DeskState, district.id))
    session.flush()
    monkeypatch.setattr(
        "outreach.services.desk.desk_changes.COUNTED_WHILE_WAITING", len(MARKET) - 1
    )
    assert not refresh_figures(session, district.id, now=f.NOW, while_waiting=True)
    assert refresh_figures(session, district.id, now=f.NOW, while_waiting=False)


def test_the_background_worker_counts_every_district(database, tmp_path):
    with database.transaction() as session:
        for code in ("900001", "900002"):
            f.make_district(session, tmp_path / code, code=code, market=MARKET)
    refresh_all(database, clock=lambda: f.NOW)
    with database.transaction() as session:
        assert [s.firms for s in session.scalars(select(DeskState))] == [len(MARKET)] * 2


def test_a_reader_waits_for_no_run_that_writes_the_embedded_database(session, district, desk):
    run = queue_run(session, desk, RunKind.LINK, {}, now=f.NOW)
    session.get_one(Run, run).state = "running"
    is_embedded = session.get_bind().dialect.name == "sqlite"
    counted = refresh_figures(session, district.id, now=f.NOW, while_waiting=True)
    assert counted is not is_embedded


def test_a_reader_does_not_wait_for_who_counts_the_same_district(database, tmp_path):
    with database.transaction() as session:
        district = f.make_district(session, tmp_path / "files", market=MARKET)
    assert try_refresh(database, district.id, now=f.NOW)
    if database.engine.dialect.name == "sqlite":
        return  # one writer at a time: `_is_busy` and the error of a locked file answer for it
    tomorrow = f.NOW + timedelta(days=1)
    with database.transaction() as counting:
        assert take_state(counting, district.id, wait=True)
        assert not try_refresh(database, district.id, now=tomorrow)
    assert try_refresh(database, district.id, now=tomorrow)


def test_entries_of_mere_reading_are_left_behind(session, district, desk, monkeypatch):
    monkeypatch.setattr("outreach.services.desk.desk_changes.MOST_PASSIVE", 2)
    count(session, district)
    before = session.get(DeskState, district.id).audit_id
    for _ in range(4):
        write_audit(
            session,
            district_id=district.id,
            account_id=None,
            action="open_dossier",
            subject="enterprise",
            subject_id=1,
            now=f.NOW,
        )
    session.flush()
    count(session, district)
    assert session.get(DeskState, district.id).audit_id == before + 4


def test_a_grid_worker_and_an_unknown_area_are_refused(session, district, desk):
    count(session, district)
    with pytest.raises(Refused):
        board(session, worker(session, district))
    with pytest.raises(NotFound):
        board(session, desk, township="没有的镇")
    with pytest.raises(NotFound):
        board(session, desk, grid_id=999_999)


def test_before_the_first_counting_there_is_no_dashboard(session, district, desk):
    assert board(session, desk) is None


def test_the_grid_of_another_district_is_not_found(session, district, desk, tmp_path):
    away = f.make_district(session, tmp_path / "away", code="900002", market=MARKET)
    count(session, district)
    foreign = session.scalar(select(Grid.id).where(Grid.district_id == away.id))
    with pytest.raises(NotFound):
        board(session, desk, grid_id=foreign)


def test_the_month_in_words_tells_what_the_dashboard_shows(session, district, desk):
    visit(session, worker(session, district), "甲贸易有限公司")
    count(session, district)
    digest = write_month(session, desk, f.TODAY.replace(day=1), goals=Goals(), today=f.TODAY)
    said = "".join(s.in_chinese() for p in digest.paragraphs for s in p.sentences)
    counts = board(session, desk).counts
    assert f"应走访 {counts.due} 家,30 天内走访过 {counts.covered} 家" in said
    assert "走访 1 次" in said


def test_only_months_with_data_are_told(session, district, desk):
    session.execute(update(Batch).values(received_at=f.NOW))
    visit(session, worker(session, district), "甲贸易有限公司", days_ago=40)
    count(session, district)
    november = f.TODAY.replace(day=1)
    digest = write_month(session, desk, november, goals=Goals(), today=f.TODAY)
    assert digest.months == (november, november.replace(month=10))
    with pytest.raises(InvalidInput, match="还没有数据"):
        write_month(session, desk, november.replace(month=9), goals=Goals(), today=f.TODAY)


def test_a_month_that_has_not_begun_is_refused(session, district, desk):
    with pytest.raises(InvalidInput, match="还没有到"):
        write_month(
            session, desk, datetime(2026, 12, 1, tzinfo=UTC).date(), goals=Goals(), today=f.TODAY
        )

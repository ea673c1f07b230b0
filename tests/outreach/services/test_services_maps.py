from __future__ import annotations

import struct
from dataclasses import replace
from datetime import date, timedelta

import factories as f
import numpy as np
import pytest
from sqlalchemy import event, select

from maps.assets import Assets
from outreach.domain.accounts import Role
from outreach.domain.grid_figures import GridFigures, MapLayer, fold_tallies, measure, percent
from outreach.domain.headcounts import HeadcountClass
from outreach.domain.indicators import Goals
from outreach.domain.targets import Standing
from outreach.errors import NotFound, Refused
from outreach.i18n import Language
from outreach.services.administration.principals import command_line
from outreach.services.desk.desk_changes import refresh_figures
from outreach.services.desk.grid_figures import Window
from outreach.services.desk.grid_months import refresh_months
from outreach.services.desk.indicators import AreaFilter, open_dashboard
from outreach.services.desk.layer_words import shown_label, shown_rate
from outreach.services.desk.map_drawing import Drawing, draw_map
from outreach.services.desk.map_lists import Behind, list_visits, place_name
from outreach.services.desk.map_points import find_firms, get_firm, pack_firms
from outreach.services.desk.map_texts import class_labels
from outreach.services.desk.maps import (
    MapFilter,
    MapView,
    data_date,
    list_townships,
    measure_grids,
    unplaced_firms,
)
from outreach.services.enterprises.enterprise_lists import list_enterprises
from outreach.storage.enterprises import Enterprise
from outreach.storage.visits import Visit

HOSTILE = "<img src=x onerror=alert(1)>${alert(2)}</script>{{7*7}}有限公司"
LIVE = Drawing(language=Language.ZH, assets=Assets.linked("/assets"), is_live=True)


@pytest.fixture
def district(session, tmp_path):
    rows = [
        f.firm(1, code=f.CODES[0], name="甲有限公司", employees="60"),
        f.firm(2, code=f.CODES[1], name="乙有限公司", employees="40"),
        f.firm(3, code=f.CODES[2], name=HOSTILE, employees="50", address="东风镇光明工业园1号"),
    ]
    return f.make_district(session, tmp_path / "files", market=rows)


def visit(session, name, days_ago):
    firm = session.scalar(select(Enterprise).where(Enterprise.name == name))
    firm.last_visited_on = f.TODAY - timedelta(days=days_ago)
    session.flush()


def figures(session, district, **wanted):
    return measure_grids(session, command_line(district.id), MapFilter(**wanted), today=f.TODAY)


def counts(session, district, **wanted):
    found = figures(session, district, **wanted).grids
    return {g.code: (g.figures.covered, g.figures.firms, g.figures.overdue) for g in found}


def test_coverage_counts_firms_visited_in_the_last_thirty_days(session, district):
    visit(session, "甲有限公司", 30)
    visit(session, "乙有限公司", 31)
    assert counts(session, district) == {"G1": (1, 2, 1), "G2": (0, 1, 0)}
    total = figures(session, district)
    assert (total.measure.part, total.measure.whole, total.measure.value) == (1, 3, 1 / 3)


def test_counts_follow_the_filters(session, district):
    assert counts(session, district, standing=Standing.WITH_UNION) == {
        "G1": (0, 0, 0),
        "G2": (0, 0, 0),
    }
    assert counts(session, district, township="别处镇") == {}
    assert list_townships(session, command_line(district.id)) == ["东风镇"]


def test_the_choice_of_a_standing_does_not_change_what_is_left_to_do(session, district):
    for standing in (Standing.WITH_UNION, None):
        found = figures(session, district, layer=MapLayer.LEFT, standing=standing)
        assert found.measure.part == 3


GRID = GridFigures(
    firms=20,
    covered=5,
    overdue=3,
    visits=8,
    planned=10,
    done=4,
    targets=6,
    with_union=2,
    target_employees=300,
)
DISTRICT = GridFigures(firms=200, visits=50, targets=100, with_union=100)


@pytest.mark.parametrize(
    ("layer", "part", "whole", "value", "level", "label", "rate"),
    [
        (MapLayer.COVERAGE, 5, 20, 0.25, 2, "5/20", "25%"),
        (MapLayer.OVERDUE, 3, 20, 0.15, 1, "3/20", "15%"),
        (MapLayer.LEFT, 6, 8, 6, 3, "6", "75%"),
        (MapLayer.LEFT_EMPLOYEES, 300, 6, 300, 4, "300", "50"),
        (MapLayer.NEED, 6, 8, 0.75, 4, "6/8", "75%"),
        (MapLayer.EFFORT, 8, 20, 40, 3, "40", "40"),
        # 8 visits to 6 targets, in the district 50 to 100.
        (MapLayer.GAP, 8, 6, 8 / 3, 5, "2.67×", "2.67"),
        (MapLayer.PLAN, 4, 10, 0.4, 3, "4/10", "40%"),
        (MapLayer.FIRMS, 20, 20, 20, 3, "20", "20"),
    ],
)
def test_each_layer_measures_with_a_denominator(layer, part, whole, value, level, label, rate):
    found = measure(layer, GRID, DISTRICT)
    assert (found.part, found.whole) == (part, whole)
    assert found.value == pytest.approx(value)
    assert found.level(layer.limits) == level
    assert shown_label(layer, found) == label
    assert shown_rate(layer, found) == rate
    assert len(class_labels(layer)) == 5


@pytest.mark.parametrize("layer", list(MapLayer))
def test_nothing_to_measure_is_not_zero(layer):
    found = measure(layer, GridFigures(), GridFigures())
    assert found.value is None
    assert found.level(layer.limits) == 0
    assert shown_label(layer, found) == ""
    assert shown_rate(layer, found) == "—"


@pytest.mark.parametrize(("firms", "few"), [(4, True), (5, False)])
def test_a_rate_of_fewer_than_five_is_marked(firms, few):
    found = measure(MapLayer.COVERAGE, GridFigures(firms=firms, covered=1), DISTRICT)
    assert found.few is few
    assert measure(MapLayer.LEFT, GridFigures(targets=firms), DISTRICT).few is False


@pytest.mark.parametrize(
    ("share", "level"), [(0.1999, 1), (0.2, 2), (3 / 5, 4), (0.8, 5), (1.0, 5)]
)
def test_a_share_on_a_limit_is_in_the_upper_class(share, level):
    found = measure(
        MapLayer.COVERAGE, GridFigures(firms=10_000, covered=round(10_000 * share)), DISTRICT
    )
    assert found.level(MapLayer.COVERAGE.limits) == level


@pytest.mark.parametrize("township", ["", "东风镇"])
@pytest.mark.parametrize("layer", [one for one in MapLayer if one is not MapLayer.PLAN])
def test_what_is_not_on_the_map_is_counted_as_the_layer_counts(session, district, layer, township):
    firms = {row.name: row for row in session.scalars(select(Enterprise))}
    near, small = firms["甲有限公司"], firms["乙有限公司"]
    near.standing = Standing.NEAR_MISS
    small.standing, small.headcount_class = Standing.WITH_UNION, HeadcountClass.UNDER
    for firm in firms.values():
        firm.grid_id = None
    session.flush()
    wanted = MapFilter(layer=layer, township=township, standing=Standing.TARGET)
    found = measure_grids(session, command_line(district.id), wanted, today=f.TODAY)
    # The one target; three kinds only where the layer is about all that is due.
    assert found.unplaced == (3 if layer is MapLayer.FIRMS else 1)
    _, listed = list_enterprises(
        session, command_line(district.id), unplaced_firms(wanted), today=f.TODAY
    )
    assert listed == found.unplaced


def test_the_map_and_the_dashboard_mean_the_same_by_should_have_a_union(session, district):
    firms = {row.name: row for row in session.scalars(select(Enterprise))}
    for name in ("甲有限公司", "乙有限公司"):
        firms[name].standing, firms[name].union_status = Standing.WITH_UNION, "own"
    firms["乙有限公司"].headcount_class = HeadcountClass.UNDER
    session.flush()
    refresh_figures(session, district.id, now=f.NOW, while_waiting=True)
    board = open_dashboard(
        session,
        command_line(district.id),
        AreaFilter(),
        goals=Goals(),
        outings_a_week=3,
        today=f.TODAY,
    )
    for layer in (MapLayer.NEED, MapLayer.LEFT):
        total = figures(session, district, layer=layer)
        assert (total.measure.whole, total.total.with_union) == (
            board.counts.should_have,
            board.counts.with_union,
        )
    assert board.counts.should_have == 2


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(947, 1000, 95), (945, 1000, 95), (944, 1000, 94), (1, 1000, 1), (999, 1000, 99), (0, 9, 0)],
)
def test_a_share_is_rounded_but_never_to_all_or_none(part, whole, said):
    assert percent(part, whole) == said
    assert percent(whole, whole) == 100


def test_figures_of_grids_sum_to_those_of_the_district(session, district):
    session.scalar(select(Enterprise).where(Enterprise.name == "乙有限公司")).grid_id = None
    session.flush()
    found = figures(session, district)
    assert found.nowhere_figures.firms == found.unplaced == 1
    of_grids = sum((grid.figures for grid in found.grids), GridFigures())
    assert of_grids + found.nowhere_figures == found.total == found.district
    assert fold_tallies([], None) == GridFigures()


def draw(session, district, drawing=LIVE, **wanted):
    return draw_map(
        session,
        command_line(district.id),
        MapFilter(**wanted),
        today=f.TODAY,
        drawing=drawing,
    )


@pytest.mark.parametrize("view", list(MapView))
@pytest.mark.parametrize("layer", list(MapLayer))
@pytest.mark.parametrize("language", list(Language))
def test_every_layer_is_drawn_with_legend_and_date_and_without_running_a_name(
    session, district, layer, language, view
):
    for drawing in (
        Drawing(language=language, assets=Assets.inline()),
        Drawing(language=language, assets=Assets.linked("/assets"), is_live=True),
    ):
        page = draw(session, district, drawing, layer=layer, view=view)
        assert "<img src=x" not in page
        assert "${alert" not in page
        assert "{{7*7}}" not in page
        assert "2026" in page
        # The names of firms are in a saved map of firms, and in no other.
        assert ("有限公司" in page) is (layer is MapLayer.FIRMS and not drawing.is_live)


def test_a_past_month_is_drawn_from_its_rows_and_says_which_list_was_used(session, district):
    account = f.make_account(session, district, Role.GRID_WORKER, grid_code="G1")
    firm = session.scalar(select(Enterprise).where(Enterprise.name == "甲有限公司"))
    day = date(2026, 9, 5)
    session.add(
        Visit(
            uuid="0" * 36,
            district_id=district.id,
            enterprise_id=firm.id,
            account_id=account if isinstance(account, int) else account.id,
            visited_at=f.NOW,
            visited_on=day,
            received_at=f.NOW,
            result="met_head",
            content={},
            sha256="0" * 64,
        )
    )
    session.flush()
    refresh_months(session, district_id=district.id, now=f.NOW)
    month = date(2026, 9, 1)
    found = figures(session, district, month=month)
    assert {g.code: g.figures.visits for g in found.grids} == {"G1": 1, "G2": 0}
    assert found.as_of == date(2026, 9, 30)
    assert found.list_as_of == f.TODAY
    assert found.months[0].month == month
    page = draw(session, district, month=month, layer=MapLayer.EFFORT)
    assert "mapCloser" not in page
    assert "2026年9月30日" in page
    window = Window(since=month, until=found.as_of)
    behind = Behind(grid_id=firm.grid_id, window=window, standing=Standing.TARGET)
    lines, total = list_visits(session, command_line(district.id), behind, limit=10, offset=0)
    assert (total, lines[0].enterprise_id, lines[0].day) == (1, firm.id, day)
    with pytest.raises(NotFound, match="2026-01"):
        figures(session, district, month=date(2026, 1, 1))


def test_the_block_holds_the_due_firms_with_a_place_and_no_name(session, district):
    visit(session, "甲有限公司", 30)
    visit(session, "乙有限公司", 31)
    firms = {row.name: row for row in session.scalars(select(Enterprise).where(Enterprise.lon > 0))}
    block = pack_firms(session, command_line(district.id), MapFilter(), today=f.TODAY)
    (count,) = struct.unpack_from("<I", block)
    assert count == 3
    keys = np.frombuffer(block, "<u4", 3, 4 + 8 * 3).tolist()
    kinds = np.frombuffer(block, "u1", 3, 4 + 14 * 3).tolist()
    assert dict(zip(keys, kinds, strict=True)) == {
        firms["甲有限公司"].id: 0,
        firms["乙有限公司"].id: 1,
        firms[HOSTILE].id: 2,
    }
    assert "有限".encode() not in block
    firms["甲有限公司"].grid_id = None
    session.flush()
    fewer = pack_firms(session, command_line(district.id), MapFilter(), today=f.TODAY)
    assert struct.unpack_from("<I", fewer) == (2,)


def test_small_firms_with_a_union_are_a_kind_of_their_own(session, district):
    rows = session.scalars(select(Enterprise).order_by(Enterprise.id)).all()
    for row, held in zip(rows[:2], (HeadcountClass.UNDER, HeadcountClass.SURELY_OVER), strict=True):
        row.standing, row.headcount_class = Standing.WITH_UNION, held
    session.flush()
    every = MapFilter(standing=None)
    block = pack_firms(session, command_line(district.id), every, today=f.TODAY)
    assert sorted(np.frombuffer(block, "u1", 3, 4 + 14 * 3).tolist()) == [2, 8, 11]


def test_a_grid_worker_sees_no_district_map(session, district):
    worker = replace(command_line(district.id), role=Role.GRID_WORKER, grid_id=1)
    firm = session.scalar(select(Enterprise.id).limit(1))
    window = Window.lately(f.TODAY)
    for ask in (
        lambda: measure_grids(session, worker, MapFilter(), today=f.TODAY),
        lambda: draw_map(session, worker, MapFilter(), today=f.TODAY, drawing=LIVE),
        lambda: pack_firms(session, worker, MapFilter(), today=f.TODAY),
        lambda: get_firm(session, worker, firm),
        lambda: find_firms(session, worker, "甲"),
        lambda: place_name(session, worker, Behind(window=window, standing=None)),
        lambda: list_visits(
            session,
            worker,
            Behind(grid_id=1, window=window, standing=None),
            limit=1,
            offset=0,
        ),
    ):
        with pytest.raises(Refused):
            ask()


def test_a_firm_is_found_by_a_part_of_its_name_or_its_code(session, district):
    principal = command_line(district.id)
    assert [one.name for one in find_firms(session, principal, "甲有限")] == ["甲有限公司"]
    assert [one.name for one in find_firms(session, principal, f.CODES[1].lower())] == [
        "乙有限公司"
    ]
    assert find_firms(session, principal, "%") == []


def test_a_map_without_grids_says_what_to_do(session, district):
    with pytest.raises(NotFound, match="先导入网格"):
        draw(session, district, township="别处镇")


def test_the_data_date_is_the_newest_register_but_never_tomorrow(session, district):
    assert data_date(session, district.id, today=f.TODAY).isoformat() == "2026-10-01"
    yesterday = f.TODAY.replace(year=2025)
    assert data_date(session, district.id, today=yesterday) == yesterday


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_map_counts_the_firms_of_each_grid_without_reading_their_rows(session, district):
    asked = []

    def note(_connection, _cursor, statement, parameters, _context, _many):
        asked.append((statement, parameters))

    event.listen(session.bind, "before_cursor_execute", note)
    figures(session, district)
    event.remove(session.bind, "before_cursor_execute", note)
    counting = [one for one in asked if "FROM enterprises" in one[0] and "sum(" in one[0]]
    (found,) = (
        session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        for statement, parameters in counting
    )
    assert any("COVERING INDEX ix_enterprises_district_id_map" in row[-1] for row in found)

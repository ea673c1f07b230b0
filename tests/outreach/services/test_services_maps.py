from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import factories as f
import pytest
from sqlalchemy import select

from maps.assets import Assets
from outreach.domain.accounts import Role
from outreach.domain.targets import Standing
from outreach.errors import NotFound, Refused
from outreach.i18n import Language
from outreach.services.maps import (
    MapFilter,
    MapLayer,
    count_grids,
    data_date,
    draw_map,
    list_townships,
)
from outreach.services.principals import command_line
from outreach.storage.enterprises import Enterprise

HOSTILE = "<img src=x onerror=alert(1)>${alert(2)}</script>{{7*7}}有限公司"


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


def counts(session, district, **wanted):
    found = count_grids(session, command_line(district.id), MapFilter(**wanted), today=f.TODAY)
    return {c.code: (c.covered, c.due, c.overdue) for c in found}


def test_coverage_counts_firms_visited_in_the_last_thirty_days(session, district):
    visit(session, "甲有限公司", 30)
    visit(session, "乙有限公司", 31)
    assert counts(session, district) == {"G1": (1, 2, 1), "G2": (0, 1, 0)}


def test_counts_follow_the_filters(session, district):
    assert counts(session, district, standing=Standing.WITH_UNION) == {
        "G1": (0, 0, 0),
        "G2": (0, 0, 0),
    }
    assert counts(session, district, township="别处镇") == {}
    assert list_townships(session, command_line(district.id)) == ["东风镇"]


@pytest.mark.parametrize("layer", list(MapLayer))
@pytest.mark.parametrize("language", list(Language))
def test_every_layer_is_drawn_with_legend_and_date_and_without_running_a_name(
    session, district, layer, language
):
    page = draw_map(
        session,
        command_line(district.id),
        MapFilter(layer=layer),
        today=f.TODAY,
        language=language,
        assets=Assets.linked("/assets"),
    )
    assert "<img src=x" not in page
    assert "${alert" not in page
    assert "{{7*7}}" not in page
    assert "2026" in page


def test_a_grid_worker_sees_no_district_map(session, district):
    worker = replace(command_line(district.id), role=Role.GRID_WORKER, grid_id=1)
    with pytest.raises(Refused):
        count_grids(session, worker, MapFilter(), today=f.TODAY)
    with pytest.raises(Refused):
        draw_map(
            session,
            worker,
            MapFilter(),
            today=f.TODAY,
            language=Language.ZH,
            assets=Assets.inline(),
        )


def test_a_map_without_grids_says_what_to_do(session, district):
    with pytest.raises(NotFound, match="先导入网格"):
        draw_map(
            session,
            command_line(district.id),
            MapFilter(township="别处镇"),
            today=f.TODAY,
            language=Language.ZH,
            assets=Assets.inline(),
        )


def test_the_data_date_is_the_newest_register_but_never_tomorrow(session, district):
    assert data_date(session, district.id, today=f.TODAY).isoformat() == "2026-10-01"
    yesterday = f.TODAY.replace(year=2025)
    assert data_date(session, district.id, today=yesterday) == yesterday

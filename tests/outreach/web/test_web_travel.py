"""Pages say what the minutes are made from, and draw ways along roads where there are roads."""

from __future__ import annotations

import json
import re

import factories as f
import pytest
from road_files import write_streets
from sqlalchemy import update
from test_web_in_browser import opened, wait_for

from outreach.domain.travel import TravelBasis, TravelNote
from outreach.services.administration.districts import current_district
from outreach.services.planning.road_files import keep_road_file
from outreach.storage.plans import PlanRoute, VisitPlan
from outreach.typography import typeset

pytest.importorskip("osmium", reason="the extra `roads` is not installed")

BY_ROAD = typeset("按道路(2026-11-20 的路网)")
DASHES = """() => [...document.querySelectorAll('#map path[stroke-width="4"]')]
  .map((path) => path.getAttribute('stroke-dasharray') || 'whole')"""


@pytest.fixture
def roads(sqlite_site, tmp_path):
    """The published plan as if it had been made with streets over both grids."""
    path = write_streets(tmp_path / "in" / "county.osm.pbf")
    with sqlite_site.database.transaction() as session:
        district = current_district(session, "900001")
        file = keep_road_file(session, path, district=district, now=f.NOW).file
        plan = session.get_one(VisitPlan, sqlite_site.published)
        note = TravelNote(basis=TravelBasis.ROADS, roads_on=file.day, key=file.key)
        plan.figures = {**plan.figures, "travel": note.as_json()}
        session.execute(
            update(PlanRoute).where(PlanRoute.plan_id == plan.id).values(travel_kind="roads")
        )
    return file


def picture(page):
    found = re.search(r'<script type="application/json" id="picture">(.*?)</script>', page)
    return json.loads(found[1])


def test_the_phone_says_the_day_of_the_roads_and_draws_along_them(sqlite_site, roads):
    page = sqlite_site.visitor("worker").get("/today").text
    assert BY_ROAD in page
    assert "直线估算" not in page
    drawn = picture(page)
    assert len(drawn["legs"]) == len(sqlite_site.stops[sqlite_site.days[1]]) + 1
    assert all(leg["road"] for leg in drawn["legs"])
    assert drawn["legs"][0]["at"][0] == drawn["office"] == drawn["legs"][-1]["at"][-1]
    assert len(drawn["legs"][0]["at"]) > 2
    assert 'class="dash solid"' in page


def test_without_roads_the_phone_says_so_and_draws_dashes(sqlite_site):
    page = sqlite_site.visitor("worker").get("/today").text
    assert "直线估算" in page
    assert picture(page)["legs"] == []
    assert 'class="dash"' in page


def test_paper_says_what_its_minutes_are_made_from(sqlite_site, roads):
    assert BY_ROAD in sqlite_site.visitor("worker").get("/today/paper").text


def test_the_plan_and_a_grid_of_it_say_so_and_the_draft_beside_it_went_straight(sqlite_site, roads):
    planner = sqlite_site.visitor("planner")
    plan = planner.get(f"/plans/{sqlite_site.published}").text
    assert typeset("路上(按道路)") in plan
    grid = sqlite_site.grids["G1"]
    week = planner.get(f"/plans/{sqlite_site.published}/grids/{grid}").text
    assert BY_ROAD in week
    assert all(route["legs"] for route in picture(week)["routes"])
    assert typeset("路上(直线估算)") in planner.get(f"/plans/{sqlite_site.draft}").text
    draft = planner.get(f"/plans/{sqlite_site.draft}/grids/{grid}").text
    assert "直线估算" in draft
    assert not any(route["legs"] for route in picture(draft)["routes"])


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("path", ["/today", "/plans/{plan}/grids/{grid}"])
def test_a_browser_draws_whole_lines_along_roads_and_dashes_elsewhere(
    chromium, sqlite_site, address, roads, path
):
    phone = path == "/today"
    plans = [sqlite_site.published] if phone else [sqlite_site.published, sqlite_site.draft]
    login = "worker" if phone else "planner"
    with opened(chromium, sqlite_site, address, login, phone=phone) as watched:
        for plan in plans:
            at = path.format(plan=plan, grid=sqlite_site.grids["G1"])
            watched.page.goto(address + at)
            wait_for(watched.page, f"({DASHES})().length")
            dashes = set(watched.page.evaluate(DASHES))
            assert dashes == ({"whole"} if plan == sqlite_site.published else {"8 8"})
        assert watched.faults == []

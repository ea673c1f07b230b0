from __future__ import annotations

import time
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime

import factories as f
import pytest
from osrm_server import osrm_server
from road_files import give_roads, write_streets
from sqlalchemy import select

import routing
from outreach.domain.accounts import Role
from outreach.domain.calendar import WorkCalendar
from outreach.domain.plans import PlanRule, TravelMode
from outreach.domain.targets import TargetRule
from outreach.domain.travel import RoadRule, TravelBasis, TravelNote
from outreach.errors import Conflict
from outreach.services.administration.accounts import principal_of
from outreach.services.planning.plan_rows import basis_of_route, save_routes
from outreach.services.planning.planning import gather_week, make_problem
from outreach.services.planning.plans import new_version, plan_week, publish_plan, rule_to_json
from outreach.services.planning.road_files import keep_road_file
from outreach.services.planning.road_store import RoadStore
from outreach.services.planning.solved_weeks import put_up_week
from outreach.services.planning.travel import ROAD_STORE, STRAIGHT, Travel, travel_now, travel_of
from outreach.services.visits.days import Rules, change_day
from outreach.services.visits.routes import day_route, planned_days
from outreach.storage.accounts import Account
from outreach.storage.days import DayChange
from outreach.storage.enterprises import Enterprise
from outreach.storage.plans import PlanRoute, VisitPlan

pytest.importorskip("osmium", reason="the extra `roads` is not installed")

RULE = PlanRule(seconds_per_grid=0.1, most_stops_a_day=4)
RULES = Rules(plan=RULE, target=TargetRule())
MORNING = datetime(2026, 11, 23, 0, 50, tzinfo=UTC)
FIRMS = [
    f.firm(n, name=f"{word}贸易有限公司", employees=str(30 + n))
    for n, word in enumerate("甲乙丙丁戊己")
]
PARK = [f.firm(90, name="子机械厂", employees="60", address="东风镇光明工业园1号")]
WEST_END, MIDDLE = (115.0, 25.0), (115.0122, 25.0049)


@pytest.fixture
def district(session, tmp_path):
    district = f.make_district(session, tmp_path / "files", market=[*FIRMS, *PARK])
    # Spread over G1, so that streets lead round corners; one firm lies north of all streets.
    firms = session.scalars(select(Enterprise).order_by(Enterprise.id)).all()
    for place, firm in enumerate(firms[:6]):
        firm.lon, firm.lat = 115.0007 + 0.0016 * place, 25.0013 + 0.0011 * place
    session.flush()
    return district


@pytest.fixture
def roads(session, district, tmp_path):
    give_roads(session, tmp_path)
    return keep_road_file(
        session, write_streets(tmp_path / "county.osm.pbf"), district=district, now=f.NOW
    ).file


def make_plan(session, district, *, rule=RULE):
    """A published plan as `plan_week` writes it, its orders by hand: no search has to start."""
    week = gather_week(
        session, district_id=district.id, week=f.MONDAY, rule=rule, calendar=WorkCalendar()
    )
    plan = new_version(session, district.id, f.MONDAY, rule_to_json(rule), now=f.NOW, made_by=None)
    bases = []
    for grid in week.grids:
        firms = sorted(str(one.enterprise_id) for one in grid.candidates)
        halves = {grid.days[0]: firms[:4], grid.days[1]: firms[4:]}
        orders = {day.isoformat(): order for day, order in halves.items()}
        made = routing.plan_by_hand(make_problem(grid, rule), orders).plan
        save_routes(session, plan, grid, made, rule)
        bases += [basis_of_route(grid, route, rule) for route in made.routes if route.stops]
    plan.figures = {"travel": week.travel.note_of(bases).as_json()}
    session.flush()
    publish_plan(session, None, plan.id, district_id=district.id, now=f.NOW)
    return plan


@pytest.fixture
def worker(session, district):
    account = f.make_account(session, district, Role.GRID_WORKER, grid_code="G1")
    return principal_of(session, session.get_one(Account, account.id))


def busiest(session, worker):
    days = planned_days(session, worker, first=f.MONDAY, last=date(2026, 11, 29))
    return max(days, key=lambda day: days[day])


def kinds(session, plan):
    return set(session.scalars(select(PlanRoute.travel_kind).where(PlanRoute.plan_id == plan.id)))


def test_without_a_road_file_plans_go_straight_as_before(session, district, tmp_path):
    plan = make_plan(session, district)
    give_roads(session, tmp_path)
    assert travel_now(session, district.id) is STRAIGHT
    assert kinds(session, plan) == {"straight_line"}
    assert TravelNote.from_figures(plan.figures) == TravelNote()


def test_with_a_road_file_plans_follow_its_roads_and_say_its_day(session, district, roads):
    known = {"district_id": district.id, "now": f.NOW}
    report = plan_week(session, week=f.MONDAY, rule=RULE, processes=1, **known)
    assert report.failed_grids == ()
    plan = session.get_one(VisitPlan, report.plan_id)
    assert kinds(session, plan) == {"roads"}
    assert plan.figures["travel"] == {
        "basis": "roads",
        "roads_on": "2026-11-20",
        "key": roads.key,
    }


def test_the_travel_of_a_route_is_that_of_its_legs_along_the_streets(
    session, district, roads, worker
):
    make_plan(session, district)
    day = busiest(session, worker)
    route = day_route(session, worker, day, rule=RULE)
    assert sum(leg.seconds for leg in route.legs) == pytest.approx(
        60 * route.travel_minutes, abs=31
    )
    assert route.travel_km == round(sum(leg.metres for leg in route.legs) / 1000, 1)
    assert len(route.legs) == len(route.stops) + 1
    assert any(len(leg.points) > 3 for leg in route.legs)
    assert all(leg.is_by_road for leg in route.legs)
    assert route.travel.sentence.in_chinese() == "按道路(2026-11-20 的路网)"


def test_answers_of_roads_are_kept_and_straight_lines_are_not(session, district, roads):
    points, travel = [WEST_END, MIDDLE], travel_now(session, district.id)
    assert travel.between(points, RULE) is travel.between(points, RULE)
    assert STRAIGHT.between(points, RULE) is not STRAIGHT.between(points, RULE)
    assert not STRAIGHT._known


def test_each_way_of_getting_about_has_its_own_speeds(session, district, roads):
    travel = travel_now(session, district.id)
    seconds = [
        travel.between([WEST_END, MIDDLE], PlanRule(travel_mode=mode)).seconds[0, 1]
        for mode in (TravelMode.WALK, TravelMode.E_BIKE, TravelMode.CAR)
    ]
    assert seconds[0] > 3 * seconds[1] > 3 * seconds[2]


def test_a_firm_too_far_from_every_road_is_planned_straight_and_the_route_says_so(
    session, district, tmp_path, worker
):
    give_roads(session, tmp_path, RoadRule(most_snap_m=100))
    keep_road_file(
        session, write_streets(tmp_path / "county.osm.pbf"), district=district, now=f.NOW
    )
    firms = session.scalars(select(Enterprise).order_by(Enterprise.id)).all()
    firms[0].lon, firms[0].lat = 115.005, 25.0111
    session.flush()
    plan = make_plan(session, district)
    assert "roads_partly" in kinds(session, plan)
    assert TravelNote.from_figures(plan.figures).basis is TravelBasis.PARTLY
    routes = [
        day_route(session, worker, day, rule=RULE)
        for day in planned_days(session, worker, first=f.MONDAY, last=date(2026, 11, 29))
    ]
    mixed = next(r for r in routes if firms[0].id in {s.enterprise_id for s in r.stops})
    assert mixed.travel.basis is TravelBasis.PARTLY
    assert "部分直线估算" in mixed.travel.sentence.in_chinese()
    at = next(i for i, s in enumerate(mixed.stops) if s.enterprise_id == firms[0].id)
    assert [leg.is_by_road for leg in mixed.legs[at : at + 2]] == [False, False]


def test_a_week_that_is_put_up_again_has_the_travel_that_it_was_planned_with(
    session, district, roads, tmp_path
):
    plan = make_plan(session, district)
    grid = session.scalars(select(PlanRoute.grid_id)).first()
    before = put_up_week(session, plan, grid)
    keep_road_file(
        session,
        write_streets(tmp_path / "other.osm.pbf", tags={"highway": "track"}),
        district=district,
        now=f.NOW,
    )
    assert (put_up_week(session, plan, grid).problem.travel_s == before.problem.travel_s).all()
    assert travel_now(session, district.id).note.key != roads.key
    assert before.plan.routes
    assert sum(r.travel_s for r in before.plan.routes) == sum(
        session.scalars(select(PlanRoute.travel_s).where(PlanRoute.grid_id == grid))
    )


def change(session, worker, day, **content):
    content = {"day": day.isoformat(), **content}
    return change_day(session, worker, str(uuid.uuid4()), content, rules=RULES, now=MORNING)


def test_a_changed_day_travels_as_its_plan_though_roads_and_settings_changed_since(
    session, district, roads, worker, tmp_path
):
    make_plan(session, district, rule=replace(RULE, travel_mode=TravelMode.WALK))
    day = busiest(session, worker)
    before = day_route(session, worker, day, rule=RULE)
    keep_road_file(
        session,
        write_streets(tmp_path / "other.osm.pbf", tags={"highway": "track"}),
        district=district,
        now=f.NOW,
    )
    order = [stop.enterprise_id for stop in before.stops]
    change(session, worker, day, kind="order", order=list(reversed(order)))
    turned = day_route(session, worker, day, rule=RULE)
    assert [stop.enterprise_id for stop in turned.stops] == order[::-1]
    # On foot a way takes as long back as there, along the streets of the first file.
    assert turned.travel_minutes == pytest.approx(before.travel_minutes, abs=1)
    stored = session.scalars(select(DayChange.travel_s)).one()
    assert stored == sum(leg.seconds for leg in turned.legs)


def test_a_day_is_planned_again_along_roads_while_she_waits(session, district, roads, worker):
    make_plan(session, district)
    day = busiest(session, worker)
    first = day_route(session, worker, day, rule=RULE).stops[0].enterprise_id
    seconds = []
    for _ in range(4):
        before = time.process_time()
        change(session, worker, day, kind="skip", enterprise_id=first, reason="closed")
        seconds.append(time.process_time() - before)
        change(session, worker, day, kind="undo")
    # The first one also loads the library.
    assert min(seconds) < 0.3
    assert day_route(session, worker, day, rule=RULE).travel.basis is TravelBasis.ROADS


def test_where_the_kept_roads_are_gone_a_changed_day_goes_straight(
    session, district, worker, roads
):
    make_plan(session, district)
    session.info[ROAD_STORE] = replace_folder(session.info[ROAD_STORE])
    day = busiest(session, worker)
    route = day_route(session, worker, day, rule=RULE)
    assert not any(leg.is_by_road for leg in route.legs)
    assert route.travel.basis is TravelBasis.ROADS
    change(
        session,
        worker,
        day,
        kind="skip",
        enterprise_id=route.stops[0].enterprise_id,
        reason="closed",
    )
    changed = day_route(session, worker, day, rule=RULE)
    assert changed.stops
    assert changed.travel.basis is TravelBasis.STRAIGHT_LINE


def replace_folder(store):
    return RoadStore(folder=store.folder / "elsewhere", rule=store.rule)


SERVER = {
    "server_engine": "osrm",
    "server_url": "http://127.0.0.1:9",
    "server_hosts": ["127.0.0.1"],
}


def test_with_a_road_server_in_the_settings_plans_and_drawn_routes_ask_it(
    session, district, worker, tmp_path
):
    pytest.importorskip("routingpy", reason="the extra `servers` is not installed")
    rule = replace(RULE, travel_mode=TravelMode.CAR)
    with osrm_server() as server:
        url = f"http://127.0.0.1:{server.server_port}"
        give_roads(session, tmp_path, RoadRule(**{**SERVER, "server_url": url}))
        plan = make_plan(session, district, rule=rule)
        assert set(server.asked) == {"table"}
        assert kinds(session, plan) == {"server"}
        day = busiest(session, worker)
        route = day_route(session, worker, day, rule=RULE)
        assert route.travel.sentence.in_chinese() == "按路径服务"
        assert sum(leg.seconds for leg in route.legs) == pytest.approx(
            60 * route.travel_minutes, abs=40
        )
        assert max(len(leg.points) for leg in route.legs) == 3
        count = len(server.asked)
        day_route(session, worker, day, rule=RULE)
        assert len(server.asked) == count
    # Without the server a changed day is planned all the same, and says so.
    change(
        session,
        worker,
        day,
        kind="skip",
        enterprise_id=route.stops[0].enterprise_id,
        reason="closed",
    )
    left = day_route(session, worker, day, rule=RULE)
    assert left.stops
    assert left.travel.basis is TravelBasis.STRAIGHT_LINE


def test_a_plan_is_not_made_when_the_road_server_fails_and_names_the_setting(
    session, district, tmp_path
):
    give_roads(session, tmp_path, RoadRule(**SERVER))
    with pytest.raises(Conflict, match="路径服务没有给出路程.*server_engine"):
        make_plan(session, district, rule=replace(RULE, travel_mode=TravelMode.CAR))


def test_a_host_that_is_not_allowed_is_never_asked(session, district, tmp_path):
    give_roads(session, tmp_path, RoadRule(**{**SERVER, "server_hosts": ["roads.example"]}))
    with pytest.raises(Conflict, match="is not allowed"):
        travel_now(session, district.id)


def test_where_a_person_waits_a_silent_server_gives_way_to_the_road_file(
    session, district, roads, tmp_path
):
    give_roads(session, tmp_path, RoadRule(**SERVER))
    note = replace(travel_now(session, district.id).note, key=roads.key)
    assert (note.basis, note.key) == (TravelBasis.SERVER, roads.key)
    travel, rule = travel_of(session, note), PlanRule(travel_mode=TravelMode.CAR)
    points = [WEST_END, MIDDLE]
    assert travel.basis(points, rule, [0, 1]) is TravelBasis.ROADS
    assert [leg.basis for leg in travel.legs(points, rule)] == [TravelBasis.ROADS]
    without = Travel(note=note, server=travel.server)
    assert without.basis(points, rule, [0, 1]) is TravelBasis.STRAIGHT_LINE
    assert [leg.basis for leg in without.legs(points, rule)] == [TravelBasis.STRAIGHT_LINE]

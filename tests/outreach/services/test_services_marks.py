from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import factories as f
import pytest
from sqlalchemy import select

from maps.datum import Datum, from_wgs84
from outreach.domain.accounts import Principal, Role
from outreach.domain.positions import PositionSource, UnplacedReason
from outreach.domain.targets import TargetRule
from outreach.domain.visits import Visit, VisitPosition, VisitResult
from outreach.errors import InvalidInput, NotFound, Refused
from outreach.services.administration.principals import command_line
from outreach.services.enterprises.enterprise_lists import EnterpriseFilter, list_enterprises
from outreach.services.enterprises.places import (
    Point,
    list_queues,
    list_unplaced,
    mark_place,
    open_place,
    parse_point,
    unmark_place,
)
from outreach.services.registers.imports import import_file
from outreach.services.visits.visits import record_visit
from outreach.storage.accounts import Account, AuditEntry
from outreach.storage.enterprises import Enterprise
from outreach.storage.positions import MarkedPosition
from outreach.storage.visits import Visit as StoredVisit

A, B = f.CODES[:2]
LOST = f.firm(1, code=A, name="迷路有限公司", address="东风镇老菜场旁", employees="40")
FOUND = f.firm(2, code=B, name="好找有限公司", address="东风镇幸福路1号")
IN_G2 = Point(lon=115.015, lat=25.005, datum="wgs84")
NOWHERE = Point(lon=115.5, lat=25.5, datum="wgs84")


@pytest.fixture
def district(session, tmp_path):
    return f.make_district(session, tmp_path / "first", market=[LOST, FOUND])


@pytest.fixture
def who(district):
    return command_line(district.id)


def firm(session, name="迷路有限公司"):
    session.expire_all()
    return session.scalar(
        select(Enterprise).where(Enterprise.name == name, Enterprise.retired.is_(False))
    )


def test_the_queue_counts_by_township_with_all_its_firms(session, who):
    (queue,) = list_queues(session, who)
    assert (queue.township, queue.unplaced, queue.enterprises) == ("东风镇", 1, 2)
    lines, total = list_unplaced(session, who, township="东风镇", reason=None, limit=10)
    assert (total, lines[0].name, lines[0].reason) == (
        1,
        "迷路有限公司",
        UnplacedReason.TOWNSHIP_ONLY,
    )
    for other in ({"township": "", "reason": None}, {"township": None, "reason": "no_address"}):
        assert list_unplaced(session, who, limit=10, **other) == ([], 0)


def test_a_firm_in_a_grid_is_counted_in_the_townships_list_that_holds_it(session, who):
    firm(session, "好找有限公司").township = "西平镇"
    session.flush()
    (queue,) = list_queues(session, who)
    wanted = EnterpriseFilter(township=queue.township)
    _, listed = list_enterprises(session, who, wanted)
    assert (queue.township, queue.enterprises) == ("东风镇", listed) == ("东风镇", 2)


def test_a_mark_in_another_township_than_the_address_names_is_noticed(session, who):
    key = firm(session).id
    mark_place(session, who, key, IN_G2, now=f.NOW)
    assert not open_place(session, who, key).is_elsewhere
    firm(session).township = "西平镇"
    session.flush()
    assert open_place(session, who, key).is_elsewhere
    unmark_place(session, who, key, now=f.NOW)
    assert not open_place(session, who, key).is_elsewhere


def test_a_mark_stands_at_once_and_after_every_linking(session, district, who):
    assert mark_place(session, who, firm(session).id, IN_G2, now=f.NOW) == "东风第2网格"
    for _ in range(2):
        row = firm(session)
        assert (row.lon, row.lat, row.position_source) == (115.015, 25.005, "person")
        assert (row.position_as_of, row.unplaced_reason) == (f.TODAY, None)
        f.link(session, district)
    assert session.query(AuditEntry).filter_by(action="mark_place").count() == 1


def test_a_mark_in_gcj02_is_stored_in_wgs84_beside_what_was_given(session, who):
    lon, lat = from_wgs84([115.015], [25.005], Datum.GCJ02)
    given = Point(lon=float(lon[0]), lat=float(lat[0]), datum="gcj02")
    mark_place(session, who, firm(session).id, given, now=f.NOW)
    row = firm(session)
    assert (row.lon, row.lat) == pytest.approx((115.015, 25.005), abs=1e-7)
    assert (row.received_lon, row.datum) == (given.lon, "gcj02")


def test_a_point_in_no_grid_is_refused_and_nothing_is_kept(session, who):
    with pytest.raises(InvalidInput, match="不在本区"):
        mark_place(session, who, firm(session).id, NOWHERE, now=f.NOW)
    assert session.query(MarkedPosition).count() == 0


def test_a_mark_taken_back_leaves_what_stood_before_and_is_kept(session, district, who):
    name = "好找有限公司"
    mark_place(session, who, firm(session, name).id, IN_G2, now=f.NOW)
    assert firm(session, name).position_source == "person"
    unmark_place(session, who, firm(session, name).id, now=f.NOW + timedelta(hours=1))
    assert firm(session, name).position_source == "gazetteer"
    f.link(session, district)
    assert firm(session, name).position_source == "gazetteer"
    assert session.scalar(select(MarkedPosition)).revoked_at is not None
    with pytest.raises(NotFound):
        unmark_place(session, who, firm(session, name).id, now=f.NOW)


def test_the_newest_mark_stands_and_taking_it_back_brings_the_one_before(session, who):
    key = firm(session).id
    other = Point(lon=115.005, lat=25.005, datum="wgs84")
    mark_place(session, who, key, other, now=f.NOW)
    mark_place(session, who, key, IN_G2, now=f.NOW + timedelta(minutes=1))
    assert firm(session).lon == 115.015
    unmark_place(session, who, key, now=f.NOW + timedelta(minutes=2))
    assert firm(session).lon == 115.005


def receive(session, district, folder, rows):
    path = f.write_csv(folder / "market2.csv", f.MARKET, rows)
    import_file(session, path, district_id=district.id, now=f.NOW, limits=f.LIMITS)
    f.link(session, district, today=f.TODAY + timedelta(days=10))


def test_a_mark_stands_when_the_register_repeats_the_old_address_next_month(
    session, district, who, tmp_path
):
    mark_place(session, who, firm(session).id, IN_G2, now=f.NOW)
    again = f.firm(1, code=A, name="迷路有限公司", address="东风镇老菜场", day="2026-12-01")
    receive(session, district, tmp_path, [again, FOUND])
    assert firm(session).position_source == PositionSource.PERSON


def test_a_mark_gives_way_when_the_register_tells_of_a_move_after_it(
    session, district, who, tmp_path
):
    mark_place(session, who, firm(session).id, IN_G2, now=f.NOW)
    moved = f.firm(1, code=A, name="迷路有限公司", address="东风镇幸福路8号", day="2026-12-01")
    receive(session, district, tmp_path, [moved, FOUND])
    row = firm(session)
    assert (row.position_source, row.place_name) == ("gazetteer", "幸福路")


def test_a_mark_follows_its_row_through_a_merge(session, district, who, tmp_path):
    mark_place(session, who, firm(session).id, IN_G2, now=f.NOW)
    hr = [("1", B, "好找有限公司", "", "正常参保", "9", "2026-11")]
    import_file(
        session,
        f.write_csv(tmp_path / "hr.csv", f.HR, hr),
        district_id=district.id,
        now=f.NOW,
        limits=f.LIMITS,
    )
    f.link(session, district)
    assert firm(session).position_source == "person"
    assert firm(session, "好找有限公司").position_source == "gazetteer"


def test_only_those_who_see_the_district_mark(session, district):
    worker = Principal(
        account_id=1,
        district_id=district.id,
        role=Role.GRID_WORKER,
        login="",
        display_name="",
        grid_id=1,
    )
    key = firm(session).id
    with pytest.raises(Refused):
        mark_place(session, worker, key, IN_G2, now=f.NOW)
    with pytest.raises(Refused):
        unmark_place(session, worker, key, now=f.NOW)
    with pytest.raises(Refused):
        open_place(session, worker, key)
    with pytest.raises(Refused):
        list_queues(session, worker)
    with pytest.raises(NotFound):
        mark_place(session, command_line(district.id + 1), key, IN_G2, now=f.NOW)


def test_the_page_of_a_firm_draws_the_grids_and_the_places_of_its_township(session, who):
    place = open_place(session, who, firm(session).id)
    assert [name for name, here, _ in place.outlines.grids if here] == [
        "东风第1网格",
        "东风第2网格",
    ]
    assert "幸福路" in [name for name, _, _ in place.outlines.places]
    assert place.addresses == ("东风镇老菜场旁",)


SAME_GRID, OTHER_GRID = 115.006, 115.015


def visit_with_a_fix(
    session, district, metres, *, result=VisitResult.NOBODY, datum="wgs84", lon=SAME_GRID
):
    f.make_account(session, district, Role.GRID_WORKER, login=f"w{metres}{result}", grid_code="G1")
    row = firm(session, "好找有限公司")
    account = session.scalars(select(Account).order_by(Account.id.desc())).first()
    worker = Principal(
        account_id=account.id,
        district_id=district.id,
        role=Role.GRID_WORKER,
        login="",
        display_name="",
        grid_id=row.grid_id,
    )
    visit = Visit(
        uuid=uuid4(),
        enterprise_id=row.id,
        visited_at=f.NOW,
        result=result,
        position=VisitPosition(lon=lon, lat=25.005, accuracy_m=metres, datum=datum),
    )
    record_visit(session, worker, visit, rule=TargetRule(), now=f.NOW)
    session.flush()
    return firm(session, "好找有限公司")


def test_a_fix_taken_on_a_visit_places_the_firm_at_once_and_after_a_linking(session, district):
    row = visit_with_a_fix(session, district, 200)
    assert (row.position_source, row.lon, row.position_error_m) == ("visit", SAME_GRID, 200)
    f.link(session, district)
    assert firm(session, "好找有限公司").position_source == "visit"


@pytest.mark.parametrize(
    ("metres", "result"),
    [(201, VisitResult.NOBODY), (20, VisitResult.MOVED), (20, VisitResult.NOT_FOUND)],
)
def test_a_rough_fix_or_one_away_from_the_firm_is_kept_and_places_nothing(
    session, district, metres, result
):
    row = visit_with_a_fix(session, district, metres, result=result)
    assert row.position_source == "gazetteer"
    kept = session.scalar(select(StoredVisit)).content["position"]
    assert kept["accuracy_m"] == metres


@pytest.mark.parametrize(
    ("result", "source", "moves"),
    [
        (VisitResult.NOBODY, "gazetteer", False),
        (VisitResult.REFUSED, "gazetteer", False),
        (VisitResult.MET_CLERK, "visit", True),
    ],
)
def test_a_fix_in_another_grid_moves_the_firm_only_where_somebody_was_met(
    session, district, result, source, moves
):
    before = firm(session, "好找有限公司").grid_id
    row = visit_with_a_fix(session, district, 20, result=result, lon=OTHER_GRID)
    assert row.position_source == source
    assert (row.grid_id != before) is moves
    kept = session.scalar(select(StoredVisit)).content["position"]
    assert kept["lon"] == OTHER_GRID


def test_a_fix_of_a_phone_that_shifts_is_turned_into_wgs84(session, district):
    row = visit_with_a_fix(session, district, 20, datum="gcj02")
    assert (row.received_lon, row.datum) == (SAME_GRID, "gcj02")
    assert abs(row.lon - SAME_GRID) > 0.003


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"pair": "115.01,25.02", "datum": "gcj02"}, (115.01, 25.02, "gcj02")),
        ({"pair": " 115.01 , 25.02 ", "datum": "wgs84"}, (115.01, 25.02, "wgs84")),
        ({"pair": "115.01，25.02", "datum": "wgs84"}, (115.01, 25.02, "wgs84")),
        ({"pair": "115.01 25.02", "datum": "bd09"}, (115.01, 25.02, "bd09")),
        ({"lon": "115.01", "lat": "25.02", "datum": "wgs84"}, (115.01, 25.02, "wgs84")),
    ],
)
def test_a_point_is_read_as_map_apps_copy_it(form, expected):
    point = parse_point(form)
    assert (point.lon, point.lat, point.datum) == expected


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ("", "不是坐标"),
        ("115.01", "不是坐标"),
        ("a,b", "不是坐标"),
        ("nan,nan", "不是坐标"),
        ("1e2,25", "不是坐标"),
        ("25.02,115.01", "写反了"),
        ("10,10", "不在中国"),
        ("115.01,25.02,3", "不是坐标"),
    ],
)
def test_a_point_that_cannot_be_is_refused_with_the_remedy(pair, message):
    with pytest.raises(InvalidInput, match=message):
        parse_point({"pair": pair, "datum": "wgs84"})


def test_a_point_without_a_datum_is_refused():
    with pytest.raises(InvalidInput, match="坐标系"):
        parse_point({"pair": "115.01,25.02"})

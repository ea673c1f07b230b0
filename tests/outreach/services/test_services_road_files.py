from __future__ import annotations

import json
from datetime import date, timedelta

import factories as f
import pytest
from road_files import STREET, give_roads, write_road_file, write_streets
from sqlalchemy import select

from outreach.domain.plans import PlanRule, TravelMode
from outreach.domain.travel import RoadRule, TravelBasis, TravelNote
from outreach.errors import InvalidInput, NotFound
from outreach.services.planning.road_files import KEPT, keep_road_file, report_roads
from outreach.services.planning.travel import STRAIGHT, travel_now, travel_of
from outreach.storage.accounts import AuditEntry

pytest.importorskip("osmium", reason="the extra `roads` is not installed")

FIRMS = [f.firm(n, name=f"{word}贸易有限公司", employees="40") for n, word in enumerate("甲乙丙")]
PARK = [f.firm(90, name="子机械厂", employees="60", address="东风镇光明工业园1号")]


@pytest.fixture
def district(session, tmp_path):
    return f.make_district(session, tmp_path / "files", market=[*FIRMS, *PARK])


@pytest.fixture
def store(session, tmp_path):
    return give_roads(session, tmp_path)


@pytest.fixture
def streets(tmp_path):
    return write_streets(tmp_path / "in" / "county.osm.pbf")


def keep(session, district, path, *, now=f.NOW, **options):
    return keep_road_file(session, path, district=district, now=now, **options)


def test_a_kept_file_is_prepared_for_all_modes_and_the_report_says_how_near_the_firms_are(
    session, district, store, streets
):
    report = keep(session, district, streets)
    assert report.is_new
    assert (report.file.file_name, report.file.day) == ("county.osm.pbf", date(2026, 11, 20))
    assert [one.mode for one in report.file.networks] == list(TravelMode)
    walk = report.file.networks[0]
    # The four corners are no junctions: only two roads meet there.
    assert walk.junctions == walk.of_junctions == 5 * 11 - 4
    assert walk.length_km == pytest.approx(11 * 2.016 + 5 * 1.112, abs=1)
    (firms, *_), (offices, *_) = report.firms, report.offices
    assert (firms.points, firms.beyond) == (4, 0)
    assert 0 <= firms.median_m <= firms.p95_m <= firms.most_m <= 60
    assert (offices.points, offices.beyond) == (2, 0)
    assert store.current(district.code) == report.file
    assert session.scalars(select(AuditEntry.action)).all()[-1] == "keep_road_file"


def test_the_same_file_again_changes_nothing_but_the_day_that_somebody_says(
    session, district, store, streets
):
    first = keep(session, district, streets)
    again = keep(session, district, streets, now=f.NOW + timedelta(days=1))
    assert (again.file, again.is_new) == (first.file, False)
    named = keep(session, district, streets, day=date(2026, 11, 1))
    assert (named.file.day, named.file.key) == (date(2026, 11, 1), first.file.key)
    assert store.current(district.code).day == date(2026, 11, 1)


def test_a_file_that_names_no_day_has_that_of_its_last_writing(session, district, store, tmp_path):
    path = write_streets(tmp_path / "plain.osm.pbf", day=None)
    assert abs((keep(session, district, path).file.day - date.today()).days) <= 1  # noqa: DTZ011


@pytest.mark.parametrize(("east_m", "beyond"), [(700, 0), (500, 1)])
def test_firms_more_than_a_kilometre_from_every_road_are_counted(
    session, district, store, tmp_path, east_m, beyond
):
    # The park lies 1,600 m east: 908 m beyond streets of 700 m, 1,109 m beyond those of 500 m.
    path = write_streets(tmp_path / "short.osm.pbf", east_m=east_m)
    assert [one.beyond for one in keep(session, district, path).firms] == [beyond] * 3


def test_a_mode_without_roads_is_left_out_and_goes_straight(session, district, store, tmp_path):
    path = write_streets(
        tmp_path / "motorway.osm.pbf", tags={"highway": "motorway", "oneway": "no"}
    )
    report = keep(session, district, path)
    assert [one.mode for one in report.file.networks] == [TravelMode.CAR]
    travel = travel_now(session, district.id)
    points = [(115.005, 25.005), (115.01, 25.005)]
    by_bike, by_car = (
        travel.basis(points, PlanRule(travel_mode=mode), [0, 1])
        for mode in (TravelMode.E_BIKE, TravelMode.CAR)
    )
    assert (by_bike, by_car) == (TravelBasis.STRAIGHT_LINE, TravelBasis.ROADS)


def test_new_speeds_prepare_the_kept_file_anew_and_a_plan_keeps_its_roads(
    session, district, store, streets, tmp_path
):
    old = keep(session, district, streets).file
    streets.unlink()
    slow = give_roads(session, tmp_path, RoadRule(e_bike={"residential": 8.0}))
    report = report_roads(session, district=district, now=f.NOW)
    assert report.is_new
    assert report.file.key != old.key
    assert (report.file.file_name, report.file.day) == (old.file_name, old.day)
    assert slow.current(district.code).key == report.file.key
    points, rule = [(115.0, 25.0), (115.01, 25.0)], PlanRule()
    before = travel_of(session, TravelNote(basis=TravelBasis.ROADS, roads_on=old.day, key=old.key))
    assert travel_now(session, district.id).between(points, rule).seconds[0, 1] == pytest.approx(
        2 * before.between(points, rule).seconds[0, 1], abs=2
    )
    assert not report_roads(session, district=district, now=f.NOW).is_new


def test_files_that_nothing_uses_any_more_are_removed_after_four_weeks(
    session, district, store, streets, tmp_path
):
    old = keep(session, district, streets).file
    other = write_streets(tmp_path / "new.osm.pbf", east_m=1900)
    keep(session, district, other, now=f.NOW + KEPT)
    assert store.find(old.key) is not None
    keep(session, district, other, now=f.NOW + KEPT + timedelta(seconds=1))
    assert store.find(old.key) is None
    assert travel_of(session, TravelNote(basis=TravelBasis.ROADS, key=old.key)).roads is None


def test_only_roads_near_the_grids_are_read(session, district, store, tmp_path):
    far = {1: (116.0, 25.0), 2: (116.01, 25.0)}
    path = write_road_file(tmp_path / "far.osm.pbf", far, [(STREET, [1, 2])])
    with pytest.raises(InvalidInput, match="holds no road"):
        keep(session, district, path)
    near = {1: (115.11, 25.0), 2: (115.13, 25.0)}
    path = write_road_file(tmp_path / "near.osm.pbf", near, [(STREET, [1, 2])])
    assert keep(session, district, path).file.networks


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("missing.osm.pbf", None, "没有找到文件"),
        ("roads.zip", b"PK", "不是路网文件"),
        ("bad.osm.pbf", b"no roads", "用不了"),
    ],
)
def test_files_that_hold_no_roads_are_refused_and_nothing_is_kept(
    session, district, store, tmp_path, name, content, said
):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidInput, match=said):
        keep(session, district, tmp_path / name)
    assert store.current(district.code) is None
    assert report_roads(session, district=district, now=f.NOW) is None


def test_a_session_that_knows_no_folder_goes_straight_and_keeps_nothing(session, district, streets):
    assert travel_now(session, district.id) is STRAIGHT
    with pytest.raises(NotFound):
        keep(session, district, streets)


def test_what_is_kept_is_the_file_as_received(session, district, store, streets):
    file = keep(session, district, streets).file
    folder = store.folder_of(file.key)
    assert (folder / "roads.osm.pbf").read_bytes() == streets.read_bytes()
    assert json.loads((folder / "about.json").read_text())["sha256"] == file.sha256
    assert {path.name for path in store.folder.iterdir()} == {file.key, f"{district.code}.json"}

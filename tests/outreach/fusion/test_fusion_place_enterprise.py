from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.domain.positions import (
    Position,
    PositionSource,
    UnplacedReason,
    choose_seen,
    distance_m,
)
from outreach.domain.sources import Source
from outreach.domain.statements import Prop, Statement
from outreach.fusion.addresses import Gazetteer, GazetteerPlace, tidy_address
from outreach.fusion.placing import place_enterprise

OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)
ROAD = "东风镇幸福路1号"


def point(lon=115.0, source=PositionSource.PERSON, error_m=30.0, day=NOVEMBER):
    return Position(
        lon=lon,
        lat=25.0,
        received_lon=lon,
        received_lat=25.0,
        datum="wgs84",
        source=source,
        error_m=error_m,
        as_of=day,
    )


def gazetteer(*, marks=None, answers=None):
    places = [
        GazetteerPlace(
            name=name,
            township="东风镇",
            lon=lon,
            lat=25.0,
            received_lon=lon,
            received_lat=25.0,
            datum="wgs84",
            error_m=150,
        )
        for name, lon in (("幸福路", 115.1), ("光明路", 115.2))
    ]
    known = Gazetteer.of(places, ["东风镇"])
    return replace(known, marks=marks or {}, answers=answers or {})


def said(prop, value, *, source=Source.MARKET, as_of=OCTOBER, record=1, delivery=1, raw=None):
    return Statement(
        prop=prop,
        value=value,
        raw=raw or value,
        source=source,
        as_of=as_of,
        record_id=record,
        delivery=delivery,
    )


def fix(lon=115.3, metres=20, day=NOVEMBER):
    value = f"{lon:.6f},25.000000,wgs84"
    return said(
        Prop.POSITION,
        value,
        source=Source.VISIT,
        as_of=day,
        record=9,
        raw=f"{value},{metres}",
    )


ADDRESS = said(Prop.ADDRESS, ROAD)
REGISTERED = said(Prop.POSITION, "115.400000,25.000000,wgs84")
MARKED = {1: (point(115.5),)}


def where(*statements, **known):
    found = place_enterprise(statements, gazetteer(**known))
    return (found.source.value, round(found.lon, 4)) if isinstance(found, Position) else found


def test_the_chain_from_a_persons_mark_to_the_reason():
    answers = {tidy_address("天边路3号"): point(115.6, PositionSource.GEOCODER)}
    unknown = said(Prop.ADDRESS, "天边路3号")
    assert where(ADDRESS, REGISTERED, fix(day=OCTOBER), marks=MARKED) == ("person", 115.5)
    assert where(ADDRESS, REGISTERED, fix()) == ("visit", 115.3)
    assert where(ADDRESS, REGISTERED) == ("register", 115.4)
    assert where(ADDRESS, answers=answers) == ("gazetteer", 115.1)
    assert where(unknown, answers=answers) == ("geocoder", 115.6)
    assert where(unknown) is UnplacedReason.NO_KNOWN_PLACE
    assert where() is UnplacedReason.NO_ADDRESS


def test_a_fix_of_200_metres_places_and_one_of_201_does_not():
    assert where(ADDRESS, fix(metres=200)) == ("visit", 115.3)
    assert where(ADDRESS, fix(metres=201)) == ("gazetteer", 115.1)


def test_the_newest_of_several_points_stands():
    assert where(ADDRESS, fix(day=DECEMBER), marks=MARKED) == ("visit", 115.3)
    assert where(ADDRESS, fix(day=NOVEMBER), marks=MARKED) == ("person", 115.5)


def test_a_mark_of_another_enterprise_is_not_ours():
    assert where(ADDRESS, marks={2: (point(115.5),)}) == ("gazetteer", 115.1)


@pytest.mark.parametrize("again", [ROAD, "江西省赣州市试验区东风镇幸福路1#", "东风镇幸福路1号2楼"])
def test_a_register_that_repeats_its_address_in_other_words_moves_nobody(again):
    later = said(Prop.ADDRESS, again, as_of=DECEMBER, record=2, delivery=2)
    assert where(ADDRESS, later, marks=MARKED) == ("person", 115.5)


def test_a_register_that_tells_of_a_move_after_the_point_was_seen_is_believed():
    later = said(Prop.ADDRESS, "东风镇光明路9号", as_of=DECEMBER, record=2, delivery=2)
    assert where(ADDRESS, later, marks=MARKED) == ("gazetteer", 115.2)
    assert where(ADDRESS, later, fix()) == ("gazetteer", 115.2)
    same_day = replace(later, as_of=NOVEMBER)
    assert where(ADDRESS, same_day, marks=MARKED) == ("person", 115.5)


def test_a_source_that_speaks_for_the_first_time_moves_nobody():
    later = said(Prop.ADDRESS, "东风镇光明路9号", as_of=DECEMBER, source=Source.TAX, record=2)
    assert where(ADDRESS, later, marks=MARKED) == ("person", 115.5)


@pytest.mark.parametrize(
    ("lon", "source"), [(115.4015, "person"), (115.405, "register")], ids=["near", "far"]
)
def test_a_registers_point_moves_a_firm_only_when_it_lies_far_from_its_old_one(lon, source):
    value = f"{lon:.6f},25.000000,wgs84"
    later = said(Prop.POSITION, value, as_of=DECEMBER, record=2, delivery=2)
    assert where(ADDRESS, REGISTERED, later, marks=MARKED)[0] == source


def test_an_older_point_that_the_newest_confirms_and_that_is_more_exact_stands():
    exact = point(115.0, error_m=10, day=OCTOBER)
    rough = point(115.001, PositionSource.VISIT, error_m=150, day=NOVEMBER)
    assert choose_seen([exact, rough]) is exact
    far = replace(rough, lon=115.01)
    assert choose_seen([exact, far]) is far
    assert choose_seen([]) is None


def test_a_degree_of_latitude_is_111_kilometres():
    assert distance_m((115, 25), (115, 26)) == pytest.approx(111_195, rel=1e-3)
    assert distance_m((115, 25), (115, 25)) == 0


points = st.builds(
    point,
    st.floats(114.9, 115.1),
    st.sampled_from([PositionSource.PERSON, PositionSource.VISIT]),
    st.floats(1, 400),
    st.sampled_from([None, OCTOBER, NOVEMBER, DECEMBER]),
)


@given(st.lists(points, max_size=6))
def test_the_chosen_point_is_usable_and_does_not_depend_on_the_order(found):
    chosen = choose_seen(found)
    usable = [p for p in found if p.source is PositionSource.PERSON or p.error_m <= 200]
    assert (chosen is None) == (not usable)
    if chosen is not None:
        assert chosen in usable
        days = [p.as_of or date.min for p in usable]
        if len({(p.as_of, p.source) for p in usable}) == len(usable):
            assert choose_seen(found[::-1]) == chosen
        assert max(days) >= (chosen.as_of or date.min)

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.fusion.addresses import Gazetteer, GazetteerPlace, tidy_address


def place(name, township="白塔镇", *, error=100.0, lon=115.0):
    return GazetteerPlace(
        name=name,
        township=township,
        lon=lon,
        lat=25.0,
        received_lon=lon,
        received_lat=25.0,
        datum="wgs84",
        error_m=error,
    )


DISTRICT = Gazetteer.of(
    [place("幸福路"), place("幸福路东段"), place("白塔镇", error=3000)], ["红桥镇", "开发区"]
)


@pytest.mark.parametrize(
    ("address", "township"),
    [
        ("云岭省清江市东风区白塔镇幸福路1号", "白塔镇"),
        ("白塔镇红桥镇交界", "白塔镇"),
        ("东风区红桥镇1号", "红桥镇"),
        ("东风区经济开发区1号", "开发区"),
        ("东风区绿水镇1号", ""),
        ("幸福路1号", ""),
        ("", ""),
        ("白 塔 镇幸福路", "白塔镇"),
    ],
)
def test_the_township_is_one_that_the_district_has(address, township):
    assert DISTRICT.township_of(address) == township


def test_without_any_known_township_the_word_before_its_kind_is_taken():
    empty = Gazetteer.of([])
    assert empty.township_of("云岭省清江市东风区白塔镇幸福路1号") == "白塔镇"
    assert empty.township_of("白塔街道幸福路") == "白塔街道"
    assert empty.township_of("幸福路1号") == ""


def test_the_longest_place_name_is_found_at_each_position():
    assert DISTRICT.find_places("白塔镇幸福路东段与幸福路交口") == ["幸福路东段", "幸福路"]
    assert DISTRICT.find_places("红桥镇新村") == []


def test_a_place_is_never_found_across_the_end_of_a_township():
    district = Gazetteer.of([place("镇东路")], ["白塔镇"])
    assert district.find_places("白塔镇东路1号") == []


def test_a_township_is_no_place_of_its_own():
    assert DISTRICT.find_places("白塔镇") == []


def test_an_address_is_tidied_without_blanks_width_and_number_signs():
    assert tidy_address("白塔镇 幸福路１６#") == "白塔镇幸福路16号"


@given(st.text(max_size=20))
def test_tidying_an_address_twice_changes_nothing_more(text):
    assert tidy_address(tidy_address(text)) == tidy_address(text)

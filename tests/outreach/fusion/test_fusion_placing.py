from __future__ import annotations

import pytest

from outreach.domain.positions import PositionSource, UnplacedReason
from outreach.fusion.addresses import Gazetteer, GazetteerPlace
from outreach.fusion.placing import place_address


def place(name, township="白塔镇", *, error=100.0, lon=115.0):
    return GazetteerPlace(
        name=name,
        township=township,
        lon=lon,
        lat=25.0,
        received_lon=lon + 0.005,
        received_lat=25.003,
        datum="gcj02",
        error_m=error,
    )


def district(*places):
    return Gazetteer.of(places, ["白塔镇", "红桥镇"])


def test_an_address_lies_at_the_place_that_it_names_with_the_received_pair_and_its_error():
    found = place_address("白塔镇幸福路1号", district(place("幸福路")))
    assert (found.lon, found.lat, found.error_m) == (115.0, 25.0, 100.0)
    assert (found.received_lon, found.received_lat, found.datum) == (115.005, 25.003, "gcj02")
    assert (found.source, found.place_name) == (PositionSource.GAZETTEER, "幸福路")


@pytest.mark.parametrize("address", ["", "  "])
def test_without_an_address_there_is_no_position(address):
    assert place_address(address, district()) is UnplacedReason.NO_ADDRESS


def test_an_address_that_names_nothing_known_is_not_guessed():
    assert place_address("绿水路1号", district(place("幸福路"))) is UnplacedReason.NO_KNOWN_PLACE


def test_a_township_alone_is_no_position():
    assert place_address("白塔镇", district(place("幸福路"))) is UnplacedReason.TOWNSHIP_ONLY


@pytest.mark.parametrize(("error", "placed"), [(1000.0, True), (1000.1, False)])
def test_a_place_known_to_a_kilometre_is_a_position(error, placed):
    found = place_address("白塔镇新村", district(place("新村", error=error)))
    assert (found is UnplacedReason.TOWNSHIP_ONLY) is not placed


def test_of_two_places_of_one_name_the_one_in_the_addresss_township_counts():
    places = district(place("幸福路", lon=115.0), place("幸福路", "红桥镇", lon=116.0))
    assert place_address("红桥镇幸福路1号", places).lon == 116.0
    assert place_address("幸福路1号", places) is UnplacedReason.SEVERAL_PLACES


def test_without_a_township_the_only_place_of_that_name_counts():
    assert place_address("幸福路1号", district(place("幸福路"))).place_name == "幸福路"


def test_a_place_of_another_township_is_never_taken():
    found = place_address("红桥镇幸福路1号", district(place("幸福路")))
    assert found is UnplacedReason.TOWNSHIP_ONLY


def test_a_place_that_the_gazetteer_puts_in_no_township_fits_every_address():
    assert place_address("红桥镇幸福路1号", district(place("幸福路", ""))).place_name == "幸福路"


def test_among_several_places_in_an_address_the_most_exact_counts():
    places = district(place("幸福路", error=300), place("金都大厦", error=30))
    assert place_address("白塔镇幸福路1号金都大厦3层", places).place_name == "金都大厦"

"""Links that hand a stop to a navigation app: the right datum, the right order of the axes."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.services.visits.navigation import navigation_links

GATE = (116.481499, 39.990475)
"""WGS-84; Amap's own documentation gives the point below for it."""

GATE_GCJ02 = (116.487585, 39.991754)


def query(link):
    address = urlsplit(link)
    assert address.scheme == "https"
    return {name: values[0] for name, values in parse_qs(address.query).items()}


def points(links):
    """(longitude, latitude) as each app would read it."""
    lon, lat, *_ = query(links.amap)["to"].split(",")
    found = {"amap": (lon, lat)}
    lat, lon = query(links.baidu)["destination"].split("|")[0].removeprefix("latlng:").split(",")
    found["baidu"] = (lon, lat)
    lat, lon = query(links.tencent)["tocoord"].split(",")
    found["tencent"] = (lon, lat)
    lat, lon = query(links.apple)["daddr"].split(",")
    found["apple"] = (lon, lat)
    return {app: (float(lon), float(lat)) for app, (lon, lat) in found.items()}


@pytest.mark.parametrize("app", ["amap", "baidu", "tencent", "apple"])
def test_every_app_gets_the_gate_within_a_metre(app):
    lon, lat = points(navigation_links("东风厂", *GATE))[app]
    assert abs(lon - GATE_GCJ02[0]) < 1e-5
    assert abs(lat - GATE_GCJ02[1]) < 1e-5


def test_the_datum_is_told_where_an_app_has_another_of_its_own():
    """Baidu reads BD-09 unless the link says otherwise; half a kilometre lies between."""
    assert query(navigation_links("东风厂", *GATE).baidu)["coord_type"] == "gcj02"


@given(st.floats(98, 122), st.floats(22, 45))
def test_all_apps_lead_to_one_place_anywhere_in_the_country(lon, lat):
    found = set(points(navigation_links("厂", lon, lat)).values())
    assert len(found) == 1
    (there,) = found
    assert 0 < max(abs(there[0] - lon), abs(there[1] - lat)) < 0.02


@given(st.text(min_size=1, max_size=20))
def test_no_name_breaks_a_link(name):
    links = navigation_links(name.encode("utf-8", "replace").decode(), *GATE)
    for link in (links.amap, links.baidu, links.tencent):
        assert not set("<>\"' \n") & set(link)
    assert query(links.amap)["to"].count(",") == 2
    assert set(points(links)) == {"amap", "baidu", "tencent", "apple"}

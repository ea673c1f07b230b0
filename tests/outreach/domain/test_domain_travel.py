from __future__ import annotations

from datetime import date

import pytest

from outreach.domain.travel import RoadEngine, RoadRule, TravelBasis, TravelNote, join_bases
from outreach.errors import InvalidInput
from outreach.settings import make_settings

ROADS, STRAIGHT = TravelBasis.ROADS, TravelBasis.STRAIGHT_LINE


@pytest.mark.parametrize(
    ("bases", "together"),
    [
        ([], STRAIGHT),
        ([STRAIGHT, STRAIGHT], STRAIGHT),
        ([ROADS], ROADS),
        ([ROADS, STRAIGHT, ROADS], TravelBasis.PARTLY),
        ([TravelBasis.PARTLY, TravelBasis.PARTLY], TravelBasis.PARTLY),
        ([TravelBasis.SERVER], TravelBasis.SERVER),
    ],
)
def test_what_is_said_of_several_ways_together(bases, together):
    assert join_bases(bases) is together


@pytest.mark.parametrize(
    ("basis", "said"),
    [
        (STRAIGHT, "直线估算"),
        (ROADS, "按道路(2026-11-20 的路网)"),
        (TravelBasis.PARTLY, "按道路(2026-11-20 的路网),部分直线估算"),
        (TravelBasis.SERVER, "按路径服务"),
    ],
)
def test_a_note_says_what_the_minutes_are_made_from_and_is_read_back(basis, said):
    note = TravelNote(basis=basis, roads_on=date(2026, 11, 20), key="abc")
    assert note.sentence.in_chinese() == said
    assert basis.is_by_road == (basis is not STRAIGHT)
    assert basis.is_whole == ("直线" not in said)
    assert TravelNote.from_figures({"travel": note.as_json()}) == note


def test_a_note_without_a_road_file_names_no_day_and_older_plans_went_straight():
    assert TravelNote(basis=ROADS).sentence.in_chinese() == "按道路"
    plain = TravelNote(basis=TravelBasis.SERVER)
    assert TravelNote.from_figures({"travel": plain.as_json()}) == plain
    assert TravelNote.from_figures({"stops": 3}) == TravelNote()


@pytest.mark.parametrize(
    ("inside", "outside"),
    [
        ({"most_snap_m": 1000}, {"most_snap_m": 1001}),
        ({"most_snap_m": 1}, {"most_snap_m": 0.9}),
        ({"e_bike": {"tertiary": 200}}, {"e_bike": {"tertiary": 201}}),
        ({"car": {"track": 0.1}}, {"car": {"track": 0}}),
        (
            {"server_engine": "osrm", "server_url": "http://r:5000", "server_hosts": ["r"]},
            {"server_engine": "osrm", "server_url": "http://r:5000"},
        ),
        (
            {"server_engine": "valhalla", "server_url": "http://r", "server_hosts": ["r"]},
            {"server_engine": "google", "server_url": "http://r", "server_hosts": ["r"]},
        ),
    ],
)
def test_settings_of_roads_are_taken_and_impossible_ones_refused(inside, outside):
    assert make_settings({"roads": inside}).roads != make_settings({}).roads or inside == {
        "most_snap_m": 1000
    }
    with pytest.raises(InvalidInput):
        make_settings({"roads": outside})


def test_without_settings_no_server_is_named_and_a_key_is_never_shown():
    assert RoadRule().server_engine is None
    rule = make_settings(
        {
            "roads": {
                "server_engine": "openrouteservice",
                "server_url": "https://ors.example",
                "server_hosts": ["ors.example"],
                "server_key": "secret",
            }
        }
    ).roads
    assert (rule.server_engine, rule.server_hosts) == (
        RoadEngine.OPENROUTESERVICE,
        ("ors.example",),
    )
    assert "secret" not in repr(rule)

"""Which points are kept, and how coarse others see them."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.domain.tracks import (
    CELL_M,
    CLOCK_TOLERANCE,
    FEWEST_CELLS,
    FEWEST_DAYS,
    KEEP,
    LONGEST_SEGMENT,
    WORST_ACCURACY_M,
    Stretch,
    TrackFix,
    cell_corners,
    cell_of,
    cells_within,
    coarse_share,
    is_forgotten,
    length_m,
    may_keep,
)

START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
END = START + timedelta(hours=3)
NOW = END + timedelta(hours=1)
TICK = timedelta(microseconds=1)


def fix(at, *, lon=115.0, lat=25.0, accuracy_m=20.0):
    return TrackFix(at=at, lon=lon, lat=lat, accuracy_m=accuracy_m)


def kept(at, *, since=START, now=NOW, ended=END, **place):
    stretch = Stretch(started_at=START, ended_at=ended)
    return may_keep(fix(at, **place), stretch, consent_since=since, now=now)


def test_points_are_kept_between_start_and_end_only():
    assert kept(START)
    assert not kept(START - TICK)
    assert kept(END)
    assert not kept(END + TICK)


def test_points_before_the_consent_are_not_kept():
    since = START + timedelta(minutes=5)
    assert kept(since, since=since)
    assert not kept(since - TICK, since=since)


def test_a_forgotten_end_is_an_end_after_twelve_hours():
    later = START + timedelta(days=1)
    assert kept(START + LONGEST_SEGMENT, ended=None, now=later)
    assert not kept(START + LONGEST_SEGMENT + TICK, ended=None, now=later)


def test_a_clock_that_runs_ahead_is_borne_for_ten_minutes():
    now = START + timedelta(minutes=1)
    assert kept(now + CLOCK_TOLERANCE, ended=None, now=now)
    assert not kept(now + CLOCK_TOLERANCE + TICK, ended=None, now=now)


def test_a_bad_position_is_not_kept():
    assert kept(START, accuracy_m=WORST_ACCURACY_M)
    assert not kept(START, accuracy_m=WORST_ACCURACY_M + 0.1)


def test_points_are_forgotten_after_ninety_days():
    assert timedelta(days=90) == KEEP
    assert not is_forgotten(NOW - KEEP, now=NOW)
    assert is_forgotten(NOW - KEEP - TICK, now=NOW)
    assert not kept(START, now=START + KEEP + TICK)


@pytest.mark.parametrize(
    "place", [{"lon": 180.1}, {"lat": 90.0}, {"lon": math.nan}, {"accuracy_m": -1.0}]
)
def test_what_is_no_place_on_earth_is_refused(place):
    with pytest.raises(ValueError, match="must be finite|no place"):
        fix(START, **place)


def test_moments_without_a_zone_and_ends_before_starts_are_refused():
    with pytest.raises(ValueError, match="time zone"):
        fix(datetime(2026, 11, 24))  # noqa: DTZ001
    with pytest.raises(ValueError, match="before"):
        Stretch(started_at=END, ended_at=START)


@given(st.floats(-179, 179), st.floats(-80, 80))
def test_a_point_lies_in_its_square_and_the_square_is_500_metres_wide(lon, lat):
    west, south, east, north = cell_corners(cell_of(lon, lat))
    assert west - 1e-9 <= lon <= east + 1e-9
    assert south - 1e-9 <= lat <= north + 1e-9
    width = (east - west) * 111_320 * math.cos(math.radians((south + north) / 2))
    assert abs(width - CELL_M) < 1
    assert cell_of(lon, lat) in cells_within(lon - 0.001, lat - 0.001, lon + 0.001, lat + 0.001)


def test_too_few_squares_or_days_are_as_silent_as_none():
    assert coarse_share(FEWEST_CELLS, 10, days=FEWEST_DAYS) == 50
    assert coarse_share(FEWEST_CELLS - 1, 10, days=FEWEST_DAYS) is None
    assert coarse_share(FEWEST_CELLS, 10, days=FEWEST_DAYS - 1) is None
    assert coarse_share(0, 10, days=0) is None
    assert coarse_share(5, 0, days=9) is None


@given(st.integers(FEWEST_CELLS, 500), st.integers(1, 400))
def test_a_share_is_coarse_and_never_more_than_everything(touched, whole):
    share = coarse_share(touched, whole, days=FEWEST_DAYS)
    assert share % 10 == 0
    assert 0 <= share <= 100


def test_the_length_of_a_stretch_is_in_metres():
    fixes = [fix(START), fix(START, lat=25.001), fix(START, lat=25.001, lon=115.001)]
    assert abs(length_m(fixes) - (111.2 + 100.8)) < 1
    assert length_m([]) == 0

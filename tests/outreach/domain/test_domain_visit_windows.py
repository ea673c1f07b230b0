from __future__ import annotations

from datetime import time
from itertools import pairwise

import pytest

from outreach.domain.enterprises import Industry
from outreach.domain.visit_windows import WELCOME_HOURS, TimeWindow

LUNCH = TimeWindow(opens=time(12), closes=time(14))


@pytest.mark.parametrize(("opens", "closes"), [((9, 0), (9, 0)), ((10, 0), (9, 0))])
def test_a_window_opens_before_it_closes(opens, closes):
    with pytest.raises(ValueError, match="must open before it closes"):
        TimeWindow(opens=time(*opens), closes=time(*closes))


def test_a_window_of_one_minute_is_a_window():
    assert TimeWindow(opens=time(9), closes=time(9, 1)).closes == time(9, 1)


def test_every_industry_has_hours():
    assert set(WELCOME_HOURS) == set(Industry)


@pytest.mark.parametrize("industry", list(Industry))
def test_windows_touch_lunch_at_most_and_never_reach_into_it(industry):
    for window in WELCOME_HOURS[industry]:
        assert window.closes <= LUNCH.opens or window.opens >= LUNCH.closes


@pytest.mark.parametrize("industry", list(Industry))
def test_windows_follow_each_other_within_the_hours_of_visits(industry):
    windows = WELCOME_HOURS[industry]
    early = time(8) if industry in {Industry.CONSTRUCTION, Industry.FARM} else time(8, 30)
    assert early <= windows[0].opens
    assert windows[-1].closes <= time(18)
    assert all(a.closes < b.opens for a, b in pairwise(windows))


def test_the_courier_closes_where_lunch_opens_and_the_restaurant_opens_where_it_ends():
    assert WELCOME_HOURS[Industry.COURIER][0].closes == LUNCH.opens
    assert WELCOME_HOURS[Industry.RESTAURANT][1].opens == LUNCH.closes

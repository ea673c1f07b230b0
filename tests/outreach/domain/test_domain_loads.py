from __future__ import annotations

import pytest

from outreach.domain.enterprises import Industry
from outreach.domain.loads import (
    GridLoad,
    estimate_travel_minutes,
    free_week,
    stretch_interval,
    waits_longer,
    weigh_grid,
)
from outreach.domain.plans import Candidate, PlanRule, VisitPurpose, case_value, visit_prize

METRE = 1 / 111_195
OFFICE = (115.0, 25.0)
RULE = PlanRule()


def firm(number, *, purpose=VisitPurpose.REFRESH, since=40, north_m=0.0, case=None):
    return Candidate(
        enterprise_id=number,
        name=f"{number}",
        purpose=purpose,
        lon=115.0,
        lat=25.0 + north_m * METRE,
        industry=Industry.OFFICE,
        employees=5,
        days_since_visit=since,
        case_due_days=case,
    )


def test_the_way_is_out_and_back_and_from_each_firm_to_the_next():
    known = {"outings": 1, "speed_kmh": 6.0, "detour_factor": 1.0}
    assert estimate_travel_minutes(OFFICE, [], **known) == 0
    one = [(115.0, 25.0 + 1000 * METRE)]
    assert estimate_travel_minutes(OFFICE, one, **known) == pytest.approx(20, abs=0.1)
    two = [*one, (115.0, 25.0 + 1100 * METRE)]
    assert estimate_travel_minutes(OFFICE, two, **known) == pytest.approx(24, abs=0.1)


def test_a_grid_within_its_time_says_nothing_and_keeps_its_interval():
    load = weigh_grid([firm(n) for n in range(28)], OFFICE, days=1, rule=RULE)
    assert (load.due_minutes, load.available_minutes) == (420, 420)
    assert (load.is_over, load.sentence, load.refresh_days) == (False, None, 30)


def test_a_grid_over_its_time_says_how_many_grid_workers_it_needs():
    load = weigh_grid([firm(n) for n in range(39)], OFFICE, days=1, rule=RULE)
    assert load.sentence.in_chinese() == "这个网格需要 1.4 个网格员"
    assert load.refresh_days == 42


@pytest.mark.parametrize(("due", "days"), [(100, 30), (101, 31), (150, 45), (300, 90), (900, 90)])
def test_the_interval_stretches_in_proportion_up_to_three_times(due, days):
    assert stretch_interval(30, due=due, available=100) == days


@pytest.mark.parametrize(
    ("due", "shown", "over"), [(1000, 1.0, False), (1049, 1.0, False), (1051, 1.1, True)]
)
def test_a_grid_is_over_when_the_number_shown_is_above_one(due, shown, over):
    load = GridLoad(due_minutes=due, available_minutes=1000, refresh_days=30)
    assert (load.grid_workers, load.is_over, load.sentence is not None) == (shown, over, over)


def test_a_grid_without_anything_due_has_all_its_days_free():
    load = free_week(days=4, rule=RULE)
    assert (load.due_minutes, load.available_minutes, load.is_over) == (0, 4 * 420, False)


def test_a_grid_without_any_time_is_not_divided_by_it():
    load = GridLoad(due_minutes=10, available_minutes=0, refresh_days=30)
    assert (load.grid_workers, load.sentence) == (0.0, None)
    assert stretch_interval(30, due=10, available=0) == 30


@pytest.mark.parametrize(("since", "waits"), [(41, True), (42, False), (None, False)])
def test_only_a_refresh_within_the_stretched_interval_waits(since, waits):
    load = GridLoad(due_minutes=14, available_minutes=10, refresh_days=42)
    assert waits_longer(firm(1, since=since), load) is waits
    assert not waits_longer(firm(1, since=since, purpose=VisitPurpose.ORGANISE), load)


@pytest.mark.parametrize(
    ("days", "value"), [(None, 0), (7, 1800), (6, 5400), (0, 5400), (-1, 9000)]
)
def test_a_case_is_worth_more_the_nearer_its_deadline(days, value):
    assert case_value(days) == value
    assert visit_prize(firm(1, purpose=VisitPurpose.SERVE, case=days), RULE) == value


def test_a_case_never_makes_a_visit_worth_less():
    plain = firm(1, purpose=VisitPurpose.ORGANISE, since=None)
    asked = firm(1, purpose=VisitPurpose.ORGANISE, since=None, case=20)
    assert visit_prize(asked, RULE) == visit_prize(plain, RULE)

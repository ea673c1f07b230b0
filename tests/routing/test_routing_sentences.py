from dataclasses import replace

import pytest
from made_up_problems import HOUR, make_problem, make_shift, make_stop

from routing import (
    LeftOutReason,
    explain,
    price,
    solve,
    why_not,
    why_this_day,
    why_this_firm,
    why_this_place,
)
from routing.explain import OtherDay


def terms_of(problem, stop_id="shop"):
    plan = solve(problem, iteration_limit=20)
    return {each.id: each for each in explain(problem, plan).planned}[stop_id]


def test_a_planned_stop_tells_its_worth_and_its_way():
    terms = terms_of(make_problem())
    assert why_this_firm(terms) == "值得为它多花 83 分钟路程，实际只多花 20 分钟"
    assert why_this_firm(replace(terms, required=True)).endswith("必须走访；路上多花 20 分钟")
    assert why_this_firm(replace(terms, worth_travel_s=None)) == "路上多花 20 分钟"
    assert why_this_firm(replace(terms, added_travel_s=0)) == "顺路，路上不多花时间"


def test_the_day_is_told_by_what_the_next_best_day_costs():
    assert why_this_day(terms_of(make_problem())) == "其他日子排满了或不开门"
    tue = make_shift("tue", day=1, start_s=33 * HOUR, end_s=41 * HOUR)
    always = ((0, 48 * HOUR),)
    stops = [make_stop(f"shop{i}", location=i, windows=always) for i in (1, 2, 3)]
    terms = terms_of(make_problem([make_shift(), tue], stops), "shop1")
    assert terms.other_day == OtherDay(shift=terms.other_day.shift, more_travel_s=1200)
    assert why_this_day(terms, {"mon": "周一", "tue": "周二"}.get).endswith("，路上要多花 20 分钟")
    same = replace(terms, other_day=OtherDay(shift="tue", more_travel_s=0))
    assert why_this_day(same) == "改到tue也可以，路上不多花时间"


def test_the_place_is_told_by_what_another_place_costs():
    stops = [make_stop(f"shop{i}", location=i) for i in (1, 3)]
    terms = terms_of(make_problem(stops=stops), "shop1")
    assert terms.other_place_s == 0
    assert why_this_place(terms).startswith("换个次序，路上时间一样；晚到 ")
    assert why_this_place(replace(terms, other_place_s=61)).startswith(
        "换个次序，路上至少多花 2 分钟"
    )
    assert why_this_place(replace(terms, slack_s=59)).endswith("；不能晚到，否则后面来不及")
    assert "晚到 1 分钟以内" in why_this_place(replace(terms, slack_s=60))
    alone = terms_of(make_problem())
    assert why_this_place(alone).startswith("当天只有排在这里来得及")


def test_a_left_out_stop_tells_what_would_change():
    long = make_stop("long", service_s=6 * HOUR, prize=9000)
    other = make_stop("other", service_s=4 * HOUR, location=2)
    closed = make_stop("closed", windows=((0, 1),))
    problem = make_problem(stops=[long, other, closed])
    plan = solve(problem, iteration_limit=20)
    found = price(problem, plan, "other")
    assert why_not(found, {"long": "长风厂"}.get) == "排进去路上要多花 20 分钟，要挤出长风厂"
    assert why_not(replace(found, added_travel_s=-90, pulled_in=("a", "b"))) == (
        "排进去路上少花 2 分钟，要挤出long，可换入a、b"
    )
    assert why_not(replace(found, added_travel_s=0, pushed_out=())) == "排进去路上不多花时间"
    shut = price(problem, plan, "closed")
    assert why_not(shut) == f"排不进：{LeftOutReason.NEVER_OPEN.label}"


@pytest.mark.parametrize(("seconds", "minutes"), [(0, 0), (1, 1), (60, 1), (61, 2), (-61, -2)])
def test_minutes_are_rounded_away_from_zero(seconds, minutes):
    problem = make_problem(stops=[make_stop(), make_stop("poor", location=5, prize=0)])
    found = price(problem, solve(problem, iteration_limit=5), "poor")
    assert replace(found, added_travel_s=seconds).added_minutes == minutes

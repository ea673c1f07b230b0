from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import factories as f
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.domain.plans import PlanRule, TravelMode
from outreach.domain.visit_windows import TimeWindow
from outreach.domain.weights import MOST, PlanWeights, Preset
from outreach.errors import InvalidInput
from outreach.services.planning.plan_rows import read_places
from outreach.services.planning.plans import plan_week, rule_from_json, rule_to_json
from outreach.services.planning.rule_files import RuleFile, read_rule, write_rule

percent = st.integers(0, MOST)
RULES = st.builds(
    PlanRule,
    shift_start=st.sampled_from([time(8), time(8, 30)]),
    lunch=st.just(TimeWindow(opens=time(11, 30), closes=time(13, 45))),
    most_stops_a_day=st.integers(1, 30),
    travel_mode=st.sampled_from(TravelMode),
    detour_factor=st.floats(1.0, 3.0),
    seconds_per_grid=st.floats(0.05, 600.0),
    iterations_per_grid=st.integers(0, 10_000),
    weights=st.builds(PlanWeights, organise=percent, size=percent, travel=st.integers(25, MOST)),
)


@given(rule=RULES, name=st.text(max_size=60))
def test_what_is_written_is_read_back_whatever_the_name_holds(rule, name):
    clean = name.encode("utf-8", "ignore").decode("utf-8")
    clean = "".join(c for c in clean if ord(c) < 0x10000)
    file = RuleFile(week=date(2026, 11, 23), name=clean, rule=rule)
    assert read_rule(write_rule(file), "a.toml") == file
    assert rule_from_json(rule_to_json(rule)) == rule


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("week = ", "读不了"),
        ("week = 2026-11-23\n", "不是计划的参数文件"),
        ("week = 2026-11-23\nextra = 1\n[plan]\n", "不是计划的参数文件"),
        ("week = 2026-11-24\n[plan]\n", "要是一个周一"),
        ("week = 'soon'\n[plan]\n", "要是一个周一"),
        ("week = 2026-11-23\n[plan]\nspeed = 3\n", "plan.speed"),
        ("week = 2026-11-23\n[plan.weights]\norganise = 401\n", "must be a whole number"),
        ("week = 2026-11-23\n[plan.weights]\ncharm = 100\n", "设置有误"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(text, said):
    with pytest.raises(InvalidInput, match=said):
        read_rule(text, "甲.toml")


def test_a_plan_from_before_there_were_weights_has_the_usual_ones():
    stored = rule_to_json(PlanRule())
    del stored["weights"], stored["iterations_per_grid"]
    assert rule_from_json(stored) == PlanRule()


def test_the_same_file_makes_the_same_plan_again(session, tmp_path):
    rows = [
        f.firm(n, name=f"第{n}号家具厂", employees=str(40 + n), address=f"东风镇幸福路{n + 1}号")
        for n in range(12)
    ]
    district = f.make_district(session, tmp_path / "files", market=rows)
    rule = PlanRule(iterations_per_grid=50, most_stops_a_day=2, weights=Preset.SHORT_WAYS.weights)
    text = write_rule(RuleFile(week=f.MONDAY, name="少跑路", rule=rule))
    known = {"district_id": district.id, "now": f.NOW, "processes": 1}
    first = plan_week(session, week=f.MONDAY, rule=rule, **known)
    read = read_rule(text, "少跑路.toml")
    second = plan_week(session, week=read.week, rule=read.rule, **known)
    assert read_places(session, first.plan_id) == read_places(session, second.plan_id)
    other = plan_week(session, week=read.week, rule=replace(rule, seed=2), **known)
    assert len(read_places(session, other.plan_id)) == len(read_places(session, first.plan_id))

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.domain.enterprises import UnionStatus
from outreach.domain.formations import Stage, make_funnel, stage_of
from outreach.domain.visits import UnionFinding

NONE = UnionStatus.NONE


@pytest.mark.parametrize(
    ("union", "finding", "is_visited", "members", "stage"),
    [
        (NONE, None, False, None, Stage.UNTOUCHED),
        (NONE, None, True, None, Stage.VISITED),
        (NONE, UnionFinding.NONE, True, None, Stage.VISITED),
        (NONE, UnionFinding.WILLING, True, None, Stage.WILLING),
        (NONE, UnionFinding.PREPARING, True, None, Stage.PREPARING),
        (UnionStatus.OWN, UnionFinding.WILLING, True, None, Stage.FOUNDED),
        (UnionStatus.OWN, None, False, 0, Stage.FOUNDED),
        (UnionStatus.OWN, None, False, 1, Stage.JOINED),
        (UnionStatus.JOINT, None, False, 30, Stage.JOINED),
    ],
)
def test_a_firm_stands_where_its_file_and_its_last_visit_say(
    union, finding, is_visited, members, stage
):
    assert stage_of(union, finding=finding, is_visited=is_visited, members=members) is stage


def test_a_union_that_only_a_visit_speaks_of_is_not_founded_before_the_file_agrees():
    stage = stage_of(NONE, finding=UnionFinding.FOUNDED, is_visited=True, members=None)
    assert stage is Stage.VISITED


@given(st.fixed_dictionaries({}, optional={stage: st.integers(0, 10**6) for stage in Stage}))
def test_a_funnel_never_widens_and_loses_nobody(counts):
    steps = make_funnel(counts)
    assert [step.stage for step in steps] == list(Stage)
    assert steps[0].reached == sum(counts.values())
    for step, further in itertools.pairwise(steps):
        assert step.reached == step.here + further.reached
    assert steps[-1].reached == steps[-1].here

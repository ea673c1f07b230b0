from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.domain.differences import mark_differences
from outreach.domain.judgements import (
    DoubtReason,
    JudgedPair,
    QuestionState,
    Situation,
    Stake,
    Verdict,
    agree,
    distance,
    priority,
    question_state,
)
from outreach.domain.waterfalls import make_waterfall


def stake(*, line=False, union=False, left=1, right=1):
    return Stake(flips_line=line, flips_union=union, left_rows=left, right_rows=right)


def situation(*, verdict=None, together=False, codes_differ=False, apart=False):
    return Situation(verdict=verdict, together=together, codes_differ=codes_differ, apart=apart)


def test_the_closer_to_the_threshold_the_earlier_a_pair_is_asked():
    near, far = (priority(distance(DoubtReason.BELOW, w, 0.0), stake()) for w in (-0.5, -3.0))
    assert near > far > 0


def test_an_answer_that_flips_the_line_or_the_union_is_asked_earlier():
    plain, line, both = (
        priority(0.0, one) for one in (stake(), stake(line=True), stake(line=True, union=True))
    )
    assert plain < line < both


def test_the_more_rows_would_move_the_earlier_a_pair_is_asked():
    assert priority(0.0, stake(left=3, right=2)) == 6 * priority(0.0, stake())


@pytest.mark.parametrize("reason", [DoubtReason.RIVALS, DoubtReason.CODES, DoubtReason.PARENT_CODE])
def test_what_the_threshold_does_not_decide_is_open_however_much_it_weighs(reason):
    assert distance(reason, 40.0, 0.0) == 0.0


def test_two_rows_of_one_list_need_much_to_be_asked_early():
    heavy, light = (distance(DoubtReason.LISTED_TWICE, w, 0.0) for w in (30.0, 0.5))
    assert 0 < heavy < light


def judged(left, right, verdict):
    return JudgedPair(left=left, right=right, verdict=verdict)


def test_same_along_a_chain_and_different_at_its_ends_contradict_each_other():
    chain = [judged(1, 2, Verdict.SAME), judged(2, 3, Verdict.SAME)]
    assert agree([*chain, judged(3, 4, Verdict.DIFFERENT)])
    assert not agree([*chain, judged(3, 1, Verdict.DIFFERENT)])
    assert agree([*chain, judged(3, 1, Verdict.LATER)])


def test_an_answered_question_is_decided_and_one_put_off_is_later():
    for verdict, state in (
        (Verdict.SAME, QuestionState.DECIDED),
        (Verdict.DIFFERENT, QuestionState.DECIDED),
        (Verdict.LATER, QuestionState.LATER),
    ):
        assert question_state(DoubtReason.RIVALS, situation(verdict=verdict)) is state


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (situation(), QuestionState.OPEN),
        (situation(together=True), QuestionState.MOOT),
        (situation(codes_differ=True), QuestionState.MOOT),
        (situation(apart=True), QuestionState.MOOT),
    ],
)
def test_a_question_that_other_answers_settled_is_not_asked(now, state):
    assert question_state(DoubtReason.RIVALS, now) is state


def test_different_codes_do_not_settle_a_question_about_codes():
    assert question_state(DoubtReason.CODES, situation(codes_differ=True)) is QuestionState.OPEN


def test_a_weak_join_is_asked_about_while_it_stands():
    assert question_state(DoubtReason.WEAK, situation(together=True)) is QuestionState.OPEN
    assert question_state(DoubtReason.WEAK, situation()) is QuestionState.MOOT


def test_the_differing_part_of_two_names_is_marked():
    one, two = mark_differences("金禾食品有限公司", "金和食品有限公司")
    assert [(part.text, part.differs) for part in one] == [
        ("金", False),
        ("禾", True),
        ("食品有限公司", False),
    ]
    assert [part.text for part in two if part.differs] == ["和"]


def test_what_is_absent_on_one_side_is_not_marked():
    one, two = mark_differences("金禾", "")
    assert [(part.text, part.differs) for part in one] == [("金禾", False)]
    assert two == ()


@given(st.text(max_size=20), st.text(max_size=20))
def test_the_parts_give_the_texts_back(left, right):
    one, two = mark_differences(left, right)
    assert "".join(part.text for part in one) == left
    assert "".join(part.text for part in two) == right
    if left and right:
        agreeing = ["".join(p.text for p in parts if not p.differs) for parts in (one, two)]
        assert agreeing[0] == agreeing[1]


def test_a_waterfall_goes_from_the_start_by_each_finding_to_the_weight():
    fall = make_waterfall(2.0, [("名称核心相同", 9.0), ("镇街不同", -1.0)], threshold=0.0)
    assert [(step.start, step.total) for step in fall.steps] == [
        (0.0, -6.0),
        (-6.0, 3.0),
        (3.0, 2.0),
    ]
    assert (fall.total, fall.reaches, fall.lowest, fall.highest) == (2.0, True, -6.0, 3.0)


@pytest.mark.parametrize(("weight", "reaches"), [(0.0, True), (-0.01, False)])
def test_the_threshold_itself_is_reached(weight, reaches):
    assert make_waterfall(weight, [], threshold=0.0).reaches is reaches


def test_every_word_has_a_label():
    for one in (*DoubtReason, *Verdict, *QuestionState):
        assert one.label
    assert all(reason.explanation for reason in DoubtReason)

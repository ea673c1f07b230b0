from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.fusion.names import NameParts, Regions, split_name, strip_union_tail, tidy_name

REGIONS = Regions.of("云岭省", "清江市", "东风区")


def labelled_pairs():
    """Made-up pairs of names; each line says what it shows."""
    path = Path(__file__).with_name("name_pairs.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return [pytest.param(*row, id=f"{row[3]}: {row[0]}") for row in list(csv.reader(file))[1:]]


@pytest.mark.parametrize(("one", "other", "verdict", "shows"), labelled_pairs())
def test_labelled_pairs_of_names_are_told_apart(one, other, verdict, shows):
    assert verdict in {"same", "different"}
    same = split_name(one, REGIONS) == split_name(other, REGIONS)
    assert same is (verdict == "same"), shows


def test_there_are_enough_pairs_of_either_kind():
    verdicts = [parameter.values[2] for parameter in labelled_pairs()]
    assert len(verdicts) >= 80
    assert verdicts.count("different") >= 20


def test_a_name_has_a_core_a_branch_and_a_form():
    parts = split_name("云岭省清江市东风区金禾食品有限公司白塔营业部", REGIONS)
    assert (parts.core, parts.branch, parts.form) == ("金禾食品", "白塔营业部", "有限公司")


def test_the_form_is_known_but_not_compared():
    assert NameParts(core="金禾", branch="", form="有限公司") == NameParts(core="金禾", branch="")
    assert len({split_name("金禾有限公司", REGIONS), split_name("金禾", REGIONS)}) == 1


@pytest.mark.parametrize("name", ["***", "。。", " ", "()"])
def test_a_name_of_marks_alone_has_no_core_letters(name):
    assert not any(character.isalnum() for character in split_name(name, REGIONS).core)


@pytest.mark.parametrize("name", ["工会", "清江", "东风区", "有限公司", "清江市东风区"])
def test_a_name_is_never_stripped_to_nothing(name):
    assert split_name(name, REGIONS).core


def test_regions_know_their_short_forms_and_the_county_that_became_a_district():
    assert set(REGIONS.words) == {"云岭省", "云岭", "清江市", "清江", "东风区", "东风", "东风县"}
    assert Regions.of("", "赤县").words == ("赤县",)


def test_the_longest_region_word_comes_first():
    assert Regions.of("清江市").words == ("清江市", "清江")


@pytest.mark.parametrize(
    ("name", "employer"),
    [
        ("青松纺织有限公司工会", "青松纺织有限公司"),
        ("青松工会委员会", "青松"),
        ("工会", "工会"),
        ("青松公司", "青松公司"),
    ],
)
def test_a_unions_name_without_its_tail_is_the_employers(name, employer):
    assert strip_union_tail(name) == employer


PIECES = st.sampled_from(
    [
        "云岭省",
        "清江市",
        "东风",
        "金禾",
        "食品",
        "有限公司",
        "（筹）",
        "(个体",
        ")",
        "工会委员会",
        "-补",
        "－",
        "Ａa",
        " ",
        "·",
        "國",
        "第一分公司",
        "【新】",
        "原",
        "ß",
        "ﬁ",
    ]
)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=8).map("".join))
def test_tidying_a_name_twice_changes_nothing_more(name):
    assert tidy_name(tidy_name(name)) == tidy_name(name)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=8).map("".join))
def test_a_name_and_its_tidy_form_have_the_same_parts(name):
    assert split_name(tidy_name(name), REGIONS) == split_name(name, REGIONS)

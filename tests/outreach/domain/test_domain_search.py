from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.domain.search import (
    Searchable,
    looks_like_phone,
    parse_query,
    phone_numbers,
    plain,
)

FIRM = Searchable.of(
    name="赣州市鑫源贸易有限公司（赣县）",
    address="梅林镇红金大道 88 号 A座",
    initials="GZSXYMYYXGSGX",
    code="91360704MA00000152",
    phone="0797-4441234;13800138000",
)


def finds(text, *, by_phone=False):
    terms = parse_query(text, by_phone=by_phone)
    grams = FIRM.grams()
    matched = bool(terms) and all(term.matches(FIRM) for term in terms)
    held = all(any(a <= grams for a in term.alternatives()) for term in terms)
    assert not matched or held, "a firm that matches must be among the candidates"
    return matched


@pytest.mark.parametrize(
    "text",
    [
        "鑫源",
        "源贸易",
        "xymy",
        "GZSXY",
        "91360704MA00000152",
        "00000152",
        "ma00",
        "红金大道88",
        "红金大道 鑫源",
        "ａ座",
        "鑫源 88号",
        "(赣县)",
    ],
)
def test_a_firm_is_found_by_parts_of_name_initials_code_and_address(text):
    assert finds(text)


@pytest.mark.parametrize("text", ["源鑫", "鑫源 没有", "yx贸易x", "152", "91360705"])
def test_what_the_firm_does_not_hold_does_not_find_it(text):
    assert not finds(text)


def test_a_whole_number_finds_the_firm_and_a_part_of_it_never_does():
    assert finds("138 0013 8000", by_phone=True)
    assert finds("+86 13800138000", by_phone=True)
    assert finds("07974441234", by_phone=True)
    assert not finds("1380013800", by_phone=True)
    assert not finds("3800138000", by_phone=True)


def test_a_number_finds_nothing_unless_numbers_are_asked_for():
    assert not finds("13800138000")
    assert not finds("138")


def test_single_characters_and_nothing_are_no_query():
    assert parse_query("鑫") == ()
    assert parse_query(" , ") == ()
    assert len(parse_query("a b cc 鑫 源 dd")) == 2


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("13800138000", True),
        ("138-0013-8000", True),
        ("(0797) 4441234", True),
        ("444123", False),
        ("4441234", True),
        ("1234567890123", False),
        ("13800138000 13900139000", False),
        ("鑫源13800138000", False),
        ("MA13800138000", False),
    ],
)
def test_a_text_of_seven_to_twelve_digits_is_taken_for_a_number(text, is_one):
    assert looks_like_phone(text) is is_one


def test_several_numbers_of_a_field_are_told_apart():
    assert phone_numbers("0797-4441234;+86 13800138000") >= {"07974441234"}
    assert phone_numbers("无") == frozenset()


TEXTS = st.text(alphabet="鑫源贸易有限公司红金大道0123ABab ()", max_size=20)


@given(TEXTS, TEXTS, TEXTS)
def test_whatever_matches_is_among_the_candidates(name, address, typed):
    firm = Searchable.of(name=name, address=address, initials="", code="", phone="")
    grams = firm.grams()
    for term in parse_query(typed):
        if term.matches(firm):
            assert any(alternative <= grams for alternative in term.alternatives())


@given(st.text(max_size=30))
def test_making_plain_twice_changes_nothing_more(text):
    assert plain(plain(text)) == plain(text)

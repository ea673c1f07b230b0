"""Check digits against the vectors of the data sheet, and codes that a mint makes."""

from __future__ import annotations

import random

import pytest

from outreach.demo.identifiers import (
    CodeMint,
    is_uscc,
    organisation_check,
    registration_check,
    uscc_check,
)

VECTORS = [
    ("91360704000000019B", "000000019"),
    ("91360704MA00000152", "MA0000015"),
    ("9136070400000006XE", "00000006X"),
    ("91360704000000190D", "000000190"),
    ("92360704MA00000A9L", "MA00000A9"),
    ("52360704MJ0000018W", "MJ0000018"),
    ("N2360704MF0000013M", "MF0000013"),
    ("81360704MC0000012X", "MC0000012"),
]


@pytest.mark.parametrize(("uscc", "organisation"), VECTORS)
def test_known_codes_have_the_check_characters_that_we_compute(uscc: str, organisation: str):
    assert uscc_check(uscc[:17]) == uscc[17]
    assert organisation_check(organisation[:8]) == organisation[8]
    assert uscc[8:17] == organisation
    assert is_uscc(uscc)


@pytest.mark.parametrize(
    "code",
    [
        "913607040000001900",
        "91360704000000019C",
        "91360704000000018B",
        "9136070400000001",
        "91360704OOOOOOO19B",
    ],
)
def test_codes_with_one_fault_are_refused(code: str):
    assert not is_uscc(code)


def test_the_registration_check_is_iso_7064_mod_11_10():
    assert registration_check("79462") == "3"
    assert registration_check("00200667308") == "5"
    number = "11000001234567" + registration_check("11000001234567")
    carry = 10
    for digit in number[:-1]:
        carry = ((carry + int(digit)) % 10 or 10) * 2 % 11
    assert (carry + int(number[-1])) % 10 == 1


def test_a_mint_never_makes_the_same_code_twice():
    mint = CodeMint(random.Random(1), adcode="369901", former_adcode="369921")
    codes = [mint.make_uscc("91", old=number % 2 == 0) for number in range(3000)]
    assert all(is_uscc(code) for code in codes)
    assert len({code[8:17] for code in codes}) == len(codes)


def test_old_codes_are_digits_and_most_carry_the_county_of_old():
    mint = CodeMint(random.Random(1), adcode="369901", former_adcode="369921")
    codes = [mint.make_uscc("91", old=True) for _ in range(200)]
    assert all(code[8:16].isdigit() for code in codes)
    assert sum(code[2:8] == "369921" for code in codes) > 120


def test_registration_numbers_have_fifteen_digits_and_the_right_last_one():
    mint = CodeMint(random.Random(1), adcode="369901", former_adcode="369921")
    for _ in range(100):
        number = mint.make_registration()
        assert len(number) == 15
        assert registration_check(number[:14]) == number[14]

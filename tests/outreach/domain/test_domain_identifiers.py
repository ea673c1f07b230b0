from __future__ import annotations

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from outreach.domain.identifiers import (
    USCC_ALPHABET,
    CreditCode,
    Repair,
    hide_personal_ids,
    is_personal_id,
    looks_scientific,
    org_code_is_valid,
    parse_org_code,
    parse_reg_no,
    parse_tax_number,
    parse_uscc,
    reg_no_is_valid,
    tidy,
    uscc_is_valid,
)

# Made up for tests; both check characters are right.
VECTORS = [
    ("91360704000000019B", "000000019", "360704000000019"),
    ("91360704MA00000152", "MA0000015", "360704MA0000015"),
    ("9136070400000006XE", "00000006X", "36070400000006X"),
    ("91360704000000190D", "000000190", "360704000000190"),
    ("92360704MA00000A9L", "MA00000A9", "360704MA00000A9"),
    ("52360704MJ0000018W", "MJ0000018", "360704MJ0000018"),
    ("N2360704MF0000013M", "MF0000013", "360704MF0000013"),
    ("81360704MC0000012X", "MC0000012", "360704MC0000012"),
]
CODES = [code for code, _, _ in VECTORS]
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
PERSON = "110101199003074514"  # a made-up citizen's number whose own check character is right


@st.composite
def credit_codes(draw):
    """A valid code built from the standard's formulas, without the module under test."""
    head = draw(st.sampled_from(["91", "92", "93", "52", "51", "12", "N2", "81"]))
    area = draw(st.text("0123456789", min_size=6, max_size=6))
    body = draw(st.text(USCC_ALPHABET, min_size=8, max_size=8))
    total = sum(int(c, 36) * w for c, w in zip(body, ORG_WEIGHTS, strict=True))
    inner = {10: "X", 11: "0"}.get(11 - total % 11, str(11 - total % 11))
    code = head + area + body + inner
    total = sum(USCC_ALPHABET.index(c) * w for c, w in zip(code, WEIGHTS, strict=True))
    code += USCC_ALPHABET[(31 - total % 31) % 31]
    assume(not is_personal_id(code))
    return code


@pytest.mark.parametrize(("code", "org_code", "tax_number"), VECTORS)
def test_a_credit_code_contains_the_older_codes(code, org_code, tax_number):
    parsed = parse_uscc(code)
    assert parsed == CreditCode(code=code)
    assert (parsed.org_code, parsed.tax_number) == (org_code, tax_number)
    assert org_code_is_valid(org_code)


def test_a_wrong_check_character_of_the_whole_code_fails():
    assert uscc_is_valid("91360704000000190D")
    assert not uscc_is_valid("913607040000001900")
    assert parse_uscc("913607040000001900") is None


def test_a_code_whose_first_character_is_a_letter_is_as_good_as_any():
    assert parse_uscc("N2360704MF0000013M").code == "N2360704MF0000013M"


@pytest.mark.parametrize(("code", "union"), [(c, c.startswith("8")) for c in CODES])
def test_only_a_code_that_starts_with_8_is_a_unions_own(code, union):
    assert parse_uscc(code).is_union is union


@pytest.mark.parametrize(
    "written",
    [
        "91360704ma00000152",
        " 91360704 MA000001 52 ",
        "'91360704MA00000152",
        "\t91360704MA00000152",
        "９１３６０７０４ＭＡ００００0152",
        "91360704-MA000001-52",
        "91360704–MA000001—52",
        "91360704MA00000152\u200b",
        '"91360704MA00000152"',
    ],
)
def test_a_code_is_read_through_blanks_quotes_hyphens_case_and_width(written):
    assert parse_uscc(written) == CreditCode(code="91360704MA00000152")


@pytest.mark.parametrize(
    "written", ["9136O7O4MA00000152", "9I360704MA00000152", "91360704MAOOOOO1S2"]
)
def test_a_look_alike_is_mended_and_said_so(written):
    assert parse_uscc(written) == CreditCode(code="91360704MA00000152", repair=Repair.LOOKALIKE)


def test_a_look_alike_whose_mending_does_not_fit_the_checks_is_no_code():
    assert parse_uscc("9136O704MA00000153") is None


def test_a_lost_character_is_restored_only_when_one_answer_fits():
    whole = "91360704MA00000A9L".replace("MA00000A9L", "MAT0MY0H1J")
    assert uscc_is_valid(whole)
    answers = {parse_uscc(whole[:i] + whole[i + 1 :]) for i in range(18)} - {None}
    assert answers <= {CreditCode(code=whole, repair=Repair.LOST_CHARACTER)}
    assert parse_uscc("1360704MA00000152") is None  # 51, 52, 91 ... several would fit


@pytest.mark.parametrize(
    "text", ["", "无", "9136", "9" * 19, "330183******052356", "9136070400000001*B"]
)
def test_what_is_no_code_is_none(text):
    assert parse_uscc(text) is None


@settings(deadline=None)
@given(credit_codes())
def test_every_code_built_by_the_formulas_is_valid(code):
    assert parse_uscc(code) == CreditCode(code=code)


@settings(deadline=None)
@given(credit_codes(), st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
def test_one_wrong_character_never_makes_another_valid_code(code, place, character):
    assume(code[place] != character)
    parsed = parse_uscc(code[:place] + character + code[place + 1 :])
    assert parsed is None or parsed == CreditCode(code=code, repair=Repair.LOOKALIKE)


@settings(deadline=None)
@given(credit_codes(), st.integers(0, 17))
def test_a_lost_character_is_never_mended_to_two_answers(code, place):
    short = code[:place] + code[place + 1 :]
    fitting = {
        candidate
        for at in range(18)
        for character in USCC_ALPHABET
        if uscc_is_valid(candidate := short[:at] + character + short[at:])
    }
    parsed = parse_uscc(short)
    if parsed is not None:
        assert fitting == {parsed.code} == {code}


@settings(deadline=None)
@given(st.text(max_size=25))
def test_reading_a_code_twice_gives_the_same_code(text):
    parsed = parse_uscc(text)
    if parsed is not None:
        assert parse_uscc(parsed.code) == CreditCode(code=parsed.code)


@settings(deadline=None)
@given(st.text(alphabet="0９ａA-' \u200b.—", max_size=12))
def test_tidying_twice_changes_nothing_more(text):
    assert tidy(tidy(text)) == tidy(text)


@pytest.mark.parametrize(
    ("code", "valid"),
    [
        ("742183213", True),
        ("00000006X", True),
        ("742183214", False),
        ("7421832", False),
        ("74218321x", False),
    ],
)
def test_the_ninth_character_of_an_organisation_code_is_checked(code, valid):
    assert org_code_is_valid(code) is valid


def test_an_organisation_code_is_read_with_its_hyphen():
    assert parse_org_code("74218321-3") == "742183213"
    assert parse_org_code("74218321-4") is None


@pytest.mark.parametrize(
    ("code", "valid"),
    [
        ("360721551603806", True),
        ("360721551603807", False),
        ("36072155160380", False),
        ("٣٦٠٧٢١٥٥١٦٠٣٨٠٦", False),
    ],
)
def test_the_last_digit_of_a_registration_number_is_checked(code, valid):
    assert reg_no_is_valid(code) is valid
    assert (parse_reg_no(code) == code) is valid


def test_an_old_tax_number_ends_in_an_organisation_code():
    assert parse_tax_number("360704MA0000015") == "360704MA0000015"
    assert parse_tax_number("360704MA0000016") is None
    assert parse_tax_number("36O704MA0000015") is None
    assert parse_tax_number("360704MA000001") is None


def test_a_registration_number_is_never_taken_for_a_tax_number():
    both = next(
        number
        for tail in range(10**6)
        if reg_no_is_valid(number := f"360704{tail:09d}") and org_code_is_valid(number[6:])
    )
    assert parse_tax_number(both) is None


@pytest.mark.parametrize(
    "text", ["9.13E+17", "9.1360704E+17", "９.13Ｅ+17", "9E+17", " 9.13e17 ", "'9.13E+17"]
)
def test_scientific_notation_is_seen(text):
    assert looks_scientific(text)


@pytest.mark.parametrize(
    "text", ["91360704MA00000152", "00000001E12", "12E", "E17", "", "1.5", "MA00E+15"]
)
def test_what_only_holds_an_e_is_not_scientific(text):
    assert not looks_scientific(text)


@pytest.mark.parametrize(
    "text",
    [
        PERSON,
        PERSON.lower(),
        PERSON + "01",
        PERSON[:17],
        "110101 19900307 4514",
        "１１０１０１１９９００３０７４５１４",
    ],
)
def test_a_citizens_number_is_recognised_and_is_no_credit_code(text):
    assert is_personal_id(text)
    assert parse_uscc(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "110101199013074514",
        "110101199003324514",
        "110101180003074514",
        "91360704000000019B",
        "1101011990030745141",
    ],
)
def test_other_long_numbers_are_no_citizens_numbers(text):
    assert not is_personal_id(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"王小明 {PERSON}", "王小明 110101****14"),
        (f"王小明({PERSON})电话100", "王小明(110101****14)电话100"),
        ("110101 19900307 4514", "110101****14"),
        (f"{PERSON},{PERSON}", "110101****14,110101****14"),
        ("91360704MA00000152", "91360704MA00000152"),
        ("全角（东风）", "全角（东风）"),
        (f"流水号9{PERSON}77", f"流水号9{PERSON}77"),
    ],
)
def test_the_middle_of_a_citizens_number_is_hidden_wherever_it_stands(text, kept):
    assert hide_personal_ids(text) == kept


@settings(deadline=None)
@given(st.text(alphabet="0123456789Xx 王(", max_size=40))
@example(f"王{PERSON}")
def test_hiding_twice_changes_nothing_more(text):
    assert hide_personal_ids(hide_personal_ids(text)) == hide_personal_ids(text)


def test_a_code_that_passes_both_the_credit_and_the_citizens_checks_counts_as_a_person():
    """Privacy stands above one firm in a million."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    both = person_only = None
    for serial in range(200_000):
        area, order = divmod(serial, 1000)
        body = f"12{area:04d}19900307{order:03d}"
        total = sum(int(d) * w for d, w in zip(body, weights, strict=True))
        for last in "0123456789X":
            if uscc_is_valid(body + last):
                if "10X98765432"[total % 11] == last:
                    both = both or body + last
                else:
                    person_only = person_only or body + last
        if both and person_only:
            break
    assert is_personal_id(both)
    assert parse_uscc(both) is None
    assert parse_uscc(person_only) == CreditCode(code=person_only)

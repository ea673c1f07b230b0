from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.domain.issues import IssueKind
from outreach.domain.statements import Prop
from outreach.sources.values import (
    clean_text,
    fold_width,
    parse_count,
    parse_date,
    read_credit_code,
    read_older_code,
)

PERSON = "110101199003074514"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  东风  食品 ", "东风 食品"),
        ("'9136", "9136"),
        ("\t'9136\t", "9136"),
        ("\ufeff东风\u200b", "东风"),
        ("东\n风", "东 风"),
        ("O'Brien", "O'Brien"),
        ("\x00东风", "东风"),
    ],
)
def test_blanks_apostrophes_and_invisible_characters_go(text, cleaned):
    assert clean_text(text) == cleaned


@pytest.mark.parametrize(
    "word",
    [
        "",
        " ",
        "\\N",
        "\\n",
        "NULL",
        "null",
        "ＮＵＬＬ",
        "None",
        "NaN",
        "N/A",
        "#N/A",
        "#REF!",
        "-",
        "--",
        "—",
        "－",
        "/",
        "无",
        "暂无",
        "未知",
        "'-'",
    ],
)
def test_words_that_mean_nothing_are_empty(word):
    assert clean_text(word) == ""


@pytest.mark.parametrize("word", ["0", "无名食品", "N", "空港物流"])
def test_a_value_that_only_looks_empty_stays(word):
    assert clean_text(word) == word


@settings(deadline=None)
@given(st.text(alphabet=" '’`\t\n\u200b\ufeff-—N/A无ab东", max_size=12) | st.text(max_size=12))
def test_cleaning_twice_changes_nothing_more(text):
    assert clean_text(clean_text(text)) == clean_text(text)


def test_wide_letters_and_digits_become_narrow():
    assert fold_width("ＡＢＣ１２３（）") == "ABC123()"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2020-06-18", date(2020, 6, 18)),
        ("2020-6-18", date(2020, 6, 18)),
        ("2020/6/18", date(2020, 6, 18)),
        ("2020.6.18", date(2020, 6, 18)),
        ("2020年6月18日", date(2020, 6, 18)),
        ("２０２０－０６－１８", date(2020, 6, 18)),
        ("20200618", date(2020, 6, 18)),
        ("20200618103000", date(2020, 6, 18)),
        ("2006-5-8 0:00:00", date(2006, 5, 8)),
        ("2006-05-08T10:30:00.000Z", date(2006, 5, 8)),
        ("2006-05-08 10:30", date(2006, 5, 8)),
        ("201811", date(2018, 11, 30)),
        ("202402", date(2024, 2, 29)),
        ("2026-10", date(2026, 10, 31)),
        ("2026年2月", date(2026, 2, 28)),
        ("1900-01-01", date(1900, 1, 1)),
        ("2100-12-31", date(2100, 12, 31)),
    ],
)
def test_a_day_is_read_in_every_way_that_offices_write_it_and_a_month_is_its_last_day(text, day):
    assert parse_date(text) == day


@pytest.mark.parametrize("text", ["9999-9-9", "9999-12-31", "99991231", "9999年12月31日"])
def test_the_year_9999_means_no_end(text):
    assert parse_date(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "1899-12-31",
        "2101-01-01",
        "2020-13-01",
        "202013",
        "2020-02-30",
        "45078",
        "2020",
        "去年",
        "2020-6-188",
        "2020-06-18 abc",
        "18/06/2020",
        "",
    ],
)
def test_what_is_no_day_is_refused(text):
    with pytest.raises(ValueError, match=r"no date|outside|month|day"):
        parse_date(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("35", 35),
        ("0", 0),
        ("35.0", 35),
        ("约35人", 35),
        ("共 35 名", 35),
        ("３５", 35),
        ("1,234", 1234),
        ("1，234人", 1234),
        ("500000", 500_000),
        ("007", 7),
    ],
)
def test_a_number_of_people_is_read_through_its_words(text, count):
    assert parse_count(text) == count


@pytest.mark.parametrize(
    "text", ["500001", "-3", "12.5", "30-50", "三十五", "5,000000", "1,23", "35名职工", "", "1e3"]
)
def test_what_is_no_number_of_people_is_refused(text):
    with pytest.raises(ValueError, match="no number of people"):
        parse_count(text)


@settings(deadline=None)
@given(st.integers(0, 500_000))
def test_every_possible_headcount_is_read_back(count):
    assert parse_count(str(count)) == parse_count(f"约{count:,}人") == count


def read(text, *, is_union_column=False):
    return read_credit_code(text, is_union_column=is_union_column)


def test_a_valid_code_gives_no_finding():
    assert read("91360704000000019B") == ([(Prop.USCC, "91360704000000019B")], [])


def test_a_mended_code_is_used_and_noted():
    written = "9136O704000000019B"
    assert read(written) == (
        [(Prop.USCC, "91360704000000019B")],
        [(IssueKind.MENDED_CODE, written)],
    )


def test_a_unions_own_code_is_never_the_employers():
    code = "81360704MC0000012X"
    assert read(code) == ([(Prop.UNION_USCC, code)], [(IssueKind.UNION_CODE_AS_EMPLOYER, code)])
    assert read(code, is_union_column=True) == ([(Prop.UNION_USCC, code)], [])


def test_an_employers_code_in_the_unions_column_is_not_used():
    code = "91360704000000019B"
    assert read(code, is_union_column=True) == ([], [(IssueKind.BAD_CREDIT_CODE, code)])
    assert read("123", is_union_column=True) == ([], [(IssueKind.BAD_CREDIT_CODE, "123")])


def test_a_code_lost_to_scientific_notation_is_never_mended():
    assert read("9.13607E+17") == ([], [(IssueKind.SCIENTIFIC_NUMBER, "9.13607E+17")])
    assert read_older_code(Prop.REG_NO, "3.60721E+14") == (
        [],
        [(IssueKind.SCIENTIFIC_NUMBER, "3.60721E+14")],
    )


def test_older_codes_in_the_credit_code_column_are_told_by_their_own_checks():
    assert read("360721551603806") == ([(Prop.REG_NO, "360721551603806")], [])
    assert read("360704MA0000015") == ([(Prop.TAX_ID, "360704MA0000015")], [])
    assert read("74218321-3") == ([(Prop.ORG_CODE, "742183213")], [])


def test_of_a_broken_code_the_organisation_code_survives_when_its_own_check_fits():
    written = "91360704MA00000153"
    assert read(written) == ([(Prop.ORG_CODE, "MA0000015")], [(IssueKind.BAD_CREDIT_CODE, written)])
    broken = "91360704MA00000253"
    assert read(broken) == ([], [(IssueKind.BAD_CREDIT_CODE, broken)])


def test_of_a_broken_union_code_nothing_survives_as_the_employers():
    written = "81360704MC00000120"
    assert read(written) == ([], [(IssueKind.BAD_CREDIT_CODE, written)])


@pytest.mark.parametrize("prop", [Prop.ORG_CODE, Prop.TAX_ID, Prop.REG_NO])
def test_a_citizens_number_is_dropped_and_its_middle_hidden(prop):
    expected = ([], [(IssueKind.PERSONAL_ID, "110101****14")])
    assert read(PERSON) == read_older_code(prop, PERSON) == expected
    assert read(PERSON + "01") == ([], [(IssueKind.PERSONAL_ID, "110101****01")])


@pytest.mark.parametrize(
    ("prop", "kind"),
    [
        (Prop.ORG_CODE, IssueKind.BAD_ORG_CODE),
        (Prop.TAX_ID, IssueKind.BAD_TAX_NUMBER),
        (Prop.REG_NO, IssueKind.BAD_REG_NO),
    ],
)
def test_an_older_code_that_fits_no_check_says_which_code_it_should_have_been(prop, kind):
    assert read_older_code(prop, "123") == ([], [(kind, "123")])


def test_a_credit_code_in_an_older_codes_column_is_a_credit_code():
    assert read_older_code(Prop.TAX_ID, "91360704000000019B") == (
        [(Prop.USCC, "91360704000000019B")],
        [],
    )

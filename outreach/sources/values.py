"""Cells into cleaned values, with a finding for each that cannot be used."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import date

from outreach.domain import identifiers
from outreach.domain.headcounts import LARGEST_HEADCOUNT
from outreach.domain.issues import IssueKind
from outreach.domain.statements import Prop

_NULL_WORDS = frozenset(
    {
        "",
        "\\n",
        "null",
        "none",
        "nan",
        "n/a",
        "#n/a",
        "#ref!",
        "#value!",
        "#name?",
        "#null!",
        "#num!",
        "#div/0!",
        "-",
        "--",
        "—",
        "/",
        "无",
        "暂无",
        "空",
        "未知",
        "待定",
    }
)
LONGEST_VALUE = 500
"""Characters of one received value that is kept as a statement; the row keeps everything."""

_TIME = r"(?:[T\s]*[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?Z?)?"
_WRITTEN_DATE = re.compile(
    r"([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})(?:\s*[-/.月]\s*(?:([0-9]{1,2})\s*日?)?)?" + _TIME
)
_PACKED_DATE = re.compile(r"([0-9]{4})([0-9]{2})(?:([0-9]{2})(?:[0-9]{6})?)?")
_COUNT = re.compile(r"(?:约|共)?([0-9]{1,7}|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.0+)?(?:人|名)?")
_OPEN_END = 9999
_EARLIEST_YEAR, _LATEST_YEAR = 1900, 2100

Found = tuple[Prop, str]
Finding = tuple[IssueKind, str]


_INVISIBLE = re.compile(r"[\x00\u200b-\u200f\u2060\ufeff]")
_BLANKS = re.compile(r"\s+")
_OUTER = re.compile(r"^[\s'’`]+|[\s'’`]+$")


def clean_text(text: str) -> str:
    """Return the text without outer blanks and without the words that mean "nothing"."""
    visible = _INVISIBLE.sub("", text)
    stripped = _OUTER.sub("", _BLANKS.sub(" ", visible))
    return "" if fold_width(stripped).casefold() in _NULL_WORDS else stripped


def fold_width(text: str) -> str:
    """Return the text with full-width letters and digits made narrow (NFKC)."""
    return unicodedata.normalize("NFKC", text)


def parse_date(text: str) -> date | None:
    """Read a day or a month (its last day).

    `9999-9-9` and its like mean "no end" and give `None`.

    Raises
    ------
    ValueError
        When the text is no date between 1900 and 2100.
    """
    folded = fold_width(text).strip()
    match = _WRITTEN_DATE.fullmatch(folded) or _PACKED_DATE.fullmatch(folded)
    if not match:
        raise ValueError(f"{text!r}: no date")
    year, month, day = int(match[1]), int(match[2]), match[3]
    if year == _OPEN_END:
        return None
    if not _EARLIEST_YEAR <= year <= _LATEST_YEAR:
        raise ValueError(f"{text!r}: year {year} lies outside 1900-2100")
    return date(year, month, int(day) if day else monthrange(year, month)[1])


def parse_count(text: str) -> int:
    """Read a number of people.

    Raises
    ------
    ValueError
        When the text is no whole number from 0 to the largest plausible headcount.
    """
    match = _COUNT.fullmatch(re.sub(r"\s", "", fold_width(text)))
    number = int(match[1].replace(",", "")) if match else LARGEST_HEADCOUNT + 1
    if number > LARGEST_HEADCOUNT:
        raise ValueError(f"{text!r}: no number of people")
    return number


def read_credit_code(text: str, *, is_union_column: bool) -> tuple[list[Found], list[Finding]]:
    """Read a cell that should hold a unified social credit code.

    Offices also write older codes there; each is recognised by its own check digit.
    """
    if identifiers.looks_scientific(text):
        return [], [(IssueKind.SCIENTIFIC_NUMBER, text)]
    code = identifiers.parse_uscc(text)
    if code is not None:
        return _credit_code_found(code, text, is_union_column=is_union_column)
    if is_union_column:
        return [], [(IssueKind.BAD_CREDIT_CODE, text)]
    return _older_code_found(text)


def _credit_code_found(
    code: identifiers.CreditCode, text: str, *, is_union_column: bool
) -> tuple[list[Found], list[Finding]]:
    findings: list[Finding] = [(IssueKind.MENDED_CODE, text)] if code.repair else []
    if code.is_union:
        if not is_union_column:
            findings.append((IssueKind.UNION_CODE_AS_EMPLOYER, text))
        return [(Prop.UNION_USCC, code.code)], findings
    if is_union_column:
        return [], [*findings, (IssueKind.BAD_CREDIT_CODE, text)]
    return [(Prop.USCC, code.code)], findings


def _older_code_found(text: str) -> tuple[list[Found], list[Finding]]:
    tidied = identifiers.tidy(text)
    if identifiers.is_personal_id(text):
        return [], [(IssueKind.PERSONAL_ID, identifiers.hide_personal_ids(text))]
    if reg_no := identifiers.parse_reg_no(text):
        return [(Prop.REG_NO, reg_no)], []
    if tax_number := identifiers.parse_tax_number(text):
        return [(Prop.TAX_ID, tax_number)], []
    if org_code := identifiers.parse_org_code(text):
        return [(Prop.ORG_CODE, org_code)], []
    found: list[Found] = []
    employer = len(tidied) == 18 and not tidied.startswith("8")  # noqa: PLR2004
    if employer and identifiers.org_code_is_valid(tidied[8:17]):
        found.append((Prop.ORG_CODE, tidied[8:17]))
    return found, [(IssueKind.BAD_CREDIT_CODE, text)]


def read_older_code(prop: Prop, text: str) -> tuple[list[Found], list[Finding]]:
    """Read a cell that should hold an organisation code, a registration or an old tax number."""
    if identifiers.looks_scientific(text):
        return [], [(IssueKind.SCIENTIFIC_NUMBER, text)]
    found, findings = read_credit_code(text, is_union_column=False)
    if found:
        return found, findings
    if findings and findings[0][0] is IssueKind.PERSONAL_ID:
        return [], findings
    kind = {
        Prop.ORG_CODE: IssueKind.BAD_ORG_CODE,
        Prop.REG_NO: IssueKind.BAD_REG_NO,
        Prop.TAX_ID: IssueKind.BAD_TAX_NUMBER,
    }[prop]
    return [], [(kind, text)]

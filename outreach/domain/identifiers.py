"""Codes that identify a body, with their check digits, and what a code contains.

Rules: GB 32100-2015 (unified social credit code), GB 11714 (organisation code), ISO 7064 MOD 11,10
(15-digit registration number).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of GB 32100-2015: no I, O, S, V, Z."""

_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_USCC_VALUE = {character: value for value, character in enumerate(USCC_ALPHABET)}
_USCC_SHAPE = re.compile(rf"[1-9ANY][0-9A-Z][0-9]{{6}}[{USCC_ALPHABET}]{{10}}")
_BIRTH_DATE = r"(?:19|20)[0-9]{2}[\s-]?(?:0[1-9]|1[0-2])[\s-]?(?:0[1-9]|[12][0-9]|3[01])"
_PERSONAL_ID = re.compile(
    rf"(?<![0-9A-Za-z])[1-8][0-9]{{5}}[\s-]?{_BIRTH_DATE}[\s-]?[0-9]{{3}}(?:[0-9Xx](?:[0-9]{{2}})?)?"
    r"(?![0-9A-Za-z])"
)
"""A citizen's number, also one that lost its last character or carries a two-digit tax suffix."""

_PERSONAL_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "Z": "2", "S": "5", "V": "U"})
_LENGTHS = {"uscc": 18, "org": 9, "tax": 15}


class Repair(StrEnum):
    """What had to be done to a code before its check digits agreed."""

    LOOKALIKE = "lookalike"
    LOST_CHARACTER = "lost_character"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditCode:
    """A valid unified social credit code; `repair` says what was mended, if anything."""

    code: str
    repair: Repair | None = None

    @property
    def org_code(self) -> str:
        """The organisation code inside: characters 9 to 17."""
        return self.code[8:17]

    @property
    def tax_number(self) -> str:
        """The 15-character tax number used before the credit code: characters 3 to 17."""
        return self.code[2:17]

    @property
    def is_union(self) -> bool:
        """Whether the code belongs to a union itself and so never to the employer."""
        return self.code.startswith("8")


def tidy(text: str) -> str:
    """Return `text` as codes are compared: NFKC, upper case, without blanks, hyphens, quotes."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return re.sub(r"[\s\-–—'\"’‘`·._\u200b-\u200f\u2060\ufeff]", "", folded)


def org_code_is_valid(code: str) -> bool:
    """Check the ninth character of an organisation code (GB 11714)."""
    if not re.fullmatch(r"[0-9A-Z]{8}[0-9X]", code):
        return False
    total = sum(
        int(character, 36) * weight for character, weight in zip(code, _ORG_WEIGHTS, strict=False)
    )
    check = 11 - total % 11
    return code[8] == {10: "X", 11: "0"}.get(check, str(check))


def uscc_is_valid(code: str) -> bool:
    """Check both check characters of an 18-character credit code (GB 32100, GB 11714)."""
    if len(code) != _LENGTHS["uscc"] or not _USCC_SHAPE.fullmatch(code):
        return False
    if not set(code) <= _USCC_VALUE.keys():
        return False
    total = sum(
        _USCC_VALUE[character] * weight
        for character, weight in zip(code, _USCC_WEIGHTS, strict=False)
    )
    return USCC_ALPHABET[(31 - total % 31) % 31] == code[17] and org_code_is_valid(code[8:17])


def reg_no_is_valid(code: str) -> bool:
    """Check the last digit of a 15-digit registration number (ISO 7064 MOD 11,10)."""
    if not re.fullmatch(r"[0-9]{15}", code):
        return False
    product = 10
    for digit in code[:14]:
        product = (product + int(digit)) % 10 or 10
        product = product * 2 % 11
    return (product + int(code[14])) % 10 == 1


def is_personal_id(code: str) -> bool:
    """Whether the text has the shape of a citizen's number, also with a two-digit tax suffix."""
    tidied = tidy(code)
    return bool(_PERSONAL_ID.fullmatch(tidied)) and not _is_rather_credit_code(tidied)


def _is_rather_credit_code(code: str) -> bool:
    """A credit code may look like a citizen's number by chance; then its own checks decide."""
    if not uscc_is_valid(code):
        return False
    total = sum(
        int(digit) * weight for digit, weight in zip(code[:17], _PERSONAL_WEIGHTS, strict=True)
    )
    return "10X98765432"[total % 11] != code[17]


def hide_personal_ids(text: str) -> str:
    """Return the text with the middle of every citizen's number hidden, else the text itself."""
    folded = unicodedata.normalize("NFKC", text)
    hidden = _PERSONAL_ID.sub(_hidden, folded)
    return text if hidden == folded else hidden


def _hidden(match: re.Match[str]) -> str:
    found = tidy(match[0])
    return match[0] if _is_rather_credit_code(found) else f"{found[:6]}****{found[-2:]}"


def parse_uscc(text: str) -> CreditCode | None:
    """Read a credit code, mending it only where the check characters leave exactly one answer.

    Returns `None` for everything else; the caller keeps the received text.
    """
    code = tidy(text)
    if is_personal_id(code):
        return None
    if uscc_is_valid(code):
        return CreditCode(code=code)
    if len(code) == _LENGTHS["uscc"]:
        return _mend_lookalikes(code)
    if len(code) == _LENGTHS["uscc"] - 1:
        return _mend_lost_character(code)
    return None


def _mend_lookalikes(code: str) -> CreditCode | None:
    mended = code.translate(_LOOKALIKES)
    if mended != code and uscc_is_valid(mended):
        return CreditCode(code=mended, repair=Repair.LOOKALIKE)
    return None


def _mend_lost_character(code: str) -> CreditCode | None:
    """Two check characters leave about one false answer in 300 tries, hence "exactly one"."""
    candidates = {
        candidate
        for position in range(len(code) + 1)
        for character in USCC_ALPHABET
        if uscc_is_valid(candidate := code[:position] + character + code[position:])
    }
    if len(candidates) == 1:
        return CreditCode(code=candidates.pop(), repair=Repair.LOST_CHARACTER)
    return None


def parse_org_code(text: str) -> str | None:
    """Read a nine-character organisation code, with or without its hyphen."""
    code = tidy(text)
    return code if org_code_is_valid(code) else None


def parse_reg_no(text: str) -> str | None:
    """Read a 15-digit registration number whose check digit fits."""
    code = tidy(text)
    return code if reg_no_is_valid(code) else None


def parse_tax_number(text: str) -> str | None:
    """Read a 15-character tax number; characters 7 to 15 must be an organisation code.

    A text that passes the check of the registration number is not a tax number.
    """
    code = tidy(text)
    if (
        len(code) != _LENGTHS["tax"]
        or not re.fullmatch("[0-9]{6}", code[:6])
        or reg_no_is_valid(code)
    ):
        return None
    return code if org_code_is_valid(code[6:]) else None


def looks_scientific(text: str) -> bool:
    """Whether a spreadsheet turned a code into a rounded number, so that it is lost."""
    folded = re.sub(r"[\s'’`]", "", unicodedata.normalize("NFKC", text).upper())
    return bool(re.fullmatch(r"[0-9](?:\.[0-9]+E\+?|E\+?)[0-9]{1,2}", folded))

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
_USCC_SHAPE = re.compile(rf"[1-9ANY][0-9A-Z]\d{{6}}[{USCC_ALPHABET}]{{10}}")
_PERSONAL_ID = re.compile(r"\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dX]")
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
    return re.sub(r"[\s\-'’`·._]", "", folded)


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
    if not re.fullmatch(r"\d{15}", code):
        return False
    product = 10
    for digit in code[:14]:
        product = (product + int(digit)) % 10 or 10
        product = product * 2 % 11
    return (product + int(code[14])) % 10 == 1


def is_personal_id(code: str) -> bool:
    """Whether the text has the shape of a citizen's number, also with a two-digit tax suffix."""
    tidied = tidy(code)
    return (
        bool(_PERSONAL_ID.match(tidied)) and len(tidied) in {18, 20} and not uscc_is_valid(tidied)
    )


def parse_uscc(text: str) -> CreditCode | None:
    """Read a credit code, mending it only where the check characters leave exactly one answer.

    Returns `None` for everything else; the caller keeps the received text.
    """
    code = tidy(text)
    if uscc_is_valid(code):
        return CreditCode(code=code)
    if is_personal_id(code):
        return None
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
    if len(code) != _LENGTHS["tax"] or not code[:6].isdigit() or reg_no_is_valid(code):
        return None
    return code if org_code_is_valid(code[6:]) else None


def looks_scientific(text: str) -> bool:
    """Whether a spreadsheet turned a code into a rounded number, so that it is lost."""
    return bool(
        re.fullmatch(r"\d(?:\.\d+)?E\+?\d{1,2}", tidy(text).replace("+", "+"))
        or re.fullmatch(r"\s*\d(\.\d+)?[eE]\+\d+\s*", text)
    )

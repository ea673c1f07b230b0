"""Finding a firm by a few characters: what it is indexed by, and what a typed text asks for."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

LONGEST_QUERY = 100
MOST_TERMS = 6
SHORTEST_CODE = 4
"""Characters of a credit code from which on a part of it is looked for."""

PHONE_DIGITS = range(7, 13)
"""Digits of a telephone number; a number is only ever looked for as a whole."""

_HAN = re.compile(r"[\u3400-\u9fff]")
_PLAIN = re.compile(r"[^0-9A-Z\u3400-\u9fff]+")
_BETWEEN_NUMBERS = re.compile(r"[,;/、,;\s]+")


def plain(text: str) -> str:
    """The text in capitals and half width, without blanks and punctuation."""
    return _PLAIN.sub("", unicodedata.normalize("NFKC", text).upper())


def phone_numbers(text: str) -> frozenset[str]:
    """The numbers in a received telephone field, digits only, without the country's code."""
    found = set()
    for part in _BETWEEN_NUMBERS.split(unicodedata.normalize("NFKC", text)):
        digits = re.sub(r"\D", "", part)
        if part.lstrip().startswith(("+86", "0086")):
            digits = digits.removeprefix("00").removeprefix("86")
        if len(digits) in PHONE_DIGITS:
            found.add(digits)
    return frozenset(found)


def _grams(mark: str, text: str, size: int) -> set[str]:
    return {mark + text[start : start + size] for start in range(len(text) - size + 1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Searchable:
    """What one firm is found by, in plain form; `initials` are those of its name in pinyin."""

    name: str
    address: str
    initials: str
    code: str
    phones: frozenset[str]

    @classmethod
    def of(cls, *, name: str, address: str, initials: str, code: str, phone: str) -> Searchable:
        """Make a firm's values plain."""
        return cls(
            name=plain(name),
            address=plain(address),
            initials=initials,
            code=code.upper(),
            phones=phone_numbers(phone),
        )

    def grams(self) -> set[str]:
        """All grams under which the firm is found.

        Pairs of characters of name and address, pairs of initials, fours of the code, and each
        telephone number as a whole, so that nobody finds numbers by trying beginnings.
        """
        return (
            _grams("t", self.name, 2)
            | _grams("t", self.address, 2)
            | _grams("i", self.initials, 2)
            | _grams("c", self.code, SHORTEST_CODE)
            | {f"p{number}" for number in self.phones}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One word of a query in plain form; `by_phone` when it may be a telephone number."""

    text: str
    by_phone: bool = False

    @property
    def has_han(self) -> bool:
        """Whether it holds a Chinese character, so that it is of a name or an address."""
        return _HAN.search(self.text) is not None

    def alternatives(self) -> list[set[str]]:
        """Sets of grams: a firm that matches holds all grams of one of them."""
        found = [_grams("t", self.text, 2)]
        if not self.has_han:
            found.append(_grams("i", self.text, 2))
            if len(self.text) >= SHORTEST_CODE:
                found.append(_grams("c", self.text, SHORTEST_CODE))
            if self.by_phone:
                found.append({f"p{self.text}"})
        return [grams for grams in found if grams]

    def matches(self, firm: Searchable) -> bool:
        """Whether the firm holds the term anywhere."""
        if self.text in firm.name or self.text in firm.address:
            return True
        if self.has_han:
            return False
        is_code = len(self.text) >= SHORTEST_CODE and self.text in firm.code
        return is_code or self.text in firm.initials or (self.by_phone and self.text in firm.phones)

    def closeness(self, firm: Searchable) -> int:
        """How well the firm fits, the smaller the better: the code or name itself first."""
        if self.text in {firm.code, firm.name} or (self.by_phone and self.text in firm.phones):
            return 0
        if firm.name.startswith(self.text) or firm.initials.startswith(self.text):
            return 1
        if self.text in firm.name or self.text in firm.initials:
            return 2
        return 3


def looks_like_phone(text: str) -> bool:
    """Whether a typed text is nothing but one telephone number."""
    return bool(re.fullmatch(r"[+\d\s()-]+", text)) and len(phone_numbers(_joined(text))) == 1


def _joined(text: str) -> str:
    return re.sub(r"[\s()-]+", "", unicodedata.normalize("NFKC", text))


def parse_query(text: str, *, by_phone: bool = False) -> tuple[Term, ...]:
    """The words of a typed text; single characters say too little and are left out.

    `by_phone` looks for telephone numbers as well, as the caller may.
    """
    text = text[:LONGEST_QUERY]
    if by_phone and looks_like_phone(text):
        (number,) = phone_numbers(_joined(text))
        return (Term(text=number, by_phone=True),)
    words = [plain(word) for word in unicodedata.normalize("NFKC", text).split()]
    return tuple(Term(text=word) for word in words if len(word) > 1)[:MOST_TERMS]

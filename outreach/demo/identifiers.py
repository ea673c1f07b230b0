"""Check digits of the identifiers that registers carry, made (never parsed) for invented firms.

The application has its own parser; neither module imports the other, so that each tests the other.
"""
# ruff: noqa: PLR2004  (bare figures are shares and lengths, told by their docstrings)

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100-2015: 31 characters, without I, O, S, V, Z."""

USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
"""GB 32100-2015: weights of positions 1-17."""

ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
"""GB 11714-1997: weights of the eight characters before the check character."""


def uscc_check(body: str) -> str:
    """Return the 18th character for the first 17 of a unified social credit code."""
    total = sum(USCC_ALPHABET.index(c) * w for c, w in zip(body, USCC_WEIGHTS, strict=True))
    return USCC_ALPHABET[-total % 31]


def organisation_check(body: str) -> str:
    """Return the 9th character for the first 8 of an organisation code."""
    total = sum(int(c, 36) * w for c, w in zip(body, ORGANISATION_WEIGHTS, strict=True))
    return "0X987654321"[total % 11]


def registration_check(body: str) -> str:
    """Return the 15th digit for the first 14 of a registration number (ISO 7064 MOD 11,10)."""
    carry = 10
    for digit in body:
        carry = ((carry + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - carry) % 10)


def is_uscc(code: str) -> bool:
    """Tell whether both check characters of an 18-character credit code fit."""
    return (
        len(code) == 18
        and set(code) <= set(USCC_ALPHABET)
        and organisation_check(code[8:16]) == code[16]
        and uscc_check(code[:17]) == code[17]
    )


class CodeMint:
    """Mints identifiers that are right and never the same twice within one district.

    Parameters
    ----------
    rng
        Source of chance; the mint consumes it.
    adcode, former_adcode
        Six-digit codes of the district today, and of the county that it was before.
    """

    def __init__(self, rng: random.Random, *, adcode: str, former_adcode: str) -> None:
        self._rng = rng
        self._adcode = adcode
        self._former_adcode = former_adcode
        self._organisations: set[str] = set()
        self._numbers: set[str] = set()

    def make_uscc(self, kind: str, *, old: bool) -> str:
        """Return a new credit code.

        Parameters
        ----------
        kind
            First two characters, such as ``91``.
        old
            True for a body founded before the codes were joined (October 2015): an
            all-digit organisation code, most often under the code of the former county.
        """
        place = self._former_adcode if old and self._rng.random() < 0.8 else self._adcode
        if not old and self._rng.random() < 0.04:
            place = self._former_adcode
        body = kind + place + self._make_organisation(kind, old=old)
        return body + uscc_check(body)

    def make_registration(self) -> str:
        """Return a new registration number of 15 digits, as licences before 2015 carried it."""
        while True:
            place = self._former_adcode if self._rng.random() < 0.9 else self._adcode
            body = f"{place}{self._rng.randrange(10**8):08d}"
            number = body + registration_check(body)
            if number not in self._numbers:
                self._numbers.add(number)
                return number

    def _make_organisation(self, kind: str, *, old: bool) -> str:
        lead = {"81": "MC", "52": "MJ", "51": "MJ", "N2": "MF"}.get(kind, "MA")
        while True:
            body = (
                f"{self._rng.randrange(10**8):08d}"
                if old
                else lead + "".join(self._rng.choices(USCC_ALPHABET, k=6))
            )
            code = body + organisation_check(body)
            if code not in self._organisations:
                self._organisations.add(code)
                return code

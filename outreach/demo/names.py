"""Names and phones of people and firms, built from the word lists."""
# ruff: noqa: PLR2004  (bare figures are shares)

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.demo import words

if TYPE_CHECKING:
    import random

    from outreach.demo.towns import Region


COMPANY_FORMS = ("有限公司", "有限责任公司", "股份有限公司", "集团有限公司")


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmName:
    """A name in its parts: region, trade name with trade, form of organisation, branch tail."""

    prefix: str = ""
    body: str
    form: str = ""
    tail: str = ""

    @property
    def text(self) -> str:
        """The whole name."""
        return f"{self.prefix}{self.body}{self.form}{self.tail}"


def make_person(rng: random.Random) -> str:
    """Return a surname with one or two further characters."""
    given = "".join(rng.choices(words.GIVEN, k=1 if rng.random() < 0.22 else 2))
    return rng.choice(words.SURNAMES) + given


def make_phone(rng: random.Random) -> str:
    """Return eleven digits in the shape of a mobile number, from a range that nobody holds."""
    return f"{rng.choice(words.PHONE_PREFIXES)}{rng.randrange(10**8):08d}"


def make_brand(rng: random.Random) -> str:
    """Return a trade name (字号) of two or three different syllables."""
    return "".join(rng.sample(words.BRAND, 2 if rng.random() < 0.55 else 3))


def list_prefixes(region: Region) -> tuple[str, ...]:
    """Return the region names that company names may start with, the fullest first."""
    return (
        f"{region.city}市{region.district}区",
        f"{region.city}市",
        region.city,
        region.province,
        region.district,
        f"{region.district}区",
    )


def make_company_name(rng: random.Random, region: Region, *, brand: str, trade: str) -> FirmName:
    """Return a company's name.

    Most start with a region; a few carry it in brackets behind the trade name, a few not at all.
    """
    (form,) = rng.choices(COMPANY_FORMS, weights=(90, 7, 2, 1))
    draw = rng.random()
    if draw < 0.03:
        brackets = rng.choice(("（{}）", "({})"))
        return FirmName(body=f"{brand}{brackets.format(region.city)}{trade}", form=form)
    prefix = ""
    if draw > 0.055:
        (prefix,) = rng.choices(list_prefixes(region), weights=(21, 26, 22, 16, 15, 0))
    return FirmName(prefix=prefix, body=f"{brand}{trade}", form=form)

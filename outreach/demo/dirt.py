"""How offices spoil names, codes and addresses when they keep and export them."""
# ruff: noqa: PLR2004  (bare figures are shares within one kind of error)

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.demo import words
from outreach.demo.identifiers import is_uscc
from outreach.demo.names import list_prefixes, make_person

if TYPE_CHECKING:
    import random

    from outreach.demo.addresses import Address
    from outreach.demo.names import FirmName
    from outreach.demo.towns import Region

_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_NARROW = {0xFF08: "(", 0xFF09: ")"}
_BROAD = {0x28: "（", 0x29: "）"}
_SPACES = (" ", "\t", "\u00a0", "\u3000")
_MOST = 0.95
"""No rate rises above this, however hard the district is asked to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Shares of rows with each kind of error, 0 to 1.

    Attributes
    ----------
    former
        Name before the last change, of the firms that changed it.
    form, prefix, drop, short
        有限责任公司 for 有限公司; another or no region; neither region nor form.
    typo, traditional, width, space, note
        One wrong character; traditional characters; brackets of the other width; a stray space;
        a note behind the name.
    code_typo, code_odd
        One wrong, swapped or lost character in a code; a right code in an odd spelling.
    parent_code
        The parent's code, of the branches.
    moved, no_town, address_odd
        Earlier address, of the firms that moved; township left out; another spelling.
    other_person
        Somebody else as legal representative.
    twice
        A second, older row of the same body.
    """

    former: float = 0.0
    form: float = 0.0
    prefix: float = 0.0
    drop: float = 0.0
    short: float = 0.0
    typo: float = 0.0
    traditional: float = 0.0
    width: float = 0.0
    space: float = 0.0
    note: float = 0.0
    code_typo: float = 0.002
    code_odd: float = 0.001
    parent_code: float = 0.0
    moved: float = 0.0
    no_town: float = 0.03
    address_odd: float = 0.09
    other_person: float = 0.0
    twice: float = 0.0

    def scale(self, factor: float) -> Rates:
        """Return the rates times factor."""
        values = {
            field.name: min(_MOST, getattr(self, field.name) * factor)
            for field in dataclasses.fields(self)
        }
        return Rates(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clerk:
    """Writes names, codes and addresses the way one office does."""

    rng: random.Random
    region: Region
    rates: Rates

    def happens(self, rate: float) -> bool:
        """Draw once."""
        return self.rng.random() < rate

    def write_person(self, owner: str) -> str:
        """Return the legal representative as this office has it."""
        return make_person(self.rng) if self.happens(self.rates.other_person) else owner

    def write_name(self, name: FirmName, former: tuple[FirmName, ...]) -> str:
        """Return the name as this office has it."""
        return self._spoil_text(self._reword(name, former).text)

    def _reword(self, name: FirmName, former: tuple[FirmName, ...]) -> FirmName:
        """Put other parts into a name, or leave parts out."""
        rates = self.rates
        if former and self.happens(rates.former):
            name = self.rng.choice(former)
        if name.form and self.happens(rates.form):
            other = "有限责任公司" if name.form == "有限公司" else "有限公司"
            name = dataclasses.replace(name, form=other)
        if name.prefix and self.happens(rates.prefix):
            name = dataclasses.replace(name, prefix=self._other_prefix(name.prefix))
        if self.happens(rates.drop):
            name = dataclasses.replace(name, prefix="")
        if self.happens(rates.short):
            name = dataclasses.replace(name, prefix="", form=name.form if name.tail else "")
        return name

    def _spoil_text(self, text: str) -> str:
        """Mistype, respell, add notes and spaces."""
        rng, rates = self.rng, self.rates
        if self.happens(rates.typo):
            text = _mistype(rng, text)
        if self.happens(rates.traditional):
            text = text.translate(words.TRADITIONAL)
        if self.happens(rates.width):
            text = text.translate(_NARROW if "（" in text else _BROAD)
        if self.happens(rates.note):
            text += rng.choice(words.NOTES)
        if self.happens(rates.space):
            text = _add_space(rng, text)
        return text

    def write_code(self, code: str) -> str:
        """Return a credit code as this office has it; a wrong one never passes both checks."""
        if self.happens(self.rates.code_typo):
            return _spoil_code(self.rng, code)
        if self.happens(self.rates.code_odd):
            draw = self.rng.random()
            if draw < 0.5:
                return code.translate(_WIDE)
            if draw < 0.8:
                return f"{code[:8]}-{code[8:]}"
            if draw < 0.9:
                return code.lower()
            return f"{code[0]}.{code[1:6]}E+17"
        return code

    def write_address(
        self, address: Address, moved_to: Address | None, *, styles: tuple[float, ...]
    ) -> str:
        """Return an address.

        Parameters
        ----------
        styles
            Weights of: province, city and district; city and district; district; nothing;
            province, city and the county of old.
        """
        rng, region, rates = self.rng, self.region, self.rates
        if moved_to and self.happens(rates.moved):
            address = moved_to
        heads = (
            f"{region.province}省{region.city}市{region.district}区",
            f"{region.city}市{region.district}区",
            f"{region.district}区",
            "",
            f"{region.province}省{region.city}市{region.district}县",
        )
        (head,) = rng.choices(heads, weights=styles)
        town = "" if self.happens(rates.no_town) else address.town
        tail = address.tail
        if self.happens(rates.address_odd):
            tail = self._respell(tail)
        return f"{head}{town}{address.place}{tail}"

    def _other_prefix(self, prefix: str) -> str:
        region = self.region
        near = {
            f"{region.city}市{region.district}区": region.district,
            f"{region.city}市": region.city,
            region.city: f"{region.city}市",
            region.province: f"{region.province}省",
            f"{region.district}区": region.district,
        }
        if prefix in near and self.happens(0.75):
            return near[prefix]
        return self.rng.choice(list_prefixes(region)[:5])

    def _respell(self, tail: str) -> str:
        draw = self.rng.random()
        if draw < 0.35:
            return tail.replace("号", "#")
        if draw < 0.55:
            return tail.translate(_WIDE)
        if draw < 0.72:
            return tail.replace("栋", "幢")
        if draw < 0.87:
            return tail.removesuffix("室").removesuffix("号")
        return tail + self.rng.choice(("旁边", "（集群注册）", " 二楼", "对面"))


def _mistype(rng: random.Random, text: str) -> str:
    """Return text with one character typed wrong, swapped, doubled, lost or unreadable."""
    draw = rng.random()
    places = [place for place, letter in enumerate(text) if letter in words.HOMOPHONES]
    if draw < 0.5 and places:
        place = rng.choice(places)
        return text[:place] + rng.choice(words.HOMOPHONES[text[place]]) + text[place + 1 :]
    place = rng.randrange(len(text) - 1)
    if draw < 0.65:
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    if draw < 0.78:
        return text[:place] + text[place] + text[place:]
    if draw < 0.94:
        return text[:place] + text[place + 1 :]
    return text[:place] + rng.choice("?*□") + text[place + 1 :]


def _add_space(rng: random.Random, text: str) -> str:
    space = rng.choice(_SPACES)
    draw = rng.random()
    if draw < 0.4:
        return text + space
    if draw < 0.6:
        return space + text
    place = rng.randrange(1, len(text))
    return text[:place] + space + text[place:]


def _spoil_code(rng: random.Random, code: str) -> str:
    while True:
        place = rng.randrange(8, 18)
        draw = rng.random()
        if draw < 0.3:
            bad = (
                code.replace("0", "O").replace("1", "I")
                if rng.random() < 0.5
                else (code[:place] + "O" + code[place + 1 :])
            )
        elif draw < 0.5:
            bad = code[:place] + code[place + 1 :]
        elif draw < 0.75:
            bad = code[:place] + rng.choice("0123456789ABCDEFGHJKLMNPQRTUWXY") + code[place + 1 :]
        else:
            bad = code[: place - 1] + code[place] + code[place - 1] + code[place + 1 :]
        if bad != code and not is_uscc(bad):
            return bad

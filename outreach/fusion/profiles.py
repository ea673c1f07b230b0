"""What is compared of one record, made from its statements."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from outreach.domain.sources import Source
from outreach.domain.statements import Prop
from outreach.fusion.addresses import Gazetteer, tidy_address
from outreach.fusion.names import NameParts, Regions, split_name
from outreach.fusion.regions import learn_regions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from outreach.domain.statements import Statement

_TOWNSHIP = re.compile(r"(?:[省市区县州]|^)([^省市区县州\d]{1,6}?(?:镇|乡|街道|开发区|工业园区))")
_LEAST_TOWNSHIP_SHARE = 0.002
"""A word that stands where townships stand in fewer addresses than this is chance."""

_TAIL_NOISE = str.maketrans({"幢": "栋", "座": "栋", "号": "", "室": "", "-": "", "—": ""})
_TAIL_NOTE = re.compile(r"\([^()]*\)|(?:旁边?|对面|附近)$")
_LEAST_CORE = 3
_LEAST_TAIL = 3
_LEAST_PHONE = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is compared of one record.

    `names` holds the present name first, then former ones; `person` is the legal representative,
    `chair` the union's; `tail` the address behind the township; `status` the
    office's word for whether it lives. `joint` marks a union that covers
    several firms. `visited_record` is a record of the enterprise that a visit was made to; `batch`
    tells the rows of one delivered file; `office_no` is the office's own number of the row.
    """

    record_id: int
    source: Source
    uscc: str = ""
    org_code: str = ""
    tax_id: str = ""
    reg_no: str = ""
    union_uscc: str = ""
    names: tuple[NameParts, ...] = ()
    person: str = ""
    chair: str = ""
    phone: str = ""
    township: str = ""
    tail: str = ""
    status: str = ""
    joint: bool = False
    visited_record: int | None = None
    batch: int | None = None
    office_no: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileMaker:
    """Makes profiles of one district's records: knows its region words and townships."""

    regions: Regions
    gazetteer: Gazetteer

    @classmethod
    def of(cls, addresses: Sequence[str], gazetteer: Gazetteer | None = None) -> ProfileMaker:
        """Learn the district from its addresses; without a gazetteer its townships, too."""
        known = gazetteer or Gazetteer.of((), learn_townships(addresses))
        return cls(regions=learn_regions(addresses), gazetteer=known)

    def make(
        self,
        record_id: int,
        statements: Iterable[Statement],
        *,
        source: Source,
        batch: int | None = None,
        visited_record: int | None = None,
    ) -> Profile:
        """Take a record apart. Of several values of a kind the first one counts."""
        first: dict[Prop, str] = {}
        present: list[str] = []
        former: list[str] = []
        for statement in statements:
            first.setdefault(statement.prop, statement.value)
            if statement.prop is Prop.NAME:
                present.append(statement.value)
            elif statement.prop is Prop.FORMER_NAME:
                former.append(statement.value)
        joint = source is Source.MEMBERS and first.get(Prop.UNION_STATUS) == "joint"
        township, tail = self.split_address(first.get(Prop.ADDRESS) or first.get(Prop.BIZ_ADDRESS))
        return Profile(
            record_id=record_id,
            source=source,
            uscc=first.get(Prop.USCC, ""),
            org_code=first.get(Prop.ORG_CODE, ""),
            tax_id=first.get(Prop.TAX_ID, ""),
            reg_no=first.get(Prop.REG_NO, ""),
            union_uscc="" if joint else first.get(Prop.UNION_USCC, ""),
            names=tuple(self.split_name(name) for name in dict.fromkeys([*present, *former])),
            person=tidy_person(first.get(Prop.LEGAL_REP, "")),
            chair="" if joint else tidy_person(first.get(Prop.UNION_CHAIR, "")),
            phone="" if joint else tidy_phone(first.get(Prop.PHONE, "")),
            township=township,
            tail=tail,
            status=first.get(Prop.STATUS, ""),
            joint=joint,
            batch=batch,
            visited_record=visited_record,
            office_no=first.get(Prop.SI_UNIT_NO, ""),
        )

    def split_name(self, text: str) -> NameParts:
        """Take a name apart; the township that small firms write before it is no part of it."""
        name = split_name(text, self.regions)
        town = next((t for t in self.gazetteer.townships if name.core.startswith(t)), "")
        rest = name.core[len(town) :]
        return replace(name, core=rest) if town and len(rest) >= _LEAST_CORE else name

    def split_address(self, address: str | None) -> tuple[str, str]:
        """Return the township that an address names and what stands behind it; both may be empty.

        An address without a number says too little of a place to be compared.
        """
        text = tidy_address(address or "")
        township = self.gazetteer.township_of(text)
        rest = text.partition(township)[2] if township else self._without_region(text)
        tail = _TAIL_NOTE.sub("", rest).translate(_TAIL_NOISE)
        tells = len(tail) >= _LEAST_TAIL and any(mark.isdigit() for mark in tail)
        return township, tail if tells else ""

    def _without_region(self, text: str) -> str:
        for _ in range(4):
            word = next((w for w in self.regions.words if text.startswith(w)), "")
            text = text[len(word) :]
        return text.lstrip("省市区县")


def learn_townships(addresses: Iterable[str]) -> list[str]:
    """Return the words before 镇, 乡 or 街道 that many addresses name."""
    found: Counter[str] = Counter()
    total = 0
    for address in addresses:
        total += 1
        if match := _TOWNSHIP.search(tidy_address(address)):
            found[match[1]] += 1
    least = max(2, _LEAST_TOWNSHIP_SHARE * total)
    return sorted(name for name, count in found.items() if count >= least)


def tidy_person(name: str) -> str:
    """Return a person's name without blanks; empty when it is masked or no name."""
    text = re.sub(r"[\s·•]+", "", unicodedata.normalize("NFKC", name))
    return text if len(text) > 1 and "*" not in text else ""


def tidy_phone(phone: str) -> str:
    """Return the digits of the first number; empty when they cannot be a phone's."""
    first = re.split(r"[/,;、]+", unicodedata.normalize("NFKC", phone).strip())[0]
    digits = re.sub(r"\D", "", first).removeprefix("86")
    return digits if len(digits) >= _LEAST_PHONE and len(set(digits)) > 1 else ""


def all_addresses(said: Mapping[int, Sequence[Statement]]) -> list[str]:
    """Every address of a district's statements, for learning its words."""
    return [s.value for statements in said.values() for s in statements if s.prop is Prop.ADDRESS]

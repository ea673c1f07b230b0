"""Makes the firms of the demo district: alone, and in the families that make linking hard.

Families are a parent with branches, a dead firm with its re-registered successor, and sibling
firms of one owner at one address.
"""
# ruff: noqa: PLR2004  (bare figures are shares and headcounts, told where they stand)

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from typing import TYPE_CHECKING

from outreach.demo import industries, words
from outreach.demo.addresses import AddressBook
from outreach.demo.entities import Entity, JointUnion, Kind, Status
from outreach.demo.identifiers import CodeMint
from outreach.demo.names import (
    FirmName,
    list_prefixes,
    make_brand,
    make_company_name,
    make_person,
    make_phone,
)

if TYPE_CHECKING:
    import random

    from outreach.demo.geography import Geography
    from outreach.demo.industries import Industry

KIND_WEIGHTS = {
    Kind.COMPANY: 779,
    Kind.SOLE_PROPRIETOR: 165,
    Kind.COOPERATIVE: 36,
    Kind.PRIVATE_UNIT: 12,
    Kind.ASSOCIATION: 2,
    Kind.COLLECTIVE: 6,
}
"""Shares of the kinds of bodies, in thousandths."""

STATUS_WEIGHTS = {
    Status.ACTIVE: 850,
    Status.CANCELLED: 80,
    Status.REVOKED: 34,
    Status.MOVED_OUT: 36,
}
"""Shares of the true statuses, in thousandths."""

CODES_JOINED = dt.date(2015, 10, 1)
"""Day from which a founded body gets its credit code at once."""

LAST_DAY = dt.date(2026, 10, 31)
"""Last day that the made-up registers know of."""

_AGENCY_SHARE = 0.045
_FAMILY_WEIGHTS = (31, 20, 28, 921)
"""Branches, successor, siblings, none; a firm that cannot have the first or third stays alone."""


class Economy:
    """Makes entities; every draw comes from one source of chance.

    Parameters
    ----------
    rng
        Source of chance; consumed.
    land
        The district that the firms sit in.
    """

    def __init__(self, rng: random.Random, land: Geography) -> None:
        self._rng = rng
        self._land = land
        self._book = AddressBook(rng, towns=land.towns, places=land.places)
        self.mint = CodeMint(
            rng, adcode=land.region.adcode, former_adcode=land.region.former_adcode
        )
        self._agencies = [make_phone(rng) for _ in range(50)]
        self._numbers = itertools.count()

    def make_entities(self, count: int) -> list[Entity]:
        """Return exactly count bodies; members of a family follow each other."""
        entities: list[Entity] = []
        while len(entities) < count:
            entities += self._make_family()
        return self._found_joint_unions(entities[:count])

    def _make_family(self) -> list[Entity]:
        first = self._make_single()
        (grow,) = self._rng.choices(
            (self._with_branches, self._with_successor, self._with_siblings, None),
            weights=_FAMILY_WEIGHTS,
        )
        return grow(first) if grow else [first]

    def _make_single(self) -> Entity:
        rng = self._rng
        (kind,) = rng.choices(tuple(KIND_WEIGHTS), weights=tuple(KIND_WEIGHTS.values()))
        industry = self._pick_industry(kind)
        founded = self._draw_founding()
        name = self._make_name(kind, industry)
        old = founded < CODES_JOINED
        employees = self._draw_employees(kind, industry)
        (status,) = rng.choices(tuple(STATUS_WEIGHTS), weights=tuple(STATUS_WEIGHTS.values()))
        former = self._make_former(name, industry) if rng.random() < 0.1 else ()
        numbered = old and kind in (Kind.COMPANY, Kind.SOLE_PROPRIETOR, Kind.COOPERATIVE)
        return Entity(
            number=next(self._numbers),
            kind=kind,
            name=name,
            former=former,
            former_listed=rng.random() < 0.7,
            owner=make_person(rng),
            phone=self._draw_phone(),
            code=self.mint.make_uscc(kind.value, old=old),
            registration=self.mint.make_registration()
            if numbered and rng.random() < 0.75
            else None,
            section=industry.section,
            founded=founded,
            address=self._book.draw(industry.site),
            moved_to=self._book.draw(industry.site) if rng.random() < 0.07 else None,
            employees=employees,
            status=status,
            union_code=self._draw_union(employees),
            union_lapsed=rng.random() < 0.055,
        )

    def _pick_industry(self, kind: Kind) -> Industry:
        pool: tuple[Industry, ...]
        if kind is Kind.COMPANY:
            draw = self._rng.random()
            pool = industries.COMPANIES
            if draw < 0.075:
                pool = industries.FACTORIES
            elif draw < 0.1:
                pool = industries.PARTNERSHIPS
        else:
            pool = {
                Kind.SOLE_PROPRIETOR: industries.SOLE_PROPRIETORS,
                Kind.PRIVATE_UNIT: industries.PRIVATE_UNITS,
                Kind.ASSOCIATION: industries.ASSOCIATIONS,
            }.get(kind, industries.COOPERATIVES)
        return self._rng.choices(pool, weights=[industry.weight for industry in pool])[0]

    def _make_name(self, kind: Kind, industry: Industry) -> FirmName:
        rng, region = self._rng, self._land.region
        brand, trade = make_brand(rng), rng.choice(industry.trades)
        if kind is Kind.COMPANY and industry in industries.COMPANIES:
            return make_company_name(rng, region, brand=brand, trade=trade)
        if kind is Kind.COMPANY:
            (prefix,) = rng.choices(list_prefixes(region), weights=(21, 26, 22, 16, 15, 0))
            if industry in industries.PARTNERSHIPS:
                trade += rng.choice(("（有限合伙）", "(有限合伙)", "（普通合伙）", "(普通合伙)"))
            return FirmName(prefix=prefix, body=brand + trade)
        prefix = f"{region.district}区"
        if kind is Kind.COOPERATIVE:
            return FirmName(prefix=prefix, body=f"{brand}{trade}农民专业合作社")
        if kind is Kind.COLLECTIVE:
            village = rng.choice([p for p in self._land.places if p.kind == "village"])
            town = self._land.towns[village.town].name
            return FirmName(prefix=prefix + town, body=f"{village.name}{brand}股份经济合作社")
        if kind is Kind.SOLE_PROPRIETOR and rng.random() < 0.2:
            prefix += rng.choice(self._land.towns).name
        return FirmName(prefix=prefix, body=brand + trade)

    def _make_former(self, name: FirmName, industry: Industry) -> tuple[FirmName, ...]:
        """Return one or two earlier names: another region, another trade, or all new."""
        rng, region = self._rng, self._land.region
        former: list[FirmName] = []
        for _ in range(1 if rng.random() < 0.88 else 2):
            draw = rng.random()
            other = rng.choice([p for p in list_prefixes(region) if p != name.prefix])
            if draw < 0.45 and name.prefix:
                former.append(dataclasses.replace(name, prefix=other))
            elif industry in industries.COMPANIES:
                trade = rng.choice(rng.choice(industries.COMPANIES).trades)
                brand = name.body[:2] if draw < 0.65 else make_brand(rng)
                former.append(dataclasses.replace(name, prefix=other, body=brand + trade))
            else:
                body = make_brand(rng) + rng.choice(industry.trades)
                former.append(dataclasses.replace(name, body=body))
        return tuple(former)

    def _draw_founding(self) -> dt.date:
        days = min(int(self._rng.expovariate(1 / (6.5 * 365))), 28 * 365)
        return LAST_DAY - dt.timedelta(days=days + 30)

    def _draw_employees(self, kind: Kind, industry: Industry) -> int:
        """Draw a headcount with a long tail; shops stay small."""
        tail = 1.0 - self._rng.random()
        if kind is Kind.SOLE_PROPRIETOR:
            return min(20, int(industry.size / tail**0.95)) or 1
        return max(1, min(4200, int(2.75 * industry.size / tail ** (1 / 1.06))))

    def _draw_phone(self) -> str:
        if self._rng.random() < _AGENCY_SHARE:
            return self._rng.choice(self._agencies)
        return make_phone(self._rng)

    def _draw_union(self, employees: int) -> str | None:
        for limit, share in ((10, 0.081), (25, 0.094), (100, 0.34), (10**6, 0.48)):
            if employees <= limit:
                has = self._rng.random() < share
                return self.mint.make_uscc("81", old=False) if has else None
        return None

    def _derive(self, first: Entity, **changes: object) -> Entity:
        """Return another body of the same owner: new number and code, no union, no past."""
        rng = self._rng
        employees = self._draw_employees(first.kind, industries.COMPANIES[5])
        fresh: dict[str, object] = {
            "number": next(self._numbers),
            "code": self.mint.make_uscc(first.kind.value, old=first.founded < CODES_JOINED),
            "registration": None,
            "former": (),
            "moved_to": None,
            "employees": employees,
            "status": rng.choices(tuple(STATUS_WEIGHTS), weights=tuple(STATUS_WEIGHTS.values()))[0],
            "union_code": self._draw_union(employees),
            "union_lapsed": False,
        }
        return dataclasses.replace(first, **(fresh | changes))  # type: ignore[arg-type]

    def _found_joint_unions(self, entities: list[Entity]) -> list[Entity]:
        """Let joint unions of buildings, parks and towns cover small firms that have no union."""
        rng = self._rng
        groups: dict[str, list[int]] = {}
        for place, body in enumerate(entities):
            small = body.status is Status.ACTIVE and body.employees <= 25 and not body.union_code
            if small and body.address.town:
                site = body.address.place if body.address.listed else ""
                groups.setdefault(f"{body.address.town}{site}", []).append(place)
        wanted = max(1, len(entities) // 500)
        large = [name for name, members in groups.items() if len(members) >= 3]
        for name in rng.sample(large, min(wanted, len(large))):
            joint = JointUnion(
                name=f"{name}{rng.choice(words.JOINT_UNION_TAILS)}",
                code=self.mint.make_uscc("81", old=False),
                chair=make_person(rng),
                phone=make_phone(rng),
            )
            for place in rng.sample(groups[name], min(len(groups[name]), rng.randint(3, 9))):
                entities[place] = dataclasses.replace(entities[place], joint_union=joint)
        return entities

    def _with_branches(self, first: Entity) -> list[Entity]:
        if not first.name.form:
            return [first]
        rng, region = self._rng, self._land.region
        tails = [
            "第一分公司",
            "第二分公司",
            f"{region.district}区分公司",
            f"{rng.choice(self._land.towns).name}分公司",
            f"{rng.choice(self._land.towns).name}营业部",
            f"{rng.choice(words.STREETS)}分店",
            f"{rng.choice(words.BUILDINGS)}店",
        ]
        family = [first]
        for tail in rng.sample(tails, rng.choice((1, 1, 1, 2, 2, 3))):
            branch = self._derive(
                first,
                name=dataclasses.replace(first.name, tail=tail),
                phone=first.phone if rng.random() < 0.4 else self._draw_phone(),
                parent_code=first.code,
                address=self._book.draw(industries.Site.STREET),
                code=self.mint.make_uscc("91", old=False),
            )
            family.append(branch)
        return family

    def _with_successor(self, first: Entity) -> list[Entity]:
        """Let the first firm die and its owner register the same name again."""
        rng = self._rng
        changes: dict[str, object] = {"code": self.mint.make_uscc(first.kind.value, old=False)}
        if first.kind is Kind.SOLE_PROPRIETOR and rng.random() < 0.5:
            changes = {
                "kind": Kind.COMPANY,
                "code": self.mint.make_uscc(Kind.COMPANY.value, old=False),
                "name": FirmName(
                    prefix=first.name.prefix,
                    body=first.name.body.removesuffix("店").removesuffix("部"),
                    form="有限公司",
                ),
            }
        again = self._derive(
            first, founded=LAST_DAY - dt.timedelta(rng.randint(90, 1500)), **changes
        )
        dead = dataclasses.replace(
            first, status=Status.CANCELLED if rng.random() < 0.85 else Status.REVOKED
        )
        return [dead, again]

    def _with_siblings(self, first: Entity) -> list[Entity]:
        if not first.name.form:
            return [first]
        rng = self._rng
        industry = rng.choice(industries.COMPANIES)
        brand = first.name.body[:2]
        name = make_company_name(
            rng, self._land.region, brand=brand, trade=rng.choice(industry.trades)
        )
        if name.text == first.name.text:
            return [first]
        return [first, self._derive(first, name=name, section=industry.section)]

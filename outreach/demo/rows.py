"""What each office writes about one body: no row, one row, or two."""
# ruff: noqa: PLR2004  (bare figures are shares and days, told where they stand)

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, TypeAlias

from outreach.demo import words
from outreach.demo.economy import CODES_JOINED, LAST_DAY
from outreach.demo.entities import Kind, Status
from outreach.demo.names import make_person, make_phone

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from outreach.demo.dirt import Clerk
    from outreach.demo.entities import Entity

Cell: TypeAlias = str | int | None
Row: TypeAlias = list[Cell]


def write_market(clerk: Clerk, entity: Entity) -> Iterator[Row]:
    """Companies, sole proprietors, cooperatives; a few twice, the second row an older one."""
    if entity.kind not in (Kind.COMPANY, Kind.SOLE_PROPRIETOR, Kind.COOPERATIVE):
        return
    if clerk.happens(0.012):
        return
    rng = clerk.rng
    counted = clerk.happens(0.36)
    reported = _about(rng, entity.employees, factor=0.82, spread=0.55) if counted else None
    phone = entity.phone if clerk.happens(0.825) else None
    listed = entity.former_listed and ";".join(name.text for name in entity.former)
    for older in (False, True) if clerk.happens(clerk.rates.twice) else (False,):
        as_number = entity.registration and clerk.happens(0.02)
        yield [
            None if clerk.happens(0.015) else clerk.write_code(entity.code),
            int(entity.registration or 0) if as_number else entity.registration,
            clerk.write_name(entity.name, entity.former),
            listed or None,
            make_person(rng) if older and clerk.happens(0.1) else entity.owner,
            phone,
            clerk.write_address(entity.address, None, styles=(60, 40, 0, 0, 0)),
            entity.status.value,
            reported,
            _write_founded(rng, entity.founded),
            entity.section,
            _draw_day(rng, 400 if older else 75),
        ]


def write_hr(clerk: Clerk, entity: Entity) -> Iterator[Row]:
    """Insured employers: some with a second account, some branches under the parent's code."""
    rng = clerk.rng
    share = 0.15 if entity.kind is Kind.SOLE_PROPRIETOR else 0.62
    if not clerk.happens(share * (1 if entity.status is Status.ACTIVE else 0.22)):
        return
    insured = max(1, _about(rng, entity.employees, factor=0.86, spread=0.12))
    second = None
    if clerk.happens(0.05):
        second = int(insured * rng.choice((0.02, 0.05, 0.1, 0.25)))
        insured = max(1, insured - second)
    month = LAST_DAY.replace(day=1) - dt.timedelta(days=min(300, int(rng.expovariate(1 / 30))))
    for account, people in enumerate((insured, second)):
        if people is None:
            continue
        name = clerk.write_name(entity.name, entity.former)
        if account and clerk.happens(0.92):
            name += rng.choice(words.ACCOUNT_NOTES).format(rng.choice(words.PARKS))
        code, organisation = _insurance_codes(clerk, entity)
        states, weights = ("正常参保", "暂停", "终止"), (93, 7, 0)
        if entity.status is not Status.ACTIVE:
            weights = (30, 34, 36)
        yield [
            f"{clerk.region.adcode}{rng.randrange(10**7):07d}",
            code,
            organisation,
            name,
            clerk.write_person(entity.owner) if clerk.happens(0.8) else None,
            _draw_phone(clerk, entity, same=0.5) if clerk.happens(0.82) else None,
            _draw_address(clerk, entity, styles=(0, 21, 41, 19, 19), filled=0.8),
            rng.choices(states, weights=weights)[0],
            people,
            f"{month:%Y%m}",
        ]


def write_union(clerk: Clerk, entity: Entity) -> Iterator[Row]:
    """Unions: the union's own code often stands where the employer's belongs.

    A joint union has one row for each firm that it covers: the firm's name, the union's code.
    """
    rng = clerk.rng
    joint, union_code = entity.joint_union, entity.union_code
    if joint is None and union_code is None:
        return
    own = clerk.write_code(joint.code if joint else union_code or "")
    draw = rng.random()
    code = own if draw < 0.165 else clerk.write_code(entity.code) if draw < 0.535 else None
    name = clerk.write_name(entity.name, entity.former)
    if not joint and clerk.happens(0.66):
        (suffix,) = rng.choices(words.UNION_SUFFIXES, weights=words.UNION_SUFFIX_WEIGHTS)
        name += suffix
    counted = clerk.happens(0.89)
    chair = entity.owner if clerk.happens(0.21) else make_person(rng)
    yield [
        None if joint and code == own else code,
        own if joint or clerk.happens(0.6) else None,
        name,
        "联合基层工会" if joint else "独立基层工会",
        joint.name if joint else None,
        joint.chair if joint else chair,
        joint.phone if joint else _draw_phone(clerk, entity, same=0.32),
        _draw_address(clerk, entity, styles=(0, 16, 33, 33, 18), filled=0.754),
        max(1, _about(rng, entity.employees, factor=1.05, spread=0.33)) if counted else None,
        _draw_day(rng, 1100 if entity.union_lapsed else 480),
    ]


def write_tax(clerk: Clerk, entity: Entity) -> Iterator[Row]:
    """Taxpayers: many rows without a code, some with a number of the old kinds instead."""
    rng = clerk.rng
    share = 0.53 if entity.kind is Kind.SOLE_PROPRIETOR else 0.8
    if not clerk.happens(share * (1 if entity.status is Status.ACTIVE else 0.4)):
        return
    code, old_number = clerk.write_code(entity.code), ""
    if clerk.happens(0.2):
        code = ""
        if entity.kind is Kind.SOLE_PROPRIETOR and clerk.happens(0.5):
            old_number = _make_personal_number(rng)
        elif entity.founded < CODES_JOINED and clerk.happens(0.75):
            old_number = entity.code[2:17]
    counted = clerk.happens(0.8)
    yield [
        code,
        old_number,
        clerk.write_name(entity.name, entity.former),
        clerk.write_person(entity.owner),
        _draw_phone(clerk, entity, same=0.5),
        _draw_address(clerk, entity, styles=(20, 40, 20, 0, 20), filled=1.0),
        _tax_status(rng, entity.status),
        max(1, _about(rng, entity.employees, factor=0.98, spread=0.09)) if counted else None,
        _draw_day(rng, 85),
    ]


def write_civil(clerk: Clerk, entity: Entity) -> Iterator[Row]:
    """Social bodies, and a few firms that were once registered here."""
    social = entity.kind in (Kind.PRIVATE_UNIT, Kind.ASSOCIATION)
    if not social and not clerk.happens(0.003):
        return
    rng = clerk.rng
    counted = clerk.happens(0.6)
    yield [
        None if clerk.happens(0.105) else clerk.write_code(entity.code),
        clerk.write_name(entity.name, entity.former),
        entity.owner if clerk.happens(0.965) else None,
        _draw_phone(clerk, entity, same=0.6),
        _draw_address(clerk, entity, styles=(35, 33, 32, 0, 0), filled=1.0),
        "注销" if clerk.happens(0.12) else "正常",
        max(1, _about(rng, entity.employees, factor=1.0, spread=0.33)) if counted else None,
        _draw_day(rng, 190),
    ]


def _draw_day(rng: random.Random, mean_days: float) -> str:
    age = dt.timedelta(days=min(5000, int(rng.expovariate(1 / mean_days))))
    return (LAST_DAY - age).isoformat()


def _about(rng: random.Random, employees: int, *, factor: float, spread: float) -> int:
    """Return a headcount near the truth: factor times it, spread is the sigma of its logarithm."""
    return max(0, round(employees * factor * rng.lognormvariate(0.0, spread)))


def _draw_phone(clerk: Clerk, entity: Entity, *, same: float) -> str:
    return entity.phone if clerk.happens(same) else make_phone(clerk.rng)


def _draw_address(
    clerk: Clerk, entity: Entity, *, styles: tuple[float, ...], filled: float
) -> str | None:
    if not clerk.happens(filled):
        return None
    return clerk.write_address(entity.address, entity.moved_to, styles=styles)


def _write_founded(rng: random.Random, day: dt.date) -> str:
    draw = rng.random()
    if draw < 0.9:
        return day.isoformat()
    if draw < 0.96:
        return f"{day.year}-{day.month}-{day.day}"
    return f"{day.year}-{day.month}-{day.day} 0:00:00"


def _insurance_codes(clerk: Clerk, entity: Entity) -> tuple[str | None, str | None]:
    """Return the credit code and the organisation code of one account; often neither."""
    organisation = entity.code[8:17]
    if clerk.happens(0.235):
        if not clerk.happens(0.34):
            return None, None
        return None, organisation if clerk.happens(0.5) else f"{organisation[:8]}-{organisation[8]}"
    if entity.parent_code and clerk.happens(clerk.rates.parent_code):
        return clerk.write_code(entity.parent_code), None
    return clerk.write_code(entity.code), None


def _make_personal_number(rng: random.Random) -> str:
    """Return a tax number in the shape of a personal one, of no existing place."""
    born = dt.date(1962, 1, 1) + dt.timedelta(days=rng.randrange(15_000))
    return f"999999{born:%Y%m%d}{rng.randrange(10**4):04d}00"


def _tax_status(rng: random.Random, status: Status) -> str:
    weights = {
        Status.ACTIVE: (93, 7, 0),
        Status.CANCELLED: (21, 26, 53),
        Status.REVOKED: (20, 24, 56),
        Status.MOVED_OUT: (20, 27, 53),
    }[status]
    return rng.choices(("正常", "非正常户", "注销"), weights=weights)[0]

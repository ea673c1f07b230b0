"""The five registers: which bodies each office knows, and what it writes about them."""
# ruff: noqa: PLR2004  (bare figures are shares, told where they stand)

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from outreach.demo import words
from outreach.demo.dirt import Clerk, Rates
from outreach.demo.economy import LAST_DAY
from outreach.demo.entities import Kind, Status
from outreach.demo.names import make_person, make_phone

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

    from outreach.demo.entities import Entity
    from outreach.demo.towns import Region

Cell: TypeAlias = str | int | None
Row: TypeAlias = "list[Cell]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """One file as an office sends it.

    Attributes
    ----------
    title
        Line above the header; None when the file has none.
    rows
        Number of the true entity, then the cells; in the order of the file.
    """

    file: str
    title: str | None
    header: tuple[str, ...]
    rows: list[tuple[int, Row]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """How one office keeps its register.

    Attributes
    ----------
    label
        What the title calls the rows; None for a file without a title.
    blank
        Columns (0 = first) that an unreadable row lacks: name and codes.
    address_styles
        See ``Clerk.write_address``.
    write
        Yields the rows of one entity, without the running number.
    """

    file: str
    label: str | None
    header: tuple[str, ...]
    blank: tuple[int, ...]
    unreadable: int
    rates: Rates
    write: Callable[[Clerk, Entity], Iterator[Row]]


def make_register(
    office: Office, *, rng: random.Random, region: Region, entities: list[Entity], dirt: float
) -> Register:
    """Return the office's file about the entities, errors scaled by dirt, rows shuffled."""
    clerk = Clerk(rng=rng, region=region, rates=office.rates.scale(dirt))
    rows = [(entity.number, row) for entity in entities for row in office.write(clerk, entity)]
    rng.shuffle(rows)
    for number, (_, row) in enumerate(rows, start=1):
        row.insert(0, number)
    for _, row in rng.sample(rows, min(len(rows) // 50, round(office.unreadable * dirt))):
        for place in office.blank:
            row[place] = None
    title = office.label and f"{region.district}区{office.label}（内部资料）"
    return Register(file=office.file, title=title, header=office.header, rows=rows)


def _draw_day(rng: random.Random, mean_days: float) -> str:
    return (
        LAST_DAY - dt.timedelta(days=min(5000, int(rng.expovariate(1 / mean_days))))
    ).isoformat()


def _about(rng: random.Random, employees: int, *, factor: float, spread: float) -> int:
    """Return a headcount near the truth: factor times it, spread is the sigma of its logarithm."""
    return max(0, round(employees * factor * rng.lognormvariate(0.0, spread)))


def _write_founded(rng: random.Random, day: dt.date) -> str:
    draw = rng.random()
    if draw < 0.9:
        return day.isoformat()
    if draw < 0.96:
        return f"{day.year}-{day.month}-{day.day}"
    return f"{day.year}-{day.month}-{day.day} 0:00:00"


def _write_market(clerk: Clerk, entity: Entity) -> Iterator[Row]:
    """Companies, sole proprietors, cooperatives; a few twice, the older row with an older day."""
    if entity.kind not in (Kind.COMPANY, Kind.SOLE_PROPRIETOR, Kind.COOPERATIVE):
        return
    rng = clerk.rng
    if clerk.happens(0.012):
        return
    reported = None
    if clerk.happens(0.36):
        reported = _about(rng, entity.employees, factor=0.82, spread=0.55)
    phone = entity.phone if clerk.happens(0.825) else None
    for copy in range(2 if clerk.happens(min(0.3, 0.007 * clerk.rates.address_odd / 0.09)) else 1):
        registration: Cell = entity.registration
        if entity.registration and clerk.happens(0.02):
            registration = int(entity.registration)
        yield [
            None if clerk.happens(0.015) else clerk.write_code(entity.code),
            registration,
            clerk.write_name(entity.name, entity.former),
            ";".join(name.text for name in entity.former) or None if entity.former_listed else None,
            entity.owner if not copy or clerk.happens(0.9) else make_person(rng),
            phone,
            clerk.write_address(entity.address, None, styles=(60, 40, 0, 0, 0)),
            entity.status.value,
            reported,
            _write_founded(rng, entity.founded),
            entity.section,
            _draw_day(rng, 400 if copy else 75),
        ]


def _write_tax(clerk: Clerk, entity: Entity) -> Iterator[Row]:
    """Taxpayers: many rows without a code, some with a number of the old kinds instead."""
    rng = clerk.rng
    share = {Kind.SOLE_PROPRIETOR: 0.48, Kind.COLLECTIVE: 0.8}.get(entity.kind, 0.73)
    if not clerk.happens(share):
        return
    code, old = clerk.write_code(entity.code), ""
    if clerk.happens(0.2):
        code = ""
        if entity.kind is Kind.SOLE_PROPRIETOR and clerk.happens(0.5):
            born = dt.date(1962, 1, 1) + dt.timedelta(rng.randrange(15000))
            old = f"999999{born:%Y%m%d}{rng.randrange(1000):03d}{rng.randrange(10)}00"
        elif clerk.happens(0.16):
            old = entity.code[2:17]
    counted = clerk.happens(0.8)
    yield [
        code,
        old,
        clerk.write_name(entity.name, entity.former),
        entity.owner if clerk.happens(0.978) else make_person(rng),
        entity.phone if clerk.happens(0.5) else make_phone(rng),
        clerk.write_address(entity.address, entity.moved_to, styles=(20, 40, 20, 0, 20)),
        _tax_status(rng, entity.status),
        max(1, _about(rng, entity.employees, factor=0.98, spread=0.09)) if counted else None,
        _draw_day(rng, 85),
    ]


def _tax_status(rng: random.Random, status: Status) -> str:
    weights = {
        Status.ACTIVE: (93, 7, 0),
        Status.CANCELLED: (21, 26, 53),
        Status.REVOKED: (20, 24, 56),
        Status.MOVED_OUT: (20, 27, 53),
    }[status]
    return rng.choices(("正常", "非正常户", "注销"), weights=weights)[0]


def _write_hr(clerk: Clerk, entity: Entity) -> Iterator[Row]:
    """Insured employers: some with a second account, some branches under the parent's code."""
    rng = clerk.rng
    share = {Kind.SOLE_PROPRIETOR: 0.13}.get(entity.kind, 0.56)
    if not clerk.happens(share):
        return
    insured = max(1, _about(rng, entity.employees, factor=0.86, spread=0.12))
    second = None
    if clerk.happens(0.048):
        second = int(insured * rng.choice((0.02, 0.05, 0.1, 0.25)))
        insured = max(1, insured - second)
    month = LAST_DAY.replace(day=1) - dt.timedelta(days=min(300, int(rng.expovariate(1 / 30))))
    for account, people in enumerate((insured, second)):
        if people is None:
            continue
        name = clerk.write_name(entity.name, entity.former)
        if account and clerk.happens(0.92):
            park = rng.choice(words.PARKS)
            name += rng.choice(words.ACCOUNT_NOTES).format(park)
        code, organisation = _insurance_codes(clerk, entity)
        state = "正常参保" if clerk.happens(0.93) else "暂停"
        if entity.status is not Status.ACTIVE:
            state = rng.choice(("正常参保", "暂停", "终止"))
        yield [
            f"{clerk.region.adcode[:6]}{rng.randrange(10**7):07d}",
            code,
            organisation,
            name,
            (entity.owner if clerk.happens(0.955) else make_person(rng))
            if clerk.happens(0.8)
            else None,
            (entity.phone if clerk.happens(0.5) else make_phone(rng))
            if clerk.happens(0.82)
            else None,
            clerk.write_address(entity.address, entity.moved_to, styles=(0, 21, 41, 19, 19))
            if clerk.happens(0.8)
            else None,
            state,
            people,
            f"{month:%Y%m}",
        ]


def _insurance_codes(clerk: Clerk, entity: Entity) -> tuple[str | None, str | None]:
    """Return the credit code and the organisation code of one account; often neither."""
    organisation = entity.code[8:17]
    if clerk.happens(0.235):
        if not clerk.happens(0.34):
            return None, None
        return None, organisation if clerk.happens(0.5) else f"{organisation[:8]}-{organisation[8]}"
    code = entity.code
    if entity.parent_code and clerk.happens(0.14):
        code = entity.parent_code
    return clerk.write_code(code), None


def _write_civil(clerk: Clerk, entity: Entity) -> Iterator[Row]:
    """Social bodies, and a few firms that were once registered here."""
    social = entity.kind in (Kind.PRIVATE_UNIT, Kind.ASSOCIATION)
    if not social and not clerk.happens(0.003):
        return
    rng = clerk.rng
    counted = clerk.happens(0.6)
    gone = clerk.happens(0.12)
    yield [
        None if clerk.happens(0.105) else clerk.write_code(entity.code),
        clerk.write_name(entity.name, entity.former),
        entity.owner if clerk.happens(0.965) else None,
        entity.phone if clerk.happens(0.6) else make_phone(rng),
        clerk.write_address(entity.address, entity.moved_to, styles=(35, 33, 32, 0, 0)),
        "注销" if gone else "正常",
        max(1, _about(rng, entity.employees, factor=1.0, spread=0.33)) if counted else None,
        _draw_day(rng, 190),
    ]


def _write_union(clerk: Clerk, entity: Entity) -> Iterator[Row]:
    """Unions: the union's own code often stands where the employer's belongs."""
    rng = clerk.rng
    union_code = entity.union_code
    if union_code is None:
        return
    own = clerk.write_code(union_code)
    draw = rng.random()
    code = None
    if draw < 0.165:
        code = own
    elif draw < 0.535:
        code = clerk.write_code(entity.code)
    shown = own if clerk.happens(0.6) else None
    name = clerk.write_name(entity.name, entity.former)
    if clerk.happens(0.66):
        (suffix,) = rng.choices(words.UNION_SUFFIXES, weights=words.UNION_SUFFIX_WEIGHTS)
        name += suffix
    counted = clerk.happens(0.89)
    yield [
        code,
        shown,
        name,
        entity.owner if clerk.happens(0.21) else make_person(rng),
        entity.phone if clerk.happens(0.32) else make_phone(rng),
        clerk.write_address(entity.address, entity.moved_to, styles=(0, 16, 33, 33, 18))
        if clerk.happens(0.754)
        else None,
        max(1, _about(rng, entity.employees, factor=1.05, spread=0.33)) if counted else None,
        _draw_day(rng, 480),
    ]


OFFICES = (
    Office(
        file="market.xlsx",
        label="市场主体登记信息表",
        header=(
            "序号", "统一社会信用代码", "注册号", "企业名称", "曾用名", "法定代表人", "联系电话",
            "住所", "登记状态", "从业人数", "成立日期", "行业门类", "数据日期",
        ),
        blank=(1, 2, 3),
        unreadable=2,
        rates=Rates(typo=0.004, space=0.006, code_typo=0.0024, code_odd=0.001),
        write=_write_market,
    ),
    Office(
        file="hr.xlsx",
        label="参保单位信息表",
        header=(
            "序号", "单位编号", "统一社会信用代码", "组织机构代码", "参保单位名称", "法人",
            "联系电话", "单位地址", "参保状态", "参保人数", "费款所属期",
        ),
        blank=(2, 3, 4),
        unreadable=2,
        rates=Rates(
            former=0.4, form=0.06, prefix=0.05, drop=0.013, short=0.013, typo=0.022,
            traditional=0.006, width=0.12, space=0.024, note=0.022, code_typo=0.006,
            code_odd=0.0018, moved=0.5,
        ),
        write=_write_hr,
    ),
    Office(
        file="union.xlsx",
        label="基层工会登记表",
        header=(
            "序号", "单位统一社会信用代码", "工会统一社会信用代码", "单位/工会名称", "工会主席",
            "联系电话", "单位地址", "职工人数", "建会/更新日期",
        ),
        blank=(1, 2, 3),
        unreadable=1,
        rates=Rates(
            former=0.45, form=0.07, prefix=0.11, drop=0.2, short=0.13, typo=0.03,
            traditional=0.006, width=0.12, space=0.03, note=0.03, code_typo=0.006,
            code_odd=0.007, moved=0.5,
        ),
        write=_write_union,
    ),
    Office(
        file="tax.csv",
        label=None,
        header=(
            "序号", "社会信用代码", "原税号", "纳税人名称", "法定代表人姓名", "财务负责人电话",
            "生产经营地址", "纳税人状态", "个税申报人数", "更新日期",
        ),
        blank=(1, 2, 3),
        unreadable=2,
        rates=Rates(
            former=0.27, form=0.014, prefix=0.025, drop=0.004, short=0.002, typo=0.012,
            traditional=0.004, width=0.12, space=0.029, note=0.012, code_typo=0.004,
            code_odd=0.0015, moved=0.5,
        ),
        write=_write_tax,
    ),
    Office(
        file="civil.csv",
        label=None,
        header=(
            "序号", "统一社会信用代码", "社会组织名称", "法定代表人", "联系电话", "住所", "状态",
            "从业人员数", "年检日期",
        ),
        blank=(1, 2),
        unreadable=1,
        rates=Rates(typo=0.02, space=0.02, traditional=0.01, code_typo=0.004, code_odd=0.004),
        write=_write_civil,
    ),
)  # fmt: skip
"""The offices, in the order in which their files are written."""

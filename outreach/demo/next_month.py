"""Next month's deliveries of a made-up district, with the truth of what happened in between."""
# ruff: noqa: PLR2004  (bare figures are shares and headcounts, told where they stand)

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.demo.addresses import AddressBook
from outreach.demo.dirt import Clerk
from outreach.demo.district import (
    DEFAULT_ENTITIES,
    DEFAULT_SEED,
    make_registers,
    write_register,
    write_truth,
)
from outreach.demo.economy import LAST_DAY, Economy
from outreach.demo.entities import Entity, Status
from outreach.demo.files import write_csv
from outreach.demo.geography import make_geography
from outreach.demo.industries import Site
from outreach.demo.names import make_brand
from outreach.demo.offices import OFFICES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from outreach.demo.offices import Office
    from outreach.demo.registers import Register
    from outreach.demo.rows import Cell, Row

NEXT_DAY = dt.date(2026, 11, 30)
"""Last day that the second month's registers know of."""

SHARES = {
    "new": 0.010,
    "closed": 0.008,
    "moved": 0.006,
    "renamed": 0.004,
    "crossed_up": 0.004,
    "crossed_down": 0.003,
    "union_founded": 0.004,
    "vanished": 0.006,
    "respelled": 0.020,
}
"""How many of the firms each thing happens to in a month; respelling is no change of a firm."""

_LEAST = 5
_HEADCOUNTS = {
    "market.xlsx": "从业人数",
    "hr.xlsx": "参保人数",
    "tax.csv": "个税申报人数",
    "union.xlsx": "职工人数",
}
_ADDRESSES = {"market.xlsx": "住所", "hr.xlsx": "单位地址", "tax.csv": "生产经营地址"}
_NAMES = {"market.xlsx": "企业名称", "hr.xlsx": "参保单位名称", "tax.csv": "纳税人名称"}
_DAYS = {"market.xlsx": "数据日期", "tax.csv": "更新日期", "union.xlsx": "建会/更新日期"}
_SOURCES = {"market.xlsx": "market", "hr.xlsx": "social_security", "tax.csv": "tax"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueChange:
    """What happened to one entity; `kind` is a key of `SHARES`, `source` only of a vanishing."""

    entity: int
    kind: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextMonth:
    """What was written; `truth` tells whose row each is, `changes` what happened to whom."""

    registers: tuple[Path, ...]
    truth: Path
    changes: Path
    happened: tuple[TrueChange, ...]


def write_next_month(
    folder: Path,
    *,
    seed: int = DEFAULT_SEED,
    entities: int = DEFAULT_ENTITIES,
    dirt: float = 1.0,
) -> NextMonth:
    """Write what the five offices send a month after `write_district` with the same arguments.

    Most rows come again as they were. Firms are founded, closed, moved, renamed, grow and shrink
    over 25, found unions, or stand in a register no more; some are only spelled otherwise. No firm
    has more than one of these. The same arguments give the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    land = make_geography(random.Random(f"{seed}/geography"))  # noqa: S311  (nothing is secret)
    economy = Economy(random.Random(f"{seed}/economy"), land)  # noqa: S311  (nothing is secret)
    bodies = economy.make_entities(entities)
    registers = make_registers(seed, land.region, bodies, dirt)
    rng = random.Random(f"{seed}/next month")  # noqa: S311  (nothing is secret)
    month = _Month(
        rng=rng,
        registers={register.file: register for register in registers},
        book=AddressBook(rng, towns=land.towns, places=land.places),
        clerks={
            office.file: Clerk(rng=rng, region=land.region, rates=office.rates.scale(dirt))
            for office in OFFICES
        },
    )
    happened = month.live_through(bodies, economy)
    for register in registers:
        _number_anew(rng, register)
        write_register(folder, register)
    write_truth(folder, registers)
    write_csv(
        folder / "changes.csv",
        ("entity", "kind", "source"),
        [(one.entity, one.kind, one.source) for one in happened],
        encoding="utf-8",
    )
    return NextMonth(
        registers=tuple(folder / register.file for register in registers),
        truth=folder / "truth.csv",
        changes=folder / "changes.csv",
        happened=tuple(happened),
    )


def _number_anew(rng: random.Random, register: Register) -> None:
    rng.shuffle(register.rows)
    for number, (_, row) in enumerate(register.rows, start=1):
        row[0] = number


class _Month:
    """Lets things happen to firms by changing the rows that tell of them."""

    def __init__(
        self,
        *,
        rng: random.Random,
        registers: dict[str, Register],
        book: AddressBook,
        clerks: dict[str, Clerk],
    ) -> None:
        self._rng, self._registers, self._book, self._clerks = rng, registers, book, clerks
        self._rows: dict[int, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
        for register in registers.values():
            for entity, row in register.rows:
                self._rows[entity][register.file].append(row)

    def live_through(self, bodies: list[Entity], economy: Economy) -> list[TrueChange]:
        """Change the registers; returns what truly happened, respellings left out."""
        self._insure_again()
        happened: list[TrueChange] = []
        free = [body for body in bodies if self._is_plain(body)]
        self._rng.shuffle(free)
        acts: dict[str, Callable[[Entity], str | None]] = {
            "closed": self._close,
            "moved": self._move,
            "renamed": self._rename,
            "crossed_up": self._grow,
            "crossed_down": self._shrink,
            "union_founded": lambda body: self._found_union(body, economy),
            "vanished": self._vanish,
            "respelled": self._respell,
        }
        for kind, act in acts.items():
            wanted = max(_LEAST, round(SHARES[kind] * len(bodies)))
            for body in list(free):
                if not wanted:
                    break
                source = act(body)
                if source is None:
                    continue
                free.remove(body)
                wanted -= 1
                if kind != "respelled":
                    happened.append(TrueChange(entity=body.number, kind=kind, source=source))
        happened += self._found_firms(economy, max(_LEAST, round(SHARES["new"] * len(bodies))))
        return happened

    def _is_plain(self, body: Entity) -> bool:
        """Whether the market register has one row of the living firm, under its right code."""
        rows = self._rows[body.number]["market.xlsx"]
        return (
            body.status is Status.ACTIVE
            and body.address.listed
            and body.moved_to is None
            and len(rows) == 1
            and self._cell("market.xlsx", rows[0], "统一社会信用代码") == body.code
        )

    def _place(self, file: str, column: str) -> int:
        return self._registers[file].header.index(column)

    def _cell(self, file: str, row: Row, column: str) -> Cell:
        return row[self._place(file, column)]

    def _set(self, body: Entity, file: str, column: str, value: Cell) -> None:
        for row in self._rows[body.number][file]:
            row[self._place(file, column)] = value
            if file in _DAYS:
                row[self._place(file, _DAYS[file])] = self._day()

    def _day(self) -> str:
        return (NEXT_DAY - dt.timedelta(days=self._rng.randrange(28))).isoformat()

    def _insure_again(self) -> None:
        """Let the accounts that are up to date be billed for another month."""
        place = self._place("hr.xlsx", "费款所属期")
        for _, row in self._registers["hr.xlsx"].rows:
            if row[place] == f"{LAST_DAY:%Y%m}":
                row[place] = f"{NEXT_DAY:%Y%m}"

    def _close(self, body: Entity) -> str:
        self._set(body, "market.xlsx", "登记状态", "注销")
        self._set(body, "tax.csv", "纳税人状态", "注销")
        return ""

    def _move(self, body: Entity) -> str | None:
        address = self._book.draw(self._rng.choice((Site.STREET, Site.BUILDING, Site.PARK)))
        if not address.listed or address.place == body.address.place:
            return None
        for file, column in _ADDRESSES.items():
            if file == "market.xlsx" or self._rng.random() < 0.6:
                clerk = self._clerks[file]
                text = clerk.write_address(address, None, styles=(30, 40, 30, 0, 0))
                self._set(body, file, column, text)
        return ""

    def _rename(self, body: Entity) -> str | None:
        if not body.name.form or body.former or body.parent_code:
            return None
        name = dataclasses.replace(body.name, body=make_brand(self._rng) + body.name.body[-2:])
        self._set(body, "market.xlsx", "企业名称", name.text)
        self._set(body, "market.xlsx", "曾用名", body.name.text)
        for file in ("hr.xlsx", "tax.csv"):
            if self._rng.random() < 0.6:
                self._set(body, file, _NAMES[file], name.text)
        return ""

    def _figures(self, body: Entity) -> list[tuple[str, int]]:
        return [
            (file, int(value))
            for file, column in _HEADCOUNTS.items()
            for row in self._rows[body.number][file]
            if (value := self._cell(file, row, column)) is not None
        ]

    def _count(self, body: Entity, low: int, high: int) -> None:
        people = self._rng.randint(low, high)
        for file, _ in self._figures(body):
            self._set(body, file, _HEADCOUNTS[file], people + self._rng.randint(-2, 2))

    def _grow(self, body: Entity) -> str | None:
        figures = self._figures(body)
        if len(figures) < 2 or max(count for _, count in figures) > 20:
            return None
        self._count(body, 32, 60)
        return ""

    def _shrink(self, body: Entity) -> str | None:
        counts = [count for _, count in self._figures(body)]
        if len(counts) < 2 or min(counts) < 30 or max(counts) > 120:
            return None
        self._count(body, 8, 18)
        return ""

    def _found_union(self, body: Entity, economy: Economy) -> str | None:
        if body.employees < 10 or self._rows[body.number]["union.xlsx"] or body.has_union:
            return None
        founded = dataclasses.replace(body, union_code=economy.mint.make_uscc("81", old=False))
        return "" if self._write(founded, ("union.xlsx",)) else None

    def _vanish(self, body: Entity) -> str | None:
        files = [file for file in _SOURCES if self._rows[body.number][file]]
        file = self._rng.choice(files)
        register = self._registers[file]
        gone = self._rows[body.number].pop(file)
        register.rows[:] = [
            (number, row) for number, row in register.rows if not any(row is one for one in gone)
        ]
        return _SOURCES[file]

    def _respell(self, body: Entity) -> str:
        (row,) = self._rows[body.number]["market.xlsx"]
        address = str(self._cell("market.xlsx", row, "住所"))
        for old, new in (("号", "#"), ("栋", "幢"), ("室", "")):
            address = address.replace(old, new)
        name = str(self._cell("market.xlsx", row, "企业名称"))
        other = name.replace("有限责任公司", "有限公司")
        if other == name:
            other = name.replace("有限公司", "有限责任公司")
        self._set(body, "market.xlsx", "住所", address)
        self._set(body, "market.xlsx", "企业名称", other)
        return ""

    def _found_firms(self, economy: Economy, wanted: int) -> list[TrueChange]:
        found: list[TrueChange] = []
        for body in economy.make_entities(wanted):
            young = dataclasses.replace(
                body,
                founded=NEXT_DAY - dt.timedelta(days=self._rng.randint(1, 25)),
                status=Status.ACTIVE,
                former=(),
                registration=None,
                union_code=None,
                joint_union=None,
            )
            if self._write(young, tuple(office.file for office in OFFICES)):
                found.append(TrueChange(entity=young.number, kind="new"))
        return found

    def _write(self, body: Entity, files: Iterable[str]) -> bool:
        """Let offices write rows of their own about a body, dated this month."""
        wrote = False
        for office in _offices(files):
            for row in office.write(self._clerks[office.file], body):
                row.insert(0, 0)
                if office.file in _DAYS:
                    row[self._place(office.file, _DAYS[office.file])] = self._day()
                self._registers[office.file].rows.append((body.number, row))
                self._rows[body.number][office.file].append(row)
                wrote = True
        return wrote


def _offices(files: Iterable[str]) -> list[Office]:
    wanted = set(files)
    return [office for office in OFFICES if office.file in wanted]

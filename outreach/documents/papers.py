"""A paper before it is a file: a title, and parts of facts, tables and sentences, in plain text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One value with its name; `origin` says from where and of which day, empty for none."""

    label: str
    value: str
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of texts below headers; every row has as many cells as there are headers.

    `widths` are shares of the line, one a column; `numbers` are the places of columns of numbers,
    which end at the same edge.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    numbers: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        lengths = {len(self.widths), *(len(row) for row in self.rows)}
        if lengths != {len(self.headers)}:
            raise ValueError(f"rows of {sorted(lengths)} cells below {len(self.headers)} headers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One headed part; what is empty is left out. `picture` is a PNG, set as wide as the line."""

    title: str
    facts: tuple[Fact, ...] = ()
    table: Table | None = None
    sentences: tuple[str, ...] = ()
    picture: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A whole paper; `notes` say of which day it is, who took it, what its numbers are parts of."""

    title: str
    notes: tuple[str, ...]
    parts: tuple[Part, ...]

"""Reading what an address or a form says: strict, with a sentence for what cannot be used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from flask import request

from outreach.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

Member = TypeVar("Member", bound=StrEnum)

LARGEST_ID = 2_147_483_647
"""The largest integer key of the database."""

LAST_PAGE = 10_000
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)


def choice(kind: type[Member], name: str, default: Member | None = None) -> Member | None:
    """Read a member of a closed set from the address.

    Raises
    ------
    InvalidInput
        When the address names something else.
    """
    value = request.args.get(name, "").strip()
    if not value:
        return default
    if value not in set(kind):
        raise InvalidInput("地址里的“{field}”不能是“{value}”", field=name, value=value)
    return kind(value)


def whole_number(name: str, default: int, *, low: int = 0, high: int = LARGEST_ID) -> int:
    """Read a whole number from the address.

    Raises
    ------
    InvalidInput
        When it is no number or out of range.
    """
    value = request.args.get(name, "").strip()
    if not value:
        return default
    if not (value.isascii() and value.isdigit() and low <= int(value[:12]) <= high):
        raise InvalidInput("地址里的“{field}”不能是“{value}”", field=name, value=value)
    return int(value)


def some_day(name: str) -> date | None:
    """Read a day from the address.

    Raises
    ------
    InvalidInput
        When it is no day.
    """
    value = request.args.get(name, "").strip()
    found = day_of(value)
    if value and found is None:
        raise InvalidInput("地址里的“{field}”不能是“{value}”", field=name, value=value)
    return found


def day_of(text: str) -> date | None:
    """Read a day such as 2026-11-23, or `None` when it is none."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if EARLIEST <= found <= LATEST else None


def key_of(text: str) -> int:
    """Read a key from a form; a text that can be none gives 0, which no row has."""
    fits = text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_ID))
    return min(int(text), LARGEST_ID) if fits else 0


def one_of(name: str, allowed: Sequence[str], default: str) -> str:
    """Read one of a few words from the address; anything else is the default."""
    value = request.args.get(name, "")
    return value if value in allowed else default


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """Which page of a list is shown; pages count from 1."""

    page: int
    size: int
    total: int = 0

    @property
    def offset(self) -> int:
        """How many lines come before."""
        return (self.page - 1) * self.size

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """The number of the first line shown."""
        return min(self.offset + 1, self.total)

    @property
    def last(self) -> int:
        """The number of the last line shown."""
        return min(self.offset + self.size, self.total)


def page_number() -> int:
    """Read the page from the address."""
    return whole_number("page", 1, low=1, high=LAST_PAGE)

"""The initials of a Chinese name in pinyin, as people type them. The one door to pypinyin."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from outreach.domain.search import plain

if TYPE_CHECKING:
    from collections.abc import Callable


@cache
def _reader() -> tuple[Callable[..., list[str]], Any]:
    from pypinyin import Style, lazy_pinyin  # lazy: its dictionary takes a second to load

    return lazy_pinyin, Style.FIRST_LETTER


def initials_of(name: str) -> str:
    """The first letters of a name's syllables in capitals; letters and digits stay themselves.

    A character with several readings is read as its word asks for: 重庆 is CQ, 重工 is ZG.
    """
    read, style = _reader()
    return plain("".join(read(plain(name), style=style, errors="default")))

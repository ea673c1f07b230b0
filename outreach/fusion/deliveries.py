"""Which statements still stand when an office has sent its register again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.domain.sources import Source
from outreach.domain.statements import Prop

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from outreach.domain.statements import Statement

_ABOUT_UNIONS = frozenset(
    {
        Prop.UNION_USCC,
        Prop.UNION_NAME,
        Prop.UNION_STATUS,
        Prop.UNION_FOUNDED_ON,
        Prop.UNION_KIND,
        Prop.MEMBER_COUNT,
    }
)
"""An enterprise may have several unions, each with its own newest word."""


def present_statements(statements: Iterable[Statement]) -> list[Statement]:
    """Leave out what a newer delivery of the same source says otherwise.

    Of each property the newest delivery that speaks of it counts; an enterprise that the newest
    delivery does not name keeps what was said last. Headcounts are dated figures: only one of the
    same source and day gives way. What visits say is dated by itself and stays.
    """
    said = list(statements)
    newest: dict[tuple[Source, Prop, date | None], int] = {}
    for statement in said:
        key = _key(statement)
        newest[key] = max(statement.delivery, newest.get(key, 0))
    return [s for s in said if s.delivery == newest[_key(s)] or _stays(s)]


def _key(statement: Statement) -> tuple[Source, Prop, date | None]:
    day = statement.as_of if statement.prop is Prop.HEADCOUNT else None
    return statement.source, statement.prop, day


def _stays(statement: Statement) -> bool:
    return statement.source is Source.VISIT or statement.prop in _ABOUT_UNIONS

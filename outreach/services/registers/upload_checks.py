"""What speaks against a handed-in file as a whole, and against the enterprise file as it is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import select

from outreach.domain.issues import Issue, IssueKind
from outreach.domain.statements import Prop
from outreach.fusion.names import Regions, split_name
from outreach.storage.enterprises import Enterprise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from outreach.sources.registers import Register
    from outreach.sources.rows import RecordDraft

_FEWEST_CODES = 20
"""With fewer credit codes nothing is said about where a file is from."""

_FEWEST_OWN = 0.2
_HERE = 4
"""Digits of the region that a city's enterprises share."""

_AT_ONCE = 500
"""Credit codes asked for in one query."""


def check_register(
    session: Session, register: Register, district_id: int, code: str
) -> list[Issue]:
    """Say so when a file has no date, is of elsewhere, or its credit codes are used otherwise."""
    return [
        *undated(register),
        *elsewhere(register, code),
        *repeated_codes(register),
        *other_names(session, register, district_id),
    ]


def undated(register: Register) -> list[Issue]:
    """Without a date anywhere a file counts as of the day of its receipt, before all older ones."""
    said = (statement for record in register.records for statement in record.statements)
    if register.as_of or not register.records or any(one.as_of for one in said):
        return []
    return [Issue(kind=IssueKind.NO_DATE, row=0)]


def elsewhere(register: Register, code: str) -> list[Issue]:
    """Say so when hardly any credit code is of the district's own city."""
    regions = Counter(uscc[2:8] for _, uscc in _codes(register))
    total = regions.total()
    own = sum(n for region, n in regions.items() if region[:_HERE] == code[:_HERE])
    if total < _FEWEST_CODES or own >= _FEWEST_OWN * total:
        return []
    often = "、".join(region for region, _ in regions.most_common(3))
    return [Issue(kind=IssueKind.OTHER_DISTRICT, row=0, value=often)]


def repeated_codes(register: Register) -> list[Issue]:
    """One credit code in two rows that differ; the same row twice is told when it is read."""
    first: dict[str, RecordDraft] = {}
    found = []
    for record, uscc in _codes(register):
        before = first.setdefault(uscc, record)
        if before is not record and before.raw != record.raw:
            found.append(
                Issue(
                    kind=IssueKind.REPEATED_CODE, row=record.row, column=uscc, value=str(before.row)
                )
            )
    return found


def other_names(session: Session, register: Register, district_id: int) -> list[Issue]:
    """Credit codes that stand in the enterprise file under quite another name.

    A code is one legal person's for good (GB 32100-2015), so the row will rename that firm: either
    it did take another name, or one of the two codes is wrong.
    """
    rows = {uscc: record for record, uscc in _codes(register)}
    codes, found = sorted(rows), []
    for start in range(0, len(codes), _AT_ONCE):
        query = select(Enterprise.uscc, Enterprise.name).where(
            Enterprise.district_id == district_id,
            Enterprise.retired.is_(False),
            Enterprise.uscc.in_(codes[start : start + _AT_ONCE]),
        )
        for uscc, known in session.execute(query):
            name = _said(rows[uscc], Prop.NAME)
            if name and known and _differ(name, known):
                kind = IssueKind.OTHER_NAME
                found.append(Issue(kind=kind, row=rows[uscc].row, column=name, value=known))
    return sorted(found, key=lambda issue: issue.row)


def _codes(register: Register) -> Iterator[tuple[RecordDraft, str]]:
    for record in register.records:
        if not record.held and (uscc := _said(record, Prop.USCC)):
            yield record, uscc


def _said(record: RecordDraft, prop: Prop) -> str:
    return next((one.value for one in record.statements if one.prop is prop), "")


def _differ(name: str, known: str) -> bool:
    """Whether neither distinctive part is found in the other."""
    one, other = split_name(name, Regions()).core, split_name(known, Regions()).core
    return one not in other and other not in one

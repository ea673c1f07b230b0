"""What reading a handed-in file found, before anything of it is saved."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from outreach.domain.accounts import mask_name, mask_phone
from outreach.domain.issues import Issue, IssueKind, Severity
from outreach.services.registers.upload_checks import check_register
from outreach.sources.headers import NOT_READ, names_a_person
from outreach.storage.records import Batch, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.orm import Session

    from outreach.errors import FileRefused
    from outreach.sources.headers import SeenHeader
    from outreach.sources.registers import Register

_PHONE = re.compile(r"(?<![0-9])(1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8})(?![0-9])")


def make_report(
    session: Session, register: Register, *, district_id: int, code: str
) -> dict[str, Any]:
    """The findings as they are stored and shown; personal values in samples are masked."""
    found = [*register.issues, *check_register(session, register, district_id, code)]
    records = register.records
    warned = sum(bool(record.issues) and not record.held for record in records)
    return {
        "source": register.source.value,
        "as_of": register.as_of.isoformat() if register.as_of else "",
        "encoding": register.encoding,
        "header_row": register.header_row,
        "rows": len(records),
        "held": register.rows_held,
        "warned": warned,
        "ok": len(records) - register.rows_held - warned,
        "findings": _findings([*found, *(i for record in records for i in record.issues)]),
        "headers": headers_as_json(register.headers),
        "compared": _compare(session, register, district_id),
    }


def refused_report(error: FileRefused, seen: Iterable[SeenHeader]) -> dict[str, Any]:
    """Why a file cannot be used as it is, and the headers that people may explain."""
    values = {name: str(value) for name, value in error.values.items()}
    return {
        "error": {"template": error.template, "values": values},
        "headers": headers_as_json(seen),
    }


def headers_as_json(seen: Iterable[SeenHeader]) -> list[dict[str, Any]]:
    """Headers with what is read from them, and three masked values."""
    return [
        {
            "header": one.header,
            "column": one.column,
            "personal": one.is_personal,
            "samples": [mask_sample(text, one.header) for text in one.samples],
        }
        for one in seen
    ]


def mask_sample(text: str, header: str) -> str:
    """A received value as it is shown to explain its column: no whole phone, no person's name."""
    if names_a_person(header):
        return mask_name(text)
    return _PHONE.sub(lambda match: mask_phone(match[0]), text)


def _findings(issues: Iterable[Issue]) -> list[dict[str, Any]]:
    """Each kind of finding once, the costliest first, with its number and first example."""
    first: dict[IssueKind, Issue] = {}
    counts: Counter[IssueKind] = Counter()
    for issue in issues:
        first.setdefault(issue.kind, issue)
        counts[issue.kind] += 1
    cost = list(Severity)
    ordered = sorted(counts, key=lambda kind: (-cost.index(kind.severity), -counts[kind], kind))
    return [
        {
            "kind": kind.value,
            "count": counts[kind],
            "row": first[kind].row,
            "column": first[kind].column,
            "value": mask_sample(first[kind].value, first[kind].column),
        }
        for kind in ordered
    ]


def _compare(session: Session, register: Register, district_id: int) -> dict[str, Any] | None:
    """How many rows stood just so in the last file of the source; `None` without one."""
    last = session.scalar(
        select(Batch)
        .where(
            Batch.district_id == district_id,
            Batch.source == register.source.value,
            Batch.undone_at.is_(None),
        )
        .order_by(Batch.id.desc())
        .limit(1)
    )
    if last is None:
        return None
    skipped = {one.header for one in register.headers if one.column in {"row_number", NOT_READ}}
    before = {
        _fingerprint(raw, skipped)
        for raw in session.scalars(select(Record.raw).where(Record.batch_id == last.id))
    }
    same = sum(_fingerprint(record.raw, skipped) in before for record in register.records)
    return {
        "file": last.file_name,
        "rows": last.rows_read,
        "same": same,
        "new": len(register.records) - same,
    }


def _fingerprint(raw: Mapping[str, str], skipped: set[str]) -> int:
    return hash(tuple(sorted((k, v) for k, v in raw.items() if v and k not in skipped)))

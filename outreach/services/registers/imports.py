"""Received files into the database: batch, records, statements, issues."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from sqlalchemy import func, insert, select

from outreach.domain.issues import Issue as Finding
from outreach.domain.issues import IssueKind, Severity
from outreach.domain.sources import Source
from outreach.services.administration.audit import write_audit
from outreach.services.progress import OnProgress, silent
from outreach.services.registers.deliveries import is_far_fewer, rows_of_last_complete
from outreach.services.registers.header_meanings import load_meanings
from outreach.sources.apart import read_sheets_apart
from outreach.sources.registers import FileChoices, Register, read_register
from outreach.storage.records import Batch, Issue, Record, Statement

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Table
    from sqlalchemy.orm import Session

    from outreach.domain.wording import Sentence
    from outreach.sources.workbooks import Limits

_CHUNK = 5000
# Tables and not their classes: hundreds of thousands of rows are written a third quicker.
_RECORDS = cast("Table", Record.__table__)
_STATEMENTS = cast("Table", Statement.__table__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What became of one file. `is_new` is false when the same file had been imported before.

    `complete` says whether it counts as all of its source; `rows_before` are those of the last file
    that did, 0 without any; `undone` that it was taken back, and nothing in it counts.
    """

    batch_id: int
    file_name: str
    source: Source
    is_new: bool
    rows_read: int
    rows_held: int
    statements: int
    issues: dict[str, int]
    complete: bool
    rows_before: int = 0
    undone: bool = False


def import_file(  # noqa: PLR0913  (what a person may say of a file: source, datum, complete)
    session: Session,
    path: Path,
    *,
    district_id: int,
    now: datetime,
    limits: Limits,
    source: Source | None = None,
    datum: str | None = None,
    complete: bool | None = None,
    on_progress: OnProgress = silent,
) -> ImportReport:
    """Read a register and keep it whole; the same file a second time changes nothing.

    `complete` tells whether the file lists all of its source; `None` lets the number of rows
    decide. Of a partial file nobody is missing.

    Raises
    ------
    FileRefused
        When the file as a whole cannot be used; the database is as it was.
    """
    if path.is_file() and (known := find_batch(session, district_id, _digest(path))):
        return _report(session, known, is_new=False)
    choices = FileChoices(source=source, datum=datum, meanings=load_meanings(session, district_id))
    register = read_register(path, limits=limits, choices=choices, sheets_of=read_sheets_apart)
    return save_register(
        session,
        register,
        district_id=district_id,
        now=now,
        complete=complete,
        on_progress=on_progress,
    )


def save_register(
    session: Session,
    register: Register,
    *,
    district_id: int,
    now: datetime,
    complete: bool | None = None,
    account_id: int | None = None,
    on_progress: OnProgress = silent,
) -> ImportReport:
    """Keep a register that was read; the same file a second time changes nothing."""
    if known := find_batch(session, district_id, register.sha256):
        return _report(session, known, is_new=False)
    before = rows_of_last_complete(session, district_id, register.source)
    if complete is None:
        complete = not is_far_fewer(len(register.records), before)
    batch = Batch(
        district_id=district_id,
        source=register.source,
        file_name=register.file_name,
        sha256=register.sha256,
        size_bytes=register.size_bytes,
        encoding=register.encoding,
        header_row=register.header_row,
        as_of=register.as_of,
        rows_read=len(register.records),
        rows_held=register.rows_held,
        received_at=now,
        complete=complete,
    )
    session.add(batch)
    session.flush()
    _save_rows(session, register, batch, on_progress)
    write_audit(
        session,
        district_id=district_id,
        account_id=account_id,
        action="import",
        subject="batch",
        subject_id=batch.id,
        now=now,
        detail={"sha256": register.sha256, "rows": len(register.records)},
    )
    return _report(session, batch, is_new=True, rows_before=before)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def find_batch(session: Session, district_id: int, sha256: str) -> Batch | None:
    """The batch of a file with these bytes, also when it was undone."""
    return session.scalar(
        select(Batch).where(Batch.district_id == district_id, Batch.sha256 == sha256)
    )


def _save_rows(session: Session, register: Register, batch: Batch, on_progress: OnProgress) -> None:
    common = {"district_id": batch.district_id}
    issues = [_issue_row(issue, None) for issue in register.issues]
    total = len(register.records)
    for start in range(0, total, _CHUNK):
        chunk = register.records[start : start + _CHUNK]
        ids = session.scalars(
            insert(_RECORDS).returning(Record.id, sort_by_parameter_order=True),
            [
                {
                    **common,
                    "batch_id": batch.id,
                    "source": register.source,
                    "row": r.row,
                    "raw": r.raw,
                    "held": r.held,
                }
                for r in chunk
            ],
        ).all()
        statements = [
            {
                **common,
                "record_id": record_id,
                "source": statement.source,
                "prop": statement.prop,
                "value": statement.value,
                "raw": statement.raw,
                "as_of": statement.as_of,
            }
            for record_id, record in zip(ids, chunk, strict=True)
            for statement in record.statements
        ]
        if statements:
            session.execute(insert(_STATEMENTS), statements)
        issues += [
            _issue_row(issue, record_id)
            for record_id, record in zip(ids, chunk, strict=True)
            for issue in record.issues
        ]
        on_progress(min(start + _CHUNK, total), total)
    if issues:
        session.execute(insert(Issue), [{**common, "batch_id": batch.id, **row} for row in issues])


def _issue_row(issue: Finding, record_id: int | None) -> dict[str, object]:
    return {
        "record_id": record_id,
        "kind": issue.kind,
        "row": issue.row,
        "column": issue.column,
        "value": issue.value,
    }


def _report(session: Session, batch: Batch, *, is_new: bool, rows_before: int = 0) -> ImportReport:
    kinds = Counter[str]()
    for kind, count in session.execute(
        select(Issue.kind, func.count()).where(Issue.batch_id == batch.id).group_by(Issue.kind)
    ):
        kinds[kind] = count
    statements = session.scalar(
        select(func.count())
        .select_from(Statement)
        .join(Record, Record.id == Statement.record_id)
        .where(Record.batch_id == batch.id)
    )
    return ImportReport(
        batch_id=batch.id,
        file_name=batch.file_name,
        source=Source(batch.source),
        is_new=is_new,
        rows_read=batch.rows_read,
        rows_held=batch.rows_held,
        statements=statements or 0,
        issues=dict(sorted(kinds.items())),
        complete=batch.complete,
        rows_before=rows_before,
        undone=batch.undone_at is not None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueLine:
    """One line of the issue list."""

    file_name: str
    row: int
    column: str
    value: str
    kind: IssueKind

    @property
    def sentence(self) -> Sentence:
        """What is wrong, ready for a language."""
        finding = Finding(kind=self.kind, row=self.row, column=self.column, value=self.value)
        return finding.sentence


def list_issues(
    session: Session,
    *,
    district_id: int,
    batch_id: int | None = None,
    kind: IssueKind | None = None,
    held_only: bool = False,
    limit: int = 100,
    offset: int = 0,
) -> tuple[list[IssueLine], int]:
    """Return one page of the issue list and how many lines there are in all.

    What was undone is listed only when its file is asked for.
    """
    query = select(Issue, Batch.file_name).join(Batch, Batch.id == Issue.batch_id)
    query = query.where(Issue.district_id == district_id)
    if batch_id is not None:
        query = query.where(Issue.batch_id == batch_id)
    else:
        query = query.where(Batch.undone_at.is_(None))
    if kind is not None:
        query = query.where(Issue.kind == kind)
    if held_only:
        held = [k for k in IssueKind if k.severity is Severity.ROW_HELD]
        query = query.where(Issue.kind.in_(held))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    page = session.execute(
        query.order_by(Issue.batch_id, Issue.row, Issue.id).limit(limit).offset(offset)
    )
    lines = [
        IssueLine(
            file_name=file_name,
            row=issue.row,
            column=issue.column,
            value=issue.value,
            kind=IssueKind(issue.kind),
        )
        for issue, file_name in page
    ]
    return lines, total

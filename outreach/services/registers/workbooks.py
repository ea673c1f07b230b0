"""A received register given back as a workbook, with what is wrong beside each row."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from outreach.domain.issues import Issue, IssueKind, Severity
from outreach.i18n import Language, say, translate
from outreach.services.administration.audit import write_audit
from outreach.services.registers.batches import get_batch
from outreach.services.registers.sheet_xml import AMBER, HEAD, PLAIN, RED, write_sheet
from outreach.sources.headers import ADDED_HEADERS
from outreach.storage import records as table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.sources.registers import Register

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A text that begins so may run as a formula where the workbook is opened."""

LONGEST_CELL = 32_000
_WIDTH = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenRow:
    """One row as received, header to text, with its findings."""

    row: int
    raw: Mapping[str, str]
    issues: Sequence[Issue] = ()

    @property
    def severity(self) -> Severity | None:
        """The costliest finding."""
        cost = list(Severity)
        return max((i.kind.severity for i in self.issues), key=cost.index, default=None)


def safe_text(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula; a quote stands before such."""
    cut = "".join(c for c in text[:LONGEST_CELL] if c >= " " or c in "\t\n\r")
    return f"'{cut}" if cut.startswith(FORMULA_STARTS) else cut


def rows_of_register(register: Register) -> list[GivenRow]:
    """The rows of a file that was read."""
    return [GivenRow(row=r.row, raw=r.raw, issues=r.issues) for r in register.records]


def workbook_of_batch(
    session: Session, principal: Principal, batch_id: int, language: Language, *, now: datetime
) -> tuple[str, bytes]:
    """A delivered file given back: its name and the workbook. Written to the audit log.

    Raises
    ------
    Refused, NotFound
        As `get_batch`.
    """
    batch = get_batch(session, principal, batch_id)
    issues: dict[int, list[Issue]] = defaultdict(list)
    for kind, row, column, value in session.execute(
        select(table.Issue.kind, table.Issue.row, table.Issue.column, table.Issue.value)
        .where(table.Issue.batch_id == batch_id)
        .order_by(table.Issue.id)
    ):
        issues[row].append(Issue(kind=IssueKind(kind), row=row, column=column, value=value))
    rows = [
        GivenRow(row=row, raw=raw, issues=issues.get(row, ()))
        for row, raw in session.execute(
            select(table.Record.row, table.Record.raw)
            .where(table.Record.batch_id == batch_id)
            .order_by(table.Record.row)
        )
    ]
    write_audit(
        session,
        district_id=principal.district_id,
        account_id=principal.account_id or None,
        action="give_back_workbook",
        subject="batch",
        subject_id=batch_id,
        now=now,
        detail={"rows": len(rows)},
    )
    return batch.file_name, write_workbook(rows, language)


def write_workbook(rows: Sequence[GivenRow], language: Language) -> bytes:
    """Write rows as received with their line, what is wrong and the remedy beside them.

    Rows of which nothing was used are red, rows that lost a value amber. All cells are text.
    """
    headers = _headers(rows)
    added = [translate(text, language) for text in ("原文件行号", "问题", "怎么改")]
    widths = [*[_WIDTH] * len(headers), 12, 60, 50]

    def lines() -> Iterator[tuple[int, list[str]]]:
        yield HEAD, [safe_text(text) for text in (*headers, *added)]
        for given in rows:
            cells = [safe_text(given.raw.get(header) or "") for header in headers]
            look = PLAIN if given.severity is None else _LOOKS.get(given.severity, PLAIN)
            yield look, [*cells, str(given.row), *_words(given.issues, language)]

    return write_sheet(translate("登记表", language), widths, lines())


_LOOKS = {Severity.ROW_HELD: RED, Severity.VALUE_LOST: AMBER}


def _headers(rows: Iterable[GivenRow]) -> list[str]:
    """Every header that any row has, in the order of the sheet."""
    found: dict[str, None] = {}
    for given in rows:
        if not found.keys() >= given.raw.keys():
            found.update(dict.fromkeys(given.raw))
    return [header for header in found if header not in ADDED_HEADERS]


def _words(issues: Iterable[Issue], language: Language) -> tuple[str, str]:
    """What is wrong and what to do, one line for each finding."""
    wrong = [
        f"{i.kind.value} {say(language, i.sentence.template, **i.sentence.values)}" for i in issues
    ]
    remedies = dict.fromkeys(translate(i.kind.remedy, language) for i in issues)
    return safe_text("\n".join(wrong)), safe_text("\n".join(remedies))

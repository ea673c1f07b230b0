"""One received file into records, statements and issues; no row disappears."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from outreach.domain.issues import Issue, IssueKind
from outreach.errors import FileRefused
from outreach.sources import values
from outreach.sources.headers import (
    SeenHeader,
    Table,
    choose_table,
    is_personal_header,
    match_columns,
    name_headers,
    samples_of,
    settle_swap,
)
from outreach.sources.rows import RecordDraft, RowReader
from outreach.sources.workbooks import Limits, Sheet, read_sheets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from outreach.domain.sources import Source

__all__ = ["FileChoices", "RecordDraft", "Register", "read_register"]


_TOLD = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChoices:
    """What people say of a file beyond what stands in it.

    source : whose file it is when its headers do not settle it.
    datum : of its coordinates (wgs84, gcj02 or bd09).
    as_of : the day of rows that state none, instead of the title's.
    file_name : the name as it was sent, when the file lies under another one.
    meanings : what headers hold that no spec knows, by source and header key.
    """

    source: Source | None = None
    datum: str | None = None
    as_of: date | None = None
    file_name: str = ""
    meanings: Mapping[Source, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """One received file, read."""

    source: Source
    file_name: str
    sha256: str
    size_bytes: int
    encoding: str
    header_row: int
    as_of: date | None
    records: tuple[RecordDraft, ...]
    issues: tuple[Issue, ...] = field(default=())
    headers: tuple[SeenHeader, ...] = field(default=())

    @property
    def rows_held(self) -> int:
        """Rows that are in the issue list instead of the enterprise file."""
        return sum(record.held for record in self.records)


def read_register(
    path: Path,
    *,
    limits: Limits | None = None,
    source: Source | None = None,
    datum: str | None = None,
    choices: FileChoices | None = None,
    sheets_of: Callable[[Path, Limits], list[Sheet]] = read_sheets,
    on_progress: Callable[[int, int], None] | None = None,
) -> Register:
    """Read a file that some office sent.

    `source` settles whose file it is when its headers do not; `datum` is needed when the file
    holds coordinates; `choices` says these and more. `sheets_of` opens the file;
    `on_progress` is told of every thousandth row that was read, and of how many there are.

    Raises
    ------
    FileRefused
        When the file as a whole cannot be used; nothing of it is returned.
    """
    said = choices or FileChoices(source=source, datum=datum)
    file_name = said.file_name or path.name
    sheets = _open(path, limits or Limits(), file_name, sheets_of)
    table = choose_table(sheets, file_name, said.source, said.meanings)
    headers = name_headers(table.cells)
    columns, swap = settle_swap(
        headers, match_columns(headers, table.spec), table.rows, table.header_index + 1
    )
    if "longitude" in columns.values() and said.datum is None:
        raise FileRefused("“{file}”里有经纬度,请说明坐标系(wgs84、gcj02 或 bd09)", file=file_name)
    records = tuple(_read_rows(table, headers, columns, said, on_progress or _tell_nobody))
    if not records:
        raise FileRefused("“{file}”里只有表头,没有数据行,请重新导出", file=file_name)
    return Register(
        source=table.spec.source,
        file_name=file_name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        size_bytes=path.stat().st_size,
        encoding=table.sheet.encoding,
        header_row=table.header_index + 1,
        as_of=said.as_of or _usual_day(records),
        records=records,
        issues=(
            *((swap,) if swap else ()),
            *_file_issues(table, sheets, headers, columns, records),
        ),
        headers=_seen(headers, columns, records),
    )


def _tell_nobody(_done: int, _total: int) -> None:
    pass


def _open(
    path: Path,
    limits: Limits,
    file_name: str,
    sheets_of: Callable[[Path, Limits], list[Sheet]],
) -> list[Sheet]:
    """Read the sheets; a refusal names the file as its sender does."""
    try:
        return sheets_of(path, limits)
    except FileRefused as error:
        if file_name == path.name or "file" not in error.values:
            raise
        raise FileRefused(error.template, **{**error.values, "file": file_name}) from error


def _read_rows(
    table: Table,
    headers: list[str],
    columns: dict[str, str],
    said: FileChoices,
    on_progress: Callable[[int, int], None],
) -> list[RecordDraft]:
    records, day = [], said.as_of or table.title_day
    counted = _counted(headers, columns)
    first: dict[int, int] = {}
    lost: dict[int, list[int]] = {}
    for line, place in sorted(table.sheet.uncounted):
        lost.setdefault(line, []).append(place)
    for line, cells in enumerate(table.rows, start=table.header_index + 2):
        if line % _TOLD == 0:
            on_progress(line, len(table.sheet.rows))
        if line not in lost and not any(cell.strip() for cell in cells):
            continue
        raw = dict(zip(headers, cells, strict=False))
        beyond = {
            f"(第{place}列)": cell
            for place, cell in enumerate(cells[len(headers) :], start=len(headers) + 1)
            if cell.strip()
        }
        record = RowReader(table.spec, columns, line, said.datum, day).read(raw, beyond)
        found = [_no_result(line, place, headers) for place in lost.get(line, ())]
        same = first.setdefault(hash(tuple(cells[at] for at in counted if at < len(cells))), line)
        if same != line:
            found.append(Issue(kind=IssueKind.DUPLICATE_ROW, row=line, value=str(same)))
        records.append(replace(record, issues=(*record.issues, *found)) if found else record)
    return records


def _counted(headers: Sequence[str], columns: Mapping[str, str]) -> list[int]:
    """The columns that tell rows apart: all but the running number."""
    return [at for at, header in enumerate(headers) if columns.get(header) != "row_number"]


def _no_result(line: int, place: int, headers: Sequence[str]) -> Issue:
    header = headers[place - 1] if place <= len(headers) else f"(第{place}列)"
    return Issue(kind=IssueKind.NO_RESULT, row=line, column=header)


def _usual_day(records: tuple[RecordDraft, ...]) -> date | None:
    """The newest day that any row states, else the title's: the day of the file."""
    days = (s.as_of for record in records for s in record.statements[:1] if s.as_of)
    return max(days, default=None)


def _seen(
    headers: Sequence[str], columns: Mapping[str, str], records: Sequence[RecordDraft]
) -> tuple[SeenHeader, ...]:
    first = records[:200]
    return tuple(
        SeenHeader(
            header=header,
            column=columns.get(header, ""),
            samples=samples_of(
                [record.raw.get(header, "") for record in first],
                is_personal=is_personal_header(header),
            ),
            is_personal=is_personal_header(header)
            or any(
                issue.kind is IssueKind.PERSONAL_ID and issue.column == header
                for record in first
                for issue in record.issues
            ),
        )
        for header in headers
    )


def _file_issues(
    table: Table,
    sheets: list[Sheet],
    headers: list[str],
    columns: dict[str, str],
    records: tuple[RecordDraft, ...],
) -> tuple[Issue, ...]:
    line = table.header_index + 1
    issues = [
        Issue(kind=IssueKind.UNREAD_COLUMN, row=line, column=header)
        for header in headers
        if header not in columns and any(record.raw.get(header, "").strip() for record in records)
    ]
    issues += [
        Issue(kind=IssueKind.UNREAD_SHEET, row=0, value=sheet.name)
        for sheet in sheets
        if sheet is not table.sheet and any(any(cell.strip() for cell in row) for row in sheet.rows)
    ]
    for column, least in table.spec.expect.items():
        names = [header for header, known in columns.items() if known == column]
        filled = sum(any(values.clean_text(r.raw.get(name, "")) for name in names) for r in records)
        if not names:
            header = table.spec.usual_header(column)
            issues.append(Issue(kind=IssueKind.MISSING_COLUMN, row=line, column=header))
        elif filled < least * len(records):
            share = f"{filled / len(records):.0%}"
            issues.append(Issue(kind=IssueKind.WEAK_FILL, row=line, column=names[0], value=share))
    return tuple(issues)

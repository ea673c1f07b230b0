"""One received file into records, statements and issues; no row disappears."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from outreach.domain.issues import Issue, IssueKind
from outreach.errors import FileRefused
from outreach.sources import values
from outreach.sources.rows import RecordDraft, RowReader
from outreach.sources.specs import SourceSpec, all_specs, header_key
from outreach.sources.workbooks import Limits, Sheet, read_sheets

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from outreach.domain.sources import Source

__all__ = ["RecordDraft", "Register", "read_register"]

_HEADER_AMONG = 30
"""A header stands within the first 30 lines: above it are titles, units and dates."""

_DAY_IN_TITLE = re.compile(
    r"(?:20[0-9]{2}年[0-9]{1,2}月(?:[0-9]{1,2}日)?|20[0-9]{2}-[0-9]{1,2}-[0-9]{1,2})"
)

_FEWEST_KNOWN = 3
"""A line with fewer known headers is not a register's header."""


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

    @property
    def rows_held(self) -> int:
        """Rows that are in the issue list instead of the enterprise file."""
        return sum(record.held for record in self.records)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    sheet: Sheet
    spec: SourceSpec
    header_index: int
    score: float

    @property
    def title_day(self) -> date | None:
        """The day or month that the lines above the header name, if they name just one."""
        titles = "".join("".join(row) for row in self.sheet.rows[: self.header_index])
        days = set()
        for text in _DAY_IN_TITLE.findall(values.fold_width(titles)):
            with suppress(ValueError):
                days.add(values.parse_date(text))
        return days.pop() if len(days) == 1 else None


def read_register(
    path: Path,
    *,
    limits: Limits | None = None,
    source: Source | None = None,
    datum: str | None = None,
) -> Register:
    """Read a file that some office sent.

    `source` settles whose file it is when its headers do not; `datum` is needed when the file
    holds coordinates.

    Raises
    ------
    FileRefused
        When the file as a whole cannot be used; nothing of it is returned.
    """
    sheets = read_sheets(path, limits or Limits())
    table = _choose_table(sheets, path, source)
    headers = _headers(table.sheet.rows[table.header_index])
    columns = _columns(headers, table.spec)
    if "longitude" in columns.values() and datum is None:
        raise FileRefused("“{file}”里有经纬度,请说明坐标系(wgs84、gcj02 或 bd09)", file=path.name)
    records = tuple(_read_rows(table, headers, columns, datum))
    if not records:
        raise FileRefused("“{file}”里只有表头,没有数据行,请重新导出", file=path.name)
    return Register(
        source=table.spec.source,
        file_name=path.name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        size_bytes=path.stat().st_size,
        encoding=table.sheet.encoding,
        header_row=table.header_index + 1,
        as_of=_usual_day(records),
        records=records,
        issues=_file_issues(table, sheets, headers, columns, records),
    )


def _choose_table(sheets: list[Sheet], path: Path, source: Source | None) -> _Table:
    specs = [spec for spec in all_specs() if source in {None, spec.source}]
    tables = sorted(
        (
            table
            for sheet in sheets
            for spec in specs
            if (table := _best_header(sheet, spec, named=source is not None))
        ),
        key=lambda table: -table.score,
    )
    if not tables:
        raise FileRefused(
            "“{file}”不像任何一种登记表:前 {lines} 行里没有认得的表头",
            file=path.name,
            lines=_HEADER_AMONG,
        )
    best = tables[0]
    rivals = [
        t for t in tables if t.spec.source is not best.spec.source and best.score - t.score < 1
    ]
    if rivals:
        raise FileRefused(
            "“{file}”分不清是{first}还是{second}的登记表,请用 --source 说明",
            file=path.name,
            first=best.spec.source.label,
            second=rivals[0].spec.source.label,
        )
    return best


def _best_header(sheet: Sheet, spec: SourceSpec, *, named: bool) -> _Table | None:
    """Find the line that reads most like this source's header."""
    best: _Table | None = None
    for index, row in enumerate(sheet.rows[:_HEADER_AMONG]):
        keys = [header_key(cell) for cell in row if cell.strip()]
        known = {spec.columns[key] for key in keys if key in spec.columns}
        telling = sum(key in spec.telling for key in keys)
        if (
            len(known) < _FEWEST_KNOWN
            or not known.issuperset(spec.required)
            or not (telling or named)
        ):
            continue
        score = 3.0 * telling + len(known) - 0.5 * (len(keys) - len(known))
        if best is None or score > best.score:
            best = _Table(sheet=sheet, spec=spec, header_index=index, score=score)
    return best


def _headers(row: list[str]) -> list[str]:
    """Name every column: an empty header gets its place, a repeated one its count."""
    seen: Counter[str] = Counter()
    headers: list[str] = []
    for place, cell in enumerate(row, start=1):
        name = cell.strip() or f"(第{place}列)"
        seen[name] += 1
        named = name if seen[name] == 1 else f"{name}#{seen[name]}"
        headers.append(f"{named}(第{place}列)" if named in headers else named)
    return headers


def _columns(headers: list[str], spec: SourceSpec) -> dict[str, str]:
    """Header as named -> canonical column, for the headers that the source is known to use."""
    return {
        header: spec.columns[key]
        for header in headers
        if (key := header_key(header)) in spec.columns
    }


def _read_rows(
    table: _Table, headers: list[str], columns: dict[str, str], datum: str | None
) -> list[RecordDraft]:
    records, day = [], table.title_day
    for index in range(table.header_index + 1, len(table.sheet.rows)):
        cells = table.sheet.rows[index]
        if not any(cell.strip() for cell in cells):
            continue
        raw = dict(zip(headers, cells, strict=False))
        beyond = {
            f"(第{place}列)": cell
            for place, cell in enumerate(cells[len(headers) :], start=len(headers) + 1)
            if cell.strip()
        }
        reader = RowReader(table.spec, columns, index + 1, datum, day)
        records.append(reader.read(raw, beyond))
    return records


def _usual_day(records: tuple[RecordDraft, ...]) -> date | None:
    """The newest day that any row states, else the title's: the day of the file."""
    days = (s.as_of for record in records for s in record.statements[:1] if s.as_of)
    return max(days, default=None)


def _file_issues(
    table: _Table,
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

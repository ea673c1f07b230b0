"""One received file into records, statements and issues; no row disappears."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from outreach.domain.identifiers import is_personal_id
from outreach.domain.issues import Issue, IssueKind, Severity
from outreach.domain.sources import Source
from outreach.domain.statements import Prop, Statement
from outreach.errors import FileRefused
from outreach.sources import values
from outreach.sources.specs import SourceSpec, all_specs, header_key
from outreach.sources.workbooks import Limits, Sheet, read_sheets

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

_HEADER_AMONG = 30
"""A header stands within the first 30 lines: above it are titles, units and dates."""

_FEWEST_KNOWN = 3
"""A line with fewer known headers is not a register's header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDraft:
    """One row: as received, and what it states. A held row states nothing."""

    row: int
    raw: dict[str, str]
    statements: tuple[Statement, ...]
    issues: tuple[Issue, ...]

    @property
    def held(self) -> bool:
        """Whether the row as a whole could not be used."""
        return any(issue.kind.severity is Severity.ROW_HELD for issue in self.issues)


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
    headers = []
    for place, cell in enumerate(row, start=1):
        name = cell.strip() or f"(第{place}列)"
        seen[name] += 1
        headers.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
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
    records = []
    for index in range(table.header_index + 1, len(table.sheet.rows)):
        cells = table.sheet.rows[index]
        if not any(cell.strip() for cell in cells):
            continue
        raw = dict(zip(headers, cells, strict=False))
        for place in range(len(headers), len(cells)):
            if cells[place].strip():
                raw[f"(第{place + 1}列)"] = cells[place]
        records.append(_RowReader(table.spec, columns, index + 1, datum).read(raw))
    return records


class _RowReader:
    """Pops each known column of one row and keeps what is left as received."""

    def __init__(
        self, spec: SourceSpec, columns: dict[str, str], row: int, datum: str | None
    ) -> None:
        self.spec, self.columns, self.row, self.datum = spec, columns, row, datum
        self.as_of: date | None = None
        self.found: list[tuple[Prop, str, str]] = []
        self.issues: list[Issue] = []

    def read(self, raw: dict[str, str]) -> RecordDraft:
        cells: dict[str, list[tuple[str, str]]] = {}
        for header, column in self.columns.items():
            if text := values.clean_text(raw.get(header, "")):
                cells.setdefault(column, []).append((header, text))
        self._read_dates(cells)
        for column, pairs in cells.items():
            for header, text in pairs:
                self._read_cell(column, header, text)
        self._read_position(cells)
        self._settle_union()
        self._require_identity()
        return RecordDraft(
            row=self.row,
            raw=_without_personal_ids(raw),
            statements=self._statements(),
            issues=tuple(self.issues),
        )

    def _issue(self, kind: IssueKind, header: str, value: str) -> None:
        self.issues.append(Issue(kind=kind, row=self.row, column=header, value=value[:200]))

    def _read_dates(self, cells: dict[str, list[tuple[str, str]]]) -> None:
        for header, text in cells.pop("as_of", []):
            try:
                self.as_of = max(filter(None, (self.as_of, values.parse_date(text))), default=None)
            except ValueError:
                self._issue(IssueKind.BAD_DATE, header, text)

    def _read_cell(self, column: str, header: str, text: str) -> None:
        if "\ufffd" in text:
            self._issue(IssueKind.BAD_BYTES, header, text)
        if len(text) > values.LONGEST_VALUE and column in _PLAIN:
            self._issue(IssueKind.TOO_LONG, header, text)
        elif column in _PLAIN:
            self.found.append((_PLAIN[column], text, text))
        elif column in {"uscc", "union_uscc"}:
            self._take(
                values.read_credit_code(text, is_union_column=column == "union_uscc"), header, text
            )
        elif column in _OLDER_CODES:
            self._take(values.read_older_code(_OLDER_CODES[column], text), header, text)
        elif column in _COUNTS:
            self._read_count(_COUNTS[column], header, text)
        elif column in _DATES:
            self._read_date(_DATES[column], header, text)
        elif column in self.spec.lookups:
            self._read_lookup(column, header, text)

    def _take(
        self, reading: tuple[list[values.Found], list[values.Finding]], header: str, text: str
    ) -> None:
        found, findings = reading
        self.found.extend((prop, value, text) for prop, value in found)
        for kind, value in findings:
            self._issue(kind, header, value)

    def _read_count(self, prop: Prop, header: str, text: str) -> None:
        try:
            self.found.append((prop, str(values.parse_count(text)), text))
        except ValueError:
            self._issue(IssueKind.BAD_NUMBER, header, text)

    def _read_date(self, prop: Prop, header: str, text: str) -> None:
        try:
            day = values.parse_date(text)
        except ValueError:
            self._issue(IssueKind.BAD_DATE, header, text)
            return
        if day is not None:
            self.found.append((prop, day.isoformat(), text))

    def _read_lookup(self, column: str, header: str, text: str) -> None:
        value = self.spec.lookups[column].get(header_key(text))
        if value is None:
            self._issue(IssueKind.UNKNOWN_CODE, header, text)
            value = "unknown"
        prop = Prop.STATUS if column == "status" else Prop.UNION_KIND
        if column == "union_status":
            prop = Prop.UNION_STATUS
        self.found.append((prop, value, text))

    def _read_position(self, cells: dict[str, list[tuple[str, str]]]) -> None:
        longitude, latitude = cells.get("longitude"), cells.get("latitude")
        if not longitude or not latitude:
            return
        text = f"{longitude[0][1]},{latitude[0][1]}"
        try:
            lon, lat = (float(part) for part in text.split(","))
            inside = -180 <= lon <= 180 and -90 <= lat <= 90  # noqa: PLR2004
        except ValueError:
            inside = False
        if inside:
            self.found.append((Prop.POSITION, f"{text},{self.datum}", text))
        else:
            self._issue(IssueKind.BAD_COORDINATES, longitude[0][0], text)

    def _settle_union(self) -> None:
        """A row of the member database says that the employer has a union, unless it ended."""
        if self.spec.source is not Source.MEMBERS:
            return
        said = {prop: (value, raw) for prop, value, raw in self.found}
        kind, _ = said.get(Prop.UNION_KIND, ("own", ""))
        life, raw = said.get(Prop.UNION_STATUS, ("standing", ""))
        self.found = [
            entry for entry in self.found if entry[0] not in {Prop.UNION_STATUS, Prop.UNION_KIND}
        ]
        value = "none" if life in {"ended", "preparing"} else "joint" if kind == "joint" else "own"
        self.found.append((Prop.UNION_STATUS, value, raw))

    def _require_identity(self) -> None:
        identity = {Prop.NAME, Prop.USCC, Prop.ORG_CODE, Prop.TAX_ID, Prop.REG_NO}
        if not any(prop in identity for prop, _, _ in self.found):
            self._issue(IssueKind.NO_NAME_NO_CODE, "", "")

    def _statements(self) -> tuple[Statement, ...]:
        if any(issue.kind.severity is Severity.ROW_HELD for issue in self.issues):
            return ()
        return tuple(
            Statement(prop=prop, value=value, raw=raw, source=self.spec.source, as_of=self.as_of)
            for prop, value, raw in dict.fromkeys(self.found)
        )


_PLAIN = {
    "name": Prop.NAME,
    "former_name": Prop.FORMER_NAME,
    "legal_rep": Prop.LEGAL_REP,
    "union_chair": Prop.UNION_CHAIR,
    "phone": Prop.PHONE,
    "address": Prop.ADDRESS,
    "biz_address": Prop.BIZ_ADDRESS,
    "si_unit_no": Prop.SI_UNIT_NO,
    "industry": Prop.INDUSTRY,
    "type": Prop.ENTERPRISE_TYPE,
    "union_name": Prop.UNION_NAME,
    "township": Prop.TOWNSHIP,
}
_OLDER_CODES = {"org_code": Prop.ORG_CODE, "tax_id": Prop.TAX_ID, "reg_no": Prop.REG_NO}
_COUNTS = {
    "headcount": Prop.HEADCOUNT,
    "headcount_by_type": Prop.HEADCOUNT,
    "members": Prop.MEMBER_COUNT,
}
_DATES = {"est_date": Prop.FOUNDED_ON, "union_founded_on": Prop.UNION_FOUNDED_ON}


def _without_personal_ids(raw: dict[str, str]) -> dict[str, str]:
    return {
        header: values.mask_code(text) if text[:1].isdigit() and is_personal_id(text) else text
        for header, text in raw.items()
    }


def _usual_day(records: tuple[RecordDraft, ...]) -> date | None:
    """The newest day that any row states: the day of the file."""
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
            issues.append(Issue(kind=IssueKind.MISSING_COLUMN, row=line, column=column))
        elif filled < least * len(records):
            share = f"{filled / len(records):.0%}"
            issues.append(Issue(kind=IssueKind.WEAK_FILL, row=line, column=names[0], value=share))
    return tuple(issues)

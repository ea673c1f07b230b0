"""Whose register a sheet is and what each of its columns holds."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from outreach.domain.identifiers import hide_personal_ids, parse_uscc
from outreach.domain.issues import Issue, IssueKind
from outreach.errors import FileRefused
from outreach.sources import values
from outreach.sources.specs import SourceSpec, all_specs, header_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from outreach.domain.sources import Source
    from outreach.sources.workbooks import Sheet

HEADER_AMONG = 30
"""A header stands within the first 30 lines: above it are titles, units and dates."""

ADDED_HEADERS = frozenset({"原文件行号", "问题", "怎么改", "Row in the file", "Problem", "Remedy"})
"""What a workbook that was given back has beside the office's own columns."""

NOT_READ = "-"
"""What a person says of a header that nobody needs."""

_DAY_IN_TITLE = re.compile(
    r"(?:20[0-9]{2}年[0-9]{1,2}月(?:[0-9]{1,2}日)?|20[0-9]{2}-[0-9]{1,2}-[0-9]{1,2})"
)
_FEWEST_KNOWN = 3
"""A line with fewer known headers is not a register's header."""

_PERSONAL_HEADER = re.compile(r"身份证|证件号|公民身份")
_NAMED_PERSON = re.compile(r"姓名|联系人|法人|法定代表|负责人|经办|主席|经营者|投资人")
_HAN = re.compile(r"[\u3400-\u9fff]")
_LOOKED_AT = 200
_MOSTLY = 0.6
_SAMPLES = 3
_LONGEST_SAMPLE = 60


def is_personal_header(header: str) -> bool:
    """Whether a column holds the numbers of persons' papers, so that nobody may keep it."""
    return bool(_PERSONAL_HEADER.search(header))


def names_a_person(header: str) -> bool:
    """Whether a column holds the names of persons."""
    return bool(_NAMED_PERSON.search(header))


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenHeader:
    """A header of a received file with up to three of its values, citizens' numbers hidden.

    column : what is read from it, empty when nothing is.
    """

    header: str
    samples: tuple[str, ...]
    column: str = ""
    is_personal: bool = False


class NotRecognised(FileRefused):
    """No line reads like the header of a known register; `seen` is what may be its header."""

    seen: tuple[SeenHeader, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A sheet whose header was found.

    cells : the header as it counts, two lines of it made one.
    header_index : its last line, from 0.
    """

    sheet: Sheet
    spec: SourceSpec
    cells: tuple[str, ...]
    header_index: int
    score: float

    @property
    def rows(self) -> list[list[str]]:
        """The lines below the header."""
        return self.sheet.rows[self.header_index + 1 :]

    @property
    def title_day(self) -> date | None:
        """The day or month that the lines above the header name, if they name just one."""
        titles = "".join("".join(row) for row in self.sheet.rows[: self.header_index])
        days = set()
        for text in _DAY_IN_TITLE.findall(values.fold_width(titles)):
            with suppress(ValueError):
                days.add(values.parse_date(text))
        return days.pop() if len(days) == 1 else None


def choose_table(
    sheets: list[Sheet],
    file_name: str,
    source: Source | None,
    meanings: Mapping[Source, Mapping[str, str]],
) -> Table:
    """Find the sheet and line that read most like a register's header.

    Raises
    ------
    NotRecognised
        When none does, or none of the named source.
    FileRefused
        When two sources fit alike.
    """
    specs = [
        _explained(spec, meanings.get(spec.source, {}))
        for spec in all_specs()
        if source in {None, spec.source}
    ]
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
        raise _not_recognised(sheets, file_name, specs[0] if len(specs) == 1 else None)
    best = tables[0]
    rivals = [
        t for t in tables if t.spec.source is not best.spec.source and best.score - t.score < 1
    ]
    if rivals:
        raise FileRefused(
            "“{file}”分不清是{first}还是{second}的登记表,请说明来源",
            file=file_name,
            first=best.spec.source.label,
            second=rivals[0].spec.source.label,
        )
    return best


def _explained(spec: SourceSpec, meanings: Mapping[str, str]) -> SourceSpec:
    """The spec with what people said; a shipped header keeps its meaning."""
    return replace(spec, columns={**meanings, **spec.columns}) if meanings else spec


def _best_header(sheet: Sheet, spec: SourceSpec, *, named: bool) -> Table | None:
    """Find the line, or the two lines, that read most like this source's header."""
    best: Table | None = None
    lines = sheet.rows[:HEADER_AMONG]
    for index, line in enumerate(lines):
        single = _as_header(sheet, spec, tuple(line), index, named=named)
        double = None
        if index + 1 < len(lines):
            both = _two_lines(line, lines[index + 1])
            double = _as_header(sheet, spec, both, index + 1, named=named)
        if double and single and double.score - single.score < 1:
            double = None
        for found in (single, double):
            if found and (best is None or found.score > best.score):
                best = found
    return best


def _two_lines(upper: Sequence[str], lower: Sequence[str]) -> tuple[str, ...]:
    """A header of two lines: the lower one is the finer, the upper one spans what it leaves."""
    width = max(len(upper), len(lower))
    pairs = zip(_padded(upper, width), _padded(lower, width), strict=True)
    return tuple(below if below.strip() else above for above, below in pairs)


def _padded(line: Sequence[str], width: int) -> list[str]:
    return [*line, *[""] * (width - len(line))]


def _as_header(
    sheet: Sheet, spec: SourceSpec, cells: tuple[str, ...], index: int, *, named: bool
) -> Table | None:
    keys = [header_key(cell) for cell in cells if cell.strip()]
    known = {spec.columns[key] for key in keys if key in spec.columns} - {NOT_READ}
    telling = sum(key in spec.telling for key in keys)
    if len(known) < _FEWEST_KNOWN or not known.issuperset(spec.required) or not (telling or named):
        return None
    score = 3.0 * telling + len(known) - 0.5 * (len(keys) - len(known))
    return Table(sheet=sheet, spec=spec, cells=cells, header_index=index, score=score)


def name_headers(cells: Sequence[str]) -> list[str]:
    """Name every column: an empty header gets its place, a repeated one its count."""
    seen: Counter[str] = Counter()
    headers: list[str] = []
    for place, cell in enumerate(cells, start=1):
        name = cell.strip() or f"(第{place}列)"
        seen[name] += 1
        named = name if seen[name] == 1 else f"{name}#{seen[name]}"
        headers.append(f"{named}(第{place}列)" if named in headers else named)
    return headers


def match_columns(headers: Sequence[str], spec: SourceSpec) -> dict[str, str]:
    """Header as named -> canonical column, for the headers that are known or were explained.

    A column of persons' papers is never among them, whatever anybody said.
    """
    columns = {header: NOT_READ for header in headers if header in ADDED_HEADERS}
    return columns | {
        header: spec.columns[key]
        for header in headers
        if (key := header_key(header)) in spec.columns and not is_personal_header(header)
    }


def settle_swap(
    headers: Sequence[str], columns: Mapping[str, str], rows: Sequence[Sequence[str]], line: int
) -> tuple[dict[str, str], Issue | None]:
    """Exchange name and credit code when the cells say that the headers stand the other way."""
    settled = dict(columns)
    code = next((h for h, column in columns.items() if column == "uscc"), None)
    name = next((h for h, column in columns.items() if column == "name"), None)
    if code is None or name is None:
        return settled, None
    at_code, at_name = headers.index(code), headers.index(name)
    pairs = [
        (row[at_code], row[at_name])
        for row in rows[:_LOOKED_AT]
        if len(row) > max(at_code, at_name) and row[at_code].strip() and row[at_name].strip()
    ]
    swapped = sum(bool(_HAN.search(c)) and parse_uscc(n) is not None for c, n in pairs)
    if not pairs or swapped < _MOSTLY * len(pairs):
        return settled, None
    settled[code], settled[name] = "name", "uscc"
    return settled, Issue(kind=IssueKind.SWAPPED_COLUMNS, row=line, column=code, value=name)


def samples_of(column: Sequence[str], *, is_personal: bool) -> tuple[str, ...]:
    """Up to three different values, shortened; of a column of papers nothing can be read."""
    found: dict[str, None] = {}
    for text in column:
        if shown := values.clean_text(text):
            found["****" if is_personal else hide_personal_ids(shown)[:_LONGEST_SAMPLE]] = None
        if len(found) == _SAMPLES:
            break
    return tuple(found)


def _not_recognised(
    sheets: Sequence[Sheet], file_name: str, spec: SourceSpec | None
) -> NotRecognised:
    error = NotRecognised(
        "“{file}”不像任何一种登记表:前 {lines} 行里没有认得的表头",
        file=file_name,
        lines=HEADER_AMONG,
    )
    error.seen = _likeliest_header(sheets, spec)
    return error


def _likeliest_header(sheets: Sequence[Sheet], spec: SourceSpec | None) -> tuple[SeenHeader, ...]:
    """The line of the first lines that holds most words, with the values below it."""
    lines = [
        (sum(bool(_HAN.search(cell)) for cell in row), -index, sheet)
        for sheet in sheets
        for index, row in enumerate(sheet.rows[:HEADER_AMONG])
    ]
    words, at, sheet = max(lines, key=lambda line: line[:2], default=(0, 0, None))
    if sheet is None or not words:
        return ()
    below = sheet.rows[1 - at : 1 - at + _LOOKED_AT]
    headers = name_headers(sheet.rows[-at])
    columns = match_columns(headers, spec) if spec else {}
    return tuple(
        SeenHeader(
            header=header,
            samples=samples_of(
                [row[place] for row in below if place < len(row)],
                is_personal=is_personal_header(header),
            ),
            column=columns.get(header, ""),
            is_personal=is_personal_header(header),
        )
        for place, header in enumerate(headers)
    )

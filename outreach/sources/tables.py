"""Small tables that a district delivers itself: grid workers and places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.errors import FileRefused, InvalidInput
from outreach.sources.apart import read_sheets_apart
from outreach.sources.specs import header_key
from outreach.sources.values import clean_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from outreach.sources.workbooks import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One line: canonical column to cleaned text; `row` counts lines as a person does."""

    file_name: str
    row: int
    cells: Mapping[str, str]

    def text(self, column: str) -> str:
        """The text of a column that must be filled.

        Raises
        ------
        InvalidInput
            When it is empty.
        """
        if value := self.cells.get(column, ""):
            return value
        raise InvalidInput(
            "“{file}”第 {row} 行没有填“{column}”", file=self.file_name, row=self.row, column=column
        )

    def number(self, column: str, *, low: float, high: float) -> float:
        """The number in a column.

        Raises
        ------
        InvalidInput
            When it is no number from `low` to `high`.
        """
        text = self.text(column)
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise InvalidInput(
                "“{file}”第 {row} 行的“{column}”是“{value}”,应是 {low} 到 {high} 之间的数",
                file=self.file_name,
                row=self.row,
                column=column,
                value=text,
                low=low,
                high=high,
            )
        return value


def read_table(
    path: Path, columns: Mapping[str, tuple[str, ...]], limits: Limits
) -> list[TableRow]:
    """Read a table whose header has each of `columns` under one of its names.

    Raises
    ------
    FileRefused
        When no line of the first thirty holds all the headers, or nothing follows it.
    """
    known = {
        header_key(name): column for column, names in columns.items() for name in (column, *names)
    }
    for sheet in read_sheets_apart(path, limits):
        for index, line in enumerate(sheet.rows[:30]):
            found = {
                place: known[key]
                for place, cell in enumerate(line)
                if (key := header_key(cell)) in known
            }
            if set(found.values()) == set(columns):
                return _rows(path, sheet.rows, index, found)
    wanted = "、".join(names[0] for names in columns.values())
    raise FileRefused("“{file}”里没有找到这些表头:{wanted}", file=path.name, wanted=wanted)


def _rows(
    path: Path, lines: list[list[str]], header: int, found: Mapping[int, str]
) -> list[TableRow]:
    rows = []
    for index in range(header + 1, len(lines)):
        cells = {
            column: clean_text(lines[index][place])
            for place, column in found.items()
            if place < len(lines[index])
        }
        if any(cells.values()):
            rows.append(TableRow(file_name=path.name, row=index + 1, cells=cells))
    if not rows:
        raise FileRefused("“{file}”里只有表头,没有数据行,请重新导出", file=path.name)
    return rows

"""A small district that most of the demo's tests look at."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook

from outreach.demo import DemoFiles, write_district

if TYPE_CHECKING:
    from pathlib import Path

SMALL = 400


class District:
    """The files of one district, read back without the application."""

    def __init__(self, files: DemoFiles) -> None:
        self.files = files
        self.folder = files.market.parent
        self._read: dict[str, list[list[Any]]] = {}

    def rows(self, name: str) -> list[list[Any]]:
        """Every line of a file as a person sees it, the first line first; read once."""
        if name not in self._read:
            self._read[name] = self._read_rows(name)
        return self._read[name]

    def _read_rows(self, name: str) -> list[list[Any]]:
        path = self.folder / name
        if path.suffix == ".xlsx":
            book = load_workbook(path)
            return [list(row) for row in book["Sheet1"].iter_rows(values_only=True)]
        encoding = "gb18030" if name in {"tax.csv", "grid_workers.csv"} else "utf-8-sig"
        with path.open(encoding=encoding, newline="") as file:
            return [list(row) for row in csv.reader(file)]

    def records(self, name: str) -> list[dict[str, Any]]:
        """The data rows below the header, by column name."""
        rows = self.rows(name)
        header = 1 if name.endswith(".xlsx") else 0
        return [dict(zip(rows[header], row, strict=True)) for row in rows[header + 1 :]]


@pytest.fixture(scope="session")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    """A district of 400 firms."""
    return District(write_district(tmp_path_factory.mktemp("district"), entities=SMALL))


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> District:
    """A district of 6,000 firms, for shares."""
    return District(write_district(tmp_path_factory.mktemp("town"), entities=6000))


def read_folder(folder: Path) -> dict[str, bytes]:
    """All files of a folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}

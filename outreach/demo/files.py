"""Writers for the demo district's files; the same content gives the same bytes."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
import zipfile
from typing import TYPE_CHECKING

import shapely
from openpyxl import Workbook
from openpyxl.worksheet.cell_range import CellRange

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

    from outreach.demo.registers import Register

_STAMP = dt.datetime(2026, 11, 1, tzinfo=dt.UTC).replace(tzinfo=None)
"""Time written into workbooks, naive as the format wants it."""


def write_workbook(path: Path, register: Register) -> None:
    """Write a workbook with one sheet: a merged title row if there is one, header, rows."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Sheet1")
    if register.title is not None:
        sheet.append([register.title])
        sheet.merged_cells.add(
            CellRange(min_col=1, min_row=1, max_col=len(register.header), max_row=1)
        )
    sheet.append(register.header)
    for _, row in register.rows:
        sheet.append(row)
    book.properties.created = _STAMP
    draft = path.with_name(f"{path.name}.part")
    book.save(draft)
    _fix_times(draft, path)
    draft.unlink()


def write_csv(
    path: Path, header: Sequence[str], rows: Iterable[Sequence[object]], *, encoding: str
) -> None:
    """Write a comma-separated file; every row is one line."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n" if encoding == "gb18030" else "\n")
        writer.writerow(header)
        writer.writerows(rows)


def write_geojson(
    path: Path, *, name: str, features: Iterable[tuple[dict[str, str], BaseGeometry]]
) -> None:
    """Write features whose coordinates are ``(lon, lat)``, declared GCJ-02."""
    collection = {
        "type": "FeatureCollection",
        "name": name,
        "datum": "GCJ-02",
        "features": [
            {
                "type": "Feature",
                "properties": properties,
                "geometry": shapely.geometry.mapping(shape),
            }
            for properties, shape in features
        ],
    }
    path.write_text(json.dumps(collection, ensure_ascii=False) + "\n", encoding="utf-8")


def _fix_times(draft: Path, path: Path) -> None:
    """Copy a workbook with one fixed time on all entries and as its time of change."""
    changed = f">{_STAMP.isoformat()}Z</dcterms:modified>".encode()
    with zipfile.ZipFile(draft) as source, zipfile.ZipFile(path, "w") as target:
        for entry in sorted(source.infolist(), key=lambda entry: entry.filename):
            fixed = zipfile.ZipInfo(entry.filename, date_time=_STAMP.timetuple()[:6])
            fixed.compress_type = zipfile.ZIP_DEFLATED
            content = source.read(entry)
            if entry.filename == "docProps/core.xml":
                content = re.sub(rb">[^<]*</dcterms:modified>", changed, content)
            target.writestr(fixed, content, compresslevel=6)

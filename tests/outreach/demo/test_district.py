"""The files as a whole: repeatable, complete, in the promised form."""

from __future__ import annotations

import csv
import zipfile
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook

from outreach.demo import write_district
from tests.outreach.demo.conftest import SMALL, District, read_folder

if TYPE_CHECKING:
    from pathlib import Path

REGISTERS = ("market.xlsx", "hr.xlsx", "union.xlsx", "tax.csv", "civil.csv")


def read_truth(district: District) -> dict[tuple[str, int], int]:
    with district.files.truth.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    assert lines[0] == ["file", "row", "entity"]
    truth = {(file, int(row)): int(entity) for file, row, entity in lines[1:]}
    assert len(truth) == len(lines) - 1
    return truth


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path, district: District):
    write_district(tmp_path, entities=SMALL)
    assert read_folder(tmp_path) == read_folder(district.folder)


def test_another_seed_is_another_district(tmp_path: Path, district: District):
    other = write_district(tmp_path, seed=7, entities=SMALL)
    mine, theirs = read_folder(district.folder), read_folder(tmp_path)
    assert mine.keys() == theirs.keys()
    assert all(mine[name] != theirs[name] for name in mine)
    names = {row["企业名称"] for row in District(other).records("market.xlsx")}
    assert not names & {row["企业名称"] for row in district.records("market.xlsx")} - {None}


def test_nothing_but_the_promised_files_is_left(district: District):
    files = district.files
    promised = {
        path.name
        for path in (
            files.market,
            files.hr,
            files.union,
            files.tax,
            files.civil,
            files.grids,
            files.grid_workers,
            files.gazetteer,
            files.roads,
            files.truth,
            files.entities,
        )
    }
    assert {path.name for path in district.folder.iterdir()} == promised


def test_truth_covers_every_data_row_exactly_once(district: District):
    truth = read_truth(district)
    expected = set()
    for name in REGISTERS:
        first = 3 if name.endswith(".xlsx") else 2
        rows = district.rows(name)
        expected |= {(name, line) for line in range(first, len(rows) + 1)}
        assert len(rows) - first + 1 == district.files.rows[name]
    assert set(truth) == expected
    assert set(truth.values()) <= set(range(SMALL))


def test_truth_points_at_the_row_that_a_person_sees(district: District):
    truth = read_truth(district)
    rows = district.rows("market.xlsx")
    by_code: dict[str, set[int]] = {}
    for line, row in enumerate(rows, start=1):
        if line > 2 and row[1]:
            by_code.setdefault(row[1], set()).add(truth["market.xlsx", line])
    assert all(len(entities) == 1 for entities in by_code.values())


def test_entities_are_listed_with_headcount_status_and_union(district: District):
    with district.files.entities.open(encoding="utf-8", newline="") as file:
        entities = list(csv.DictReader(file))
    assert list(entities[0]) == ["entity", "employees", "status", "has_union"]
    assert [int(entity["entity"]) for entity in entities] == list(range(SMALL))
    assert {entity["status"] for entity in entities} == {"存续", "注销", "吊销", "迁出"}
    assert {entity["has_union"] for entity in entities} == {"0", "1"}
    assert all(int(entity["employees"]) > 0 for entity in entities)


def test_workbooks_have_a_merged_title_above_one_header(district: District):
    for name in ("market.xlsx", "hr.xlsx", "union.xlsx"):
        sheet = load_workbook(district.folder / name)["Sheet1"]
        (merged,) = sheet.merged_cells.ranges
        assert (merged.min_row, merged.max_row) == (1, 1)
        assert merged.max_col == sheet.max_column
        assert str(sheet["A1"].value).startswith(district.files.district)
        assert sheet["A2"].value == "序号"


def test_workbooks_carry_no_time_of_writing(district: District):
    with zipfile.ZipFile(district.files.hr) as book:
        assert {entry.date_time for entry in book.infolist()} == {(2026, 11, 1, 0, 0, 0)}


def test_text_files_are_in_the_offices_encodings(district: District):
    assert district.files.civil.read_bytes().startswith(b"\xef\xbb\xbf")
    assert not district.files.gazetteer.read_bytes().startswith(b"\xef\xbb\xbf")
    for path in (district.files.tax, district.files.grid_workers):
        with pytest.raises(UnicodeDecodeError):
            path.read_text(encoding="utf-8")
        assert path.read_text(encoding="gb18030")


def test_progress_is_told_file_by_file(tmp_path: Path):
    told: list[tuple[str, int, int]] = []
    write_district(tmp_path, entities=20, on_progress=lambda *step: told.append(step))
    assert [done for _, done, _ in told] == list(range(1, 12))
    assert {total for _, _, total in told} == {11}
    assert {name for name, _, _ in told} == {path.name for path in tmp_path.iterdir()}


def test_names_of_the_region_are_told_with_their_codes(district: District):
    files = district.files
    assert files.province.endswith("省")
    assert files.city.endswith("市")
    assert files.district.endswith("区")
    assert files.former_county == files.district.replace("区", "县")
    assert files.label == f"{files.district}（示范）"
    assert files.adcode.startswith("3699")
    assert files.adcode != files.former_adcode
    assert files.counts["entities"] == SMALL
    assert files.counts["grids"] == 136

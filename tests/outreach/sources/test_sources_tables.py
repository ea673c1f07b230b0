from __future__ import annotations

import pytest

from outreach.errors import FileRefused, InvalidInput
from outreach.sources.tables import read_table
from outreach.sources.workbooks import Limits

COLUMNS = {"name": ("地名",), "lon": ("经度", "lng")}


def table(tmp_path, text):
    path = tmp_path / "places.csv"
    path.write_text(text, encoding="utf-8")
    return read_table(path, COLUMNS, Limits())


def test_a_table_is_found_under_its_title_and_rows_count_as_a_person_counts(tmp_path):
    rows = table(tmp_path, "地名表,\n备注,地 名,LNG\n,东风路,115.1\n,,\n,西门,115.2\n")
    assert [(row.row, row.text("name"), row.number("lon", low=70, high=140)) for row in rows] == [
        (3, "东风路", 115.1),
        (5, "西门", 115.2),
    ]


def test_a_table_without_one_of_its_headers_is_refused_with_their_names(tmp_path):
    with pytest.raises(FileRefused, match="地名、经度"):
        table(tmp_path, "地名,纬度\n东风路,25\n")


def test_a_header_below_line_30_is_not_found(tmp_path):
    lines = "说明\n" * 29
    assert table(tmp_path, lines + "地名,经度\n东风路,115\n")
    with pytest.raises(FileRefused, match="没有找到这些表头"):
        table(tmp_path, lines + "说明\n地名,经度\n东风路,115\n")


def test_a_table_without_rows_is_refused(tmp_path):
    with pytest.raises(FileRefused, match="只有表头"):
        table(tmp_path, "地名,经度\nNULL,\n")


def test_an_empty_cell_that_must_be_filled_names_row_and_column(tmp_path):
    (row,) = table(tmp_path, "地名,经度\n东风路\n")
    with pytest.raises(InvalidInput, match="第 2 行没有填“lon”"):
        row.text("lon")


@pytest.mark.parametrize("text", ["69.99", "140.01", "东经115", "inf"])
def test_a_number_out_of_range_names_row_column_and_value(tmp_path, text):
    (row,) = table(tmp_path, f"地名,经度\n东风路,{text}\n")
    with pytest.raises(InvalidInput, match="第 2 行的“lon”"):
        row.number("lon", low=70, high=140)


@pytest.mark.parametrize("text", ["70", "140"])
def test_a_number_at_the_edge_is_taken(tmp_path, text):
    (row,) = table(tmp_path, f"地名,经度\n东风路,{text}\n")
    assert row.number("lon", low=70, high=140) == float(text)

"""What arrives when the reader zooms in: one block of numbers, described without any name."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_grids import CELLS, CLOSER

from maps.closer import FIELDS, KINDS, Cells, closer_options, firm_legend, packed_firms
from maps.errors import LayerError

firms = st.lists(
    st.tuples(
        st.floats(-180, 180),
        st.floats(-80, 80),
        st.integers(0, 2**31),
        st.integers(0, 10**6),
        st.integers(0, KINDS - 1),
        st.integers(0, 1000),
    ),
    max_size=20,
)


def pack(rows, **changes):
    names = ("lon", "lat", "key", "employees", "kind", "visits")
    forms = (np.float64, np.float64, np.int64, np.int64, np.int64, np.int64)
    columns = {
        name: np.array([row[at] for row in rows], dtype=form)
        for at, (name, form) in enumerate(zip(names, forms, strict=True))
    }
    return packed_firms(**(columns | changes))


@given(firms)
def test_a_block_gives_back_what_was_packed(rows) -> None:
    block = pack(rows)
    (count,) = struct.unpack_from("<I", block)
    assert count == len(rows)
    assert len(block) == 4 + 16 * count
    at = 4
    read = {}
    for name, form in (*FIELDS, ("visits", "u1")):
        read[name] = np.frombuffer(block, dtype=form, count=count, offset=at)
        at += read[name].nbytes
    for i, (lon, lat, key, employees, kind, visits) in enumerate(rows):
        assert abs(read["lon"][i] / 1e5 - lon) <= 0.6e-5
        assert abs(read["lat"][i] / 1e5 - lat) <= 0.6e-5
        assert read["key"][i] == key
        assert read["kind"][i] == kind
        assert read["employees"][i] == min(employees, 65_535)
        assert read["visits"][i] == min(visits, 255)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lat": np.array([26.0])}, "differ in length"),
        ({"lon": np.array([np.nan, 115.0])}, "has no place"),
        ({"kind": np.array([0, 12])}, "from 0 to 12; use 0 to 11"),
        ({"kind": np.array([-1, 8])}, "from -1 to 8; use 0 to 11"),
    ],
)
def test_firms_that_cannot_be_drawn_are_refused(change, words) -> None:
    rows = [(115.0, 26.0, 1, 30, 0, 0), (115.0, 26.0, 2, 30, 8, 0)]
    pack(rows)
    with pytest.raises(LayerError, match=words):
        pack(rows, **change)


def test_each_look_is_explained_once() -> None:
    assert [line.label for line in firm_legend(CLOSER)] == ["重点对象", "接近标准", "已有工会"]


def test_the_script_is_given_numbers_and_colours_but_no_words() -> None:
    options = closer_options(CLOSER)
    assert len(options["styles"]) == KINDS
    assert "重点对象" not in str(options)
    assert "覆盖" not in str(options)


@pytest.mark.parametrize("limits", [(0.2, 0.2, 0.6, 0.8), (0.2, 0.4, 0.6), (0.8, 0.6, 0.4, 0.2)])
def test_limits_of_hexagons_rise(limits) -> None:
    kept = {name: getattr(CELLS, name) for name in ("part", "whole", "factor", "colours", "lined")}
    with pytest.raises(LayerError, match="do not rise"):
        Cells(**kept, labels=CELLS.labels, limits=limits)

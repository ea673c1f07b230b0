"""Pictures out of one file: numbers of the format's own description, and broken files."""

from __future__ import annotations

import gzip
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.errors import TileFileError
from maps.tile_file import TileFile, tile_number

PNG = b"\x89PNG\r\n\x1a\n"


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def directory(rows: list[tuple[int, int, int, int]]) -> bytes:
    """Rows of number, run, length, offset, in rising order."""
    out, last = varint(len(rows)), 0
    for number, *_ in rows:
        out += varint(number - last)
        last = number
    out += b"".join(varint(run) for _, run, _, _ in rows)
    out += b"".join(varint(length) for _, _, length, _ in rows)
    return out + b"".join(varint(offset + 1) for *_, offset in rows)


def write(path, root: bytes, leaves: bytes = b"", tiles: bytes = b"", *, packed=1, kind=2, tile=1):
    start = 127
    numbers = (start, len(root), 0, 0, start + len(root), len(leaves))
    numbers += (start + len(root) + len(leaves), len(tiles))
    header = b"PMTiles" + bytes([3]) + struct.pack("<8Q", *numbers)
    header = header.ljust(97, b"\0") + bytes([packed, tile, kind])
    path.write_bytes(header.ljust(127, b"\0") + root + leaves + tiles)
    return path


def test_tiles_are_numbered_as_the_format_says() -> None:
    assert [tile_number(1, *at) for at in ((0, 0), (0, 1), (1, 1), (1, 0))] == [1, 2, 3, 4]
    assert tile_number(0, 0, 0) == 0
    assert tile_number(2, 0, 0) == 5
    assert tile_number(12, 3423, 1763) == 19078479


@given(st.integers(1, 10))
def test_each_tile_of_a_zoom_has_a_number_of_its_own_and_neighbours_follow(zoom: int) -> None:
    side = min(2**zoom, 16)
    seen = {tile_number(zoom, x, y): (x, y) for x in range(side) for y in range(side)}
    assert len(seen) == side * side
    first = (4**zoom - 1) // 3
    if side == 2**zoom:
        assert sorted(seen) == list(range(first, first + side * side))
        for number in range(first, first + side * side - 1):
            (a, b), (c, d) = seen[number], seen[number + 1]
            assert abs(a - c) + abs(b - d) == 1


@pytest.mark.parametrize(("packed", "squeeze"), [(1, lambda raw: raw), (2, gzip.compress)])
def test_a_picture_is_found_directly_in_a_run_and_through_a_leaf(tmp_path, packed, squeeze) -> None:
    leaf = squeeze(directory([(5, 1, 4, 20), (9, 2, 4, 24)]))
    root = squeeze(directory([(0, 1, 10, 0), (1, 3, 10, 10), (5, 0, len(leaf), 0)]))
    tiles = b"zeroth....run......leafnine"
    file = TileFile(write(tmp_path / "a.pmtiles", root, leaf, tiles, packed=packed))
    assert file.media_type == "image/png"
    assert file.find(0, 0, 0) == b"zeroth...."
    assert [file.find(1, *at) for at in ((0, 0), (0, 1), (1, 1))] == [b"run......l"] * 3
    assert file.find(1, 1, 0) is None
    assert file.find(2, 0, 0) == b"eafn"
    for outside in ((0, 1, 0), (-1, 0, 0), (23, 0, 0), (3, 7, 7)):
        assert file.find(*outside) is None
    file.close()


def test_a_packed_picture_is_unpacked(tmp_path) -> None:
    tile = gzip.compress(PNG)
    root = directory([(0, 1, len(tile), 0)])
    file = TileFile(write(tmp_path / "a.pmtiles", root, b"", tile, tile=2))
    assert file.find(0, 0, 0) == PNG
    file.close()


def test_files_that_are_none_or_hold_no_pictures_are_refused_by_name(tmp_path) -> None:
    with pytest.raises(TileFileError, match="'nothing.pmtiles' cannot be read"):
        TileFile(tmp_path / "nothing.pmtiles")
    other = tmp_path / "other.pmtiles"
    other.write_bytes(b"GIF89a" * 40)
    with pytest.raises(TileFileError, match="is no PMTiles file"):
        TileFile(other)
    with pytest.raises(TileFileError, match="holds no pictures"):
        TileFile(write(tmp_path / "vector.pmtiles", directory([]), kind=1))


def test_a_leaf_that_leads_to_itself_ends(tmp_path) -> None:
    leaf = directory([(0, 0, 5, 0)])
    file = TileFile(write(tmp_path / "a.pmtiles", directory([(0, 0, len(leaf), 0)]), leaf))
    with pytest.raises(TileFileError, match="circle"):
        file.find(0, 0, 0)
    file.close()


@given(st.binary(max_size=40))
def test_a_broken_directory_is_told_and_never_read_for_ever(tmp_path_factory, raw: bytes) -> None:
    file = TileFile(write(tmp_path_factory.mktemp("t") / "a.pmtiles", raw))
    try:
        file.find(0, 0, 0)
    except TileFileError as error:
        assert "broken" in str(error) or "circle" in str(error)  # noqa: PT017
    finally:
        file.close()

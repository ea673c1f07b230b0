"""Pictures of roads out of one PMTiles file (version 3), so that a base map needs no tile server.

Only reading, and only what the file promises: header, directories, tiles with pictures. The format
is described at https://github.com/protomaps/PMTiles (spec v3, public domain).
"""

from __future__ import annotations

import gzip
import os
import struct
import zlib
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from maps.errors import TileFileError

if TYPE_CHECKING:
    from pathlib import Path

HEADER_BYTES = 127
LARGEST_DIRECTORY = 16_000_000
"""Bytes; a larger one is no directory but a broken length."""

DEEPEST = 4
"""Directories that point to directories; a longer way is a circle."""

MOST_ZOOM = 22
_MAGIC, _VERSION = b"PMTiles", 3
_PLAIN, _GZIP = 1, 2
_LEAF = 0


@dataclass(frozen=True, slots=True)
class _Entry:
    first: int
    run: int
    length: int
    offset: int


class TileFile:
    """One open file of tiles; safe for a server with threads, for every read says where.

    Parameters
    ----------
    path
        A PMTiles file with PNG, JPEG, WebP or AVIF pictures.

    Raises
    ------
    TileFileError
        When the file is not there, is of another kind, or holds no pictures.
    """

    MEDIA: ClassVar[dict[int, str]] = {
        2: "image/png",
        3: "image/jpeg",
        4: "image/webp",
        5: "image/avif",
    }

    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("rb")
        except OSError as error:
            message = f"The tile file {path.name!r} cannot be read ({error.strerror})."
            raise TileFileError(message) from error
        self._size = os.fstat(self._file.fileno()).st_size
        header = os.pread(self._file.fileno(), HEADER_BYTES, 0)
        if len(header) < HEADER_BYTES or header[:7] != _MAGIC or header[7] != _VERSION:
            self.close()
            message = f"{path.name!r} is no PMTiles file of version 3; convert it."
            raise TileFileError(message)
        numbers = struct.unpack_from("<8Q", header, 8)
        self._root = numbers[0], numbers[1]
        self._leaves, self._tiles = numbers[4], numbers[6]
        self._packed, tile_packed, kind = header[97], header[98], header[99]
        if kind not in self.MEDIA or tile_packed not in {_PLAIN, _GZIP}:
            self.close()
            message = f"{path.name!r} holds no pictures; draw its tiles as PNG, JPEG or WebP."
            raise TileFileError(message)
        self._tile_packed = tile_packed
        self.media_type = self.MEDIA[kind]
        self._directory = lru_cache(maxsize=64)(self._read_directory)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def find(self, zoom: int, x: int, y: int) -> bytes | None:
        """Return one picture, or `None` where the file has none.

        Parameters
        ----------
        zoom, x, y
            Web Mercator, y from the north.

        Raises
        ------
        TileFileError
            When the file is broken.
        """
        if not (0 <= zoom <= MOST_ZOOM and 0 <= x < 2**zoom and 0 <= y < 2**zoom):
            return None
        wanted = tile_number(zoom, x, y)
        place = self._root
        for _ in range(DEEPEST):
            entries, firsts = self._directory(*place)
            at = bisect_right(firsts, wanted) - 1
            if at < 0:
                return None
            entry = entries[at]
            if entry.run == _LEAF:
                place = self._leaves + entry.offset, entry.length
                continue
            if wanted >= entry.first + entry.run:
                return None
            tile = self._read(self._tiles + entry.offset, entry.length)
            return gzip.decompress(tile) if self._tile_packed == _GZIP else tile
        raise TileFileError("The directories of the tile file lead in a circle.")

    def _read(self, offset: int, length: int) -> bytes:
        if offset + length > self._size:
            message = f"The tile file ends before byte {offset + length:,}; it is broken."
            raise TileFileError(message)
        return os.pread(self._file.fileno(), length, offset)

    def _read_directory(self, offset: int, length: int) -> tuple[list[_Entry], list[int]]:
        if length > LARGEST_DIRECTORY:
            message = f"A directory of the tile file claims {length:,} bytes; it is broken."
            raise TileFileError(message)
        raw = self._read(offset, length)
        try:
            entries = _entries(gzip.decompress(raw) if self._packed == _GZIP else raw)
        except (IndexError, OSError, EOFError, zlib.error) as error:
            raise TileFileError("A directory of the tile file is broken.") from error
        return entries, [entry.first for entry in entries]


def _entries(raw: bytes) -> list[_Entry]:
    at = 0

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = raw[at]
            at += 1
            value |= (byte & 127) << shift
            if byte < 128:  # noqa: PLR2004 - the highest bit says that more follow
                return value
            shift += 7

    count = number()
    if count > len(raw):
        raise IndexError(count)
    firsts, first = [], 0
    for _ in range(count):
        first += number()
        firsts.append(first)
    runs = [number() for _ in range(count)]
    lengths = [number() for _ in range(count)]
    offsets: list[int] = []
    for place in range(count):
        said = number()
        offsets.append(said - 1 if said else offsets[place - 1] + lengths[place - 1])
    return [_Entry(*one) for one in zip(firsts, runs, lengths, offsets, strict=True)]


def tile_number(zoom: int, x: int, y: int) -> int:
    """The number of a tile: all of the zooms before, then along a Hilbert curve."""
    number = ((1 << 2 * zoom) - 1) // 3
    for level in reversed(range(zoom)):
        side = 1 << level
        right, low = int(bool(x & side)), int(bool(y & side))
        number += side * side * ((3 * right) ^ low)
        x, y = x & (side - 1), y & (side - 1)
        if not low:
            if right:
                x, y = side - 1 - x, side - 1 - y
            x, y = y, x
    return number

"""A density raster in metres as a classed PNG that lies right on a Web Mercator map."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

from maps.layers import PictureLayer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from maps.density import DensityRaster
    from maps.palette import Classes

MOST_PIXELS = 700
"""Longer side of the picture: a pixel is then about 100 m in a district, half a raster cell."""

_COARSE = 12
"""Places are projected on a lattice this coarse and interpolated between: in a district the
difference is below a metre, and projecting every pixel would cost more than all the rest."""


def density_picture(
    raster: DensityRaster, classes: Classes, bounds: tuple[float, float, float, float]
) -> PictureLayer:
    """Draw a density in classes; the first class (below the lowest limit) is transparent.

    Parameters
    ----------
    raster
        Weight per km2.
    classes
        Limits per km2; the first colour is not used.
    bounds
        West, south, east, north of the picture in degrees WGS-84.
    """
    lon, lat = _pixel_places(bounds)
    east, north = _metres(raster, lon, lat)
    found = classes.of(raster.at_metres(east, north)).astype(np.uint8)
    return PictureLayer(png=indexed_png(found, classes.colours), bounds=bounds)


def indexed_png(pixels: NDArray[np.uint8], colours: tuple[str, ...]) -> bytes:
    """Write a PNG with a palette; colour 0 is transparent, the others opaque.

    Parameters
    ----------
    pixels
        Shape (rows, columns), row 0 at the top, positions in `colours`.
    colours
        `#rrggbb` each, at most 256.
    """
    rows, columns = pixels.shape
    header = struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)
    palette = b"".join(bytes.fromhex(colour.removeprefix("#")) for colour in colours)
    # Each row starts with the number of its filter; 0 is none.
    lines = np.pad(pixels, ((0, 0), (1, 0))).tobytes()
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"PLTE", palette)
        + _chunk(b"tRNS", b"\x00")
        + _chunk(b"IDAT", zlib.compress(lines, 6))
        + _chunk(b"IEND", b"")
    )


def _pixel_places(
    bounds: tuple[float, float, float, float],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the meridians of the columns, and the parallels of the rows from the north down."""
    west, south, east, north = bounds
    low, high = (np.arcsinh(np.tan(np.radians(edge))) for edge in (south, north))
    width, height = np.radians(east - west), high - low
    scale = MOST_PIXELS / max(width, height)
    columns, rows = max(2, round(width * scale)), max(2, round(height * scale))
    lon = west + (np.arange(columns) + 0.5) / columns * (east - west)
    steps = high - (np.arange(rows) + 0.5) / rows * height
    return lon, np.degrees(np.arctan(np.sinh(steps)))


def _metres(
    raster: DensityRaster, lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from scipy.ndimage import map_coordinates

    few_columns = np.linspace(0, lon.size - 1, max(2, lon.size // _COARSE))
    few_rows = np.linspace(0, lat.size - 1, max(2, lat.size // _COARSE))
    at_lon = np.interp(few_columns, np.arange(lon.size), lon)
    at_lat = np.interp(few_rows, np.arange(lat.size), lat)
    east, north = raster.plane.metres(*np.meshgrid(at_lon, at_lat))
    rows = np.interp(np.arange(lat.size), few_rows, np.arange(few_rows.size))
    columns = np.interp(np.arange(lon.size), few_columns, np.arange(few_columns.size))
    places = np.meshgrid(rows, columns, indexing="ij")
    return (
        np.asarray(map_coordinates(east, places, order=1, mode="nearest")),
        np.asarray(map_coordinates(north, places, order=1, mode="nearest")),
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)

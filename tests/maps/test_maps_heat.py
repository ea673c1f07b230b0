"""The density map: where the picture lies, what its legend counts, what is left out."""

from __future__ import annotations

import base64
import re
import struct
import zlib

import geopandas as gpd
import numpy as np
import pytest
from made_up_grids import DAY, HEAT_TEXTS, HOSTILE, SOUTH, STEP, WEST, grids, hostile_texts, points
from test_maps_choropleth import legend_of, readable

from maps.assets import Assets
from maps.density import density_raster
from maps.errors import DensityError, FrameError
from maps.heat import heat_map
from maps.palette import SEQUENTIAL, Classes
from maps.picture_of_density import density_picture, indexed_png

LINKED = Assets.linked("/assets")


def drawn(frame=None, **changes) -> str:
    given = {"texts": HEAT_TEXTS, "as_of": DAY, "assets": LINKED}
    return heat_map(points() if frame is None else frame, grids(), **(given | changes))


def pixels_of(png: bytes) -> np.ndarray:
    columns, rows = struct.unpack(">II", png[16:24])
    at = png.index(b"IDAT")
    (length,) = struct.unpack(">I", png[at - 4 : at])
    lines = zlib.decompress(png[at + 4 : at + 4 + length])
    return np.frombuffer(lines, dtype=np.uint8).reshape(rows, columns + 1)[:, 1:]


def test_the_picture_lies_where_the_point_is_on_a_mercator_map() -> None:
    bounds = (114.7, 25.4, 115.4, 26.3)
    lon, lat = 115.111, 25.777
    raster = density_raster([lon], [lat], [1.0], bandwidth_m=1000)
    classes = Classes(limits=(raster.values.max() * 0.6,), colours=SEQUENTIAL[:2])
    rows, columns = np.nonzero(pixels_of(density_picture(raster, classes, bounds).png))
    height, width = pixels_of(density_picture(raster, classes, bounds).png).shape
    mercator = np.arctanh(np.sin(np.radians([25.4, 26.3, lat])))
    want_row = (mercator[1] - mercator[2]) / (mercator[1] - mercator[0]) * height
    want_column = (lon - bounds[0]) / (bounds[2] - bounds[0]) * width
    # A pixel is about 145 m here.
    assert rows.mean() + 0.5 == pytest.approx(want_row, abs=0.5)
    assert columns.mean() + 0.5 == pytest.approx(want_column, abs=0.5)
    # Round on the map: as wide as high, since Mercator keeps angles.
    assert np.ptp(rows) == pytest.approx(np.ptp(columns), abs=1)


def test_a_png_keeps_its_pixels_and_colours() -> None:
    pixels = np.array([[0, 1, 2], [2, 1, 0]], dtype=np.uint8)
    png = indexed_png(pixels, SEQUENTIAL[:3])
    assert np.array_equal(pixels_of(png), pixels)
    assert bytes.fromhex(SEQUENTIAL[2][1:]) in png


def test_the_legend_counts_every_point_inside_of_the_grids_once() -> None:
    lines = legend_of(drawn())
    counted = [int(line.split()[0]) for line in lines[2:] if re.fullmatch(r"\d+ 家", line)]
    assert sum(counted) == 200
    assert lines[:3] == ["待走访企业的密集程度", "200 家", "家/平方公里"]
    assert "平滑半径 1,000 米" in lines
    assert not [line for line in lines if "没有画出" in line]


def test_limits_are_per_square_kilometre_and_rounded() -> None:
    # 200 points of weight 3 in one place: 600 / (2 pi 1 km2) = 95 per km2.
    one = gpd.GeoDataFrame(
        {"weight": [3.0] * 200},
        geometry=gpd.points_from_xy([WEST + STEP / 2] * 200, [SOUTH + STEP / 2] * 200),
        crs=4326,
    )
    assert legend_of(drawn(one))[3:13:2] == ["≥ 50", "20–50", "10–20", "5–10", "低于 5,不着色"]


def test_points_outside_of_every_grid_are_left_out_and_counted() -> None:
    beijing = gpd.GeoDataFrame(
        {"weight": [1.0]}, geometry=gpd.points_from_xy([116.4], [39.9]), crs=4326
    )
    both = gpd.GeoDataFrame(
        {"weight": [1.0] * 201}, geometry=[*points().geometry, *beijing.geometry], crs=4326
    )
    lines = legend_of(drawn(both))
    assert "另有 1 家不在任何网格内,没有画出" in lines
    assert lines[1] == "200 家"


@pytest.mark.parametrize("frame", [points(0), points().assign(weight=0.0)])
def test_without_any_weight_the_map_says_so_and_shows_the_grids(frame) -> None:
    page = drawn(frame)
    assert legend_of(page)[1] == "没有待走访的企业"
    assert "L.imageOverlay" not in page
    assert "第1网格" in readable(page)


def test_another_bandwidth_or_frame_is_refused() -> None:
    with pytest.raises(DensityError, match="750"):
        drawn(bandwidth_m=750)
    with pytest.raises(FrameError, match="'weight'"):
        drawn(points().drop(columns="weight"))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_nowhere_in_the_page_as_it_was_typed(name: str) -> None:
    hostile = grids(name=[name] * 12, township=[name] * 12)
    page = heat_map(
        points(), hostile, texts=hostile_texts(HEAT_TEXTS), as_of=DAY, assets=Assets.linked("/a")
    )
    assert name not in page


def test_the_picture_is_inside_of_the_page() -> None:
    (image,) = re.findall(r'L\.imageOverlay\(\s*"data:image/png;base64,([^"]+)"', drawn())
    assert base64.b64decode(image).startswith(b"\x89PNG")
    assert len(drawn().encode()) < 60_000

"""The canvas: one door for folium, one way for text, no file from elsewhere."""

from __future__ import annotations

import ast
from pathlib import Path

import folium
import folium.plugins
import numpy as np
import pytest
from made_up_grids import WORDS, square
from shapely.geometry import Polygon

import maps
from maps.assets import Assets
from maps.canvas import Canvas
from maps.errors import ForeignAssetError, LayerError
from maps.layers import Area, AreaLayer, AreaStyle, OutsideLayer, PointLayer, PointStyle, RouteLayer
from maps.safe_text import safe_text

SOURCES = sorted(Path(maps.__file__).parent.rglob("*.py"))
TEXT_SINKS = {
    "Popup",
    "Tooltip",
    "GeoJsonTooltip",
    "GeoJsonPopup",
    "Html",
    "IFrame",
    "DivIcon",
    "Marker",
}
BOUNDS = (115.0, 26.0, 115.04, 26.03)


def canvas(**changes: object) -> Canvas:
    given = {"words": WORDS, "title": "图", "bounds": BOUNDS, "assets": Assets.inline()}
    return Canvas(**(given | changes))


def names_in(tree: ast.AST) -> set[str]:
    found = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    found |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            found |= {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_module_hands_text_to_folium_by_its_own_means(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not names_in(tree) & TEXT_SINKS
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert "bindPopup" not in node.value
            assert "innerHTML" not in node.value
            assert "bindTooltip" not in node.value or path.name == "canvas.py"


def test_words_of_safe_html_are_made_in_two_modules_only() -> None:
    # SafeHtml(...) is a promise; each place that gives it must be looked at.
    makers = {
        path.name
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "SafeHtml"
    }
    assert makers == {"safe_text.py", "legend.py", "canvas.py"}


@pytest.mark.parametrize(
    "element",
    [
        folium.TileLayer("https://tiles.elsewhere.example/{z}/{x}/{y}.png", attr="x"),
        folium.TileLayer("OpenStreetMap"),
        folium.raster_layers.ImageOverlay(
            "https://elsewhere.example/x.png", [[26.0, 115.0], [26.1, 115.1]]
        ),
        folium.plugins.HeatMap([[26.0, 115.0]]),
        folium.plugins.MarkerCluster(),
        folium.plugins.Fullscreen(),
    ],
    ids=lambda element: type(element).__name__,
)
def test_what_would_load_a_file_from_elsewhere_is_refused(element) -> None:
    made = canvas()
    made._map.add_child(folium.FeatureGroup().add_child(element))
    with pytest.raises(ForeignAssetError, match="vendor the file or leave it out"):
        made.render(safe_text("图例"))


def test_foliums_own_lists_of_files_are_not_touched() -> None:
    before = [list(folium.Map.default_js), list(folium.Map.default_css)]
    canvas().render(safe_text("图例"))
    assert [list(folium.Map.default_js), list(folium.Map.default_css)] == before
    assert before[0]


def test_the_same_map_is_the_same_text() -> None:
    def made() -> str:
        one = canvas()
        style = AreaStyle(fill="#eef2f7")
        one.draw(AreaLayer(areas=(Area(geometry=square(0, 0), style=style),)))
        one.draw(RouteLayer(way=((115.0, 26.0), (115.01, 26.01)), stops=((115.0, 26.0),)))
        return one.render(safe_text("图例"))

    assert made() == made()


def test_a_linked_map_names_no_host_at_all() -> None:
    made = canvas(assets=Assets.linked("/assets"))
    made.draw(OutsideLayer(inside=square(0, 0)))
    assert "://" not in made.render(safe_text("图例"))


def test_a_hole_of_a_grid_is_not_covered_by_the_paper_outside() -> None:
    shell, hole = square(0, 0, size=3), square(1, 1)
    made = canvas()
    made.draw(OutsideLayer(inside=Polygon(shell.exterior, [hole.exterior])))
    made.draw(OutsideLayer(inside=shell))
    calls = [line for line in made.render(safe_text("")).split("\n") if "addOutside(" in line]
    assert [line.count("[[") for line in calls if line.strip().startswith("mapPage")] == [2, 1]


@pytest.mark.parametrize("place", [np.nan, np.inf])
def test_a_point_or_stop_without_a_place_is_refused(place: float) -> None:
    style = (PointStyle(colour="#000000", radius_px=3, filled=True),)
    lon, lat = np.array([place]), np.array([26.0])
    layer = PointLayer(
        lon=lon, lat=lat, style=np.array([0]), names=(safe_text("甲"),), styles=style
    )
    with pytest.raises(LayerError, match="leave it out and say how many"):
        canvas().draw(layer)
    with pytest.raises(LayerError, match="plan the route again"):
        canvas().draw(RouteLayer(way=(), stops=((place, 26.0),)))

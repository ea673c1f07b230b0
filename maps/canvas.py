"""The folium map, with self-hosted files only; the only module that imports folium."""

from __future__ import annotations

import base64
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from maps.closer import Closer, closer_options
from maps.document import Page, document
from maps.errors import ForeignAssetError, LayerError
from maps.layers import (
    Area,
    AreaLayer,
    AreaStyle,
    Layer,
    OutsideLayer,
    PictureLayer,
    PlaceLayer,
    PointLayer,
    RouteLayer,
)
from maps.legend import texture_svg, textured
from maps.palette import INK, PAPER, SEQUENTIAL, Texture
from maps.safe_text import SafeHtml, joined, safe_text, script_json

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from maps.assets import Assets
    from maps.base_map import BaseMap
    from maps.texts import MapWords

MAX_ZOOM = 18
MIN_ZOOM = 7
ZOOM_STEP = 0.25
"""Without tiles the map may stop between whole zooms, so the district fills the page."""


OVER_BASE = 0.65
"""How much of a fill is seen over a map of roads."""


class Canvas:
    """One map page in the making: draw layers in their order, then `render`.

    Parameters
    ----------
    words
        Words that every map needs.
    title
        Title of the page and the name of the map for those who do not see it.
    bounds
        West, south, east, north in degrees WGS-84 of what is shown first.
    assets
        Where Leaflet comes from.
    base
        A map below everything, or none.
    """

    def __init__(
        self,
        *,
        words: MapWords,
        title: str,
        bounds: tuple[float, float, float, float],
        assets: Assets,
        base: BaseMap | None = None,
    ) -> None:
        self._words = words
        self._title = title
        self._assets = assets
        self._base = base
        self._page_files = ["page.js"]
        self._textured: list[tuple[str, Texture]] = []
        self._count = 0
        west, south, east, north = bounds
        self._corners = [[south, west], [north, east]]
        self._map = _map_class()(
            location=[(south + north) / 2, (west + east) / 2],
            tiles=None,
            zoom_start=MIN_ZOOM,
            prefer_canvas=True,
            zoom_control=False,
            # folium's own max_zoom is meant for tiles; Leaflet needs this one or draws no layer.
            maxZoom=MAX_ZOOM,
            minZoom=MIN_ZOOM,
            zoomSnap=ZOOM_STEP,
            attributionControl=False,
        )
        self._name(self._map)
        self._figure = self._map.get_root()
        self._call(
            "start",
            {
                "bounds": self._corners,
                "title": safe_text(title),
                "north": safe_text(words.north),
                "zoomIn": safe_text(words.zoom_in),
                "zoomOut": safe_text(words.zoom_out),
                "whole": safe_text(words.whole),
                "metre": safe_text(words.metre),
                "kilometre": safe_text(words.kilometre),
            },
        )
        if base is not None:
            addresses = [address for address in (base.template, base.labels) if address]
            self._call("addBase", addresses, base.servers)

    def draw(self, layer: Layer | Closer) -> None:
        """Put a layer on top of what was drawn before.

        Raises
        ------
        LayerError
            When a point or a way has no finite place.
        """
        match layer:
            case AreaLayer():
                self._draw_areas(layer)
            case PictureLayer():
                self._draw_picture(layer)
            case OutsideLayer():
                self._call("addOutside", _rings(layer.inside), PAPER)
            case PointLayer():
                self._draw_points(layer)
            case RouteLayer():
                self._draw_route(layer)
            case PlaceLayer():
                self._draw_places(layer)
            case Closer():
                self._page_files.append("closer.js")
                self._call("start", closer_options(layer), script="mapCloser")

    def render(self, legend: SafeHtml) -> str:
        """Write the page.

        Parameters
        ----------
        legend
            What `maps.legend.legend_html` made.

        Returns
        -------
        str
            One HTML document; the same input gives the same text.

        Raises
        ------
        ForeignAssetError
            When anything on the map would load a file that this project does not serve.
        """
        _require_no_assets(self._map)
        self._map.render()
        # The legend shows a texture even where its colour is not on the map.
        shown = [(colour, Texture.HATCHED) for colour in SEQUENTIAL] if self._textured else []
        patterns = texture_svg((*shown, (PAPER, Texture.DOTTED), *self._textured))
        page = Page(
            language=self._words.language,
            title=self._title,
            body=joined(patterns, SafeHtml(self._figure.html.render())),
            legend=legend,
            script=self._figure.script.render(),
            files=tuple(self._page_files),
            image_hosts=self._base.hosts if self._base is not None else (),
        )
        return document(page, self._assets)

    def _draw_areas(self, layer: AreaLayer) -> None:
        folium = _folium()
        touched = any(area.tip for area in layer.areas)
        features = [
            {
                "type": "Feature",
                "id": str(at),
                "properties": {"tip": list(area.tip), "key": area.key},
                "geometry": area.geometry.__geo_interface__,
            }
            for at, area in enumerate(layer.areas)
        ]
        styles = {str(at): self._path_style(area) for at, area in enumerate(layer.areas)}
        shown = folium.GeoJson(
            {"type": "FeatureCollection", "features": features},
            style_function=lambda feature: styles[feature["id"]],
            highlight_function=(lambda _: {"weight": 2.5, "color": INK}) if touched else None,
            on_each_feature=folium.JsCode(_BIND_TIP) if touched else None,
            interactive=touched,
            renderer=folium.JsCode("L.svg({padding: 0.5})"),
        )
        self._add(shown)

    def _path_style(self, area: Area) -> dict[str, object]:
        style: AreaStyle = area.style
        look: dict[str, object] = {
            "color": style.stroke,
            "weight": style.line_px,
            "opacity": 1,
            "className": "area",
        }
        if style.fill is None:
            return look | {"fill": False}
        fill = style.fill
        if style.texture is not Texture.PLAIN:
            self._textured.append((fill, style.texture))
        return look | {
            "fillColor": textured(fill, style.texture),
            "fillOpacity": style.fill_opacity * (OVER_BASE if self._base else 1.0),
        }

    def _draw_picture(self, layer: PictureLayer) -> None:
        folium = _folium()
        west, south, east, north = layer.bounds
        image = "data:image/png;base64," + base64.b64encode(layer.png).decode("ascii")
        corners = [[south, west], [north, east]]
        self._add(folium.raster_layers.ImageOverlay(image, corners, pixelated=False))

    def _draw_points(self, layer: PointLayer) -> None:
        places = np.column_stack([layer.lat, layer.lon])
        if not np.isfinite(places).all():
            raise LayerError("A point has no place; leave it out and say how many.")
        whole = np.rint(places * 1e5).astype(np.int64).tolist()
        rows = [
            [lat, lon, style, name]
            for (lat, lon), style, name in zip(
                whole, layer.style.tolist(), layer.names, strict=True
            )
        ]
        styles = [
            {
                "radius": style.radius_px,
                "color": PAPER if style.filled else style.colour,
                "weight": 1 if style.filled else 2.5,
                "fillColor": style.colour if style.filled else PAPER,
                "fillOpacity": 1,
            }
            for style in layer.styles
        ]
        self._call("addPoints", rows, styles)

    def _draw_route(self, layer: RouteLayer) -> None:
        if not np.isfinite(np.array([*layer.way, *layer.stops], dtype=np.float64)).all():
            raise LayerError("A way or a stop has no place; plan the route again.")
        # Not folium's line and markers: the line would lie below the grids, and each marker would
        # first show Leaflet's own picture, which is not vendored.
        way = [[lat, lon] for lon, lat in layer.way]
        stops = [
            [lat, lon, safe_text(str(number))]
            for number, (lon, lat) in enumerate(layer.stops, start=1)
        ]
        self._call("addRoute", way, stops)

    def _draw_places(self, layer: PlaceLayer) -> None:
        decimals = 5
        rows = [
            [
                round(place.lat, decimals),
                round(place.lon, decimals),
                place.name,
                int(place.small),
                round(place.half_height, decimals),
                round(place.half_width, decimals),
            ]
            for place in layer.places
        ]
        self._call("addPlaces", rows)

    def _call(self, function: str, *arguments: object, script: str = "mapPage") -> None:
        """Call the own page script once the map stands; the arguments cannot end the script."""
        values = "".join(f", {script_json(argument)}" for argument in arguments)
        code = f"{script}.{function}({self._map.get_name()}{values});"
        self._add(_script_class()(code))

    def _add(self, element: Any) -> None:  # noqa: ANN401 - see _folium
        self._name(element)
        self._map.add_child(element)

    def _name(self, element: Any) -> None:  # noqa: ANN401 - see _folium
        # branca draws random names; with counted ones the same map is the same text, and an
        # answer can be compared with the one before.
        element._id = str(self._count)  # noqa: SLF001 - there is no other way
        self._count += 1


_BIND_TIP = """function (feature, layer) {
    if (feature.properties.tip.length) {
        layer.bindTooltip(mapPage.tip(feature.properties.tip), {sticky: true, opacity: 1});
        mapPage.know(feature.properties.key, layer);
    }
}"""


def _rings(geometry: BaseGeometry) -> list[list[list[float]]]:
    """Give every ring of polygons as [lat, lon] corners."""
    import shapely

    rings = shapely.get_rings(shapely.get_parts(geometry))
    return [[[lat, lon] for lon, lat in ring.coords] for ring in rings.tolist()]


def _require_no_assets(element: Any) -> None:  # noqa: ANN401 - see _folium
    """Refuse a tree in which folium would link any file: the page links its own ones."""
    linked = [*getattr(element, "default_js", ()), *getattr(element, "default_css", ())]
    address = getattr(element, "url", None) or getattr(element, "tiles", None)
    if address is not None and not str(address).startswith("data:"):
        linked.append((element.get_name(), address))
    for name, url in linked:
        message = f"{name!r} on the map would load {url!r}; vendor the file or leave it out."
        raise ForeignAssetError(message)
    for child in element._children.values():  # noqa: SLF001 - branca has no way to walk a tree
        _require_no_assets(child)


@cache
def _folium() -> Any:  # noqa: ANN401 - folium and branca are typed in parts only, so not at all here
    import folium

    return folium


@cache
def _map_class() -> Any:  # noqa: ANN401 - see _folium
    from folium.template import Template

    class OwnMap(_folium().Map):  # type: ignore[misc]  # see _folium
        """A folium map that links no file and leaves styles to the page."""

        default_js: ClassVar[list[tuple[str, str]]] = []
        default_css: ClassVar[list[tuple[str, str]]] = []
        _template = Template(
            "{% macro html(this, kwargs) %}"
            '<div class="folium-map" id="{{ this.get_name() }}"></div>'
            "{% endmacro %}"
            "{% macro script(this, kwargs) %}"
            "const {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, "
            "{center: {{ this.location|tojson }}, ...{{ this.options|tojavascript }}});"
            "{% endmacro %}"
        )

    return OwnMap


@cache
def _script_class() -> Any:  # noqa: ANN401 - see _folium
    import branca.element

    elements: Any = branca.element

    class Script(elements.MacroElement):  # type: ignore[misc]  # see _folium
        """A line of script that no template engine reads.

        branca reads what its elements give once more as a template; this one goes past it.
        """

        def __init__(self, code: str) -> None:
            super().__init__()
            self._name = "Script"
            self.code = code

        def render(self, **_: object) -> None:
            line = elements.Element("{{ this.code }}")
            line.code = self.code
            self.get_root().script.add_child(line, name=self.get_name())

    return Script

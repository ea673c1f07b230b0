"""The configured map of roads below the district's map, and the one host that it may ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, current_app, make_response

from outreach.domain.base_maps import TIANDITU_SERVERS
from outreach.web import current
from outreach.web.security import public

if TYPE_CHECKING:
    from flask import Response

    from maps.base_map import BaseMap
    from maps.tile_file import TileFile
    from outreach.domain.base_maps import BaseMapRule

pages = Blueprint("base_maps", __name__)

TILE_LIFE_S = 7 * 24 * 3600

_TIANDITU = "https://t{{s}}.tianditu.gov.cn/DataServer?T={layer}&x={{x}}&y={{y}}&l={{z}}&tk={key}"


def base_map() -> BaseMap | None:
    """The configured base map, or `None`: then a map page asks no other host."""
    return make_base_map(current.surroundings().settings.base_map)


def make_base_map(rule: BaseMapRule) -> BaseMap | None:
    """The first map of the chain that is configured: Tianditu, own tiles, own file, none."""
    from maps.base_map import BaseMap  # lazy: start-up time

    if rule.tianditu_key:
        return BaseMap(
            template=_TIANDITU.format(layer="vec_w", key=rule.tianditu_key),
            labels=_TIANDITU.format(layer="cva_w", key=rule.tianditu_key),
            servers=TIANDITU_SERVERS,
            hosts=tuple(f"https://t{server}.tianditu.gov.cn" for server in TIANDITU_SERVERS),
        )
    if rule.tiles:
        return BaseMap(template=rule.tiles, hosts=(rule.host,))
    if rule.pmtiles:
        return BaseMap(template="/map/tiles/{z}/{x}/{y}", hosts=("'self'",))
    return None


def frame_policy(policy: str, base: BaseMap | None) -> str:
    """Widen a frame's policy by pictures from the configured hosts, and by nothing else."""
    if base is None:
        return policy
    return policy.replace("img-src data:", " ".join(("img-src data:", *base.hosts)))


@pages.get("/map/tiles/<int:zoom>/<int:x>/<int:y>")
@public
def tile(zoom: int, x: int, y: int) -> Response:
    """Give a picture of roads from the office's own file.

    Without signing in: the map's frame has an opaque origin, which no cookie reaches, and roads are
    nobody's secret. Nothing of the district's data is in the file.
    """
    name = current.surroundings().settings.base_map.pmtiles
    file = _tile_file() if name else None
    found = file.find(zoom, x, y) if file is not None else None
    if file is None or found is None:
        abort(404)
    answer = make_response(found)
    answer.mimetype = file.media_type
    answer.headers["Cache-Control"] = f"private, max-age={TILE_LIFE_S}"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


def _tile_file() -> TileFile:
    from maps.tile_file import TileFile  # lazy: seldom configured

    kept: dict[str, TileFile] = current_app.extensions.setdefault("outreach.tile_files", {})
    settings = current.surroundings().settings
    path = settings.instance / settings.base_map.pmtiles
    if str(path) not in kept:
        kept[str(path)] = TileFile(path)
    return kept[str(path)]

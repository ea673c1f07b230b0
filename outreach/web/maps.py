"""The district's map beside the table of grids: the same numbers twice."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, make_response, render_template, request, url_for

from outreach.domain.targets import Standing
from outreach.services import enterprises, grid_views, maps
from outreach.services.maps import MapFilter, MapLayer
from outreach.web import current, queries
from outreach.web.map_frames import drawn_map
from outreach.web.security import FRAME_POLICY

if TYPE_CHECKING:
    from datetime import date

    from flask import Response

pages = Blueprint("maps", __name__)

BANDWIDTHS = ("500", "1000", "2000")
STANDINGS = (Standing.TARGET, Standing.WITH_UNION, Standing.NEAR_MISS)
EVERY = "all"
"""In the address: targets, firms with a union and near misses together."""


def _wanted() -> MapFilter:
    every = request.args.get("standing") == EVERY
    standing = None if every else queries.choice(Standing, "standing", Standing.TARGET)
    return MapFilter(
        layer=queries.choice(MapLayer, "layer", MapLayer.COVERAGE) or MapLayer.COVERAGE,
        township=request.args.get("township", "").strip(),
        standing=standing,
        bandwidth_m=int(queries.one_of("bandwidth", BANDWIDTHS, "1000")),
    )


def _as_of(wanted: MapFilter) -> date:
    """The day for which the numbers speak: today where visits are counted."""
    if wanted.layer in {MapLayer.COVERAGE, MapLayer.EFFORT}:
        return current.today()
    district_id = current.principal().district_id
    return maps.data_date(current.session(), district_id, today=current.today())


@pages.get("/map")
def show() -> str:
    """Show the map's frame and the grids' counts."""
    wanted, session, principal = _wanted(), current.session(), current.principal()
    grids = maps.count_grids(session, principal, wanted, today=current.today())
    unplaced = enterprises.count_unplaced(session, principal.district_id)
    return render_template(
        "maps/map.html",
        wanted=wanted,
        grids=sorted(grids, key=lambda grid: (-grid.due + grid.covered, grid.code)),
        covered=sum(grid.covered for grid in grids),
        due=sum(grid.due for grid in grids),
        overdue=sum(grid.overdue for grid in grids),
        unplaced=sum(unplaced.values()),
        keys={grid.code: grid.id for grid in grid_views.list_grids(session, principal)},
        townships=maps.list_townships(session, principal),
        as_of=_as_of(wanted),
        frame=f"{url_for('maps.frame')}?{urlencode(list(request.args.items(multi=True)))}",
        layers=list(MapLayer),
        standings=STANDINGS,
        bandwidths=BANDWIDTHS,
    )


@pages.get("/map/frame")
def frame() -> Response:
    """Give the drawn map as a document of its own, in an opaque origin."""
    answer = make_response(drawn_map(_wanted()))
    answer.headers["Content-Security-Policy"] = FRAME_POLICY
    return answer

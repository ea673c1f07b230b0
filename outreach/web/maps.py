"""The district's map beside the table of grids: the same numbers twice, each with its list."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, jsonify, make_response, render_template, request, send_file, url_for

from maps.assets import Assets
from outreach.domain.grid_figures import FEW, MapLayer, month_end
from outreach.domain.targets import Standing
from outreach.errors import InvalidInput
from outreach.services.desk import layer_words, map_lists, map_points, map_texts, maps
from outreach.services.desk.grid_figures import Window
from outreach.services.desk.map_drawing import Drawing, draw_map
from outreach.services.desk.map_lists import Behind
from outreach.services.desk.maps import MapFilter, MapView
from outreach.web import current, map_links, queries, texts
from outreach.web.base_maps import base_map, frame_policy
from outreach.web.linked_numbers import linked
from outreach.web.map_frames import drawn_map, packed_firms
from outreach.web.security import FRAME_POLICY

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

    from outreach.services.desk.maps import GridLine

pages = Blueprint("maps", __name__)

BANDWIDTHS = ("500", "1000", "2000")
STANDINGS = (Standing.TARGET, Standing.WITH_UNION, Standing.NEAR_MISS)
EVERY = "all"
"""In the address: targets, firms with a union and near misses together."""

PAGE_SIZE = 50
LONGEST_SEARCH = 100
STATE = ("layer", "view", "month", "township", "standing", "bandwidth")
"""What the drawn map depends on; `at`, `grid` and `firm` only say where one looks."""

_AT = re.compile(r"-?\d{1,2}(?:\.\d{1,6})?,-?\d{1,3}(?:\.\d{1,6})?,\d{1,2}(?:\.\d{1,3})?")
_MONTH = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])")


def _month() -> date | None:
    said = request.args.get("month", "").strip()
    if not said:
        return None
    if not _MONTH.fullmatch(said):
        raise InvalidInput("地址里的“{field}”不能是“{value}”", field="month", value=said)
    return date.fromisoformat(f"{said}-01")


def _standing(usual: Standing | None) -> Standing | None:
    """Which firms the address is about, and without a word those that the layer is about."""
    every = request.args.get("standing") == EVERY
    return None if every else queries.choice(Standing, "standing", usual)


def _wanted() -> MapFilter:
    layer = queries.choice(MapLayer, "layer", MapLayer.COVERAGE) or MapLayer.COVERAGE
    standing = _standing(layer.usual_standing)
    view = queries.choice(MapView, "view", MapView.AREAS) or MapView.AREAS
    month = _month()
    return MapFilter(
        layer=layer,
        view=view if layer.has_points and month is None else MapView.AREAS,
        month=month,
        township=request.args.get("township", "").strip(),
        standing=standing,
        bandwidth_m=int(queries.one_of("bandwidth", BANDWIDTHS, "1000")),
    )


def _place() -> dict[str, str]:
    """Where one looks and what is selected, as the frame reads it; only numbers pass."""
    at = request.args.get("at", "")
    found = {"at": at} if _AT.fullmatch(at) else {}
    for name in ("grid", "firm"):
        if key := queries.key_of(request.args.get(name, "")):
            found[name] = str(key)
    return found


def _state(**changes: str) -> str:
    kept = {name: request.args[name] for name in STATE if request.args.get(name)}
    return urlencode({**kept, **changes})


def _order(line: GridLine, *, most_first: bool) -> tuple[bool, bool, float, str]:
    """What needs a look first: much of what is left, little of what is done; rates of few last."""
    value = line.measure.value
    size = value or 0.0
    return value is None, line.measure.few, -size if most_first else size, line.code


@pages.get("/map")
def show() -> str:
    """Show the map's frame and the grids' figures."""
    wanted, session, principal = _wanted(), current.session(), current.principal()
    figures = maps.measure_grids(session, principal, wanted, today=current.today())
    place, find = _place(), request.args.get("find", "").strip()[:LONGEST_SEARCH]
    most_first = wanted.layer in map_links.MOST_FIRST or wanted.shows_places
    grids = sorted(figures.grids, key=lambda line: _order(line, most_first=most_first))
    firm = None
    if "firm" in place:
        firm = map_points.get_firm(session, principal, int(place["firm"]))
    return render_template(
        "maps/map.html",
        wanted=wanted,
        figures=figures,
        grids=grids,
        words=layer_words.words_of(wanted),
        title=map_texts.places_title(wanted, current.language())
        if wanted.shows_places
        else texts.label(wanted.layer),
        rate=lambda measure: layer_words.shown_rate(wanted.layer, measure),
        hundred=layer_words.of_a_hundred,
        said=linked(
            layer_words.measured(
                wanted, figures.measure, current.language(), is_of_all=not wanted.township
            ),
            map_links.behind_all(wanted),
        ),
        note=map_links.note(wanted, figures),
        chosen=layer_words.chosen_firms(wanted.counted_standing, current.language()),
        links=map_links.behind(wanted),
        nowhere_links=map_links.behind_nowhere(wanted),
        find=find,
        found=map_points.find_firms(session, principal, find) if find else [],
        firm=firm,
        place=place,
        townships=maps.list_townships(session, principal),
        unplaced_address=map_links.unplaced(wanted),
        frame=f"{url_for('maps.frame')}?{_state()}#{urlencode(place, safe=',')}",
        firms_address=f"{url_for('maps.firms')}?{_state()}",
        file_address=f"{url_for('maps.file')}?{_state()}",
        layers=list(MapLayer),
        views=list(MapView) if wanted.layer.has_points and not wanted.month else [MapView.AREAS],
        standings=STANDINGS,
        bandwidths=BANDWIDTHS,
        few=FEW,
        base=base_map(),
    )


@pages.get("/map/frame")
def frame() -> Response:
    """Give the drawn map as a document of its own, in an opaque origin."""
    answer = make_response(drawn_map(_wanted()))
    answer.headers["Content-Security-Policy"] = frame_policy(FRAME_POLICY, base_map())
    return answer


@pages.get("/map/firms")
def firms() -> AnyResponse:
    """Give the firms of a map as one block of numbers; rights are checked at every request."""
    block = packed_firms(_wanted())
    answer = make_response(block.compressed)
    answer.mimetype = "application/octet-stream"
    answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.set_etag(block.digest)
    return answer.make_conditional(request)


@pages.get(f"/map/firms/<int(max={queries.LARGEST_ID}):enterprise_id>")
def firm(enterprise_id: int) -> Response:
    """Tell what a touched firm is; the page shows each part as text."""
    card = map_points.get_firm(current.session(), current.principal(), enterprise_id)
    return jsonify(
        name=card.name,
        facts=map_links.card_facts(card),
        address=url_for("enterprises.show", enterprise_id=card.id),
    )


def _behind() -> Behind:
    month = _month()
    window = Window.lately(current.today())
    if month is not None:
        window = Window(since=month, until=min(month_end(month), current.today()))
    return Behind(
        grid_id=queries.whole_number("grid", 0),
        township=request.args.get("township", "").strip(),
        placed=request.args.get("placed") == "1",
        unplaced=request.args.get("unplaced") == "1",
        window=window,
        standing=_standing(Standing.TARGET),
    )


@pages.get("/map/visits")
def visits() -> str:
    """List the visits that a number on the map counts."""
    wanted, session, principal = _behind(), current.session(), current.principal()
    name = map_lists.place_name(session, principal, wanted)
    page = queries.Paging(page=queries.page_number(), size=PAGE_SIZE)
    lines, total = map_lists.list_visits(
        session, principal, wanted, limit=page.size, offset=page.offset
    )
    return _list_page("visits", wanted, name, lines, page, total)


@pages.get("/map/stops")
def stops() -> str:
    """List the planned stops that a number on the map counts."""
    wanted, session, principal = _behind(), current.session(), current.principal()
    name = map_lists.place_name(session, principal, wanted)
    page = queries.Paging(page=queries.page_number(), size=PAGE_SIZE)
    lines, total = map_lists.list_stops(
        session,
        principal,
        wanted,
        only_done=request.args.get("done") == "1",
        limit=page.size,
        offset=page.offset,
    )
    return _list_page("stops", wanted, name, lines, page, total)


def _list_page(
    kind: str,
    wanted: Behind,
    name: str,
    lines: list[map_lists.BehindLine],
    page: queries.Paging,
    total: int,
) -> str:
    return render_template(
        "maps/behind.html",
        kind=kind,
        wanted=wanted,
        place_name=name,
        lines=lines,
        page=queries.Paging(page=page.page, size=page.size, total=total),
        only_done=request.args.get("done") == "1",
    )


@pages.get("/map/file")
def file() -> Response:
    """Give the map as one file that opens without any network."""
    wanted = _wanted()
    drawing = Drawing(language=current.language(), assets=Assets.inline())
    page = draw_map(
        current.session(), current.principal(), wanted, today=current.today(), drawing=drawing
    )
    name = map_links.file_name(
        texts.text(wanted.layer.label), wanted.township, wanted.month or current.today()
    )
    return send_file(
        io.BytesIO(page.encode()), mimetype="text/html", as_attachment=True, download_name=name
    )

"""Firms without a place: the queue by township, and a firm's page to set its point."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, session, url_for

from outreach.domain.positions import UnplacedReason
from outreach.errors import InvalidInput
from outreach.services.enterprises import places
from outreach.web import current, queries, texts

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from outreach.services.enterprises.places import FirmPlace

pages = Blueprint("places", __name__)

PAGE_SIZE = 50
KEY = f"<int(max={queries.LARGEST_ID}):enterprise_id>"
DATUMS = ("gcj02", "wgs84", "bd09")
NONE = "-"
"""In the address: firms whose township is not known."""


@pages.get("/places")
def index() -> str:
    """Show how many firms have no place, by township, and the firms of one township."""
    chosen = request.args.get("township", "").strip()
    reason = queries.choice(UnplacedReason, "reason")
    page = queries.Paging(page=queries.page_number(), size=PAGE_SIZE)
    lines, total = places.list_unplaced(
        current.session(),
        current.principal(),
        township=None if not chosen else "" if chosen == NONE else chosen,
        reason=reason,
        limit=page.size,
        offset=page.offset,
    )
    return render_template(
        "places/list.html",
        queues=places.list_queues(current.session(), current.principal()),
        lines=lines,
        chosen=chosen,
        reason=reason,
        reasons=list(UnplacedReason),
        page=queries.Paging(page=page.page, size=page.size, total=total),
    )


@pages.get(f"/places/{KEY}")
def show(enterprise_id: int) -> str:
    """Show a firm on an empty map of the grids, with the form for its point."""
    return _page(enterprise_id)


@pages.post(f"/places/{KEY}")
def mark(enterprise_id: int) -> ResponseReturnValue:
    """Set a firm's point; it stands at once."""
    try:
        grid_name = places.mark_place(
            current.session(),
            current.principal(),
            enterprise_id,
            places.parse_point(request.form),
            now=current.now(),
        )
    except InvalidInput as error:
        current.session().rollback()
        texts.answer_belongs_to(url_for("places.show", enterprise_id=enterprise_id))
        return _page(enterprise_id, problem=texts.error_text(error)), 422
    session["placed"] = grid_name
    return redirect(url_for("places.show", enterprise_id=enterprise_id), 303)


@pages.post(f"/places/{KEY}/undo")
def unmark(enterprise_id: int) -> ResponseReturnValue:
    """Take the newest mark back."""
    places.unmark_place(current.session(), current.principal(), enterprise_id, now=current.now())
    return redirect(url_for("places.show", enterprise_id=enterprise_id), 303)


def _page(enterprise_id: int, problem: str = "") -> str:
    firm = places.open_place(current.session(), current.principal(), enterprise_id)
    return render_template(
        "places/firm.html",
        firm=firm,
        problem=problem,
        sent=request.form,
        datums=DATUMS,
        placed=session.pop("placed", None),
        picture=_picture(firm),
    )


def _picture(firm: FirmPlace) -> dict[str, object]:
    """What the map script draws: [lat, lon] pairs as Leaflet takes them."""
    return {
        "grids": [
            {"name": name, "here": here, "ring": [[lat, lon] for lon, lat in ring]}
            for name, here, ring in firm.outlines.grids
        ],
        "places": [{"name": name, "at": [lat, lon]} for name, lon, lat in firm.outlines.places],
        "point": [firm.lat, firm.lon] if firm.lon is not None else None,
        "error_m": firm.error_m or 0,
    }

"""A day's list to print."""

from __future__ import annotations

from flask import Blueprint, render_template

from outreach.domain.visits import VisitResult
from outreach.services.visits import paper
from outreach.web import current, queries

pages = Blueprint("paper", __name__)


@pages.get("/today/paper")
def show() -> str:
    """Show a day's stops as they are printed on A4."""
    day = queries.some_day("day") or current.today()
    grid_id = queries.whole_number("grid", 0) or None
    listed = paper.paper_list(current.session(), current.principal(), day, grid_id=grid_id)
    return render_template(
        "paper/day.html",
        route=listed.route,
        days=listed.days,
        door_notes=listed.door_notes,
        results=list(VisitResult),
        grid_id=grid_id,
        printed=current.now(),
    )

"""Grids on the map: drawn, edited, reported on, taken, undone; and who changed what when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.errors import InvalidInput, NotFound
from outreach.services.enterprises import firm_grids
from outreach.services.grids import grid_changes, grid_edits
from outreach.web import current, queries, texts

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from outreach.services.grids.grid_edits import GridEdit

pages = Blueprint("grids", __name__, url_prefix="/grids")

PAGE_SIZE = 50
KEY = f"<int(max={queries.LARGEST_ID}):change_id>"
_NEW = ("code", "name", "township")


@pages.get("")
def show() -> str:
    """Show the grids on a map to change, with what overlaps and what lies open."""
    return _editor()


def _editor(problem: str = "") -> str:
    """The editor; what was drawn and refused is drawn again."""
    view = grid_edits.view_grids(current.session(), current.principal())
    chosen = queries.whole_number("grid", 0)
    return render_template(
        "grids/editor.html",
        view=view,
        picture={
            "grids": [_drawn(one) for one in view.grids],
            "firms": view.points,
            "chosen": chosen,
        },
        sent={name: request.form.get(name, "") for name in (*_NEW, "shapes")},
        problem=problem,
    )


def _drawn(grid: grid_edits.GridShape) -> dict[str, Any]:
    return {
        "id": grid.id,
        "name": grid.name,
        "code": grid.code,
        "geometry": grid.geometry,
        "told": texts.text("{count} 家", count=texts.number(grid.firms)),
    }


def _edit() -> GridEdit:
    new = {name: request.form.get(name, "") for name in _NEW}
    return grid_edits.parse_edit(request.form.get("shapes", ""), new)


@pages.post("/review")
def review() -> ResponseReturnValue:
    """Say what an edit would do before it is taken."""
    texts.answer_belongs_to(url_for("grids.show"))
    try:
        report = grid_edits.review_edit(current.session(), current.principal(), _edit())
    except (InvalidInput, NotFound) as error:
        return _editor(texts.error_text(error)), 422
    return render_template("grids/report.html", report=report, sent=request.form)


@pages.post("")
def save() -> ResponseReturnValue:
    """Take the edit that was reported on; the form of the report may send it back to be changed."""
    texts.answer_belongs_to(url_for("grids.show"))
    if request.form.get("do") == "back":
        return _editor()
    try:
        grid_changes.save_edit(current.session(), current.principal(), _edit(), now=current.now())
    except (InvalidInput, NotFound) as error:
        return _editor(texts.error_text(error)), 422
    return redirect(url_for("grids.changes", done=1), 303)


@pages.get("/changes")
def changes() -> str:
    """List who changed which grids when, and which firms changed hands."""
    session, principal = current.session(), current.principal()
    firm = queries.whole_number("firm", 0) or None
    page = queries.Paging(page=queries.page_number(), size=PAGE_SIZE)
    is_moves = firm is not None or request.args.get("show") == "firms"
    known = {"limit": page.size, "offset": page.offset}
    if is_moves:
        moves, total = firm_grids.list_moves(session, principal, enterprise_id=firm, **known)
        lines: list[Any] = []
    else:
        lines, total = grid_changes.list_changes(session, principal, **known)
        moves = []
    return render_template(
        "grids/changes.html",
        lines=lines,
        moves=moves,
        is_moves=is_moves,
        page=queries.Paging(page=page.page, size=page.size, total=total),
    )


@pages.post(f"/changes/{KEY}/undo")
def undo(change_id: int) -> ResponseReturnValue:
    """Give the grids of a change their former shapes."""
    grid_changes.undo_change(current.session(), current.principal(), change_id, now=current.now())
    return redirect(url_for("grids.changes", undone=1), 303)

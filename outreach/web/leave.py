"""Grid workers' leave and stand-ins; a grid that goes into other hands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.errors import Conflict, InvalidInput, NotFound
from outreach.services.administration import leave
from outreach.services.administration.leave import WantedLeave
from outreach.services.grids import handovers
from outreach.services.planning import away_visits
from outreach.web import current, queries, texts

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

pages = Blueprint("leave", __name__)

PAGE_SIZE = 50
KEY = f"<int(max={queries.LARGEST_ID}):leave_id>"
GRID_KEY = f"<int(max={queries.LARGEST_ID}):grid_id>"
_FIELDS = ("grid", "first", "last", "stand_in")


@pages.get("/leave")
def index() -> str:
    """List who is away now and later, or who was."""
    return _page()


def _page(problem: str = "") -> str:
    """The list with its form; a form that was refused keeps what was typed."""
    session, principal = current.session(), current.principal()
    past = request.args.get("past") == "1"
    page = queries.Paging(page=queries.page_number(), size=PAGE_SIZE)
    lines, total = leave.list_leaves(
        session, principal, today=current.today(), past=past, limit=page.size, offset=page.offset
    )
    return render_template(
        "leave/list.html",
        lines=lines,
        past=past,
        workers=leave.list_workers(session, principal),
        today=current.today(),
        sent={name: request.values.get(name, "") for name in _FIELDS},
        problem=problem,
        page=queries.Paging(page=page.page, size=page.size, total=total),
        away=away_visits.list_away(session, principal, today=current.today()),
    )


@pages.post("/leave")
def add() -> ResponseReturnValue:
    """Enter a leave."""
    texts.answer_belongs_to(url_for("leave.index"))
    try:
        leave.add_leave(current.session(), current.principal(), _wanted(), now=current.now())
    except (InvalidInput, Conflict, NotFound) as error:
        return _page(texts.error_text(error)), 409 if isinstance(error, Conflict) else 422
    return redirect(url_for("leave.index"), 303)


def _wanted() -> WantedLeave:
    form = request.form
    first = queries.day_of(form.get("first", "").strip())
    last = queries.day_of((form.get("last") or form.get("first", "")).strip())
    if first is None or last is None:
        raise InvalidInput("请写明从哪一天到哪一天")
    return WantedLeave(
        grid_id=queries.key_of(form.get("grid", "")),
        first=first,
        last=last,
        stand_in_grid_id=queries.key_of(form.get("stand_in", "")) or None,
    )


@pages.post(f"/leave/{KEY}/cancel")
def cancel(leave_id: int) -> ResponseReturnValue:
    """Take a leave back."""
    leave.cancel_leave(current.session(), current.principal(), leave_id, now=current.now())
    return redirect(url_for("leave.index"), 303)


@pages.get(f"/grids/{GRID_KEY}/handover")
def handover(grid_id: int) -> str:
    """Show what the successor in a grid must know."""
    return _handover(grid_id)


def _handover(grid_id: int, problem: str = "") -> str:
    sheet = handovers.view_handover(
        current.session(), current.principal(), grid_id, today=current.today()
    )
    return render_template(
        "leave/handover.html",
        sheet=sheet,
        today=current.today(),
        sent=request.form,
        problem=problem,
    )


@pages.post(f"/grids/{GRID_KEY}/handover")
def hand_over(grid_id: int) -> ResponseReturnValue:
    """Give the grid to another grid worker."""
    texts.answer_belongs_to(url_for("leave.handover", grid_id=grid_id))
    form = request.form
    try:
        handovers.hand_over(
            current.session(),
            current.principal(),
            grid_id,
            name=form.get("name", ""),
            phone=form.get("phone", ""),
            now=current.now(),
        )
    except InvalidInput as error:
        return _handover(grid_id, texts.error_text(error)), 422
    return redirect(url_for("leave.handover", grid_id=grid_id, done=1), 303)

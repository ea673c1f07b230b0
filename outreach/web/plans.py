"""Plans: versions, grids, a grid's week, what was left out, publishing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.domain.boards import StopChangeKind
from outreach.domain.plans import LeftOutReason
from outreach.errors import Conflict
from outreach.services.administration import calendar_days
from outreach.services.grids import grid_views
from outreach.services.planning import away_visits, drafts, plan_views, prices, publishing
from outreach.services.runs import runs
from outreach.web import current, errors, legs, queries, texts

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from outreach.domain.wording import Sentence
    from outreach.services.grids.grid_views import Ring
    from outreach.services.planning.plan_views import GridLine, GridWeekView
    from outreach.services.planning.prices import Offer

pages = Blueprint("plans", __name__)

PAGE_SIZE = 100
PLANS_SHOWN = 50
KEY = f"<int(max={queries.LARGEST_ID}):plan_id>"
GRID_KEY = f"<int(max={queries.LARGEST_ID}):grid_id>"
SORTS = ("grid", "outings", "stops", "targets", "left_out", "travel", "load")


@pages.get("/plans")
def index() -> str:
    """List the versions and the newest runs."""
    session, principal = current.session(), current.principal()
    return render_template(
        "plans/list.html",
        plans=plan_views.list_plans(session, principal, limit=PLANS_SHOWN),
        runs=runs.list_runs(session, principal, limit=5),
        away=away_visits.list_away(session, principal, today=current.today()),
    )


@pages.get(f"/plans/{KEY}")
def show(plan_id: int) -> str:
    """Show a plan's figures and its grids."""
    session, principal = current.session(), current.principal()
    view = plan_views.view_plan(session, principal, plan_id)
    order = queries.one_of("sort", SORTS, "left_out")
    return render_template(
        "plans/plan.html",
        view=view,
        grids=_sorted(view.grids, order),
        order=order,
        is_verified=calendar_days.is_verified_week(session, principal, view.line.week),
        away=away_visits.find_away(session, principal, plan_id, today=current.today()),
    )


def _sorted(grids: tuple[GridLine, ...], order: str) -> list[GridLine]:
    """Grids by name, or by a number with the largest first."""
    if order == "grid":
        return sorted(grids, key=lambda grid: (grid.township, grid.grid_name))
    field = {"travel": "travel_minutes", "load": "grid_workers"}.get(order, order)
    return sorted(grids, key=lambda grid: (-getattr(grid, field), grid.grid_id))


@pages.get(f"/plans/{KEY}/grids/{GRID_KEY}")
def grid_week(plan_id: int, grid_id: int) -> str:
    """Show one grid's week day by day, on a map and with what was left out."""
    session, principal = current.session(), current.principal()
    plan = plan_views.view_plan(session, principal, plan_id)
    week = plan_views.view_grid_week(session, principal, plan_id, grid_id)
    outline = grid_views.grid_outline(session, principal, grid_id)
    return render_template(
        "plans/grid_week.html",
        plan=plan.line,
        week=week,
        picture=_picture(week, outline),
        bound=_bound(plan_id, grid_id),
        price=_price(plan_id),
    )


def _bound(plan_id: int, grid_id: int) -> Sentence | None:
    """How far the week is from the best, when somebody asked for it."""
    if request.args.get("bound") != "1":
        return None
    return prices.bound_week(current.session(), current.principal(), plan_id, grid_id)


def _price(plan_id: int) -> tuple[int, Offer] | None:
    """What the firm that somebody asked about would cost."""
    wanted = queries.whole_number("price", 0)
    if not wanted:
        return None
    session, principal = current.session(), current.principal()
    return wanted, prices.price_left_out(session, principal, plan_id, wanted)


def _picture(week: GridWeekView, outline: list[Ring]) -> dict[str, Any]:
    """What the map script draws: [lat, lon] pairs as Leaflet takes them."""
    routes = [
        {
            "line": line,
            "stops": [
                {
                    "number": stop.sequence,
                    "name": stop.name,
                    "at": [stop.lat, stop.lon],
                    "id": stop.enterprise_id,
                }
                for stop in day.stops
            ],
            "legs": legs.drawn(day.legs),
        }
        for line, day in enumerate(week.days)
    ]
    return {
        "office": [week.office[1], week.office[0]],
        "outline": [[[lat, lon] for lon, lat in ring] for ring in outline],
        "routes": routes,
    }


@pages.get(f"/plans/{KEY}/left-out")
def left_out(plan_id: int) -> str:
    """List what a plan leaves out, with the reason."""
    session, principal = current.session(), current.principal()
    reason = queries.choice(LeftOutReason, "reason")
    page = queries.Paging(page=queries.page_number(), size=PAGE_SIZE)
    lines, total = plan_views.list_left_out(
        session, principal, plan_id, reason=reason, limit=page.size, offset=page.offset
    )
    view = plan_views.view_plan(session, principal, plan_id)
    return render_template(
        "plans/left_out.html",
        plan=view.line,
        view=view,
        lines=lines,
        reason=reason,
        reasons=list(LeftOutReason),
        price=_price(plan_id),
        page=queries.Paging(page=page.page, size=page.size, total=total),
    )


@pages.get(f"/plans/{KEY}/publish")
def confirm(plan_id: int) -> str:
    """Say what publishing changes for the grid workers, and ask once."""
    return _confirm(plan_id)


def _confirm(plan_id: int, problem: str = "") -> str:
    session, principal = current.session(), current.planner()
    found = publishing.view_publishing(session, principal, plan_id, today=current.today())
    kind = queries.choice(StopChangeKind, "change")
    lines = found.difference.lines_of(kind)
    page = queries.Paging(page=queries.page_number(), size=PAGE_SIZE, total=len(lines))
    return render_template(
        "plans/publish.html",
        plan=plan_views.view_line(session, principal, plan_id),
        publishing=found,
        problem=problem,
        kind=kind,
        lines=lines[page.offset : page.offset + page.size],
        kinds=list(StopChangeKind),
        page=page,
    )


@pages.post(f"/plans/{KEY}/publish")
def publish(plan_id: int) -> ResponseReturnValue:
    """Make the draft the plan that grid workers follow."""
    session, principal = current.session(), current.principal()
    seen = request.form.get("seen", "")
    try:
        publishing.publish_as_seen(session, principal, plan_id, seen=seen, now=current.now())
    except publishing.SeenOther as error:
        texts.answer_belongs_to(url_for("plans.confirm", plan_id=plan_id))
        return _confirm(plan_id, texts.error_text(error)), 409
    return redirect(url_for("plans.show", plan_id=plan_id, published=1), 303)


@pages.post(f"/plans/{KEY}/delete")
def delete(plan_id: int) -> ResponseReturnValue:
    """Delete a draft."""
    session, principal = current.session(), current.principal()
    try:
        drafts.delete_draft(session, principal, plan_id, now=current.now())
    except Conflict as error:
        return errors.show(error, way_back=url_for("plans.show", plan_id=plan_id))
    return redirect(url_for("plans.index", deleted=1), 303)

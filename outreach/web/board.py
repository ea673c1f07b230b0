"""The plan board: the district's timeline, a grid's week to change, planning again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.domain.boards import STOP_LOCKS, LockLevel, ReplanMode
from outreach.errors import Conflict, InvalidInput
from outreach.services.planning import (
    away_visits,
    board_views,
    boards,
    loans,
    plan_views,
    prices,
    replans,
)
from outreach.services.planning.board_words import say_nothing_found
from outreach.services.runs import runs
from outreach.web import current, errors, queries
from outreach.web.plans import GRID_KEY, KEY

if TYPE_CHECKING:
    from datetime import date

    from flask.typing import ResponseReturnValue

pages = Blueprint("board", __name__)

MOST_STOPS = 60
"""Places of a day that a form may name; no day has as many stops."""


@pages.get(f"/plans/{KEY}/board")
def timeline(plan_id: int) -> str:
    """Show every grid's week as a line of visits."""
    session, principal = current.session(), current.principal()
    line = plan_views.view_line(session, principal, plan_id)
    timeline = board_views.view_timeline(session, principal, plan_id)
    township = request.args.get("township", "")
    only_conflicts = request.args.get("conflicts") == "1"
    return render_template(
        "board/timeline.html",
        plan=line,
        timeline=timeline,
        rows=[
            row
            for row in timeline.rows
            if (not township or row.township == township) and (not only_conflicts or row.violations)
        ],
        townships=sorted({row.township for row in timeline.rows}),
        township=township,
        only_conflicts=only_conflicts,
        modes=list(ReplanMode),
        changeable=board_views.is_changeable(principal, line),
    )


@pages.get(f"/plans/{KEY}/board/{GRID_KEY}")
def week(plan_id: int, grid_id: int) -> str:
    """Show a grid's week as lists that can be changed."""
    session, principal = current.session(), current.principal()
    line = plan_views.view_line(session, principal, plan_id)
    wanted = queries.whole_number("price", 0)
    price = prices.price_left_out(session, principal, plan_id, wanted) if wanted else None
    lend, lent = queries.whole_number("lend", 0), queries.whole_number("lent", 0)
    done = queries.whole_number("done", 0)
    board = board_views.view_board(session, principal, plan_id, grid_id, done=done)
    unchanged = request.args.get("unchanged") == "1"
    return render_template(
        "board/week.html",
        plan=line,
        board=board,
        unchanged=say_nothing_found(board.locks) if unchanged else None,
        tray=loans.find_tray(session, plan_id, lent) if lent else None,
        stop_locks=STOP_LOCKS,
        modes=list(ReplanMode),
        changeable=board_views.is_changeable(principal, line),
        price=(wanted, price) if price else None,
        lend=lend,
        helpers=loans.list_helpers(session, principal, plan_id, lend) if lend else [],
    )


@pages.post(f"/plans/{KEY}/board/{GRID_KEY}/move")
def move(plan_id: int, grid_id: int) -> ResponseReturnValue:
    """Put a firm somewhere else, or out of the plan."""
    enterprise_id = queries.key_of(request.form.get("enterprise", ""))
    edit = boards.place_stop(
        current.session(),
        current.principal(),
        plan_id,
        grid_id,
        enterprise_id=enterprise_id,
        to=_place(),
        seen=_seen(),
        now=current.now(),
    )
    return _back(plan_id, grid_id, moved=enterprise_id, done=edit.number)


def _place() -> tuple[date, int] | None:
    """Where the form puts a firm: a day and a place from 1 (0 for the best), or nowhere.

    A button says it whole, as `2026-11-23/2` or `out`; else the two fields say it.
    """
    whole = request.form.get("to", "").strip()
    day, _, place = whole.partition("/")
    if not whole:
        day, place = request.form.get("day", "").strip(), request.form.get("place", "0")
    if day == "out":
        return None
    found = queries.day_of(day)
    if found is None:
        raise InvalidInput("请选一天,“{value}”不是日子", value=day)
    return found, min(queries.key_of(place), MOST_STOPS)


def _seen() -> int:
    return queries.key_of(request.form.get("seen", ""))


def _back(
    plan_id: int,
    grid_id: int,
    *,
    moved: int | None = None,
    done: int | None = None,
    unchanged: int | None = None,
    lent: int | None = None,
) -> ResponseReturnValue:
    """To the grid's week, which says what was just done; `moved` has the focus there."""
    address = url_for(
        "board.week",
        plan_id=plan_id,
        grid_id=grid_id,
        moved=moved,
        done=done,
        unchanged=unchanged,
        lent=lent,
        _anchor=f"stop-{moved}" if moved else None,
    )
    return redirect(address, 303)


@pages.errorhandler(Conflict)
def lead_back(error: Conflict) -> ResponseReturnValue:
    """Say what was changed meanwhile, with the way back to where it can be seen."""
    where = request.view_args or {}
    if "grid_id" in where and request.method == "POST":
        return errors.show(error, way_back=url_for("board.week", **where))
    return errors.show(error, way_back=url_for("board.timeline", plan_id=where["plan_id"]))


@pages.post(f"/plans/{KEY}/board/{GRID_KEY}/swap")
def swap(plan_id: int, grid_id: int) -> ResponseReturnValue:
    """Put a left-out firm in as its price says, others going out for it."""
    enterprise_id = queries.key_of(request.form.get("enterprise", ""))
    edit = prices.take_price(
        current.session(),
        current.principal(),
        plan_id,
        enterprise_id,
        seen=_seen(),
        now=current.now(),
    )
    return _back(plan_id, grid_id, moved=enterprise_id, done=edit.number)


@pages.post(f"/plans/{KEY}/board/{GRID_KEY}/undo")
def undo(plan_id: int, grid_id: int) -> ResponseReturnValue:
    """Take the newest change back."""
    edit = boards.undo_edit(
        current.session(),
        current.principal(),
        plan_id,
        grid_id,
        seen=_seen(),
        now=current.now(),
    )
    return _back(plan_id, grid_id, moved=edit.enterprise_id)


@pages.post(f"/plans/{KEY}/board/{GRID_KEY}/lock")
def lock(plan_id: int, grid_id: int) -> ResponseReturnValue:
    """Fix a stop or a day's route, or loosen it."""
    chosen = request.form.get("level", "")
    if chosen and chosen not in set(LockLevel):
        raise InvalidInput("没有“{value}”这种锁", value=chosen)
    level = LockLevel(chosen) if chosen else None
    session, principal = current.session(), current.principal()
    if "enterprise" in request.form:
        key = queries.key_of(request.form["enterprise"])
        boards.lock_stop(
            session,
            principal,
            plan_id,
            grid_id,
            enterprise_id=key,
            level=level,
            seen=_seen(),
            now=current.now(),
        )
        return _back(plan_id, grid_id, moved=key)
    day = queries.day_of(request.form.get("day", ""))
    if day is None:
        raise InvalidInput("请选一天,“{value}”不是日子", value=request.form.get("day", ""))
    boards.lock_route(
        session,
        principal,
        plan_id,
        grid_id,
        day=day,
        locked=level is not None,
        seen=_seen(),
        now=current.now(),
    )
    return _back(plan_id, grid_id)


@pages.post(f"/plans/{KEY}/board/{GRID_KEY}/replan")
def replan_grid(plan_id: int, grid_id: int) -> ResponseReturnValue:
    """Plan one grid's week again."""
    edit = replans.replan_grid(
        current.session(),
        current.principal(),
        plan_id,
        grid_id,
        mode=_mode(),
        seen=_seen(),
        now=current.now(),
    )
    if edit is None:
        return _back(plan_id, grid_id, unchanged=1)
    return _back(plan_id, grid_id, done=edit.number)


@pages.post(f"/plans/{KEY}/board/{GRID_KEY}/lend")
def lend(plan_id: int, grid_id: int) -> ResponseReturnValue:
    """Lay a left-out firm into another grid's tray."""
    key = queries.key_of(request.form.get("enterprise", ""))
    loans.lend_firm(
        current.session(),
        current.principal(),
        plan_id,
        key,
        to_grid=queries.key_of(request.form.get("grid", "")),
        now=current.now(),
    )
    return _back(plan_id, grid_id, lent=key)


def _mode() -> ReplanMode:
    chosen = request.form.get("mode", "")
    if chosen not in set(ReplanMode):
        raise InvalidInput("请选一种重新排的方式")
    return ReplanMode(chosen)


@pages.post(f"/plans/{KEY}/copy")
def copy(plan_id: int) -> ResponseReturnValue:
    """Make a draft of a version, to be changed."""
    made = replans.copy_plan(current.session(), current.principal(), plan_id, now=current.now())
    return redirect(url_for("board.timeline", plan_id=made.id), 303)


@pages.post(f"/plans/{KEY}/replan")
def replan(plan_id: int) -> ResponseReturnValue:
    """Ask that all grids be planned again, or those where nobody goes out, into a new draft."""
    session, principal = current.session(), current.principal()
    only: list[int] = []
    if request.form.get("only") == "away":
        away = away_visits.find_away(session, principal, plan_id, today=current.today())
        if away is None:
            raise Conflict("没有哪家还排在没人去的日子里,不用重排")
        only = [grid.grid_id for grid in away.grids]
    run_id = runs.ask_for_replan(
        session, principal, plan_id, mode=_mode(), now=current.now(), only=only
    )
    current.commit()  # the worker must find the run
    if queue := current.surroundings().queue:
        queue.wake(run_id)
    return redirect(url_for("runs.show", run_id=run_id), 303)

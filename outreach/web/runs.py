"""Asking for a plan, and watching it being made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, jsonify, redirect, render_template, request, url_for

from outreach.domain.runs import RunKind
from outreach.errors import InvalidInput
from outreach.services.runs import runs
from outreach.web import current, texts
from outreach.web.plan_forms import FIELDS, read_form, show_rule, weeks_to_choose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue

    from outreach.services.runs.runs import RunView

pages = Blueprint("runs", __name__)

PAGES = {RunKind.PLAN: "runs/run.html", RunKind.BORDERS: "runs/borders.html"}


@pages.get("/plans/new")
def new() -> str:
    """Show the form for a plan, filled with the district's settings."""
    current.planner()
    rule = current.settings().plan
    next_week = weeks_to_choose(current.today())[1]
    return _form({"week": next_week.isoformat(), **show_rule(rule)}, {})


def _form(sent: Mapping[str, str], problems: Mapping[str, str]) -> str:
    return render_template(
        "plans/new.html",
        fields=FIELDS,
        sent=sent,
        problems=problems,
        weeks=weeks_to_choose(current.today()),
    )


@pages.post("/plans")
def start() -> ResponseReturnValue:
    """Ask for a plan and wake a worker."""
    principal = current.planner()
    texts.answer_belongs_to(url_for("runs.new"))
    asked, problems = read_form(request.form, current.settings().plan)
    if asked is None:
        return _form(request.form, problems), 422
    try:
        run_id = runs.ask_for_plan(
            current.session(),
            principal,
            week=asked.week,
            rule=asked.rule,
            now=current.now(),
        )
    except InvalidInput as error:
        return _form(request.form, {"week": texts.error_text(error)}), 422
    current.commit()  # the worker must find the run
    if queue := current.surroundings().queue:
        queue.wake(run_id)
    return redirect(url_for("runs.show", run_id=run_id), 303)


@pages.get("/runs/<uuid:run_id>")
def show(run_id: object) -> ResponseReturnValue:
    """Show how far a run has come; that of a file is shown on the file's page."""
    run = runs.get_run(current.session(), current.principal(), str(run_id))
    if run.upload_id:
        return redirect(url_for("imports.upload", upload_id=run.upload_id), 303)
    return render_template(PAGES.get(run.kind, "runs/link.html"), run=run, elapsed=_elapsed(run))


def _elapsed(run: RunView) -> int:
    """Whole seconds since the run was asked for, or that it took."""
    if run.seconds is not None:
        return round(run.seconds)
    return max(0, round((current.now() - run.asked_at).total_seconds()))


@pages.get("/runs/<uuid:run_id>/state")
def state(run_id: object) -> ResponseReturnValue:
    """Tell the page's script how far a run has come."""
    run = runs.get_run(current.session(), current.principal(), str(run_id))
    return jsonify(
        state=run.state.value,
        label=texts.label(run.state),
        over=run.state.is_over,
        done=run.done,
        total=run.total,
        elapsed=_elapsed(run),
    )


@pages.post("/runs/<uuid:run_id>/cancel")
def cancel(run_id: object) -> ResponseReturnValue:
    """Stop a run at its next sign of life."""
    runs.cancel_run(current.session(), current.principal(), str(run_id), now=current.now())
    return redirect(url_for("runs.show", run_id=run_id), 303)

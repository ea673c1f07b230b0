"""The laboratory: a week planned in several ways, compared, and repeated by a file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, redirect, render_template, request, url_for

from outreach.domain.boards import StopChangeKind
from outreach.domain.scenarios import Indicator
from outreach.domain.weights import SLIDERS, Preset
from outreach.errors import InvalidInput
from outreach.services.planning import plan_views, scenarios
from outreach.services.planning.rule_files import LONGEST_NAME, RuleFile, write_rule
from outreach.services.runs import runs
from outreach.web import current, queries, texts
from outreach.web.plan_forms import (
    FIELDS,
    ROUNDS_FIELD,
    read_form,
    read_weights,
    show_rule,
    show_weights,
    weeks_to_choose,
)
from outreach.web.plans import KEY, PAGE_SIZE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from flask.typing import ResponseReturnValue

    from outreach.services.planning.scenarios import MapPoint

pages = Blueprint("laboratory", __name__)

ROUNDS = 200
"""Rounds of the search that the form proposes: about a second for a grid of 60 firms; measured."""

LAB_FIELDS = (*(field for field in FIELDS if field.name != "week"), ROUNDS_FIELD)


@pages.get("/laboratory")
def show() -> str:
    """Show the versions of a week, and the form for one more scenario."""
    current.planner()
    return _form(_filled(like=queries.whole_number("like", 0)), {})


def _filled(*, like: int = 0) -> dict[str, str]:
    """The form as the settings, a preset or an older version fill it."""
    week = _week()
    rule = replace(current.settings().plan, iterations_per_grid=ROUNDS)
    if like:
        view = plan_views.view_plan(current.session(), current.principal(), like)
        rule, week = view.rule, view.line.week
    weights = rule.weights
    name = ""
    if preset := queries.choice(Preset, "preset"):
        weights, name = preset.weights, texts.label(preset)
    return {"week": week.isoformat(), "name": name, **show_rule(rule), **show_weights(weights)}


def _preset(preset: Preset) -> dict[str, str]:
    """The form as it was sent with a preset's weights; a name is only given where there is none."""
    name = request.form.get("name", "").strip() or texts.label(preset)
    return {**request.form.to_dict(), **show_weights(preset.weights), "name": name}


def _week() -> date:
    return queries.some_day("week") or weeks_to_choose(current.today())[1]


def _form(sent: Mapping[str, str], problems: Mapping[str, str], *, unequal: str = "") -> str:
    """The page; `unequal` is what was wrong with the two versions chosen to be compared."""
    weeks = weeks_to_choose(current.today())
    week = queries.day_of(sent.get("week", "")) or weeks[1]
    return render_template(
        "laboratory/show.html",
        sliders=SLIDERS,
        presets=list(Preset),
        fields=LAB_FIELDS,
        sent=sent,
        problems=problems,
        unequal=unequal,
        weeks=weeks if week in weeks else [week, *weeks],
        week=week,
        versions=scenarios.list_versions(current.session(), current.principal(), week),
        runs=runs.list_runs(current.session(), current.principal(), limit=5),
    )


@pages.post("/laboratory")
def start() -> ResponseReturnValue:
    """Ask for a scenario and wake a worker."""
    principal = current.planner()
    texts.answer_belongs_to(url_for("laboratory.show"))
    if request.form.get("preset", "") in set(Preset):
        return _form(_preset(Preset(request.form["preset"])), {})
    fields = (FIELDS[0], *LAB_FIELDS)
    asked, problems = read_form(request.form, current.settings().plan, fields)
    weights, wrong = read_weights(request.form)
    problems |= wrong
    name = request.form.get("name", "").strip()
    if not 0 < len(name) <= LONGEST_NAME:
        problems["name"] = texts.text("给方案起个名字,最多 {most} 个字", most=LONGEST_NAME)
    if asked is None or weights is None or problems:
        return _form(request.form, problems), 422
    try:
        run_id = runs.ask_for_plan(
            current.session(),
            principal,
            week=asked.week,
            rule=replace(asked.rule, weights=weights),
            now=current.now(),
            name=name,
        )
    except InvalidInput as error:
        return _form(request.form, {"name": texts.error_text(error)}), 422
    current.commit()  # the worker must find the run
    if queue := current.surroundings().queue:
        queue.wake(run_id)
    return redirect(url_for("runs.show", run_id=run_id), 303)


@pages.get("/laboratory/compare")
def compare() -> ResponseReturnValue:
    """Put two versions of a week beside each other; a planner who chose one twice chooses again."""
    left, right = queries.whole_number("a", 0), queries.whole_number("b", 0)
    session, principal = current.session(), current.principal()
    if not left or not right or left == right:
        problem = InvalidInput("请选两个不同的版本来比")
        if not principal.role.plans:
            raise problem
        return _form(_filled(like=left or right), {}, unequal=texts.error_text(problem)), 422
    found = scenarios.compare_scenarios(session, principal, left, right)
    kind = queries.choice(StopChangeKind, "change")
    lines = found.difference.lines_of(kind)
    page = queries.Paging(page=queries.page_number(), size=PAGE_SIZE, total=len(lines))
    return render_template(
        "laboratory/compare.html",
        found=found,
        indicators=list(Indicator),
        kinds=list(StopChangeKind),
        named={one.name: one.label for one in LAB_FIELDS} | {o.name: o.label for o in SLIDERS},
        kind=kind,
        lines=lines[page.offset : page.offset + page.size],
        page=page,
        picture={
            "points": [
                _point(one) for one in scenarios.map_points(session, principal, left, right)
            ],
            "outlines": scenarios.outlines(session, principal),
        },
    )


def _point(one: MapPoint) -> list[Any]:
    """[lat, lon, state left, state right]: 0 only there, 1 the same day, 2 another, 3 only here."""
    if one.left is None or one.right is None:
        left, right = (3, 0) if one.left else (0, 3)
    else:
        left = right = 1 if one.left == one.right else 2
    return [round(one.lat, 5), round(one.lon, 5), left, right]


@pages.get(f"/plans/{KEY}/overdue")
def overdue(plan_id: int) -> str:
    """List the overdue firms that a version leaves out, as the comparison counts them."""
    session, principal = current.session(), current.principal()
    page = queries.Paging(page=queries.page_number(), size=PAGE_SIZE)
    firms, total = scenarios.list_overdue(
        session, principal, plan_id, limit=page.size, offset=page.offset
    )
    view = plan_views.view_plan(session, principal, plan_id)
    return render_template(
        "laboratory/overdue.html",
        plan=view.line,
        refresh_days=view.rule.refresh_days,
        firms=firms,
        page=queries.Paging(page=page.page, size=page.size, total=total),
    )


@pages.get(f"/plans/{KEY}/rule.toml")
def rule_file(plan_id: int) -> Response:
    """Hand out the parameters of a version, by which the command line makes it again."""
    view = plan_views.view_plan(current.session(), current.principal(), plan_id)
    file = RuleFile(week=view.line.week, name=view.line.name, rule=view.rule)
    answer = Response(write_rule(file), mimetype="application/toml")
    answer.headers["Content-Disposition"] = (
        f'attachment; filename="plan-{view.line.week}-{view.line.version}.toml"'
    )
    return answer

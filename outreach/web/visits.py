"""The visit form: result first, then three checks and three notes (三查三记)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from flask import Blueprint, jsonify, redirect, render_template, request, session, url_for

from outreach.domain.appointments import APPOINTED_WITHIN, DayPart
from outreach.domain.calendar import CHINA
from outreach.domain.cases import CaseKind
from outreach.domain.headcounts import LARGEST_HEADCOUNT
from outreach.domain.visits import (
    LONGEST_NOTE,
    HeadcountEvidence,
    Obstacle,
    Premises,
    PromisedStep,
    UnionFinding,
    VisitResult,
)
from outreach.errors import InvalidInput
from outreach.services.visits import visit_content, visit_forms, visits
from outreach.web import current, errors, queries, texts
from outreach.web.visit_texts import CONCERNS, HARDSHIPS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from flask.typing import ResponseReturnValue

    from outreach.domain.enterprises import OperatingState
    from outreach.services.visits.visit_forms import VisitForm

pages = Blueprint("visits", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormOptions:
    """What the fields of the form offer, and the datum of positions that phones report.

    `first_day` is the earliest day that can be agreed on for the next visit.
    """

    first_day: date
    results: tuple[VisitResult, ...] = tuple(one for one in VisitResult if one.is_visit)
    states: tuple[OperatingState, ...] = visit_forms.WORTH_ASKING_IN
    evidence: tuple[HeadcountEvidence, ...] = tuple(HeadcountEvidence)
    premises: tuple[Premises, ...] = tuple(Premises)
    findings: tuple[UnionFinding, ...] = tuple(UnionFinding)
    obstacles: tuple[Obstacle, ...] = tuple(Obstacle)
    promises: tuple[PromisedStep, ...] = tuple(PromisedStep)
    requests: tuple[CaseKind, ...] = tuple(CaseKind)
    concerns: tuple[str, ...] = CONCERNS
    hardships: tuple[str, ...] = HARDSHIPS
    day_parts: tuple[DayPart, ...] = tuple(DayPart)
    longest: int = LONGEST_NOTE
    most_people: int = LARGEST_HEADCOUNT
    datum: str = "wgs84"

    @property
    def last_day(self) -> date:
        """The last day that can be agreed on."""
        return self.first_day + APPOINTED_WITHIN


def form_options(first_day: date) -> FormOptions:
    """What the form offers on this installation."""
    datum = current.surroundings().settings.phone_datum
    return FormOptions(datum=datum, first_day=first_day)


def firm_data(form: VisitForm) -> dict[str, Any]:
    """A firm as the form's script takes it, in the reader's language."""
    return {
        "id": form.enterprise_id,
        "name": form.name,
        "address": form.address or texts.text("没有登记地址"),
        "prefill": dict(form.prefill),
        "registered": [
            {
                "source": texts.label(figure.source),
                "employees": figure.employees,
                "day": figure.as_of.isoformat() if figure.as_of else "—",
            }
            for figure in form.registered
        ],
    }


@pages.get("/visits/new")
def new() -> str:
    """Show the form for a firm; what the dossier knows is told, never filled in."""
    planned = queries.some_day("day")
    started = {"uuid": str(uuid4()), "visited_at": _moment_on(planned).isoformat()}
    return _form(queries.whole_number("enterprise", 0), planned, started, ((), (), ()))


def _moment_on(day: date | None) -> datetime:
    """Now, or on the day of the route that the form was opened from, at this time of day."""
    moment = current.now().astimezone(CHINA).replace(microsecond=0)
    return datetime.combine(day, moment.timetz()) if day and day < moment.date() else moment


def _form(
    enterprise_id: int,
    day: date | None,
    sent: Mapping[str, str],
    chips: tuple[tuple[str, ...], ...],
    problem: str = "",
) -> str:
    firm = visit_forms.open_visit_form(current.session(), current.principal(), enterprise_id)
    moment = _read_moment(sent.get("visited_at", ""))
    return render_template(
        "visits/form.html",
        firm=firm,
        firm_data=firm_data(firm),
        day=day,
        sent=sent,
        moment=moment,
        chips=chips,
        problem=problem,
        options=form_options(moment.astimezone(CHINA).date()),
    )


def _read_moment(text: str) -> datetime:
    """The moment that the form carries; for one that cannot be, now."""
    try:
        moment = datetime.fromisoformat(text)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=CHINA)
        return aware.astimezone(CHINA)
    except (ValueError, OverflowError):
        return current.now()


@pages.post("/visits")
def record() -> ResponseReturnValue:
    """Store a visit; the same form sent again changes nothing."""
    enterprise_id = queries.key_of(request.form.get("enterprise_id", ""))
    day = queries.day_of(request.form.get("day", ""))
    try:
        visit = visit_content.parse_visit(form_fields(), now=current.now())
        visit_content.ask_for_day(visit)
        receipt = visits.record_visit(
            current.session(),
            current.principal(),
            visit,
            rule=current.settings().target,
            now=current.now(),
        )
    except InvalidInput as error:
        if errors.wants_json():
            raise
        return _mend(enterprise_id, day, error)
    session["receipt"] = f"{current.now().astimezone(CHINA):%H:%M}"
    onward = url_for("routes.today", day=day)
    if errors.wants_json():
        return jsonify(next=onward, sha256=receipt.sha256), 201 if receipt.is_new else 200
    return redirect(onward, 303)


def _mend(enterprise_id: int, day: date | None, error: InvalidInput) -> ResponseReturnValue:
    """Show the form again with everything that was typed and what is to be mended."""
    current.session().rollback()
    texts.answer_belongs_to(url_for("visits.new", enterprise=enterprise_id, day=day))
    problem = texts.error_text(error)
    return _form(enterprise_id, day, request.form, form_chips(), problem), 422


def form_chips() -> tuple[tuple[str, ...], ...]:
    """The chips of concerns, hardships and requests that the form had ticked."""
    return tuple(tuple(request.form.getlist(name)) for name in ("concern", "hardship", "requests"))


def form_fields() -> dict[str, str]:
    """The form's fields; chips and typed text of a note become one text."""
    fields = request.form.to_dict()
    if fields.get("enterprise_id", "").isdigit():
        fields["enterprise_id"] = str(queries.key_of(fields["enterprise_id"]))
    fields["requests"] = ";".join(request.form.getlist("requests"))
    for chip, note in (("concern", "concerns"), ("hardship", "hardships")):
        parts = [*request.form.getlist(chip), fields.get(note, "").strip()]
        fields[note] = ";".join(part for part in parts if part)
    return fields

"""Cases: the district's list and one case with its steps; on the phone what is to be answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.domain.cases import LONGEST_CASE_NOTE, CaseKind, CaseState, Urgency
from outreach.errors import InvalidInput
from outreach.services.visits import case_steps, cases
from outreach.services.visits.cases import CaseFilter
from outreach.web import current, queries, texts

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

pages = Blueprint("cases", __name__, url_prefix="/cases")

PAGE_SIZE = 50
KEY = f"<int(max={queries.LARGEST_ID}):case_id>"


@pages.get("")
def index() -> str:
    """List the cases, those that are due first."""
    principal, today = current.principal(), current.today()
    wanted = CaseFilter(
        state=queries.choice(CaseState, "state"),
        kind=queries.choice(CaseKind, "kind") if principal.role.sees_district else None,
        urgency=queries.choice(Urgency, "urgency"),
        is_open=request.args.get("open") == "1",
        was_late=request.args.get("was_late") == "1",
    )
    page = queries.Paging(page=queries.page_number(), size=PAGE_SIZE)
    lines, total = cases.list_cases(
        current.session(), principal, wanted, today=today, limit=page.size, offset=page.offset
    )
    return render_template(
        "cases/list.html" if principal.role.sees_district else "cases/grid.html",
        lines=lines,
        wanted=wanted,
        counts=cases.count_cases(current.session(), principal, today=today),
        late=cases.count_late_cases(current.session(), principal),
        states=list(CaseState),
        kinds=list(CaseKind),
        urgencies=list(Urgency),
        page=queries.Paging(page=page.page, size=page.size, total=total),
    )


@pages.get(f"/{KEY}")
def show(case_id: int) -> str:
    """Show one case with all its steps."""
    return _case(case_id)


def _case(case_id: int, problem: str = "") -> str:
    """One case; a step that was refused keeps what was typed."""
    view = cases.view_case(current.session(), current.principal(), case_id, today=current.today())
    steps = {state.value for state in view.next_states} | ({"reopen"} if view.may_reopen else set())
    tried = request.form.get("to", "")
    return render_template(
        "cases/case.html",
        view=view,
        longest=LONGEST_CASE_NOTE,
        problem=problem,
        tried=tried if tried in steps else "",
        typed=request.form.get("note", ""),
    )


@pages.post(f"/{KEY}/step")
def step(case_id: int) -> ResponseReturnValue:
    """Take one step; what the desk left out is said at the form."""
    is_desk = current.principal().role.sees_district
    try:
        _take_step(case_id, request.form.get("to", ""), request.form.get("note", ""))
    except InvalidInput as error:
        if not is_desk:
            raise
        texts.answer_belongs_to(url_for("cases.show", case_id=case_id))
        return _case(case_id, texts.error_text(error)), 422
    onward = url_for("cases.show", case_id=case_id) if is_desk else url_for("cases.index")
    return redirect(onward, 303)


def _take_step(case_id: int, to: str, note: str) -> None:
    database, principal, now = current.session(), current.principal(), current.now()
    if to == "reopen":
        case_steps.reopen_case(database, principal, case_id, note=note, now=now)
    elif to in set(CaseState):
        case_steps.step_case(database, principal, case_id, CaseState(to), note=note, now=now)
    else:
        raise InvalidInput("“{field}”不能是“{value}”", field="to", value=to[:20])

"""Balance: the work of each grid, help between neighbours, and other borders proposed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.domain.borders import BorderRule, ProposalStatus
from outreach.errors import InvalidInput
from outreach.services.grids import borders
from outreach.services.planning import balance
from outreach.services.runs import runs
from outreach.web import current, queries, texts
from outreach.web.plans import PAGE_SIZE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue

pages = Blueprint("balance", __name__)

KEY = f"<int(max={queries.LARGEST_ID}):proposal_id>"


@pages.get("/balance")
def show() -> str:
    """Show the work of each grid, who could help whom, and the proposals."""
    rule = BorderRule()
    sent = {"tolerance_percent": str(rule.tolerance_percent), "seconds": str(rule.seconds)}
    return _page(sent, {})


def _page(sent: Mapping[str, str], problems: Mapping[str, str]) -> str:
    session, principal = current.session(), current.principal()
    return render_template(
        "balance/show.html",
        balance=balance.view_balance(session, principal),
        proposals=borders.newest_proposals(session, principal),
        statuses={one.value: one for one in ProposalStatus},
        sent=sent,
        problems=problems,
    )


@pages.post("/balance/borders")
def propose() -> ResponseReturnValue:
    """Ask for a proposal and wake a worker."""
    texts.answer_belongs_to(url_for("balance.show"))
    current.planner()
    rule, problems = _read(request.form)
    if rule is None:
        return _page(request.form, problems), 422
    try:
        run_id = runs.ask_for_borders(
            current.session(), current.principal(), rule, now=current.now()
        )
    except InvalidInput as error:
        return _page(request.form, {"tolerance_percent": texts.error_text(error)}), 422
    current.commit()  # the worker must find the run
    if queue := current.surroundings().queue:
        queue.wake(run_id)
    return redirect(url_for("runs.show", run_id=run_id), 303)


def _read(form: Mapping[str, str]) -> tuple[BorderRule | None, dict[str, str]]:
    problems: dict[str, str] = {}
    values: dict[str, int] = {}
    for name, low, high in (("tolerance_percent", 0, 300), ("seconds", 2, 55)):
        try:
            values[name] = int(form.get(name, "").strip())
            BorderRule(**{name: values[name]})
        except ValueError:
            problems[name] = texts.text("请填 {low} 到 {high} 之间的数", low=low, high=high)
    return (None, problems) if problems else (BorderRule(**values), {})


@pages.get(f"/balance/borders/{KEY}")
def proposal(proposal_id: int) -> str:
    """Show a proposal beside today's map."""
    view = balance.view_proposal(current.session(), current.principal(), proposal_id)
    page = queries.Paging(page=queries.page_number(), size=PAGE_SIZE, total=len(view.firms))
    return render_template(
        "balance/proposal.html",
        view=view,
        firms=view.firms[page.offset : page.offset + page.size],
        page=page,
        picture={
            "outlines": view.today,
            "proposed": view.proposed,
            "changed": [i for i, one in enumerate(view.today) if one != view.proposed[i]],
            "points": [[round(one.lat, 5), round(one.lon, 5), 4, 4] for one in view.firms],
        },
    )


@pages.post(f"/balance/borders/{KEY}/decide")
def decide(proposal_id: int) -> ResponseReturnValue:
    """Adopt a proposal or put it aside."""
    chosen = request.form.get("do", "")
    if chosen not in {"adopt", "discard"}:
        raise InvalidInput("请选“采用”或“不采用”")
    borders.decide_proposal(
        current.session(),
        current.principal(),
        proposal_id,
        adopt=chosen == "adopt",
        now=current.now(),
        today=current.today(),
    )
    return redirect(url_for("balance.proposal", proposal_id=proposal_id), 303)

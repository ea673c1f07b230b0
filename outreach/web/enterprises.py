"""Enterprises: the list with its filters, the dossier (一企一档), the phone number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, jsonify, render_template, request

from outreach.domain.headcounts import HeadcountClass
from outreach.domain.targets import Standing
from outreach.services import dossiers, enterprises, grid_views, maps, routes
from outreach.services.enterprises import EnterpriseFilter
from outreach.web import current, errors, queries

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

pages = Blueprint("enterprises", __name__)

PAGE_SIZE = 50
LONGEST_SEARCH = 100
KEY = f"<int(max={queries.LARGEST_ID}):enterprise_id>"


def _wanted() -> EnterpriseFilter:
    return EnterpriseFilter(
        standing=queries.choice(Standing, "standing"),
        headcount_class=queries.choice(HeadcountClass, "headcount"),
        township=request.args.get("township", "").strip(),
        grid_id=queries.whole_number("grid", 0) or None,
        text=request.args.get("text", "").strip()[:LONGEST_SEARCH],
        unplaced=request.args.get("unplaced") == "1",
        missing=request.args.get("missing") == "1",
    )


@pages.get("/enterprises")
def index() -> str:
    """List the enterprises that the account sees."""
    wanted, session, principal = _wanted(), current.session(), current.principal()
    page = queries.Paging(page=queries.page_number(), size=PAGE_SIZE)
    lines, total = enterprises.list_enterprises(
        session, principal, wanted, limit=page.size, offset=page.offset
    )
    return render_template(
        "enterprises/list.html",
        wanted=wanted,
        lines=lines,
        page=queries.Paging(page=page.page, size=page.size, total=total),
        standings=list(Standing),
        headcount_classes=list(HeadcountClass),
        townships=maps.list_townships(session, principal),
        grids=grid_views.list_grids(session, principal),
    )


@pages.get(f"/enterprises/{KEY}")
def show(enterprise_id: int) -> str:
    """Show a dossier; opening it is audited by the service."""
    dossier = dossiers.open_dossier(
        current.session(), current.principal(), enterprise_id, now=current.now()
    )
    line = current.surroundings().settings.target.employees_over
    return render_template("enterprises/dossier.html", dossier=dossier, line=line)


@pages.post(f"/enterprises/{KEY}/phone")
def phone(enterprise_id: int) -> ResponseReturnValue:
    """Show the phone number once; each showing is audited by the service."""
    number = routes.reveal_phone(
        current.session(), current.principal(), enterprise_id, now=current.now()
    )
    if errors.wants_json():
        return jsonify(phone=number)
    return render_template("enterprises/phone.html", number=number, enterprise_id=enterprise_id)

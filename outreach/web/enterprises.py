"""Enterprises: the list with its filters, the dossier (一企一档), the phone number."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, jsonify, render_template, request, url_for

from outreach.domain.formations import Stage
from outreach.domain.headcounts import HeadcountClass
from outreach.domain.targets import Standing
from outreach.errors import NotFound
from outreach.services.desk import exports, maps
from outreach.services.desk.exports import ExportKind
from outreach.services.enterprises import dossier_files, dossiers, enterprise_lists
from outreach.services.enterprises.dossier_files import FileKind
from outreach.services.enterprises.enterprise_lists import EnterpriseFilter, Freshness
from outreach.services.grids import grid_views
from outreach.services.visits import routes
from outreach.web import current, errors, queries
from outreach.web.downloads import attachment

if TYPE_CHECKING:
    from flask import Response
    from flask.typing import ResponseReturnValue

pages = Blueprint("enterprises", __name__)

PAGE_SIZE = 50
LONGEST_SEARCH = 100
KEY = f"<int(max={queries.LARGEST_ID}):enterprise_id>"


def wanted_enterprises() -> EnterpriseFilter:
    """The list that the address names."""
    return EnterpriseFilter(
        standing=queries.choice(Standing, "standing"),
        headcount_class=queries.choice(HeadcountClass, "headcount"),
        township=request.args.get("township", "").strip(),
        grid_id=queries.whole_number("grid", 0) or None,
        text=request.args.get("text", "").strip()[:LONGEST_SEARCH],
        unplaced=request.args.get("unplaced") == "1",
        placed=request.args.get("placed") == "1",
        missing=request.args.get("missing") == "1",
        due=request.args.get("due") == "1",
        should_have=request.args.get("should") == "1",
        visited=queries.choice(Freshness, "visited"),
        stage=queries.choice(Stage, "stage"),
        reached=queries.choice(Stage, "reached"),
    )


def _export_address(kind: ExportKind) -> str:
    """Where the shown list is ordered as a file."""
    asked = [(name, value) for name, value in request.args.items(multi=True) if name != "page"]
    return f"{url_for('exports.order', kind=kind.value)}?{urlencode(asked)}"


@pages.get("/enterprises")
def index() -> str:
    """List the enterprises that the account sees."""
    wanted, session, principal = wanted_enterprises(), current.session(), current.principal()
    page = queries.Paging(page=queries.page_number(), size=PAGE_SIZE)
    lines, total = enterprise_lists.list_enterprises(
        session, principal, wanted, limit=page.size, offset=page.offset, today=current.today()
    )
    return render_template(
        "enterprises/list.html",
        wanted=wanted,
        lines=lines,
        page=queries.Paging(page=page.page, size=page.size, total=total),
        standings=list(Standing),
        export_kinds=list(ExportKind),
        export_address=_export_address,
        without_place=exports.count_without_place(
            session, principal, wanted, today=current.today()
        ),
        headcount_classes=list(HeadcountClass),
        freshness=list(Freshness),
        stages=list(Stage),
        townships=maps.list_townships(session, principal),
        grids=grid_views.list_grids(session, principal),
    )


@pages.get(f"/enterprises/{KEY}")
def show(enterprise_id: int) -> str:
    """Show a dossier; opening it is audited by the service."""
    dossier = dossiers.open_dossier(
        current.session(), current.principal(), enterprise_id, now=current.now()
    )
    line = current.settings().target.employees_over
    return render_template("enterprises/dossier.html", dossier=dossier, line=line)


@pages.get(f"/enterprises/{KEY}/file.<kind>")
def file(enterprise_id: int, kind: str) -> Response:
    """Give a dossier as a file; each one taken is audited by the service."""
    if kind not in set(FileKind):
        raise NotFound("没有这种文件")
    wanted = FileKind(kind)
    name, content = dossier_files.write_dossier(
        current.session(),
        current.principal(),
        enterprise_id,
        wanted,
        language=current.language(),
        now=current.now(),
    )
    return attachment(content, name, wanted.media_type)


@pages.post(f"/enterprises/{KEY}/phone")
def phone(enterprise_id: int) -> ResponseReturnValue:
    """Show the phone number once; each showing is audited by the service."""
    number = routes.reveal_phone(
        current.session(), current.principal(), enterprise_id, now=current.now()
    )
    if errors.wants_json():
        return jsonify(phone=number)
    return render_template("enterprises/phone.html", number=number, enterprise_id=enterprise_id)

"""What changed since the registers came last: the desk's list, and the grid worker's own."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, make_response, render_template, request, url_for

from outreach.domain.changes import ChangeKind
from outreach.services.desk import maps
from outreach.services.grids import grid_views
from outreach.services.linking import change_views
from outreach.services.linking.change_views import ChangeFilter
from outreach.web import current, queries, texts

if TYPE_CHECKING:
    from datetime import date

    from flask import Response

pages = Blueprint("changes", __name__)

PAGE_SIZE = 50
EVERY = "all"
"""In the address: all months together."""


def _wanted(months: list[date]) -> ChangeFilter:
    every = request.args.get("month") == EVERY
    month = None if every else queries.some_day("month") or (months[0] if months else None)
    return ChangeFilter(
        kind=queries.choice(ChangeKind, "kind"),
        township=request.args.get("township", "").strip(),
        grid_id=queries.whole_number("grid", 0) or None,
        month=month.replace(day=1) if month else None,
    )


@pages.get("/changes")
def index() -> str:
    """List the changes of a month, the newest one first; a grid worker sees her own grid's."""
    session, principal = current.session(), current.principal()
    months = change_views.list_months(session, principal)
    wanted = _wanted(months)
    page = queries.Paging(page=queries.page_number(), size=PAGE_SIZE)
    lines, total = change_views.list_changes(
        session, principal, wanted, limit=page.size, offset=page.offset
    )
    return render_template(
        "changes/list.html" if principal.role.sees_district else "changes/grid.html",
        wanted=wanted,
        lines=lines,
        months=months,
        summary=change_views.summarise_changes(session, principal, wanted),
        page=queries.Paging(page=page.page, size=page.size, total=total),
        kinds=list(ChangeKind),
        townships=maps.list_townships(session, principal) if principal.role.sees_district else [],
        grids=grid_views.list_grids(session, principal),
        download=f"{url_for('changes.download')}?{urlencode(list(request.args.items(multi=True)))}",
    )


@pages.get("/changes.csv")
def download() -> Response:
    """Give the same list as a file for a workbook program."""
    months = change_views.list_months(current.session(), current.principal())
    content = change_views.write_changes(
        current.session(),
        current.principal(),
        _wanted(months),
        say=texts.text,
        say_sentence=texts.sentence,
        now=current.now(),
    )
    answer = make_response(content)
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = "attachment; filename=changes.csv"
    return answer

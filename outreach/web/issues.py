"""What is wrong in the received files, and how to mend it."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from outreach.domain.issues import IssueKind
from outreach.services.registers import issue_views
from outreach.services.registers.issue_views import IssueFilter
from outreach.web import current, queries

pages = Blueprint("issues", __name__)

PAGE_SIZE = 100


@pages.get("/issues")
def index() -> str:
    """List the findings with file, row, column, value, problem and remedy."""
    wanted = IssueFilter(
        batch_id=queries.whole_number("file", 0) or None,
        kind=queries.choice(IssueKind, "kind"),
        held_only=request.args.get("held") == "1",
    )
    page = queries.Paging(page=queries.page_number(), size=PAGE_SIZE)
    lines, total = issue_views.page_of_issues(
        current.session(), current.principal(), wanted, limit=page.size, offset=page.offset
    )
    return render_template(
        "issues/list.html",
        wanted=wanted,
        lines=lines,
        page=queries.Paging(page=page.page, size=page.size, total=total),
        batches=issue_views.list_batches(current.session(), current.principal()),
        kinds=list(IssueKind),
    )

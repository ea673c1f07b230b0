"""For the district: what phones sent and nobody could take yet, and files from phones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.errors import InvalidInput
from outreach.services.visits import held_visits
from outreach.services.visits.named_firms import OtherFirm
from outreach.web import current, queries, texts

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

pages = Blueprint("held_visits", __name__, url_prefix="/held-visits")

PAGE_SIZE = 50
KEY = f"<int(max={queries.LARGEST_ID}):held_id>"


@pages.get("")
def index() -> str:
    """List what waits for a person."""
    return _list()


def _list(report: held_visits.QueueFileReport | None = None, problem: str = "") -> str:
    page = queries.Paging(page=queries.page_number(), size=PAGE_SIZE)
    lines, total = held_visits.list_held(
        current.session(), current.principal(), limit=page.size, offset=page.offset
    )
    return render_template(
        "held/list.html",
        lines=lines,
        report=report,
        refused=[texts.error_text(error) for error in report.refused] if report else [],
        problem=problem,
        page=queries.Paging(page=page.page, size=page.size, total=total),
    )


@pages.post(f"/{KEY}")
def settle(held_id: int) -> ResponseReturnValue:
    """Take a held record as a visit, or set it aside."""
    session, principal, now = current.session(), current.principal(), current.now()
    if request.form.get("do") == "accept":
        rule = current.settings().target
        try:
            held_visits.accept_held(session, principal, held_id, rule=rule, now=now)
        except (InvalidInput, OtherFirm) as error:
            session.rollback()
            return _list(problem=texts.error_text(error)), 422
    else:
        held_visits.set_aside(session, principal, held_id, now=now)
    return redirect(url_for("held_visits.index"), 303)


@pages.post("/files")
def read_file() -> ResponseReturnValue:
    """Take the visits of a file that a phone saved."""
    request.max_content_length = held_visits.LARGEST_QUEUE_FILE
    request.max_form_memory_size = None
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _list(problem=texts.text("请先选一个文件")), 422
    try:
        report = held_visits.read_queue_file(
            current.session(),
            current.principal(),
            current.surroundings().settings.instance,
            sent.read(),
            rule=current.settings().target,
            now=current.now(),
        )
    except InvalidInput as error:
        current.session().rollback()
        return _list(problem=texts.error_text(error)), 422
    return _list(report)

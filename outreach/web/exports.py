"""Lists given as files: at once when they are short, by a run with progress when they are long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, url_for

from outreach.domain.runs import RunKind
from outreach.errors import NotFound
from outreach.services.desk import export_runs, exports
from outreach.services.desk.exports import GIVEN_AT_ONCE, ExportKind, ExportOrder
from outreach.services.runs import runs
from outreach.web import current
from outreach.web.downloads import attachment
from outreach.web.enterprises import wanted_enterprises

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

pages = Blueprint("exports", __name__)


@pages.post("/enterprises/export.<kind>")
def order(kind: str) -> ResponseReturnValue:
    """Give the list that the address names, or begin to write it."""
    if kind not in set(ExportKind):
        raise NotFound("没有这种文件")
    session, principal, now = current.session(), current.principal(), current.now()
    wanted = ExportOrder(
        wanted=wanted_enterprises(),
        kind=ExportKind(kind),
        language=current.language(),
        today=current.today(),
    )
    if exports.count_rows(session, principal, wanted) <= GIVEN_AT_ONCE:
        file = exports.write_export(session, principal, wanted, now=now)
        return attachment(file.content, file.name, wanted.kind.media_type)
    run_id = export_runs.ask_for_export(session, principal, wanted, now=now)
    current.commit()  # the worker must find the run
    if queue := current.surroundings().queue:
        queue.wake(run_id)
    return redirect(url_for("exports.show", run_id=run_id), 303)


@pages.get("/exports/<uuid:run_id>")
def show(run_id: object) -> str:
    """Show how far a file has come."""
    run = runs.get_run(current.session(), current.principal(), str(run_id))
    if run.kind is not RunKind.EXPORT:
        raise NotFound("没有找到这份导出的文件")
    return render_template("exports/run.html", run=run)


@pages.get("/exports/<uuid:run_id>/file")
def file(run_id: object) -> ResponseReturnValue:
    """Give a written file to who asked for it."""
    name, kind, content = export_runs.read_export(
        current.session(),
        current.principal(),
        str(run_id),
        instance=current.surroundings().settings.instance,
    )
    return attachment(content, name, kind.media_type)

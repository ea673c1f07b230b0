"""Files handed in on a page: report, confirmation, their workbook back, undoing."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, send_file, url_for

from outreach.domain.issues import IssueKind
from outreach.domain.uploads import MOST_FILES, UploadChoices
from outreach.errors import InvalidInput, NotFound
from outreach.services.administration import accounts
from outreach.services.administration.principals import require_importer
from outreach.services.registers import (
    batches,
    header_meanings,
    templates,
    upload_files,
    upload_runs,
    uploads,
    workbooks,
)
from outreach.services.runs import runs
from outreach.sources.headers import NOT_READ
from outreach.sources.specs import all_specs
from outreach.web import current, queries, security, texts

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from werkzeug.datastructures import FileStorage

    from outreach.domain.sources import Source
    from outreach.services.registers.uploads import UploadView

pages = Blueprint("imports", __name__)

PAGE_SIZE = 50
KEY = f"<int(max={queries.LARGEST_ID}):batch_id>"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORM_BESIDE_FILES = 100_000
_DATUMS = ("wgs84", "gcj02", "bd09")


@pages.url_value_preprocessor
def _allow_files(endpoint: str | None, _values: dict[str, object] | None) -> None:
    """Only who may import sends more than a form: asked before the request's body is read."""
    token = security.session_token()
    if endpoint != "imports.hand_in" or not token:
        return
    found = accounts.find_principal(current.session(), token, now=current.now())
    if found is not None and found.role.sees_district:
        most = current.surroundings().settings.limits.most_bytes
        request.max_content_length = most + _FORM_BESIDE_FILES


@pages.get("/imports")
def index() -> str:
    """List the files that wait and those that were delivered, with the form for new ones."""
    large = request.args.get("problem") == "large"
    return _index(texts.text("文件太大,请拆分后分几次导入") if large else "")


def _index(problem: str) -> str:
    session, principal = current.session(), current.principal()
    page = queries.Paging(page=queries.page_number(), size=PAGE_SIZE)
    found, total = batches.list_batches(session, principal, limit=page.size, offset=page.offset)
    return render_template(
        "imports/list.html",
        waiting=uploads.list_uploads(session, principal),
        batches=found,
        page=queries.Paging(page=page.page, size=page.size, total=total),
        problem=problem,
        sources=[spec.source for spec in all_specs()],
        most_bytes=current.surroundings().settings.limits.most_bytes,
        most_files=MOST_FILES,
    )


@pages.post("/imports")
def hand_in() -> ResponseReturnValue:
    """Keep the files aside and have them read."""
    texts.answer_belongs_to(url_for("imports.index"))
    require_importer(current.principal())
    files = [file for file in request.files.getlist("files") if file.filename]
    if not 0 < len(files) <= MOST_FILES:
        return _index(texts.text("请选 1 到 {most} 个文件", most=MOST_FILES)), 422
    settings = current.surroundings().settings
    uploads.discard_forgotten(current.session(), folder=settings.instance, now=current.now())
    kept, problems = [], []
    for file in files:
        try:
            kept.append(_keep(file))
        except InvalidInput as error:
            problems.append(texts.error_text(error))
    _wake(*(run_id for _, run_id in kept))
    if problems:
        return _index(" ".join(problems)), 422
    alone = url_for("imports.upload", upload_id=kept[0][0])
    return redirect(alone if len(kept) == 1 else url_for("imports.index"), 303)


def _keep(file: FileStorage) -> tuple[str, str]:
    settings = current.surroundings().settings
    return uploads.hand_in(
        current.session(),
        current.principal(),
        file.stream,
        file.filename or "",
        folder=settings.instance,
        limits=settings.limits,
        now=current.now(),
    )


@pages.errorhandler(413)
def too_large(_error: Exception) -> ResponseReturnValue:
    """Lead back to the form, which says how much is taken at once."""
    return redirect(url_for("imports.index", problem="large"), 303)


def _wake(*run_ids: str) -> None:
    current.commit()  # the worker must find the run
    if queue := current.surroundings().queue:
        for run_id in run_ids:
            queue.wake(run_id)


@pages.get("/imports/uploads/<uuid:upload_id>")
def upload(upload_id: object) -> str:
    """Show what reading a file found, before anything of it is saved."""
    view = uploads.get_upload(current.session(), current.principal(), str(upload_id))
    source = view.source
    choices = header_meanings.columns_of(source) if source else []
    return render_template(
        "imports/upload.html",
        upload=view,
        findings=_findings(view),
        unread=_unread(view),
        usual={choice.column: choice.usual_header for choice in choices},
        columns=choices,
        sources=[spec.source for spec in all_specs()],
        datums=_DATUMS,
        not_read=NOT_READ,
        error=_error(view),
        elapsed=_elapsed(view),
    )


def _findings(view: UploadView) -> list[dict[str, object]]:
    return [
        {**found, "kind": IssueKind(found["kind"])} for found in view.report.get("findings", [])
    ]


def _unread(view: UploadView) -> list[dict[str, object]]:
    """The named headers that nothing is read from; a nameless one cannot be told again."""
    return [
        one
        for one in view.report.get("headers", [])
        if not one["column"] and one["samples"] and not one["header"].startswith("(")
    ]


def _error(view: UploadView) -> str:
    error = view.report.get("error")
    return texts.text(error["template"], **error["values"]) if error else ""


def _elapsed(view: UploadView) -> int:
    if view.run is None:
        return 0
    return max(0, round((current.now() - view.run.asked_at).total_seconds()))


@pages.post("/imports/uploads/<uuid:upload_id>/read")
def read_again(upload_id: object) -> ResponseReturnValue:
    """Read a file again with what the form says of it."""
    texts.answer_belongs_to(url_for("imports.upload", upload_id=upload_id))
    run_id = uploads.read_again(
        current.session(), current.principal(), str(upload_id), _choices(), now=current.now()
    )
    _wake(run_id)
    return redirect(url_for("imports.upload", upload_id=upload_id), 303)


def _choices() -> UploadChoices:
    whole = {"all": True, "part": False}
    day = request.form.get("as_of", "").strip()
    as_of = queries.day_of(day)
    if day and as_of is None:
        raise InvalidInput("“{value}”不是日期,请写成 2026-05-31", value=day)
    datum = request.form.get("datum", "")
    return UploadChoices(
        source=_source(request.form.get("source", "")),
        as_of=as_of,
        datum=datum if datum in _DATUMS else "",
        complete=whole.get(request.form.get("complete", "")),
    )


def _source(name: str) -> Source | None:
    if not name:
        return None
    found = next((spec.source for spec in all_specs() if spec.source == name), None)
    if found is None:
        raise NotFound("没有“{source}”这种登记表", source=name)
    return found


@pages.post("/imports/uploads/<uuid:upload_id>/headers")
def explain(upload_id: object) -> ResponseReturnValue:
    """Remember what headers hold, then read the file again."""
    texts.answer_belongs_to(url_for("imports.upload", upload_id=upload_id))
    session, principal = current.session(), current.principal()
    view = uploads.get_upload(session, principal, str(upload_id))
    source = _source(request.form.get("source", "")) or view.source
    if source is None:
        raise InvalidInput("请先选这份文件是哪个单位的")
    named = dict(zip(request.form.getlist("header"), request.form.getlist("column"), strict=False))
    header_meanings.explain_headers(
        session, principal, source, {h: c for h, c in named.items() if c}, now=current.now()
    )
    said = view.choices
    choices = UploadChoices(
        source=source, as_of=said.as_of, datum=said.datum, complete=said.complete
    )
    _wake(uploads.read_again(session, principal, str(upload_id), choices, now=current.now()))
    return redirect(url_for("imports.upload", upload_id=upload_id), 303)


@pages.post("/imports/uploads/<uuid:upload_id>/confirm")
def confirm(upload_id: object) -> ResponseReturnValue:
    """Import a file as reported."""
    texts.answer_belongs_to(url_for("imports.upload", upload_id=upload_id))
    _wake(
        uploads.confirm(current.session(), current.principal(), str(upload_id), now=current.now())
    )
    return redirect(url_for("imports.upload", upload_id=upload_id), 303)


@pages.post("/imports/uploads/<uuid:upload_id>/discard")
def discard(upload_id: object) -> ResponseReturnValue:
    """Give a file up."""
    texts.answer_belongs_to(url_for("imports.upload", upload_id=upload_id))
    uploads.discard(
        current.session(),
        current.principal(),
        str(upload_id),
        folder=current.surroundings().settings.instance,
        now=current.now(),
    )
    return redirect(url_for("imports.index"), 303)


@pages.get("/imports/uploads/<uuid:upload_id>/workbook")
def upload_workbook(upload_id: object) -> ResponseReturnValue:
    """Give a file back with what is wrong beside each row."""
    settings = current.surroundings().settings
    register = upload_runs.read_upload(
        current.session(),
        current.principal(),
        str(upload_id),
        folder=settings.instance,
        limits=settings.limits,
    )
    rows = workbooks.rows_of_register(register)
    return _give(register.file_name, workbooks.write_workbook(rows, current.language()))


def _give(file_name: str, content: bytes) -> ResponseReturnValue:
    stem = upload_files.tidy_name(file_name).rsplit(".", 1)[0]
    name = texts.text("{file}-问题.xlsx", file=stem)
    return send_file(BytesIO(content), mimetype=_XLSX, as_attachment=True, download_name=name)


@pages.get(f"/imports/{KEY}")
def batch(batch_id: int) -> str:
    """Show one delivered file and what can be done with it."""
    found = batches.get_batch(current.session(), current.principal(), batch_id)
    return render_template("imports/batch.html", batch=found)


@pages.get(f"/imports/{KEY}/workbook")
def batch_workbook(batch_id: int) -> ResponseReturnValue:
    """Give a delivered file back with what is wrong beside each row."""
    name, content = workbooks.workbook_of_batch(
        current.session(), current.principal(), batch_id, current.language(), now=current.now()
    )
    return _give(name, content)


@pages.post(f"/imports/{KEY}/undo")
def undo(batch_id: int) -> ResponseReturnValue:
    """Take a delivered file back."""
    batches.undo_import(current.session(), current.principal(), batch_id, now=current.now())
    return redirect(url_for("imports.batch", batch_id=batch_id), 303)


@pages.post(f"/imports/{KEY}/redo")
def redo(batch_id: int) -> ResponseReturnValue:
    """Put a file that was taken back in force again."""
    batches.redo_import(current.session(), current.principal(), batch_id, now=current.now())
    return redirect(url_for("imports.batch", batch_id=batch_id), 303)


@pages.post("/imports/link")
def link() -> ResponseReturnValue:
    """Have the district's records linked."""
    run_id = runs.ask_for_link(current.session(), current.principal(), now=current.now())
    _wake(run_id)
    return redirect(url_for("runs.show", run_id=run_id), 303)


@pages.get("/imports/templates/<source>")
def template(source: str) -> ResponseReturnValue:
    """Give the empty workbook of a source."""
    require_importer(current.principal())
    found = _source(source)
    if found is None:
        raise NotFound("没有“{source}”这种登记表", source=source)
    name = texts.text("{source}-模板.xlsx", source=found.label)
    content = BytesIO(templates.write_template(found))
    return send_file(content, mimetype=_XLSX, as_attachment=True, download_name=name)


@pages.get("/imports/headers")
def headers() -> str:
    """List what people said of headers."""
    return render_template(
        "imports/headers.html",
        lines=header_meanings.list_meanings(current.session(), current.principal()),
        not_read=NOT_READ,
    )


@pages.post(f"/imports/headers/<int(max={queries.LARGEST_ID}):meaning_id>/remove")
def forget(meaning_id: int) -> ResponseReturnValue:
    """Forget what was said of one header."""
    header_meanings.forget_meaning(
        current.session(), current.principal(), meaning_id, now=current.now()
    )
    return redirect(url_for("imports.headers"), 303)

"""Visits that were sent: their author's list, corrections, and the district's remarks on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from flask import Blueprint, redirect, render_template, request, send_file, url_for

from outreach.domain.calendar import CHINA
from outreach.domain.remarks import LONGEST_REMARK, RemarkVerdict
from outreach.errors import InvalidInput, NotFound
from outreach.services.visits import attachments, remarks, visit_content, visit_views, visits
from outreach.web import current, queries, texts, visit_texts
from outreach.web.visits import firm_data, form_chips, form_fields, form_options

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from flask import Response
    from flask.typing import ResponseReturnValue

    from outreach.services.visits.visit_views import Correction

pages = Blueprint("past_visits", __name__, url_prefix="/visits")
pages.add_app_template_filter(visit_texts.said, "said")

KEY = "<uuid:visit_uuid>"
PAGE_SIZE = 20


@pages.get("")
def index() -> str:
    """List the visits that the signed-in grid worker recorded."""
    page = queries.Paging(page=queries.page_number(), size=PAGE_SIZE)
    firm = queries.whole_number("enterprise", 0) or None
    lines, total = visit_views.list_own_visits(
        current.session(),
        current.principal(),
        limit=page.size,
        offset=page.offset,
        enterprise_id=firm,
    )
    return render_template(
        "visits/list.html",
        lines=lines,
        page=queries.Paging(page=page.page, size=page.size, total=total),
        firm=firm,
        now=current.now(),
    )


@pages.get(f"/{KEY}")
def show(visit_uuid: UUID) -> str:
    """Show one visit with its versions and remarks."""
    return _show(visit_uuid, {})


def _show(visit_uuid: UUID, sent: Mapping[str, str], problem: str = "") -> str:
    line = visit_views.open_visit(
        current.session(), current.principal(), str(visit_uuid), now=current.now()
    )
    return render_template(
        "visits/visit.html" if line.is_own else "visits/review.html",
        line=line,
        now=current.now(),
        sent=sent,
        problem=problem,
        verdicts=list(RemarkVerdict),
        longest=LONGEST_REMARK,
    )


@pages.get("/files/<uuid:attachment_uuid>")
def attachment(attachment_uuid: UUID) -> Response:
    """Give a photo or voice note of a visit; opening it is audited."""
    file = attachments.open_attachment(
        current.session(),
        current.principal(),
        current.settings().instance,
        str(attachment_uuid),
        now=current.now(),
    )
    if not file.path.is_file():
        raise NotFound("这个附件的文件不在服务器上,请从备份里恢复 instance/attachments")
    return send_file(file.path, mimetype=file.media_type)


@pages.post(f"/{KEY}/remarks")
def remark(visit_uuid: UUID) -> ResponseReturnValue:
    """Write a remark on a visit."""
    try:
        verdict = request.form.get("verdict", "")
        if verdict not in set(RemarkVerdict):
            raise InvalidInput("请先选一项审阅结论")
        remarks.write_remark(
            current.session(),
            current.principal(),
            str(visit_uuid),
            RemarkVerdict(verdict),
            request.form.get("text", ""),
            now=current.now(),
        )
    except InvalidInput as error:
        texts.answer_belongs_to(url_for("past_visits.show", visit_uuid=visit_uuid))
        return _show(visit_uuid, request.form, texts.error_text(error)), 422
    return redirect(url_for("past_visits.show", visit_uuid=visit_uuid), 303)


@pages.post(f"/{KEY}/seen")
def seen(visit_uuid: UUID) -> ResponseReturnValue:
    """Take the remarks on one's own visit as read."""
    remarks.mark_seen(current.session(), current.principal(), str(visit_uuid), now=current.now())
    return redirect(url_for("past_visits.show", visit_uuid=visit_uuid), 303)


@pages.get(f"/{KEY}/correct")
def correct(visit_uuid: UUID) -> str:
    """Show the form filled with what was sent."""
    correction = _correction(visit_uuid)
    pairs = visit_texts.fields_of(correction.content)
    chips = tuple(
        tuple(value for name, value in pairs if name == wanted)
        for wanted in ("concern", "hardship", "requests")
    )
    return _form(correction, {**dict(pairs), "uuid": str(uuid4())}, chips)


def _correction(visit_uuid: UUID) -> Correction:
    return visit_views.open_correction(
        current.session(), current.principal(), str(visit_uuid), now=current.now()
    )


def _form(
    correction: Correction,
    sent: Mapping[str, str],
    chips: tuple[tuple[str, ...], ...],
    problem: str = "",
) -> str:
    return render_template(
        "visits/form.html",
        correction=correction,
        firm=correction.form,
        firm_data=_firm_data(correction),
        day=None,
        sent={**sent, "visited_at": correction.visited_at.isoformat()},
        moment=correction.visited_at,
        chips=chips,
        problem=problem,
        options=form_options(correction.visited_at.astimezone(CHINA).date()),
    )


def _firm_data(correction: Correction) -> dict[str, Any]:
    """What the form's script starts from: every field of the version that stands."""
    return {
        **firm_data(correction.form),
        "pairs": visit_texts.fields_of(correction.content),
        "position": correction.content.get("position"),
    }


@pages.post(f"/{KEY}/correct")
def revise(visit_uuid: UUID) -> ResponseReturnValue:
    """Take a correction from a form without scripts; a phone's queue sends it as any visit."""
    correction = _correction(visit_uuid)
    content = {**form_fields(), "position": correction.content.get("position")}
    try:
        revision = visit_content.parse_visit(content, now=current.now())
    except InvalidInput as error:
        texts.answer_belongs_to(url_for("past_visits.correct", visit_uuid=visit_uuid))
        return _form(correction, request.form, form_chips(), texts.error_text(error)), 422
    visits.revise_visit(
        current.session(),
        current.principal(),
        revision,
        corrects=str(visit_uuid),
        based_on=request.form.get("based_on", ""),
        sent=visits.Sent.of(revision),
        rule=current.settings().target,
        now=current.now(),
    )
    return redirect(url_for("past_visits.show", visit_uuid=visit_uuid), 303)

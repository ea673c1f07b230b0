"""The log as the auditor reads it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, make_response, render_template, request, url_for

from outreach.domain.audit import ACTIONS, DETAILS, SUBJECTS, value_label
from outreach.domain.calendar import CHINA
from outreach.services.administration import audit_log
from outreach.services.administration.audit_log import AuditFilter
from outreach.web import current, queries, texts

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Response

    from outreach.services.administration.audit_log import AuditLine

pages = Blueprint("audit", __name__)

PAGE_SIZE = 100


def _wanted() -> AuditFilter:
    texts_of = {
        name: request.args.get(name, "").strip()[:64]
        for name in ("login", "action", "subject", "subject_id")
    }
    return AuditFilter(first=queries.some_day("first"), last=queries.some_day("last"), **texts_of)


def action_text(code: str) -> str:
    """An action in words, or its code."""
    return texts.text(ACTIONS[code]) if code in ACTIONS else code


def subject_text(code: str) -> str:
    """What an action was done to in words, or its code."""
    return texts.text(SUBJECTS[code]) if code in SUBJECTS else code


def details(line: AuditLine) -> list[tuple[str, str]]:
    """What stands beside an action, in words where there are words for it."""
    return [
        (
            texts.text(DETAILS[name]) if name in DETAILS else name,
            _value_text(value_label(line.action, name, value), value),
        )
        for name, value in line.detail.items()
    ]


def _value_text(word: str | None, value: Any) -> str:  # noqa: ANN401  JSON
    if word is not None:
        return texts.text(word)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def when(moment: datetime) -> str:
    """A moment on the clock of China with its year, to the second: the log is kept for years."""
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"


@pages.get("/audit")
def index() -> str:
    """List the entries, the newest first."""
    session, principal, wanted = current.session(), current.principal(), _wanted()
    page = queries.Paging(page=queries.page_number(), size=PAGE_SIZE)
    actions, subjects = audit_log.list_words(session, principal)
    lines, total = audit_log.list_entries(
        session, principal, wanted, now=current.now(), limit=page.size, offset=page.offset
    )
    return render_template(
        "audit/list.html",
        wanted=wanted,
        lines=lines,
        actions=actions,
        subjects=subjects,
        action_text=action_text,
        subject_text=subject_text,
        details=details,
        when=when,
        most=audit_log.MOST_EXPORTED,
        download=f"{url_for('audit.download')}?{urlencode(list(request.args.items(multi=True)))}",
        page=queries.Paging(page=page.page, size=page.size, total=total),
    )


@pages.get("/audit.csv")
def download() -> Response:
    """Give the same list as a file for a workbook program."""
    content = audit_log.export_entries(
        current.session(), current.principal(), _wanted(), now=current.now(), say=texts.text
    )
    answer = make_response(content)
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    name = f"audit-{current.today()}.csv"
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer

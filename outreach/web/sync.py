"""What a phone's queue talks to: visits and photos by their own uuid, each with a receipt."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, jsonify, request

from outreach.errors import InvalidInput
from outreach.services.visits import attachments, sync
from outreach.services.visits.attachments import AttachmentKind
from outreach.services.visits.sync import Stored
from outreach.web import current, texts

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

pages = Blueprint("sync", __name__, url_prefix="/sync")

HEADER = "X-Outreach-Queue"
"""No form and no foreign page can send it: it stands for the form's secret, which a page that
stays open for days may have lost."""

LARGEST_RECORD = 64 * 1024
"""Bytes of one visit; its four texts have at most 1,000 characters each."""

_STATUS = {Stored.VISIT: (201, 200), Stored.HELD: (202, 202), Stored.CONFLICT: (409, 409)}
"""By what became of the record: the status when it is new, and when it was here already."""


@pages.before_request
def require_header() -> None:
    """Refuse what no script of ours has sent."""
    if HEADER not in request.headers:
        abort(400)


@pages.put("/visits/<uuid>")
def put_visit(uuid: str) -> ResponseReturnValue:
    """Take one visit; the answer carries the digest of what was stored."""
    if (request.content_length or 0) > LARGEST_RECORD:
        abort(413)
    receipt = sync.receive_visit(
        current.session(),
        current.principal(),
        uuid,
        request.get_data(),
        phone_now=_phone_clock(),
        rule=current.settings().target,
        now=current.now(),
    )
    current.commit()  # a conflict is answered with 409, and must be kept all the same
    new, known = _STATUS[receipt.stored]
    answer: dict[str, Any] = {
        "uuid": receipt.uuid,
        "sha256": receipt.sha256,
        "stored": receipt.stored.value,
        "at": current.now().isoformat(),
    }
    if receipt.reason is not None:
        answer["reason"] = texts.label(receipt.reason)
    # What a conflict is about is a number that says nothing to her; the reason says enough.
    if receipt.problem is not None and receipt.stored is not Stored.CONFLICT:
        answer["message"] = texts.error_text(receipt.problem)
    return jsonify(answer), new if receipt.is_new else known


@pages.put("/attachments/<uuid>")
def put_attachment(uuid: str) -> ResponseReturnValue:
    """Take one photo or voice note."""
    request.max_content_length = attachments.LARGEST_ATTACHMENT + 1024
    kind = request.args.get("kind", "")
    if kind not in set(AttachmentKind):
        raise InvalidInput("“{field}”不能是“{value}”", field="kind", value=kind[:20])
    receipt = attachments.receive_attachment(
        current.session(),
        current.principal(),
        current.surroundings().settings.instance,
        uuid,
        visit_uuid=request.args.get("visit", ""),
        kind=AttachmentKind(kind),
        data=request.get_data(),
        now=current.now(),
    )
    answer = {"uuid": receipt.uuid, "sha256": receipt.sha256, "at": current.now().isoformat()}
    return jsonify(answer), 201 if receipt.is_new else 200


@pages.post("/known")
def known() -> ResponseReturnValue:
    """Tell which of a phone's sent records are not here: after a restored backup it sends again."""
    asked = request.get_json(silent=True)
    records = asked.get("records") if isinstance(asked, dict) else None
    if not isinstance(records, dict) or not all(isinstance(one, str) for one in records.values()):
        raise InvalidInput("这条记录读不出来")
    folder = current.surroundings().settings.instance
    unknown = sync.find_unknown(current.session(), current.principal(), folder, records)
    return jsonify(unknown=unknown, at=current.now().isoformat())


def _phone_clock() -> datetime | None:
    """The phone's clock when it sent, in milliseconds since 1970; `None` when it says nothing."""
    text = request.headers.get("X-Phone-Clock", "")
    try:
        return datetime.fromtimestamp(int(text[:16]) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None

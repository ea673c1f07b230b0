"""What a phone's queue sends of changed days: each change by its own uuid, taken once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, jsonify, request

from outreach.errors import InvalidInput
from outreach.services.visits.days import change_day
from outreach.services.visits.visit_content import digest_of
from outreach.web import current
from outreach.web.days import receipt_answer, rules
from outreach.web.sync import require_header

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

pages = Blueprint("day_changes", __name__, url_prefix="/today/changes")
pages.before_request(require_header)


@pages.put("/<uuid>")
def put_change(uuid: str) -> ResponseReturnValue:
    """Take one change; 201 when it is new, 200 when it was here, 409 for another content."""
    content = request.get_json(silent=True)
    if not isinstance(content, dict):
        raise InvalidInput("这条记录读不出来")
    receipt = change_day(
        current.session(),
        current.principal(),
        uuid,
        content,
        rules=rules(),
        now=current.now(),
    )
    answer = {
        **receipt_answer(receipt),
        "sha256": digest_of(content),
        "at": current.now().isoformat(),
    }
    return jsonify(answer), 201 if receipt.is_new else 200

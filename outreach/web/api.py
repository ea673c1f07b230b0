"""The read-only interface for other programs, opened by a key in the `Authorization` header."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint, jsonify, request

from outreach.domain.tokens import seconds_to_wait
from outreach.errors import InvalidInput, OutreachError
from outreach.services.administration import tokens
from outreach.services.administration.tokens import TooMany, WrongKey
from outreach.services.desk import api_views
from outreach.services.desk.api_views import MOST_ROWS, Rows
from outreach.web import current, errors, queries, texts
from outreach.web.api_document import LEVELS, document
from outreach.web.enterprises import wanted_enterprises
from outreach.web.security import public

if TYPE_CHECKING:
    from flask import Response
    from flask.typing import ResponseReturnValue

    from outreach.domain.accounts import Principal

pages = Blueprint("api", __name__, url_prefix="/api/v1")

KEY = f"<int(max={queries.LARGEST_ID}):enterprise_id>"
_STATUS: dict[type[OutreachError], int] = {WrongKey: 401, TooMany: 429}
_SCHEME = "Bearer "


@dataclass(frozen=True, slots=True)
class _Caller:
    """Whose rights the key carries."""

    principal: Principal

    def answer(self, what: str, found: Rows, **more: Any) -> Response:  # noqa: ANN401
        """The rows as JSON, after writing down that they were taken."""
        api_views.note_call(
            current.session(), self.principal, what=what, rows=len(found.rows), now=current.now()
        )
        return jsonify(
            data=found.rows, next=found.next, of=found.of, today=f"{current.today()}", **more
        )


def _caller() -> _Caller:
    """Count the call and say whose rights it has; the count stands whatever follows."""
    said = request.headers.get("Authorization", "")
    token = said.removeprefix(_SCHEME)[:128] if said.startswith(_SCHEME) else ""
    try:
        principal = tokens.open_with_token(
            current.session(), token, source=request.remote_addr or "", now=current.now()
        )
    finally:
        current.commit()
    return _Caller(principal)


@pages.errorhandler(OutreachError)
def refuse(error: OutreachError) -> ResponseReturnValue:
    """Say what is wrong as JSON; what must wait is told for how long."""
    status = _STATUS.get(type(error)) or errors.status_of(error)
    answer = jsonify(code=error.code, message=texts.error_text(error))
    answer.status_code = status
    if isinstance(error, WrongKey):
        answer.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooMany):
        answer.headers["Retry-After"] = str(seconds_to_wait(current.now()))
    return answer


def _limit() -> int:
    return queries.whole_number("limit", 100, low=1, high=MOST_ROWS)


@pages.get("/openapi.json")
@public
def openapi() -> Response:
    """Describe the interface (OpenAPI 3.1); without data, for anybody."""
    return jsonify(document())


@pages.get("/enterprises")
@public
def enterprises() -> Response:
    """Give firms, page after page."""
    caller = _caller()
    found = api_views.read_enterprises(
        current.session(),
        caller.principal,
        wanted_enterprises(),
        after=queries.whole_number("after", 0),
        limit=_limit(),
        today=current.today(),
    )
    return caller.answer("enterprises", found)


@pages.get(f"/enterprises/{KEY}")
@public
def enterprise(enterprise_id: int) -> Response:
    """Give one firm."""
    caller = _caller()
    row = api_views.read_enterprise(current.session(), caller.principal, enterprise_id)
    return caller.answer("enterprise", Rows(rows=[row], next=None, of=1))


@pages.get("/grids")
@public
def grids() -> Response:
    """Give the grids with their polygons."""
    caller = _caller()
    return caller.answer("grids", api_views.read_grids(current.session(), caller.principal))


@pages.get("/visits")
@public
def visits() -> Response:
    """Give the visits of some days."""
    caller = _caller()
    since, until = queries.some_day("since"), queries.some_day("until")
    if since is None or until is None:
        raise InvalidInput("请写明 since 和 until 两个日期,例如 {like}", like="2026-11-01")
    found = api_views.read_visits(
        current.session(),
        caller.principal,
        since=since,
        until=until,
        after=request.args.get("after", "")[:36],
        limit=_limit(),
    )
    return caller.answer("visits", found)


@pages.get("/figures")
@public
def figures() -> Response:
    """Give the dashboard's counts by area."""
    caller = _caller()
    level = request.args.get("level", "township")
    if level not in LEVELS:
        raise InvalidInput("地址里的“{field}”不能是“{value}”", field="level", value=level[:20])
    found, counted_at = api_views.read_figures(current.session(), caller.principal, level=level)
    return caller.answer("figures", found, counted_at=counted_at)

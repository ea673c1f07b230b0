"""The description of the read-only interface, OpenAPI 3.1."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from outreach.domain.enterprises import Industry, OperatingState, UnionStatus
from outreach.domain.formations import Stage
from outreach.domain.headcounts import HeadcountClass
from outreach.domain.indicators import Counts
from outreach.domain.targets import Standing
from outreach.domain.tokens import CALLS_A_MINUTE
from outreach.domain.visits import UnionFinding, VisitResult
from outreach.services.desk.api_views import MOST_ROWS
from outreach.services.enterprises.enterprise_lists import Freshness

if TYPE_CHECKING:
    from collections.abc import Iterable
    from enum import StrEnum

LEVELS = ("district", "township", "grid")
_TEXT: dict[str, Any] = {"type": "string"}
_WHOLE: dict[str, Any] = {"type": "integer"}
_DAY: dict[str, Any] = {"type": "string", "format": "date"}


def _of(kind: type[StrEnum]) -> dict[str, Any]:
    return {"type": "string", "enum": [member.value for member in kind]}


def _maybe(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def _row(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


_FIRM: dict[str, Any] = {
    "id": _WHOLE,
    "name": _TEXT,
    "uscc": _TEXT,
    "state": _of(OperatingState),
    "industry": _of(Industry),
    "address": _TEXT,
    "township": _TEXT,
    "grid": _maybe(_TEXT),
    "standing": {"type": "string", "enum": ["", *(member.value for member in Standing)]},
    "employees": _maybe(_WHOLE),
    "employees_low": _maybe(_WHOLE),
    "employees_high": _maybe(_WHOLE),
    "headcount_class": {"type": "string", "enum": ["", *(m.value for m in HeadcountClass)]},
    "over_probability": _maybe({"type": "number", "minimum": 0, "maximum": 1}),
    "union_status": _of(UnionStatus),
    "union_name": _TEXT,
    "last_visited_on": _maybe(_DAY),
    "lon": _maybe({"type": "number", "description": "WGS-84, degrees"}),
    "lat": _maybe({"type": "number", "description": "WGS-84, degrees"}),
    "position_error_m": _maybe({"type": "number", "description": "metres"}),
}

_SCHEMAS: dict[str, dict[str, Any]] = {
    "Enterprise": _row(_FIRM),
    "EnterpriseWithFigures": _row(
        {**_FIRM, "headcounts": {"type": "array", "items": {"type": "object"}}}
    ),
    "Grid": _row({"code": _TEXT, "name": _TEXT, "township": _TEXT, "geometry": {"type": "object"}}),
    "Visit": _row(
        {
            "uuid": _TEXT,
            "enterprise_id": _WHOLE,
            "grid": _maybe(_TEXT),
            "visited_on": _DAY,
            "result": _of(VisitResult),
            "employees": _maybe(_WHOLE),
            "union_finding": _maybe(_of(UnionFinding)),
        }
    ),
    "Figures": _row(
        {
            "township": _TEXT,
            "grid": _maybe(_TEXT),
            **{field.name: _WHOLE for field in fields(Counts)},
        }
    ),
    "Error": _row({"code": _TEXT, "message": _TEXT}),
}


def _asked(name: str, schema: dict[str, Any], *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "schema": schema}


_PAGE = [
    _asked("after", {"description": "the `next` of the page before"}),
    _asked("limit", {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": 100}),
]
_YES = {"type": "string", "enum": ["1"]}
_FILTER = [
    _asked("standing", _of(Standing)),
    _asked("headcount", _of(HeadcountClass)),
    _asked("township", _TEXT),
    _asked("grid", {"type": "integer", "description": "key of a grid"}),
    _asked("text", {"type": "string", "description": "part of a name, or a whole credit code"}),
    _asked("due", _YES),
    _asked("visited", _of(Freshness)),
    _asked("stage", _of(Stage)),
    _asked("reached", _of(Stage)),
    _asked("placed", _YES),
    _asked("unplaced", _YES),
    _asked("missing", _YES),
]


def _answers(row: str, more: dict[str, Any] | None = None) -> dict[str, Any]:
    page = {
        "data": {"type": "array", "items": {"$ref": f"#/components/schemas/{row}"}},
        "next": {"description": "give it as `after` for the next page; null at the end"},
        "of": {"type": "integer", "description": "rows in all pages together"},
        "today": _DAY,
        **(more or {}),
    }
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    failures = {
        "401": "The key is wrong, expired or revoked.",
        "404": "There is nothing that this key may see.",
        "422": "A parameter cannot be used; the message names it.",
        "429": f"More than {CALLS_A_MINUTE} calls in this minute; wait as Retry-After says.",
    }
    return {
        "200": {
            "description": "Rows that the key's account may see, without personal data.",
            "content": {"application/json": {"schema": _row(page)}},
        },
        **{status: {"description": text, "content": error} for status, text in failures.items()},
    }


def _get(
    summary: str,
    row: str,
    asked: Iterable[dict[str, Any]] = (),
    more: dict[str, Any] | None = None,
) -> dict[str, Any]:
    return {
        "get": {"summary": summary, "parameters": list(asked), "responses": _answers(row, more)}
    }


def document() -> dict[str, Any]:
    """The whole description."""
    key = {"name": "enterprise_id", "in": "path", "required": True, "schema": _WHOLE}
    days = [_asked("since", _DAY, required=True), _asked("until", _DAY, required=True)]
    level = _asked("level", {"type": "string", "enum": list(LEVELS), "default": "township"})
    counted_at = _maybe({"type": "string", "format": "date-time"})
    openapi = {
        "get": {
            "summary": "This description.",
            "security": [],
            "responses": {"200": {"description": "OpenAPI 3.1"}},
        }
    }
    firm = "EnterpriseWithFigures"
    return {
        "openapi": "3.1.0",
        "info": {"title": "Union outreach, read-only", "version": "1"},
        "servers": [{"url": "/api/v1"}],
        "security": [{"key": []}],
        "paths": {
            "/openapi.json": openapi,
            "/enterprises": _get("Firms by id.", "Enterprise", [*_FILTER, *_PAGE]),
            "/enterprises/{enterprise_id}": _get("One firm with its figures.", firm, [key]),
            "/grids": _get("Grids with their polygons.", "Grid"),
            "/visits": _get("Visits of some days, without who made them.", "Visit", days + _PAGE),
            "/figures": _get(
                "Counts of the dashboard.", "Figures", [level], {"counted_at": counted_at}
            ),
        },
        "components": {
            "schemas": _SCHEMAS,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }

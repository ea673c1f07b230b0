"""Reading what a phone or a form says about a visit: strict, naming the field and the value."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from outreach.domain.appointments import APPOINTED_WITHIN, DayPart, may_appoint
from outreach.domain.calendar import CHINA
from outreach.domain.cases import CaseKind
from outreach.domain.enterprises import OperatingState
from outreach.domain.headcounts import LARGEST_HEADCOUNT
from outreach.domain.visits import (
    LONGEST_NOTE,
    MOST_WILLING,
    HeadcountEvidence,
    Obstacle,
    Premises,
    PromisedStep,
    UnionFinding,
    Visit,
    VisitPosition,
    VisitResult,
)
from outreach.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping


LONGEST_AGO, FASTEST_CLOCK = timedelta(days=366), timedelta(days=1)
"""A phone may send late and its clock may be wrong; further off, its date is a mistake."""

_LONGEST_NUMBER = 9
DATUMS = ("wgs84", "gcj02", "bd09")


def parse_visit(content: Mapping[str, Any], *, now: datetime) -> Visit:
    """Read a visit: from a form all values are texts, from a phone's JSON also numbers and lists.

    Raises
    ------
    InvalidInput
        Naming the field and the value, when one cannot be used.
    """
    fields = {name: _as_text(value) for name, value in content.items() if name != "position"}
    result = _choice(VisitResult, fields, "result", "结果")
    if result is None:
        raise InvalidInput("请先选走访结果")
    visited_at = _moment(fields.get("visited_at", ""), now)
    found = _findings(fields) if result.opens_form else {}
    if result is VisitResult.APPOINTMENT:
        found = _appointment(fields, visited_at)
    return Visit(
        uuid=read_uuid(fields.get("uuid", "")),
        enterprise_id=_enterprise_id(fields),
        visited_at=visited_at,
        result=result,
        position=_position(content.get("position")),
        note=_note(fields, "note", "备注"),
        **found,
    )


def ask_for_day(visit: Visit) -> None:
    """Ask for the day of an appointment where the person who knows it can still be asked.

    What waits on a phone is taken without it: a record must not be lost for it.

    Raises
    ------
    InvalidInput
        When a next visit was agreed on and its day is not said.
    """
    if visit.result is VisitResult.APPOINTMENT and visit.appointed_on is None:
        raise InvalidInput("约了下次,请填约的是哪天")


def content_of(visit: Visit) -> dict[str, Any]:
    """What is kept of a visit: its filled fields as JSON has them."""
    content = asdict(visit)
    content["uuid"] = str(visit.uuid)
    content["visited_at"] = visit.visited_at.isoformat()
    for name in ("promised_on", "appointed_on"):
        if content[name] is not None:
            content[name] = content[name].isoformat()
    content["requests"] = [kind.value for kind in visit.requests]
    return {key: value for key, value in content.items() if value not in (None, "", [])}


def digest_of(content: Mapping[str, Any]) -> str:
    """The sha256 of a visit's content in its one spelling: sorted names, no blanks, UTF-8.

    A phone computes the same over what it sends, and so knows from the receipt what was stored.
    """
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _findings(fields: Mapping[str, str]) -> dict[str, Any]:
    """What only a person who was met can have said or shown."""
    return {
        "operating_state": _choice(OperatingState, fields, "operating_state", "经营状态"),
        "employees": _people(fields, "employees"),
        "evidence": _choice(HeadcountEvidence, fields, "evidence", "人数依据"),
        "premises": _choice(Premises, fields, "premises", "场所"),
        "concerns": _note(fields, "concerns", "企业顾虑"),
        "hardships": _note(fields, "hardships", "急难愁盼"),
        "hardship_workers": _people(fields, "hardship_workers"),
        "resources": _note(fields, "resources", "可利用资源"),
        "union_finding": _choice(UnionFinding, fields, "union_finding", "工会"),
        "attitude": _attitude(fields.get("attitude", "")),
        "obstacle": _choice(Obstacle, fields, "obstacle", "主要障碍"),
        "promise": _choice(PromisedStep, fields, "promise", "答应的下一步"),
        "promised_on": _day(fields.get("promised_on", "")),
        "requests": _requests(fields.get("requests", "")),
        "request_note": _note(fields, "request_note", "诉求"),
    }


def _appointment(fields: Mapping[str, str], visited_at: datetime) -> dict[str, Any]:
    """The next visit that was agreed on; a record of an older phone may leave it open."""
    day = _day(fields.get("appointed_on", ""))
    if day is None:
        return {}
    if not may_appoint(day, visited_on=visited_at.astimezone(CHINA).date()):
        raise InvalidInput(
            "约的日期“{value}”要在走访那天以后 {most} 天之内",
            value=day.isoformat(),
            most=APPOINTED_WITHIN.days,
        )
    part = _choice(DayPart, fields, "appointed_part", "约的时间")
    return {"appointed_on": day, "appointed_part": part}


def _as_text(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, list):
        return ";".join(_as_text(one) for one in value)
    return "" if value is None else str(value)


def _choice(kind: Any, fields: Mapping[str, str], name: str, label: str) -> Any:  # noqa: ANN401
    text = fields.get(name, "").strip()
    if not text:
        return None
    try:
        return kind(text)
    except ValueError as error:
        raise InvalidInput("“{field}”不能是“{value}”", field=label, value=text) from error


def _requests(text: str) -> tuple[CaseKind, ...]:
    names = [name.strip() for name in text.split(";") if name.strip()]
    kinds = [_choice(CaseKind, {"requests": name}, "requests", "诉求") for name in names]
    return tuple(dict.fromkeys(kinds))


def _enterprise_id(fields: Mapping[str, str]) -> int:
    """The firm; a correction names the visit instead, and stays with the firm of that: 0."""
    text = fields.get("enterprise_id", "") or ("0" if fields.get("corrects") else "")
    if not (text.isascii() and text.isdigit() and len(text) <= 10):  # noqa: PLR2004 database key
        raise InvalidInput("没有说明走访的是哪家企业,请从路线页重新打开表单")
    return int(text)


def _note(fields: Mapping[str, str], name: str, label: str) -> str:
    text = fields.get(name, "").strip()
    if "\x00" in text or any("\ud800" <= mark <= "\udfff" for mark in text):
        raise InvalidInput("“{field}”里有用不了的字符,请重新写一遍", field=label)
    if len(text) > LONGEST_NOTE:
        raise InvalidInput(
            "“{field}”有 {length} 个字,最多 {most} 个",
            field=label,
            length=len(text),
            most=LONGEST_NOTE,
        )
    return text


def read_uuid(text: str) -> UUID:
    """Read a uuid that a phone made.

    Raises
    ------
    InvalidInput
        When the text is none.
    """
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput("走访编号“{value}”不是 UUID", value=text[:60]) from error


def _moment(text: str, now: datetime) -> datetime:
    if not text:
        return now
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("走访时间“{value}”应像 2026-11-23T09:30", value=text) from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=CHINA)
    if not now - LONGEST_AGO <= moment <= now + FASTEST_CLOCK:
        raise InvalidInput("走访时间“{value}”离今天太远,请核对手机上的日期", value=text)
    return moment


def _people(fields: Mapping[str, str], name: str) -> int | None:
    text = fields.get(name, "").strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit():
        raise InvalidInput("人数应是整数,不能是“{value}”", value=text[:20])
    if len(text) > _LONGEST_NUMBER or int(text) > LARGEST_HEADCOUNT:
        raise InvalidInput(
            "人数最多 {most},不能是“{value}”",
            most=f"{LARGEST_HEADCOUNT:,}",
            value=f"{int(text[:20]):,}",
        )
    return int(text)


def _attitude(text: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if text not in {str(one) for one in range(1, MOST_WILLING + 1)}:
        raise InvalidInput("“{field}”不能是“{value}”", field="态度", value=text)
    return int(text)


def _day(text: str) -> date | None:
    text = text.strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("日期“{value}”应像 2026-11-23", value=text) from error


def _position(said: Any) -> VisitPosition | None:  # noqa: ANN401
    """A point as the phone gives it: degrees, metres and the datum of its maker."""
    if not said:
        return None
    try:
        position = VisitPosition(
            lon=float(said["lon"]),
            lat=float(said["lat"]),
            accuracy_m=float(said["accuracy_m"]),
            datum=str(said.get("datum", DATUMS[0])),
        )
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise InvalidInput("位置“{value}”用不了,请重新定位", value=str(said)[:60]) from error
    if position.datum not in DATUMS:
        raise InvalidInput("“{field}”不能是“{value}”", field="坐标系", value=position.datum[:20])
    return position

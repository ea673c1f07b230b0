"""Reading what a phone says about a changed day: strict, naming the field and the value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from outreach.domain.calendar import CHINA
from outreach.domain.days import DayChangeKind, SkipReason
from outreach.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

LATEST_SEND, FARTHEST_DAY = timedelta(days=7), timedelta(days=27)
"""A change may come a week late from a phone without a network; plans reach four weeks ahead."""

MOST_STOPS = 60
LARGEST_ID = 2_147_483_647


@dataclass(frozen=True, slots=True, kw_only=True)
class DayEdit:
    """One change as it was sent; `content` is what is kept, `made_at` aware.

    `enterprise_id` is the firm in question, for a found firm the stop beside it.
    """

    uuid: str
    day: date
    kind: DayChangeKind
    made_at: datetime
    content: Mapping[str, Any]
    enterprise_id: int = 0
    reason: SkipReason | None = None
    order: tuple[int, ...] = ()
    step: int = 0

    @property
    def now_s(self) -> int:
        """The second of the day at which it was made; 0 when it was made on another day."""
        local = self.made_at.astimezone(CHINA)
        if local.date() != self.day:
            return 0
        return local.hour * 3600 + local.minute * 60 + local.second


def read_edit(uuid: str, content: Mapping[str, Any], *, now: datetime) -> DayEdit:
    """Read one change.

    Raises
    ------
    InvalidInput
        Naming the field and the value, when one cannot be used.
    """
    kind = _member(DayChangeKind, content, "kind")
    edit = DayEdit(
        uuid=_uuid(uuid),
        day=_day(content, now),
        kind=kind,
        made_at=_moment(content.get("made_at"), now),
        content=dict(content),
    )
    known = {"uuid": edit.uuid, "day": edit.day, "kind": kind, "made_at": edit.made_at}
    if kind is DayChangeKind.UNDO:
        return edit
    if kind is DayChangeKind.ORDER:
        return DayEdit(**known, content=edit.content, order=_order(content.get("order")))
    if kind is DayChangeKind.FOUND:
        beside = _key(content.get("enterprise_id"))
        return DayEdit(**known, content=edit.content, enterprise_id=beside)
    key = _key(content.get("enterprise_id"))
    if not key:
        raise InvalidInput("请先选一家企业")
    if kind is DayChangeKind.SKIP:
        reason = _member(SkipReason, content, "reason")
        return DayEdit(**known, content=edit.content, enterprise_id=key, reason=reason)
    step = _step(content.get("step")) if kind is DayChangeKind.MOVE else 0
    return DayEdit(**known, content=edit.content, enterprise_id=key, step=step)


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError as error:
        raise InvalidInput("调整编号“{value}”不是 UUID", value=text[:60]) from error


def _member(kind: Any, content: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401
    value = content.get(name)
    if value not in set(kind):
        raise InvalidInput("“{field}”不能是“{value}”", field=name, value=str(value)[:20])
    return kind(value)


def _day(content: Mapping[str, Any], now: datetime) -> date:
    text = str(content.get("day", ""))
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("日期“{value}”应像 2026-11-23", value=text[:20]) from error
    today = now.astimezone(CHINA).date()
    if not today - LATEST_SEND <= day <= today + FARTHEST_DAY:
        raise InvalidInput("{value} 离今天太远,不能调整", value=text)
    return day


def _moment(said: object, now: datetime) -> datetime:
    """When the phone made the change; a clock that cannot be right is the server's."""
    try:
        moment = datetime.fromisoformat(str(said))
    except ValueError:
        return now
    moment = moment if moment.tzinfo else moment.replace(tzinfo=CHINA)
    return moment if now - LATEST_SEND <= moment <= now + timedelta(minutes=10) else now


def _key(said: object) -> int:
    text = "" if said is None or isinstance(said, bool) else str(said)
    fits = text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_ID))
    return int(text) if fits and int(text) <= LARGEST_ID else 0


def _step(said: object) -> int:
    if str(said) not in {"-1", "1"}:
        raise InvalidInput("“{field}”不能是“{value}”", field="step", value=str(said)[:20])
    return int(str(said))


def _order(said: object) -> tuple[int, ...]:
    listed = said.split(",") if isinstance(said, str) else said
    if not isinstance(listed, list) or len(listed) > MOST_STOPS:
        raise InvalidInput("顺序读不出来,请刷新后再排一次")
    keys = tuple(_key(one) for one in listed)
    if not all(keys):
        raise InvalidInput("顺序读不出来,请刷新后再排一次")
    return keys

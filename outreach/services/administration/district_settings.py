"""A district's own settings: which stand on a day, what a new one would change, taking it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from outreach.domain.district_settings import (
    BY_NAME,
    SPECS,
    SettingGroup,
    SettingSpec,
    read_value,
)
from outreach.errors import InvalidInput, NotFound
from outreach.services.administration.audit import audit_as
from outreach.services.administration.principals import require_district
from outreach.services.enterprises.targets import assess_district
from outreach.settings import Settings, overlay
from outreach.storage.accounts import Account
from outreach.storage.district_settings import DistrictSetting

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal

_audit = partial(audit_as, subject="setting")

MOST_AHEAD = timedelta(days=366)

Value = int | float | str | None


def settings_on(session: Session, district_id: int, base: Settings, day: date) -> Settings:
    """The installation's settings with the district's own values of a day."""
    values = {
        name: row.value
        for name, row in _standing(session, district_id, day).items()
        if row.value is not None and name in BY_NAME
    }
    return overlay(base, values) if values else base


def _standing(session: Session, district_id: int, day: date) -> dict[str, DistrictSetting]:
    """The row of each setting that stands on a day: of those whose day has come, the newest."""
    query = (
        select(DistrictSetting)
        .where(
            DistrictSetting.district_id == district_id,
            DistrictSetting.withdrawn_at.is_(None),
            DistrictSetting.valid_from <= day,
        )
        .order_by(DistrictSetting.valid_from, DistrictSetting.id)
    )
    return {row.name: row for row in session.scalars(query)}


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingVersion:
    """One value that was set; `value` is `None` for the installation's own."""

    id: int
    value: Value
    valid_from: date
    set_at: datetime
    set_by: str
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingLine:
    """A setting with what stands now; `versions` are all that were set, the newest first."""

    spec: SettingSpec
    value: Value
    default: Value
    is_own: bool
    versions: tuple[SettingVersion, ...]

    def upcoming(self, today: date) -> list[SettingVersion]:
        """The values whose day is still to come."""
        return [v for v in self.versions if v.valid_from > today and v.withdrawn_at is None]


def list_settings(
    session: Session, principal: Principal, base: Settings, *, today: date
) -> list[SettingLine]:
    """All settings of the principal's district.

    Raises
    ------
    Refused
        When the role does not see the district.
    """
    require_district(principal)
    standing = _standing(session, principal.district_id, today)
    versions = _versions(session, principal.district_id)
    return [
        SettingLine(
            spec=spec,
            value=shown_value(settings_value(base, spec.name))
            if (row := standing.get(spec.name)) is None or row.value is None
            else row.value,
            default=shown_value(settings_value(base, spec.name)),
            is_own=row is not None and row.value is not None,
            versions=tuple(versions.get(spec.name, ())),
        )
        for spec in SPECS
    ]


def _versions(session: Session, district_id: int) -> dict[str, list[SettingVersion]]:
    query = (
        select(DistrictSetting, Account.display_name)
        .outerjoin(Account, Account.id == DistrictSetting.set_by)
        .where(DistrictSetting.district_id == district_id)
        .order_by(DistrictSetting.id.desc())
    )
    found: dict[str, list[SettingVersion]] = {}
    for row, name in session.execute(query):
        found.setdefault(row.name, []).append(
            SettingVersion(
                id=row.id,
                value=row.value,
                valid_from=row.valid_from,
                set_at=row.set_at,
                set_by=name or "",
                withdrawn_at=row.withdrawn_at,
            )
        )
    return found


def settings_value(settings: Settings, name: str) -> Any:  # noqa: ANN401  of any kind
    """The value of a setting by its name."""
    table, _, key = name.partition(".")
    return getattr(getattr(settings, table), key)


def shown_value(value: Any) -> Value:  # noqa: ANN401  of any kind
    """A value as it is typed: 08:30, 12:00-14:00, e_bike, 25."""
    if hasattr(value, "opens"):
        return f"{value.opens:%H:%M}-{value.closes:%H:%M}"
    if hasattr(value, "hour"):
        return f"{value:%H:%M}"
    return value if isinstance(value, int | float) or value is None else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedSetting:
    """What the form says; an empty text takes the installation's own value."""

    name: str
    text: str
    valid_from: date


def require_day(day: date, today: date) -> None:
    """Refuse a day that is past or more than a year off.

    Raises
    ------
    InvalidInput
        Naming the day.
    """
    if not today <= day <= today + MOST_AHEAD:
        raise InvalidInput("生效日期 {day} 不对,请填今天到一年以内", day=day.isoformat())


def typed_value(spec: SettingSpec, text: str) -> Value:
    """Read what was typed; nothing stands for the installation's own value.

    Raises
    ------
    InvalidInput
        When it cannot be a value of the setting.
    """
    if not text.strip():
        return None
    value = read_value(spec, text)
    if value is None:
        raise InvalidInput(
            "“{field}”不能是“{value}”,请看说明里的范围", field=spec.label, value=text.strip()[:40]
        )
    return value


def take_setting(
    session: Session,
    principal: Principal,
    wanted: WantedSetting,
    base: Settings,
    *,
    today: date,
    now: datetime,
) -> None:
    """Store a value; the rule of targets is applied at once when its day has come.

    Raises
    ------
    Refused, NotFound, InvalidInput
        As `review_setting`; also when nothing would change.
    """
    require_district(principal)
    spec = BY_NAME.get(wanted.name)
    if spec is None:
        raise NotFound("没有这一项设置")
    value = typed_value(spec, wanted.text)
    before = settings_on(session, principal.district_id, base, wanted.valid_from)
    wished = settings_value(base, spec.name) if value is None else value
    then = overlay(before, {spec.name: wished})
    require_day(wanted.valid_from, today)
    if settings_value(then, spec.name) == settings_value(before, spec.name):
        raise InvalidInput("“{field}”那天已经是这个值了,没有改动", field=spec.label)
    row = DistrictSetting(
        district_id=principal.district_id,
        name=spec.name,
        value=value,
        valid_from=wanted.valid_from,
        set_at=now,
        set_by=principal.account_id or None,
        withdrawn_at=None,
        withdrawn_by=None,
    )
    session.add(row)
    session.flush()
    detail = {
        "name": spec.name,
        "was": shown_value(settings_value(before, spec.name)),
        "value": value,
        "valid_from": wanted.valid_from.isoformat(),
    }
    _audit(session, principal, "set_setting", row.id, now, detail)
    if spec.group is SettingGroup.TARGET and wanted.valid_from <= today:
        assess_district(session, district_id=principal.district_id, rule=then.target, now=now)


def withdraw_setting(
    session: Session, principal: Principal, setting_id: int, *, today: date, now: datetime
) -> None:
    """Take back a value whose day has not come; one that stands is replaced by another instead.

    Raises
    ------
    Refused, NotFound
        When the role does not see the district, or it has no such value to come.
    """
    require_district(principal)
    row = session.get(DistrictSetting, setting_id)
    if (
        row is None
        or row.district_id != principal.district_id
        or row.withdrawn_at is not None
        or row.valid_from <= today
    ):
        raise NotFound("没有找到这个还没生效的设置")
    row.withdrawn_at, row.withdrawn_by = now, principal.account_id or None
    _audit(session, principal, "withdraw_setting", row.id, now, {"name": row.name})

"""What a new value of a setting would change, counted on the firms of now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from outreach.domain.district_settings import BY_NAME, SettingGroup, SettingSpec
from outreach.domain.headcounts import estimate_headcount
from outreach.domain.targets import Standing, assess_target
from outreach.errors import NotFound
from outreach.services.administration.calendar_days import load_calendar
from outreach.services.administration.district_settings import (
    Value,
    WantedSetting,
    require_day,
    settings_on,
    settings_value,
    shown_value,
    typed_value,
)
from outreach.services.administration.principals import require_district
from outreach.services.enterprises.enterprises import to_domain
from outreach.services.linking.headcounts import load_calibration
from outreach.services.planning.planning import gather_week
from outreach.settings import Settings, overlay
from outreach.storage.enterprises import Enterprise

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.domain.plans import PlanRule
    from outreach.domain.targets import TargetRule

_MAY_CHANGE = (Standing.TARGET, Standing.NEAR_MISS, Standing.UNDER, Standing.NOT_ACTIVE)
MOST_JUDGED = 5_000
"""Firms that are judged anew for a report; of more, every n-th is taken and differences scaled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number as it is, exactly, and as it would be; `unit` is a word of ours."""

    label: str
    unit: str
    before: int
    after: int

    @property
    def difference(self) -> int:
        """How many more there would be."""
        return self.after - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingEffect:
    """What a value would change.

    `judged` of `firms` were looked at; when these are fewer, the differences are scaled estimates.
    """

    spec: SettingSpec
    before: Value
    after: Value
    valid_from: date
    figures: tuple[Figure, ...]
    judged: int = 0
    firms: int = 0

    @property
    def is_estimate(self) -> bool:
        """Whether only a sample was judged."""
        return self.judged < self.firms


def review_setting(
    session: Session, principal: Principal, wanted: WantedSetting, base: Settings, *, today: date
) -> SettingEffect:
    """Say what a value would change, counted on the firms of now; nothing is stored.

    Raises
    ------
    Refused, NotFound
        When the role does not see the district, or there is no such setting.
    InvalidInput
        When the value cannot be, alone or beside the others, or the day is past or far.
    """
    require_district(principal)
    spec = BY_NAME.get(wanted.name)
    if spec is None:
        raise NotFound("没有这一项设置")
    value = typed_value(spec, wanted.text)
    require_day(wanted.valid_from, today)
    now = settings_on(session, principal.district_id, base, wanted.valid_from)
    wished = settings_value(base, spec.name) if value is None else value
    then = overlay(now, {spec.name: wished})
    effect = SettingEffect(
        spec=spec,
        before=shown_value(settings_value(now, spec.name)),
        after=shown_value(settings_value(then, spec.name)),
        valid_from=wanted.valid_from,
        figures=(),
    )
    if spec.group is SettingGroup.TARGET:
        rules = (now.target, then.target)
        return _targets(session, principal.district_id, effect, rules, today)
    if spec.group is SettingGroup.PLAN:
        figures = _weeks(session, principal.district_id, now.plan, then.plan, today)
        return replace(effect, figures=figures)
    return effect


def _targets(
    session: Session,
    district_id: int,
    effect: SettingEffect,
    rules: tuple[TargetRule, TargetRule],
    today: date,
) -> SettingEffect:
    """How firms stand now, and the difference of two rules, both reckoned today from one sample.

    Firms that ended or have a union stand as they do whatever the rule says.
    """
    own = (Enterprise.district_id == district_id) & Enterprise.retired.is_(False)
    own &= Enterprise.standing.in_(_MAY_CHANGE)
    firms = session.scalar(select(func.count()).select_from(Enterprise).where(own)) or 0
    every = max(1, -(-firms // MOST_JUDGED))
    calibration = load_calibration(session, district_id)
    counts = {standing: [0, 0] for standing in Standing}
    employees, judged = [0, 0], 0
    for row in session.scalars(select(Enterprise).where(own, Enterprise.id % every == 0)):
        judged += 1
        enterprise = to_domain(row)
        for i, rule in enumerate(rules):
            headcount = estimate_headcount(
                enterprise.headcounts, calibration, employees_over=rule.employees_over, today=today
            )
            standing = assess_target(replace(enterprise, headcount=headcount), rule).standing
            counts[standing][i] += 1
            if standing is Standing.TARGET and headcount is not None:
                employees[i] += headcount.employees
    known, staff = _standing_now(session, own)
    numbers = [("重点对象", "家", known.get(Standing.TARGET, 0), counts[Standing.TARGET])]
    numbers += [("重点对象的职工", "人", staff, employees)]
    numbers += [
        (one.label, "家", known.get(one, 0), counts[one])
        for one in (Standing.NEAR_MISS, Standing.UNDER)
    ]
    scale = firms / judged if judged else 1.0
    figures = tuple(
        Figure(label=label, unit=unit, before=now, after=max(0, now + round((a - b) * scale)))
        for label, unit, now, (b, a) in numbers
    )
    return replace(effect, figures=figures, judged=judged, firms=firms)


def _standing_now(session: Session, own: ColumnElement[bool]) -> tuple[dict[Standing, int], int]:
    """How many firms stand where, as all lists count them, and the employees of the targets."""
    query = select(Enterprise.standing, func.count(), func.sum(Enterprise.employees))
    rows = session.execute(query.where(own).group_by(Enterprise.standing)).all()
    counts = {Standing(standing): count for standing, count, _ in rows}
    staff = {Standing(standing): employees or 0 for standing, _, employees in rows}
    return counts, staff.get(Standing.TARGET, 0)


def _weeks(
    session: Session, district_id: int, now: PlanRule, then: PlanRule, today: date
) -> tuple[Figure, ...]:
    """What the next week would need and have by two rules."""
    week = today + timedelta(days=7 - today.weekday())
    calendar = load_calendar(session, district_id)
    found = [
        gather_week(session, district_id=district_id, week=week, rule=rule, calendar=calendar)
        for rule in (now, then)
    ]
    loads = [[grid.load for grid in one.grids if grid.load] for one in found]
    due, free, over = (
        [sum(load.due_minutes for load in some) // 60 for some in loads],
        [sum(load.available_minutes for load in some) // 60 for some in loads],
        [sum(load.is_over for load in some) for some in loads],
    )
    firms = [one.due for one in found]
    return tuple(
        Figure(label=label, unit=unit, before=numbers[0], after=numbers[1])
        for label, unit, numbers in (
            ("下周该走访的企业", "家", firms),
            ("走完要的时间(估)", "小时", due),
            ("网格员有的时间", "小时", free),
            ("一个人走不完的网格", "个", over),
        )
    )

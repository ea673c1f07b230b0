"""The form for a plan: one sentence of help for each parameter, one problem for each field."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from outreach.domain.plans import TravelMode
from outreach.domain.visit_windows import TimeWindow
from outreach.domain.weights import SLIDERS, PlanWeights
from outreach.web import queries
from outreach.web.texts import text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from outreach.domain.plans import PlanRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One parameter on the form; `low`, `high` and `step` of a number, in its unit."""

    name: str
    label: str
    help: str
    kind: str = "number"
    low: float = 0
    high: float = 0
    step: str = "1"


FIELDS = (
    Field(name="week", label="哪一周", help="从周一到周日,默认是下一周。", kind="week"),
    Field(name="shift_start", label="上班", help="每天从这个时间出发。", kind="time"),
    Field(
        name="lunch_opens",
        label="午休开始",
        help="午休时间不排走访。",
        kind="time",
    ),
    Field(name="lunch_closes", label="午休结束", help="下午从这个时间接着走。", kind="time"),
    Field(name="shift_end", label="下班", help="这个时间前要回到社区。", kind="time"),
    Field(
        name="most_stops_a_day",
        label="一天最多几家",
        help="再多就记不细了,一般 6 到 8 家。",
        low=1,
        high=30,
    ),
    Field(
        name="outings_a_week",
        label="一周最少出去几次",
        help="至少走访一家的一天算一次。",
        low=0,
        high=7,
    ),
    Field(
        name="travel_mode",
        label="怎么去",
        help="决定路上要多少时间。",
        kind="travel_mode",
    ),
    Field(
        name="refresh_days",
        label="多少天更新一次",
        help="有工会的和接近标准的企业,隔这么多天再去一次。",
        low=1,
        high=365,
    ),
    Field(
        name="seconds_per_grid",
        label="每个网格算几秒",
        help="算得久一些,路线会好一点;1 秒通常就够。",
        low=0.05,
        high=600,
        step="any",
    ),
    Field(
        name="seed",
        label="随机种子",
        help="数据和参数都一样时,同一个种子排出同样的计划。",
        low=0,
        high=2_147_483_647,
    ),
)


ROUNDS_FIELD = Field(
    name="iterations_per_grid",
    label="每个网格算几轮",
    help="填 0 按秒算;按轮数算,换一台电脑也排出同样的计划。200 轮大约算 1 秒。",
    low=0,
    high=10_000,
)
"""Offered by the laboratory, where runs are to be repeated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A week and the rule to plan it by."""

    week: date
    rule: PlanRule


WEEKS_AHEAD = 8


def weeks_to_choose(today: date) -> list[date]:
    """The Monday of this week and the Mondays after it."""
    monday = today - timedelta(days=today.weekday())
    return [monday + timedelta(weeks=ahead) for ahead in range(WEEKS_AHEAD + 1)]


def show_rule(rule: PlanRule) -> dict[str, str]:
    """The rule as the form's fields."""
    return {
        "shift_start": f"{rule.shift_start:%H:%M}",
        "lunch_opens": f"{rule.lunch.opens:%H:%M}",
        "lunch_closes": f"{rule.lunch.closes:%H:%M}",
        "shift_end": f"{rule.shift_end:%H:%M}",
        "most_stops_a_day": str(rule.most_stops_a_day),
        "outings_a_week": str(rule.outings_a_week),
        "travel_mode": rule.travel_mode.value,
        "refresh_days": str(rule.refresh_days),
        "seconds_per_grid": f"{rule.seconds_per_grid:g}",
        "iterations_per_grid": str(rule.iterations_per_grid),
        "seed": str(rule.seed),
    }


def show_weights(weights: PlanWeights) -> dict[str, str]:
    """The weights as the sliders' values."""
    return {slider.name: str(getattr(weights, slider.name)) for slider in SLIDERS}


def read_weights(form: Mapping[str, str]) -> tuple[PlanWeights | None, dict[str, str]]:
    """Read the sliders; returns the weights, or `None` and a problem for each wrong one."""
    values: dict[str, int] = {}
    problems: dict[str, str] = {}
    for slider in SLIDERS:
        try:
            values[slider.name] = int(form.get(slider.name, "").strip())
            PlanWeights(**{slider.name: values[slider.name]})
        except ValueError:
            problems[slider.name] = text(
                "请填 {low} 到 {high} 之间的数", low=f"{slider.low:g}", high=f"{slider.high:,}"
            )
    return (None, problems) if problems else (PlanWeights(**values), {})


def read_form(
    form: Mapping[str, str], standard: PlanRule, fields: Sequence[Field] = FIELDS
) -> tuple[Asked | None, dict[str, str]]:
    """Read the form; returns what is asked for, or `None` and a problem for each wrong field."""
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field in fields:
        try:
            values[field.name] = _read(field, form.get(field.name, "").strip())
        except ValueError:
            problems[field.name] = _problem(field)
    if not problems and not _in_order(values):
        problems["shift_end"] = text("时间要按 上班、午休开始、午休结束、下班 的先后")
    if problems:
        return None, problems
    week = values.pop("week")
    lunch = TimeWindow(opens=values.pop("lunch_opens"), closes=values.pop("lunch_closes"))
    return Asked(week=week, rule=replace(standard, lunch=lunch, **values)), {}


def _in_order(values: Mapping[str, Any]) -> bool:
    times = [values[n] for n in ("shift_start", "lunch_opens", "lunch_closes", "shift_end")]
    return all(earlier < later for earlier, later in pairwise(times))


def _read(field: Field, value: str) -> object:
    if field.kind == "week":
        day = queries.day_of(value)
        if day is None or day.weekday() != 0:
            raise ValueError(value)
        return day
    if field.kind == "time":
        moment = time.fromisoformat(value)
        if moment.tzinfo is not None:
            raise ValueError(value)
        return moment
    if field.kind == "travel_mode":
        return TravelMode(value)
    number = float(value) if field.step == "any" else int(value)
    if not field.low <= number <= field.high:
        raise ValueError(value)
    return number


def _problem(field: Field) -> str:
    if field.kind == "week":
        return text("请选一个周一")
    if field.kind == "time":
        return text("请填一个时间,如 08:30")
    if field.kind == "travel_mode":
        return text("请选一种")
    return text("请填 {low} 到 {high} 之间的数", low=f"{field.low:g}", high=f"{field.high:,.10g}")

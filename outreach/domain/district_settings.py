"""What a district may set for itself, each with the sentence that explains its effect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from enum import StrEnum


class SettingGroup(StrEnum):
    """What a setting decides."""

    TARGET = "target"
    PLAN = "plan"
    GOALS = "goals"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {"target": "重点对象的标准", "plan": "走访计划", "goals": "看板上的目标"}[self.value]


class SettingKind(StrEnum):
    """How a value is written."""

    WHOLE = "whole"
    SHARE = "share"
    DECIMAL = "decimal"
    CLOCK = "clock"
    SPAN = "span"
    MODE = "mode"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingSpec:
    """One setting: its name in the settings file, what it is called, and what it does."""

    name: str
    label: str
    help: str
    unit: str = ""
    kind: SettingKind = SettingKind.WHOLE
    low: float = 0
    high: float = 0

    @property
    def group(self) -> SettingGroup:
        """What it decides."""
        return SettingGroup(self.name.partition(".")[0])


SPECS: tuple[SettingSpec, ...] = (
    SettingSpec(
        name="target.employees_over",
        label="超过多少职工算重点对象",
        help="严格超过才算:填 25 时,26 人起是重点对象。改小,名单变长。",
        unit="人",
        low=1,
        high=1000,
    ),
    SettingSpec(
        name="target.near_miss_from",
        label="从多少人起列为接近标准",
        help="这些企业每月更新一次人数,不动员建会。",
        unit="人",
        low=0,
        high=1000,
    ),
    SettingSpec(
        name="target.surely_over",
        label="多大把握算确定超过",
        help="只影响“确定”还是“很可能”这两个字,不改名单。",
        kind=SettingKind.SHARE,
        low=0.01,
        high=0.99,
    ),
    SettingSpec(
        name="target.probably_over",
        label="多大把握进重点对象名单",
        help="0.5 就是估计人数超过标准。改小,名单变长,错的也变多。",
        kind=SettingKind.SHARE,
        low=0.01,
        high=0.99,
    ),
    SettingSpec(
        name="target.doubtful_from",
        label="多大把握去现场核实",
        help="在这个和上一个之间的企业存疑,计划会安排人去数一数。",
        kind=SettingKind.SHARE,
        low=0.01,
        high=0.99,
    ),
    SettingSpec(
        name="plan.shift_start",
        label="上班",
        help="每天从这个时间出发。",
        kind=SettingKind.CLOCK,
    ),
    SettingSpec(
        name="plan.lunch",
        label="午休",
        help="这段时间不排走访,写成 12:00-14:00。",
        kind=SettingKind.SPAN,
    ),
    SettingSpec(
        name="plan.shift_end",
        label="下班",
        help="这个时间前要回到社区。",
        kind=SettingKind.CLOCK,
    ),
    SettingSpec(
        name="plan.most_stops_a_day",
        label="一天最多几家",
        help="再多就记不细了,一般 6 到 8 家。",
        unit="家",
        low=1,
        high=30,
    ),
    SettingSpec(
        name="plan.outings_a_week",
        label="一周最少出去几次",
        help="至少走访一家的一天算一次。",
        unit="次",
        low=0,
        high=7,
    ),
    SettingSpec(
        name="plan.refresh_days",
        label="多少天更新一次",
        help="有工会的和接近标准的企业,隔这么多天再去一次。改小,要走的变多。",
        unit="天",
        low=1,
        high=365,
    ),
    SettingSpec(
        name="plan.least_days_between_visits",
        label="两次走访至少隔几天",
        help="刚去过的企业,隔够这么多天才再排。",
        unit="天",
        low=0,
        high=90,
    ),
    SettingSpec(
        name="plan.travel_mode",
        label="怎么去",
        help="决定路上要多少时间。",
        kind=SettingKind.MODE,
    ),
    SettingSpec(
        name="plan.detour_factor",
        label="绕路系数",
        help="没有路网的地方,路程是直线距离乘以这个数。",
        kind=SettingKind.DECIMAL,
        low=1,
        high=3,
    ),
    SettingSpec(
        name="goals.covered",
        label="“30 天内走访过”的目标",
        help="应走访的企业里,30 天内走访过的占多少。",
        unit="%",
        kind=SettingKind.PERCENT,
        low=1,
        high=100,
    ),
    SettingSpec(
        name="goals.targets_visited",
        label="“重点对象曾走访过”的目标",
        help="重点对象里,走访过的占多少,不论多久以前。",
        unit="%",
        kind=SettingKind.PERCENT,
        low=1,
        high=100,
    ),
    SettingSpec(
        name="goals.with_union",
        label="“应建会的已建会”的目标",
        help="应该建会的企业里,建了会的占多少。",
        unit="%",
        kind=SettingKind.PERCENT,
        low=1,
        high=100,
    ),
    SettingSpec(
        name="goals.outings",
        label="“本周出门”的目标",
        help="应出门的次数里,已出门的占多少;应出门 = 网格数 × 一周最少出去几次。",
        unit="%",
        kind=SettingKind.PERCENT,
        low=1,
        high=100,
    ),
    SettingSpec(
        name="goals.placed",
        label="“有位置的企业”的目标",
        help="档案里的全部企业中,有位置、落在网格里的占多少。",
        unit="%",
        kind=SettingKind.PERCENT,
        low=1,
        high=100,
    ),
)
"""All settings of a district, in the order of the page."""

BY_NAME = {spec.name: spec for spec in SPECS}
MODES = ("walk", "e_bike", "car")


def read_value(spec: SettingSpec, text: str) -> int | float | str | None:
    """Read what was typed, or `None` when it cannot be a value of the setting."""
    text = text.strip()
    if spec.kind is SettingKind.MODE:
        return text if text in MODES else None
    if spec.kind is SettingKind.CLOCK:
        return text if _is_clock(text) else None
    if spec.kind is SettingKind.SPAN:
        opens, _, closes = text.partition("-")
        fits = _is_clock(opens.strip()) and _is_clock(closes.strip())
        return f"{opens.strip()}-{closes.strip()}" if fits else None
    try:
        is_whole = spec.kind in {SettingKind.WHOLE, SettingKind.PERCENT}
        value = int(text) if is_whole else float(text)
    except ValueError:
        return None
    return value if spec.low <= value <= spec.high else None


def _is_clock(text: str) -> bool:
    try:
        time.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("08:30")

"""What counts how much when a week is planned: named weights, and presets of them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum

from outreach.domain.wording import Sentence

LEAST, MOST = 0, 400
LEAST_TRAVEL = 25
"""Ways count at least a quarter: at nothing every firm would be worth any way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanWeights:
    """Weights in per cent of the usual; 100 everywhere is how a week is planned without any.

    organise : a visit of a firm without a union.
    size : what each employee adds to it.
    verify : checking a doubtful headcount.
    cases : answering an open case of a firm.
    refresh : keeping the file of a firm fresh.
    overdue : how much of that grows while a firm waits.
    travel : what an hour on the way costs.
    """

    organise: int = 100
    size: int = 100
    verify: int = 100
    cases: int = 100
    refresh: int = 100
    overdue: int = 100
    travel: int = 100

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            low = LEAST_TRAVEL if one.name == "travel" else LEAST
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= MOST:
                raise ValueError(
                    f"plan.weights.{one.name} = {value}: must be a whole number, {low} to {MOST}"
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Slider:
    """One weight as the planner sets it: its name, and one sentence on what it does."""

    name: str
    label: str
    help: str
    low: int = LEAST
    high: int = MOST


SLIDERS = (
    Slider(
        name="organise",
        label="建会动员",
        help="调高,没有工会的企业先排;调到最左边,只看人数多少。",
    ),
    Slider(name="size", label="企业大小", help="调高,150 人的厂比 30 人的店先去。"),
    Slider(name="overdue", label="超期", help="调高,等得越久的越先去;调到最左边,等多久都一样。"),
    Slider(name="cases", label="诉求回复", help="调高,答应过回复的先去。"),
    Slider(name="verify", label="核实人数", help="调高,多去弄清人数拿不准的企业。"),
    Slider(name="refresh", label="每月更新", help="调高,多更新有工会的和接近标准的企业。"),
    Slider(
        name="travel",
        label="路上时间",
        help="调高,少跑路,远的先不去;调低,远的也去。",
        low=LEAST_TRAVEL,
    ),
)


class Preset(StrEnum):
    """Weights that somebody has thought through before."""

    BALANCED = "balanced"
    LARGE_FIRST = "large_first"
    OVERDUE_FIRST = "overdue_first"
    SHORT_WAYS = "short_ways"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {
            "balanced": "均衡",
            "large_first": "先大企业",
            "overdue_first": "先超期",
            "short_ways": "少跑路",
        }[self.value]

    @property
    def sentence(self) -> Sentence:
        """What it does, with an example."""
        return Sentence(template=_PRESETS[self][0])

    @property
    def weights(self) -> PlanWeights:
        """Its weights."""
        return _PRESETS[self][1]


_PRESETS = {
    Preset.BALANCED: ("平时这样排:没有工会的先去,顺路的更新也带上。", PlanWeights()),
    Preset.LARGE_FIRST: (
        "人多的先去:为一家 150 人的厂,可以少去两家 30 人的店。",
        PlanWeights(size=400, refresh=50),
    ),
    Preset.OVERDUE_FIRST: (
        "等得久的先去:超期 30 天的,值两倍半。",
        PlanWeights(overdue=300, cases=150, size=50),
    ),
    Preset.SHORT_WAYS: (
        "路上一小时当两小时算,近处多去几家,远的等一等。",
        PlanWeights(travel=200),
    ),
}

"""From one finding to the next to the weight of a pair, as steps that a page can draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the waterfall of match weights: from `start` by `weight` to `total`."""

    label: str
    weight: float
    start: float
    total: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """From how likely any two rows are one firm, finding by finding, to the weight of the pair."""

    steps: tuple[Step, ...]
    total: float
    threshold: float

    @property
    def reaches(self) -> bool:
        """Whether the weight alone would have sufficed."""
        return self.total >= self.threshold

    @property
    def lowest(self) -> float:
        """The left end of a picture of it."""
        return min(0.0, self.threshold, *(min(s.start, s.total) for s in self.steps))

    @property
    def highest(self) -> float:
        """The right end of a picture of it."""
        return max(0.0, self.threshold, *(max(s.start, s.total) for s in self.steps))


START = "起点:随便两行是同一家的可能"


def make_waterfall(
    weight: float, findings: Sequence[tuple[str, float]], *, threshold: float
) -> Waterfall:
    """The steps to a weight: what the findings do not tell is where every pair starts."""
    at = weight - sum(part for _, part in findings)
    steps = [Step(label=START, weight=at, start=0.0, total=at)]
    for label, part in findings:
        steps.append(Step(label=label, weight=part, start=at, total=at + part))
        at += part
    return Waterfall(steps=tuple(steps), total=at, threshold=threshold)

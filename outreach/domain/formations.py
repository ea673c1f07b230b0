"""How far firms that should have a union are on the way to one, and the funnel of them all."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import TYPE_CHECKING

from outreach.domain.enterprises import UnionStatus
from outreach.domain.visits import UnionFinding

if TYPE_CHECKING:
    from collections.abc import Mapping


class Stage(StrEnum):
    """Where a firm stands, from nothing done to members joined; the order is the way."""

    UNTOUCHED = "untouched"
    VISITED = "visited"
    WILLING = "willing"
    PREPARING = "preparing"
    FOUNDED = "founded"
    JOINED = "joined"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {
            "untouched": "应建会",
            "visited": "走访过",
            "willing": "有意向",
            "preparing": "筹备中",
            "founded": "已建会",
            "joined": "会员入会",
        }[self.value]

    @property
    def standing_label(self) -> str:
        """What a firm that stands here and no further is called, in Chinese."""
        return {
            "untouched": "还没有走访",
            "visited": "走访过,还没有意向",
            "willing": "有意向",
            "preparing": "筹备中",
            "founded": "已建会,没有会员数",
            "joined": "已有会员",
        }[self.value]


def stage_of(
    union_status: UnionStatus,
    *,
    finding: UnionFinding | None,
    is_visited: bool,
    members: int | None,
) -> Stage:
    """Where a firm stands.

    `finding` is what its last visit with a word about the union found. A union counts only once
    the enterprise file agrees to it, so that the funnel and the file never say different things.
    """
    if union_status is not UnionStatus.NONE:
        return Stage.JOINED if members else Stage.FOUNDED
    if finding is UnionFinding.PREPARING:
        return Stage.PREPARING
    if finding is UnionFinding.WILLING:
        return Stage.WILLING
    return Stage.VISITED if is_visited else Stage.UNTOUCHED


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelStep:
    """One step: `reached` firms came so far or further, `here` of them came no further."""

    stage: Stage
    reached: int
    here: int


def make_funnel(counts: Mapping[Stage, int]) -> tuple[FunnelStep, ...]:
    """The funnel of how many firms stand where; the first step holds all of them."""
    here = [counts.get(stage, 0) for stage in Stage]
    reached = list(accumulate(reversed(here)))[::-1]
    return tuple(
        FunnelStep(stage=stage, reached=total, here=count)
        for stage, total, count in zip(Stage, reached, here, strict=True)
    )

"""The reviewed model: what is compared, how much each finding weighs, what decides."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

SAME_NAME = "名称核心相同"
"""The label of the level at which two names agree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One possible finding of a comparison; `label` is the reason that people read.

    `m` and `u` are its shares among pairs of the same and of different enterprises; `frequency`
    names the column whose rare values weigh more.
    """

    label: str
    sql: str
    kind: str = ""
    m: float | None = None
    u: float | None = None
    frequency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One aspect in which two records are compared, its levels in the order of trial."""

    name: str
    levels: tuple[Level, ...]

    @property
    def told(self) -> tuple[Level, ...]:
        """The levels that tell something: all but those for absent values."""
        return tuple(level for level in self.levels if level.kind != "null")

    def label(self, vector_value: int) -> str:
        """The reason for a Splink vector value: -1 is null, the last level 0, the first highest."""
        return "" if vector_value < 0 else self.told[len(self.told) - 1 - vector_value].label


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """From which match weight records are one enterprise, and how clear it must be.

    `shared` names the comparison of what the firms of one owner have in common: that it agrees is
    no lead over a rival who tells nothing of it.
    """

    threshold: float
    margin: float
    doubt: float
    shared: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """How a district teaches its own weights: `groups` for m, `pairs` records for u."""

    groups: int
    least_groups: int
    records: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """The reviewed model with its version."""

    version: int
    decision: Decision
    training: Training
    expected_matches: float
    most_likely: float
    least_size: int
    block_cap: int
    comparisons: tuple[Comparison, ...]

    @property
    def vetoes(self) -> list[tuple[str, int]]:
        """Comparison and Splink vector value of each level that keeps a pair apart."""
        return [
            (comparison.name, value)
            for comparison in self.comparisons
            for value, level in enumerate(reversed(comparison.told))
            if level.kind == "veto"
        ]

    @property
    def frequency_columns(self) -> list[str]:
        """The columns whose rare values weigh more."""
        levels = (level for comparison in self.comparisons for level in comparison.levels)
        return sorted({level.frequency for level in levels if level.frequency})

    def prior(self, profiles: int) -> float:
        """The probability that two profiles drawn by chance are one enterprise."""
        return min(self.most_likely, self.expected_matches / max(1, profiles))


@cache
def load_model() -> Model:
    """Load the model that ships with the application."""
    file = resources.files("outreach.fusion") / "model.toml"
    return parse_model(file.read_text(encoding="utf-8"))


def parse_model(text: str) -> Model:
    """Read a model file."""
    toml = tomllib.loads(text)
    return Model(
        version=toml["version"],
        decision=Decision(**toml["decision"]),
        training=Training(**toml["training"]),
        **toml["district"],
        comparisons=tuple(
            Comparison(
                name=comparison["name"],
                levels=tuple(Level(**level) for level in comparison["level"]),
            )
            for comparison in toml["comparison"]
        ),
    )


def splink_comparisons(
    model: Model,
    learned: Mapping[tuple[str, int], Mapping[str, float]] | None = None,
    *,
    frequencies: bool = True,
) -> list[dict[str, Any]]:
    """The model's comparisons as Splink's settings want them.

    `learned` holds what a district estimated itself: comparison and place of the level -> m and u.
    """
    own = learned or {}
    return [
        {
            "output_column_name": comparison.name,
            "comparison_levels": [
                {**_level(level, frequencies=frequencies), **own.get((comparison.name, place), {})}
                for place, level in enumerate(comparison.levels)
            ],
        }
        for comparison in model.comparisons
    ]


def _level(level: Level, *, frequencies: bool) -> dict[str, Any]:
    settings: dict[str, Any] = {"sql_condition": level.sql, "label_for_charts": level.label}
    if level.kind == "null":
        return settings | {"is_null_level": True}
    settings |= {"m_probability": level.m, "u_probability": level.u}
    if level.kind in {"fixed", "veto"}:
        settings |= {"fix_m_probability": True, "fix_u_probability": True}
    if level.frequency and frequencies:
        settings |= {
            "tf_adjustment_column": level.frequency,
            "tf_minimum_u_value": 1e-6,
            "disable_tf_exact_match_detection": True,
        }
    return settings

"""How far plans of a folder of problems are from the best objectives known."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from routing.checker import is_feasible, objective_of
from routing.errors import InvalidFile
from routing.files import read_problem
from routing.solver import solve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROFIT = 1000
"""Files of proven optima give published profits; problems hold a thousand times as much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """Best objective known per file name without its ending; empty when the folder has none."""

    objectives: dict[str, int]

    @classmethod
    def of_folder(cls, folder: Path) -> _Known:
        best, proven = folder / "best_known.json", folder / "proven_optimum.json"
        try:
            if best.exists():
                content = json.loads(best.read_text(encoding="utf-8"))
                return cls(objectives={k: int(v["best_known"]) for k, v in content.items()})
            if proven.exists():
                content = json.loads(proven.read_text(encoding="utf-8"))
                return cls(objectives={k: PROFIT * int(v) for k, v in content.items()})
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InvalidFile(
                f"{folder.name}: the best objectives cannot be read: {error!r}"
            ) from error
        return cls(objectives={})


def bench_folder(folder: Path, *, time_limit_s: float, seed: int) -> Iterator[str]:
    """Yield a line per problem, then the mean and largest gap per cell and over all.

    A gap is in percent of the best known objective; below 0 is better than the best known. A cell
    is all problems whose names differ in the last number only; published ones share their letters.

    Raises
    ------
    InvalidFile
        When the folder holds no problem, or one that cannot be read.
    """
    known = _Known.of_folder(folder).objectives
    paths = [
        path
        for path in sorted(folder.glob("*.json"))
        if path.name not in {"best_known.json", "proven_optimum.json"}
    ]
    if not paths:
        raise InvalidFile(f"{folder}: holds no problem (*.json)")
    gaps: dict[str, list[float]] = {}
    for path in paths:
        problem = read_problem(path)
        plan = solve(problem, time_limit_s=time_limit_s, seed=seed)
        worth = objective_of(problem, plan)
        seconds = 0.0 if plan.solver is None else plan.solver.seconds or 0.0
        line = f"{path.stem:<16} {worth:>9} in {seconds:.2f} s"
        if not is_feasible(problem, plan):
            line += "  INFEASIBLE"
        elif known.get(path.stem):
            gap = 100 * (1 - worth / known[path.stem])
            gaps.setdefault(_cell(path.stem), []).append(gap)
            line += f"  gap {gap:6.3f} %"
        yield line
    yield from _table(gaps)


def _cell(stem: str) -> str:
    published = re.fullmatch(r"([a-z]+)\d+-m\d+", stem)
    return published[1] if published else re.sub(r"[-_]?\d+$", "", stem) or stem


def _table(gaps: dict[str, list[float]]) -> Iterator[str]:
    rows = dict(sorted(gaps.items()))
    if gaps:
        rows["all"] = [gap for cell in gaps.values() for gap in cell]
    for cell, found in rows.items():
        mean = sum(found) / len(found)
        yield f"{cell:<16} mean {mean:6.3f} %  largest {max(found):6.3f} %  of {len(found)}"

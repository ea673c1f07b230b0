"""Small curves of shares over time, as the corners of a line in a drawing of fixed size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from outreach.domain.indicators import TrendPoint

WIDTH, HEIGHT, MARGIN = 200, 48, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sparkline:
    """`points` as SVG wants them, the last corner for a dot, and where the goal lies, if any."""

    points: str
    last: tuple[float, float]
    goal_y: float | None
    width: int = WIDTH
    height: int = HEIGHT


def sparkline(trend: Sequence[TrendPoint], goal: int | None) -> Sparkline | None:
    """The curve of a trend on a scale from nothing to all, `None` with fewer than two points."""
    shares = [(point.day.toordinal(), point.share) for point in trend]
    known = [(day, share) for day, share in shares if share is not None]
    if len(known) < 2:  # noqa: PLR2004  (a line has two ends)
        return None
    first, last = known[0][0], known[-1][0]
    corners = [
        (round(MARGIN + (WIDTH - 2 * MARGIN) * (day - first) / (last - first), 1), _height(share))
        for day, share in known
    ]
    return Sparkline(
        points=" ".join(f"{x},{y}" for x, y in corners),
        last=corners[-1],
        goal_y=None if goal is None else _height(goal / 100),
    )


def _height(share: float) -> float:
    return round(HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * share, 1)

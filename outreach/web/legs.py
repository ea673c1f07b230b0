"""Ways as the map scripts draw them: along roads or straight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from outreach.services.planning.travel import DrawnLeg


def drawn(legs: Sequence[DrawnLeg]) -> list[dict[str, Any]]:
    """Return the legs with [lat, lon] pairs as Leaflet takes them; none where all are straight.

    A script without legs draws straight lines from stop to stop by itself.
    """
    if not any(leg.is_by_road for leg in legs):
        return []
    return [{"road": leg.is_by_road, "at": [[lat, lon] for lon, lat in leg.points]} for leg in legs]

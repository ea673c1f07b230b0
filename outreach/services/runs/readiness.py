"""Engines loaded and used once when a server starts, so that nobody waits for that in the street.

Loading the search, its compiled parts, the datums and the picture library takes seconds of a fresh
process; a changed day afterwards takes some 50 ms.
"""

from __future__ import annotations

import io
import logging
import threading
import time
from datetime import date
from typing import TYPE_CHECKING

from outreach.domain.days import DayStop
from outreach.domain.enterprises import Industry
from outreach.domain.plans import Candidate, PlanRule, VisitPurpose
from outreach.services.planning.replanning import DayState, keep_order, with_stop, without_stop
from outreach.services.visits.attachments import redraw_photo
from outreach.services.visits.navigation import navigation_links

if TYPE_CHECKING:
    from outreach.services.planning.replanning import NewDay

logger = logging.getLogger(__name__)

_MONDAY = date(2026, 1, 5)
_OFFICE = (115.0, 25.9)


def start_warming() -> threading.Thread:
    """Warm up beside the requests; a request that comes before it is done only waits as before."""
    thread = threading.Thread(target=warm_up, name="warm-up", daemon=True)
    thread.start()
    return thread


def warm_up() -> None:
    """Change a made-up day in each way that calls another part of the search, draw a photo anew."""
    started = time.monotonic()
    navigation_links("", *_OFFICE)
    _small_photo()
    state = _made_up_day()
    more: NewDay = with_stop(state, 4)
    keep_order(state, [stop.enterprise_id for stop in reversed(state.left)])
    without_stop(state, state.order[0], until_busy=False, fill=True)
    seconds = time.monotonic() - started
    logger.info("warm after %.1f s, a made-up day has %d stops", seconds, len(more.stops))


def _made_up_day() -> DayState:
    firms = {
        key: Candidate(
            enterprise_id=key,
            name=str(key),
            purpose=VisitPurpose.ORGANISE,
            lon=_OFFICE[0] + key / 500,
            lat=_OFFICE[1] + key % 2 / 500,
            industry=Industry.OFFICE,
            employees=30,
            days_since_visit=None,
        )
        for key in range(1, 6)
    }
    stops = tuple(
        DayStop(
            enterprise_id=key,
            purpose=VisitPurpose.ORGANISE,
            arrive_s=hour * 3600,
            start_s=hour * 3600,
            end_s=hour * 3600 + 2400,
            reasons=(),
        )
        for key, hour in ((1, 9), (2, 10), (3, 11))
    )
    return DayState(
        day=_MONDAY,
        office=_OFFICE,
        now_s=0,
        done=(),
        left=stops,
        firms=firms,
        rule=PlanRule(),
        spare=(5,),
    )


def _small_photo() -> None:
    from PIL import Image  # lazy: start-up time

    drawn = io.BytesIO()
    Image.new("RGB", (8, 8)).save(drawn, "JPEG")
    redraw_photo(drawn.getvalue())

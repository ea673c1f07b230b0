"""From a number on the map to the list behind it, and words about single firms."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask import url_for

from outreach.domain.grid_figures import MapLayer
from outreach.domain.targets import Standing
from outreach.services.desk.maps import unplaced_firms
from outreach.web import texts

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from outreach.services.desk.map_points import FirmCard
    from outreach.services.desk.maps import MapFilter

MOST_FIRST = {
    MapLayer.OVERDUE,
    MapLayer.LEFT,
    MapLayer.LEFT_EMPLOYEES,
    MapLayer.NEED,
    MapLayer.FIRMS,
}
"""Layers of what is left: the table begins with the most. Of what was done it begins with least."""

LONGEST_NAME = 60

_UNSAFE = re.compile(r"[^\w\u3400-\u9fff-]+")

Links = dict[str, str | None]
"""`part` and `whole`: the address of the list behind each number, `None` where there is none."""


_ANY_GRID = 1_987_654_321
"""Stands for the grid's key while the addresses of all grids are made at once."""


def behind(wanted: MapFilter) -> Callable[[int], Links]:
    """For the key of a grid: the lists behind its two numbers.

    Which firms were due in a past month is not kept, so only its visits and stops can be listed.
    """
    is_past = wanted.month is not None

    def firms(standing: Standing | None, visited: str | None = None) -> str | None:
        if is_past:
            return None
        name, due = (standing.value, None) if standing else (None, "1")
        return url_for("enterprises.index", grid=_ANY_GRID, standing=name, due=due, visited=visited)

    def should_have(standing: Standing | None = None) -> str | None:
        if is_past:
            return None
        return url_for("enterprises.index", grid=_ANY_GRID, standing=standing, should=1)

    counted = wanted.counted_standing
    due = firms(counted)
    targets = firms(Standing.TARGET)
    month = f"{wanted.month:%Y-%m}" if wanted.month else None
    standing = counted.value if counted else "all"
    visits = url_for("maps.visits", grid=_ANY_GRID, standing=standing, month=month)
    stops = url_for("maps.stops", grid=_ANY_GRID, standing=standing, month=month)
    part, whole = {
        MapLayer.COVERAGE: (firms(counted, visited="covered"), due),
        MapLayer.OVERDUE: (firms(counted, visited="overdue"), due),
        MapLayer.LEFT: (targets, should_have()),
        MapLayer.LEFT_EMPLOYEES: (targets, targets),
        MapLayer.NEED: (targets, should_have()),
        MapLayer.EFFORT: (visits, due),
        MapLayer.GAP: (visits, targets),
        MapLayer.PLAN: (f"{stops}&done=1", stops),
        MapLayer.FIRMS: (due, due),
    }[wanted.layer]
    with_union = should_have(Standing.WITH_UNION)
    made = {"part": part, "whole": whole, "with_union": with_union}

    def of_grid(grid_id: int) -> Links:
        return {
            name: address.replace(str(_ANY_GRID), str(grid_id)) if address else None
            for name, address in made.items()
        }

    return of_grid


def unplaced(wanted: MapFilter) -> str:
    """The list of the firms that a map counts but cannot show."""
    listed = unplaced_firms(wanted)
    return url_for(
        "enterprises.index",
        unplaced=1,
        township=listed.township or None,
        standing=listed.standing,
        due=1 if listed.due else None,
        should=1 if listed.should_have else None,
    )


def card_facts(card: FirmCard) -> list[str]:
    """What is said of a touched firm, in the reader's language."""
    facts = [texts.label(card.standing)]
    if card.employees is not None:
        facts.append(texts.text("{employees} 人", employees=texts.number(card.employees)))
    if card.last_visited_on is None:
        facts.append(texts.text("还没有走访过"))
    else:
        facts.append(texts.text("上次走访 {day}", day=texts.day(card.last_visited_on)))
    return facts


def file_name(layer: str, township: str, day: date) -> str:
    """A name for a saved map: words, digits and hyphens only, whatever the township is called."""
    parts = [_UNSAFE.sub("-", part).strip("-") for part in (layer, township, day.isoformat())]
    return f"{'-'.join(part for part in parts if part)[:LONGEST_NAME]}.html"

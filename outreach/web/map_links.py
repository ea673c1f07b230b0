"""From a number on the map to the list behind it, and words about single firms."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flask import url_for

from outreach.domain.grid_figures import MapLayer
from outreach.domain.targets import Standing
from outreach.domain.wording import Sentence
from outreach.services.desk.maps import unplaced_firms
from outreach.services.enterprises.enterprise_lists import Freshness
from outreach.web import texts
from outreach.web.linked_numbers import linked

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from markupsafe import Markup

    from outreach.domain.wording import Value
    from outreach.services.desk.map_points import FirmCard
    from outreach.services.desk.maps import MapFigures, MapFilter

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

Place = dict[str, Any]
"""In an address: a grid, a township, or the firms that no grid holds."""


def behind(wanted: MapFilter) -> Callable[[int], Links]:
    """For the key of a grid: the lists behind its numbers."""
    made = _links(wanted, {"grid": _ANY_GRID})

    def of_grid(grid_id: int) -> Links:
        return {
            name: address.replace(str(_ANY_GRID), str(grid_id)) if address else None
            for name, address in made.items()
        }

    return of_grid


def behind_all(wanted: MapFilter) -> Links:
    """The lists behind the numbers of all that is shown; a past month knows placed firms only."""
    place: Place = {"township": wanted.township} if wanted.township else {}
    return _links(wanted, {**place, "placed": 1} if wanted.month else place)


def behind_nowhere(wanted: MapFilter) -> Links:
    """The lists behind the numbers of the firms that no grid holds."""
    place: Place = {"township": wanted.township} if wanted.township else {}
    return _links(wanted, {**place, "unplaced": 1})


def _links(wanted: MapFilter, place: Place) -> Links:
    """The lists behind the numbers of a place.

    Which firms were due in a past month is not kept, so only its visits and stops can be listed.
    """
    is_past = wanted.month is not None

    def firms(standing: Standing | None, visited: Freshness | None = None) -> str | None:
        if is_past:
            return None
        name, due = (standing.value, None) if standing else (None, "1")
        asked: Place = {"standing": name, "due": due, "visited": visited.value if visited else None}
        return url_for("enterprises.index", **place, **asked)

    def should_have(standing: Standing | None = None) -> str | None:
        if is_past:
            return None
        return url_for("enterprises.index", **place, standing=standing, should=1)

    counted = wanted.counted_standing
    due = firms(counted)
    targets = firms(Standing.TARGET)
    month = f"{wanted.month:%Y-%m}" if wanted.month else None
    standing = counted.value if counted else "all"
    visits = url_for("maps.visits", **place, standing=standing, month=month)
    stops = url_for("maps.stops", **place, standing=standing, month=month)
    fresh = Freshness.UNCOVERED if wanted.shows_places else Freshness.COVERED
    overdue = firms(counted, Freshness.OVERDUE)
    part, whole = {
        MapLayer.COVERAGE: (firms(counted, fresh), due),
        MapLayer.OVERDUE: (overdue, due),
        MapLayer.LEFT: (targets, should_have()),
        MapLayer.LEFT_EMPLOYEES: (targets, targets),
        MapLayer.NEED: (targets, should_have()),
        MapLayer.EFFORT: (visits, due),
        MapLayer.GAP: (visits, targets),
        MapLayer.PLAN: (f"{stops}&done=1", stops),
        MapLayer.FIRMS: (due, due),
    }[wanted.layer]
    with_union = should_have(Standing.WITH_UNION)
    return {"part": part, "whole": whole, "with_union": with_union, "overdue": overdue}


def note(wanted: MapFilter, figures: MapFigures) -> Markup | None:
    """How the gap is made from the layers of effort and need, and which effort it uses."""
    effort = texts.this_page(layer="effort", standing=None, view=None)
    if wanted.layer is MapLayer.GAP:
        values: dict[str, Value] = {
            "effort": "投入",
            "need": "需要",
            "visits": figures.district.visits,
            "targets": figures.district.targets,
        }
        return linked(
            Sentence(
                template="走访次数同“{effort}”里重点对象的,家数同“{need}”里没有工会的;"
                "倍数 = 每百家 ÷ 全区的每百家({visits} 次 ÷ {targets} 家)。",
                values=values,
            ),
            {"effort": effort, "need": texts.this_page(layer="need", standing=None, view=None)},
        )
    if wanted.layer is not MapLayer.EFFORT:
        return None
    if wanted.standing is Standing.TARGET:
        return linked(Sentence(template="“差距”里的走访次数就是这些。"), {})
    chosen = "只看重点对象"
    return linked(
        Sentence(template="“差距”只算走访重点对象的次数:{chosen}", values={"chosen": chosen}),
        {"chosen": effort},
    )


def unplaced(wanted: MapFilter) -> str:
    """The list of the firms that a map counts but cannot show."""
    listed = unplaced_firms(wanted)
    return url_for(
        "enterprises.index",
        unplaced=1,
        township=listed.township or None,
        standing=listed.standing,
        due=1 if listed.due else None,
        visited=listed.visited,
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

"""The grid worker's day: the route on a phone."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from flask import Blueprint, make_response, render_template, session

from outreach.domain.cases import Urgency
from outreach.domain.days import SkipReason
from outreach.domain.doors import LONGEST_DOOR_NOTE
from outreach.services.grids import grid_views
from outreach.services.visits import cases, remarks, routes, visit_forms
from outreach.web import current, legs, queries
from outreach.web.visits import firm_data, form_options

if TYPE_CHECKING:
    from datetime import date

    from flask import Response

    from outreach.services.grids.grid_views import Ring
    from outreach.services.visits.routes import DayRoute, RouteStop

pages = Blueprint("routes", __name__)

AHEAD = timedelta(days=20)
"""How far the page looks for the next planned day."""


@pages.get("/today")
def today() -> Response:
    """Show a day's route; without a day, today's.

    A phone keeps the page by the mark in its header `X-Page`; one that tells what has just happened
    has none.
    """
    day = queries.some_day("day") or current.today()
    chosen = queries.whole_number("stop", 0)
    rule = current.settings().plan
    route = routes.day_route(current.session(), current.principal(), day, rule=rule)
    planned = _planned(day)
    outline = grid_views.grid_outline(current.session(), current.principal(), None)
    stop = _stop(route, chosen)
    asked = remarks.list_open_remarks(current.session(), current.principal())
    mark = _mark(route, [one.visit_uuid for one in asked])
    news = session.pop("day_change", None), session.pop("receipt", None)
    page = render_template(
        "routes/today.html",
        route=route,
        is_today=day == current.today(),
        today=current.today(),
        tomorrow=current.today() + timedelta(days=1),
        change_uuid=str(uuid4()),
        page=mark,
        changed=news[0],
        receipt=news[1],
        skip_reasons=list(SkipReason),
        longest_door_note=LONGEST_DOOR_NOTE,
        open_cases=_open_cases(),
        days=_week(planned, day),
        next_day=next(((d, count) for d, count in planned.items() if d > day), None),
        stop=stop,
        picture={**_picture(route, outline), "chosen": stop.enterprise_id if stop else None},
        remarks=asked,
        visit_forms_data=_visit_forms(route),
        options=form_options(min(day, current.today())),
    )
    answer = make_response(page)
    if not any(news):
        answer.headers["X-Page"] = mark
    return answer


def _mark(route: DayRoute, asked: list[str]) -> str:
    """Whose page it is, of which day, and a digest of what she would want to be told anew.

    What she visited is left out: her phone knows that before the server does.
    """
    stops = [
        (stop.enterprise_id, stop.name, stop.address, stop.start, stop.end, stop.door_note)
        for stop in route.stops
    ]
    said = (route.plan_version, route.changes, stops, route.skipped, route.agreed, asked)
    digest = hashlib.sha256(repr(said).encode()).hexdigest()[:12]
    return f"{current.principal().account_id}.{route.day}.{digest}"


def _visit_forms(route: DayRoute) -> list[dict[str, Any]]:
    """The forms of all stops, so that an open page records visits without a network."""
    wanted = [stop.enterprise_id for stop in route.stops]
    forms = visit_forms.open_day_forms(current.session(), current.principal(), wanted)
    return [firm_data(form) for form in forms]


def _open_cases() -> int:
    """How many cases of her grid wait for an answer."""
    counts = cases.count_cases(current.session(), current.principal(), today=current.today())
    return sum(count for urgency, count in counts.items() if urgency is not Urgency.ENDED)


def _planned(day: date) -> dict[date, int]:
    monday = day - timedelta(days=day.weekday())
    return routes.planned_days(
        current.session(), current.principal(), first=monday, last=day + AHEAD
    )


def _week(planned: dict[date, int], day: date) -> list[tuple[date, int]]:
    """The planned days of the week that the day lies in."""
    week = day.isocalendar()[:2]
    return [(d, count) for d, count in planned.items() if d.isocalendar()[:2] == week]


def _stop(route: DayRoute, chosen: int) -> RouteStop | None:
    """The stop on the card: the one that was tapped, else the next."""
    return next((s for s in route.stops if s.enterprise_id == chosen), None) or route.next_stop


def _picture(route: DayRoute, outline: list[Ring]) -> dict[str, Any]:
    """What the map script draws: [lat, lon] pairs as Leaflet takes them."""
    return {
        "office": [route.office[1], route.office[0]],
        "outline": [[[lat, lon] for lon, lat in ring] for ring in outline],
        "stops": [_pin(door) for door in route.doors],
        "legs": legs.drawn(route.legs),
    }


def _pin(door: list[RouteStop]) -> dict[str, Any]:
    """One door on the map; several firms behind it share a pin."""
    first, last = door[0].sequence, door[-1].sequence
    return {
        "number": first if len(door) == 1 else f"{first}-{last}",
        "name": " · ".join(stop.name for stop in door),
        "at": [door[0].lat, door[0].lon],
        "id": next((stop for stop in door if not stop.is_done), door[0]).enterprise_id,
        "ids": [stop.enterprise_id for stop in door],
        "done": all(stop.is_done for stop in door),
    }

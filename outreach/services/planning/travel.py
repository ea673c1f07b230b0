"""How a district's grid workers get about: the travel of plans, of changed days, of drawn routes.

Where road files are kept goes with the session, as the database does: both are the installation's.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from outreach.domain.travel import TravelBasis, TravelNote, join_bases
from outreach.errors import Conflict
from outreach.services.planning.road_store import RoadStore, mode_of
from outreach.storage.districts import District

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    import routing
    from outreach.domain.plans import PlanRule
    from outreach.domain.travel import RoadRule
    from outreach.settings import Settings
    from outreach.storage.database import Database
    from routing.door_to_door import Beeline, Leg
    from routing.roads import Roads
    from routing.servers import RoadServer
    from routing.speeds import Mode

logger = logging.getLogger(__name__)

Point = tuple[float, float]
"""Longitude and latitude, WGS-84 degrees."""

ROAD_STORE = "road_store"
PATIENCE_S = 0.15
"""Seconds that a road server has where a person waits for a changed day or a page."""

COARSE_DEGREES = 0.00003
"""Some three metres: drawn ways leave out vertices that change nothing."""

LEGS_KEPT = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnLeg:
    """The way from one door to the next as a map draws it; `by_road` or a straight line."""

    points: tuple[Point, ...]
    seconds: int
    metres: int
    basis: TravelBasis

    @property
    def is_by_road(self) -> bool:
        """Whether it follows roads."""
        return self.basis.is_by_road


@dataclass(frozen=True, slots=True, kw_only=True)
class Travel:
    """How travel times are found: from a server, along a road file, or straight.

    Points that no road is near are reached by straight line, and so is everything where there is
    neither server nor road file. `is_strict` makes a server's failure an error.
    """

    note: TravelNote = field(default_factory=TravelNote)
    roads: Roads | None = None
    server: RoadServer | None = None
    most_snap_m: float = 1000.0
    is_strict: bool = False
    _known: dict[tuple[tuple[Point, ...], Mode, float], routing.TravelTimes] = field(
        default_factory=dict, compare=False, repr=False
    )

    def between(self, points: Sequence[Point], rule: PlanRule) -> routing.TravelTimes:
        """Return the travel between all points by the rule's way of getting about.

        What roads or a server answered is kept, so that asking again costs nothing.

        Raises
        ------
        Conflict
            When a road server fails, if that is an error.
        """
        mode = mode_of(rule.travel_mode)
        if self.roads is None and self.server is None:
            # Quickly found, and `STRAIGHT` lives as long as the process: nothing is kept.
            return self._find(tuple(points), mode, rule)
        asked = (tuple(points), mode, rule.detour_factor)
        if asked not in self._known:
            self._known[asked] = self._find(asked[0], mode, rule)
        return self._known[asked]

    def _find(self, points: tuple[Point, ...], mode: Mode, rule: PlanRule) -> routing.TravelTimes:
        import numpy as np  # lazy: start-up time

        import routing
        from routing.door_to_door import door_to_door

        lonlat = np.array(points, dtype=np.float64).reshape(-1, 2)
        if self.server is not None:
            try:
                return self.server.matrix(lonlat, mode)
            except routing.TooFarFromRoads as error:
                logger.info("the road server does not reach all points: %s", error)
            except routing.RoutingError as error:
                if self.is_strict:
                    raise Conflict(
                        "路径服务没有给出路程:{reason}。请检查服务,或在设置里去掉 server_engine",
                        reason=str(error),
                    ) from error
                logger.warning("the road server failed: %s", error)
        beeline = _beeline(rule)
        if self.roads is not None:
            try:
                most = self.most_snap_m
                return door_to_door(self.roads, lonlat, mode, beeline, most_snap_m=most)
            except routing.InvalidRoads as error:
                logger.warning("no roads for %s: %s", mode, error)
        return routing.straight_line(
            lonlat, speed_kmh=beeline.speed_kmh, detour_factor=beeline.detour_factor
        )

    def basis(self, points: Sequence[Point], rule: PlanRule, used: Sequence[int]) -> TravelBasis:
        """Say what the ways between the `used` ones of `points` are made from."""
        found = self.between(points, rule)
        if found.by_road is None:
            return TravelBasis(found.kind.value)
        return join_bases(
            [TravelBasis.ROADS if found.by_road[one] else TravelBasis.STRAIGHT_LINE for one in used]
        )

    def note_of(self, bases: Sequence[TravelBasis]) -> TravelNote:
        """Return what a plan is to keep of its travel, with the bases of its routes."""
        if self.note.basis is TravelBasis.SERVER:
            return self.note
        return replace(self.note, basis=join_bases(list(bases)))

    def legs(self, stations: Sequence[Point], rule: PlanRule) -> tuple[DrawnLeg, ...]:
        """Return the ways from station to station with their shapes; never fails."""
        import routing

        mode, beeline = mode_of(rule.travel_mode), _beeline(rule)
        server, roads = self.server, self.roads
        found = []
        for here, there in pairwise(stations):
            leg = None
            if server is not None:
                try:
                    leg = _server_leg(server, mode, here, there)
                except routing.RoutingError as error:
                    logger.warning("the road server drew no way: %s", error)
                    server = None
            if leg is None and roads is not None:
                try:
                    leg = _road_leg(roads, mode, beeline, self.most_snap_m, (here, there))
                except routing.InvalidRoads as error:
                    logger.warning("no roads for %s: %s", mode, error)
                    roads = None
            found.append(leg or _straight_leg(beeline, here, there))
        return tuple(found)


STRAIGHT = Travel()
"""Straight lines, the travel of an installation without roads."""


def use_roads(database: Database, settings: Settings) -> None:
    """Let every session of a database know where road files are kept."""
    database.info[ROAD_STORE] = RoadStore(folder=settings.instance / "roads", rule=settings.roads)


def road_store(session: Session) -> RoadStore | None:
    """Return where road files are kept; None for a session that was not told."""
    store = session.info.get(ROAD_STORE)
    return store if isinstance(store, RoadStore) else None


def travel_now(session: Session, district_id: int) -> Travel:
    """Return how new plans of a district travel."""
    store = road_store(session)
    if store is None:
        return STRAIGHT
    file = store.current(session.get_one(District, district_id).code)
    server = _server(store.rule)
    if file is None and server is None:
        return STRAIGHT
    note = TravelNote(
        basis=TravelBasis.SERVER if server else TravelBasis.ROADS,
        roads_on=file.day if file else None,
        key=file.key if file else "",
    )
    return Travel(
        note=note,
        roads=store.open(file.key) if file else None,
        server=server,
        most_snap_m=store.rule.most_snap_m,
        is_strict=True,
    )


def travel_of(session: Session, note: TravelNote) -> Travel:
    """Return the travel that a plan was made with, as far as it can still be had.

    A road server has little time: a person waits.
    """
    store = road_store(session)
    if store is None or not note.basis.is_by_road:
        return STRAIGHT
    by_server = note.basis is TravelBasis.SERVER
    return Travel(
        note=note,
        roads=store.open(note.key),
        server=_server(store.rule, timeout_s=PATIENCE_S, retries=0) if by_server else None,
        most_snap_m=store.rule.most_snap_m,
    )


def _server(rule: RoadRule, *, timeout_s: float = 10.0, retries: int = 2) -> RoadServer | None:
    if rule.server_engine is None:
        return None
    import routing
    from routing.servers import Engine, RoadServer

    try:
        return RoadServer(
            engine=Engine(rule.server_engine.value),
            base_url=rule.server_url,
            allowed_hosts=frozenset(rule.server_hosts),
            api_key=rule.server_key or None,
            timeout_s=timeout_s,
            retries=retries,
        )
    except routing.RoutingError as error:
        raise Conflict("设置 roads.server_url 用不了:{reason}", reason=str(error)) from error


def _beeline(rule: PlanRule) -> Beeline:
    from routing.door_to_door import Beeline  # lazy: start-up time

    return Beeline(speed_kmh=rule.travel_mode.speed_kmh, detour_factor=rule.detour_factor)


@lru_cache(maxsize=LEGS_KEPT)
def _road_leg(
    roads: Roads, mode: Mode, beeline: Beeline, most_snap_m: float, ends: tuple[Point, Point]
) -> DrawnLeg:
    from routing.door_to_door import legs  # lazy: start-up time

    (leg,) = legs(roads, ends, mode, beeline, most_snap_m=most_snap_m)
    return _drawn(leg, TravelBasis.ROADS if leg.by_road else TravelBasis.STRAIGHT_LINE)


@lru_cache(maxsize=LEGS_KEPT)
def _server_leg(server: RoadServer, mode: Mode, here: Point, there: Point) -> DrawnLeg:
    from routing.door_to_door import Leg  # lazy: start-up time

    path = server.path(here, there, mode)
    leg = Leg(lonlat=path.lonlat, seconds=path.seconds, metres=path.metres, by_road=True)
    return _drawn(leg, TravelBasis.SERVER)


def _straight_leg(beeline: Beeline, here: Point, there: Point) -> DrawnLeg:
    import numpy as np  # lazy: start-up time

    from routing.door_to_door import straight_leg

    leg = straight_leg(np.array([here, there], dtype=np.float64), beeline)
    return _drawn(leg, TravelBasis.STRAIGHT_LINE)


def _drawn(leg: Leg, basis: TravelBasis) -> DrawnLeg:
    import numpy as np  # lazy: start-up time

    shape = leg.lonlat
    if len(shape) > 2:  # noqa: PLR2004  (a line of two ends is as simple as it gets)
        import shapely  # lazy: start-up time

        shape = np.array(shapely.LineString(shape).simplify(COARSE_DEGREES).coords)
    points = tuple((round(lon, 5), round(lat, 5)) for lon, lat in shape.tolist())
    return DrawnLeg(points=points, seconds=leg.seconds, metres=leg.metres, basis=basis)

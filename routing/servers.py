"""Travel from a road server of the caller's: OSRM, Valhalla or openrouteservice.

The only module that imports routingpy (extra `servers`), and the only one of this package that
opens a connection: to the one base URL it was given, and only if the URL's host is allowed.
"""

from __future__ import annotations

import math
import time
import warnings
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

from routing.errors import InvalidServer, ServerFailed, TooFarFromRoads
from routing.roads import RoadPath
from routing.speeds import Mode
from routing.travel import TravelKind, TravelTimes, require_points, whole_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

PAUSE_S = 0.5
"""Seconds before a second try; twice as many before a third."""


class Engine(StrEnum):
    """Which program answers."""

    OSRM = "osrm"
    VALHALLA = "valhalla"
    OPENROUTESERVICE = "openrouteservice"


PROFILES: Mapping[Engine, Mapping[Mode, str]] = {
    # An OSRM server answers with its one profile whatever it is asked for, so that no other mode
    # may be taken for granted.
    Engine.OSRM: {Mode.CAR: "driving"},
    Engine.VALHALLA: {Mode.CAR: "auto", Mode.E_BIKE: "bicycle", Mode.WALKING: "pedestrian"},
    Engine.OPENROUTESERVICE: {
        Mode.CAR: "driving-car",
        Mode.E_BIKE: "cycling-electric",
        Mode.WALKING: "foot-walking",
    },
}
"""What each engine calls the modes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadServer:
    """A road server that may be asked.

    Parameters
    ----------
    base_url
        http or https, with the port and path under which the engine answers.
    allowed_hosts
        The hosts that may be asked, compared as a whole and without case; a part of a name or an
        address allows nothing.
    profiles
        What the server calls each mode; a mode that is missing is refused. None takes `PROFILES`.
    timeout_s
        Seconds to wait for a connection and for each part of an answer, above 0.
    retries
        How often a failed question is asked again, at least 0.
    block
        Points of a matrix asked from and to at a time, at least 1: servers refuse large matrices,
        by default Valhalla more than 50 times 50 and OSRM more than 100 times 100.
    api_key
        Of openrouteservice, where the server wants one.

    Raises
    ------
    InvalidServer
        When the URL is none, its host is not allowed or a limit is out of range.
    """

    engine: Engine
    base_url: str
    allowed_hosts: frozenset[str]
    profiles: Mapping[Mode, str] | None = None
    timeout_s: float = 10.0
    retries: int = 2
    block: int = 50
    api_key: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        _require_allowed(self.base_url, self.allowed_hosts)
        if not 0 < self.timeout_s < math.inf:
            raise InvalidServer(f"timeout_s is {self.timeout_s}, not a number of seconds above 0")
        if self.retries < 0 or self.block < 1:
            raise InvalidServer(
                f"retries is {self.retries} and block {self.block}, not at least 0 and 1"
            )

    def matrix(
        self,
        points_lonlat: NDArray[np.float64],
        mode: Mode,
        *,
        fallback: Callable[[NDArray[np.float64]], TravelTimes] | None = None,
    ) -> TravelTimes:
        """Return the travel between all points as the server answers it, seconds rounded up.

        Parameters
        ----------
        points_lonlat
            (n, 2) WGS-84 degrees, longitude first.
        fallback
            What to do when the server fails, e.g. `roads.matrix`; its answer keeps its own label.
            Without it a failure is an error.

        Raises
        ------
        InvalidPoints
            When a value is out of its range.
        InvalidServer
            When the server has no profile for `mode`.
        ServerFailed
            When the server cannot be reached, refuses or answers nonsense.
        TooFarFromRoads
            When it knows no way between two points; the message names their rows.
        """
        points = require_points(points_lonlat)
        profile = self._profile(mode)
        try:
            seconds, metres = self._ask_in_blocks(points, profile)
        except ServerFailed:
            if fallback is None:
                raise
            return fallback(points)
        return TravelTimes(
            seconds=whole_numbers(np.ceil(seconds)),
            metres=whole_numbers(np.rint(metres)),
            kind=TravelKind.SERVER,
            source=f"{self.engine} {self.base_url} {profile}",
        )

    def path(
        self, start_lonlat: tuple[float, float], end_lonlat: tuple[float, float], mode: Mode
    ) -> RoadPath:
        """Return the server's way between two points with its shape.

        Raises
        ------
        InvalidPoints, InvalidServer, ServerFailed
            As `matrix`.
        """
        points = require_points(np.array([start_lonlat, end_lonlat], dtype=np.float64))
        options = {"geometries": "geojson", "overview": "full"}
        answer = self._ask(
            "directions",
            locations=points.tolist(),
            profile=self._profile(mode),
            **(options if self.engine is Engine.OSRM else {}),
        )
        try:
            shape = require_points(np.array([pair[:2] for pair in answer.geometry], np.float64))
            seconds, metres = int(answer.duration), int(answer.distance)
        except (TypeError, ValueError, IndexError) as error:
            raise self._failed(f"answered a way without a shape: {error}") from error
        if len(shape) < 2 or seconds < 0 or metres < 0:  # noqa: PLR2004  (two ends)
            raise self._failed(f"answered a way of {len(shape)} points and {seconds} s")
        whole = np.vstack([points[:1], shape, points[1:]])
        return RoadPath(lonlat=whole, seconds=seconds, metres=metres)

    def _profile(self, mode: Mode) -> str:
        profiles = PROFILES[self.engine] if self.profiles is None else self.profiles
        if mode not in profiles:
            raise InvalidServer(
                f"{self.base_url} has no profile for {mode}; name it in `profiles` if it has one"
            )
        return profiles[mode]

    def _ask_in_blocks(
        self, points: NDArray[np.float64], profile: str
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        n = len(points)
        seconds, metres = np.zeros((n, n)), np.zeros((n, n))
        starts = range(0, n, self.block)
        for top in starts:
            for left in starts:
                rows = slice(top, min(n, top + self.block))
                columns = slice(left, min(n, left + self.block))
                sent = np.vstack([points[rows], points[columns]])
                height = rows.stop - rows.start
                answer = self._ask(
                    "matrix",
                    locations=sent.tolist(),
                    profile=profile,
                    sources=list(range(height)),
                    destinations=list(range(height, len(sent))),
                    **self._both_metrics(),
                )
                shape = (height, columns.stop - columns.start)
                at = (rows.start, columns.start)
                seconds[rows, columns] = self._values(answer.durations, "durations", shape, at)
                metres[rows, columns] = self._values(answer.distances, "distances", shape, at)
        np.fill_diagonal(seconds, 0)
        np.fill_diagonal(metres, 0)
        return seconds, metres

    def _both_metrics(self) -> dict[str, object]:
        """Return how to ask for metres beside seconds, which is not everywhere the default."""
        if self.engine is Engine.OPENROUTESERVICE:
            return {"metrics": ["duration", "distance"]}
        return {}

    def _values(
        self, rows: object, what: str, shape: tuple[int, int], at: tuple[int, int]
    ) -> NDArray[np.float64]:
        """Return a block of a matrix, or say what is wrong with it and where."""
        found = f"{len(rows)} rows" if isinstance(rows, list) else type(rows).__name__
        try:
            values = np.array(rows, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise self._failed(f"answered {what} that are no matrix ({found})") from error
        if values.shape != shape:
            raise self._failed(f"answered {what} of shape {values.shape}, not {shape}")
        # What is null in JSON, the engines' word for no way, becomes NaN here.
        for row, column in np.argwhere(np.isnan(values)):
            raise TooFarFromRoads(
                f"{self.base_url} knows no way from points_lonlat[{at[0] + row}] to "
                f"points_lonlat[{at[1] + column}]; correct the position of the one that lies apart"
            )
        if not np.isfinite(values).all() or (values < 0).any():
            raise self._failed(f"answered {what} that are infinite or below 0")
        return values

    def _ask(self, what: str, **question: object) -> Any:  # noqa: ANN401  (routingpy's answers)
        # Loaded here and not above: it is an extra.
        import routingpy.exceptions as theirs

        last: Exception | None = None
        for attempt in range(self.retries + 1):
            time.sleep(PAUSE_S * attempt)
            try:
                with warnings.catch_warnings():
                    # It warns of each answer 503, which is told as a failure here.
                    warnings.simplefilter("ignore")
                    return getattr(self._client(), what)(**question)
            except (theirs.RouterServerError, theirs.Timeout, theirs.OverQueryLimit) as error:
                last = error
            except (theirs.RouterError, theirs.JSONParseError) as error:
                raise self._failed(f"refused: {_shortly(error)}") from error
            except OSError as error:
                last = error
            except (KeyError, TypeError, ValueError, IndexError) as error:
                raise self._failed(f"answered something else: {_shortly(error)}") from error
        tried = f"{self.retries + 1} tries"
        raise self._failed(f"did not answer in {tried}: {_shortly(last)}") from last

    def _client(self) -> Any:  # noqa: ANN401  (a routingpy router)
        import routingpy

        limits: dict[str, object] = {
            "timeout": self.timeout_s,
            "client": _asking_once(),
            "retry_over_query_limit": False,
            # An allowed host must not send us to another one.
            "allow_redirects": False,
        }
        base_url = self.base_url.rstrip("/")
        if self.engine is Engine.OSRM:
            return routingpy.OSRM(base_url, **limits)
        if self.engine is Engine.VALHALLA:
            return routingpy.Valhalla(base_url, **limits)
        return routingpy.ORS(api_key=self.api_key, base_url=base_url, **limits)

    def _failed(self, what: str) -> ServerFailed:
        return ServerFailed(f"{self.engine} at {self.base_url} {what}")


def _asking_once() -> type:
    """Return routingpy's client without its own tries, which would go on for a minute."""
    from routingpy.client_default import Client
    from routingpy.exceptions import RouterServerError

    class Once(Client):  # type: ignore[misc]  # routingpy has no types
        def _request(
            self,
            url: str,
            get_params: object = None,
            post_params: object = None,
            first_request_time: object = None,
            retry_counter: int = 0,
            dry_run: object = None,
        ) -> Any:  # noqa: ANN401
            if retry_counter:
                raise RouterServerError(503, "busy")
            return super()._request(url, get_params, post_params, first_request_time, 0, dry_run)

    return Once


def _require_allowed(base_url: str, allowed_hosts: frozenset[str]) -> None:
    try:
        parts = urlsplit(base_url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidServer(f"base_url {base_url!r} is no URL: {error}") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise InvalidServer(f"base_url {base_url!r} does not begin with http:// or https://")
    if parts.username is not None or parts.query or parts.fragment:
        raise InvalidServer(f"base_url of {host!r} holds a user, a query or a fragment")
    if host.lower() not in {allowed.lower() for allowed in allowed_hosts}:
        raise InvalidServer(
            f"host {host!r} of base_url is not allowed; allowed are "
            f"{', '.join(sorted(allowed_hosts)) or 'none'}"
        )


def _shortly(error: Exception | None) -> str:
    """Return the first words of an error; servers answer whole pages."""
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return " ".join(text.split())[:200]

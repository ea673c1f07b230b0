"""What can go wrong in routing: one root, so that a caller can catch the package."""

from __future__ import annotations


class RoutingError(Exception):
    """Root of all errors of this package."""


class InvalidProblem(RoutingError, ValueError):
    """A problem breaks its definition; the message names field, id and value."""


class InvalidFile(RoutingError, ValueError):
    """A file is not in the promised format; the message names file, field and value."""


class InvalidPoints(RoutingError, ValueError):
    """Coordinates or speeds from which no travel time can be computed."""


class InvalidRoads(RoutingError, ValueError):
    """A road file without roads for a mode."""


class TooFarFromRoads(RoutingError, ValueError):
    """A point lies too far from every road to be moved to one."""


class InvalidServer(RoutingError, ValueError):
    """A road server that may not be asked, or not for this."""


class ServerFailed(RoutingError):
    """A road server that did not answer, refused or answered nonsense."""


class InvalidLimit(RoutingError, ValueError):
    """A limit or seed with which no search can run."""


class InvalidLocks(RoutingError, ValueError):
    """Locks that contradict each other or name what is not there."""


class InvalidEvent(RoutingError, ValueError):
    """Something reported from the field that the problem or the plan does not know."""


class UnknownStop(RoutingError, KeyError):
    """A plan names a stop or shift that the problem does not have."""

    def __str__(self) -> str:
        # KeyError shows the repr of its argument, which would put the message into quotes.
        return str(self.args[0]) if self.args else ""

"""What this library raises: one root, and children that inherit a built-in too."""

from __future__ import annotations


class MapsError(Exception):
    """Root of every error that this library raises on purpose."""


class CoordinateError(MapsError, ValueError):
    """A longitude or latitude lies outside its range or arrays do not match."""


class GridFileError(MapsError, ValueError):
    """A grid file cannot be read as grid polygons; the message names feature, field and remedy.

    `feature` counts from 1 and `field` is the member of that feature, so that an application can
    say it in its user's language; both are empty when the file as a whole is meant.
    """

    def __init__(self, message: str, *, feature: int | None = None, field: str = "") -> None:
        self.feature = feature
        self.field = field
        super().__init__(message)


class GridIndexError(MapsError, ValueError):
    """Grids cannot be looked up: codes and polygons do not match, or a code occurs twice."""


class DensityError(MapsError, ValueError):
    """A density cannot be computed from these points or parameters."""


class FrameError(MapsError, ValueError):
    """A frame does not hold what its description in `maps.frames` promises.

    Parameters
    ----------
    frame
        Name of the frame's description.
    findings
        Every finding, not only the first.
    """

    def __init__(self, frame: str, findings: tuple[str, ...]) -> None:
        self.frame = frame
        self.findings = findings
        super().__init__(f"The frame {frame!r} cannot be used: " + "; ".join(findings) + ".")


class TextsError(MapsError, ValueError):
    """A text for a map names a placeholder that the map does not fill."""


class LayerError(MapsError, ValueError):
    """A layer cannot be drawn as asked."""


class ForeignAssetError(MapsError, ValueError):
    """A map asked for a file that this project does not serve itself."""


class TileFileError(MapsError, ValueError):
    """A file of tiles cannot be read as one."""


class MissingAssetError(MapsError, FileNotFoundError):
    """A vendored file is not on this disk."""

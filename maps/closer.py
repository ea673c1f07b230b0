"""What appears when the reader zooms in: hexagons, then single firms.

The firms are not in the page. They arrive later as one block of numbers, which the application
checks for rights at every request; no name is among them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from maps.errors import LayerError
from maps.layers import PointStyle
from maps.legend import LegendClass, LegendGroup, Mark
from maps.palette import DUE, IDLE, LATE, MOST_CLASSES, OK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from maps.texts import CloserTexts

CELLS_FROM_ZOOM, FIRMS_FROM_ZOOM = 11.0, 13.0
"""Whole districts are drawn by grid, towns in hexagons, streets firm by firm."""

FIELDS = (("lon", "<i4"), ("lat", "<i4"), ("key", "<u4"), ("employees", "<u2"), ("kind", "u1"))
"""Order and type of the columns after the count; `visits` of one byte follows them."""


class Count(StrEnum):
    """What a hexagon sums over its firms."""

    ONE = "one"
    COVERED = "covered"
    OVERDUE = "overdue"
    TARGET = "target"
    SHOULD = "should"
    EMPLOYEES = "employees"
    VISITS = "visits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Hexagons: `part` over `whole` times `factor`, in classes; a count where `whole` is none.

    `few` is the whole below which a rate is hatched, 0 for counts; `labels` are five, from the
    lowest class; `lined` says which classes are lined.
    """

    part: Count
    whole: Count | None
    factor: float
    limits: tuple[float, ...]
    colours: tuple[str, ...]
    lined: tuple[bool, ...]
    labels: tuple[str, ...]
    few: int = 0

    def __post_init__(self) -> None:
        if not len(self.colours) == len(self.lined) == len(self.labels) == MOST_CLASSES:
            raise LayerError("Hexagons need five colours, lines and labels.")
        if len(self.limits) != MOST_CLASSES - 1 or list(self.limits) != sorted(set(self.limits)):
            message = f"The limits {self.limits} do not rise; give four in ascending order."
            raise LayerError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmKind:
    """How firms of one kind look, and what they count as; `label` is a word for the legend."""

    label: str
    style: PointStyle


@dataclass(frozen=True, slots=True, kw_only=True)
class Closer:
    """The tiers below the grids. `kinds` are told by the number that each firm carries.

    A `None` in `cells` leaves the hexagons out; `firms_only` shows firms at every zoom. A kind is
    3 * standing + visited: target, near miss, with a union and large enough to need one, with one
    but smaller; lately, before, never.
    """

    kinds: tuple[FirmKind, ...]
    cells: Cells | None
    texts: CloserTexts
    firms_only: bool = False


KINDS = 12
"""Four standings times three states of visiting."""

FIRM_LOOKS = (
    PointStyle(colour=LATE, radius_px=5.5, filled=True),
    PointStyle(colour=DUE, radius_px=5.0, filled=False),
    PointStyle(colour=OK, radius_px=4.0, filled=True),
    PointStyle(colour=IDLE, radius_px=3.5, filled=False),
)
"""The looks of firms, the most urgent first: a disc or a ring, large or small."""


def firm_legend(closer: Closer) -> tuple[LegendClass, ...]:
    """One line for each look, however many kinds have it."""
    lines: dict[str, LegendClass] = {}
    for kind in closer.kinds:
        lines.setdefault(
            kind.label,
            LegendClass(
                mark=Mark.DISC if kind.style.filled else Mark.RING,
                colour=kind.style.colour,
                label=kind.label,
                radius_px=kind.style.radius_px,
            ),
        )
    return tuple(lines.values())


def firm_groups(closer: Closer | None) -> tuple[LegendGroup, ...]:
    """The part of a legend that appears together with the firms."""
    if closer is None:
        return ()
    return (LegendGroup(tier="firms", title=closer.texts.firms, classes=firm_legend(closer)),)


def packed_firms(
    *,
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    key: NDArray[np.int64],
    employees: NDArray[np.int64],
    kind: NDArray[np.int64],
    visits: NDArray[np.int64],
) -> bytes:
    """Pack firms into one block: their number, then each column, little-endian.

    Parameters
    ----------
    lon, lat
        Degrees WGS-84; kept to a hundred-thousandth, about a metre.
    key
        A number by which the page asks for one firm.
    employees, visits
        Counts; larger ones are kept as 65,535 and 255.
    kind
        0 to 11, see `Closer`.

    Returns
    -------
    bytes
        4 bytes, and 16 for each firm.

    Raises
    ------
    LayerError
        When arrays differ in length, a place is not finite or a kind is out of range.
    """
    columns = {"key": key, "employees": employees, "kind": kind, "visits": visits}
    if any(len(column) != len(lon) for column in (lat, *columns.values())):
        raise LayerError("The columns of the firms differ in length; pass one value of each.")
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        raise LayerError("A firm has no place; leave it out and say how many.")
    if len(kind) and not 0 <= kind.min() <= kind.max() < KINDS:
        message = f"The kinds go from {kind.min()} to {kind.max()}; use 0 to {KINDS - 1}."
        raise LayerError(message)
    columns["lon"] = np.rint(lon * 1e5).astype(np.int64)
    columns["lat"] = np.rint(lat * 1e5).astype(np.int64)
    columns["employees"] = np.clip(employees, 0, 65_535)
    columns["visits"] = np.clip(visits, 0, 255)
    parts = [struct.pack("<I", len(lon))]
    parts += [columns[name].astype(form).tobytes() for name, form in (*FIELDS, ("visits", "u1"))]
    return b"".join(parts)


def closer_options(closer: Closer) -> dict[str, object]:
    """Put the description into plain values for the page's script; words are left to the legend."""
    cells = closer.cells
    return {
        "cellsFrom": CELLS_FROM_ZOOM,
        "firmsFrom": FIRMS_FROM_ZOOM,
        "firmsOnly": closer.firms_only,
        "styles": [
            {
                "radius": kind.style.radius_px,
                "colour": kind.style.colour,
                "filled": kind.style.filled,
            }
            for kind in closer.kinds
        ],
        "cells": None
        if cells is None
        else {
            "part": cells.part,
            "whole": cells.whole,
            "factor": cells.factor,
            "limits": cells.limits,
            "colours": cells.colours,
            "lined": cells.lined,
            "few": cells.few,
        },
    }

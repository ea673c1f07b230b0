"""The frames that cross this package's border: columns, units, CRS, and their validation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from maps.errors import FrameError
from maps.palette import MOST_CLASSES

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

DEGREES_EPSG = 4326
"""Every frame is in degrees WGS-84, `(lon, lat)`."""


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    COUNT = "count"
    NUMBER = "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: what it holds, its unit or meaning, whether values are all different."""

    name: str
    kind: Kind
    means: str
    unique: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameSpec:
    """One frame: its columns and the geometry types of its active geometry, EPSG:4326.

    The index is not used. Columns that are not named here are ignored.
    """

    name: str
    columns: tuple[Column, ...]
    geometry_types: tuple[str, ...]
    may_be_empty: bool = False


_AREAS = ("Polygon", "MultiPolygon")
_CODE = Column(name="code", kind=Kind.TEXT, means="the grid's code, unique", unique=True)
_GRID_NAME = Column(name="name", kind=Kind.TEXT, means="the grid's name, shown")
_TOWNSHIP = Column(name="township", kind=Kind.TEXT, means="the township's name, shown")

GRID_OUTLINES = FrameSpec(
    name="grid outlines",
    columns=(_CODE, _GRID_NAME, _TOWNSHIP),
    geometry_types=_AREAS,
)
"""Grids to draw and to name; at least one."""

MEASURED_GRIDS = FrameSpec(
    name="measured grids",
    columns=(
        _CODE,
        _GRID_NAME,
        _TOWNSHIP,
        Column(name="key", kind=Kind.COUNT, means="the page's number of the grid", unique=True),
        Column(name="part", kind=Kind.COUNT, means="what was counted"),
        Column(name="whole", kind=Kind.COUNT, means="of how many"),
        Column(name="level", kind=Kind.COUNT, means="the class, 1 to 5; 0 nothing to measure"),
        Column(name="few", kind=Kind.COUNT, means="1 where the rate is of few, else 0"),
        Column(name="label", kind=Kind.TEXT, means="a short text inside of the grid"),
        Column(name="tip", kind=Kind.TEXT, means="lines shown at a touch, the name first"),
    ),
    geometry_types=_AREAS,
)
"""Grids with one measure of one period."""

HEAT_POINTS = FrameSpec(
    name="heat points",
    columns=(Column(name="weight", kind=Kind.NUMBER, means="what one point counts, 0 or more"),),
    geometry_types=("Point",),
    may_be_empty=True,
)
"""Weighted points; empty when nothing is left to do."""

FIRM_POINTS = FrameSpec(
    name="firm points",
    columns=(
        Column(name="name", kind=Kind.TEXT, means="the enterprise's name as it may be shown"),
        Column(name="status", kind=Kind.TEXT, means="one of `maps.layers.FirmStatus`"),
    ),
    geometry_types=("Point",),
    may_be_empty=True,
)
"""Enterprises for the desk map, names already masked as the reader's rights demand."""


def check_frame(frame: gpd.GeoDataFrame, spec: FrameSpec) -> tuple[str, ...]:
    """Find everything in which a frame differs from its description.

    Parameters
    ----------
    frame
        The frame to be judged.
    spec
        One of the descriptions above.

    Returns
    -------
    tuple of str
        One finding each, empty when the frame is right.
    """
    findings: list[str] = []
    for column in spec.columns:
        if column.name not in frame.columns:
            findings.append(f"the column {column.name!r} ({column.means}) is missing")
        else:
            findings += _column_findings(frame[column.name], column)
    if len(frame) == 0 and not spec.may_be_empty:
        findings.append("it has no rows; pass at least one")
    return (*findings, *_geometry_findings(frame, spec), *_level_findings(frame, spec, findings))


def require_frame(frame: gpd.GeoDataFrame, spec: FrameSpec) -> None:
    """Refuse a frame that differs from its description.

    Raises
    ------
    FrameError
        With every finding, not only the first.
    """
    findings = check_frame(frame, spec)
    if findings:
        raise FrameError(spec.name, findings)


def _column_findings(values: pd.Series, column: Column) -> list[str]:
    name = repr(column.name)
    missing = int(values.isna().sum())
    if missing:
        return [f"the column {name} has {missing} empty value(s); fill or drop the rows"]
    if column.kind is Kind.TEXT:
        wrong = [value for value in values if not isinstance(value, str)]
        findings = [f"the column {name} holds {wrong[0]!r}, which is no text"] if wrong else []
    else:
        findings = _number_findings(values, column)
    if column.unique and values.duplicated().any():
        twice = values[values.duplicated()].iloc[0]
        findings.append(f"the column {name} holds {twice!r} more than once")
    return findings


def _number_findings(values: pd.Series, column: Column) -> list[str]:
    from pandas.api.types import is_bool_dtype, is_integer_dtype, is_numeric_dtype

    name = repr(column.name)
    if len(values) == 0:
        return []
    if is_bool_dtype(values) or not is_numeric_dtype(values):
        return [f"the column {name} has the type {values.dtype} and not numbers"]
    if column.kind is Kind.COUNT and not is_integer_dtype(values):
        return [f"the column {name} has the type {values.dtype} and not whole numbers"]
    lowest, highest = float(values.min()), float(values.max())
    if lowest < 0 or highest == float("inf"):
        extreme = lowest if lowest < 0 else highest
        return [f"the column {name} holds {extreme:g}; it must be 0 or more, and finite"]
    return []


def _geometry_findings(frame: gpd.GeoDataFrame, spec: FrameSpec) -> list[str]:
    try:
        geometry = frame.geometry
    except AttributeError:
        return ["it has no geometry; pass a GeoDataFrame with an active geometry"]
    findings = []
    epsg = None if geometry.crs is None else geometry.crs.to_epsg()
    if epsg != DEGREES_EPSG:
        found = "no CRS" if geometry.crs is None else f"the CRS {geometry.crs.to_string()}"
        findings.append(f"it has {found}; convert it to EPSG:{DEGREES_EPSG}")
    empty = int((geometry.isna() | geometry.is_empty).sum())
    if empty:
        findings.append(f"{empty} row(s) have no place; leave them out and say how many")
    others = set(geometry[~geometry.isna()].geom_type) - set(spec.geometry_types)
    if others:
        wanted = " or ".join(spec.geometry_types)
        findings.append(f"it holds {', '.join(sorted(others))}; only {wanted} can be drawn")
    return findings


def _level_findings(frame: gpd.GeoDataFrame, spec: FrameSpec, findings: list[str]) -> list[str]:
    if spec is not MEASURED_GRIDS or findings:
        return []
    highest = int(frame["level"].max())
    if highest <= MOST_CLASSES:
        return []
    return [f"the column 'level' holds {highest}; use 1 to {MOST_CLASSES}, or 0"]

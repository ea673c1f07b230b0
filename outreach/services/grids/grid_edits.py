"""Grids as people draw them: what an edit would do before it is taken."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from outreach.errors import InvalidInput, NotFound
from outreach.services.administration.principals import require_district
from outreach.services.grids.grid_findings import finding_sentence
from outreach.services.grids.grid_shapes import (
    make_shape,
    plain_geometry,
    read_shapes,
    stored_shape,
)
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapely import MultiPolygon, Polygon
    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.domain.wording import Sentence

LONGEST_CODE, LONGEST_NAME = 20, 60
MOST_FINDINGS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGrid:
    """A grid that is drawn for the first time; it is cut out of those that it covers."""

    code: str
    name: str
    township: str
    shape: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class GridEdit:
    """What a person drew: new shapes by grid id (GeoJSON in WGS-84), and perhaps a new grid."""

    shapes: Mapping[int, dict[str, Any]]
    new: NewGrid | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GridEffect:
    """What becomes of one grid: its firms and area now and then; `id` 0 is the new one."""

    id: int
    name: str
    firms_before: int
    firms_after: int
    km2_before: float
    km2_after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EditReport:
    """What an edit would do. `moved` firms change hands, `lost` lie in no grid any more."""

    effects: tuple[GridEffect, ...]
    moved: int
    lost: int
    findings: tuple[Sentence, ...]
    shapes: Mapping[int, dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedFirms:
    """The firms with a point (lon, lat), column by column."""

    ids: list[int]
    grids: list[int | None]
    points: list[tuple[float, float]]


_SAME_DEG = 1e-7
"""Corners this near, a centimetre, are where they were."""


def review_edit(session: Session, principal: Principal, edit: GridEdit) -> EditReport:
    """Say what an edit would do; nothing is stored.

    Raises
    ------
    Refused, NotFound
        When the role does not see the district, or it has no such grid.
    InvalidInput
        When nothing changed, or a shape or the new grid's names cannot be.
    """
    require_district(principal)
    grids, shapes = wanted_shapes(session, principal, edit)
    return report_edit(session, principal.district_id, grids, shapes, edit.new)


def wanted_shapes(
    session: Session, principal: Principal, edit: GridEdit
) -> tuple[dict[int, Grid], dict[int, Polygon | MultiPolygon]]:
    """The district's grids, and the shapes that change; the new grid has the id 0."""
    grids = {
        grid.id: grid
        for grid in session.scalars(
            select(Grid).where(Grid.district_id == principal.district_id).order_by(Grid.code)
        )
    }
    shapes: dict[int, Polygon | MultiPolygon] = {}
    for key, drawn in edit.shapes.items():
        if key not in grids:
            raise NotFound("没有找到这个网格")
        made = make_shape(drawn, grids[key].name)
        stored = stored_shape(grids[key].geometry).normalize()
        if not made.normalize().equals_exact(stored, _SAME_DEG):
            shapes[key] = made
    if edit.new is not None:
        _require_names(edit.new, grids)
        shapes[0] = make_shape(edit.new.shape, edit.new.name)
        for key, grid in grids.items():
            old = shapes.get(key) or stored_shape(grid.geometry)
            if old.intersects(shapes[0]) and old.intersection(shapes[0]).area > 0:
                shapes[key] = make_shape(plain_geometry(old.difference(shapes[0])), grid.name)
    if not shapes:
        raise InvalidInput("边界没有改动")
    return grids, shapes


def _require_names(new: NewGrid, grids: Mapping[int, Grid]) -> None:
    for value, most in (
        (new.code, LONGEST_CODE),
        (new.name, LONGEST_NAME),
        (new.township, LONGEST_NAME),
    ):
        if not 0 < len(value.strip()) <= most:
            raise InvalidInput(
                "新网格的编码、名称、镇街都要填,编码不超过 {most} 个字", most=LONGEST_CODE
            )
    if any(grid.code == new.code.strip() for grid in grids.values()):
        raise InvalidInput("网格编码“{code}”已经有了,请换一个", code=new.code.strip())


def report_edit(
    session: Session,
    district_id: int,
    grids: Mapping[int, Grid],
    shapes: Mapping[int, Polygon | MultiPolygon],
    new: NewGrid | None,
) -> EditReport:
    """Judge shapes by id against the grids and firms of now."""
    from maps.grids import GridIndex, check_grids
    from maps.metric import MetricPlane

    codes = {key: grid.code for key, grid in grids.items()}
    if new is not None:
        codes[0] = new.code.strip()
    now = {key: stored_shape(grid.geometry) for key, grid in grids.items()}
    then = {**now, **shapes}
    ids = {code: key for key, code in codes.items()}
    firms = placed_firms(session, district_id)
    index = GridIndex([codes[key] for key in then], list(then.values()))
    found = index.locate([p[0] for p in firms.points], [p[1] for p in firms.points])
    after = [ids[code] if code is not None else None for code in found]
    pairs = list(zip(firms.grids, after, strict=True))
    plane = MetricPlane.around(
        [one.centroid.x for one in then.values()], [one.centroid.y for one in then.values()]
    )

    def km2(geometry: Polygon | MultiPolygon | None) -> float:
        import numpy as np  # lazy: start-up time

        if geometry is None:
            return 0.0
        flat = plane.geometries_in_metres(np.array([geometry], dtype=object))
        return float(flat[0].area) / 1e6

    findings = check_grids([codes[key] for key in then], list(then.values()))
    return EditReport(
        effects=tuple(
            GridEffect(
                id=key,
                name=grids[key].name if key else new.name if new else "",
                firms_before=sum(before == key for before, _ in pairs),
                firms_after=sum(later == key for _, later in pairs),
                km2_before=km2(now.get(key)),
                km2_after=km2(then[key]),
            )
            for key in sorted(shapes, key=lambda one: codes[one])
        ),
        moved=sum(before != later for before, later in pairs),
        lost=sum(before is not None and later is None for before, later in pairs),
        findings=tuple(finding_sentence(one) for one in findings[:MOST_FINDINGS]),
        shapes={key: plain_geometry(one) for key, one in shapes.items()},
    )


def count_moved(
    session: Session,
    district_id: int,
    grids: Mapping[int, Grid],
    shapes: Mapping[int, Polygon | MultiPolygon],
) -> tuple[int, int]:
    """How many firms would change hands if grids took these shapes, and of how many placed ones."""
    from maps.grids import GridIndex

    then = {**{key: stored_shape(grid.geometry) for key, grid in grids.items()}, **shapes}
    ids = {grid.code: key for key, grid in grids.items()}
    firms = placed_firms(session, district_id)
    index = GridIndex([grids[key].code for key in then], list(then.values()))
    found = index.locate([p[0] for p in firms.points], [p[1] for p in firms.points])
    after = [ids[code] if code is not None else None for code in found]
    return sum(one != other for one, other in zip(firms.grids, after, strict=True)), len(firms.ids)


def placed_firms(session: Session, district_id: int) -> PlacedFirms:
    """The district's firms that have a point."""
    query = (
        select(Enterprise.id, Enterprise.grid_id, Enterprise.lon, Enterprise.lat)
        .where(
            Enterprise.district_id == district_id,
            Enterprise.retired.is_(False),
            Enterprise.lon.is_not(None),
            Enterprise.lat.is_not(None),
        )
        .order_by(Enterprise.id)
    )
    rows = session.execute(query).all()
    return PlacedFirms(
        ids=[row[0] for row in rows],
        grids=[row[1] for row in rows],
        points=[(row[2] or 0.0, row[3] or 0.0) for row in rows],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class GridShape:
    """One grid as it is drawn: GeoJSON in WGS-84, and how many placed firms it has."""

    id: int
    code: str
    name: str
    township: str
    geometry: dict[str, Any]
    firms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GridsView:
    """All grids of a district, with what is wrong with them now.

    `points` are its placed firms as (lon, lat); those of one building stand on one point.
    """

    grids: tuple[GridShape, ...]
    points: tuple[tuple[float, float], ...]
    findings: tuple[Sentence, ...]
    count_findings: int


def view_grids(session: Session, principal: Principal) -> GridsView:
    """Read the district's grids to be edited.

    Raises
    ------
    Refused
        When the role does not see the district.
    """
    from maps.grids import check_grids  # lazy: start-up time

    require_district(principal)
    grids = session.scalars(
        select(Grid).where(Grid.district_id == principal.district_id).order_by(Grid.code)
    ).all()
    findings = check_grids(
        [grid.code for grid in grids], [stored_shape(grid.geometry) for grid in grids]
    )
    firms = placed_firms(session, principal.district_id)
    counts = Counter(firms.grids)
    return GridsView(
        points=tuple(sorted({(round(lon, 5), round(lat, 5)) for lon, lat in firms.points})),
        grids=tuple(
            GridShape(
                id=grid.id,
                code=grid.code,
                name=grid.name,
                township=grid.township,
                geometry=grid.geometry,
                firms=counts[grid.id],
            )
            for grid in grids
        ),
        findings=tuple(finding_sentence(one) for one in findings[:MOST_FINDINGS]),
        count_findings=len(findings),
    )


def parse_edit(text: str, new: Mapping[str, str]) -> GridEdit:
    """Read what the page sends: shapes by grid id, under "new" that of a new grid.

    Raises
    ------
    InvalidInput
        When it is no such thing.
    """
    shapes, drawn = read_shapes(text)
    made = None
    if drawn is not None:
        made = NewGrid(
            code=new.get("code", ""),
            name=new.get("name", ""),
            township=new.get("township", ""),
            shape=drawn,
        )
    return GridEdit(shapes=shapes, new=made)

"""Drawing the district's map as one HTML page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from outreach.domain.grid_figures import FEW, HUNDRED, MapLayer
from outreach.errors import NotFound
from outreach.i18n import say, translate
from outreach.services.desk import layer_words, map_texts
from outreach.services.desk.map_points import load_firms, load_points
from outreach.services.desk.maps import (
    MapFigures,
    MapFilter,
    MapView,
    measure_grids,
    require_district,
)
from outreach.storage.grids import Grid

if TYPE_CHECKING:
    from datetime import date

    import geopandas as gpd
    from sqlalchemy.orm import Session

    from maps.assets import Assets
    from maps.base_map import BaseMap
    from maps.closer import Cells, Closer, FirmKind
    from outreach.domain.accounts import Principal
    from outreach.i18n import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """How a map is drawn: its language, where its files come from, what lies below.

    `is_live` maps show firms when zoomed in, which the page around them fetches; a map that is
    saved as a file is not live.
    """

    language: Language
    assets: Assets
    base: BaseMap | None = None
    is_live: bool = False


def draw_map(
    session: Session, principal: Principal, wanted: MapFilter, *, today: date, drawing: Drawing
) -> str:
    """Draw a map as one HTML page.

    Raises
    ------
    Refused
        When the account does not see the whole district.
    NotFound
        When no grid was imported, the township has none, or the month was never counted.
    """
    require_district(principal)
    figures = measure_grids(session, principal, wanted, today=today)
    if not figures.grids:
        raise NotFound("这里还没有网格,请先导入网格")
    grids = _grid_frame(session, figures, wanted, drawing.language)
    if wanted.layer is MapLayer.FIRMS and not drawing.is_live:
        from maps.firms import firm_map

        firms = load_firms(session, principal, wanted)
        texts = map_texts.firm_texts(drawing.language)
        return firm_map(firms, grids, texts=texts, as_of=figures.as_of, assets=drawing.assets)
    if not wanted.shows_places:
        return _draw_areas(grids, figures, wanted, drawing)
    points = load_points(session, principal, wanted, today=today, every=wanted.view is MapView.HOT)
    return _draw_points(points, grids, figures, wanted, drawing)


def _draw_areas(
    grids: gpd.GeoDataFrame, figures: MapFigures, wanted: MapFilter, drawing: Drawing
) -> str:
    from maps.choropleth import DIVERGING, SEQUENTIAL, choropleth_map

    language, layer = drawing.language, wanted.layer
    is_of_all = not wanted.township
    said = layer_words.measure_sentence(wanted, figures.measure, language, is_of_all=is_of_all)
    notes: tuple[str, ...] = (
        map_texts.list_note(figures.list_as_of, language, is_past=bool(wanted.month)),
    )
    if figures.unplaced:
        left = say(language, "其中 {count} 家没有位置,不在图上", count=f"{figures.unplaced:,}")
        notes = (left, *notes)
    if wanted.month:
        told = ("过去的月份只有网格的数,放大也没有企业", "没有位置的企业不在内")
        notes = (*notes, *(translate(one, language) for one in told))
    return choropleth_map(
        grids,
        texts=map_texts.choropleth_texts(
            wanted,
            total=map_texts.total_line(wanted.township, said, language),
            notes=notes,
            language=language,
        ),
        look=DIVERGING if layer.is_diverging else SEQUENTIAL,
        as_of=figures.as_of,
        assets=drawing.assets,
        closer=_closer(figures, wanted, language) if drawing.is_live and not wanted.month else None,
        base=drawing.base,
    )


def _draw_points(
    points: gpd.GeoDataFrame,
    grids: gpd.GeoDataFrame,
    figures: MapFigures,
    wanted: MapFilter,
    drawing: Drawing,
) -> str:
    known: dict[str, Any] = {
        "as_of": figures.as_of,
        "assets": drawing.assets,
        "base": drawing.base,
        "closer": replace(_closer(figures, wanted, drawing.language), cells=None)
        if drawing.is_live
        else None,
    }
    if wanted.view is MapView.HOT:
        from maps.hot import hot_map

        hot_texts = map_texts.hot_texts(wanted, drawing.language)
        return hot_map(points, grids, texts=hot_texts, **known)
    from maps.heat import heat_map

    texts = map_texts.heat_texts(wanted, drawing.language)
    return heat_map(points, grids, texts=texts, bandwidth_m=wanted.bandwidth_m, **known)


def _grid_frame(
    session: Session, figures: MapFigures, wanted: MapFilter, language: Language
) -> gpd.GeoDataFrame:
    import geopandas as gpd  # lazy: start-up time
    from shapely.geometry import shape

    layer = wanted.layer
    keys = [grid.id for grid in figures.grids]
    geometry: dict[int, Any] = dict(
        session.execute(select(Grid.id, Grid.geometry).where(Grid.id.in_(keys))).all()
    )
    columns: dict[str, list[object]] = {
        "key": list(keys),
        "code": [grid.code for grid in figures.grids],
        "name": [grid.name for grid in figures.grids],
        "township": [grid.township for grid in figures.grids],
        "part": [grid.measure.part for grid in figures.grids],
        "whole": [grid.measure.whole for grid in figures.grids],
        "level": [grid.measure.level(layer.limits) for grid in figures.grids],
        "few": [int(grid.measure.few) for grid in figures.grids],
        "label": [layer_words.shown_label(layer, grid.measure) for grid in figures.grids],
        "tip": [
            map_texts.tip_lines(
                wanted, (grid.name, grid.township), grid.figures, grid.measure, language
            )
            for grid in figures.grids
        ],
    }
    shapes = [shape(geometry[key]) for key in keys]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")


def _closer(figures: MapFigures, wanted: MapFilter, language: Language) -> Closer:
    from maps.closer import Closer

    by_visits = wanted.layer.follows_standing or wanted.layer is MapLayer.GAP
    return Closer(
        kinds=_kinds(language, by_visits=by_visits),
        cells=_cells(figures, wanted.layer),
        texts=map_texts.closer_texts(language),
        firms_only=wanted.layer is MapLayer.FIRMS,
    )


def _kinds(language: Language, *, by_visits: bool) -> tuple[FirmKind, ...]:
    from maps.closer import FIRM_LOOKS, FirmKind

    urgent, ring, calm, _ = FIRM_LOOKS
    if by_visits:
        looks = [
            (translate("30 天内走访过", language), calm),
            (translate("超期", language), urgent),
            (translate("还没有走访过", language), ring),
        ] * 4
    else:
        target = (translate("重点对象", language), urgent)
        near = (translate("接近标准", language), ring)
        union = (translate("已有工会", language), calm)
        looks = [target] * 3 + [near] * 3 + [union] * 6
    return tuple(FirmKind(label=label, style=style) for label, style in looks)


_CELL_COUNTS: dict[MapLayer, tuple[float, ...]] = {
    MapLayer.LEFT: (1, 2, 5, 10),
    MapLayer.LEFT_EMPLOYEES: (1, 50, 100, 300),
}


def _cells(figures: MapFigures, layer: MapLayer) -> Cells | None:
    from maps.choropleth import DIVERGING, SEQUENTIAL
    from maps.closer import Cells, Count
    from maps.palette import Texture

    counted = {
        MapLayer.COVERAGE: (Count.COVERED, Count.ONE),
        MapLayer.OVERDUE: (Count.OVERDUE, Count.ONE),
        MapLayer.LEFT: (Count.TARGET, None),
        MapLayer.LEFT_EMPLOYEES: (Count.EMPLOYEES, None),
        MapLayer.NEED: (Count.TARGET, Count.SHOULD),
        MapLayer.EFFORT: (Count.VISITS, Count.ONE),
        MapLayer.GAP: (Count.VISITS, Count.TARGET),
    }.get(layer)
    whole_district = figures.district
    no_rate = not whole_district.visits * whole_district.targets
    if counted is None or (layer is MapLayer.GAP and no_rate):
        return None
    part, whole = counted
    factor = {MapLayer.EFFORT: float(HUNDRED), MapLayer.GAP: _inverse(figures)}.get(layer, 1.0)
    limits = _CELL_COUNTS.get(layer)
    look = DIVERGING if layer.is_diverging else SEQUENTIAL
    return Cells(
        part=part,
        whole=whole,
        factor=factor,
        limits=limits or layer.limits,
        colours=look.colours,
        lined=tuple(texture is Texture.LINED for texture in look.textures),
        labels=map_texts.number_labels(limits, whole=True)
        if limits
        else map_texts.class_labels(layer),
        few=FEW if whole is not None else 0,
    )


def _inverse(figures: MapFigures) -> float:
    """What a cell's visits by targets is multiplied with, so that 1 is the district's rate."""
    district = figures.district
    return district.targets / district.visits if district.visits else 1.0

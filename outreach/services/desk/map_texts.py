"""Every word on a map, in the reader's language."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from outreach.domain.grid_figures import FEW, HUNDRED, GridFigures, MapLayer, Measure
from outreach.i18n import Language, say, say_day, translate
from outreach.services.desk.layer_words import chosen_firms, measure_sentence, words_of

if TYPE_CHECKING:
    from datetime import date

    from maps.texts import ChoroplethTexts, CloserTexts, FirmTexts, HeatTexts, HotTexts, MapWords
    from outreach.services.desk.maps import MapFilter


def total_line(township: str, said: str, language: Language) -> str:
    """The sum of all grids that are shown, in words."""
    if township:
        return say(language, "{place}合计:{said}", place=township, said=said)
    return say(language, "全区:{said}", said=said)


def tip_lines(
    wanted: MapFilter,
    names: tuple[str, str],
    figures: GridFigures,
    found: Measure,
    language: Language,
) -> str:
    """What a touched grid tells: its names as received, then the measure in words."""
    lines = [*names, measure_sentence(wanted, found, language)]
    if wanted.layer is MapLayer.COVERAGE:
        lines.append(say(language, "超期 {overdue} 家", overdue=f"{figures.overdue:,}"))
    # A received name is one line.
    return "\n".join(" ".join(line.split()) for line in lines)


def class_labels(layer: MapLayer) -> tuple[str, ...]:
    """The five classes of a layer, from the lowest."""
    limits = layer.limits
    if layer.is_share:
        edges = (0.0, *limits, 1.0)
        pairs = pairwise(edges)
        return tuple(f"{low * HUNDRED:.0f}–{high * HUNDRED:.0f}%" for low, high in pairs)
    return number_labels(limits, whole=layer not in {MapLayer.GAP, MapLayer.EFFORT})


def number_labels(limits: tuple[float, ...], *, whole: bool) -> tuple[str, ...]:
    """Classes of numbers, from the lowest: counts as 1–4, measured ones as 0.5–0.8."""

    def between(low: float, high: float) -> str:
        if not whole:
            return f"{low:g}–{high:g}"
        last = int(high) - 1
        return f"{low:,.0f}" if last == low else f"{low:,.0f}–{last:,}"

    pairs = pairwise(limits)
    lowest = "0" if whole and limits[0] == 1 else f"< {limits[0]:g}"
    return (lowest, *(between(low, high) for low, high in pairs), f"≥ {limits[-1]:,g}")


def map_words(language: Language) -> MapWords:
    """Words that every map needs."""
    from maps.texts import MapWords  # lazy: start-up time

    return MapWords(
        language=language.html,
        credit=translate("网格和企业数据:区总工会,仅供内部使用", language),
        as_of=translate("数据截至 {year}年{month}月{day}日", language),
        north=translate("北", language),
        zoom_in=translate("放大", language),
        zoom_out=translate("缩小", language),
        whole=translate("看全区", language),
        metre=translate("米", language),
        kilometre=translate("公里", language),
    )


def choropleth_texts(
    wanted: MapFilter, *, total: str, notes: tuple[str, ...], language: Language
) -> ChoroplethTexts:
    """Words of the map of grids; `total` and `notes` are in the language already."""
    from maps.texts import ChoroplethTexts  # lazy: start-up time

    layer, words = wanted.layer, words_of(wanted)
    firms = chosen_firms(wanted.counted_standing, language)
    if layer in {MapLayer.LEFT, MapLayer.FIRMS}:
        detail = "{grids} 个网格,{part} 家"
    elif layer is MapLayer.LEFT_EMPLOYEES:
        detail = "{grids} 个网格,{part} 人"
    else:
        detail = "{grids} 个网格,{part}/{whole}"
    return ChoroplethTexts(
        words=map_words(language),
        title=translate(layer.label, language),
        unit=say(language, words.unit_then if wanted.month else words.unit, firms=firms),
        total=total,
        classes=class_labels(layer),
        class_detail=translate(detail, language),
        nothing=translate(words.nothing, language),
        nothing_detail=translate("{grids} 个网格", language),
        few=say(language, "斜线:不足 {limit} 家或处,比例仅供参考", limit=FEW),
        selected=translate("选中的网格", language),
        notes=notes,
    )


def list_note(list_as_of: date, language: Language, *, is_past: bool) -> str:
    """Which day's list of firms was counted; a past month may use a later one."""
    if is_past:
        return say(language, "企业名单按 {day} 的算", day=say_day(list_as_of, language))
    return say(language, "企业名单截至 {day}", day=say_day(list_as_of, language))


def closer_texts(language: Language) -> CloserTexts:
    """Headings of the legend when the reader zooms in."""
    from maps.texts import CloserTexts  # lazy: start-up time

    return CloserTexts(
        cells=translate("六边形,边长 1 公里或 500 米", language),
        firms=translate("企业,点一下看是哪一家", language),
    )


def places_title(wanted: MapFilter, language: Language) -> str:
    """What a map of single places is called: the way to draw it, and what is drawn."""
    template = "密度:{layer}" if wanted.view.value == "density" else "相对集中的地方:{layer}"
    return say(language, template, layer=translate(words_of(wanted).drawn, language))


def heat_texts(wanted: MapFilter, language: Language) -> HeatTexts:
    """Words of the density map of what a layer counts."""
    from maps.texts import HeatTexts  # lazy: start-up time

    unit, total, points = {
        MapLayer.COVERAGE: (
            "30 天内没有走访的{firms},家/平方公里",
            "图上共 {points} 家",
            "{points} 家",
        ),
        MapLayer.OVERDUE: ("超期的{firms},家/平方公里", "图上共 {points} 家", "{points} 家"),
        MapLayer.LEFT_EMPLOYEES: (
            "没有工会的重点对象的职工,人/平方公里",
            "图上 {points} 家,共 {weight} 人",
            "{points} 家,{weight} 人",
        ),
        MapLayer.EFFORT: (
            "近 30 天走访{firms},次/平方公里",
            "图上 {points} 家,共 {weight} 次",
            "{points} 家,{weight} 次",
        ),
    }.get(wanted.layer, ("未建会的重点对象,家/平方公里", "图上共 {points} 家", "{points} 家"))
    return HeatTexts(
        words=map_words(language),
        title=places_title(wanted, language),
        unit=say(language, unit, firms=chosen_firms(wanted.counted_standing, language)),
        total=translate(total, language),
        class_detail=translate("{points} 家", language),
        below=translate("低于 {limit} 的地方不着色", language),
        bandwidth=translate("按 {metres} 米范围平滑", language),
        outside=translate("另有 {points} 处不在网格内", language),
        nothing=translate("没有可画的点", language),
        tip_points=translate(points, language),
    )


def hot_texts(wanted: MapFilter, language: Language) -> HotTexts:
    """Words of the map of places that are relatively concentrated."""
    from maps.texts import HotTexts  # lazy: start-up time

    unit = {
        MapLayer.COVERAGE: "30 天内没有走访的{firms}",
        MapLayer.OVERDUE: "超期的{firms}",
        MapLayer.LEFT_EMPLOYEES: "没有工会的重点对象的职工",
        MapLayer.EFFORT: "近 30 天走访{firms}",
    }.get(wanted.layer, "没有工会的重点对象")
    return HotTexts(
        words=map_words(language),
        title=places_title(wanted, language),
        unit=say(language, unit, firms=chosen_firms(wanted.counted_standing, language)),
        total=translate("比过的 {tested} 个格子里有 {cells} 个相对集中", language),
        nothing=translate("没有可画的点", language),
        surely=translate("相对集中,误报不超过 1%", language),
        likely=translate("相对集中,误报不超过 5%", language),
        class_detail=translate("{cells} 个格子", language),
        method=translate(
            "六边形边长 {side} 米,连同周围两圈,和全区有企业的格子相比;已控制误报", language
        ),
        untested=translate("周围不足 {least} 家的格子不比", language),
        outside=translate("另有 {points} 处不在网格内", language),
        tip_points=translate("{points} 家,计 {weight}", language),
    )


def firm_texts(language: Language) -> FirmTexts:
    """Words of the map of enterprises that is saved as a file."""
    from maps.texts import FirmTexts  # lazy: start-up time

    return FirmTexts(
        words=map_words(language),
        title=translate("企业分布", language),
        unit=translate("每点一家企业", language),
        total=translate("共 {firms} 家", language),
        class_detail=translate("{firms} 家", language),
        nothing=translate("没有符合条件的企业", language),
        ok=translate("已有工会", language),
        due=translate("接近标准", language),
        late=translate("重点对象", language),
        idle=translate("其他", language),
    )

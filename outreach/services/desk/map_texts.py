"""Every word on a map, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from outreach.domain.grid_figures import FEW, HUNDRED, GridFigures, MapLayer, Measure, percent
from outreach.i18n import Language, say, say_day, translate

if TYPE_CHECKING:
    from datetime import date

    from maps.texts import ChoroplethTexts, CloserTexts, FirmTexts, HeatTexts, HotTexts, MapWords
    from outreach.domain.targets import Standing
    from outreach.services.desk.maps import MapFilter

MULTIPLE = "×"


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerWords:
    """The words of one layer, Chinese; `part`, `whole` and `rate` are the heads of the table.

    `unit` is what the legend says now, `unit_then` of a past month; `sentence` is filled with
    {part}, {whole} and {rate}. {firms} stands for the firms that were chosen.
    """

    unit: str
    unit_then: str
    sentence: str
    nothing: str
    part: str
    whole: str
    rate: str


WORDS = {
    MapLayer.COVERAGE: LayerWords(
        unit="{firms}中 30 天内走访过的比例",
        unit_then="到月底为止,{firms}中 30 天内走访过的比例",
        sentence="{firms} {whole} 家中走访 {part} 家,{rate}",
        nothing="没有应走访的企业",
        part="走访过",
        whole="{firms}",
        rate="覆盖率",
    ),
    MapLayer.OVERDUE: LayerWords(
        unit="{firms}中走访过、但超过 30 天没有再去的比例",
        unit_then="到月底为止,{firms}中走访过、但超过 30 天没有再去的比例",
        sentence="{firms} {whole} 家中超期 {part} 家,{rate}",
        nothing="没有应走访的企业",
        part="超期",
        whole="{firms}",
        rate="超期比例",
    ),
    MapLayer.LEFT: LayerWords(
        unit="还没有工会的重点对象,家",
        unit_then="还没有工会的重点对象,家",
        sentence="应建会 {whole} 家,还剩 {part} 家",
        nothing="没有应建会的企业",
        part="还剩(家)",
        whole="应建会",
        rate="未建会",
    ),
    MapLayer.LEFT_EMPLOYEES: LayerWords(
        unit="还没有工会的重点对象的职工,人",
        unit_then="还没有工会的重点对象的职工,人",
        sentence="重点对象 {whole} 家,职工 {part} 人",
        nothing="没有重点对象",
        part="职工(人)",
        whole="重点对象",
        rate="每家(人)",
    ),
    MapLayer.NEED: LayerWords(
        unit="应建会的企业(在经营、超过标准人数)中还没有工会的比例",
        unit_then="应建会的企业(在经营、超过标准人数)中还没有工会的比例",
        sentence="应建会 {whole} 家,没有工会 {part} 家,{rate}",
        nothing="没有应建会的企业",
        part="没有工会",
        whole="应建会",
        rate="未建会",
    ),
    MapLayer.EFFORT: LayerWords(
        unit="近 30 天每百家{firms}的走访次数,没见到人的也算",
        unit_then="这个月每百家{firms}的走访次数,没见到人的也算",
        sentence="{firms} {whole} 家,走访 {part} 次,每百家 {rate} 次",
        nothing="没有应走访的企业",
        part="走访次数",
        whole="{firms}",
        rate="每百家",
    ),
    MapLayer.GAP: LayerWords(
        unit="近 30 天走访次数(没见到人的也算)和重点对象家数之比,"
        "是全区之比的几倍;1 倍就是和全区一样",
        unit_then="这个月走访次数(没见到人的也算)和重点对象家数之比,"
        "是全区之比的几倍;1 倍就是和全区一样",
        sentence="重点对象 {whole} 家,走访 {part} 次,全区的 {rate} 倍",
        nothing="没有重点对象,或全区没有走访",
        part="走访次数",
        whole="重点对象",
        rate="全区的倍数",
    ),
    MapLayer.PLAN: LayerWords(
        unit="近 30 天计划里的走访点中完成的比例",
        unit_then="这个月计划里的走访点中完成的比例",
        sentence="计划 {whole} 处,完成 {part} 处,{rate}",
        nothing="没有计划",
        part="完成",
        whole="计划",
        rate="完成率",
    ),
    MapLayer.FIRMS: LayerWords(
        unit="重点对象、接近标准和已有工会的企业,家",
        unit_then="重点对象、接近标准和已有工会的企业,家",
        sentence="共 {part} 家",
        nothing="没有应走访的企业",
        part="企业",
        whole="应走访",
        rate="家",
    ),
}


def shown_rate(layer: MapLayer, found: Measure) -> str:
    """A measure as pages and maps write it, or a dash where nothing was measured."""
    if found.value is None or not found.whole:
        return "—"
    if layer.is_share or layer is MapLayer.LEFT:
        return f"{percent(found.part, found.whole)}%"
    if layer is MapLayer.LEFT_EMPLOYEES:
        return f"{found.part / found.whole:,.0f}"
    if layer is MapLayer.FIRMS:
        return f"{found.part:,}"
    return f"{found.value:,.0f}" if layer is MapLayer.EFFORT else f"{found.value:.2g}"


def shown_label(layer: MapLayer, found: Measure) -> str:
    """The short text inside of a grid; empty where nothing was measured."""
    if found.value is None:
        return ""
    if layer.is_share:
        return f"{found.part}/{found.whole}"
    if layer in {MapLayer.EFFORT, MapLayer.GAP}:
        return shown_rate(layer, found) + (MULTIPLE if layer is MapLayer.GAP else "")
    return f"{found.part:,}"


def chosen_firms(standing: Standing | None, language: Language) -> str:
    """Which firms a map is about; none stands for all that are due."""
    return translate(standing.label if standing else "应走访企业(三类)", language)


def measure_sentence(
    layer: MapLayer, found: Measure, language: Language, standing: Standing | None
) -> str:
    """A measure in words, with its denominator and, where they were chosen, its firms."""
    if found.value is None:
        return translate(WORDS[layer].nothing, language)
    return say(
        language,
        WORDS[layer].sentence,
        firms=chosen_firms(standing, language),
        part=f"{found.part:,}",
        whole=f"{found.whole:,}",
        rate=shown_rate(layer, found),
    )


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
    standing = wanted.counted_standing
    lines = [*names, measure_sentence(wanted.layer, found, language, standing)]
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

    layer, words = wanted.layer, WORDS[wanted.layer]
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


def heat_texts(wanted: MapFilter, language: Language) -> HeatTexts:
    """Words of the density map of what a layer counts."""
    from maps.texts import HeatTexts  # lazy: start-up time

    unit, total, points = {
        MapLayer.COVERAGE: (
            "30 天内没有走访的{firms},家/平方公里",
            "共 {points} 家",
            "{points} 家",
        ),
        MapLayer.OVERDUE: ("超期的{firms},家/平方公里", "共 {points} 家", "{points} 家"),
        MapLayer.LEFT_EMPLOYEES: (
            "没有工会的重点对象的职工,人/平方公里",
            "{points} 家,共 {weight} 人",
            "{points} 家,{weight} 人",
        ),
        MapLayer.EFFORT: (
            "近 30 天走访{firms},次/平方公里",
            "{points} 家,共 {weight} 次",
            "{points} 家,{weight} 次",
        ),
    }.get(wanted.layer, ("未建会的重点对象,家/平方公里", "共 {points} 家", "{points} 家"))
    return HeatTexts(
        words=map_words(language),
        title=say(language, "密度:{layer}", layer=wanted.layer.label),
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
        title=say(language, "相对集中的地方:{layer}", layer=wanted.layer.label),
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

"""What each layer says of its numbers: on the page, in the table, in the legend and in tips."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.domain.grid_figures import HUNDRED, MapLayer, Measure, percent
from outreach.domain.wording import Sentence
from outreach.i18n import Language, say_sentence, translate

if TYPE_CHECKING:
    from outreach.domain.targets import Standing
    from outreach.services.desk.maps import MapFilter

MULTIPLE = "×"


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerWords:
    """The words of one layer, Chinese; `part`, `whole` and `rate` are the heads of the table.

    `unit` is what the legend says now, `unit_then` of a past month; `sentence` is filled with
    {part}, {whole} and {rate}. {firms} stands for the firms that were chosen, {hundred} for the
    part of a hundred of the whole. `drawn` names what is drawn place by place.
    """

    unit: str
    unit_then: str
    sentence: str
    nothing: str
    part: str
    whole: str
    rate: str
    drawn: str = ""


WORDS = {
    MapLayer.COVERAGE: LayerWords(
        unit="{firms}中 30 天内走访过的比例",
        unit_then="到月底为止,{firms}中 30 天内走访过的比例",
        sentence="{firms} {whole} 家中 30 天内走访过 {part} 家,{rate}",
        nothing="没有应走访的企业",
        part="30 天内走访过",
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
        drawn="超期的企业",
    ),
    MapLayer.LEFT: LayerWords(
        unit="还没有工会的重点对象,家",
        unit_then="还没有工会的重点对象,家",
        sentence="应建会 {whole} 家,还剩 {part} 家",
        nothing="没有应建会的企业",
        part="还剩(家)",
        whole="应建会",
        rate="未建会",
        drawn="没有工会的重点对象",
    ),
    MapLayer.LEFT_EMPLOYEES: LayerWords(
        unit="还没有工会的重点对象的职工,人",
        unit_then="还没有工会的重点对象的职工,人",
        sentence="重点对象 {whole} 家,职工 {part} 人",
        nothing="没有重点对象",
        part="职工(人)",
        whole="重点对象",
        rate="每家(人)",
        drawn="没有工会的重点对象的职工",
    ),
    MapLayer.NEED: LayerWords(
        unit="应建会的企业(在经营、超过标准人数)中还没有工会的比例",
        unit_then="应建会的企业(在经营、超过标准人数)中还没有工会的比例",
        sentence="应建会 {whole} 家,没有工会 {part} 家,{rate}",
        nothing="没有应建会的企业",
        part="没有工会",
        whole="应建会",
        rate="未建会",
        drawn="没有工会的重点对象",
    ),
    MapLayer.EFFORT: LayerWords(
        unit="近 30 天每百家{firms}的走访次数,没见到人的也算",
        unit_then="这个月每百家{firms}的走访次数,没见到人的也算",
        sentence="{firms} {whole} 家,走访 {part} 次,每百家 {rate} 次",
        nothing="没有应走访的企业",
        part="走访次数",
        whole="{firms}",
        rate="每百家",
        drawn="走访",
    ),
    MapLayer.GAP: LayerWords(
        unit="近 30 天走访重点对象的次数(没见到人的也算)÷ 重点对象家数,"
        "是全区同一个数的几倍;1 倍就是和全区一样",
        unit_then="这个月走访重点对象的次数(没见到人的也算)÷ 重点对象家数,"
        "是全区同一个数的几倍;1 倍就是和全区一样",
        sentence="重点对象 {whole} 家,被走访 {part} 次,每百家 {hundred} 次,是全区的 {rate} 倍",
        nothing="没有重点对象,或全区没有走访过重点对象",
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


UNVISITED = LayerWords(
    unit="{firms}中 30 天内没有走访的比例",
    unit_then="{firms}中 30 天内没有走访的比例",
    sentence="{firms} {whole} 家中 30 天内没有走访 {part} 家,{rate}",
    nothing="没有应走访的企业",
    part="30 天内没有走访",
    whole="{firms}",
    rate="没走访的比例",
    drawn="30 天内没有走访的企业",
)
"""Of coverage, where single places are drawn: they are the firms that wait."""

GAP_OF_ALL = "重点对象 {whole} 家,被走访 {part} 次,每百家 {hundred} 次"
"""The gap of the whole district, which is once by definition."""

FEW_TIMES = 10
"""Below so many, a rate is written with decimals."""


def words_of(wanted: MapFilter) -> LayerWords:
    """The words of what a map measures."""
    if wanted.layer is MapLayer.COVERAGE and wanted.shows_places:
        return UNVISITED
    return WORDS[wanted.layer]


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
    if layer is MapLayer.EFFORT:
        return of_a_hundred(found)
    decimals = 2 if 0 < found.value < FEW_TIMES else 0
    return f"{found.value:,.{decimals}f}"


def of_a_hundred(found: Measure) -> str:
    """How many of the part come to a hundred of the whole."""
    if not found.whole:
        return "—"
    value = HUNDRED * found.part / found.whole
    return f"{value:,.0f}" if value >= FEW_TIMES else f"{value:.1f}".removesuffix(".0")


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
    return translate(standing.label if standing else "应走访的企业", language)


def measured(
    wanted: MapFilter, found: Measure, language: Language, *, is_of_all: bool = False
) -> Sentence:
    """A measure in words, with its denominator and, where they were chosen, its firms.

    `is_of_all` says that it is the measure of the whole district.
    """
    words = words_of(wanted)
    if found.value is None:
        return Sentence(template=words.nothing)
    is_gap = wanted.layer is MapLayer.GAP
    return Sentence(
        template=GAP_OF_ALL if is_gap and is_of_all else words.sentence,
        values={
            "firms": chosen_firms(wanted.counted_standing, language),
            "part": f"{found.part:,}",
            "whole": f"{found.whole:,}",
            "rate": shown_rate(wanted.layer, found),
            "hundred": of_a_hundred(found),
        },
    )


def measure_sentence(
    wanted: MapFilter, found: Measure, language: Language, *, is_of_all: bool = False
) -> str:
    """A measure in the words of a language."""
    return say_sentence(measured(wanted, found, language, is_of_all=is_of_all), language)

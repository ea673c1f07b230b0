"""Every word on a map, in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.i18n import Language, translate

if TYPE_CHECKING:
    from maps.texts import CoverageTexts, FirmTexts, HeatTexts, MapWords


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


def coverage_texts(language: Language) -> CoverageTexts:
    """Words of the coverage map."""
    from maps.texts import CoverageTexts  # lazy: start-up time

    return CoverageTexts(
        words=map_words(language),
        title=translate("走访覆盖率", language),
        unit=translate("应走访企业中 30 天内走访过的比例", language),
        total=translate("全区:{due} 家中走访 {covered} 家,{percent}", language),
        class_detail=translate("{grids} 个网格,{covered}/{due} 家", language),
        nothing_due=translate("没有应走访的企业", language),
        nothing_due_detail=translate("{grids} 个网格", language),
        few=translate("应走访不足 {limit} 家,比例仅供参考", language),
        selected=translate("选中的网格", language),
        tip_share=translate("{due} 家中走访 {covered} 家,{percent}", language),
        tip_nothing_due=translate("没有应走访的企业", language),
        tip_overdue=translate("超期 {overdue} 家", language),
    )


def heat_texts(language: Language, *, need: bool) -> HeatTexts:
    """Words of the density map: of firms that need a union, or of visits made."""
    from maps.texts import HeatTexts  # lazy: start-up time

    title = "未建会重点对象热力图" if need else "走访热力图"
    unit = "未建会的重点对象,家/平方公里" if need else "近 30 天的走访,次/平方公里"
    total = "共 {points} 家" if need else "共 {points} 次"
    return HeatTexts(
        words=map_words(language),
        title=translate(title, language),
        unit=translate(unit, language),
        total=translate(total, language),
        class_detail=translate("{points} 处" if not need else "{points} 家", language),
        below=translate("低于 {limit} 的地方不着色", language),
        bandwidth=translate("按 {metres} 米范围平滑", language),
        outside=translate("另有 {points} 处不在网格内", language),
        nothing=translate("没有可画的点", language),
        tip_points=translate("{points} 处", language),
    )


def firm_texts(language: Language) -> FirmTexts:
    """Words of the map of enterprises."""
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

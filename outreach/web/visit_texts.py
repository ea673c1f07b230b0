"""A visit's content in words, and back into the fields of its form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from outreach.domain.appointments import DayPart
from outreach.domain.cases import CaseKind
from outreach.domain.enterprises import OperatingState
from outreach.domain.visits import (
    HeadcountEvidence,
    Obstacle,
    Premises,
    PromisedStep,
    UnionFinding,
    VisitResult,
)
from outreach.web import queries, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from enum import StrEnum

CONCERNS = (
    "担心增加费用",
    "担心影响生产",
    "要等老板决定",
    "要等总公司决定",
    "人员流动大",
    "不了解工会",
)
"""Common worries of firms, offered as chips; stored as these words."""

HARDSHIPS = ("工资", "社保", "工伤", "看病", "子女入托上学", "住房", "找工作")
"""Common hardships of employees, offered as chips; stored as these words."""

CHIPS = {"concern": ("concerns", CONCERNS), "hardship": ("hardships", HARDSHIPS)}
"""By the name of the chips: the note that they are stored in, and their words."""


def _member(kind: type[StrEnum]) -> Callable[[Any], str]:
    return lambda value: texts.label(kind(value)) if value in set(kind) else str(value)


def _words(value: Any) -> str:  # noqa: ANN401  JSON as a phone sent it
    known = {*CONCERNS, *HARDSHIPS}
    return " · ".join(texts.text(one) if one in known else one for one in str(value).split(";"))


def _day(value: Any) -> str:  # noqa: ANN401
    return texts.day(queries.day_of(str(value)))


def _requests(value: Any) -> str:  # noqa: ANN401
    kinds = value if isinstance(value, list) else str(value).split(";")
    return " · ".join(_member(CaseKind)(kind) for kind in kinds)


def _position(value: Any) -> str:  # noqa: ANN401
    metres = value.get("accuracy_m", "?") if isinstance(value, dict) else "?"
    return texts.text("误差约 {metres} 米", metres=metres)


_FIELDS: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("result", "走访结果", _member(VisitResult)),
    ("appointed_on", "约的日期", _day),
    ("appointed_part", "约的时间", _member(DayPart)),
    ("operating_state", "经营状态", _member(OperatingState)),
    ("employees", "在岗人数", str),
    ("evidence", "人数依据", _member(HeadcountEvidence)),
    ("premises", "场所", _member(Premises)),
    ("concerns", "企业顾虑", _words),
    ("hardships", "急难愁盼", _words),
    ("hardship_workers", "涉及多少职工", str),
    ("resources", "可利用资源", str),
    ("union_finding", "工会情况", _member(UnionFinding)),
    ("attitude", "对建会的态度", str),
    ("obstacle", "主要障碍", _member(Obstacle)),
    ("promise", "答应的下一步", _member(PromisedStep)),
    ("promised_on", "哪天之前", _day),
    ("requests", "诉求", _requests),
    ("request_note", "诉求", str),
    ("note", "备注", str),
    ("position", "位置", _position),
)
"""What a visit may say: the field, its title, and how its value is read aloud."""


def said(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Everything that a visit says, in the reader's language: title and value."""
    return [
        (texts.text(title), read(content[name]))
        for name, title, read in _FIELDS
        if content.get(name) not in (None, "", [])
    ]


def fields_of(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The fields of the form that says this, each with its value; chips come several times."""
    kept = ("uuid", "enterprise_id", "visited_at", "position", "requests", "concerns", "hardships")
    known = [name for name, *_ in _FIELDS if name not in kept]
    found = [(name, str(content[name])) for name in known if content.get(name) not in (None, "")]
    requests = content.get("requests") or []
    requests = requests if isinstance(requests, list) else str(requests).split(";")
    found += [("requests", str(kind)) for kind in requests]
    for chip, (note, words) in CHIPS.items():
        parts = [part for part in str(content.get(note) or "").split(";") if part]
        found += [(chip, part) for part in parts if part in words]
        if rest := ";".join(part for part in parts if part not in words):
            found.append((note, rest))
    return found

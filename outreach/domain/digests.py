"""A month of the district in words: sentences with their denominators, ready to send."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from outreach.domain.changes import ChangeKind
from outreach.domain.grid_figures import FEW, month_end, percent
from outreach.domain.wording import Sentence, Value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from outreach.domain.indicators import Counts, Goals, MonthCounts

MOST_AREAS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestFacts:
    """What is known of a month.

    `until` is the last day that the month's field work is counted to. `counts` are those of
    `counted_on`, `None` when the month was not counted on any day; `before` those at the end of
    the month before. `areas` are the townships with their counts.
    """

    month: date
    until: date
    work: MonthCounts
    work_before: MonthCounts | None
    counted_on: date | None = None
    counts: Counts | None = None
    before: Counts | None = None
    changes: Mapping[ChangeKind, int] = field(default_factory=dict)
    cases_opened: int = 0
    cases_ended: int = 0
    cases_open: int | None = None
    cases_overdue: int = 0
    areas: tuple[tuple[str, Counts], ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether the whole month is told, so that it may be compared with another."""
        return self.until == month_end(self.month)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A few sentences under one heading, which is a Chinese text of ours."""

    title: str
    sentences: tuple[Sentence, ...]


def write_digest(facts: DigestFacts, goals: Goals) -> tuple[Paragraph, ...]:
    """Write a month; a paragraph about which nothing is known is left out."""
    found = [("走访", _work(facts)), ("建会", _unions(facts)), ("覆盖", _coverage(facts, goals))]
    found += [("哪里最需要人手", _areas(facts)), ("诉求", _cases(facts)), ("变动", _changes(facts))]
    found.append(("数据", _data(facts)))
    return tuple(
        Paragraph(title=title, sentences=tuple(sentences))
        for title, sentences in found
        if sentences
    )


def _say(template: str, **values: Value) -> Sentence:
    return Sentence(template=template, values=values)


def _percent(part: int, whole: int) -> int:
    return percent(part, whole) if whole else 0


def _work(facts: DigestFacts) -> list[Sentence]:
    work = facts.work
    found = [
        _say(
            "走访 {visits} 次,其中见到人 {met} 次,涉及 {firms} 家企业。",
            visits=work.visits,
            met=work.met,
            firms=work.firms,
        ),
        _say(
            "各网格一共出门 {outings} 次,另有 {confirmed} 家一键确认没有变化。",
            outings=work.outings,
            confirmed=work.confirmed,
        ),
    ]
    if facts.work_before is None or not facts.work_before.visits:
        return found
    if not facts.is_over:
        found.append(_say("上月全月走访 {before} 次。", before=facts.work_before.visits))
    else:
        change = work.visits - facts.work_before.visits
        template = "比上月多 {change} 次。" if change >= 0 else "比上月少 {change} 次。"
        found.append(_say(template, change=abs(change)))
    return found


def _unions(facts: DigestFacts) -> list[Sentence]:
    counts = facts.counts
    if counts is None:
        return []
    found = [
        _say(
            "应建会 {should} 家,已建会 {founded} 家,占 {percent}%。",
            should=counts.should_have,
            founded=counts.with_union,
            percent=_percent(counts.with_union, counts.should_have),
        ),
        _say(
            "还没有建会的 {targets} 家里,有意向 {willing} 家,筹备中 {preparing} 家。",
            targets=counts.targets,
            willing=counts.willing,
            preparing=counts.preparing,
        ),
    ]
    if founded := facts.changes.get(ChangeKind.UNION_FOUNDED, 0):
        kind = ChangeKind.UNION_FOUNDED.value
        found.append(_say("登记表里本月新建工会 {count} 家。", count=founded, kind=kind))
    if counts.members:
        found.append(_say("这些工会有会员 {members} 人。", members=counts.members))
    return found


def _coverage(facts: DigestFacts, goals: Goals) -> list[Sentence]:
    counts = facts.counts
    if counts is None or facts.counted_on is None:
        return []
    share = _percent(counts.covered, counts.due)
    found = [
        _say(
            "截至 {day},应走访 {due} 家,30 天内走访过 {covered} 家,占 {percent}%。",
            day=facts.counted_on.isoformat(),
            due=counts.due,
            covered=counts.covered,
            percent=share,
        ),
        _say(
            "超期 {overdue} 家,还没有走访过 {never} 家。",
            overdue=counts.overdue,
            never=counts.never,
        ),
    ]
    if goals.covered is not None:
        found.append(_say("目标是 {goal}%。", goal=goals.covered))
    if facts.before is not None and facts.before.due:
        change = share - _percent(facts.before.covered, facts.before.due)
        template = (
            "比上月末高 {change} 个百分点。" if change >= 0 else "比上月末低 {change} 个百分点。"
        )
        found.append(_say(template, change=abs(change)))
    return found


def _areas(facts: DigestFacts) -> list[Sentence]:
    """The townships with the smallest share of their own due firms, where there are enough."""
    known = [(name, counts) for name, counts in facts.areas if name and counts.due >= FEW]
    known = [(name, counts) for name, counts in known if counts.covered < counts.due]
    known.sort(key=lambda area: (area[1].covered / area[1].due, -area[1].due))
    return [
        _say(
            "{township}:应走访 {due} 家,30 天内走访过 {covered} 家。",
            township=name,
            due=counts.due,
            covered=counts.covered,
        )
        for name, counts in known[:MOST_AREAS]
    ]


def _cases(facts: DigestFacts) -> list[Sentence]:
    found = []
    if facts.cases_opened or facts.cases_ended:
        found.append(
            _say(
                "本月收到 {opened} 件,了结 {ended} 件。",
                opened=facts.cases_opened,
                ended=facts.cases_ended,
            )
        )
    if facts.cases_open is not None and (facts.cases_open or found):
        found.append(
            _say(
                "现在还在办 {open} 件,其中已超期 {overdue} 件。",
                open=facts.cases_open,
                overdue=facts.cases_overdue,
            )
        )
    return found


_TOLD = {
    ChangeKind.NEW: "新增 {count} 家。",
    ChangeKind.CLOSED: "注销或迁出 {count} 家。",
    ChangeKind.CROSSED_UP: "人数超过标准的多了 {count} 家。",
    ChangeKind.CROSSED_DOWN: "人数降到标准以下 {count} 家。",
    ChangeKind.VANISHED: "登记表里不见了 {count} 家。",
}


def _changes(facts: DigestFacts) -> list[Sentence]:
    return [
        _say(template, count=facts.changes[kind], kind=kind.value)
        for kind, template in _TOLD.items()
        if facts.changes.get(kind)
    ]


def _data(facts: DigestFacts) -> list[Sentence]:
    counts = facts.counts
    if counts is None:
        return []
    return [
        _say(
            "档案里 {firms} 家企业,没有位置 {unplaced} 家,人数存疑 {doubtful} 家。",
            firms=counts.firms,
            unplaced=counts.firms - counts.placed,
            doubtful=counts.doubtful,
        )
    ]

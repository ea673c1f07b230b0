"""Service requests (诉求) of firms and their employees: kinds, steps and deadlines."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from outreach.domain.calendar import WorkCalendar

LONGEST_CASE_NOTE = 1000
"""Characters of the note of a case or of one of its steps."""

REOPENED_WITHIN = timedelta(days=30)
"""For so long after it ended a case may be taken up again (forms.md 3.3)."""

DUE_SOON = timedelta(days=2)
"""So long before its deadline a case is due."""


class CaseKind(StrEnum):
    """What is asked for."""

    TRAINING = "training"
    LEGAL = "legal"
    RECRUITMENT = "recruitment"
    AID = "aid"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {
            "training": "培训",
            "legal": "律师",
            "recruitment": "招聘发布",
            "aid": "困难帮扶",
            "other": "其他诉求",
        }[self.value]


class CaseState(StrEnum):
    """How far a case is. What was done is told to the firm before the case closes."""

    NEW = "new"
    TRIAGED = "triaged"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    CLOSED = "closed"
    DECLINED = "declined"
    REFERRED = "referred"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return _STATE_LABELS[self]

    @property
    def is_open(self) -> bool:
        """Whether somebody still has something to do."""
        return self not in _ENDED

    @property
    def note_label(self) -> str:
        """What the note of a step into this state says, in Chinese."""
        return _NOTE_LABELS.get(self, "说明")

    @property
    def needs_note(self) -> bool:
        """Whether a step into this state says something that nobody could find out later."""
        return self in _NOTE_LABELS


_STATE_LABELS = {
    CaseState.NEW: "新收到",
    CaseState.TRIAGED: "已分派",
    CaseState.IN_PROGRESS: "办理中",
    CaseState.DONE: "已办好,待回复企业",
    CaseState.CLOSED: "已回复,结案",
    CaseState.DECLINED: "不予办理",
    CaseState.REFERRED: "已转出",
}

_NOTE_LABELS = {
    CaseState.TRIAGED: "分派给谁",
    CaseState.DONE: "办了什么",
    CaseState.CLOSED: "怎么回复企业的",
    CaseState.DECLINED: "不予办理的理由",
    CaseState.REFERRED: "转给谁、为什么转",
}

_ENDED = frozenset({CaseState.CLOSED, CaseState.DECLINED, CaseState.REFERRED})

STEPS: dict[CaseState, tuple[CaseState, ...]] = {
    CaseState.NEW: (CaseState.TRIAGED, CaseState.DECLINED, CaseState.REFERRED),
    CaseState.TRIAGED: (CaseState.IN_PROGRESS, CaseState.DECLINED, CaseState.REFERRED),
    CaseState.IN_PROGRESS: (CaseState.DONE, CaseState.DECLINED, CaseState.REFERRED),
    CaseState.DONE: (CaseState.CLOSED, CaseState.IN_PROGRESS),
    CaseState.CLOSED: (),
    CaseState.DECLINED: (),
    CaseState.REFERRED: (),
}
"""Every legal step; an ended case is only ever reopened."""

WORKING_DAYS: dict[CaseState, int] = {
    CaseState.NEW: 1,
    CaseState.TRIAGED: 2,
    CaseState.IN_PROGRESS: 10,
    CaseState.DONE: 10,
}
"""Working days that a case may rest in a state (forms.md 3.3); the last one is a proposal."""

FIRST_LEGAL_ANSWER = 3
"""Working days until the first answer to a legal question (forms.md 3.3)."""


class Urgency(StrEnum):
    """How a case stands to its deadline."""

    OVERDUE = "overdue"
    DUE = "due"
    OPEN = "open"
    ENDED = "ended"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {"overdue": "已超期", "due": "快到期", "open": "办理期内", "ended": "已了结"}[
            self.value
        ]


def may_step(state: CaseState, to: CaseState) -> bool:
    """Whether a case may go from one state to another."""
    return to in STEPS[state]


def may_reopen(state: CaseState, ended_on: date | None, *, today: date) -> bool:
    """Whether an ended case may be taken up again; the last of the 30 days counts."""
    return not state.is_open and ended_on is not None and today - ended_on <= REOPENED_WITHIN


def deadline(kind: CaseKind, state: CaseState, since: date, calendar: WorkCalendar) -> date:
    """The last day on which a case that is in `state` since a day should leave it."""
    if kind is CaseKind.LEGAL and state is CaseState.IN_PROGRESS:
        return after_working_days(since, FIRST_LEGAL_ANSWER, calendar)
    return after_working_days(since, WORKING_DAYS.get(state, 0), calendar)


def after_working_days(day: date, count: int, calendar: WorkCalendar) -> date:
    """The day that lies `count` working days after `day`."""
    while count > 0:
        day += timedelta(days=1)
        count -= calendar.is_working_day(day)
    return day


def is_late(due_on: date, *, today: date) -> bool:
    """Whether a step is later than its deadline; the last day is in time."""
    return today > due_on


def urgency(state: CaseState, due_on: date, *, today: date) -> Urgency:
    """How a case stands to its deadline: the one answer for card, list and figures."""
    if not state.is_open:
        return Urgency.ENDED
    if is_late(due_on, today=today):
        return Urgency.OVERDUE
    return Urgency.DUE if due_on - today <= DUE_SOON else Urgency.OPEN


def count_urgencies(cases: Iterable[tuple[CaseState, date]], *, today: date) -> dict[Urgency, int]:
    """How many cases stand how, every urgency named."""
    found = dict.fromkeys(Urgency, 0)
    for state, due_on in cases:
        found[urgency(state, due_on, today=today)] += 1
    return found

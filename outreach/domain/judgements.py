"""What people decide about two records, why the machine asks, and what it asks first."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Verdict(StrEnum):
    """A person's answer to "are these two rows one enterprise?"."""

    SAME = "same"
    DIFFERENT = "different"
    LATER = "later"

    @property
    def label(self) -> str:
        """The answer on pages, in Chinese."""
        return {"same": "同一家", "different": "不是同一家", "later": "以后再说"}[self.value]

    @property
    def decides(self) -> bool:
        """Whether the answer changes who belongs together; "later" only postpones."""
        return self is not Verdict.LATER


class DoubtReason(StrEnum):
    """Why the machine leaves a pair to people."""

    BELOW = "below"
    RIVALS = "rivals"
    LISTED_TWICE = "listed_twice"
    CODES = "codes"
    PARENT_CODE = "parent_code"
    WEAK = "weak"

    @property
    def label(self) -> str:
        """A few words for lists and filters, in Chinese."""
        return _REASONS[self][0]

    @property
    def explanation(self) -> str:
        """The reason as a sentence, in Chinese."""
        return _REASONS[self][1]

    @property
    def is_about_codes(self) -> bool:
        """Whether the two may be asked about although their credit codes differ."""
        return self in {DoubtReason.CODES, DoubtReason.PARENT_CODE}

    @property
    def already_joined(self) -> bool:
        """Whether the machine has joined the two and asks only whether that was right."""
        return self is DoubtReason.WEAK


_REASONS = {
    DoubtReason.BELOW: (
        "依据还不够",
        "两行有相同之处,但合起来还没有达到自动归并的权重。",
    ),
    DoubtReason.RIVALS: (
        "两家都像",
        "这一行和不止一家企业都对得上,相差太小,机器不替人选。",
    ),
    DoubtReason.LISTED_TWICE: (
        "同一份名单里的两行",
        "同一份文件把它们列成两行。可能是重复登记,也可能是注销后重新登记的另一家。",
    ),
    DoubtReason.CODES: (
        "代码互相矛盾",
        "两行共用一个旧代码,统一社会信用代码却不同。机器从不把两个有效代码并成一家。",
    ),
    DoubtReason.PARENT_CODE: (
        "用了上级单位的代码",
        "其中一行写的是上级单位的代码,名称却是分支机构。请看它是不是这家分支机构。",
    ),
    DoubtReason.WEAK: (
        "已经归并,但依据偏弱",
        "机器已经把两行归为一家,不过名称并不相近,或者依据只比标准高一点,请确认。",
    ),
}


class RelationKind(StrEnum):
    """How two enterprises belong together without being one."""

    BRANCH_OF = "branch_of"
    SUCCESSOR_OF = "successor_of"
    UNION_COVERS = "union_covers"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedPair:
    """A verdict that stands, on two records; the order of the two means nothing."""

    left: int
    right: int
    verdict: Verdict


def agree(judged: Iterable[JudgedPair]) -> bool:
    """Whether no "different" stands between records that "same" connects."""
    parent: dict[int, int] = {}

    def root(record: int) -> int:
        while parent.get(record, record) != record:
            record = parent[record]
        return record

    verdicts = list(judged)
    for one in verdicts:
        if one.verdict is Verdict.SAME:
            parent[root(one.left)] = root(one.right)
    return all(
        root(one.left) != root(one.right) for one in verdicts if one.verdict is Verdict.DIFFERENT
    )


class QuestionState(StrEnum):
    """Whether a doubtful pair still wants an answer."""

    OPEN = "open"
    LATER = "later"
    DECIDED = "decided"
    MOOT = "moot"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {
            "open": "等待判断",
            "later": "以后再说",
            "decided": "已判断",
            "moot": "已由别的判断解决",
        }[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Where the two records of a question stand now.

    verdict : the standing judgement on just these two.
    together : whether they are in one enterprise.
    codes_differ : whether their enterprises have different credit codes.
    apart : whether a "different" on other rows stands between the two enterprises.
    """

    verdict: Verdict | None
    together: bool
    codes_differ: bool
    apart: bool


def question_state(reason: DoubtReason, now: Situation) -> QuestionState:
    """Whether a question is open, put off, answered, or settled by answers to others."""
    if now.verdict is not None:
        return QuestionState.DECIDED if now.verdict.decides else QuestionState.LATER
    settled_by_codes = now.codes_differ and not reason.is_about_codes
    if reason.already_joined is not now.together or now.apart or settled_by_codes:
        return QuestionState.MOOT
    return QuestionState.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """What an answer would change.

    flips_line : one of the two enterprises would cross the line of employees.
    flips_union : one of the two would be known to have a union, or no longer.
    left_rows, right_rows : how many rows each side brings.
    """

    flips_line: bool
    flips_union: bool
    left_rows: int
    right_rows: int


HALF_AS_CLOSE = 4.0
"""A pair this far from the threshold (in match weight) is asked half as early."""

LISTED_TWICE_BAR = 16.0
"""Two rows of one list need this much weight more to be taken for one firm entered twice: in the
development set 8 of 9 such pairs that were one firm had it, below it 1 of 38."""


def distance(reason: DoubtReason, weight: float | None, threshold: float) -> float:
    """How far from open the question is, in match weight.

    Where something else than the threshold holds the machine back (rivals, codes, a name), the
    answer is open however much the pair weighs.
    """
    if weight is None or reason is DoubtReason.RIVALS or reason.is_about_codes:
        return 0.0
    if reason is DoubtReason.LISTED_TWICE:
        return HALF_AS_CLOSE + max(0.0, threshold + LISTED_TWICE_BAR - weight)
    if reason is DoubtReason.WEAK:
        return min(HALF_AS_CLOSE, abs(weight - threshold))
    return abs(weight - threshold)


def priority(far: float, stake: Stake) -> float:
    """How early to ask: closeness to the threshold x what flips x rows that would move.

    `far` is what `distance` gives.
    """
    closeness = 1.0 / (1.0 + far / HALF_AS_CLOSE)
    flips = 1.0 + stake.flips_line + stake.flips_union
    return closeness * flips * stake.left_rows * stake.right_rows

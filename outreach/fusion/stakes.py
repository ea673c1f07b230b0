"""What the answer to each question would change, and so in which order people are asked."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.domain.enterprises import UnionStatus
from outreach.domain.judgements import Stake, distance, priority

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from outreach.domain.enterprises import Enterprise
    from outreach.fusion.links import DoubtfulPair, Linkage, RecordLink

    Fold = Callable[[Sequence[int]], Enterprise]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A doubtful pair with its priority."""

    pair: DoubtfulPair
    priority: float


def order_questions(
    linkage: Linkage, fold: Fold, *, threshold: float, employees_over: int
) -> list[Question]:
    """Order the doubtful pairs, the most useful question first.

    Parameters
    ----------
    fold : what some records say together, folded into one enterprise.
    threshold : match weight from which the machine joins by itself.
    employees_over : the line of employees whose crossing counts.
    """
    sides = _Sides(linkage)
    questions = []
    for pair in linkage.pairs:
        left, right = sides.of(pair)
        stake = _stake(fold, left, right, employees_over)
        far = distance(pair.reason, pair.weight, threshold)
        questions.append(Question(pair=pair, priority=priority(far, stake)))
    return sorted(questions, key=lambda q: (-q.priority, q.pair.left, q.pair.right))


def _stake(fold: Fold, left: Sequence[int], right: Sequence[int], employees_over: int) -> Stake:
    one, two, both = fold(left), fold(right), fold([*left, *right])
    return Stake(
        flips_line=any(
            _is_over(e, employees_over) != _is_over(both, employees_over) for e in (one, two)
        ),
        flips_union=any(_has_union(e) != _has_union(both) for e in (one, two)),
        left_rows=len(left),
        right_rows=len(right),
    )


def _is_over(enterprise: Enterprise, employees_over: int) -> bool:
    headcount = enterprise.headcount
    return headcount is not None and headcount.employees > employees_over


def _has_union(enterprise: Enterprise) -> bool:
    return enterprise.union_status is not UnionStatus.NONE


class _Sides:
    """The records that an answer would bring together, or take apart."""

    def __init__(self, linkage: Linkage) -> None:
        self._cluster = {record: cluster for cluster in linkage.clusters for record in cluster}
        self._links: dict[int, list[RecordLink]] = defaultdict(list)
        for link in linkage.joined:
            if self._cluster[link.left] is self._cluster[link.right]:
                self._links[self._cluster[link.left][0]].append(link)

    def of(self, pair: DoubtfulPair) -> tuple[Sequence[int], Sequence[int]]:
        """The two sides of a question."""
        left, right = self._cluster[pair.left], self._cluster[pair.right]
        if left is not right:
            return left, right
        cut = _reach(pair.left, self._links[left[0]], pair)
        return sorted(cut), [record for record in left if record not in cut]


def _reach(start: int, links: Iterable[RecordLink], cut: DoubtfulPair) -> set[int]:
    """All records that stay with `start` when the two of a pair are cut from each other."""
    beside: dict[int, set[int]] = defaultdict(set)
    for link in links:
        if (link.left, link.right) != (cut.left, cut.right):
            beside[link.left].add(link.right)
            beside[link.right].add(link.left)
    reached, waiting = {start}, [start]
    while waiting:
        for other in beside[waiting.pop()] - reached:
            reached.add(other)
            waiting.append(other)
    return reached

"""Which pairs of records are left to people: one question for each two clusters."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from outreach.domain.judgements import DoubtReason
from outreach.fusion.links import DoubtfulPair

if TYPE_CHECKING:
    from collections.abc import Iterable

    from outreach.fusion.clustering import Clusters, ComparedPair, Verdicts
    from outreach.fusion.comparisons import Decision
    from outreach.fusion.crosswalk import Crosswalk
    from outreach.fusion.profiles import Profile

WEAK_BAND = 6.0
"""A comparison that joined with less than this above the threshold is shown for confirmation."""

UNLIKE_NAMES = frozenset({"名称字号相同", "名称核心不同"})
"""Findings of the model beside which person, phone and place made a join. Of 39 such joins in the
development set 16 were wrong: sister firms of one owner in one office."""


def list_doubtful(
    found: Crosswalk, verdicts: Verdicts, decision: Decision
) -> tuple[DoubtfulPair, ...]:
    """What people should look at, each two clusters once, for the first of these reasons.

    A branch under its parent's code, credit codes that contradict each other, pairs in doubt, and
    joins that were only just made.
    """
    questions = _Questions(clusters=found.clusters)
    _ask_branches(found, questions)
    _ask_contested(found, questions)
    for pair, reason in verdicts.doubtful:
        if found.clusters.codes_agree(pair.left, pair.right):
            questions.ask(pair.left, pair.right, reason, pair)
    for pair in verdicts.joined:
        weak = pair.weight < decision.threshold + WEAK_BAND
        if weak or any(finding.label in UNLIKE_NAMES for finding in pair.findings):
            questions.confirm(pair)
    return tuple(questions.pairs)


@dataclass(slots=True, kw_only=True)
class _Questions:
    clusters: Clusters
    pairs: list[DoubtfulPair] = field(default_factory=list)
    asked: set[tuple[int, int]] = field(default_factory=set)

    def ask(
        self, one: int, two: int, reason: DoubtReason, pair: ComparedPair | None = None
    ) -> None:
        """Ask unless the two have met, were judged, or the same is asked of other rows of them."""
        left, right = sorted((self.clusters.root(one), self.clusters.root(two)))
        known = left == right or self.clusters.kept_apart(left, right)
        if known or (left, right) in self.asked:
            return
        self.asked.add((left, right))
        self._add(one, two, reason, pair)

    def confirm(self, pair: ComparedPair) -> None:
        """Show a join of the machine."""
        self._add(pair.left, pair.right, DoubtReason.WEAK, pair)

    def _add(self, one: int, two: int, reason: DoubtReason, pair: ComparedPair | None) -> None:
        self.pairs.append(
            DoubtfulPair(
                left=min(one, two),
                right=max(one, two),
                reason=reason,
                weight=pair.weight if pair else None,
                findings=pair.findings if pair else (),
            )
        )


def _ask_branches(found: Crosswalk, questions: _Questions) -> None:
    """A row under its parent's code against the registered branches of its name.

    The codes keep them apart, so no comparison was made. Without such a branch nothing is asked:
    that the row is no parent is settled by its name.
    """
    branches: dict[tuple[str, str], list[int]] = defaultdict(list)
    for profile in found.profiles:
        if profile.uscc:
            for name in _branch_names(profile):
                branches[name].append(profile.record_id)
    for profile in found.profiles:
        if profile.record_id in found.parents:
            for name in _branch_names(profile):
                for other in branches[name]:
                    questions.ask(profile.record_id, other, DoubtReason.PARENT_CODE)


def _branch_names(profile: Profile) -> set[tuple[str, str]]:
    return {(name.core, name.branch) for name in profile.names if name.core and name.branch}


def _ask_contested(found: Crosswalk, questions: _Questions) -> None:
    """Rows that share an older code although their credit codes differ."""
    for key in sorted(found.contested):
        members = _one_of_each(found.clusters, found.contested[key])
        for place, one in enumerate(members):
            for other in members[place + 1 :]:
                questions.ask(one, other, DoubtReason.CODES)


def _one_of_each(clusters: Clusters, members: Iterable[int]) -> list[int]:
    first: dict[int, int] = {}
    for member in members:
        first.setdefault(clusters.root(member), member)
    return list(first.values())

"""Clusters of records: union-find with the vetoes of codes and people, best-first joining."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.domain.judgements import DoubtReason
from outreach.domain.sources import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from outreach.fusion.comparisons import Decision
    from outreach.fusion.links import Finding
    from outreach.fusion.profiles import Profile


class Clusters:
    """Union-find that keeps credit codes, and what people hold to be different, apart.

    What is said of a cluster is kept at its root: `uscc` its own codes, `codes` all that its
    rows carry, a branch's row its parent's; `listed` the delivered files that its rows are from;
    `anchored` whether a code or a register makes it an enterprise by itself; `apart` the clusters
    that a person's "different" forbids. Only a person brings two codes into one cluster.
    """

    def __init__(self, profiles: Iterable[Profile], carried: Mapping[int, str]) -> None:
        self.parent: dict[int, int] = {}
        self.uscc: dict[int, frozenset[str]] = {}
        self.codes: dict[int, frozenset[str]] = {}
        self.listed: dict[int, frozenset[tuple[Source, int]]] = {}
        self.anchored: dict[int, bool] = {}
        self.apart: dict[int, set[int]] = {}
        for profile in profiles:
            record_id = profile.record_id
            self.parent[record_id] = record_id
            self.uscc[record_id] = frozenset({profile.uscc} - {""})
            self.codes[record_id] = frozenset({carried[record_id]} - {""})
            batch = None if profile.source is Source.VISIT else profile.batch
            self.listed[record_id] = frozenset({(profile.source, batch)} if batch else ())
            self.anchored[record_id] = bool(profile.uscc) or profile.source.is_register

    def root(self, record_id: int) -> int:
        """The record that stands for the whole cluster: its smallest."""
        while self.parent[record_id] != record_id:
            self.parent[record_id] = self.parent[self.parent[record_id]]
            record_id = self.parent[record_id]
        return record_id

    def keep_apart(self, first: int, second: int) -> None:
        """Forbid for good that the clusters of two records ever meet."""
        one, two = self.root(first), self.root(second)
        if one != two:
            self.apart.setdefault(one, set()).add(two)
            self.apart.setdefault(two, set()).add(one)

    def kept_apart(self, first: int, second: int) -> bool:
        """Whether a person's "different" stands between the two clusters."""
        return self.root(second) in self.apart.get(self.root(first), ())

    def codes_agree(self, first: int, second: int) -> bool:
        """Whether one of the two has no code, or both share one."""
        one, two = self.codes[self.root(first)], self.codes[self.root(second)]
        return not one or not two or not one.isdisjoint(two)

    def may_join(self, first: int, second: int) -> bool:
        """Whether no veto keeps the two clusters apart."""
        return self.codes_agree(first, second) and not self.kept_apart(first, second)

    def join(self, first: int, second: int, *, by_person: bool = False) -> bool:
        """Join two clusters; `False` when a veto forbids it. A person overrules that of codes."""
        one, two = sorted((self.root(first), self.root(second)))
        if one == two:
            return True
        if self.kept_apart(one, two) or not (by_person or self.codes_agree(one, two)):
            return False
        self.parent[two] = one
        self.uscc[one] |= self.uscc[two]
        self.codes[one] |= self.codes[two]
        if by_person and self.uscc[one]:
            self.codes[one] = self.uscc[one]  # whose branch it is has been said: not the parent's
        self.listed[one] |= self.listed[two]
        self.anchored[one] |= self.anchored[two]
        self._inherit_apart(one, two)
        return True

    def _inherit_apart(self, one: int, two: int) -> None:
        for other in self.apart.pop(two, ()):
            self.apart[other].discard(two)
            self.apart[other].add(one)
            self.apart.setdefault(one, set()).add(other)

    def listed_twice(self, first: int, second: int, *, same_name: bool) -> bool:
        """Whether one delivered file has rows of both, and so holds them to be two enterprises.

        The registers and the tax office list an enterprise once. The others may have several
        accounts or unions of one employer, but then under one name.
        """
        both = self.listed[self.root(first)] & self.listed[self.root(second)]
        return any(not same_name or source.lists_once for source, _ in both)

    def is_anchor(self, record_id: int) -> bool:
        """Whether the cluster is an enterprise by itself: it has a code or a register's row."""
        return self.anchored[self.root(record_id)]

    def groups(self) -> Iterator[tuple[int, ...]]:
        """The clusters, by their smallest record; the records of each ascend."""
        found: dict[int, list[int]] = {}
        for record_id in sorted(self.parent):
            found.setdefault(self.root(record_id), []).append(record_id)
        yield from map(tuple, found.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedPair:
    """What the comparison of two records found; `weight` is its match weight."""

    left: int
    right: int
    weight: float
    findings: tuple[Finding, ...] = ()
    same_name: bool = False

    @property
    def evidence(self) -> str:
        """What speaks for the pair, in words, the strongest first."""
        ordered = sorted(self.findings, key=lambda finding: -finding.weight)
        return "、".join(finding.label for finding in ordered if finding.weight > 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What became of the compared pairs.

    joined : those that joined two clusters, the heaviest first.
    withheld : those that only a person's "different" kept from joining.
    doubtful : those left in doubt, with the reason.
    """

    joined: tuple[ComparedPair, ...]
    withheld: tuple[ComparedPair, ...] = ()
    doubtful: tuple[tuple[ComparedPair, DoubtReason], ...] = ()

    @property
    def in_order(self) -> list[ComparedPair]:
        """Joined and withheld pairs in the order in which they were tried."""
        return sorted([*self.joined, *self.withheld], key=_best_first)


def join_best_first(
    clusters: Clusters, pairs: Iterable[ComparedPair], decision: Decision
) -> Verdicts:
    """Join clusters along the pairs, the heaviest first.

    A cluster without a credit code joins the enterprise with a code that fits it best, but only
    when that leads the second best by the margin. Two rows of one delivery of a register are left
    to people: most often they are a dead firm and its successor.
    """
    ordered = sorted(pairs, key=_best_first)
    rivals = _Rivals(clusters, ordered)
    joined: list[ComparedPair] = []
    withheld: list[ComparedPair] = []
    doubtful: list[tuple[ComparedPair, DoubtReason]] = []
    for pair in ordered:
        left, right = clusters.root(pair.left), clusters.root(pair.right)
        if pair.weight < decision.doubt:
            break
        if left == right or not clusters.codes_agree(left, right):
            continue
        listed_twice = clusters.listed_twice(left, right, same_name=pair.same_name)
        if clusters.kept_apart(left, right):
            if pair.weight >= decision.threshold and not listed_twice:
                withheld.append(pair)
        elif listed_twice:
            doubtful.append((pair, DoubtReason.LISTED_TWICE))
        elif pair.weight < decision.threshold:
            doubtful.append((pair, DoubtReason.BELOW))
        elif rivals.lead(left, right) < decision.margin:
            doubtful.append((pair, DoubtReason.RIVALS))
        else:
            clusters.join(left, right)
            rivals.merge(left, right)
            joined.append(pair)
    still = (d for d in doubtful if clusters.root(d[0].left) != clusters.root(d[0].right))
    return Verdicts(joined=tuple(joined), withheld=tuple(withheld), doubtful=tuple(still))


def _best_first(pair: ComparedPair) -> tuple[float, int, int]:
    return (-pair.weight, pair.left, pair.right)


class _Rivals:
    """For each cluster without a code its best weight to every enterprise it might belong to."""

    def __init__(self, clusters: Clusters, pairs: Iterable[ComparedPair]) -> None:
        self._clusters = clusters
        self._best: dict[int, dict[int, float]] = {}
        for pair in pairs:
            left, right = clusters.root(pair.left), clusters.root(pair.right)
            for one, other in ((left, right), (right, left)):
                if clusters.is_anchor(other) and not clusters.uscc[one]:
                    found = self._best.setdefault(one, {})
                    found[other] = max(pair.weight, found.get(other, pair.weight))

    def lead(self, one: int, other: int) -> float:
        """By how much the best enterprise for both clusters leads the second best."""
        weights: dict[int, float] = {}
        for cluster in (one, other):
            for anchor, weight in self._best.get(cluster, {}).items():
                root = self._clusters.root(anchor)
                if root != self._clusters.root(cluster) and not self._forbidden(one, other, root):
                    weights[root] = max(weight, weights.get(root, weight))
        best = sorted(weights.values(), reverse=True)
        return best[0] - best[1] if len(best) > 1 else float("inf")

    def _forbidden(self, one: int, other: int, root: int) -> bool:
        """Whether people hold it to be another enterprise, so that it is no rival."""
        kept_apart = self._clusters.kept_apart
        return kept_apart(one, root) or kept_apart(other, root)

    def merge(self, one: int, other: int) -> None:
        """Two clusters became one: their candidates are one list, empty once a code is found."""
        first, second = self._best.pop(one, {}), self._best.pop(other, {})
        root = self._clusters.root(one)
        if self._clusters.uscc[root]:
            return
        for anchor, weight in second.items():
            first[anchor] = max(weight, first.get(anchor, weight))
        self._best[root] = first

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

    def is_union(self, record_id: int) -> bool:
        """Whether all that is known so far are rows of a union register."""
        listed = self.listed[self.root(record_id)]
        return bool(listed) and all(source is Source.MEMBERS for source, _ in listed)

    def groups(self) -> Iterator[tuple[int, ...]]:
        """The clusters, by their smallest record; the records of each ascend."""
        found: dict[int, list[int]] = {}
        for record_id in sorted(self.parent):
            found.setdefault(self.root(record_id), []).append(record_id)
        yield from map(tuple, found.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedPair:
    """What the comparison of two records found; `weight` is its match weight.

    `shared` is the part of it that rests on what the firms of one owner have in common, `None`
    where one of the two tells nothing of it.
    """

    left: int
    right: int
    weight: float
    findings: tuple[Finding, ...] = ()
    same_name: bool = False
    shared: float | None = None

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
        elif rivals.lead(pair) < decision.margin:
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
    """For each cluster without a code its best pair with every enterprise it might belong to."""

    def __init__(self, clusters: Clusters, pairs: Iterable[ComparedPair]) -> None:
        self._clusters = clusters
        self._best: dict[int, dict[int, ComparedPair]] = {}
        for pair in pairs:  # the heaviest first
            left, right = clusters.root(pair.left), clusters.root(pair.right)
            for one, other in ((left, right), (right, left)):
                if clusters.is_anchor(other) and not clusters.uscc[one]:
                    self._best.setdefault(one, {}).setdefault(other, pair)

    def lead(self, pair: ComparedPair) -> float:
        """By how much the best enterprise for both clusters leads the second best."""
        one, other = self._clusters.root(pair.left), self._clusters.root(pair.right)
        weights: dict[int, float] = {}
        for cluster in (one, other):
            for root, found in self._rivals(cluster, one, other):
                weights[root] = max(found.weight, weights.get(root, found.weight))
        best = sorted(weights.values(), reverse=True)
        lead = best[0] - best[1] if len(best) > 1 else float("inf")
        return min(lead, self._lead_of_union(one, other, pair))

    def _lead_of_union(self, one: int, other: int, pair: ComparedPair) -> float:
        """By how much a union fits this enterprise better than the next, on what both tell.

        A dead firm, its successor and their sisters have an owner, an address and often a phone in
        common. Where the rival tells no phone, the same phone does not speak against it.
        """
        lead = float("inf")
        for union, enterprise in ((one, other), (other, one)):
            if not self._clusters.is_union(union) or not self._clusters.is_anchor(enterprise):
                continue
            for root, found in self._rivals(union, one, other):
                if root != enterprise:
                    unearned = max(0.0, pair.shared or 0.0) if found.shared is None else 0.0
                    lead = min(lead, pair.weight - unearned - found.weight)
        return lead

    def _rivals(self, cluster: int, one: int, other: int) -> Iterator[tuple[int, ComparedPair]]:
        """The enterprises a cluster might belong to, without those that people hold apart."""
        kept_apart = self._clusters.kept_apart
        for anchor, found in self._best.get(cluster, {}).items():
            root = self._clusters.root(anchor)
            if root != cluster and not kept_apart(one, root) and not kept_apart(other, root):
                yield root, found

    def merge(self, one: int, other: int) -> None:
        """Two clusters became one: their candidates are one list, empty once a code is found."""
        first, second = self._best.pop(one, {}), self._best.pop(other, {})
        root = self._clusters.root(one)
        if self._clusters.uscc[root]:
            return
        for anchor, pair in second.items():
            first[anchor] = min(pair, first.get(anchor, pair), key=_best_first)
        self._best[root] = first

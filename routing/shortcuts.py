"""Shortcuts past the lesser junctions, so that many quickest ways are found in little time.

Junctions are removed one independent set after the other, those with few neighbours first; each
leaves a direct arc wherever a way led through it (a contraction hierarchy without an order by
importance: Geisberger, Sanders, Schultes and Delling, 2008). What is left is the core. A quickest
way climbs from its start over removed junctions, runs through the core, and comes down again, so a
search from both ends visits a few junctions below the core beside the core itself. Weights add up
exactly, so the answers are those of a search through all junctions, to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

SMALLEST_CORE = 2000
"""Junctions at which removing ends. Measured on 60,000 junctions: smaller cores are denser, take
longer to make and gain nothing."""

MOST_ARCS = (8, 12, 16, 20, 24, 28)
"""Junctions with more arcs are not removed: of the first round, the second and so on."""

LEAST_REMOVED = 0.02
"""A round that removes a smaller share ends the removing: the core is as dense as it gets."""


@dataclass(frozen=True, slots=True, eq=False)
class Arcs:
    """Arcs between numbered junctions: `tails`, `heads` (k,) int64, `weights` (k,) float64."""

    tails: NDArray[np.int64]
    heads: NDArray[np.int64]
    weights: NDArray[np.float64]

    def chosen(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> Arcs:
        """Return some of the arcs."""
        return Arcs(self.tails[which], self.heads[which], self.weights[which])

    def matrix(self, size: int) -> csr_array:
        """Return the arcs as a matrix; no arc may be there twice, or weights would add up."""
        from scipy.sparse import csr_array

        return csr_array((self.weights, (self.tails, self.heads)), shape=(size, size))


@dataclass(frozen=True, slots=True, eq=False)
class Doors:
    """How places lie beside junctions: place `places[i]` and `junctions[i]` are `weights[i]` apart.

    Used for the ways out of places and for the ways into them.
    """

    places: NDArray[np.int64]
    junctions: NDArray[np.int64]
    weights: NDArray[np.float64]


def lightest(arcs: Arcs, size: int) -> tuple[Arcs, NDArray[np.int64]]:
    """Return the lightest of parallel arcs, sorted by tail and head, and which they were."""
    key = arcs.tails * size + arcs.heads
    order = np.lexsort((arcs.weights, key))
    first = np.append(True, np.diff(key[order]) != 0)[: len(order)]
    chosen = order[first]
    return arcs.chosen(chosen), chosen


class Shortcuts:
    """The arcs of a network with shortcuts.

    `up` leads from removed junctions and inside the core, `down` to removed junctions. `in_core`
    (junctions,) says which were not removed.
    """

    def __init__(self, up: Arcs, down: Arcs, in_core: NDArray[np.bool_]) -> None:
        self.up, self.down, self.in_core = up, down, in_core

    @classmethod
    def of(cls, arcs: Arcs, size: int, *, smallest_core: int = SMALLEST_CORE) -> Shortcuts:
        """Remove junctions until `smallest_core` are left or what is left is dense."""
        arcs, _ = lightest(arcs.chosen(arcs.tails != arcs.heads), size)
        in_core = np.ones(size, dtype=bool)
        draw = np.random.default_rng(0)
        up, down = [], []
        number = 0
        while in_core.sum() > smallest_core:
            most = MOST_ARCS[min(number, len(MOST_ARCS) - 1)]
            removed = _independent(arcs, in_core, most, draw.random(size))
            if removed.sum() < LEAST_REMOVED * in_core.sum():
                break
            leaving, entering = removed[arcs.tails], removed[arcs.heads]
            up.append(arcs.chosen(leaving))
            down.append(arcs.chosen(entering))
            made = _bridges(up[-1], down[-1], size)
            rest = arcs.chosen(~leaving & ~entering)
            arcs = _needed(lightest(_joined([rest, made]), size)[0], size)
            in_core &= ~removed
            number += 1
        return cls(_joined([*up, arcs]), _joined(down), in_core)

    def columns(self) -> dict[str, NDArray[np.generic]]:
        """Return what `from_columns` takes, for a file."""
        found: dict[str, NDArray[np.generic]] = {"in_core": self.in_core}
        for name, arcs in (("up", self.up), ("down", self.down)):
            # Counties have fewer junctions than 2^31; half the size of the file matters.
            found[f"{name}_tails"] = arcs.tails.astype(np.int32)
            found[f"{name}_heads"] = arcs.heads.astype(np.int32)
            found[f"{name}_weights"] = arcs.weights
        return found

    @classmethod
    def from_columns(cls, columns: Mapping[str, NDArray[np.generic]]) -> Shortcuts:
        """Return what `columns` was asked of."""

        def arcs(name: str) -> Arcs:
            return Arcs(
                columns[f"{name}_tails"].astype(np.int64),
                columns[f"{name}_heads"].astype(np.int64),
                columns[f"{name}_weights"].astype(np.float64),
            )

        return cls(arcs("up"), arcs("down"), columns["in_core"].astype(bool))

    @cached_property
    def _upwards(self) -> csr_array:
        return self.up.matrix(len(self.in_core))

    @cached_property
    def _downwards(self) -> csr_array:
        """The arcs down, turned round: what climbs from a place to whence it is reached."""
        turned = Arcs(self.down.heads, self.down.tails, self.down.weights)
        return turned.matrix(len(self.in_core))

    def between(self, out: Doors, into: Doors, places: int) -> NDArray[np.float64]:
        """Return the (places, places) weights of the quickest ways over junctions; inf for none."""
        known = self.in_core.copy()
        _climb(self._upwards, known, out.junctions)
        _climb(self._downwards, known, into.junctions)
        kept = np.flatnonzero(known)
        there = _search(self._upwards, kept, out, places)
        back = _search(self._downwards, kept, into, places)
        found = np.full((places, places), np.inf)
        for place in range(places):
            met = np.flatnonzero(np.isfinite(back[place]))
            if len(met):
                found[:, place] = (there[:, met] + back[place, met]).min(axis=1)
        return found


def _search(
    graph: csr_array, kept: NDArray[np.int64], doors: Doors, places: int
) -> NDArray[np.float64]:
    """Return the (places, kept) weights from each place to the junctions that are kept."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    size = len(kept)
    small = graph[kept][:, kept]
    arcs, _ = lightest(
        Arcs(doors.places, np.searchsorted(kept, doors.junctions), doors.weights), size
    )
    counts = np.bincount(arcs.tails, minlength=places)
    whole = csr_array(
        (
            np.concatenate([small.data, arcs.weights]),
            np.concatenate([small.indices, arcs.heads]).astype(np.int32),
            np.concatenate([small.indptr, small.indptr[-1] + np.cumsum(counts)]).astype(np.int32),
        ),
        shape=(size + places, size + places),
    )
    found: NDArray[np.float64] = dijkstra(whole, indices=np.arange(size, size + places))
    return found[:, :size]


def _climb(graph: csr_array, known: NDArray[np.bool_], start: NDArray[np.int64]) -> None:
    """Mark in `known` what is above `start`; nothing above what is known already is sought."""
    front = np.unique(start)
    front = front[~known[front]]
    while len(front):
        known[front] = True
        above = np.unique(graph[front].indices.astype(np.int64))
        front = above[~known[above]]


def _independent(
    arcs: Arcs, in_core: NDArray[np.bool_], most: int, draw: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return junctions with at most `most` arcs, no two of them neighbours, fewest arcs first."""
    size = len(in_core)
    count = np.bincount(arcs.tails, minlength=size) + np.bincount(arcs.heads, minlength=size)
    turn = np.where(in_core & (count <= most), count + draw, np.inf)
    least = np.full(size, np.inf)
    np.minimum.at(least, arcs.tails, turn[arcs.heads])
    np.minimum.at(least, arcs.heads, turn[arcs.tails])
    chosen: NDArray[np.bool_] = turn < least
    return chosen & np.isfinite(turn)


def _bridges(leaving: Arcs, entering: Arcs, size: int) -> Arcs:
    """Return an arc for every way into a removed junction and out of it; `leaving` is sorted."""
    first, second = _followed(entering.heads, leaving, size)
    made = Arcs(
        entering.tails[first],
        leaving.heads[second],
        entering.weights[first] + leaving.weights[second],
    )
    return made.chosen(made.tails != made.heads)


def _needed(arcs: Arcs, size: int) -> Arcs:
    """Return sorted `arcs` without those that two others replace, which are lighter each."""
    first, second = _followed(arcs.heads, arcs, size)
    key = arcs.tails * size + arcs.heads
    wanted = arcs.tails[first] * size + arcs.heads[second]
    place = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
    better = arcs.weights[first] + arcs.weights[second] <= arcs.weights[place]
    needless = np.zeros(len(key), dtype=bool)
    needless[place[(key[place] == wanted) & better]] = True
    return arcs.chosen(~needless)


def _followed(
    heads: NDArray[np.int64], arcs: Arcs, size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return all pairs (i, j) with arc j of the sorted `arcs` beginning at `heads[i]`."""
    count = np.bincount(arcs.tails, minlength=size)
    begin = np.concatenate([[0], np.cumsum(count)])
    many = count[heads]
    first = np.repeat(np.arange(len(heads)), many)
    within = np.arange(len(first)) - np.repeat(np.cumsum(many) - many, many)
    return first, np.repeat(begin[heads], many) + within


def _joined(parts: list[Arcs]) -> Arcs:
    empty = Arcs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    parts = parts or [empty]
    return Arcs(
        np.concatenate([part.tails for part in parts]),
        np.concatenate([part.heads for part in parts]),
        np.concatenate([part.weights for part in parts]),
    )

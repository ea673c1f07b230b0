"""Routes under construction: where each stop would fit best."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from routing.instance import Instance
    from routing.kernel import Real, State


class Tours:
    """Orders of stops, one per shift, with the best place of every stop in every shift.

    `gain[k, i]` is what inserting stop i into shift k at position `place[k, i]` adds to the
    objective, without the worth of a further day; -NEVER where it cannot be inserted.
    """

    def __init__(self, instance: Instance) -> None:
        # Loaded here and not above: it takes a third of a second, which only a search should pay.
        from routing import kernel

        self.instance, self.data, self.kernel = instance, instance.data, kernel
        self.state = no_orders(instance)
        for k in range(instance.m):
            kernel.refresh(self.data, self.state, k)

    @property
    def orders(self) -> list[list[int]]:
        """The orders, as lists of their own."""
        return self.copy_orders()

    @property
    def gain(self) -> NDArray[np.int64]:
        """What inserting a stop adds, (shifts, stops)."""
        return self.state.gain

    @property
    def worth(self) -> list[int]:
        """What each shift's order is worth."""
        return [int(worth) for worth in self.state.worth]

    @property
    def absent(self) -> NDArray[np.bool_]:
        """Which stops no shift serves."""
        return self.state.shift_of < 0

    def copy_orders(self) -> list[list[int]]:
        """Return the orders as lists of their own."""
        rows = zip(self.state.orders.tolist(), self.state.length.tolist(), strict=True)
        return [row[:length] for row, length in rows]

    def load(self, orders: Sequence[Sequence[int]]) -> None:
        """Take over `orders`, feasible, and work out again what differs."""
        for k, (order, before) in enumerate(zip(orders, self.copy_orders(), strict=True)):
            if before != list(order):
                self._write(k, order)
                self.kernel.refresh(self.data, self.state, k)
        self.state.shift_of[:] = -1
        for k, order in enumerate(orders):
            self.state.shift_of[list(order)] = k

    def try_replace(self, k: int, order: list[int]) -> bool:
        """Make `order` the order of shift k, or return False where it cannot be kept.

        Even an order with a stop less can be late: the triangle inequality is not promised.
        """
        before = self.state.orders[k, : self.state.length[k]].tolist()
        if len(order) > self.data.most[k]:
            return False
        self._write(k, order)
        if not self.kernel.refresh(self.data, self.state, k):
            self._write(k, before)
            self.kernel.refresh(self.data, self.state, k)
            return False
        self.state.shift_of[before] = -1
        self.state.shift_of[order] = k
        return True

    def _write(self, k: int, order: Sequence[int]) -> None:
        self.state.orders[k, : len(order)] = order
        self.state.length[k] = len(order)

    def insert(self, k: int, stop: int) -> None:
        """Insert `stop` at its best place in shift k."""
        self.kernel.insert(self.data, self.state, k, stop)

    def fill(self, ranking: int, spread: Real | None = None) -> None:
        """Insert absent stops, best ranked first, while any gains."""
        if spread is None:
            spread = np.ones((self.instance.m, self.instance.n))
        self.kernel.fill(self.data, self.state, ranking, spread)

    def objective(self) -> int:
        """Return the objective, with every missed required stop counted as 0 instead of less."""
        return int(self.kernel.objective_of(self.data, self.state))

    def take(self, orders: Sequence[Sequence[int]]) -> None:
        """Take over what can be kept of `orders`, which may be late or too near each other."""
        for k, order in enumerate(orders):
            whole = not self.instance.kin and bool(self.absent[list(order)].all())
            if not (whole and self.try_replace(k, list(order))):
                self._take_order(k, list(order))

    def take_into(self, orders: Sequence[Sequence[int]]) -> None:
        """Take over what can be kept of `orders` in shifts that are empty; others stay."""
        for k, order in enumerate(orders):
            if order and not self.state.length[k]:
                self._take_order(k, list(order))

    def _take_order(self, k: int, order: list[int]) -> None:
        kept: list[int] = []
        for i in order:
            if self.state.shift_of[i] >= 0 or self._too_near(k, i):
                continue
            if self.try_replace(k, [*kept, i]):
                kept.append(i)

    def _too_near(self, k: int, i: int) -> bool:
        return i in self.instance.kin and self.kernel.too_near(self.data, self.state, k, i)


def no_orders(instance: Instance) -> State:
    """Return room for orders of an instance, all empty; nothing is worked out yet."""
    from routing.kernel import State

    m, n = instance.m, instance.n
    return State(
        orders=np.zeros((m, n + 1), dtype=np.int64),
        length=np.zeros(m, dtype=np.int64),
        shift_of=np.full(n, -1, dtype=np.int64),
        worth=np.zeros(m, dtype=np.int64),
        gain=np.zeros((m, n), dtype=np.int64),
        place=np.zeros((m, n), dtype=np.int64),
        stretch=np.zeros((m, n), dtype=np.int64),
    )


def longest_rise(ranks: Sequence[int]) -> set[int]:
    """Return the places of one longest rising subsequence."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int | None] = []
    for place, rank in enumerate(ranks):
        at = bisect_left(ends, rank)
        before.append(last[at - 1] if at else None)
        ends[at : at + 1], last[at : at + 1] = [rank], [place]
    found: set[int] = set()
    place_or_none = last[-1] if last else None
    while place_or_none is not None:
        found.add(place_or_none)
        place_or_none = before[place_or_none]
    return found

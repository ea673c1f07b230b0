"""The inner loops of the search, compiled: when stops can be served and what inserting them adds.

Stops are numbered 0..n-1 and shifts 0..m-1; start and end of shift k are the nodes n + 2k and
n + 2k + 1. All times are whole seconds.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.compiled import compiled
from routing.instance import FORCE, NEVER

Whole = NDArray[np.int64]
Real = NDArray[np.float64]

LONG_WAY_S = 20_000.0
"""A detour that no day holds: five hours and a half. Longer ones count as this."""

LONGEST_COUNTED_S = 4 * 10**9
"""A way counts as this at most, so that its weighted length stays inside 64 bits."""

BY_GAIN, BY_GAIN_PER_TIME, BY_REGRET, BY_WAY_REGRET = 0, 1, 2, 3
"""How stops are ranked for insertion: by gain; by gain per time taken; by gain and what would be
lost without the best shift; the same by the way instead of the gain."""


class Data(NamedTuple):
    """A problem as arrays.

    `travel` and `taken` are (modes, nodes, nodes) from row to column, the ones named `_to` from
    column to row; `taken` is travel and set-up. `opens` and `closes` are (shifts, windows, stops),
    `may`, `stay` and `rank` (shifts, stops). The siblings of stop i, visits to the same firm that
    keep a gap of days, are `kin[kin_from[i]:kin_from[i + 1]]`. `weights` are the travel weight, the
    worth of staying in order, the least number of days, the penalty of a day too few, the number
    of other days served before, and 1 where a stop must keep a position and where anything must or
    should stay.
    """

    travel: Whole
    travel_to: Whole
    taken: Whole
    taken_to: Whole
    mode: Whole
    service: Whole
    value: Whole
    opens: Whole
    closes: Whole
    may: NDArray[np.bool_]
    stay: Whole
    rank: Whole
    pinned: Whole
    kin_from: Whole
    kin: Whole
    kin_days: Whole
    day: Whole
    day_number: Whole
    served_before: NDArray[np.bool_]
    start_s: Whole
    end_s: Whole
    most: Whole
    weights: Whole
    near: Whole
    forced: Whole


class State(NamedTuple):
    """Orders of stops with the best place of every stop in every shift.

    `orders[k, :length[k]]` is the order of shift k, `shift_of[i]` the shift of stop i or -1.
    `gain[k, i]` is what inserting stop i into shift k at `place[k, i]` adds to the objective,
    without the worth of a further day, and `stretch` the travel it adds; -NEVER where it cannot.
    """

    orders: Whole
    length: Whole
    shift_of: Whole
    worth: Whole
    gain: Whole
    place: Whole
    stretch: Whole


@compiled
def _leaves(data: Data, state: State, k: int, leave: Whole) -> bool:
    """Write when each node of shift k but the last is left at the earliest; False where late."""
    n, count, mode = data.service.size, state.length[k], data.mode[k]
    clock, before = data.start_s[k], n + 2 * k
    leave[0] = clock
    for position in range(count):
        i = state.orders[k, position]
        start = _first_start(data, k, i, clock + data.taken[mode, before, i])
        if start == NEVER:
            return False
        clock = start + data.service[i]
        leave[position + 1] = clock
        before = i
    return bool(clock + data.taken[mode, before, n + 2 * k + 1] <= data.end_s[k])


@compiled
def _first_start(data: Data, k: int, i: int, arrive: int) -> int:
    for w in range(data.opens.shape[1]):
        if arrive <= data.closes[k, w, i]:
            return int(max(arrive, data.opens[k, w, i]))
    return NEVER


@compiled
def _ends(data: Data, state: State, k: int, latest: Whole) -> None:
    """Write when each node of shift k but the first must be started at the latest."""
    n, count, mode = data.service.size, state.length[k], data.mode[k]
    clock, after = data.end_s[k], n + 2 * k + 1
    latest[count] = clock
    for position in range(count - 1, -1, -1):
        i = state.orders[k, position]
        clock -= data.taken[mode, i, after] + data.service[i]
        for w in range(data.opens.shape[1] - 1, -1, -1):
            if data.opens[k, w, i] <= clock:
                clock = min(clock, data.closes[k, w, i])
                break
        latest[position] = clock
        after = i


@compiled
def _worth_of_staying(data: Data, state: State, k: int) -> int:
    """Return what the order is worth for keeping published shifts, orders and positions."""
    worth, count = 0, state.length[k]
    if not data.weights[6]:
        return 0
    rises = np.zeros(count, dtype=np.int64)
    ranked = longest = 0
    for position in range(count):
        i = state.orders[k, position]
        worth += data.stay[k, i]
        if data.pinned[i] >= 0 and data.pinned[i] != position:
            worth -= FORCE // 2
        rank = data.rank[k, i]
        if rank < 0:
            continue
        ranked += 1
        rises[position] = 1
        for earlier in range(position):
            other = data.rank[k, state.orders[k, earlier]]
            if 0 <= other < rank:
                rises[position] = max(rises[position], rises[earlier] + 1)
        longest = max(longest, rises[position])
    return int(worth - data.weights[1] * (ranked - longest))


@compiled
def refresh(data: Data, state: State, k: int) -> bool:
    """Work out again the worth of shift k and the best place of every stop in it.

    Returns False, with nothing promised about shift k, where its order cannot be kept.
    """
    n, count, mode = data.service.size, state.length[k], data.mode[k]
    if count > data.most[k]:
        return False
    leave, latest = np.empty(count + 1, dtype=np.int64), np.empty(count + 1, dtype=np.int64)
    if not _leaves(data, state, k, leave):
        return False
    worth = _worth_of_staying(data, state, k)
    best = state.stretch[k]
    best[:] = NEVER
    state.place[k] = 0
    full = count == data.most[k]
    if not full:
        _ends(data, state, k, latest)
    before = n + 2 * k
    for position in range(count + 1):
        after = state.orders[k, position] if position < count else n + 2 * k + 1
        leg = data.travel[mode, before, after]
        worth -= data.weights[0] * leg
        if position < count:
            worth += data.value[after]
        if not full:
            nodes = (before, after, position)
            _try_position(data, state, k, nodes, leave[position], latest[position])
        before = after
    state.worth[k] = worth
    _write_gains(data, state, k)
    return True


@compiled
def _try_position(
    data: Data, state: State, k: int, nodes: tuple[int, int, int], left: int, latest: int
) -> None:
    """Note for every stop whether a position of shift k is its best so far."""
    before, after, position = nodes
    mode = data.mode[k]
    leg = data.travel[mode, before, after]
    taken, taken_to = data.taken[mode, before], data.taken_to[mode, after]
    travel, travel_to = data.travel[mode, before], data.travel_to[mode, after]
    stretch, place = state.stretch[k], state.place[k]
    # Loops without branches: the compiler does several stops at a time.
    if data.opens.shape[1] == 2 and not data.weights[5]:  # noqa: PLR2004
        low, high, low_2, high_2 = (
            data.opens[k, 0],
            data.closes[k, 0],
            data.opens[k, 1],
            data.closes[k, 1],
        )
        for i in range(stretch.size):
            arrive = left + taken[i]
            first, second = max(arrive, low[i]), max(arrive, low_2[i])
            by_first, by_second = high[i], high_2[i]
            start = second if arrive <= by_second else NEVER
            start = first if arrive <= by_first else start
            added = travel[i] + travel_to[i] - leg
            end = start + data.service[i] + taken_to[i]
            known, at = stretch[i], place[i]
            better = (end <= latest) & (added < known)
            stretch[i] = added if better else known
            place[i] = position if better else at
        return
    starts = _first_starts(data, k, left, taken)
    for i in range(stretch.size):
        added = travel[i] + travel_to[i] - leg
        better = (starts[i] + data.service[i] + taken_to[i] <= latest) & (added < stretch[i])
        if better and _keeps_positions(data, state, k, i, position):
            stretch[i], place[i] = added, position


@compiled
def _first_starts(data: Data, k: int, left: int, taken: Whole) -> Whole:
    """Return when each stop could be started by who leaves the node before at `left`."""
    start = np.full(data.service.size, NEVER, dtype=np.int64)
    for w in range(data.opens.shape[1] - 1, -1, -1):
        low, high = data.opens[k, w], data.closes[k, w]
        for i in range(start.size):
            arrive = left + taken[i]
            first = max(arrive, low[i])
            start[i] = first if arrive <= high[i] else start[i]
    return start


@compiled
def _keeps_positions(data: Data, state: State, k: int, i: int, position: int) -> bool:
    """Tell whether inserting stop i moves no stop past the place it must have, nor itself."""
    if 0 <= data.pinned[i] < position:
        return False
    for later in range(position, state.length[k]):
        if 0 <= data.pinned[state.orders[k, later]] <= later:
            return False
    return True


@compiled
def _write_gains(data: Data, state: State, k: int) -> None:
    for i in range(data.service.size):
        stretch = state.stretch[k, i]
        if stretch == NEVER:
            state.gain[k, i] = -NEVER
            continue
        way = data.weights[0] * min(stretch, LONGEST_COUNTED_S)
        state.gain[k, i] = data.value[i] + data.stay[k, i] - way


@compiled
def short_days(data: Data, state: State) -> int:
    """Return how many days with a visit are lacking."""
    if data.weights[2] <= 0:
        return 0
    served = data.served_before.copy()
    for k in range(state.length.size):
        if state.length[k]:
            served[data.day_number[k]] = True
    return int(max(0, data.weights[2] - data.weights[4] - served.sum()))


@compiled
def objective_of(data: Data, state: State) -> int:
    """Return the objective, with every missed required stop counted as 0 instead of less."""
    return int(state.worth.sum() - data.weights[3] * short_days(data, state))


@compiled
def _bonuses(data: Data, state: State) -> Whole:
    """Return per shift what its first stop adds by making its day one with a visit."""
    bonus = np.zeros(state.length.size, dtype=np.int64)
    if short_days(data, state) == 0:
        return bonus
    served = data.served_before.copy()
    for k in range(bonus.size):
        if state.length[k]:
            served[data.day_number[k]] = True
    for k in range(bonus.size):
        if not served[data.day_number[k]]:
            bonus[k] = data.weights[3]
    return bonus


@compiled
def too_near(data: Data, state: State, k: int, i: int) -> bool:
    """Tell whether shift k lies too near another visit to the firm of stop i."""
    for at in range(data.kin_from[i], data.kin_from[i + 1]):
        other = state.shift_of[data.kin[at]]
        if other >= 0 and abs(data.day[k] - data.day[other]) < data.kin_days[at]:
            return True
    return False


@compiled
def insert(data: Data, state: State, k: int, i: int) -> None:
    """Insert stop i at its best place in shift k."""
    order, place = state.orders[k], state.place[k, i]
    for position in range(state.length[k], place, -1):
        order[position] = order[position - 1]
    order[place] = i
    state.length[k] += 1
    state.shift_of[i] = k
    refresh(data, state, k)


@compiled
def fill(data: Data, state: State, ranking: int, spread: Real) -> None:
    """Insert absent stops, best ranked first, while any gains.

    `spread` (shifts, stops) are factors near 1 by which gains are misjudged; those of stops that
    are inserted become 0.
    """
    m, n = spread.shape
    for i in range(n):
        if state.shift_of[i] >= 0:
            spread[:, i] = 0.0
    worth = np.zeros((m, n), dtype=np.float64)
    bonus = _bonuses(data, state)
    for k in range(m):
        _rank_row(data, state, ranking, k, bonus[k], spread[k], worth[k])
    while True:
        k, i = _choose(worth, ranking)
        if k < 0:
            return
        insert(data, state, k, i)
        spread[:, i] = 0.0
        worth[:, i] = 0.0
        before, bonus = bonus, _bonuses(data, state)
        gaps = data.kin_from[i] < data.kin_from[i + 1]
        for row in range(m):
            if gaps or row == k or bonus[row] != before[row]:
                _rank_row(data, state, ranking, row, bonus[row], spread[row], worth[row])


@compiled
def _rank_row(
    data: Data, state: State, ranking: int, k: int, bonus: int, spread: Real, worth: Real
) -> None:
    """Write how every stop ranks in shift k; 0 or less where it gains nothing there."""
    gain, stretch = state.gain[k], state.stretch[k]
    if ranking == BY_WAY_REGRET:
        for i in range(worth.size):
            way = min(float(stretch[i]) * spread[i], LONG_WAY_S)
            pays = (gain[i] + bonus > 0) & (spread[i] > 0)
            worth[i] = LONG_WAY_S + 1.0 - way if pays else 0.0
    else:
        for i in range(worth.size):
            worth[i] = float(gain[i] + bonus) * spread[i]
    if ranking == BY_GAIN_PER_TIME:
        for i in range(worth.size):
            # The ten minutes keep short stops next door from looking infinitely good.
            worth[i] /= float(data.service[i] + max(stretch[i], 0)) + 600.0
    if data.kin.size:
        for i in range(worth.size):
            if too_near(data, state, k, i):
                worth[i] = 0.0


@compiled
def _choose(worth: Real, ranking: int) -> tuple[int, int]:
    """Return shift and stop that rank best, -1 and -1 where none gains."""
    m, n = worth.shape
    regret = 1.0 if ranking in (BY_REGRET, BY_WAY_REGRET) else 0.0
    top, second = np.zeros(n, dtype=np.float64), np.zeros(n, dtype=np.float64)
    for k in range(m):
        row = worth[k]
        for i in range(n):
            second[i] = max(second[i], min(top[i], row[i]))
            top[i] = max(top[i], row[i])
    best, stop = 0.0, -1
    for i in range(n):
        if top[i] <= 0.0:
            continue
        score = top[i] + regret * (top[i] - second[i])
        if score > best:
            best, stop = score, i
    if stop < 0:
        return -1, -1
    for k in range(m):
        if worth[k, stop] == top[stop]:
            return k, stop
    return -1, -1

"""The best start in the time given: greedy insertion, VROOM as a whole and in parts, ruins."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from routing.parts import improve_parts
from routing.seed import ROUNDS_PER_STOP, SeedParams, add_what_pays, construct, improve
from routing.tours import Tours
from routing.vroom_seed import CHOICES, VroomSeed

if TYPE_CHECKING:
    from routing.instance import Instance
    from routing.seed import Orders
    from routing.vroom_seed import Choice

FEW = 10
"""Stops up to which VROOM is not asked: the search tries nearly everything in a moment."""

SMALL = 40
"""Stops up to which ruin-and-recreate finds the best by itself and needs its time; measured."""

VROOM_SHARE = 0.5
"""Share of the time in which VROOM may be asked again, by measurement; a call under way ends."""

VROOM_SHARE_BEFORE_PARTS = 0.35
"""The same where VROOM is asked about a few shifts at a time after it; measured."""

PARTS_UNTIL = 0.6
"""Share of the time at which asking about a few shifts ends; measured."""

VROOM_SHARE_OF_SMALL = 0.25
"""The same for small problems."""

COOL = SeedParams(warmest=0.1)
"""From a good start a warm search only loses its way; measured at 50 to 150 stops."""

LEVELS = (1, 1, 5)
"""Explorations of the first calls of VROOM: two quick looks, then one deep one."""

DEEPER = 3
"""Exploration of the calls after them; what does not fit falls to the next quicker one."""

EFFORT = {1: 1.0, 3: 2.5, 5: 6.0}
"""How long a call of VROOM takes by exploration, in calls of exploration 1; measured."""


def find_start(
    instance: Instance,
    *,
    seed: int,
    rounds: int | None = None,
    time_limit_s: float = math.inf,
    orders: Orders | None = None,
) -> Orders:
    """Return the best orders found within `time_limit_s`, or in `rounds` rounds of the last step.

    With `rounds` the clock is not looked at, and VROOM is not asked: of plans of equal worth it
    gives now one, now another. `orders`, where given, are a start among others; what they break
    is dropped.
    """
    started = time.perf_counter()
    best = _Best(instance)
    best.offer(construct(instance))
    if orders is not None:
        best.offer(orders)
    by_clock = rounds is None
    if by_clock and instance.n > FEW and VroomSeed.can_say(instance):
        vroom = VroomSeed(instance)
        in_parts = instance.n > SMALL and len(vroom.shifts) > 1
        share = VROOM_SHARE if instance.n > SMALL else VROOM_SHARE_OF_SMALL
        share = VROOM_SHARE_BEFORE_PARTS if in_parts else share
        _ask_vroom(vroom, best, started, share * time_limit_s)
        if in_parts:
            left_s = PARTS_UNTIL * time_limit_s - (time.perf_counter() - started)
            best.orders = improve_parts(vroom, best.orders, seed=seed, time_limit_s=left_s)
    # Without VROOM the search starts far from good, where a cool one would stay.
    warm = not by_clock or instance.n <= SMALL or not instance.problem.objective.travel_weight
    return improve(
        instance,
        best.orders,
        seed=seed,
        rounds=ROUNDS_PER_STOP * instance.n if rounds is None else rounds,
        time_limit_s=time_limit_s - (time.perf_counter() - started) if by_clock else math.inf,
        params=SeedParams() if warm else COOL,
    )


class _Best:
    """The best orders offered, after what pays was added to them."""

    def __init__(self, instance: Instance) -> None:
        self.tours = Tours(instance)
        self.nothing = self.tours.copy_orders()
        self.orders = self.tours.copy_orders()
        self.worth = self.tours.objective()

    def offer(self, orders: Orders) -> None:
        self.tours.load(self.nothing)
        self.tours.take(orders)
        add_what_pays(self.tours)
        if self.tours.objective() > self.worth:
            self.worth, self.orders = self.tours.objective(), self.tours.copy_orders()


def _ask_vroom(vroom: VroomSeed, best: _Best, started: float, until_s: float) -> None:
    """Offer as many of VROOM's answers as end by `until_s`."""
    unit_s = 0.0
    asked: set[tuple[Choice, int]] = set()
    for number, choice in enumerate(CHOICES):
        left_s = until_s - (time.perf_counter() - started)
        level = LEVELS[number] if number < len(LEVELS) else DEEPER
        while level > 1 and unit_s * EFFORT[level] > left_s:
            level -= 2
        if unit_s > left_s:
            break
        if (choice, level) in asked:
            continue
        asked.add((choice, level))
        before = time.perf_counter()
        best.offer(vroom.ask(choice, level, left_s))
        unit_s = max(unit_s, (time.perf_counter() - before) / EFFORT[level])

"""Stable ids: an enterprise keeps its id however often its records are linked again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Identities:
    """What becomes of the ids.

    ids : for each cluster, in order, the id that it keeps, `None` for a new enterprise.
    aliases : former id -> the position of the cluster that now stands for it.
    """

    ids: tuple[int | None, ...]
    aliases: dict[int, int]


def keep_ids(clusters: Iterable[tuple[int, ...]], previous: Mapping[int, int]) -> Identities:
    """Decide which cluster keeps which id.

    A former enterprise is where its oldest record is. When several former enterprises meet in one
    cluster the oldest id stays and the others become its aliases; a part that is split off gets
    its own id back when it had one, else a new one.

    Parameters
    ----------
    clusters : record ids of each new enterprise.
    previous : record id -> former enterprise id.
    """
    oldest: dict[int, int] = {}
    for record, enterprise in previous.items():
        oldest[enterprise] = min(record, oldest.get(enterprise, record))
    home = {record: enterprise for enterprise, record in oldest.items()}
    claims: list[list[int]] = [
        sorted(home[record] for record in cluster if record in home) for cluster in clusters
    ]
    aliases: dict[int, int] = defaultdict(int)
    for position, claimed in enumerate(claims):
        for former in claimed[1:]:
            aliases[former] = position
    return Identities(ids=tuple(c[0] if c else None for c in claims), aliases=dict(aliases))

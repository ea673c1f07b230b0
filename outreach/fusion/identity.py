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


def keep_ids(
    clusters: Iterable[tuple[int, ...]],
    previous: Mapping[int, int],
    retired: Mapping[int, int] | None = None,
) -> Identities:
    """Decide which cluster keeps which id.

    A former enterprise is where its oldest record is. When several former enterprises meet in one
    cluster the oldest id stays and the others become its aliases; a part that is split off gets
    its own id back when `retired` knows it, else a new one.

    Parameters
    ----------
    clusters : record ids of each new enterprise.
    previous : record id -> former enterprise id.
    retired : id of an enterprise that an earlier linking merged away -> its oldest record.
    """
    oldest: dict[int, int] = {}
    for record, enterprise in previous.items():
        oldest[enterprise] = min(record, oldest.get(enterprise, record))
    home: dict[int, list[int]] = defaultdict(list)
    for enterprise, record in {**(retired or {}), **oldest}.items():
        home[record].append(enterprise)
    claims: list[list[int]] = [
        sorted(enterprise for record in cluster for enterprise in home.get(record, ()))
        for cluster in clusters
    ]
    aliases = {
        former: position for position, claimed in enumerate(claims) for former in claimed[1:]
    }
    return Identities(ids=tuple(c[0] if c else None for c in claims), aliases=aliases)

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
    homes: Mapping[int, int] | None = None,
) -> Identities:
    """Decide which cluster keeps which id.

    An enterprise is where its home record is; when that is not there any more (its file was taken
    back), where its oldest record is. When several enterprises meet in one cluster the oldest id
    stays and the others become its aliases; a part that is split off gets its own id back when it
    holds a home, else a new one. So the ids depend on the clusters alone, not on the way to them.

    Parameters
    ----------
    clusters : record ids of each new enterprise.
    previous : record id -> former enterprise id.
    homes : enterprise id -> its home record, for those that an earlier linking merged away too.
    """
    found = list(clusters)
    there = {record for cluster in found for record in cluster}
    at: dict[int, int] = {}
    for record in sorted(previous.keys() & there):
        at.setdefault(previous[record], record)
    at.update({id_: record for id_, record in (homes or {}).items() if record in there})
    claims: dict[int, list[int]] = defaultdict(list)
    for enterprise, record in at.items():
        claims[record].append(enterprise)
    claimed = [sorted(id_ for record in c for id_ in claims.get(record, ())) for c in found]
    aliases = {former: position for position, ids in enumerate(claimed) for former in ids[1:]}
    return Identities(ids=tuple(ids[0] if ids else None for ids in claimed), aliases=aliases)

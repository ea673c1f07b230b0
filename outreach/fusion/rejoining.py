"""A few records joined again along links that are known, under what people decided."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from outreach.fusion.clustering import Clusters
from outreach.fusion.crosswalk import IDENTIFIER_RULES, Crosswalk, join_members, judge
from outreach.fusion.links import Linkage, LinkRule, RecordLink
from outreach.fusion.profiles import Profile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Set

    from outreach.domain.judgements import JudgedPair
    from outreach.domain.sources import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedRecord:
    """What rejoining needs to know of a record; `is_parents` tells whose code `uscc` is."""

    record_id: int
    source: Source
    uscc: str = ""
    is_parents: bool = False


def rejoin(
    records: Iterable[JoinedRecord],
    links: Iterable[RecordLink],
    judgements: Iterable[JudgedPair],
) -> Linkage:
    """Group records as a linking would that found exactly these links.

    Parameters
    ----------
    records : all records of the components in question.
    links : their stored links in the order in which they joined; a person's are not among them.
    judgements : the verdicts that stand between these records; their order means nothing.
    """
    ordered = sorted(records, key=lambda record: record.record_id)
    profiles = [
        Profile(
            record_id=record.record_id,
            source=record.source,
            uscc="" if record.is_parents else record.uscc,
        )
        for record in ordered
    ]
    clusters = Clusters(profiles, {record.record_id: record.uscc for record in ordered})
    found = Crosswalk(profiles=profiles, clusters=clusters)
    judge(found, judgements)
    for together in _by_key(links):
        if together[0].rule in _BY_KEY:
            members = sorted({end for link in together for end in (link.left, link.right)})
            join_members(found, members, together[0].rule, together[0].evidence)
        else:
            found.join(together[0])
    return found.result()


_BY_KEY = frozenset(IDENTIFIER_RULES)


def _by_key(links: Iterable[RecordLink]) -> Iterator[list[RecordLink]]:
    """The links of one shared key stand together: each of its records may join any other."""
    for (rule, _key), run in groupby(links, key=lambda link: (link.rule, link.evidence)):
        if rule in _BY_KEY:
            yield list(run)
        elif rule is not LinkRule.JUDGED:
            yield from ([link] for link in run)


def link_towards(
    links: Iterable[RecordLink], members: Set[int], record: int, home: int | None = None
) -> RecordLink | None:
    """The first link on the way from a record to the home of its enterprise.

    `members` are the records of the enterprise; the oldest is its home unless another is named.
    `None` when the record is the home itself.
    """
    beside: dict[int, list[tuple[int, RecordLink]]] = defaultdict(list)
    for link in links:
        if link.left in members and link.right in members:
            beside[link.left].append((link.right, link))
            beside[link.right].append((link.left, link))
    start = min(members) if home is None else home
    came: dict[int, RecordLink | None] = {start: None}
    waiting = deque([start])
    while waiting:
        at = waiting.popleft()
        for other, link in beside[at]:
            if other not in came:
                came[other] = link
                waiting.append(other)
    return came.get(record)

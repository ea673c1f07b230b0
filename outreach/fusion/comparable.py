"""What the comparison reads: one row for each distinct way in which an enterprise is described."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from outreach.domain.sources import Source
    from outreach.fusion.clustering import Clusters
    from outreach.fusion.names import NameParts
    from outreach.fusion.profiles import Profile


class Described(NamedTuple):
    """One name of one record with the persons, phone and place beside it; `None` is absent.

    `letters` are the characters of the core in a fixed order; `contact` is the legal
    representative or else the union's chair; `company` is 1 where a name tells a company, which the
    law lets only one enterprise of a district bear, 0 for a shop's.
    """

    core: str
    letters: str
    branch: str
    person: str | None
    contact: str | None
    phone: str | None
    town: str | None
    tail: str | None
    company: int
    form: str
    ended: int | None


class Comparable(NamedTuple):
    """A description with the record and the cluster that it stands for.

    `coded` tells that a credit code is known, `anchor` that the cluster is an enterprise by itself.
    """

    record: int
    cluster: int
    coded: bool
    anchor: bool
    described: Described


class Keys(NamedTuple):
    """What two rows must share, at least one of it, to be compared at all."""

    k_core: str | None
    k_letters: str | None
    k_phone: str | None
    k_head: str | None
    k_head_person: str | None
    k_head_town: str | None
    k_middle: str | None
    k_middle_person: str | None
    k_address: str | None


_T = TypeVar("_T")

_ENDED = frozenset({"cancelled", "revoked", "moved_out", "dissolved"})

_FULL_NAME = 4
"""A core of fewer characters has no middle of its own."""


def describe(profile: Profile, name: NameParts, companies: AbstractSet[NameParts]) -> Described:
    """Describe a record under one of its names; `companies` are the names of companies."""
    return Described(
        core=name.core,
        letters="".join(sorted(name.core)),
        branch=name.branch,
        person=profile.person or None,
        contact=profile.person or profile.chair or None,
        phone=profile.phone or None,
        town=profile.township or None,
        tail=profile.tail or None,
        company=int(name in companies),
        form="公司" if "公司" in name.form else name.form[-3:],
        ended=int(profile.status in _ENDED) if profile.status else None,
    )


def list_companies(profiles: Iterable[Profile]) -> set[NameParts]:
    """The names that some office writes with a company's form; others may leave it out."""
    return {name for profile in profiles for name in profile.names if name.form}


def list_comparables(profiles: Sequence[Profile], clusters: Clusters) -> list[Comparable]:
    """One row for each cluster and description, in the order of the records."""
    rows: dict[tuple[int, Described], Comparable] = {}
    companies = list_companies(profiles)
    for profile in profiles:
        root = clusters.root(profile.record_id)
        for name in profile.names:
            if not name.core:
                continue
            described = describe(profile, name, companies)
            if (root, described) not in rows:
                rows[root, described] = Comparable(
                    record=profile.record_id,
                    cluster=root,
                    coded=bool(clusters.codes[root]),
                    anchor=clusters.is_anchor(root),
                    described=described,
                )
    return list(rows.values())


def list_keys(rows: Sequence[Comparable], cap: int) -> list[Keys]:
    """The keys of each row, without those that more than `cap` clusters share."""
    every = [_keys(row.described) for row in rows]
    capped = []
    for column in zip(*every, strict=True):
        owners: dict[str, set[int]] = defaultdict(set)
        for row, key in zip(rows, column, strict=True):
            if key is not None:
                owners[key].add(row.cluster)
        common = {key for key, found in owners.items() if len(found) > cap}
        capped.append([None if key in common else key for key in column])
    return [Keys(*keys) for keys in zip(*capped, strict=True)]


def _keys(row: Described) -> Keys:
    core, contact, town = row.core, row.contact, row.town
    full = len(core) >= _FULL_NAME
    return Keys(
        k_core=core,
        k_letters=row.letters,
        k_phone=row.phone,
        k_head=core[:4] if full else None,
        k_head_person=core[:2] + contact if contact else None,
        k_head_town=core[:2] + town if town else None,
        k_middle=core[1:3] + core[-2:] if full else None,
        k_middle_person=core[2:4] + contact if full and contact else None,
        k_address=((town or "") + row.tail)[:12] if row.tail else None,
    )


def frequencies(
    rows: Iterable[Comparable], column: str, least_size: int
) -> list[tuple[str, float]]:
    """Each value of a column with its share among the enterprises.

    Only clusters that are enterprises by themselves count: the others are most often one of them.
    """
    owners: dict[str, set[int]] = defaultdict(set)
    enterprises: set[int] = set()
    for row in rows:
        value = getattr(row.described, column)
        if value is None:
            continue
        if row.anchor:
            owners[value].add(row.cluster)
            enterprises.add(row.cluster)
        else:
            owners.setdefault(value, set())
    size = max(len(enterprises), least_size)
    return [(value, max(1, len(found)) / size) for value, found in sorted(owners.items())]


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """What teaches the weights: descriptions of the same enterprises, and of strangers."""

    same: list[tuple[str, Described]]
    strangers: list[Described]


def list_examples(
    profiles: Sequence[Profile], rows: Iterable[Comparable], *, groups: int, strangers: int
) -> Examples:
    """Choose evenly among the enterprises that a credit code joins.

    Of an enterprise one row for each source teaches, so that a monthly file does not outweigh the
    others; strangers are one row each of enterprises with different codes.
    """
    coded = sorted((p for p in profiles if p.uscc and p.names), key=lambda profile: profile.uscc)
    families = []
    for code, group in groupby(coded, key=lambda profile: profile.uscc):
        members: dict[Source, Profile] = {}
        for profile in group:
            members.setdefault(profile.source, profile)
        if len(members) > 1:
            families.append((code, list(members.values())))
    companies = list_companies(profiles)
    same = [
        (code, describe(profile, profile.names[0], companies))
        for code, members in _evenly(families, groups)
        for profile in members
    ]
    alone: dict[int, Described] = {}
    for row in rows:
        if row.coded:
            alone.setdefault(row.cluster, row.described)
    return Examples(same=same, strangers=_evenly(list(alone.values()), strangers))


def _evenly(chosen_from: list[_T], count: int) -> list[_T]:
    step = max(1, -(-len(chosen_from) // count))
    return chosen_from[::step]

"""Enterprises that belong together without being one: branches, successors, joint unions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from outreach.domain.enterprises import OperatingState
from outreach.domain.judgements import RelationKind
from outreach.domain.statements import Prop

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from outreach.domain.statements import Statement
    from outreach.fusion.links import Linkage
    from outreach.fusion.profiles import Profile

_ENDED = {state.value for state in OperatingState if state.has_ended}


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """A relation found; clusters are named by their place in the linkage.

    other : the parent or the predecessor; `None` for a joint union, which `union_key` names.
    record_id : the row that tells of it.
    """

    kind: RelationKind
    cluster: int
    other: int | None = None
    union_key: str = ""
    union_name: str = ""
    record_id: int | None = None
    evidence: str = ""


@dataclass(slots=True, kw_only=True)
class _Firm:
    """What tells relations of one cluster: names, owners, own codes, when it began, if it ended."""

    names: set[tuple[str, str]] = field(default_factory=set)
    persons: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)
    founded: str = ""
    ended: bool = False


def find_relations(
    linkage: Linkage, profiles: Iterable[Profile], said: Mapping[int, Sequence[Statement]]
) -> list[Related]:
    """Derive all relations of a district; never a reason to merge.

    `said` are the statements as received, with the codes that branches share with their parents.
    """
    place = {record: n for n, cluster in enumerate(linkage.clusters) for record in cluster}
    known = sorted(profiles, key=lambda profile: profile.record_id)
    firms = _firms(linkage, known, said, place)
    return [
        *_branches(linkage, known, said, firms, place),
        *_successors(firms),
        *_covered(known, said, place),
    ]


def _firms(
    linkage: Linkage,
    profiles: Iterable[Profile],
    said: Mapping[int, Sequence[Statement]],
    place: Mapping[int, int],
) -> list[_Firm]:
    firms = [_Firm() for _ in linkage.clusters]
    for profile in profiles:
        firm = firms[place[profile.record_id]]
        firm.names |= {(name.core, name.branch) for name in profile.names if name.core}
        if profile.uscc and profile.record_id not in linkage.parent_coded:
            firm.codes.add(profile.uscc)
        if not profile.source.is_register:
            continue
        firm.persons |= {profile.person} - {""}
        firm.ended = firm.ended or profile.status in _ENDED
        for statement in said.get(profile.record_id, ()):
            if statement.prop is Prop.FOUNDED_ON:
                firm.founded = min(firm.founded or statement.value, statement.value)
    return firms


def _branches(
    linkage: Linkage,
    profiles: Iterable[Profile],
    said: Mapping[int, Sequence[Statement]],
    firms: Sequence[_Firm],
    place: Mapping[int, int],
) -> Iterable[Related]:
    """A branch says its parent by the parent's code, else by the name before the branch's own."""
    by_code = {code: n for n, firm in enumerate(firms) for code in sorted(firm.codes)}
    by_name: dict[str, set[int]] = defaultdict(set)
    for n, firm in enumerate(firms):
        for core, branch in firm.names:
            if not branch:
                by_name[core].add(n)
    found: dict[int, Related] = {}
    for profile in profiles:
        n = place[profile.record_id]
        code = _code(said.get(profile.record_id, ()))
        parent = by_code.get(code) if profile.record_id in linkage.parent_coded else None
        evidence = code if parent is not None else ""
        if parent is None:
            named = [name for name in profile.names if name.branch and name.core]
            owners = by_name[named[0].core] if named else set()
            parent = next(iter(owners)) if len(owners) == 1 else None
            evidence = named[0].core if named else ""
        if parent is None or parent == n or (n in found and not code):
            continue
        found.setdefault(
            n,
            Related(
                kind=RelationKind.BRANCH_OF,
                cluster=n,
                other=parent,
                record_id=profile.record_id,
                evidence=evidence,
            ),
        )
    return found.values()


def _code(statements: Sequence[Statement]) -> str:
    return next((s.value for s in statements if s.prop is Prop.USCC), "")


def _successors(firms: Sequence[_Firm]) -> Iterable[Related]:
    """Of one name and one owner, one ended: the next one founded after it is its successor."""
    alike: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    for n, firm in enumerate(firms):
        if firm.founded:
            for core, branch in firm.names:
                for person in firm.persons:
                    alike[core, branch, person].add(n)
    found: dict[tuple[int, int], Related] = {}
    for (core, _branch, person), group in sorted(alike.items()):
        ordered = sorted(group, key=lambda n: (firms[n].founded, n))
        for former, later in pairwise(ordered):
            if firms[former].ended and firms[former].founded < firms[later].founded:
                found.setdefault(
                    (later, former),
                    Related(
                        kind=RelationKind.SUCCESSOR_OF,
                        cluster=later,
                        other=former,
                        evidence=f"{core}、{person[:1]}*",
                    ),
                )
    return found.values()


def _covered(
    profiles: Iterable[Profile],
    said: Mapping[int, Sequence[Statement]],
    place: Mapping[int, int],
) -> Iterable[Related]:
    """The firms that a joint union covers; the union is known by its code, else by its name."""
    found: dict[tuple[int, str], Related] = {}
    for profile in profiles:
        if not profile.joint:
            continue
        values = {s.prop: s.value for s in reversed(said.get(profile.record_id, ()))}
        name = values.get(Prop.UNION_NAME, "")
        key = values.get(Prop.UNION_USCC) or name
        cluster = place[profile.record_id]
        if key and (cluster, key) not in found:
            found[cluster, key] = Related(
                kind=RelationKind.UNION_COVERS,
                cluster=cluster,
                union_key=key,
                union_name=name,
                record_id=profile.record_id,
                evidence=name or key,
            )
    return found.values()

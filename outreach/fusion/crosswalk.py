"""Exact identifiers: which records share a code, and what a shared code does not prove."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from outreach.domain.issues import IssueKind
from outreach.domain.sources import Source
from outreach.fusion.clustering import Clusters
from outreach.fusion.links import Doubt, Link, Linkage, LinkRule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from outreach.fusion.profiles import Profile

_IDENTIFIER_RULES = (
    LinkRule.USCC,
    LinkRule.ORG_CODE,
    LinkRule.TAX_ID,
    LinkRule.REG_NO,
    LinkRule.UNION_USCC,
)


@dataclass(slots=True, kw_only=True)
class Crosswalk:
    """What is known so far: clusters, why each record is where it is, doubts."""

    profiles: list[Profile]
    clusters: Clusters
    links: dict[int, Link] = field(default_factory=dict)
    doubts: dict[tuple[int, IssueKind], Doubt] = field(default_factory=dict)

    def doubt(self, record_ids: Iterable[int], kind: IssueKind, value: str) -> None:
        """Ask a person about every record whose cluster has no credit code."""
        for record_id in record_ids:
            if not self.clusters.uscc[self.clusters.root(record_id)]:
                found = Doubt(record_id=record_id, kind=kind, value=value)
                self.doubts.setdefault((record_id, kind), found)

    def note(self, link: Link) -> None:
        """Keep why a record joined, unless a stronger reason is known."""
        self.links.setdefault(link.record_id, link)

    def result(self) -> Linkage:
        """The clusters with a link for every record and the doubts that are still open."""
        for profile in self.profiles:
            name = profile.names[0].core if profile.names else ""
            self.note(Link(record_id=profile.record_id, rule=LinkRule.ALONE, evidence=name))
        return Linkage(
            clusters=tuple(self.clusters.groups()),
            links=self.links,
            doubts=tuple(doubt for doubt in self.doubts.values() if self._still_open(doubt)),
        )

    def _still_open(self, doubt: Doubt) -> bool:
        """A later rule may have found the enterprise after all."""
        found = self.clusters.uscc[self.clusters.root(doubt.record_id)]
        return doubt.kind is IssueKind.PARENT_CODE or not found


def link_by_identifiers(profiles: Iterable[Profile]) -> Crosswalk:
    """Join the records that share an identifier, the strongest identifier first."""
    ordered = sorted(profiles, key=lambda profile: profile.record_id)
    kept, doubts = _keep_parent_codes_apart(ordered)
    clusters = Clusters(kept, {profile.record_id: profile.uscc for profile in ordered})
    found = Crosswalk(profiles=kept, clusters=clusters)
    found.doubts.update({(doubt.record_id, doubt.kind): doubt for doubt in doubts})
    _link_visits(found)
    for rule in _IDENTIFIER_RULES:
        _link_by_key(found, rule)
    return found


def _keep_parent_codes_apart(profiles: list[Profile]) -> tuple[list[Profile], list[Doubt]]:
    """A branch insured or taxed under its parent's code is not the parent.

    Where a code's registry name has no branch part, a record of another source with that code and
    a branch part carries the parent's code; the code is then no identity of the record.
    """
    plain = {
        profile.uscc
        for profile in profiles
        if profile.uscc
        and profile.source.is_register
        and profile.names
        and not profile.names[0].branch
    }
    kept: list[Profile] = []
    doubts: list[Doubt] = []
    for profile in profiles:
        branch = bool(profile.names and profile.names[0].branch)
        if branch and profile.uscc in plain and not profile.source.is_register:
            doubts.append(
                Doubt(record_id=profile.record_id, kind=IssueKind.PARENT_CODE, value=profile.uscc)
            )
            kept.append(replace(profile, uscc="", org_code="", tax_id=""))
        else:
            kept.append(profile)
    return kept, doubts


def _link_visits(found: Crosswalk) -> None:
    """A visit belongs to the enterprise that was visited, whatever the registers say later."""
    for profile in found.profiles:
        anchor, record_id = profile.visited_record, profile.record_id
        if anchor is None or anchor not in found.clusters.parent:
            continue
        if found.clusters.join(anchor, record_id):
            found.note(Link(record_id=record_id, rule=LinkRule.VISITED, evidence=str(anchor)))


def _link_by_key(found: Crosswalk, rule: LinkRule) -> None:
    """Join all records that share one key of this kind."""
    groups: dict[str, list[int]] = defaultdict(list)
    for profile in found.profiles:
        for key in _keys(profile, rule):
            groups[key].append(profile.record_id)
    for key in sorted(groups):
        members = groups[key]
        if len(members) > 1:
            _join_group(found, members, rule, key)


def _join_group(found: Crosswalk, members: list[int], rule: LinkRule, key: str) -> None:
    """Join the members to each other; where several credit codes share a key, nobody else joins."""
    clusters = found.clusters
    codes = {clusters.uscc[clusters.root(member)] for member in members} - {""}
    if len(codes) > 1:
        found.doubt(members, IssueKind.CONFLICTING_CODES, key)
        return
    for member in members:
        if clusters.join(members[0], member):
            found.note(Link(record_id=member, rule=rule, evidence=key))


def _keys(profile: Profile, rule: LinkRule) -> Iterator[str]:
    """The keys of a record; a credit code also answers for the older codes inside it."""
    if rule is LinkRule.USCC and profile.uscc:
        yield profile.uscc
    elif rule is LinkRule.ORG_CODE:
        yield from {profile.org_code, profile.uscc[8:17], profile.tax_id[6:15]} - {""}
    elif rule is LinkRule.TAX_ID:
        yield from {profile.tax_id, profile.uscc[2:17]} - {""}
    elif rule is LinkRule.REG_NO and profile.reg_no:
        yield profile.reg_no
    elif rule is LinkRule.UNION_USCC and profile.union_uscc and profile.source is Source.MEMBERS:
        for name in profile.names[:1]:
            yield f"{profile.union_uscc} {name.core}{name.branch}"

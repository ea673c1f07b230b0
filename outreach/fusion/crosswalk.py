"""Exact identifiers: which records share a code, and what a shared code does not prove."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from outreach.domain.issues import IssueKind
from outreach.domain.judgements import Verdict
from outreach.domain.sources import Source
from outreach.fusion.clustering import Clusters
from outreach.fusion.links import Doubt, Linkage, LinkRule, RecordLink, explain_members

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from outreach.domain.judgements import JudgedPair
    from outreach.fusion.links import DoubtfulPair
    from outreach.fusion.profiles import Profile

IDENTIFIER_RULES = (
    LinkRule.USCC,
    LinkRule.ORG_CODE,
    LinkRule.TAX_ID,
    LinkRule.REG_NO,
    LinkRule.UNION_USCC,
)


@dataclass(slots=True, kw_only=True)
class Crosswalk:
    """What is known so far: clusters, the links that made them, doubts.

    `joined` holds the links in the order in which they joined, and those that only people withhold;
    `parents` the records that carry their parent's code, with that code; `contested` the keys that
    several credit codes share, with all records that carry them.
    """

    profiles: list[Profile]
    clusters: Clusters
    joined: list[RecordLink] = field(default_factory=list)
    doubts: dict[tuple[int, IssueKind], Doubt] = field(default_factory=dict)
    parents: dict[int, str] = field(default_factory=dict)
    contested: dict[str, list[int]] = field(default_factory=dict)

    def doubt(self, record_ids: Iterable[int], kind: IssueKind, value: str) -> None:
        """Ask a person about every record whose cluster has no credit code."""
        for record_id in record_ids:
            if not self.clusters.uscc[self.clusters.root(record_id)]:
                found = Doubt(record_id=record_id, kind=kind, value=value)
                self.doubts.setdefault((record_id, kind), found)

    def join(self, link: RecordLink) -> bool:
        """Join two records and keep the link, also where only people withhold it."""
        clusters = self.clusters
        if clusters.root(link.left) == clusters.root(link.right):
            return True
        by_person = link.rule is LinkRule.JUDGED
        if not (by_person or clusters.codes_agree(link.left, link.right)):
            return False
        self.joined.append(link)
        return clusters.join(link.left, link.right, by_person=by_person)

    def result(self, pairs: Iterable[DoubtfulPair] = ()) -> Linkage:
        """The clusters with a link for every record and the doubts that are still open."""
        coded = {profile.record_id for profile in self.profiles if profile.uscc}
        taken = [link for link in self.joined if not self._withheld(link)]
        records = [profile.record_id for profile in self.profiles]
        return Linkage(
            clusters=tuple(self.clusters.groups()),
            links=explain_members(records, taken, coded),
            doubts=tuple(doubt for doubt in self.doubts.values() if self._still_open(doubt)),
            joined=tuple(self.joined),
            pairs=tuple(pairs),
            parent_coded=frozenset(self.parents),
        )

    def _withheld(self, link: RecordLink) -> bool:
        return self.clusters.root(link.left) != self.clusters.root(link.right)

    def _still_open(self, doubt: Doubt) -> bool:
        """A later rule may have found the enterprise after all."""
        found = self.clusters.uscc[self.clusters.root(doubt.record_id)]
        return doubt.kind is IssueKind.PARENT_CODE or not found


def link_by_identifiers(
    profiles: Iterable[Profile], judgements: Iterable[JudgedPair] = ()
) -> Crosswalk:
    """Join what people hold to be the same, then records that share an identifier.

    What a person keeps apart stays apart through all that follows; the strongest rule goes first.
    """
    ordered = sorted(profiles, key=lambda profile: profile.record_id)
    kept, doubts = _keep_parent_codes_apart(ordered)
    clusters = Clusters(kept, {profile.record_id: profile.uscc for profile in ordered})
    found = Crosswalk(profiles=kept, clusters=clusters)
    found.doubts.update({(doubt.record_id, doubt.kind): doubt for doubt in doubts})
    found.parents.update({doubt.record_id: doubt.value for doubt in doubts})
    judge(found, judgements)
    _link_visits(found)
    _link_redelivered(found)
    for rule in IDENTIFIER_RULES:
        _link_by_key(found, rule)
    return found


def judge(found: Crosswalk, judgements: Iterable[JudgedPair]) -> None:
    """Take people's word: first what is different, then what is the same.

    Where the two contradict each other, "different" holds: a wrong merge costs more than a split.
    Judgements about records that are not there are left out.
    """
    there = found.clusters.parent
    known = sorted(
        (min(j.left, j.right), max(j.left, j.right), j.verdict)
        for j in judgements
        if j.left in there and j.right in there
    )
    for left, right, verdict in known:
        if verdict is Verdict.DIFFERENT:
            found.clusters.keep_apart(left, right)
    for left, right, verdict in known:
        if verdict is Verdict.SAME:
            found.join(RecordLink(left=left, right=right, rule=LinkRule.JUDGED))


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
        found.join(
            RecordLink(left=anchor, right=record_id, rule=LinkRule.VISITED, evidence=str(anchor))
        )


def _link_redelivered(found: Crosswalk) -> None:
    """A row that an office sends again in a later file is the row that it was.

    So that what people decided about a row holds for its later deliveries, this goes before every
    identifier. A row is known again by the office's own number, else by saying the same; where one
    file has it twice nobody can tell which is which.
    """
    groups: dict[tuple[object, ...], list[Profile]] = defaultdict(list)
    for profile in found.profiles:
        if profile.batch is not None and profile.source is not Source.VISIT and profile.names:
            groups[_row_key(profile)].append(profile)
    for rows in groups.values():
        if len({row.batch for row in rows}) < len(rows):
            continue
        for row in rows[1:]:
            found.join(
                RecordLink(left=rows[0].record_id, right=row.record_id, rule=LinkRule.REDELIVERED)
            )


def _row_key(profile: Profile) -> tuple[object, ...]:
    codes = (profile.uscc, profile.org_code, profile.tax_id, profile.reg_no, profile.union_uscc)
    if profile.office_no:
        return (profile.source, profile.office_no, profile.names[0].core, profile.names[0].branch)
    return (
        profile.source,
        codes,
        profile.names,
        profile.person,
        profile.chair,
        profile.township,
        profile.tail,
        profile.joint,
    )


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
    if _several_enterprises(found.clusters, members):
        found.doubt(members, IssueKind.CONFLICTING_CODES, key)
        found.contested[key] = members
    else:
        join_members(found, members, rule, key)


def join_members(found: Crosswalk, members: list[int], rule: LinkRule, key: str) -> None:
    """Join each member to the first; where people keep the two apart, to the next that it may."""
    heads = [members[0]]
    for member in members[1:]:
        links = (RecordLink(left=h, right=member, rule=rule, evidence=key) for h in heads)
        kept_apart = found.clusters.kept_apart(heads[0], member)
        if not any(found.join(link) for link in links) and kept_apart:
            heads.append(member)


def _several_enterprises(clusters: Clusters, members: list[int]) -> bool:
    """Whether the members' own credit codes are of enterprises that nobody has brought together."""
    codes = {clusters.uscc[clusters.root(member)] for member in members} - {frozenset()}
    if len(codes) <= 1:
        return False
    together = codes.pop()
    while touching := {one for one in codes if not one.isdisjoint(together)}:
        together = together.union(*touching)
        codes -= touching
    return bool(codes)


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

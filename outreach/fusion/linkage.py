"""Which records speak of the same enterprise: the one door of linking.

First exact identifiers with check digits, strongest first; then normalised name plus township for
what is left. Two different valid credit codes never meet in one enterprise, also not indirectly. A
joint union covers many enterprises and is never a reason to merge them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from outreach.domain.issues import IssueKind
from outreach.domain.sources import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from outreach.fusion.names import NameParts


class LinkRule(StrEnum):
    """Why a record joined an enterprise, strongest first."""

    VISITED = "visited"
    USCC = "uscc"
    ORG_CODE = "org_code"
    TAX_ID = "tax_id"
    REG_NO = "reg_no"
    UNION_USCC = "union_uscc"
    NAME_TOWNSHIP = "name_township"
    NAME_ALONE = "name_alone"
    ALONE = "alone"

    @property
    def label(self) -> str:
        """The reason on pages, in Chinese."""
        return _RULE_LABELS[self]


_RULE_LABELS = {
    LinkRule.VISITED: "走访时确认",
    LinkRule.USCC: "统一社会信用代码相同",
    LinkRule.ORG_CODE: "组织机构代码相同",
    LinkRule.TAX_ID: "税号相同",
    LinkRule.REG_NO: "注册号相同",
    LinkRule.UNION_USCC: "工会代码相同",
    LinkRule.NAME_TOWNSHIP: "名称和镇街相同",
    LinkRule.NAME_ALONE: "全区只有一家同名企业",
    LinkRule.ALONE: "单独一行",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is compared of one record.

    `names` holds the present name first, then former ones; `visited_record` is a record of the
    enterprise that a visit was made to; `batch` tells the rows of one delivered file.
    """

    record_id: int
    source: Source
    uscc: str = ""
    org_code: str = ""
    tax_id: str = ""
    reg_no: str = ""
    union_uscc: str = ""
    names: tuple[NameParts, ...] = ()
    township: str = ""
    visited_record: int | None = None
    batch: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Why a record belongs to its cluster; `evidence` is the value that agreed."""

    record_id: int
    rule: LinkRule
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A record that was left apart, with what a person should look at."""

    record_id: int
    kind: IssueKind
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Linkage:
    """The result: clusters of record ids, one link per record, doubts for people."""

    clusters: tuple[tuple[int, ...], ...]
    links: dict[int, Link]
    doubts: tuple[Doubt, ...]


class _Clusters:
    """Union-find that refuses to bring two credit codes together.

    What is said of a cluster is kept at its root: `uscc` is its own code, `codes` all that its
    rows carry, a branch's row its parent's.
    """

    def __init__(self, profiles: Iterable[Profile], carried: dict[int, str]) -> None:
        self.parent: dict[int, int] = {}
        self.uscc: dict[int, str] = {}
        self.codes: dict[int, frozenset[str]] = {}
        self.registers: dict[int, frozenset[int]] = {}
        self.townships: dict[int, frozenset[str]] = {}
        for profile in profiles:
            record_id = profile.record_id
            self.parent[record_id] = record_id
            self.uscc[record_id] = profile.uscc
            self.codes[record_id] = frozenset({carried[record_id]} - {""})
            registered = profile.source.is_register and profile.batch is not None
            self.registers[record_id] = frozenset({profile.batch or 0} if registered else ())
            self.townships[record_id] = frozenset({profile.township} - {""})

    def root(self, record_id: int) -> int:
        while self.parent[record_id] != record_id:
            self.parent[record_id] = self.parent[self.parent[record_id]]
            record_id = self.parent[record_id]
        return record_id

    def join(self, first: int, second: int) -> bool:
        """Join two clusters; `False` when the veto forbids it."""
        one, two = sorted((self.root(first), self.root(second)))
        if one == two:
            return True
        codes = self.codes[one] | self.codes[two]
        if len(codes) > 1:
            return False
        self.parent[two] = one
        self.uscc[one] = self.uscc[one] or self.uscc[two]
        self.codes[one] = codes
        self.registers[one] |= self.registers[two]
        self.townships[one] |= self.townships[two]
        return True

    def roots(self, members: Iterable[Profile]) -> list[int]:
        """The clusters of the members, each once, in a fixed order."""
        return sorted({self.root(member.record_id) for member in members})


def link_records(profiles: list[Profile]) -> Linkage:
    """Group records into enterprises. The order of `profiles` does not matter."""
    ordered = sorted(profiles, key=lambda profile: profile.record_id)
    profiles, doubts = _keep_parent_codes_apart(ordered)
    clusters = _Clusters(profiles, {profile.record_id: profile.uscc for profile in ordered})
    open_doubts = {(doubt.record_id, doubt.kind): doubt for doubt in doubts}
    state = _State(profiles=profiles, clusters=clusters, links={}, doubts=open_doubts)
    _link_visits(state)
    for rule in _IDENTIFIER_RULES:
        _link_by_key(state, rule)
    _link_by_name(state)
    return state.result()


_IDENTIFIER_RULES = (
    LinkRule.USCC,
    LinkRule.ORG_CODE,
    LinkRule.TAX_ID,
    LinkRule.REG_NO,
    LinkRule.UNION_USCC,
)


@dataclass(slots=True, kw_only=True)
class _State:
    profiles: list[Profile]
    clusters: _Clusters
    links: dict[int, Link]
    doubts: dict[tuple[int, IssueKind], Doubt]

    def doubt(self, members: Iterable[Profile], kind: IssueKind, value: str) -> None:
        """Ask a person about every member whose cluster has no credit code."""
        for profile in members:
            if not self.clusters.uscc[self.clusters.root(profile.record_id)]:
                found = Doubt(record_id=profile.record_id, kind=kind, value=value)
                self.doubts.setdefault((profile.record_id, kind), found)

    def note(self, profile: Profile, rule: LinkRule, evidence: str) -> None:
        self.links.setdefault(
            profile.record_id, Link(record_id=profile.record_id, rule=rule, evidence=evidence)
        )

    def result(self) -> Linkage:
        groups: dict[int, list[int]] = defaultdict(list)
        for profile in self.profiles:
            groups[self.clusters.root(profile.record_id)].append(profile.record_id)
            name = profile.names[0].core if profile.names else ""
            self.note(profile, LinkRule.ALONE, name)
        return Linkage(
            clusters=tuple(tuple(group) for group in groups.values()),
            links=self.links,
            doubts=tuple(doubt for doubt in self.doubts.values() if self._still_open(doubt)),
        )

    def _still_open(self, doubt: Doubt) -> bool:
        """A later rule may have found the enterprise after all."""
        found = self.clusters.uscc[self.clusters.root(doubt.record_id)]
        return doubt.kind is IssueKind.PARENT_CODE or not found


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


def _link_visits(state: _State) -> None:
    """A visit belongs to the enterprise that was visited, whatever the registers say later."""
    for profile in state.profiles:
        anchor = profile.visited_record
        if anchor is None or anchor not in state.clusters.parent:
            continue
        if state.clusters.join(anchor, profile.record_id):
            state.note(profile, LinkRule.VISITED, str(anchor))


def _link_by_key(state: _State, rule: LinkRule) -> None:
    """Join all records that share one key of this kind."""
    groups: dict[str, list[Profile]] = defaultdict(list)
    for profile in state.profiles:
        for key in _keys(profile, rule):
            groups[key].append(profile)
    for key in sorted(groups):
        members = groups[key]
        if len(members) > 1:
            _join_group(state, members, rule, key)


def _join_group(state: _State, members: list[Profile], rule: LinkRule, key: str) -> None:
    """Join the members to each other; where several credit codes share a key, nobody else joins."""
    codes = {state.clusters.uscc[state.clusters.root(m.record_id)] for m in members} - {""}
    if len(codes) > 1:
        state.doubt(members, IssueKind.CONFLICTING_CODES, key)
        return
    for profile in members:
        if state.clusters.join(members[0].record_id, profile.record_id):
            state.note(profile, rule, key)


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


def _link_by_name(state: _State) -> None:
    """Join what has no credit code to the one enterprise of its name, first in its township."""
    in_township: dict[tuple[str, str, str], list[Profile]] = defaultdict(list)
    anywhere: dict[tuple[str, str], list[Profile]] = defaultdict(list)
    incorporated: set[tuple[str, str]] = set()
    for profile in state.profiles:
        for name in dict.fromkeys(profile.names):
            if not name.core:
                continue
            anywhere[name.core, name.branch].append(profile)
            if profile.township:
                in_township[name.core, name.branch, profile.township].append(profile)
            if name.form:
                incorporated.add((name.core, name.branch))
    for (core, branch, township), members in sorted(in_township.items()):
        _join_namesakes(state, members, LinkRule.NAME_TOWNSHIP, f"{core}{branch} {township}")
    for key, members in sorted(anywhere.items()):
        moved = key in incorporated
        _join_namesakes(state, members, LinkRule.NAME_ALONE, "".join(key), anywhere=moved)


def _join_namesakes(
    state: _State, members: list[Profile], rule: LinkRule, evidence: str, *, anywhere: bool = False
) -> None:
    """Join the clusters of one name unless they may be several enterprises.

    Two credit codes under one name leave all others in doubt, and so do two rows of one delivery of
    a register: most often a dead firm and its successor. Different townships part
    what has the same name, but not companies that `anywhere` allows: a registered company name
    exists once in a district, so there the firm has moved.
    """
    clusters = state.clusters
    roots = clusters.roots(members)
    if len(roots) == 1:
        return
    coded = [root for root in roots if clusters.uscc[root]]
    if len(coded) > 1 or _registered_twice(clusters, roots):
        state.doubt(members, IssueKind.AMBIGUOUS_MATCH, evidence)
        return
    home = coded[0] if coded else roots[0]
    moved = bool(coded) and anywhere
    if not coded and len({town for root in roots for town in clusters.townships[root]}) > 1:
        return
    for profile in members:
        if clusters.root(profile.record_id) == clusters.root(home):
            continue
        near = moved or _may_be_near(clusters, home, profile.record_id)
        if near and clusters.join(home, profile.record_id):
            state.note(profile, rule, evidence)


def _registered_twice(clusters: _Clusters, roots: list[int]) -> bool:
    seen = [source for root in roots for source in clusters.registers[root]]
    return len(seen) > len(set(seen))


def _may_be_near(clusters: _Clusters, one: int, two: int) -> bool:
    """Whether two clusters name a common township, or one of them names none."""
    first = clusters.townships[clusters.root(one)]
    second = clusters.townships[clusters.root(two)]
    return not first or not second or bool(first & second)

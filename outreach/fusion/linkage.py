"""Which records speak of the same enterprise: the one door of linking.

First exact identifiers with check digits, strongest first; then normalised name plus township for
what is left. Two different valid credit codes never meet in one enterprise, also not indirectly.
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
    enterprise that a visit was made to.
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
    """Union-find that refuses to bring two credit codes together."""

    def __init__(self, profiles: Iterable[Profile]) -> None:
        self.parent: dict[int, int] = {}
        self.uscc: dict[int, str] = {}
        for profile in profiles:
            self.parent[profile.record_id] = profile.record_id
            self.uscc[profile.record_id] = profile.uscc

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
        if self.uscc[one] and self.uscc[two] and self.uscc[one] != self.uscc[two]:
            return False
        self.parent[two] = one
        self.uscc[one] = self.uscc[one] or self.uscc[two]
        return True


def link_records(profiles: list[Profile]) -> Linkage:
    """Group records into enterprises. The order of `profiles` does not matter."""
    ordered = sorted(profiles, key=lambda profile: profile.record_id)
    profiles, doubts = _keep_parent_codes_apart(ordered)
    state = _State(profiles=profiles, clusters=_Clusters(profiles), links={}, doubts=doubts)
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
    doubts: list[Doubt]

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
            doubts=tuple(self.doubts),
        )


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
        if anchor is not None and anchor in state.clusters.parent:
            state.clusters.join(anchor, profile.record_id)
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
        for profile in members:
            if not state.clusters.uscc[state.clusters.root(profile.record_id)]:
                state.doubts.append(
                    Doubt(record_id=profile.record_id, kind=IssueKind.CONFLICTING_CODES, value=key)
                )
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
        yield profile.union_uscc


def _link_by_name(state: _State) -> None:
    """Join what has no credit code to the one enterprise of the same name and township."""
    with_township: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    alone: dict[tuple[str, str], set[int]] = defaultdict(set)
    township_of: dict[int, set[str]] = defaultdict(set)
    for profile in state.profiles:
        root = state.clusters.root(profile.record_id)
        if profile.township:
            township_of[root].add(profile.township)
        for name in profile.names:
            alone[name.core, name.branch].add(root)
            if profile.township:
                with_township[name.core, name.branch, profile.township].add(root)
    for profile in state.profiles:
        if not state.clusters.uscc[state.clusters.root(profile.record_id)]:
            _join_by_name(state, profile, with_township, alone, township_of)


def _join_by_name(
    state: _State,
    profile: Profile,
    with_township: dict[tuple[str, str, str], set[int]],
    alone: dict[tuple[str, str], set[int]],
    township_of: dict[int, set[str]],
) -> None:
    own = state.clusters.root(profile.record_id)
    for name in profile.names:
        label = name.core + name.branch
        near = (
            with_township.get((name.core, name.branch, profile.township), set())
            if profile.township
            else set()
        )
        rivals = _others(state, near, own)
        if len(rivals) == 1:
            if state.clusters.join(own, rivals.pop()):
                state.note(profile, LinkRule.NAME_TOWNSHIP, f"{label} {profile.township}")
            return
        everywhere = {
            root
            for root in alone[name.core, name.branch]
            if not profile.township
            or not township_of[root]
            or profile.township in township_of[root]
        }
        rivals = rivals or _others(state, everywhere, own)
        if len(rivals) > 1:
            state.doubts.append(
                Doubt(record_id=profile.record_id, kind=IssueKind.AMBIGUOUS_MATCH, value=label)
            )
            return
        if rivals and state.clusters.join(own, rivals.pop()):
            state.note(profile, LinkRule.NAME_ALONE, label)
            return


def _others(state: _State, roots: set[int], own: int) -> set[int]:
    return {state.clusters.root(root) for root in roots} - {state.clusters.root(own)}

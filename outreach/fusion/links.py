"""Why records are one enterprise: rules, links, doubts and the result."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from outreach.domain.issues import IssueKind
    from outreach.domain.judgements import DoubtReason


class LinkRule(StrEnum):
    """Why a record joined an enterprise, strongest first."""

    JUDGED = "judged"
    VISITED = "visited"
    REDELIVERED = "redelivered"
    USCC = "uscc"
    ORG_CODE = "org_code"
    TAX_ID = "tax_id"
    REG_NO = "reg_no"
    UNION_USCC = "union_uscc"
    NAME_TOWNSHIP = "name_township"
    NAME_ALONE = "name_alone"
    COMPARED = "compared"
    ALONE = "alone"

    @property
    def label(self) -> str:
        """The reason on pages, in Chinese."""
        return _RULE_LABELS[self]

    @property
    def is_compared(self) -> bool:
        """Whether a comparison found it, so that it carries a weight."""
        return self in {LinkRule.NAME_TOWNSHIP, LinkRule.COMPARED}


_RULE_LABELS = {
    LinkRule.JUDGED: "人工判断为同一家",
    LinkRule.VISITED: "走访时确认",
    LinkRule.REDELIVERED: "同一来源同一行再次送来",
    LinkRule.USCC: "统一社会信用代码相同",
    LinkRule.ORG_CODE: "组织机构代码相同",
    LinkRule.TAX_ID: "税号相同",
    LinkRule.REG_NO: "注册号相同",
    LinkRule.UNION_USCC: "工会代码相同",
    LinkRule.NAME_TOWNSHIP: "名称和镇街相同",
    LinkRule.NAME_ALONE: "全区只有一家同名企业",
    LinkRule.COMPARED: "名称、地址、人员、电话综合比对",
    LinkRule.ALONE: "单独一行",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one aspect of a comparison found, and how much it weighs."""

    label: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLink:
    """Two records that were joined; the enterprises are the components of all links.

    `evidence` is the value that agreed, or what a comparison found, in words; `weight` the match
    weight of a comparison (a base-2 logarithm of odds), `None` for an exact rule. A link that only
    a person's "different" kept from joining is kept as well, so that it joins when she takes it
    back. For a visit `right` is the visit's record, for a row delivered again the later one.
    """

    left: int
    right: int
    rule: LinkRule
    evidence: str = ""
    weight: float | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Why a record belongs to its cluster: the first link that joined it to another record."""

    record_id: int
    rule: LinkRule
    evidence: str
    weight: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A record that was left apart, with what a person should look at."""

    record_id: int
    kind: IssueKind
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtfulPair:
    """Two records that are left to people; `left < right`, `weight` as in `RecordLink`."""

    left: int
    right: int
    reason: DoubtReason
    weight: float | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Linkage:
    """The result of a linking.

    clusters : record ids of each enterprise.
    links : for every record why it is where it is.
    doubts : records that were left apart, for the list of issues.
    joined : the links in the order in which they joined, withheld ones among them.
    pairs : the questions to people, in no order of importance.
    parent_coded : records whose credit code is their parent's.
    """

    clusters: tuple[tuple[int, ...], ...]
    links: dict[int, Link]
    doubts: tuple[Doubt, ...]
    joined: tuple[RecordLink, ...] = ()
    pairs: tuple[DoubtfulPair, ...] = ()
    parent_coded: frozenset[int] = frozenset()


def explain_members(
    records: Iterable[int], joined: Iterable[RecordLink], coded: AbstractSet[int]
) -> dict[int, Link]:
    """For every record its first link.

    By comparison a row with a credit code of its own (`coded`) joins nobody: the others join it. So
    does a visited enterprise, and the earlier of two deliveries of a row.
    """
    found: dict[int, Link] = {}
    for link in joined:
        later_only = link.rule in {LinkRule.VISITED, LinkRule.REDELIVERED}
        for record in (link.right,) if later_only else (link.left, link.right):
            if record in found or (link.rule.is_compared and record in coded):
                continue
            found[record] = Link(
                record_id=record, rule=link.rule, evidence=link.evidence, weight=link.weight
            )
    for record in records:
        if record not in found:
            found[record] = Link(record_id=record, rule=LinkRule.ALONE, evidence="")
    return found

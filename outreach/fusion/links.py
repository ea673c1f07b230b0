"""Why records are one enterprise: rules, links, doubts and the result."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from outreach.domain.issues import IssueKind


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
    COMPARED = "compared"
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
    LinkRule.COMPARED: "名称、地址、人员、电话综合比对",
    LinkRule.ALONE: "单独一行",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Why a record belongs to its cluster.

    `evidence` is the value that agreed, or what a comparison found, in words; `weight` the match
    weight of a comparison (a base-2 logarithm of odds), `None` for an exact rule.
    """

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
class Linkage:
    """The result: clusters of record ids, one link per record, doubts for people."""

    clusters: tuple[tuple[int, ...], ...]
    links: dict[int, Link]
    doubts: tuple[Doubt, ...]

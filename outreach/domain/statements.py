"""One value with its provenance."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from outreach.domain.sources import Source


class Prop(StrEnum):
    """The property of an enterprise about which a source makes a statement."""

    USCC = "uscc"
    UNION_USCC = "union_uscc"
    ORG_CODE = "org_code"
    TAX_ID = "tax_id"
    REG_NO = "reg_no"
    SI_UNIT_NO = "si_unit_no"
    NAME = "name"
    FORMER_NAME = "former_name"
    LEGAL_REP = "legal_rep"
    UNION_CHAIR = "union_chair"
    PHONE = "phone"
    ADDRESS = "address"
    BIZ_ADDRESS = "biz_address"
    TOWNSHIP = "township"
    POSITION = "position"
    STATUS = "status"
    FOUNDED_ON = "founded_on"
    INDUSTRY = "industry"
    ENTERPRISE_TYPE = "enterprise_type"
    HEADCOUNT = "headcount"
    UNION_NAME = "union_name"
    UNION_STATUS = "union_status"
    UNION_FOUNDED_ON = "union_founded_on"
    UNION_KIND = "union_kind"
    MEMBER_COUNT = "member_count"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return _LABELS[self]

    @property
    def is_personal(self) -> bool:
        """Whether the value names or reaches a person, so that showing it is audited."""
        return self in {Prop.LEGAL_REP, Prop.UNION_CHAIR, Prop.PHONE}


_LABELS = {
    Prop.USCC: "统一社会信用代码",
    Prop.UNION_USCC: "工会统一社会信用代码",
    Prop.ORG_CODE: "组织机构代码",
    Prop.TAX_ID: "纳税人识别号",
    Prop.REG_NO: "注册号",
    Prop.SI_UNIT_NO: "社保单位编号",
    Prop.NAME: "名称",
    Prop.FORMER_NAME: "曾用名",
    Prop.LEGAL_REP: "法定代表人",
    Prop.UNION_CHAIR: "工会主席",
    Prop.PHONE: "联系电话",
    Prop.ADDRESS: "地址",
    Prop.BIZ_ADDRESS: "经营地址",
    Prop.TOWNSHIP: "所属镇街",
    Prop.POSITION: "坐标",
    Prop.STATUS: "经营状态",
    Prop.FOUNDED_ON: "成立日期",
    Prop.INDUSTRY: "行业",
    Prop.ENTERPRISE_TYPE: "企业类型",
    Prop.HEADCOUNT: "职工人数",
    Prop.UNION_NAME: "工会名称",
    Prop.UNION_STATUS: "建会情况",
    Prop.UNION_FOUNDED_ON: "建会时间",
    Prop.UNION_KIND: "工会类型",
    Prop.MEMBER_COUNT: "会员人数",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One value as a source gave it.

    `value` is the cleaned form, `raw` the text as received, `as_of` the day for which the source
    says it (`None` when neither the row nor the file names a day). `delivery` ranks the deliveries
    of a source: the larger one was sent later.
    """

    prop: Prop
    value: str
    raw: str
    source: Source
    as_of: date | None
    record_id: int = 0
    delivery: int = 0

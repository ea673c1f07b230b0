"""What is agreed about an enterprise: its state, its union, its line of business."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from outreach.domain.headcounts import Headcount, HeadcountEstimate


class OperatingState(StrEnum):
    """The registry status, or what a visit found."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    MOVING_OUT = "moving_out"
    MOVED_OUT = "moved_out"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    REVOKED = "revoked"
    DISSOLVED = "dissolved"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return _STATE_LABELS[self]

    @property
    def is_active(self) -> bool:
        """Whether people may be expected at work there (a file in change still counts)."""
        return self in {OperatingState.ACTIVE, OperatingState.MOVING_OUT}

    @property
    def has_ended(self) -> bool:
        """Whether the body no longer exists or no longer belongs to the district."""
        return self in {
            OperatingState.MOVED_OUT,
            OperatingState.CANCELLED,
            OperatingState.REVOKED,
            OperatingState.DISSOLVED,
        }


_STATE_LABELS = {
    OperatingState.ACTIVE: "存续",
    OperatingState.SUSPENDED: "歇业",
    OperatingState.MOVING_OUT: "迁出中",
    OperatingState.MOVED_OUT: "迁出",
    OperatingState.CANCELLING: "注销中",
    OperatingState.CANCELLED: "注销",
    OperatingState.REVOKED: "吊销",
    OperatingState.DISSOLVED: "撤销",
    OperatingState.UNKNOWN: "不明",
}


class UnionStatus(StrEnum):
    """Whether employees of the enterprise have a union."""

    NONE = "none"
    OWN = "own"
    JOINT = "joint"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {"none": "未建会", "own": "已建会", "joint": "联合工会覆盖"}[self.value]


class Industry(StrEnum):
    """The kind of premises, as far as it decides when a visit is welcome."""

    OFFICE = "office"
    MANUFACTURE = "manufacture"
    RESTAURANT = "restaurant"
    RETAIL = "retail"
    COURIER = "courier"
    CONSTRUCTION = "construction"
    SCHOOL = "school"
    CLINIC = "clinic"
    HOTEL = "hotel"
    FARM = "farm"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return _INDUSTRY_LABELS[self]


_INDUSTRY_LABELS = {
    Industry.OFFICE: "办公",
    Industry.MANUFACTURE: "工厂",
    Industry.RESTAURANT: "餐饮",
    Industry.RETAIL: "商店",
    Industry.COURIER: "快递物流",
    Industry.CONSTRUCTION: "建筑",
    Industry.SCHOOL: "学校",
    Industry.CLINIC: "医疗养老",
    Industry.HOTEL: "住宿",
    Industry.FARM: "种养",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Enterprise:
    """The agreed values of one enterprise, a fold over its statements.

    `township` is what the address names; `headcount` is the number that stands, `headcounts` all
    dated figures. An empty text means that no source said anything.
    """

    name: str
    uscc: str = ""
    state: OperatingState = OperatingState.UNKNOWN
    state_as_of: date | None = None
    legal_rep: str = ""
    phone: str = ""
    address: str = ""
    township: str = ""
    industry: Industry = Industry.OFFICE
    union_status: UnionStatus = UnionStatus.NONE
    union_name: str = ""
    headcount: HeadcountEstimate | None = None
    headcounts: tuple[Headcount, ...] = ()

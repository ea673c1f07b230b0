"""What is true in the demo district: its firms, their people, headcounts, unions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    from outreach.demo.addresses import Address
    from outreach.demo.names import FirmName


class Kind(StrEnum):
    """Kind of a body; the value is how its credit code starts."""

    COMPANY = "91"
    SOLE_PROPRIETOR = "92"
    COOPERATIVE = "93"
    ASSOCIATION = "51"
    PRIVATE_UNIT = "52"
    COLLECTIVE = "N2"


class Status(StrEnum):
    """True registry status, in the words of the market register."""

    ACTIVE = "存续"
    CANCELLED = "注销"
    REVOKED = "吊销"
    MOVED_OUT = "迁出"


@dataclass(frozen=True, slots=True, kw_only=True)
class JointUnion:
    """One union for several small firms; its code, chair and phone stand in all their rows."""

    name: str
    code: str
    chair: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One body; a branch is one of its own, so are a dead firm and its successor.

    Attributes
    ----------
    number
        Name of the entity in truth.csv.
    former
        Earlier names, newest first.
    former_listed
        Whether the market register tells the earlier names.
    registration
        Number of an old licence; None for a young firm.
    parent_code
        Credit code of the parent of a branch, else None.
    moved_to
        Another address that some registers carry; None for most.
    union_code
        Credit code of its own union; None without one.
    union_lapsed
        True when that union is no more, though the union register still has it.
    joint_union
        The joint union that covers it, else None.
    """

    number: int
    kind: Kind
    name: FirmName
    former: tuple[FirmName, ...] = ()
    former_listed: bool = False
    owner: str
    phone: str
    code: str
    registration: str | None = None
    parent_code: str | None = None
    section: str
    founded: dt.date
    address: Address
    moved_to: Address | None = None
    employees: int
    status: Status
    union_code: str | None = None
    union_lapsed: bool = False
    joint_union: JointUnion | None = None

    @property
    def has_union(self) -> bool:
        """Whether a union of its own or a joint one covers it."""
        return self.joint_union is not None or (
            self.union_code is not None and not self.union_lapsed
        )

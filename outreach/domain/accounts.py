"""Who may do what, and how a password and a session are judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SHORTEST_PASSWORD = 12
"""Characters, as ASVS 5 asks (6.2.1 with a margin); no composition rules."""

MOST_FAILURES = 5
"""Wrong passwords in a row before an account rests (ASVS 5, 6.3.1)."""

REST_AFTER_FAILURES = timedelta(minutes=15)
SESSION_IDLE = timedelta(hours=12)
SESSION_LIFE = timedelta(days=7)

PHONE_SESSION_IDLE = timedelta(days=60)
"""A tied phone stays signed in over a long leave."""

PHONE_SESSION_LIFE = timedelta(days=180)
"""Twice a year the community office ties the phone anew."""


class SessionKind(StrEnum):
    """How a browser was signed in."""

    DESK = "desk"
    PHONE = "phone"

    @property
    def idle(self) -> timedelta:
        """How long it may go unused."""
        return PHONE_SESSION_IDLE if self is SessionKind.PHONE else SESSION_IDLE

    @property
    def life(self) -> timedelta:
        """How long it lasts at most."""
        return PHONE_SESSION_LIFE if self is SessionKind.PHONE else SESSION_LIFE


def session_stands(
    kind: SessionKind, *, started_at: datetime, seen_at: datetime, now: datetime
) -> bool:
    """Whether a session that nobody ended still signs in; both limits are inclusive."""
    return now - seen_at <= kind.idle and now - started_at <= kind.life


class Role(StrEnum):
    """Who does the work, and the three administrators who never see it (三员分立)."""

    GRID_WORKER = "grid_worker"
    DISTRICT = "district"
    PLANNER = "planner"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDITOR = "auditor"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {
            "grid_worker": "网格员",
            "district": "区总工会",
            "planner": "规划人员",
            "system_admin": "系统管理员",
            "security_admin": "安全管理员",
            "auditor": "审计员",
        }[self.value]

    @property
    def sees_district(self) -> bool:
        """Whether the role reads the whole district rather than one grid."""
        return self in {Role.DISTRICT, Role.PLANNER}

    @property
    def is_administrator(self) -> bool:
        """Whether it is one of the three that see no firm, no visit and no plan."""
        return self in {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR}

    @property
    def opens_accounts(self) -> bool:
        """Whether the role proposes, closes and repairs accounts."""
        return self is Role.SYSTEM_ADMIN

    @property
    def grants_roles(self) -> bool:
        """Whether the role decides on what was proposed."""
        return self is Role.SECURITY_ADMIN

    @property
    def reads_audit(self) -> bool:
        """Whether the role reads what everybody did."""
        return self is Role.AUDITOR

    def may_become(self, other: Role) -> bool:
        """Whether an account of this role may get another one: an administrator's never changes.

        Who was one of the three would otherwise judge, as another, what she did before.
        """
        return not self.is_administrator and not other.is_administrator

    @property
    def plans(self) -> bool:
        """Whether the role starts and publishes plans."""
        return self is Role.PLANNER

    @property
    def records_visits(self) -> bool:
        """Whether the role records visits."""
        return self is Role.GRID_WORKER


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The signed-in account, as services judge rights by it.

    A grid worker sees her own grid, and those where she stands in for somebody who is away.
    """

    account_id: int
    district_id: int
    role: Role
    login: str
    display_name: str
    grid_worker_id: int | None = None
    grid_id: int | None = None
    stands_in_for: tuple[int, ...] = ()

    @property
    def grid_ids(self) -> tuple[int, ...]:
        """The grids that a grid worker sees; none for other roles."""
        return () if self.grid_id is None else (self.grid_id, *self.stands_in_for)


def password_problem(password: str, *, login: str) -> str | None:
    """Why a password is refused (a Chinese template), or `None`."""
    if len(password) < SHORTEST_PASSWORD:
        return "密码至少要 12 个字符"
    if password.casefold() in _TOO_COMMON or (login and login.casefold() in password.casefold()):
        return "密码太常见或包含用户名,请换一个"
    return None


_TOO_COMMON = frozenset(
    {"123456789012", "password1234", "111111111111", "qwertyuiop12", "abc123456789"}
)


def rests_until(failures: int, last_failure: datetime | None) -> datetime | None:
    """Until when an account takes no further tries; the rest doubles with each further round."""
    rounds = failures // MOST_FAILURES
    if rounds == 0 or last_failure is None:
        return None
    doubled: int = 2 ** min(rounds - 1, 5)
    return last_failure + REST_AFTER_FAILURES * doubled


def mask_name(name: str) -> str:
    """A person's name as shown to a role that need not know it: the family name and stars."""
    return name[:1] + "*" * max(1, len(name) - 1) if name else ""


def mask_phone(phone: str) -> str:
    """A phone number with its middle hidden."""
    keep = 3
    return (
        phone[:keep] + "****" + phone[-keep:] if len(phone) > 2 * keep else "****" if phone else ""
    )

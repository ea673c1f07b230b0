"""On whose behalf a service acts when nobody signed in."""

from __future__ import annotations

from outreach.domain.accounts import Principal, Role
from outreach.errors import Refused


def command_line(district_id: int) -> Principal:
    """The person at the server's own command line: sees the district, has no account."""
    return Principal(
        account_id=0, district_id=district_id, role=Role.PLANNER, login="", display_name=""
    )


def require_district(principal: Principal) -> None:
    """Keep what the district decides to those who see all of it.

    Raises
    ------
    Refused
        When the role does not.
    """
    if not principal.role.sees_district:
        raise Refused("这里只给区总工会和规划人员用")


def require_business(principal: Principal) -> None:
    """Keep firms, visits and plans from the administrators: they see to accounts and the log.

    Raises
    ------
    Refused
        When the role is an administrator's.
    """
    if principal.role.is_administrator:
        raise Refused("管理员只管账号和记录,不看业务数据")


def require_importer(principal: Principal) -> None:
    """Keep files that offices hand in to those who see the whole district.

    Raises
    ------
    Refused
        When the role does not.
    """
    if not principal.role.sees_district:
        raise Refused("只有区总工会和规划人员可以导入文件")

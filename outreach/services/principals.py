"""On whose behalf a service acts when nobody signed in."""

from __future__ import annotations

from outreach.domain.accounts import Principal, Role


def command_line(district_id: int) -> Principal:
    """The person at the server's own command line: sees the district, has no account."""
    return Principal(
        account_id=0, district_id=district_id, role=Role.PLANNER, login="", display_name=""
    )

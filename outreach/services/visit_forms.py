"""What a grid worker sees above the visit form: the firm, and what is known so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.domain.sources import Source
from outreach.domain.wording import Sentence
from outreach.errors import Refused
from outreach.services.enterprises import get_enterprise

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitForm:
    """The firm to be visited; the last known headcount is shown, never taken for a finding."""

    enterprise_id: int
    name: str
    address: str
    employees: int | None
    headcount_source: Source | None
    headcount_as_of: date | None
    reasons: tuple[Sentence, ...]
    last_visited_on: date | None


def open_visit_form(session: Session, principal: Principal, enterprise_id: int) -> VisitForm:
    """Return what the form shows of a firm.

    Raises
    ------
    Refused
        When the account records no visits.
    NotFound
        When the firm is not in the account's grid.
    """
    if not principal.role.records_visits:
        raise Refused("只有网格员可以记录走访")
    row = get_enterprise(session, principal, enterprise_id)
    return VisitForm(
        enterprise_id=row.id,
        name=row.name,
        address=row.address,
        employees=row.employees,
        headcount_source=Source(row.headcount_source) if row.headcount_source else None,
        headcount_as_of=row.headcount_as_of,
        reasons=tuple(Sentence.from_json(reason) for reason in row.reasons),
        last_visited_on=row.last_visited_on,
    )

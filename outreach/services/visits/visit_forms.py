"""What a grid worker sees above the visit form: the firm, and what is known so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from outreach.domain.enterprises import OperatingState, UnionStatus
from outreach.domain.sources import Source
from outreach.domain.visits import UnionFinding
from outreach.errors import Refused
from outreach.services.enterprises.enterprises import get_enterprise, is_hers, to_domain
from outreach.storage.enterprises import Enterprise
from outreach.storage.visits import Visit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.domain.headcounts import Headcount

WORTH_ASKING_IN = (
    OperatingState.ACTIVE,
    OperatingState.SUSPENDED,
    OperatingState.MOVING_OUT,
    OperatingState.CANCELLING,
)
"""What can be true of a firm where somebody was met."""

_REMEMBERED = ("premises", "union_finding", "attitude", "obstacle")
"""What visits last found is shown again; a count never is, so that it is counted anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitForm:
    """The firm to be visited; why it is due is not told again, since that names figures.

    `registered` are the registers' newest figures, shown only after the worker entered her own
    count; `prefill` holds answers that the dossier knows already: shown at their chips, and a
    finding of the visit only when the worker taps them.
    """

    enterprise_id: int
    name: str
    address: str
    registered: tuple[Headcount, ...]
    prefill: Mapping[str, str]


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
    return _forms(session, [row])[0]


def open_day_forms(
    session: Session, principal: Principal, enterprise_ids: Sequence[int]
) -> tuple[VisitForm, ...]:
    """The forms of all firms of a day, for a page that must work without a network."""
    rows = session.scalars(
        select(Enterprise).where(
            Enterprise.id.in_(enterprise_ids),
            Enterprise.district_id == principal.district_id,
            is_hers(principal),
        )
    )
    return tuple(_forms(session, list(rows)))


def _forms(session: Session, rows: list[Enterprise]) -> list[VisitForm]:
    last = _last_answers(session, [row.id for row in rows])
    return [form_of(row, last.get(row.id, {})) for row in rows]


def _last_answers(session: Session, enterprise_ids: list[int]) -> dict[int, dict[str, object]]:
    """Each question's newest answer: a visit holds only what was said at it."""
    query = (
        select(Visit.enterprise_id, Visit.content)
        .where(Visit.enterprise_id.in_(enterprise_ids))
        .order_by(Visit.visited_at)
    )
    found: dict[int, dict[str, object]] = {}
    for enterprise_id, content in session.execute(query):
        found.setdefault(enterprise_id, {}).update(content)
    return found


def form_of(row: Enterprise, last: Mapping[str, object]) -> VisitForm:
    """The form of one firm; `last` holds what its visits last said. Rights are decided before."""
    enterprise = to_domain(row)
    prefill = {name: str(last[name]) for name in _REMEMBERED if name in last}
    if enterprise.state in WORTH_ASKING_IN:
        prefill["operating_state"] = enterprise.state.value
    if enterprise.union_status is UnionStatus.OWN:
        prefill["union_finding"] = UnionFinding.FOUNDED.value
    elif enterprise.union_status is UnionStatus.JOINT:
        prefill["union_finding"] = UnionFinding.JOINT.value
    return VisitForm(
        enterprise_id=row.id,
        name=row.name,
        address=row.address,
        registered=_registered(enterprise.headcounts),
        prefill=prefill,
    )


def _registered(figures: Sequence[Headcount]) -> tuple[Headcount, ...]:
    """The newest figure of each register; `figures` come by source and day."""
    newest = {figure.source: figure for figure in figures if figure.source is not Source.VISIT}
    return tuple(newest.values())

"""How far each firm that should have a union has come, kept so that lists and figures agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select

from outreach.domain.enterprises import UnionStatus
from outreach.domain.formations import stage_of
from outreach.domain.statements import Prop
from outreach.domain.visits import UnionFinding
from outreach.services.desk.grid_figures import meant_enterprise
from outreach.services.enterprises.enterprises import should_have
from outreach.storage.desk import Formation
from outreach.storage.enterprises import Enterprise, EnterpriseAlias, Member
from outreach.storage.records import Batch, Record, Statement
from outreach.storage.visits import Visit

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

_CHUNK = 5000
_FINDINGS = [finding.value for finding in UnionFinding]


def save_formations(
    session: Session, district_id: int, firms: Collection[int] | None = None
) -> None:
    """Derive where firms stand anew: of some firms, or (`firms` None) of the whole district."""
    gone = delete(Formation).where(Formation.district_id == district_id)
    if firms is not None:
        gone = gone.where(Formation.enterprise_id.in_(firms))
    session.execute(gone)
    cohort = _cohort(district_id, firms)
    findings = _findings(session, district_id, cohort, firms)
    members = _members(session, cohort)
    query = select(
        Enterprise.id, Enterprise.union_status, Enterprise.last_visited_on.is_not(None)
    ).where(*cohort)
    rows: list[dict[str, Any]] = []
    for key, union, is_visited in session.execute(query):
        finding, day = findings.get(key, (None, None))
        stage = stage_of(
            UnionStatus(union),
            finding=finding,
            is_visited=bool(is_visited),
            members=members.get(key),
        )
        rows.append(
            {
                "district_id": district_id,
                "enterprise_id": key,
                "stage": stage.value,
                "finding_on": day,
                "members": members.get(key),
            }
        )
    for start in range(0, len(rows), _CHUNK):
        session.execute(insert(Formation), rows[start : start + _CHUNK])


def _cohort(district_id: int, firms: Collection[int] | None) -> list[ColumnElement[bool]]:
    """Firms that should have a union."""
    found = [
        Enterprise.district_id == district_id,
        Enterprise.retired.is_(False),
        should_have(),
    ]
    if firms is not None:
        found.append(Enterprise.id.in_(firms))
    return found


def _findings(
    session: Session,
    district_id: int,
    cohort: list[ColumnElement[bool]],
    firms: Collection[int] | None,
) -> dict[int, tuple[UnionFinding, date]]:
    """What the last visit with a word about the union found of each firm."""
    key = meant_enterprise(Visit.enterprise_id)
    said = Visit.content["union_finding"].as_string()
    newest = func.row_number().over(partition_by=key, order_by=Visit.visited_at.desc())
    visits = (
        select(
            key.label("firm"),
            said.label("said"),
            Visit.visited_on.label("day"),
            newest.label("place"),
        )
        .select_from(Visit)
        .outerjoin(EnterpriseAlias, EnterpriseAlias.former_id == Visit.enterprise_id)
        .join(Enterprise, Enterprise.id == key)
        .where(Visit.district_id == district_id, said.in_(_FINDINGS), *cohort)
    )
    if firms is not None:
        former = select(EnterpriseAlias.former_id).where(EnterpriseAlias.enterprise_id.in_(firms))
        visits = visits.where(
            Visit.enterprise_id.in_(firms) | Visit.enterprise_id.in_(former.scalar_subquery())
        )
    found = visits.subquery()
    query = select(found.c.firm, found.c.said, found.c.day).where(found.c.place == 1)
    return {firm: (UnionFinding(text), day) for firm, text, day in session.execute(query)}


def _members(session: Session, cohort: list[ColumnElement[bool]]) -> dict[int, int]:
    """How many members the newest word of a union's register counts, by firm."""
    query = (
        select(Enterprise.id, Statement.value)
        .join(Member, Member.enterprise_id == Enterprise.id)
        .join(Record, Record.id == Member.record_id)
        .join(Batch, Batch.id == Record.batch_id)
        .join(Statement, Statement.record_id == Record.id)
        .where(Statement.prop == Prop.MEMBER_COUNT, Batch.undone_at.is_(None), *cohort)
        .order_by(Statement.as_of.nulls_first(), Statement.id)
    )
    return {firm: int(value) for firm, value in session.execute(query) if value.isdigit()}

"""The target list: assessed by one rule, counted and listed with reasons."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from outreach.domain.targets import Standing, TargetRule
from outreach.services.audit import write_audit
from outreach.services.enterprises import assessment_values, to_domain
from outreach.storage.enterprises import Enterprise

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetReport:
    """How the enterprises stand; the counts add up to `enterprises`."""

    enterprises: int
    by_standing: dict[Standing, int]
    target_employees: int
    targets_unplaced: int
    employees_over: int


def assess_district(
    session: Session, *, district_id: int, rule: TargetRule, now: datetime
) -> TargetReport:
    """Assess every enterprise by the rule and store standing and reasons."""
    rows = session.scalars(
        select(Enterprise).where(
            Enterprise.district_id == district_id, Enterprise.retired.is_(False)
        )
    ).all()
    changes = []
    counts: Counter[Standing] = Counter()
    employees = unplaced = 0
    for row in rows:
        values = assessment_values(to_domain(row), rule)
        standing = Standing(values["standing"])
        counts[standing] += 1
        if standing is Standing.TARGET:
            employees += row.employees or 0
            unplaced += row.grid_id is None
        if values["standing"] != row.standing or values["reasons"] != row.reasons:
            changes.append({"id": row.id, **values})
    if changes:
        session.execute(update(Enterprise), changes)
        write_audit(
            session,
            district_id=district_id,
            account_id=None,
            action="assess_targets",
            subject="district",
            subject_id=district_id,
            now=now,
            detail={"changed": len(changes), "employees_over": rule.employees_over},
        )
    return TargetReport(
        enterprises=len(rows),
        by_standing={standing: counts[standing] for standing in Standing},
        target_employees=employees,
        targets_unplaced=unplaced,
        employees_over=rule.employees_over,
    )

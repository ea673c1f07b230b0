"""The target list: assessed by one rule, counted and listed with reasons."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from outreach.domain.calendar import CHINA
from outreach.domain.headcounts import estimate_headcount
from outreach.domain.targets import Standing, TargetRule
from outreach.services.administration.audit import write_audit
from outreach.services.enterprises.enterprises import assessment_values, estimate_values, to_domain
from outreach.services.linking.headcounts import load_calibration
from outreach.storage.enterprises import Enterprise

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from outreach.domain.headcounts import Calibration


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
    """Estimate every enterprise's headcount as of today, assess it by the rule, and store both."""
    rows = session.scalars(
        select(Enterprise).where(
            Enterprise.district_id == district_id, Enterprise.retired.is_(False)
        )
    ).all()
    calibration = load_calibration(session, district_id)
    today = now.astimezone(CHINA).date()
    changes = []
    counts: Counter[Standing] = Counter()
    employees = unplaced = 0
    for row in rows:
        values = _assess(row, calibration, rule, today)
        standing = Standing(values["standing"])
        counts[standing] += 1
        if standing is Standing.TARGET:
            employees += values["employees"] or 0
            unplaced += row.grid_id is None
        if any(getattr(row, name) != value for name, value in values.items()):
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


def _assess(
    row: Enterprise, calibration: Calibration, rule: TargetRule, today: date
) -> dict[str, Any]:
    """The values of one enterprise: figures have aged, a visit's count may have had its time."""
    enterprise = to_domain(row)
    headcount = estimate_headcount(
        enterprise.headcounts, calibration, employees_over=rule.employees_over, today=today
    )
    assessed = assessment_values(replace(enterprise, headcount=headcount), rule)
    return {**estimate_values(headcount), **assessed}

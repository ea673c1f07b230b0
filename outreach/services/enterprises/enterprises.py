"""The enterprise file: folded values in, read models out, scoped to what an account may see."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, TypeVarTuple

from sqlalchemy import func, or_, select

from outreach.domain.enterprises import Enterprise, Industry, OperatingState, UnionStatus
from outreach.domain.headcounts import Headcount, HeadcountClass, HeadcountEstimate
from outreach.domain.plans import PlanStatus
from outreach.domain.positions import Position, UnplacedReason
from outreach.domain.sources import Source
from outreach.domain.targets import Standing, TargetRule, assess_target
from outreach.errors import NotFound
from outreach.fusion.placing import place_enterprise
from outreach.fusion.survivorship import fold_enterprise
from outreach.services.administration.principals import require_business
from outreach.storage import enterprises as table
from outreach.storage.plans import PlanRoute, PlanStop, VisitPlan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session
    from sqlalchemy.sql import ColumnElement, Select

    from outreach.domain.accounts import Principal
    from outreach.domain.headcounts import Calibration
    from outreach.domain.statements import Statement
    from outreach.fusion.addresses import Gazetteer
    from outreach.services.grids.grids import GridLocator


Columns = TypeVarTuple("Columns")


_OVER = (HeadcountClass.SURELY_OVER, HeadcountClass.PROBABLY_OVER)


def should_have() -> ColumnElement[bool]:
    """A firm that should have a union: active, over the line, with one or without."""
    return table.Enterprise.standing.in_([Standing.TARGET, Standing.WITH_UNION]) & (
        table.Enterprise.headcount_class.in_(_OVER)
    )


def make_rows(
    statements: Mapping[int, list[Statement]],
    gazetteer: Gazetteer,
    locator: GridLocator,
    *,
    calibration: Calibration,
    rule: TargetRule,
    today: date,
) -> list[dict[str, Any]]:
    """Fold, place and assess enterprises: one row of values per enterprise id."""
    folded = {
        key: fold_enterprise(
            said,
            gazetteer.township_of,
            today=today,
            calibration=calibration,
            employees_over=rule.employees_over,
        )
        for key, said in statements.items()
    }
    places = place_rows(statements, gazetteer, locator)
    return [
        {
            "id": key,
            "retired": False,
            **folded_values(enterprise),
            **places[key],
            **assessment_values(enterprise, rule),
        }
        for key, enterprise in folded.items()
    ]


def place_rows(
    statements: Mapping[int, list[Statement]], gazetteer: Gazetteer, locator: GridLocator
) -> dict[int, dict[str, Any]]:
    """Place enterprises: the values of position and grid for each enterprise id."""
    positions = {key: place_enterprise(said, gazetteer) for key, said in statements.items()}
    placed = [key for key, position in positions.items() if isinstance(position, Position)]
    points = [(p.lon, p.lat) for key in placed if isinstance(p := positions[key], Position)]
    grids = dict(zip(placed, locator.locate(points), strict=True))
    rows = {}
    for key, position in positions.items():
        is_outside = key in grids and grids[key] is None and locator.index is not None
        found = UnplacedReason.OUTSIDE_GRIDS if is_outside else position
        rows[key] = {**_position_values(found), "grid_id": grids.get(key)}
    return rows


def folded_values(enterprise: Enterprise) -> dict[str, Any]:
    """The agreed values as they are stored."""
    return {
        "name": enterprise.name,
        "uscc": enterprise.uscc,
        "state": enterprise.state.value,
        "state_as_of": enterprise.state_as_of,
        "legal_rep": enterprise.legal_rep,
        "phone": enterprise.phone,
        "address": enterprise.address,
        "township": enterprise.township,
        "industry": enterprise.industry.value,
        "union_status": enterprise.union_status.value,
        "union_name": enterprise.union_name,
        **estimate_values(enterprise.headcount),
        "headcounts": [
            {
                "employees": h.employees,
                "source": h.source.value,
                "as_of": h.as_of.isoformat() if h.as_of else None,
                "accounts": h.accounts,
            }
            for h in enterprise.headcounts
        ],
    }


def estimate_values(headcount: HeadcountEstimate | None) -> dict[str, Any]:
    """The number that stands as it is stored; a source is named when its count stands as it is."""
    if headcount is None:
        names = ("employees", "headcount_source", "headcount_as_of")
        return dict.fromkeys((*names, "headcount_low", "headcount_high", "over_probability"))
    return {
        "employees": headcount.employees,
        "headcount_source": Source.VISIT.value if headcount.is_count else None,
        "headcount_as_of": headcount.as_of,
        "headcount_low": headcount.low,
        "headcount_high": headcount.high,
        "over_probability": headcount.over_probability,
    }


def _position_values(position: Position | UnplacedReason) -> dict[str, Any]:
    if isinstance(position, UnplacedReason):
        names = (
            "lon",
            "lat",
            "received_lon",
            "received_lat",
            "datum",
            "position_source",
            "position_error_m",
            "position_as_of",
        )
        return {**dict.fromkeys(names), "place_name": "", "unplaced_reason": position.value}
    return {
        "lon": position.lon,
        "lat": position.lat,
        "received_lon": position.received_lon,
        "received_lat": position.received_lat,
        "datum": position.datum,
        "position_source": position.source.value,
        "position_error_m": position.error_m,
        "position_as_of": position.as_of,
        "place_name": position.place_name,
        "unplaced_reason": None,
    }


def assessment_values(enterprise: Enterprise, rule: TargetRule) -> dict[str, Any]:
    """Assess an enterprise: its standing and the reasons as they are stored."""
    assessment = assess_target(enterprise, rule)
    return {
        "standing": assessment.standing.value,
        "headcount_class": assessment.headcount_class.value if assessment.headcount_class else "",
        "reasons": [reason.as_json() for reason in assessment.reasons],
    }


def to_domain(row: table.Enterprise) -> Enterprise:
    """Turn a stored row into the values that rules judge."""
    return Enterprise(
        name=row.name,
        uscc=row.uscc,
        state=OperatingState(row.state),
        state_as_of=row.state_as_of,
        legal_rep=row.legal_rep,
        phone=row.phone,
        address=row.address,
        township=row.township,
        industry=Industry(row.industry),
        union_status=UnionStatus(row.union_status),
        union_name=row.union_name,
        headcount=_estimate(row),
        headcounts=tuple(
            Headcount(
                employees=h["employees"],
                source=Source(h["source"]),
                as_of=date.fromisoformat(h["as_of"]) if h["as_of"] else None,
                accounts=h.get("accounts", 1),
            )
            for h in row.headcounts
        ),
    )


def _estimate(row: table.Enterprise) -> HeadcountEstimate | None:
    """Read back the number that stands, or `None` before the first linking that estimates it."""
    if row.employees is None or row.over_probability is None:
        return None
    return HeadcountEstimate(
        employees=row.employees,
        low=row.employees if row.headcount_low is None else row.headcount_low,
        high=row.employees if row.headcount_high is None else row.headcount_high,
        over_probability=row.over_probability,
        as_of=row.headcount_as_of,
        is_count=row.headcount_source == Source.VISIT,
    )


def in_scope(query: Select[*Columns], principal: Principal) -> Select[*Columns]:
    """Keep to what the account may see: its district; a grid worker the firms of `is_hers`.

    Raises
    ------
    Refused
        When the role is an administrator's: none of them sees a firm.
    """
    require_business(principal)
    query = query.where(
        table.Enterprise.district_id == principal.district_id, table.Enterprise.retired.is_(False)
    )
    if not principal.role.sees_district:
        query = query.where(is_hers(principal))
    return query


def is_hers(principal: Principal) -> ColumnElement[bool]:
    """Whether a firm lies in a grid that the worker serves, or is on her published route.

    The second holds for a neighbour's firm that was lent to her, and for one whose grid changed
    under a published week. It ends with the second newest published week.
    """
    weeks = (
        select(VisitPlan.week)
        .where(
            VisitPlan.district_id == principal.district_id,
            VisitPlan.status == PlanStatus.PUBLISHED,
        )
        .order_by(VisitPlan.week.desc())
        .limit(2)
    )
    routed = (
        select(PlanStop.enterprise_id)
        .join(PlanRoute, PlanRoute.id == PlanStop.route_id)
        .join(VisitPlan, VisitPlan.id == PlanRoute.plan_id)
        .where(
            PlanRoute.grid_id.in_(principal.grid_ids),
            VisitPlan.status == PlanStatus.PUBLISHED,
            VisitPlan.week.in_(weeks),
        )
    )
    return or_(table.Enterprise.grid_id.in_(principal.grid_ids), table.Enterprise.id.in_(routed))


def current_id(session: Session, enterprise_id: int) -> int:
    """Follow aliases from a former id to the enterprise that stands for it now."""
    for _ in range(10):
        alias = session.get(table.EnterpriseAlias, enterprise_id)
        if alias is None:
            return enterprise_id
        enterprise_id = alias.enterprise_id
    return enterprise_id


def all_ids(session: Session, enterprise_id: int) -> set[int]:
    """An enterprise's id and the former ones that mean it now."""
    former = select(table.EnterpriseAlias.former_id).where(
        table.EnterpriseAlias.enterprise_id == enterprise_id
    )
    return {enterprise_id, *session.scalars(former)}


def get_enterprise(session: Session, principal: Principal, enterprise_id: int) -> table.Enterprise:
    """Return an enterprise that the account may see.

    Raises
    ------
    NotFound
        When it does not exist, or lies in another grid or district: the account cannot tell which.
    """
    query = select(table.Enterprise).where(
        table.Enterprise.id == current_id(session, enterprise_id)
    )
    row: table.Enterprise | None = session.scalar(in_scope(query, principal))
    if row is None:
        raise NotFound("没有找到这家企业")
    return row


def count_unplaced(session: Session, district_id: int) -> dict[UnplacedReason, int]:
    """How many enterprises have no position, by reason."""
    query = (
        select(table.Enterprise.unplaced_reason, func.count())
        .where(
            table.Enterprise.district_id == district_id,
            table.Enterprise.retired.is_(False),
            table.Enterprise.unplaced_reason.is_not(None),
        )
        .group_by(table.Enterprise.unplaced_reason)
    )
    found = dict(session.execute(query).all())
    return {reason: found[reason.value] for reason in UnplacedReason if reason.value in found}

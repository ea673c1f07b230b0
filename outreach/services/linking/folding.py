"""Enterprises folded, placed and assessed, and stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from outreach.domain.positions import PositionSource
from outreach.domain.sources import Source
from outreach.domain.statements import Prop
from outreach.fusion.survivorship import fold_enterprise
from outreach.services.enterprises.enterprises import assessment_values, folded_values, make_rows
from outreach.services.enterprises.firm_grids import note_moves
from outreach.services.enterprises.places import place_again
from outreach.services.grids.grids import load_locator
from outreach.services.linking.headcounts import load_calibration
from outreach.services.registers.statements import (
    find_parent_coded,
    load_statements,
    without_parent_codes,
)
from outreach.storage.enterprises import Enterprise, Member

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from outreach.domain.enterprises import Enterprise as Folded
    from outreach.domain.statements import Statement
    from outreach.domain.targets import TargetRule
    from outreach.fusion.addresses import Gazetteer

_CHUNK = 5000


def fold_records(
    said: Mapping[int, list[Statement]], township_of: Callable[[str], str], *, today: date
) -> Callable[[Sequence[int]], Folded]:
    """A way to fold what some records say into the enterprise that they would make together."""

    def fold(records: Sequence[int]) -> Folded:
        together = [s for record_id in records for s in said.get(record_id, ())]
        return fold_enterprise(together, township_of, today=today)

    return fold


def save_values(
    session: Session,
    clusters: Sequence[tuple[int, ...]],
    ids: Sequence[int],
    said: dict[int, list[Statement]],
    gazetteer: Gazetteer,
    *,
    district_id: int,
    rule: TargetRule,
    today: date,
) -> int:
    """Fold, place and assess enterprises; returns how many lie in a grid.

    `clusters` are the records of each of the enterprises `ids`; `said` what each record says.
    """
    locator = load_locator(session, district_id)
    calibration = load_calibration(session, district_id)
    placed = 0
    for start in range(0, len(ids), _CHUNK):
        statements = {
            enterprise_id: [s for record_id in cluster for s in said.get(record_id, ())]
            for cluster, enterprise_id in zip(
                clusters[start : start + _CHUNK], ids[start : start + _CHUNK], strict=True
            )
        }
        values = make_rows(
            statements, gazetteer, locator, calibration=calibration, rule=rule, today=today
        )
        placed += sum(value["grid_id"] is not None for value in values)
        note_moves(session, district_id, {v["id"]: v["grid_id"] for v in values}, today=today)
        session.execute(update(Enterprise), values)
    return placed


def refold(session: Session, enterprise: Enterprise, *, rule: TargetRule, today: date) -> None:
    """Fold one enterprise anew from all that was said about it, and place it by a visit's point."""
    members = list(
        session.scalars(select(Member.record_id).where(Member.enterprise_id == enterprise.id))
    )
    said = without_parent_codes(
        load_statements(session, enterprise.district_id, members),
        find_parent_coded(session, members),
    )
    folded = fold_enterprise(
        (s for statements in said.values() for s in statements),
        lambda _address: enterprise.township,
        today=today,
        calibration=load_calibration(session, enterprise.district_id),
        employees_over=rule.employees_over,
    )
    values = {**folded_values(folded), **assessment_values(folded, rule)}
    for name, value in values.items():
        setattr(enterprise, name, value)
    was_seen = enterprise.position_source == PositionSource.VISIT
    if was_seen or any(_is_fix(s) for statements in said.values() for s in statements):
        place_again(session, enterprise.district_id, [enterprise], today=today)


def _is_fix(statement: Statement) -> bool:
    return statement.prop is Prop.POSITION and statement.source is Source.VISIT

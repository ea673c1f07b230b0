"""Lists of enterprises: one page at a time, filtered by what the desk's numbers count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVarTuple

from sqlalchemy import String, cast, func, or_, select

from outreach.domain.enterprises import OperatingState, UnionStatus
from outreach.domain.formations import Stage
from outreach.domain.grid_figures import DUE, FRESH_DAYS
from outreach.domain.headcounts import HeadcountClass
from outreach.domain.positions import UnplacedReason
from outreach.domain.targets import Standing
from outreach.domain.wording import Sentence
from outreach.services.enterprises.enterprises import in_scope, should_have
from outreach.storage.desk import Formation
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session
    from sqlalchemy.sql import Select

    from outreach.domain.accounts import Principal

Columns = TypeVarTuple("Columns")


NO_TOWNSHIP = "-"
"""In a filter: the firms that no grid holds and whose address names no township."""


class Freshness(StrEnum):
    """How a firm stands to its last visit."""

    COVERED = "covered"
    OVERDUE = "overdue"
    NEVER = "never"
    EVER = "ever"
    UNCOVERED = "uncovered"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {
            "covered": "30 天内走访过",
            "overdue": "超期",
            "never": "还没有走访过",
            "ever": "曾走访过",
            "uncovered": "30 天内没有走访",
        }[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterpriseLine:
    """One line of a list of enterprises; no personal data."""

    id: int
    name: str
    uscc: str
    address: str
    township: str
    grid_name: str
    state: OperatingState
    union_status: UnionStatus
    employees: int | None
    headcount_class: HeadcountClass | None
    standing: Standing | None
    reasons: tuple[Sentence, ...]
    unplaced_reason: UnplacedReason | None
    last_visited_on: date | None
    lon: float | None
    lat: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterpriseFilter:
    """What a list shows; an empty field does not filter.

    `due` keeps targets, near misses and firms with a union; `should_have` those that are active and
    over the line, with a union or without; `stage` firms that stand at a step to
    a union, `reached` those that came so far or further. The township is that of the firm's grid,
    without a grid the one that its address names, as the figures count it.
    """

    standing: Standing | None = None
    headcount_class: HeadcountClass | None = None
    township: str = ""
    grid_id: int | None = None
    text: str = ""
    unplaced: bool = False
    placed: bool = False
    missing: bool = False
    due: bool = False
    should_have: bool = False
    visited: Freshness | None = None
    stage: Stage | None = None
    reached: Stage | None = None


def list_enterprises(
    session: Session,
    principal: Principal,
    wanted: EnterpriseFilter,
    *,
    limit: int = 50,
    offset: int = 0,
    today: date | None = None,
) -> tuple[list[EnterpriseLine], int]:
    """Return one page, largest headcount first, and how many there are in all.

    `today` is needed where the filter asks when a firm was visited.
    """
    keys = filtered(select(Enterprise.id), principal, wanted, today=today)
    total = session.scalar(select(func.count()).select_from(keys.subquery())) or 0
    order = (Enterprise.employees.desc().nulls_last(), Enterprise.id)
    page = list(session.scalars(keys.order_by(*order).limit(limit).offset(offset)))
    return lines_of(session, page), total


def filtered(
    query: Select[*Columns], principal: Principal, wanted: EnterpriseFilter, *, today: date | None
) -> Select[*Columns]:
    """Keep to what the account may see and to what is wanted; joins the firms' grids."""
    query = in_scope(query, principal).outerjoin(Grid, Grid.id == Enterprise.grid_id)
    if wanted.stage is not None or wanted.reached is not None:
        query = query.join(Formation, Formation.enterprise_id == Enterprise.id)
    return query.where(*_conditions(wanted, today))


def _conditions(wanted: EnterpriseFilter, today: date | None) -> Iterable[ColumnElement[bool]]:
    if wanted.standing is not None:
        yield Enterprise.standing == wanted.standing
    if wanted.due:
        yield Enterprise.standing.in_(DUE)
    if wanted.should_have:
        yield should_have()
    if wanted.headcount_class is not None:
        yield Enterprise.headcount_class == wanted.headcount_class
    if wanted.township:
        named = "" if wanted.township == NO_TOWNSHIP else wanted.township
        yield func.coalesce(Grid.township, Enterprise.township) == named
    if wanted.grid_id is not None:
        yield Enterprise.grid_id == wanted.grid_id
    if wanted.unplaced or wanted.placed:
        yield _placed(wanted)
    if wanted.missing:
        yield cast(Enterprise.missing_from, String) != "[]"
    if wanted.text:
        yield or_(
            Enterprise.name.contains(wanted.text, autoescape=True),
            Enterprise.uscc == wanted.text.upper(),
        )
    yield from _progress(wanted, today)


def _placed(wanted: EnterpriseFilter) -> ColumnElement[bool]:
    """A firm is placed once it lies in a grid, as the figures count it."""
    return Enterprise.grid_id.is_not(None) if wanted.placed else Enterprise.grid_id.is_(None)


def _progress(wanted: EnterpriseFilter, today: date | None) -> Iterable[ColumnElement[bool]]:
    """What was done about a firm so far."""
    if wanted.visited is not None:
        yield _visited(wanted.visited, today)
    if wanted.stage is not None:
        yield Formation.stage == wanted.stage
    if wanted.reached is not None:
        yield Formation.stage.in_(list(Stage)[list(Stage).index(wanted.reached) :])


def _visited(wanted: Freshness, today: date | None) -> ColumnElement[bool]:
    last = Enterprise.last_visited_on
    if wanted is Freshness.NEVER:
        return last.is_(None)
    if wanted is Freshness.EVER:
        return last.is_not(None)
    if today is None:
        raise ValueError("today: needed to tell covered firms from overdue ones")
    fresh = today - timedelta(days=FRESH_DAYS)
    if wanted is Freshness.UNCOVERED:
        return or_(last.is_(None), last < fresh)
    return last >= fresh if wanted is Freshness.COVERED else last < fresh


def lines_of(session: Session, keys: list[int]) -> list[EnterpriseLine]:
    """The lines of firms in the order of their keys."""
    query = (
        select(Enterprise, Grid.name)
        .outerjoin(Grid, Grid.id == Enterprise.grid_id)
        .where(Enterprise.id.in_(keys))
    )
    found = {row.id: _line(row, grid or "") for row, grid in session.execute(query)}
    return [found[key] for key in keys if key in found]


def _line(row: Enterprise, grid_name: str) -> EnterpriseLine:
    return EnterpriseLine(
        id=row.id,
        name=row.name,
        uscc=row.uscc,
        address=row.address,
        township=row.township,
        grid_name=grid_name,
        state=OperatingState(row.state),
        union_status=UnionStatus(row.union_status),
        employees=row.employees,
        headcount_class=HeadcountClass(row.headcount_class) if row.headcount_class else None,
        standing=Standing(row.standing) if row.standing else None,
        reasons=tuple(Sentence.from_json(reason) for reason in row.reasons),
        unplaced_reason=UnplacedReason(row.unplaced_reason) if row.unplaced_reason else None,
        last_visited_on=row.last_visited_on,
        lon=row.lon,
        lat=row.lat,
    )

"""Plan versions with their routes, stops and what was left out, what people changed and fixed.

Only a draft changes; a published version never does.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from outreach.storage.base import Base, InDistrict


class VisitPlan(InDistrict, Base):
    """One version of a district's week; `rule` holds the parameters it was made with.

    `name` is that of a scenario of the laboratory, empty otherwise; `based_on` the version that it
    was copied from or planned again from.
    """

    __tablename__ = "visit_plans"
    __table_args__ = (UniqueConstraint("district_id", "week", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    week: Mapped[date]
    version: Mapped[int]
    status: Mapped[str] = mapped_column(String(12))
    rule: Mapped[dict[str, Any]] = mapped_column(JSON)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    published_at: Mapped[datetime | None]
    published_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    name: Mapped[str] = mapped_column(String(60), default="", server_default="")
    based_on: Mapped[int | None] = mapped_column(ForeignKey("visit_plans.id"))


class PlanRoute(InDistrict, Base):
    """One grid worker's day in a plan."""

    __tablename__ = "plan_routes"
    __table_args__ = (Index("ix_plan_routes_plan_id_grid_id", "plan_id", "grid_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("visit_plans.id"))
    grid_id: Mapped[int] = mapped_column(ForeignKey("grids.id"))
    grid_worker_id: Mapped[int] = mapped_column(ForeignKey("grid_workers.id"))
    day: Mapped[date]
    travel_s: Mapped[int]
    travel_kind: Mapped[str] = mapped_column(String(16))


class PlanStop(InDistrict, Base):
    """One planned visit; the moments are on the clock of the day, seconds after midnight."""

    __tablename__ = "plan_stops"
    __table_args__ = (
        UniqueConstraint("plan_id", "enterprise_id"),
        Index("ix_plan_stops_route_id", "route_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("visit_plans.id"))
    route_id: Mapped[int] = mapped_column(ForeignKey("plan_routes.id"))
    sequence: Mapped[int]
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"))
    purpose: Mapped[str] = mapped_column(String(12))
    arrive_s: Mapped[int]
    start_s: Mapped[int]
    end_s: Mapped[int]
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class PlanLeftOut(InDistrict, Base):
    """A firm that was due and is not in the plan, with the reason."""

    __tablename__ = "plan_left_out"
    __table_args__ = (UniqueConstraint("plan_id", "enterprise_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("visit_plans.id"))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grids.id"))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"))
    purpose: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(20))


class PlanEdit(InDistrict, Base):
    """One change that a planner made to a grid's week in a draft, by hand or by planning it again.

    `before` and `after` are the whole orders: enterprise ids by day; beside them `before` keeps
    what else taking it back brings back (`WeekState`). `undone` tells that the change was taken
    back; the row stays.
    """

    __tablename__ = "plan_edits"
    __table_args__ = (UniqueConstraint("plan_id", "grid_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("visit_plans.id"))
    grid_id: Mapped[int] = mapped_column(ForeignKey("grids.id"))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id"))
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    undone: Mapped[bool]
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))


class PlanLock(InDistrict, Base):
    """What a planner fixed in a draft: a day's route (`day`), or one stop (`enterprise_id`).

    A locked stop is fixed where it stands: moved by hand, it takes its lock along; taken out of the
    plan it loses it, until that is undone.
    """

    __tablename__ = "plan_locks"
    __table_args__ = (
        UniqueConstraint("plan_id", "enterprise_id"),
        UniqueConstraint("plan_id", "grid_id", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("visit_plans.id"))
    grid_id: Mapped[int] = mapped_column(ForeignKey("grids.id"))
    level: Mapped[str] = mapped_column(String(12))
    day: Mapped[date | None]
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id"))

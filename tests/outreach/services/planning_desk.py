"""A planner before one grid of a draft, for the tests of the board."""

from __future__ import annotations

from datetime import timedelta

import factories as f
from sqlalchemy import select

from outreach.domain.accounts import Principal, Role
from outreach.domain.plans import PlanRule
from outreach.services.planning.board_views import view_board
from outreach.services.planning.boards import lock_route, lock_stop, place_stop, undo_edit
from outreach.services.planning.plan_rows import read_grid
from outreach.services.planning.plans import plan_week
from outreach.services.planning.replans import replan_grid
from outreach.services.planning.solved_weeks import newest_number
from outreach.storage.grids import Grid
from outreach.storage.plans import PlanLeftOut, VisitPlan

RULE = PlanRule(seconds_per_grid=0.2, most_stops_a_day=2)
FRIDAY_BEFORE = f.NOW - timedelta(days=3)
TUESDAY, WEDNESDAY = f.MONDAY + timedelta(days=1), f.MONDAY + timedelta(days=2)
FRIDAY = f.MONDAY + timedelta(days=4)


class Desk:
    """A planner before one grid of a draft."""

    def __init__(self, session, district, plan_id):
        self.session, self.district, self.plan_id = session, district, plan_id
        self.grid_id = session.scalar(select(Grid.id).where(Grid.code == "G1"))
        self.planner = Principal(
            account_id=0,
            district_id=district.id,
            role=Role.PLANNER,
            login="",
            display_name="",
        )

    @property
    def orders(self):
        return read_grid(self.session, self.plan_id, self.grid_id).orders

    @property
    def stops(self):
        return [key for order in self.orders.values() for key in order]

    @property
    def left_out(self):
        return self.session.scalars(
            select(PlanLeftOut.enterprise_id).where(PlanLeftOut.plan_id == self.plan_id)
        ).all()

    def known(self, **changes):
        seen = newest_number(self.session, self.plan_id, self.grid_id)
        return {"seen": seen, "now": FRIDAY_BEFORE, **changes}

    def put(self, key, to, **changes):
        return place_stop(
            self.session,
            changes.pop("who", self.planner),
            self.plan_id,
            self.grid_id,
            enterprise_id=key,
            to=to,
            **self.known(**changes),
        )

    def undo(self):
        return undo_edit(self.session, self.planner, self.plan_id, self.grid_id, **self.known())

    def replan(self, mode, **changes):
        return replan_grid(
            self.session,
            self.planner,
            self.plan_id,
            self.grid_id,
            mode=mode,
            **self.known(**changes),
        )

    def lock(self, key, level):
        lock_stop(
            self.session,
            self.planner,
            self.plan_id,
            self.grid_id,
            enterprise_id=key,
            level=level,
            **self.known(),
        )

    def lock_day(self, day, *, locked=True):
        lock_route(
            self.session,
            self.planner,
            self.plan_id,
            self.grid_id,
            day=day,
            locked=locked,
            **self.known(),
        )

    def board(self, edit=None):
        done = edit.number if edit else 0
        return view_board(self.session, self.planner, self.plan_id, self.grid_id, done=done)

    def figures(self):
        return self.session.get_one(VisitPlan, self.plan_id).figures


def open_desk(session, folder):
    """Twelve due firms in one grid whose worker takes ten a week."""
    rows = [
        f.firm(n, name=f"第{n}号家具厂", employees=str(40 + n), address=f"东风镇幸福路{n + 1}号")
        for n in range(12)
    ]
    district = f.make_district(session, folder, market=rows)
    report = plan_week(
        session,
        district_id=district.id,
        week=f.MONDAY,
        rule=RULE,
        now=FRIDAY_BEFORE,
        processes=1,
    )
    return Desk(session, district, report.plan_id)

"""Who could help: the free time of neighbours, also of those that have nothing to do."""

from __future__ import annotations

import pytest
from planning_desk import FRIDAY, FRIDAY_BEFORE, TUESDAY, open_desk
from sqlalchemy import select

from outreach.services.administration.leave import WantedLeave, add_leave
from outreach.services.planning.loans import list_helpers
from outreach.storage.grids import Grid
from outreach.storage.plans import VisitPlan


@pytest.fixture
def desk(session, tmp_path):
    return open_desk(session, tmp_path / "files")


def test_a_helper_with_nothing_due_is_shown_with_all_the_days_she_is_there(desk):
    other = desk.session.scalar(select(Grid).where(Grid.code == "G2"))
    plan = desk.session.get_one(VisitPlan, desk.plan_id)
    assert str(other.id) not in plan.figures["loads"]

    def free():
        found = list_helpers(desk.session, desk.planner, desk.plan_id, desk.left_out[0])
        return [(one.grid_id, one.free_minutes) for one in found]

    assert free() == [(other.id, 5 * 420)]
    wanted = WantedLeave(grid_id=other.id, first=TUESDAY, last=FRIDAY, stand_in_grid_id=None)
    add_leave(desk.session, desk.planner, wanted, now=FRIDAY_BEFORE)
    assert free() == [(other.id, 420)]
    plan.figures = {**plan.figures, "loads": {}}
    assert free() == [(other.id, None)]

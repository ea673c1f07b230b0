"""Balance: what each grid has to do, and other borders that a person adopts."""

from __future__ import annotations

from datetime import timedelta

import factories as f
import pytest
from shapely.geometry import shape
from sqlalchemy import select

from maps.grids import check_grids
from outreach.domain.accounts import Principal, Role
from outreach.domain.borders import BorderRule, ProposalStatus
from outreach.domain.plans import PlanRule
from outreach.errors import Conflict, NotFound, Refused
from outreach.services.grids.borders import decide_proposal, newest_proposals, propose_borders
from outreach.services.planning.balance import view_balance, view_proposal
from outreach.services.planning.plans import plan_week
from outreach.storage.accounts import AuditEntry
from outreach.storage.enterprises import Enterprise
from outreach.storage.grid_history import FirmGrid, GridChange, GridVersion
from outreach.storage.grids import Grid


def planner(district, role=Role.PLANNER):
    return Principal(account_id=0, district_id=district.id, role=role, login="", display_name="")


@pytest.fixture
def crowded(session, tmp_path):
    """Thirty firms in the western grid, from its border with the eastern one to the west."""
    rows = [f.firm(n, name=f"第{n}号家具厂", employees="60") for n in range(30)]
    district = f.make_district(session, tmp_path / "files", market=rows)
    for n, firm in enumerate(session.scalars(select(Enterprise).order_by(Enterprise.id))):
        firm.lon, firm.lat = 115.0 + 0.0003 * (n + 2), 25.001 + 0.008 * (n % 3) / 3
    session.flush()
    return district


def propose(session, district, **rule):
    told = []
    proposal = propose_borders(
        session,
        district_id=district.id,
        rule=BorderRule(**{"tolerance_percent": 10, "seconds": 4, **rule}),
        now=f.NOW,
        today=f.TODAY,
        made_by=None,
        on_progress=lambda done, total: told.append((done, total)),
    )
    assert told[-1] == (proposal.rule["seconds"], proposal.rule["seconds"])
    return proposal


def decide(session, district, proposal, *, adopt, role=Role.PLANNER):
    return decide_proposal(
        session,
        planner(district, role),
        proposal.id,
        adopt=adopt,
        now=f.NOW,
        today=f.TODAY,
    )


def grids_of_firms(session):
    return dict(session.execute(select(Enterprise.id, Enterprise.grid_id)).all())


def test_a_proposal_relieves_the_crowded_grid_and_changes_nothing_by_itself(session, crowded):
    before = grids_of_firms(session)
    shapes = dict(session.execute(select(Grid.id, Grid.geometry)).all())
    proposal = propose(session, crowded)
    figures = proposal.figures
    assert figures["grids_over_before"] == 1
    assert figures["over_after"] < figures["over_before"]
    assert 0 < figures["firms_moved"] < 30
    assert sum(a for _, a in figures["minutes"].values()) == sum(
        b for b, _ in figures["minutes"].values()
    )
    assert grids_of_firms(session) == before
    assert dict(session.execute(select(Grid.id, Grid.geometry)).all()) == shapes


def test_proposed_grids_are_whole_and_leave_neither_gap_nor_overlap(session, crowded):
    proposal = propose(session, crowded)
    shapes = {key: shape(geometry) for key, geometry in proposal.grids.items()}
    assert {one.geom_type for one in shapes.values()} == {"Polygon"}
    assert check_grids(list(shapes), list(shapes.values())) == ()


def test_a_looser_limit_moves_fewer_firms(session, crowded):
    tight, loose = propose(session, crowded), propose(session, crowded, tolerance_percent=90)
    assert loose.figures["firms_moved"] < tight.figures["firms_moved"]
    nothing = propose(session, crowded, tolerance_percent=100)
    assert (nothing.figures["firms_moved"], nothing.grids) == (0, {})


def test_adopting_moves_borders_and_firms_and_keeps_what_was(session, crowded):
    before = grids_of_firms(session)
    proposal = propose(session, crowded)
    decide(session, crowded, proposal, adopt=True)
    assert proposal.status == ProposalStatus.ADOPTED
    after = grids_of_firms(session)
    moved = {str(key): grid for key, grid in after.items() if grid != before[key]}
    assert moved == proposal.firms
    change = session.scalar(select(GridChange))
    assert change.firms_moved == len(moved) == proposal.figures["all_moved"]
    versions = session.scalars(select(GridVersion)).all()
    assert {version.grid_id for version in versions} == {int(key) for key in proposal.grids}
    assert all(version.before != version.after for version in versions)
    history = session.scalars(select(FirmGrid).where(FirmGrid.since == f.TODAY)).all()
    assert {str(row.enterprise_id): row.grid_id for row in history} == moved
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions[-2:] == ["propose_borders", "adopt_borders"]


def test_firms_that_nobody_is_to_visit_are_counted_as_changing_hands_too(session, crowded):
    known = propose(session, crowded)
    firms = session.scalars(select(Enterprise).order_by(Enterprise.id)).all()
    chosen = next(firm for firm in firms if str(firm.id) in known.firms)
    assert chosen.standing != "under"
    chosen.standing, chosen.employees = "under", 3
    session.flush()
    proposal = propose(session, crowded)
    before = grids_of_firms(session)
    decide(session, crowded, proposal, adopt=True)
    after = grids_of_firms(session)
    moved = [key for key in after if after[key] != before[key]]
    assert len(moved) == proposal.figures["all_moved"] == proposal.figures["firms_adopted"]
    assert proposal.figures["all_firms"] == len(firms)


def test_a_proposal_is_decided_once_and_only_by_a_planner(session, crowded):
    proposal = propose(session, crowded)
    with pytest.raises(Refused):
        decide(session, crowded, proposal, adopt=True, role=Role.DISTRICT)
    with pytest.raises(Refused):
        decide(session, crowded, proposal, adopt=True, role=Role.GRID_WORKER)
    decide(session, crowded, proposal, adopt=False)
    assert proposal.status == ProposalStatus.DISCARDED
    with pytest.raises(Conflict, match="不能再决定"):
        decide(session, crowded, proposal, adopt=True)


def test_a_proposal_for_borders_that_changed_since_is_not_adopted(session, crowded):
    first, second = propose(session, crowded), propose(session, crowded, seed=2)
    decide(session, crowded, first, adopt=True)
    with pytest.raises(Conflict, match="改过了"):
        decide(session, crowded, second, adopt=True)


def test_the_view_names_what_every_grid_and_firm_would_get(session, crowded):
    proposal = propose(session, crowded)
    view = view_proposal(session, planner(crowded), proposal.id)
    assert len(view.today) == len(view.proposed) == 2
    assert view.today != view.proposed
    west, east = view.grids
    assert (west.goes, east.comes) == (len(view.firms), len(view.firms))
    assert {firm.before for firm in view.firms} == {west.grid_name}
    decide(session, crowded, proposal, adopt=True)
    later = view_proposal(session, planner(crowded), proposal.id)
    assert {firm.before for firm in later.firms} == {west.grid_name}


def test_another_district_does_not_see_a_proposal(session, crowded, tmp_path):
    proposal = propose(session, crowded)
    other = f.make_district(session, tmp_path / "other", code="900002")
    with pytest.raises(NotFound):
        view_proposal(session, planner(other), proposal.id)
    assert newest_proposals(session, planner(other)) == []
    assert [one.id for one in newest_proposals(session, planner(crowded))] == [proposal.id]


def test_the_balance_shows_who_lacks_time_and_which_neighbour_has_some(session, crowded):
    rule = PlanRule(seconds_per_grid=0.1, most_candidates=7)
    known = {"district_id": crowded.id, "week": f.MONDAY, "now": f.NOW, "processes": 1}
    report = plan_week(session, rule=rule, **known)
    busy, idle = view_balance(session, planner(crowded)).rows
    assert busy.free_minutes < idle.free_minutes
    assert busy.load.grid_workers > 0
    from outreach.storage.plans import VisitPlan

    plan = session.get_one(VisitPlan, report.plan_id)
    key = str(busy.grid_id)
    loads = {**plan.figures["loads"]}
    loads[key] = {**loads[key], "due_minutes": loads[key]["available_minutes"] + 120}
    plan.figures = {**plan.figures, "loads": loads}
    session.flush()
    found = view_balance(session, planner(crowded))
    assert (found.over, found.loans) == (1, 1)
    assert found.rows[0].helped_by == ((idle.grid_name, 120),)
    assert found.redrawn_at is None
    proposal = propose(session, crowded)
    decide(session, crowded, proposal, adopt=True)
    session.flush()
    plan.made_at = proposal.decided_at - timedelta(seconds=1)
    assert view_balance(session, planner(crowded)).redrawn_at == proposal.decided_at
    assert found.rows[1].helps == ((busy.grid_name, 120),)


@pytest.mark.parametrize(("more", "over"), [(100, 0), (110, 1)])
def test_only_grids_that_show_more_than_one_grid_worker_are_counted_as_over(
    session, crowded, more, over
):
    from outreach.storage.plans import VisitPlan

    rule = PlanRule(seconds_per_grid=0.1, most_candidates=7)
    known = {"district_id": crowded.id, "week": f.MONDAY, "now": f.NOW, "processes": 1}
    plan = session.get_one(VisitPlan, plan_week(session, rule=rule, **known).plan_id)
    loads = {
        key: {**one, "due_minutes": one["available_minutes"] + more}
        for key, one in plan.figures["loads"].items()
    }
    assert [one["available_minutes"] for one in loads.values()] == [2100]
    plan.figures = {**plan.figures, "loads": loads}
    session.flush()
    found = view_balance(session, planner(crowded))
    assert found.over == over == sum(row.load.grid_workers > 1.0 for row in found.rows)


def test_without_a_plan_there_is_no_balance(session, crowded):
    found = view_balance(session, planner(crowded))
    assert (found.plan, found.rows) == (None, ())

"""Proposals of other borders: worked out, looked at, adopted or not by a person."""

from __future__ import annotations

import hashlib
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import select

from outreach.domain.borders import BorderRule, ProposalStatus, standing_minutes
from outreach.domain.runs import HEARTBEAT_S
from outreach.domain.targets import Standing
from outreach.errors import Conflict, InvalidInput, NotFound, Refused
from outreach.services.administration.audit import write_audit
from outreach.services.grids.grid_changes import take_borders
from outreach.services.grids.grid_edits import count_moved
from outreach.services.grids.grid_shapes import stored_shape
from outreach.services.planning.planning import make_candidate
from outreach.storage.borders import BorderProposal
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid, GridWorker

if TYPE_CHECKING:
    from datetime import date, datetime

    from shapely import Polygon
    from sqlalchemy.orm import Session

    import routing.borders as library
    from maps.parcels import Parcels
    from outreach.domain.accounts import Principal
    from outreach.services.progress import OnProgress

MOST_FIRMS = 4
"""Of a parcel: fewer make more parcels than a search of a minute can weigh."""

KEPT_FRESH = (Standing.TARGET, Standing.WITH_UNION, Standing.NEAR_MISS)
"""Firms that grid workers visit again and again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a proposal starts from: grids with offices, firms with their work; in fixed orders."""

    grids: list[tuple[int, str, dict[str, Any], float, float]]
    firms: list[tuple[int, float, float, int, int]]

    @property
    def minutes(self) -> dict[int, int]:
        """The work in each grid."""
        found = {grid[0]: 0 for grid in self.grids}
        for _, _, _, grid_id, minutes in self.firms:
            found[grid_id] += minutes
        return found

    @property
    def digest(self) -> str:
        """What tells whether borders changed since."""
        text = json.dumps([(grid[0], grid[2]) for grid in self.grids], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def survey(session: Session, district_id: int, *, today: date) -> Ground:
    """Read the grids that have a worker, and the firms in them that are kept fresh."""
    grids = session.execute(
        select(Grid.id, Grid.code, Grid.geometry, GridWorker.office_lon, GridWorker.office_lat)
        .join(GridWorker, GridWorker.grid_id == Grid.id)
        .where(Grid.district_id == district_id)
        .order_by(Grid.code)
    ).all()
    known = {grid[0] for grid in grids}
    rows = session.scalars(
        select(Enterprise)
        .where(
            Enterprise.district_id == district_id,
            Enterprise.retired.is_(False),
            Enterprise.standing.in_(KEPT_FRESH),
            Enterprise.grid_id.is_not(None),
            Enterprise.lon.is_not(None),
        )
        .order_by(Enterprise.id)
    )
    firms = [
        (
            row.id,
            row.lon or 0.0,
            row.lat or 0.0,
            row.grid_id or 0,
            standing_minutes(make_candidate(row, today)),
        )
        for row in rows
        if row.grid_id in known
    ]
    return Ground(grids=[tuple(grid) for grid in grids], firms=firms)


def propose_borders(
    session: Session,
    *,
    district_id: int,
    rule: BorderRule,
    now: datetime,
    today: date,
    made_by: int | None,
    on_progress: OnProgress,
) -> BorderProposal:
    """Work a proposal out and save it; nothing else changes.

    Raises
    ------
    InvalidInput
        When fewer than two grids have a grid worker.
    """
    ground = survey(session, district_id, today=today)
    if len(ground.grids) < 2:  # noqa: PLR2004
        raise InvalidInput("至少要有两个有网格员的网格,才有边界可划")
    on_progress(0, rule.seconds)
    parcels = _cut(ground)
    problem = _state(ground, parcels, rule)
    outcome = _outcome(ground, parcels, problem, _search(problem, rule, on_progress))
    outcome["figures"] |= _in_all(session, district_id, outcome["grids"])
    proposal = BorderProposal(
        district_id=district_id,
        status=ProposalStatus.PROPOSED,
        rule=asdict(rule),
        **outcome,
        basis=ground.digest,
        made_at=now,
        made_by=made_by,
    )
    session.add(proposal)
    session.flush()
    _audit(session, proposal, action="propose_borders", account_id=made_by, now=now)
    return proposal


def _search(
    problem: library.BorderProblem, rule: BorderRule, on_progress: OnProgress
) -> library.NewBorders:
    """Search in a thread of its own, so that signs of life go on meanwhile."""
    from routing.borders import redraw_borders

    started = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        search = pool.submit(redraw_borders, problem, time_limit_s=rule.seconds, seed=rule.seed)
        while True:
            try:
                found = search.result(timeout=HEARTBEAT_S)
            except TimeoutError:
                passed = round(time.monotonic() - started)
                on_progress(min(passed, rule.seconds - 1), rule.seconds)
            else:
                on_progress(rule.seconds, rule.seconds)
                return found


def _cut(ground: Ground) -> Parcels:
    import numpy as np
    from shapely.geometry import shape

    from maps.parcels import cut_parcels

    number = {grid[0]: place for place, grid in enumerate(ground.grids)}
    points = np.array([(lon, lat) for _, lon, lat, _, _ in ground.firms], dtype=np.float64)
    return cut_parcels(
        cast("list[Polygon]", [shape(grid[2]) for grid in ground.grids]),
        points.reshape(-1, 2),
        np.array([number[grid_id] for _, _, _, grid_id, _ in ground.firms], dtype=np.int64),
        most_points=MOST_FIRMS,
    )


def _state(ground: Ground, parcels: Parcels, rule: BorderRule) -> library.BorderProblem:
    import numpy as np
    import shapely

    from routing.borders import BorderProblem, Parcel

    count = len(parcels.shapes)
    minutes = np.bincount(parcels.of_point, [firm[4] for firm in ground.firms], count)
    firms = np.bincount(parcels.of_point, minlength=count)
    roots = []
    for number, (_, _, _, lon, lat) in enumerate(ground.grids):
        mine = np.flatnonzero(parcels.grid_of == number)
        away = shapely.distance(parcels.shapes[mine], shapely.Point(lon, lat))
        roots.append(int(mine[away.argmin()]))
    mean = sum(ground.minutes.values()) / len(ground.grids)
    return BorderProblem(
        parcels=tuple(
            Parcel(minutes=int(minutes[i]), firms=int(firms[i]), grid=int(parcels.grid_of[i]))
            for i in range(count)
        ),
        neighbours=parcels.neighbours,
        roots=tuple(roots),
        most_minutes=round(mean * (100 + rule.tolerance_percent) / 100),
    )


def _outcome(
    ground: Ground,
    parcels: Parcels,
    problem: library.BorderProblem,
    found: library.NewBorders,
) -> dict[str, Any]:
    from shapely.geometry import mapping

    from maps.parcels import unite_parcels

    ids = [grid[0] for grid in ground.grids]
    moved: dict[str, int] = {}
    former: dict[str, int] = {}
    after = dict.fromkeys(ids, 0)
    for (key, _, _, grid_id, minutes), parcel in zip(
        ground.firms, parcels.of_point.tolist(), strict=True
    ):
        new = ids[found.grids[parcel]]
        after[new] += minutes
        if new != grid_id:
            moved[str(key)], former[str(key)] = new, grid_id
    before = ground.minutes
    limit = problem.most_minutes
    shapes = {
        str(ids[number]): json.loads(json.dumps(mapping(shape)))
        for number, shape in unite_parcels(parcels, found.grids).items()
    }
    return {
        "grids": shapes,
        "firms": moved,
        "figures": {
            "former": former,
            "firms": len(ground.firms),
            "firms_moved": len(moved),
            "limit_minutes": limit,
            "over_before": sum(max(0, minutes - limit) for minutes in before.values()),
            "over_after": sum(max(0, minutes - limit) for minutes in after.values()),
            "grids_over_before": sum(minutes > limit for minutes in before.values()),
            "grids_over_after": sum(minutes > limit for minutes in after.values()),
            "most_before": max(before.values()),
            "most_after": max(after.values()),
            "cost": found.cost,
            "bound": found.bound,
            "minutes": {str(one): [before[one], after[one]] for one in ids},
        },
    }


def _in_all(session: Session, district_id: int, shapes: dict[str, Any]) -> dict[str, int]:
    """What adopting would change for all firms, also those that nobody is to visit."""
    query = select(Grid).where(Grid.district_id == district_id)
    grids = {grid.id: grid for grid in session.scalars(query)}
    new = {int(key): stored_shape(one) for key, one in shapes.items()}
    moved, placed = count_moved(session, district_id, grids, new)
    return {"all_moved": moved, "all_firms": placed}


def get_proposal(session: Session, principal: Principal, proposal_id: int) -> BorderProposal:
    """Return a proposal of the account's district.

    Raises
    ------
    Refused, NotFound
        When the account does not see the district, or it has no such proposal.
    """
    if not principal.role.sees_district:
        raise Refused("网格边界的建议只给区总工会和规划人员看")
    found = session.scalar(
        select(BorderProposal).where(
            BorderProposal.id == proposal_id,
            BorderProposal.district_id == principal.district_id,
        )
    )
    if found is None:
        raise NotFound("没有找到这份边界建议")
    return found


def decide_proposal(
    session: Session,
    principal: Principal,
    proposal_id: int,
    *,
    adopt: bool,
    now: datetime,
    today: date,
) -> BorderProposal:
    """Make the proposed borders today's, or put the proposal aside; only a person does either.

    Raises
    ------
    Refused, NotFound
        As `get_proposal`; also when the account does not plan.
    Conflict
        When it was decided already, or borders changed since it was worked out.
    """
    proposal = get_proposal(session, principal, proposal_id)
    if not principal.role.plans:
        raise Refused("只有规划人员可以采用网格边界的建议")
    if proposal.status != ProposalStatus.PROPOSED:
        raise Conflict(
            "这份建议是“{status}”,不能再决定", status=ProposalStatus(proposal.status).label
        )
    if adopt:
        ground = survey(session, principal.district_id, today=today)
        if ground.digest != proposal.basis:
            raise Conflict("排出建议以后网格边界改过了,请重新算一份")
        moved = take_borders(
            session,
            principal.district_id,
            {int(key): shape for key, shape in proposal.grids.items()},
            made_by=principal.account_id or None,
            now=now,
        )
        proposal.figures = {**proposal.figures, "firms_adopted": moved}
    proposal.status = ProposalStatus.ADOPTED if adopt else ProposalStatus.DISCARDED
    proposal.decided_at = now
    proposal.decided_by = principal.account_id or None
    _audit(
        session,
        proposal,
        action="adopt_borders" if adopt else "discard_borders",
        account_id=proposal.decided_by,
        now=now,
    )
    return proposal


def _audit(
    session: Session,
    proposal: BorderProposal,
    *,
    action: str,
    account_id: int | None,
    now: datetime,
) -> None:
    write_audit(
        session,
        district_id=proposal.district_id,
        account_id=account_id,
        action=action,
        subject="border_proposal",
        subject_id=proposal.id,
        now=now,
        detail={"grids": len(proposal.grids), "firms": len(proposal.firms)},
    )
    session.flush()


def newest_proposals(
    session: Session, principal: Principal, *, limit: int = 10
) -> list[BorderProposal]:
    """The newest proposals of the account's district.

    Raises
    ------
    Refused
        When the account does not see the district.
    """
    if not principal.role.sees_district:
        raise Refused("网格边界的建议只给区总工会和规划人员看")
    return list(
        session.scalars(
            select(BorderProposal)
            .where(BorderProposal.district_id == principal.district_id)
            .order_by(BorderProposal.id.desc())
            .limit(limit)
        )
    )

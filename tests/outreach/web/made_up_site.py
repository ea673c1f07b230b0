"""A small district with a published week, accounts of every kind, and a neighbour district."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import factories as f
from sqlalchemy import event, select

from outreach.domain.accounts import Role
from outreach.domain.plans import PlanRule
from outreach.services.planning.plans import plan_week, publish_plan
from outreach.storage.accounts import AuditEntry
from outreach.storage.database import Database
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid
from outreach.storage.plans import PlanRoute, PlanStop, VisitPlan
from outreach.storage.visits import Visit
from outreach.web import create_app
from outreach.web.plan_forms import show_rule

if TYPE_CHECKING:
    from outreach.settings import Settings

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "${alert(1)}",
    "</script><script>alert(1)</script>",
    "{{7*7}}",
    '"><svg onload=alert(1)>',
)
TUESDAY_MORNING = datetime(2026, 11, 24, 1, 40, tzinfo=UTC)
PLANNED = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
RULE = PlanRule(seconds_per_grid=0.1)
PLAN_FIELDS = {**show_rule(RULE), "week": "2026-12-07"}
FIRMS = [
    f.firm(
        n,
        name=f"{word}贸易有限公司",
        employees=str(40 + n),
        phone=f"1380013800{n}",
        address=f"东风镇幸福路{n + 1}号",
    )
    for n, word in enumerate("甲乙丙丁戊己")
]
TRAPS = [
    f.firm(
        20 + n,
        name=f"{name}有限公司",
        employees="40",
        phone=f"1390013900{n}",
        address=f"东风镇幸福路{n + 21}号",
    )
    for n, name in enumerate(HOSTILE)
]
PARK = [
    f.firm(90 + n, name=f"{word}机械厂", employees="60", address="东风镇光明工业园1号")
    for n, word in enumerate("子丑")
]
LOST = f.firm(99, name="迷路有限公司", employees="80", address="天边")
ODD = f.firm(98, name="人数不清有限公司", employees="若干", address="东风镇幸福路2号")


def fill(url, folder):
    """Fill a migrated database: two districts, their accounts, a published and a draft plan."""
    database = Database(url)
    with database.transaction() as session:
        market = [*FIRMS, *TRAPS, *PARK, LOST, ODD]
        home = f.make_district(session, folder / "home", market=market)
        away = f.make_district(session, folder / "away", code="900002", market=FIRMS)
        for district, suffix in ((home, ""), (away, "-away")):
            for role, login, grid in (
                (Role.GRID_WORKER, "worker", "G1"),
                (Role.GRID_WORKER, "neighbour", "G2"),
                (Role.DISTRICT, "district", None),
                (Role.PLANNER, "planner", None),
            ):
                f.make_account(session, district, role, login=f"{login}{suffix}", grid_code=grid)
        known = {"district_id": home.id, "week": f.MONDAY, "rule": RULE, "processes": 1}
        first = plan_week(session, now=PLANNED, **known)
        publish_plan(session, None, first.plan_id, district_id=home.id, now=PLANNED)
        plan_week(session, now=PLANNED, **known)
    database.close()


@dataclass
class Clock:
    """A clock that stands still until a test sets it."""

    moment: datetime = TUESDAY_MORNING

    def __call__(self):
        return self.moment


@dataclass
class Site:
    """The application over a filled database, and what tests ask about it."""

    database: Database
    settings: Settings
    clock: Clock = field(default_factory=Clock)
    queue: object = None

    def __post_init__(self):
        self.app = create_app(
            self.settings, database=self.database, queue=self.queue, clock=self.clock
        )
        with self.database.session() as session:
            self.firms = dict(
                session.execute(
                    select(Enterprise.name, Enterprise.id).where(Enterprise.district_id == 1)
                ).all()
            )
            self.grids = dict(
                session.execute(select(Grid.code, Grid.id).where(Grid.district_id == 1)).all()
            )
            self.published, self.draft = session.scalars(
                select(VisitPlan.id).order_by(VisitPlan.id)
            ).all()
            self.days = session.scalars(
                select(PlanRoute.day)
                .where(PlanRoute.plan_id == self.published, PlanRoute.grid_id == self.grids["G1"])
                .order_by(PlanRoute.day)
            ).all()
            self.stops = {
                day: session.scalars(
                    select(PlanStop.enterprise_id)
                    .join(PlanRoute, PlanRoute.id == PlanStop.route_id)
                    .where(
                        PlanRoute.plan_id == self.published,
                        PlanRoute.grid_id == self.grids["G1"],
                        PlanRoute.day == day,
                    )
                    .order_by(PlanStop.sequence)
                ).all()
                for day in self.days
            }

    def anonymous(self):
        return Visitor(self)

    def visitor(self, login):
        visitor = Visitor(self)
        answer = visitor.sign_in(login)
        assert answer.status_code == 303, answer.text
        return visitor

    def audit(self, action):
        with self.database.session() as session:
            return session.scalars(select(AuditEntry).where(AuditEntry.action == action)).all()

    def visits(self):
        with self.database.session() as session:
            return session.scalars(select(Visit)).all()

    def count_queries(self):
        return QueryCount(self.database)


class Visitor:
    """A browser without scripts: a cookie jar, and the token of the forms."""

    def __init__(self, site):
        self.site = site
        self.client = site.app.test_client()

    def sign_in(self, login, password=f.PASSWORD, **fields):
        return self.post("/sign-in", login=login, password=password, **fields)

    def get(self, path, **options):
        return self.client.get(path, buffered=True, **options)

    def token(self):
        page = self.client.get("/sign-in").text
        return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]

    def post(self, path, *, json=False, **fields):
        headers = {"Accept": "application/json"} if json else {}
        data = {"csrf_token": self.token(), **fields}
        return self.client.post(path, data=data, headers=headers, buffered=True)


class QueryCount:
    """How many statements the database was asked while the block ran."""

    def __init__(self, database):
        self.engine = database.engine
        self.statements = []

    def _note(self, _connection, _cursor, statement, *_rest):
        if not statement.startswith("PRAGMA"):
            self.statements.append(statement)

    def __enter__(self):
        event.listen(self.engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_error):
        event.remove(self.engine, "before_cursor_execute", self._note)

    def __len__(self):
        return len(self.statements)

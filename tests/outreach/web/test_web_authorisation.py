"""Every route, for everybody."""

from __future__ import annotations

from uuid import uuid4

import pytest
from made_up_site import PLAN_FIELDS
from sqlalchemy import select

from outreach.storage.accounts import Account
from outreach.storage.judgements import DoubtfulPair, Judgement

EVERYBODY = ("anonymous", "worker", "neighbour", "district", "planner", "planner-away")
"""`worker` has grid G1, `neighbour` G2; `planner-away` may do everything, in another district."""

SIGN_IN, YES, ON, REFUSED, HIDDEN, WRONG = 303, 200, 303, 403, 404, 422


def visit_fields(site):
    return {
        "uuid": str(uuid4()),
        "enterprise_id": site.firms["甲贸易有限公司"],
        "result": "nobody",
        "visited_at": "2026-11-24T09:40:00+08:00",
        "day": "2026-11-24",
    }


def a_run(site):
    """A run of the home district that waits."""
    answer = site.visitor("planner").post("/plans", **{**PLAN_FIELDS, "week": "2026-12-14"})
    return answer.location


def an_upload(site):
    """A file of the home district that waits to be read."""
    from io import BytesIO

    content = "企业名称,登记状态,联系电话\n甲厂,存续,1\n".encode()
    answer = site.visitor("district").post("/imports", files=(BytesIO(content), "甲.csv"))
    return answer.location


def firm(site):
    return f"/enterprises/{site.firms['甲贸易有限公司']}"


def account_id(site, login="worker"):
    with site.database.session() as session:
        return session.scalar(select(Account.id).where(Account.login == login))


def lost(site):
    return f"/places/{site.firms['迷路有限公司']}"


MATRIX = {
    # endpoint: method, path, fields, then what each of EVERYBODY gets
    "accounts.home": ("GET", "/", None, (SIGN_IN, ON, ON, ON, ON, ON)),
    "accounts.sign_in": ("GET", "/sign-in", None, (YES,) * 6),
    "accounts.open_session": ("POST", "/sign-in", {"login": "x"}, (401,) * 6),
    "accounts.sign_out": ("POST", "/sign-out", {}, (SIGN_IN, ON, ON, ON, ON, ON)),
    "accounts.password": ("GET", "/password", None, (SIGN_IN, YES, YES, YES, YES, YES)),
    "accounts.change_password": (
        "POST",
        "/password",
        {"old": "x", "new": "y", "again": "y"},
        (SIGN_IN, WRONG, WRONG, WRONG, WRONG, WRONG),
    ),
    "assets.map_asset": ("GET", "/assets/leaflet-1.9.4/leaflet.css", None, (YES,) * 6),
    "static": ("GET", "/static/tokens.css", None, (YES,) * 6),
    "routes.today": ("GET", "/today", None, (SIGN_IN, YES, YES, REFUSED, REFUSED, REFUSED)),
    "visits.new": (
        "GET",
        lambda site: f"/visits/new?enterprise={site.firms['甲贸易有限公司']}",
        None,
        (SIGN_IN, YES, HIDDEN, REFUSED, REFUSED, REFUSED),
    ),
    "visits.record": (
        "POST",
        "/visits",
        visit_fields,
        (SIGN_IN, ON, HIDDEN, REFUSED, REFUSED, REFUSED),
    ),
    "enterprises.index": ("GET", "/enterprises", None, (SIGN_IN, YES, YES, YES, YES, YES)),
    "enterprises.show": ("GET", firm, None, (SIGN_IN, YES, HIDDEN, YES, YES, HIDDEN)),
    "enterprises.phone": (
        "POST",
        lambda site: f"{firm(site)}/phone",
        {},
        (SIGN_IN, YES, HIDDEN, YES, YES, HIDDEN),
    ),
    "me.show": ("GET", "/me", None, (SIGN_IN, YES, YES, YES, YES, YES)),
    "me.end": ("POST", "/me/end", {"key": "0" * 16}, (SIGN_IN, *(HIDDEN,) * 5)),
    "me.text_size": ("POST", "/me/text-size", {"size": "large"}, (SIGN_IN, ON, ON, ON, ON, ON)),
    "phones.index": ("GET", "/phones", None, (SIGN_IN, REFUSED, REFUSED, YES, YES, YES)),
    "phones.make_code": (
        "POST",
        lambda site: f"/phones/{account_id(site)}/code",
        {},
        (SIGN_IN, REFUSED, REFUSED, YES, YES, HIDDEN),
    ),
    "phones.end": (
        "POST",
        lambda site: f"/phones/{account_id(site, 'neighbour')}/end",
        {"key": "0" * 16},
        (SIGN_IN, REFUSED, HIDDEN, HIDDEN, HIDDEN, HIDDEN),
    ),
    "phones.bind": ("GET", "/bind", None, (YES,) * 6),
    "phones.check": ("POST", "/bind/check", {"code": "x"}, (WRONG,) * 6),
    "phones.tie": ("POST", "/bind", {"code": "x"}, (WRONG,) * 6),
    "calendars.show": ("GET", "/calendar", None, (SIGN_IN, YES, YES, REFUSED, REFUSED, REFUSED)),
    "calendars.renew": (
        "POST",
        "/calendar/renew",
        {},
        (SIGN_IN, YES, YES, REFUSED, REFUSED, REFUSED),
    ),
    "calendars.revoke": (
        "POST",
        "/calendar/revoke",
        {},
        (SIGN_IN, ON, ON, REFUSED, REFUSED, REFUSED),
    ),
    "calendars.feed": ("GET", "/calendar/nothing.ics", None, (HIDDEN,) * 6),
    "paper.show": (
        "GET",
        lambda site: f"/today/paper?grid={site.grids['G1']}",
        None,
        (SIGN_IN, YES, YES, YES, YES, HIDDEN),
    ),
    "tracks.show": ("GET", "/track", None, (SIGN_IN, YES, YES, REFUSED, REFUSED, REFUSED)),
    "tracks.consent": (
        "POST",
        "/track/consent",
        {},
        (SIGN_IN, ON, ON, REFUSED, REFUSED, REFUSED),
    ),
    "tracks.ask": (
        "GET",
        "/track/withdraw",
        None,
        (SIGN_IN, YES, YES, REFUSED, REFUSED, REFUSED),
    ),
    "tracks.withdraw": (
        "POST",
        "/track/withdraw",
        {"kept": "keep"},
        (SIGN_IN, ON, ON, REFUSED, REFUSED, REFUSED),
    ),
    "tracks.delete": (
        "POST",
        "/track/delete",
        {"day": "all"},
        (SIGN_IN, ON, ON, REFUSED, REFUSED, REFUSED),
    ),
    "tracks.export": (
        "GET",
        "/track/export",
        None,
        (SIGN_IN, HIDDEN, HIDDEN, REFUSED, REFUSED, REFUSED),
    ),
    "tracks.take": ("POST", "/track/points", {}, (SIGN_IN, *(WRONG,) * 5)),
    "tracks.coverage": (
        "GET",
        "/track/coverage",
        None,
        (SIGN_IN, REFUSED, REFUSED, YES, YES, YES),
    ),
    "changes.index": ("GET", "/changes", None, (SIGN_IN, YES, YES, YES, YES, YES)),
    "changes.download": (
        "GET",
        "/changes.csv",
        None,
        (SIGN_IN, REFUSED, REFUSED, YES, YES, YES),
    ),
    "places.index": ("GET", "/places", None, (SIGN_IN, REFUSED, REFUSED, YES, YES, YES)),
    "places.show": ("GET", lost, None, (SIGN_IN, REFUSED, REFUSED, YES, YES, HIDDEN)),
    "places.mark": (
        "POST",
        lost,
        {"pair": "115.005,25.005", "datum": "wgs84"},
        (SIGN_IN, REFUSED, REFUSED, ON, ON, HIDDEN),
    ),
    "places.unmark": (
        "POST",
        lambda site: f"{lost(site)}/undo",
        {},
        (SIGN_IN, REFUSED, REFUSED, HIDDEN, HIDDEN, HIDDEN),
    ),
    "imports.index": ("GET", "/imports", None, (SIGN_IN, REFUSED, REFUSED, YES, YES, YES)),
    "imports.hand_in": ("POST", "/imports", {}, (SIGN_IN, REFUSED, REFUSED, WRONG, WRONG, WRONG)),
    "imports.upload": ("GET", an_upload, None, (SIGN_IN, REFUSED, REFUSED, YES, YES, HIDDEN)),
    "imports.read_again": (
        "POST",
        lambda site: f"{an_upload(site)}/read",
        {},
        (SIGN_IN, REFUSED, REFUSED, 409, 409, HIDDEN),
    ),
    "imports.explain": (
        "POST",
        lambda site: f"{an_upload(site)}/headers",
        {},
        (SIGN_IN, REFUSED, REFUSED, WRONG, WRONG, HIDDEN),
    ),
    "imports.confirm": (
        "POST",
        lambda site: f"{an_upload(site)}/confirm",
        {},
        (SIGN_IN, REFUSED, REFUSED, 409, 409, HIDDEN),
    ),
    "imports.discard": (
        "POST",
        lambda site: f"{an_upload(site)}/discard",
        {},
        (SIGN_IN, REFUSED, REFUSED, 409, 409, HIDDEN),
    ),
    "imports.upload_workbook": (
        "GET",
        lambda site: f"{an_upload(site)}/workbook",
        None,
        (SIGN_IN, REFUSED, REFUSED, YES, YES, HIDDEN),
    ),
    "imports.batch": ("GET", "/imports/1", None, (SIGN_IN, REFUSED, REFUSED, YES, YES, HIDDEN)),
    "imports.batch_workbook": (
        "GET",
        "/imports/1/workbook",
        None,
        (SIGN_IN, REFUSED, REFUSED, YES, YES, HIDDEN),
    ),
    "imports.undo": (
        "POST",
        "/imports/1/undo",
        {},
        (SIGN_IN, REFUSED, REFUSED, ON, ON, HIDDEN),
    ),
    "imports.redo": (
        "POST",
        "/imports/1/redo",
        {},
        (SIGN_IN, REFUSED, REFUSED, ON, ON, HIDDEN),
    ),
    "imports.link": ("POST", "/imports/link", {}, (SIGN_IN, REFUSED, REFUSED, ON, ON, ON)),
    "imports.template": (
        "GET",
        "/imports/templates/tax",
        None,
        (SIGN_IN, REFUSED, REFUSED, YES, YES, YES),
    ),
    "imports.headers": (
        "GET",
        "/imports/headers",
        None,
        (SIGN_IN, REFUSED, REFUSED, YES, YES, YES),
    ),
    "imports.forget": (
        "POST",
        "/imports/headers/1/remove",
        {},
        (SIGN_IN, REFUSED, REFUSED, HIDDEN, HIDDEN, HIDDEN),
    ),
    "issues.index": ("GET", "/issues", None, (SIGN_IN, REFUSED, REFUSED, YES, YES, YES)),
    "maps.show": ("GET", "/map", None, (SIGN_IN, REFUSED, REFUSED, YES, YES, YES)),
    "maps.frame": ("GET", "/map/frame", None, (SIGN_IN, REFUSED, REFUSED, YES, YES, YES)),
    "plans.index": ("GET", "/plans", None, (SIGN_IN, REFUSED, REFUSED, YES, YES, YES)),
    "plans.show": (
        "GET",
        lambda site: f"/plans/{site.published}",
        None,
        (SIGN_IN, REFUSED, REFUSED, YES, YES, HIDDEN),
    ),
    "plans.grid_week": (
        "GET",
        lambda site: f"/plans/{site.published}/grids/{site.grids['G1']}",
        None,
        (SIGN_IN, REFUSED, REFUSED, YES, YES, HIDDEN),
    ),
    "plans.left_out": (
        "GET",
        lambda site: f"/plans/{site.published}/left-out",
        None,
        (SIGN_IN, REFUSED, REFUSED, YES, YES, HIDDEN),
    ),
    "plans.confirm": (
        "GET",
        lambda site: f"/plans/{site.draft}/publish",
        None,
        (SIGN_IN, REFUSED, REFUSED, REFUSED, YES, HIDDEN),
    ),
    "plans.publish": (
        "POST",
        lambda site: f"/plans/{site.draft}/publish",
        {},
        (SIGN_IN, REFUSED, REFUSED, REFUSED, ON, HIDDEN),
    ),
    "runs.new": ("GET", "/plans/new", None, (SIGN_IN, REFUSED, REFUSED, REFUSED, YES, YES)),
    "runs.start": (
        "POST",
        "/plans",
        PLAN_FIELDS,
        (SIGN_IN, REFUSED, REFUSED, REFUSED, ON, ON),
    ),
    "runs.show": ("GET", a_run, None, (SIGN_IN, HIDDEN, HIDDEN, YES, YES, HIDDEN)),
    "runs.state": (
        "GET",
        lambda site: f"{a_run(site)}/state",
        None,
        (SIGN_IN, HIDDEN, HIDDEN, YES, YES, HIDDEN),
    ),
    "runs.cancel": (
        "POST",
        lambda site: f"{a_run(site)}/cancel",
        {},
        (SIGN_IN, REFUSED, REFUSED, REFUSED, ON, HIDDEN),
    ),
}


def day_change(site):
    return {"uuid": str(uuid4()), "day": "2026-11-24", "kind": "order", "order": "1"}


def a_case(site):
    """A case of a firm in G1."""
    fields = {**visit_fields(site), "result": "met_head", "requests": "training"}
    site.visitor("worker").post("/visits", **fields)
    return "/cases/1"


OWN_DAY = (SIGN_IN, YES, YES, REFUSED, REFUSED, REFUSED)
MATRIX |= {
    "days.order": ("GET", "/today/order", None, OWN_DAY),
    "days.near": ("GET", "/today/near", None, OWN_DAY),
    "days.near_me": ("POST", "/today/near", {"lon": "115", "lat": "25"}, OWN_DAY),
    "days.found": ("GET", "/today/found", None, OWN_DAY),
    "days.change": (
        "POST",
        "/today/changes",
        lambda site: {**day_change(site), "kind": "skip", "enterprise_id": "1", "reason": "road"},
        (SIGN_IN, ON, 409, REFUSED, REFUSED, REFUSED),
    ),
    "days.door": (
        "POST",
        lambda site: f"/today/doors/{site.firms['甲贸易有限公司']}",
        {"text": "后门"},
        (SIGN_IN, ON, HIDDEN, REFUSED, REFUSED, REFUSED),
    ),
    "day_changes.put_change": (
        "PUT",
        lambda site: f"/today/changes/{uuid4()}",
        {"day": "2026-11-24", "kind": "order", "order": "1"},
        (SIGN_IN, 201, 409, REFUSED, REFUSED, REFUSED),
    ),
    "cases.index": ("GET", "/cases", None, (SIGN_IN, YES, YES, YES, YES, YES)),
    "cases.show": ("GET", a_case, None, (SIGN_IN, REFUSED, REFUSED, YES, YES, HIDDEN)),
    "cases.step": (
        "POST",
        lambda site: f"{a_case(site)}/step",
        {"to": "triaged"},
        (SIGN_IN, REFUSED, REFUSED, ON, 409, HIDDEN),
    ),
}


MATRIX |= {
    "shell.service_worker": ("GET", "/sw.js", None, (YES,) * 6),
    "shell.manifest": ("GET", "/manifest.webmanifest", None, (YES,) * 6),
    "sync.put_visit": (
        "PUT",
        lambda site: f"/sync/visits/{uuid4()}",
        visit_fields,
        (SIGN_IN, 202, 202, REFUSED, REFUSED, REFUSED),
    ),
    "sync.put_attachment": (
        "PUT",
        lambda site: f"/sync/attachments/{uuid4()}?kind=photo&visit={uuid4()}",
        {},
        (SIGN_IN, WRONG, WRONG, REFUSED, REFUSED, REFUSED),
    ),
    "sync.known": ("POST", "/sync/known", {}, (SIGN_IN, 400, 400, 400, 400, 400)),
    "held_visits.index": (
        "GET",
        "/held-visits",
        None,
        (SIGN_IN, REFUSED, REFUSED, YES, YES, YES),
    ),
    "held_visits.settle": (
        "POST",
        "/held-visits/1",
        {"do": "aside"},
        (SIGN_IN, REFUSED, REFUSED, HIDDEN, HIDDEN, HIDDEN),
    ),
    "held_visits.read_file": (
        "POST",
        "/held-visits/files",
        {},
        (SIGN_IN, REFUSED, REFUSED, WRONG, WRONG, WRONG),
    ),
}


def a_question(site):
    """A pair of the home district that waits for a person."""
    with site.database.session() as session:
        left, right = session.execute(
            select(DoubtfulPair.left_record_id, DoubtfulPair.right_record_id)
            .where(DoubtfulPair.district_id == 1)
            .order_by(DoubtfulPair.id)
        ).first()
    return f"/reviews/{left}/{right}"


def a_judgement(site):
    """A judgement of the home district; all who may can take it back once."""
    site.visitor("planner").post(a_question(site), verdict="later")
    with site.database.session() as session:
        return f"/reviews/judgements/{session.scalar(select(Judgement.id))}/undo"


MATRIX |= {
    "reviews.index": ("GET", "/reviews", None, (SIGN_IN, REFUSED, REFUSED, YES, YES, YES)),
    "reviews.show": ("GET", a_question, None, (SIGN_IN, REFUSED, REFUSED, YES, YES, HIDDEN)),
    "reviews.decide": (
        "POST",
        a_question,
        {"verdict": "later"},
        (SIGN_IN, REFUSED, REFUSED, ON, ON, HIDDEN),
    ),
    "reviews.undo": ("POST", a_judgement, {}, (SIGN_IN, REFUSED, REFUSED, ON, 409, HIDDEN)),
    "reviews.split_off": (
        "POST",
        "/reviews/rows/999999/split-off",
        {},
        (SIGN_IN, REFUSED, REFUSED, HIDDEN, HIDDEN, HIDDEN),
    ),
}


def visit(site, login, method, path, fields):
    visitor = site.anonymous() if login == "anonymous" else site.visitor(login)
    if method == "GET":
        return visitor.get(path)
    if method == "PUT":
        headers = {"X-Outreach-Queue": "1"}
        return visitor.client.put(path, json=fields, headers=headers, buffered=True)
    return visitor.post(path, **fields)


@pytest.mark.parametrize("endpoint", list(MATRIX))
def test_everybody_gets_what_the_matrix_says(sqlite_site, endpoint):
    site = sqlite_site
    method, path, fields, expected = MATRIX[endpoint]
    path = path(site) if callable(path) else path
    fields = fields(site) if callable(fields) else fields
    got = {}
    for login in EVERYBODY:
        answer = visit(site, login, method, path, fields)
        got[login] = answer.status_code
        if login == "anonymous" and answer.status_code == 303:
            assert answer.location.startswith("/sign-in")
    assert got == dict(zip(EVERYBODY, expected, strict=True))


def test_the_matrix_holds_on_each_database(site):
    wrong = {}
    for endpoint in ("visits.new", "enterprises.show", "plans.show", "issues.index", "maps.show"):
        method, path, fields, expected = MATRIX[endpoint]
        path = path(site) if callable(path) else path
        for login, status in zip(EVERYBODY, expected, strict=True):
            if (got := visit(site, login, method, path, fields).status_code) != status:
                wrong[endpoint, login] = got
    assert wrong == {}


def test_no_route_is_missing_from_the_matrix(sqlite_site):
    known = {
        (rule.endpoint, method)
        for rule in sqlite_site.app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert known == {(endpoint, row[0]) for endpoint, row in MATRIX.items()}


def test_a_script_without_a_session_is_told_401(sqlite_site):
    answer = sqlite_site.anonymous().get("/today", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json["message"] == "请先登录"


def test_the_list_of_a_grid_worker_holds_her_own_grid_only(site):
    page = site.visitor("neighbour").get("/enterprises").text
    assert "子机械厂" in page
    assert "甲贸易有限公司" not in page
    other = site.visitor("neighbour").get(f"/enterprises?grid={site.grids['G1']}").text
    assert "甲贸易有限公司" not in other


def test_another_district_sees_nothing_of_this_one(site):
    stranger = site.visitor("district-away")
    for path in ("/enterprises", "/issues", "/map", "/plans"):
        assert "机械厂" not in stranger.get(path).text
        assert f"/plans/{site.published}" not in stranger.get(path).text

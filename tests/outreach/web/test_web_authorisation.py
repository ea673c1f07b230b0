"""Every route, for everybody."""

from __future__ import annotations

import re
from datetime import date
from uuid import uuid4

import pytest
from made_up_site import PLAN_FIELDS, TUESDAY_MORNING
from sqlalchemy import select

from outreach.domain.borders import BorderRule
from outreach.domain.weights import PlanWeights
from outreach.i18n import Language
from outreach.services.administration.accounts import principal_of
from outreach.services.desk.export_runs import ask_for_export
from outreach.services.desk.exports import ExportKind, ExportOrder
from outreach.services.enterprises.enterprise_lists import EnterpriseFilter
from outreach.services.grids.borders import propose_borders
from outreach.storage.accounts import Account
from outreach.storage.judgements import DoubtfulPair, Judgement
from outreach.web.plan_forms import show_weights

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
    "maps.firms": ("GET", "/map/firms", None, (SIGN_IN, REFUSED, REFUSED, YES, YES, YES)),
    "maps.firm": (
        "GET",
        lambda site: f"/map/firms/{site.firms['甲贸易有限公司']}",
        None,
        (SIGN_IN, REFUSED, REFUSED, YES, YES, HIDDEN),
    ),
    "maps.visits": (
        "GET",
        lambda site: f"/map/visits?grid={site.grids['G1']}",
        None,
        (SIGN_IN, REFUSED, REFUSED, YES, YES, HIDDEN),
    ),
    "maps.stops": (
        "GET",
        lambda site: f"/map/stops?grid={site.grids['G1']}",
        None,
        (SIGN_IN, REFUSED, REFUSED, YES, YES, HIDDEN),
    ),
    "base_maps.tile": ("GET", "/map/tiles/0/0/0", None, (HIDDEN,) * 6),
    "maps.file": ("GET", "/map/file", None, (SIGN_IN, REFUSED, REFUSED, YES, YES, YES)),
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
        lambda site: {"seen": f"0-{site.published}"},
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


def a_visit(site):
    """A visit of the worker of G1."""
    fields = visit_fields(site)
    site.visitor("worker").post("/visits", **fields)
    return f"/visits/{fields['uuid']}"


MATRIX |= {
    "past_visits.index": ("GET", "/visits", None, (SIGN_IN, YES, YES, REFUSED, REFUSED, REFUSED)),
    "past_visits.show": ("GET", a_visit, None, (SIGN_IN, YES, HIDDEN, YES, YES, HIDDEN)),
    "past_visits.attachment": (
        "GET",
        lambda site: f"/visits/files/{uuid4()}",
        None,
        (SIGN_IN, HIDDEN, HIDDEN, HIDDEN, HIDDEN, HIDDEN),
    ),
    "past_visits.remark": (
        "POST",
        lambda site: f"{a_visit(site)}/remarks",
        {"verdict": "accepted"},
        (SIGN_IN, REFUSED, REFUSED, ON, ON, HIDDEN),
    ),
    "past_visits.seen": (
        "POST",
        lambda site: f"{a_visit(site)}/seen",
        {},
        (SIGN_IN, ON, HIDDEN, HIDDEN, HIDDEN, HIDDEN),
    ),
    "past_visits.correct": (
        "GET",
        lambda site: f"{a_visit(site)}/correct",
        None,
        (SIGN_IN, YES, HIDDEN, HIDDEN, HIDDEN, HIDDEN),
    ),
    "past_visits.revise": (
        "POST",
        lambda site: f"{a_visit(site)}/correct",
        {"result": "x"},
        (SIGN_IN, WRONG, HIDDEN, HIDDEN, HIDDEN, HIDDEN),
    ),
}


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
        {"to": "triaged", "note": "权益部"},
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


def a_board(site, action=""):
    return f"/plans/{site.draft}/board/{site.grids['G1']}{action}"


def a_proposal(site, action=""):
    """A fresh proposal of borders of the home district."""
    with site.database.transaction() as session:
        made = propose_borders(
            session,
            district_id=1,
            rule=BorderRule(seconds=2),
            now=site.clock(),
            today=site.clock().date(),
            made_by=None,
            on_progress=lambda _done, _total: None,
        )
        return f"/balance/borders/{made.id}{action}"


def a_planned_firm(site):
    """The first stop of the draft's board in G1, whatever was changed before."""
    page = site.visitor("planner").get(a_board(site)).text
    return {
        "enterprise": re.search(r'<li id="stop-(\d+)"', page)[1],
        "seen": re.search(r'name="seen" value="(\d+)"', page)[1],
    }


BY_PLANNERS = (SIGN_IN, REFUSED, REFUSED, REFUSED, ON, HIDDEN)
MATRIX |= {
    "board.timeline": (
        "GET",
        lambda site: f"/plans/{site.draft}/board",
        None,
        (SIGN_IN, REFUSED, REFUSED, YES, YES, HIDDEN),
    ),
    "board.week": ("GET", a_board, None, (SIGN_IN, REFUSED, REFUSED, YES, YES, HIDDEN)),
    "board.move": (
        "POST",
        lambda site: a_board(site, "/move"),
        lambda site: {**a_planned_firm(site), "to": "out"},
        BY_PLANNERS,
    ),
    "board.undo": (
        "POST",
        lambda site: a_board(site, "/undo"),
        {"seen": "0"},
        (SIGN_IN, REFUSED, REFUSED, REFUSED, 409, HIDDEN),
    ),
    "board.lock": (
        "POST",
        lambda site: a_board(site, "/lock"),
        {"day": "2026-11-23", "level": "route"},
        BY_PLANNERS,
    ),
    "board.swap": (
        "POST",
        lambda site: a_board(site, "/swap"),
        {"enterprise": "1", "seen": "0"},
        (SIGN_IN, REFUSED, REFUSED, REFUSED, HIDDEN, HIDDEN),
    ),
    "board.lend": (
        "POST",
        lambda site: a_board(site, "/lend"),
        {"enterprise": "1", "grid": "1"},
        (SIGN_IN, REFUSED, REFUSED, REFUSED, HIDDEN, HIDDEN),
    ),
    "board.replan_grid": (
        "POST",
        lambda site: a_board(site, "/replan"),
        {"mode": "fill", "seen": "0"},
        BY_PLANNERS,
    ),
    "balance.show": ("GET", "/balance", None, (SIGN_IN, REFUSED, REFUSED, YES, YES, YES)),
    "balance.propose": (
        "POST",
        "/balance/borders",
        {"tolerance_percent": "50", "seconds": "2"},
        (SIGN_IN, REFUSED, REFUSED, REFUSED, ON, ON),
    ),
    "balance.proposal": (
        "GET",
        a_proposal,
        None,
        (SIGN_IN, REFUSED, REFUSED, YES, YES, HIDDEN),
    ),
    "balance.decide": (
        "POST",
        lambda site: a_proposal(site, "/decide"),
        {"do": "discard"},
        BY_PLANNERS,
    ),
    "laboratory.show": (
        "GET",
        "/laboratory",
        None,
        (SIGN_IN, REFUSED, REFUSED, REFUSED, YES, YES),
    ),
    "laboratory.start": (
        "POST",
        "/laboratory",
        {**PLAN_FIELDS, **show_weights(PlanWeights()), "name": "甲"},
        (SIGN_IN, REFUSED, REFUSED, REFUSED, ON, ON),
    ),
    "laboratory.compare": (
        "GET",
        lambda site: f"/laboratory/compare?a={site.published}&b={site.draft}",
        None,
        (SIGN_IN, REFUSED, REFUSED, YES, YES, HIDDEN),
    ),
    "laboratory.overdue": (
        "GET",
        lambda site: f"/plans/{site.draft}/overdue",
        None,
        (SIGN_IN, REFUSED, REFUSED, YES, YES, HIDDEN),
    ),
    "laboratory.rule_file": (
        "GET",
        lambda site: f"/plans/{site.draft}/rule.toml",
        None,
        (SIGN_IN, REFUSED, REFUSED, YES, YES, HIDDEN),
    ),
    "plans.delete": ("POST", lambda site: f"/plans/{site.draft}/delete", {}, BY_PLANNERS),
    "board.copy": ("POST", lambda site: f"/plans/{site.published}/copy", {}, BY_PLANNERS),
    "board.replan": (
        "POST",
        lambda site: f"/plans/{site.draft}/replan",
        {"mode": "fill"},
        BY_PLANNERS,
    ),
}


def an_export(site):
    """A list that the district's account asked for and that waits for a worker."""
    with site.database.transaction() as session:
        account = session.scalar(select(Account).where(Account.login == "district"))
        order = ExportOrder(
            wanted=EnterpriseFilter(),
            kind=ExportKind.CSV,
            language=Language.ZH,
            today=date(2026, 11, 24),
        )
        run_id = ask_for_export(session, principal_of(session, account), order, now=TUESDAY_MORNING)
    return f"/exports/{run_id}"


DESK_ONLY = (SIGN_IN, REFUSED, REFUSED, YES, YES, YES)
MATRIX |= {
    "dashboard.show": ("GET", "/dashboard", None, DESK_ONLY),
    "dashboard.digest": ("GET", "/dashboard/digest", None, DESK_ONLY),
    "dashboard.work": ("GET", "/dashboard/visits", None, DESK_ONLY),
    "enterprises.file": (
        "GET",
        lambda site: f"/enterprises/{site.firms['甲贸易有限公司']}/file.xlsx",
        None,
        (SIGN_IN, YES, HIDDEN, YES, YES, HIDDEN),
    ),
    "exports.order": (
        "POST",
        "/enterprises/export.csv?due=1",
        {},
        (SIGN_IN, YES, YES, YES, YES, YES),
    ),
    "exports.show": ("GET", an_export, None, (SIGN_IN, HIDDEN, HIDDEN, YES, YES, HIDDEN)),
    "exports.file": (
        "GET",
        lambda site: f"{an_export(site)}/file",
        None,
        (SIGN_IN, HIDDEN, HIDDEN, HIDDEN, HIDDEN, HIDDEN),
    ),
    "dashboard.picture": ("GET", "/dashboard/map.png", None, DESK_ONLY),
    "dashboard.paper": ("GET", "/dashboard/meeting.pdf", None, DESK_ONLY),
    "dashboard.wall": ("GET", "/dashboard/wall", None, DESK_ONLY),
    "tokens.index": ("GET", "/api-keys", None, DESK_ONLY),
    "tokens.make": (
        "POST",
        "/api-keys",
        {"name": "统计局", "days": "30"},
        DESK_ONLY,
    ),
    "tokens.revoke": (
        "POST",
        "/api-keys/999999/revoke",
        {},
        (SIGN_IN, REFUSED, REFUSED, HIDDEN, HIDDEN, HIDDEN),
    ),
    # Opened by a key alone; who is signed in does not matter.
    "api.openapi": ("GET", "/api/v1/openapi.json", None, (YES,) * 6),
    "api.enterprises": ("GET", "/api/v1/enterprises", None, (401,) * 6),
    "api.enterprise": ("GET", "/api/v1/enterprises/1", None, (401,) * 6),
    "api.grids": ("GET", "/api/v1/grids", None, (401,) * 6),
    "api.visits": ("GET", "/api/v1/visits", None, (401,) * 6),
    "api.figures": ("GET", "/api/v1/figures", None, (401,) * 6),
    "search.show": ("GET", "/search?q=贸易", None, (SIGN_IN, YES, YES, YES, YES, YES)),
    "search.look": (
        "POST",
        "/search",
        {"q": "13800138000"},
        (SIGN_IN, YES, YES, YES, YES, YES),
    ),
}


MATRIX |= {
    "administration.index": ("GET", "/administration", None, DESK_ONLY),
    "calendar_days.show": ("GET", "/work-days", None, DESK_ONLY),
    "calendar_days.set_own": (
        "POST",
        "/work-days/own",
        {"first": "2026-12-08", "works": "0", "name": "培训"},
        (SIGN_IN, REFUSED, REFUSED, ON, ON, ON),
    ),
    "calendar_days.remove_own": (
        "POST",
        "/work-days/own/remove",
        {"day": "2026-12-08"},
        (SIGN_IN, REFUSED, REFUSED, HIDDEN, HIDDEN, HIDDEN),
    ),
    "calendar_days.review": (
        "POST",
        "/work-days/notice",
        {"text": ""},
        (SIGN_IN, REFUSED, REFUSED, WRONG, WRONG, WRONG),
    ),
    "calendar_days.take": (
        "POST",
        "/work-days/notice/take",
        {"text": "", "year": "2027"},
        (SIGN_IN, REFUSED, REFUSED, WRONG, WRONG, WRONG),
    ),
}


MATRIX |= {
    "leave.index": ("GET", "/leave", None, DESK_ONLY),
    "leave.add": (
        "POST",
        "/leave",
        lambda site: {"grid": site.grids["G1"], "first": "2026-12-08"},
        (SIGN_IN, REFUSED, REFUSED, ON, 409, WRONG),
    ),
    "leave.cancel": (
        "POST",
        "/leave/1/cancel",
        {},
        (SIGN_IN, REFUSED, REFUSED, HIDDEN, HIDDEN, HIDDEN),
    ),
    "leave.handover": (
        "GET",
        lambda site: f"/grids/{site.grids['G1']}/handover",
        None,
        (SIGN_IN, REFUSED, REFUSED, YES, YES, HIDDEN),
    ),
    "leave.hand_over": (
        "POST",
        lambda site: f"/grids/{site.grids['G2']}/handover",
        {"name": "王五"},
        (SIGN_IN, REFUSED, REFUSED, ON, ON, HIDDEN),
    ),
}


MATRIX |= {
    "grids.show": ("GET", "/grids", None, DESK_ONLY),
    "grids.changes": ("GET", "/grids/changes", None, DESK_ONLY),
    "grids.review": (
        "POST",
        "/grids/review",
        {"shapes": "{}"},
        (SIGN_IN, REFUSED, REFUSED, WRONG, WRONG, WRONG),
    ),
    "grids.save": (
        "POST",
        "/grids",
        {"shapes": "{}"},
        (SIGN_IN, REFUSED, REFUSED, WRONG, WRONG, WRONG),
    ),
    "grids.undo": (
        "POST",
        "/grids/changes/1/undo",
        {},
        (SIGN_IN, REFUSED, REFUSED, HIDDEN, HIDDEN, HIDDEN),
    ),
}


MATRIX |= {
    "settings_pages.index": ("GET", "/settings", None, DESK_ONLY),
    "settings_pages.show": ("GET", "/settings/plan.refresh_days", None, DESK_ONLY),
    "settings_pages.change": (
        "POST",
        "/settings/plan.refresh_days",
        {"value": "20", "valid_from": "2026-12-01", "do": "take"},
        (SIGN_IN, REFUSED, REFUSED, ON, WRONG, ON),
    ),
    "settings_pages.withdraw": (
        "POST",
        "/settings/1/withdraw",
        {},
        (SIGN_IN, REFUSED, REFUSED, HIDDEN, HIDDEN, HIDDEN),
    ),
}


FOR_ADMINISTRATORS = (SIGN_IN, *(REFUSED,) * 5)
"""What they may themselves is in test_web_administrators."""

MATRIX |= {
    "administrators.index": ("GET", "/accounts", None, FOR_ADMINISTRATORS),
    "administrators.propose": (
        "POST",
        "/accounts",
        {"login": "x", "name": "x", "role": "planner"},
        FOR_ADMINISTRATORS,
    ),
    "administrators.propose_role": (
        "POST",
        "/accounts/1/role",
        {"role": "planner"},
        FOR_ADMINISTRATORS,
    ),
    "administrators.reset_password": ("POST", "/accounts/1/password", {}, FOR_ADMINISTRATORS),
    "administrators.close": ("POST", "/accounts/1/close", {}, FOR_ADMINISTRATORS),
    "administrators.end_sessions": ("POST", "/accounts/1/sign-out", {}, FOR_ADMINISTRATORS),
    "administrators.decide": ("POST", "/accounts/grants/1", {}, FOR_ADMINISTRATORS),
    "audit.index": ("GET", "/audit", None, FOR_ADMINISTRATORS),
    "audit.download": ("GET", "/audit.csv", None, FOR_ADMINISTRATORS),
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

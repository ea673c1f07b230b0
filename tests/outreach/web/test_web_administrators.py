"""Three administrators: none does alone what takes two, or sees what the others work on."""

from __future__ import annotations

import re
from datetime import timedelta

import factories as f
import pytest
import test_web_authorisation as authorisation
from sqlalchemy import select

from outreach.domain.accounts import Principal, Role
from outreach.errors import Refused
from outreach.services.administration import administrators, audit_log
from outreach.services.administration.administrators import AccountFilter, WantedAccount
from outreach.services.administration.audit_log import AuditFilter
from outreach.services.enterprises import enterprises
from outreach.storage.accounts import Account, AuditEntry
from outreach.storage.districts import District
from outreach.storage.enterprises import Enterprise

ADMINISTRATORS = {
    "sysadmin": Role.SYSTEM_ADMIN,
    "secadmin": Role.SECURITY_ADMIN,
    "auditor": Role.AUDITOR,
}
NEW = {"login": "newcomer", "name": "新来的", "role": "planner"}


def open_administrators(site):
    with site.database.transaction() as session:
        home, away = session.scalars(select(District).order_by(District.id)).all()
        for login, role in ADMINISTRATORS.items():
            f.make_account(session, home, role, login=login)
            f.make_account(session, away, role, login=f"{login}-away")
    return site


@pytest.fixture
def staffed(site):
    return open_administrators(site)


@pytest.fixture
def sqlite_staffed(sqlite_site):
    return open_administrators(sqlite_site)


def password_on(page):
    return re.search(r'<strong class="received">([^<]+)</strong>', page)[1]


def account(site, login):
    with site.database.session() as session:
        return session.scalar(select(Account).where(Account.login == login))


def propose(site, **changes):
    return site.visitor("sysadmin").post("/accounts", **{**NEW, **changes})


def grant(site, number=1, do="grant", login="secadmin"):
    return site.visitor(login).post(f"/accounts/grants/{number}", do=do)


def test_an_account_works_once_two_administrators_wanted_it(staffed):
    password = password_on(propose(staffed).text)
    newcomer = staffed.anonymous()
    assert newcomer.sign_in("newcomer", password).status_code == 401
    assert "newcomer" in staffed.visitor("secadmin").get("/accounts?waiting=1").text
    assert grant(staffed).status_code == 303
    staffed.clock.moment += timedelta(minutes=30)
    assert newcomer.sign_in("newcomer", password).status_code == 303
    assert newcomer.get("/plans").status_code == 200
    assert [e.detail["role"] for e in staffed.audit("propose_account")] == ["planner"]
    assert [e.detail["role"] for e in staffed.audit("grant_role")] == ["planner"]


def test_a_refused_account_stays_closed(staffed):
    password = password_on(propose(staffed).text)
    assert grant(staffed, do="refuse").status_code == 303
    assert staffed.anonymous().sign_in("newcomer", password).status_code == 401
    assert grant(staffed).status_code == 404
    assert len(staffed.audit("refuse_role")) == 1


def test_another_role_holds_when_granted_and_ends_the_sign_ins(staffed):
    district = staffed.visitor("district")
    key = account(staffed, "district").id
    fields = {"role": "planner"}
    assert staffed.visitor("sysadmin").post(f"/accounts/{key}/role", **fields).status_code == 303
    assert district.get("/plans/new").status_code == 403
    grant(staffed)
    assert district.get("/plans/new").status_code == 303
    assert staffed.visitor("district").get("/plans/new").status_code == 200


def test_what_was_done_to_an_account_is_said_once_and_the_filter_stays(sqlite_staffed):
    propose(sqlite_staffed)
    waiting = sqlite_staffed.visitor("secadmin")
    page = waiting.get("/accounts?waiting=1").text
    address = re.search(r'action="(/accounts/grants/[^"]+)"', page)[1].replace("&amp;", "&")
    answer = waiting.post(address, do="grant", login="newcomer")
    assert answer.headers["Location"].endswith("/accounts?waiting=1")
    assert "已授权给“newcomer”" in waiting.get(answer.headers["Location"]).text
    assert "已授权给" not in waiting.get("/accounts").text
    opener = sqlite_staffed.visitor("sysadmin")
    page = opener.get("/accounts?of=planner&text=newcomer").text
    # Closing takes two steps, and the second one says what will happen.
    [closing] = re.findall(r"<details>((?:(?!</details>).)*?/close.*?)</details>", page, re.S)
    assert "马上不能登录" in closing
    address = re.search(r'action="([^"]+/close[^"]*)"', closing)[1].replace("&amp;", "&")
    answer = opener.post(address, login="newcomer")
    assert "已停用" in opener.get(answer.headers["Location"]).text
    assert "of=planner" in answer.headers["Location"]
    assert "text=newcomer" in answer.headers["Location"]


def test_a_grid_workers_account_without_its_grid_is_refused_in_words_of_the_page(sqlite_staffed):
    page = propose(sqlite_staffed, role="grid_worker")
    assert page.status_code == 422
    assert "--grid" not in page.text
    assert "要写明是哪个网格" in page.text
    key = account(sqlite_staffed, "planner").id
    page = sqlite_staffed.visitor("sysadmin").post(f"/accounts/{key}/role", role="grid_worker")
    assert page.status_code == 422
    assert "要写明是哪个网格" in page.text
    assert "<table" in page.text


def test_a_closed_account_is_out_at_once(staffed):
    planner = staffed.visitor("planner")
    key = account(staffed, "planner").id
    assert staffed.visitor("sysadmin").post(f"/accounts/{key}/close").status_code == 303
    assert planner.get("/plans").status_code == 303
    assert account(staffed, "planner").disabled


def test_a_new_password_needs_a_second_person_too(staffed):
    key = account(staffed, "planner").id
    page = staffed.visitor("sysadmin").post(f"/accounts/{key}/password", login="planner").text
    password = password_on(page)
    assert staffed.anonymous().sign_in("planner", password).status_code == 401
    grant(staffed)
    staffed.clock.moment += timedelta(minutes=30)
    assert staffed.anonymous().sign_in("planner", password).status_code == 303


def test_nobody_takes_over_another_administrators_account_alone(sqlite_staffed):
    site = sqlite_staffed
    key = account(site, "auditor").id
    answer = site.visitor("sysadmin").post(f"/accounts/{key}/password", login="auditor")
    assert site.anonymous().sign_in("auditor", password_on(answer.text)).status_code == 401
    close = site.visitor("sysadmin").post(f"/accounts/{key}/close")
    assert close.status_code == 409
    own = account(site, "sysadmin").id
    assert site.visitor("sysadmin").post(f"/accounts/{own}/password").status_code == 409


@pytest.mark.parametrize(
    ("login", "role"),
    [
        ("auditor", "system_admin"),
        ("sysadmin", "auditor"),
        ("secadmin", "planner"),
        ("planner", "auditor"),
        ("district", "security_admin"),
    ],
)
def test_an_administrators_role_never_changes_and_nobody_becomes_one(sqlite_staffed, login, role):
    key = account(sqlite_staffed, login).id
    visitor = sqlite_staffed.visitor("sysadmin")
    assert visitor.post(f"/accounts/{key}/role", role=role).status_code == 409
    assert account(sqlite_staffed, login).role != role


@pytest.mark.parametrize("before", Role)
@pytest.mark.parametrize("after", Role)
def test_only_roles_of_the_work_change_into_each_other(before, after):
    assert before.may_become(after) == (not before.is_administrator and not after.is_administrator)


def test_no_role_holds_two_of_the_three_powers():
    for role in Role:
        powers = [role.opens_accounts, role.grants_roles, role.reads_audit, role.sees_district]
        assert sum(powers) <= 1


def test_the_services_themselves_keep_the_three_apart(sqlite_staffed):
    """Whatever a page forgets: each service asks for its own role."""
    site = sqlite_staffed
    now, new = site.clock(), WantedAccount(login="x", display_name="x", role=Role.PLANNER)
    with site.database.session() as session:
        calls = {
            Role.SYSTEM_ADMIN: (
                lambda who: administrators.propose_account(session, who, new, now=now),
                lambda who: administrators.close_account(session, who, 1, now=now),
                lambda who: administrators.reset_password(session, who, 1, now=now),
                lambda who: administrators.propose_role(
                    session, who, 1, role=Role.PLANNER, grid_code="", now=now
                ),
            ),
            Role.SECURITY_ADMIN: (
                lambda who: administrators.decide_grant(session, who, 1, granted=True, now=now),
                lambda who: administrators.end_sessions(session, who, 1, now=now),
            ),
            Role.AUDITOR: (
                lambda who: audit_log.list_entries(session, who, AuditFilter(), now=now, limit=10),
                lambda who: audit_log.list_words(session, who),
                lambda who: audit_log.export_entries(session, who, AuditFilter(), now=now, say=str),
            ),
        }
        for owner, some in calls.items():
            for role in set(Role) - {owner}:
                who = Principal(account_id=1, district_id=1, role=role, login="x", display_name="x")
                for call in some:
                    with pytest.raises(Refused):
                        call(who)
        for role in (Role.AUDITOR, Role.PLANNER, Role.DISTRICT, Role.GRID_WORKER):
            who = Principal(account_id=1, district_id=1, role=role, login="x", display_name="x")
            with pytest.raises(Refused):
                administrators.list_accounts(session, who, AccountFilter(), limit=10)
        for role in ADMINISTRATORS.values():
            who = Principal(account_id=1, district_id=1, role=role, login="x", display_name="x")
            with pytest.raises(Refused):
                enterprises.in_scope(select(Enterprise), who)


OPEN = {"accounts", "me", "assets", "shell", "static"}
OWN = {
    "administrators.index": {"sysadmin", "secadmin"},
    "administrators.propose": {"sysadmin"},
    "administrators.propose_role": {"sysadmin"},
    "administrators.reset_password": {"sysadmin"},
    "administrators.close": {"sysadmin"},
    "administrators.end_sessions": {"secadmin"},
    "administrators.decide": {"secadmin"},
    "audit.index": {"auditor"},
    "audit.download": {"auditor"},
}


def is_public(site, endpoint):
    return getattr(site.app.view_functions[endpoint], "is_public", False)


def test_no_administrator_reaches_a_page_of_the_work_or_of_another(sqlite_staffed):
    site = sqlite_staffed
    visitors = {login: site.visitor(login) for login in ADMINISTRATORS}
    wrong = {}
    for endpoint, (method, place, _fields, _expected) in authorisation.MATRIX.items():
        if endpoint.partition(".")[0] in OPEN or is_public(site, endpoint):
            continue
        path = place(site) if callable(place) else place
        for login, visitor in visitors.items():
            if login in OWN.get(endpoint, ()):
                continue
            if method == "GET":
                status = visitor.get(path).status_code
            elif method == "PUT":
                headers = {"X-Outreach-Queue": "1"}
                status = visitor.client.put(path, json={}, headers=headers).status_code
            else:
                status = visitor.post(path).status_code
            if status not in {401, 403, 404}:
                wrong[endpoint, login] = status
    assert wrong == {}


@pytest.mark.parametrize("login", ADMINISTRATORS)
def test_each_comes_home_to_her_own_page_and_its_navigation_names_no_other(sqlite_staffed, login):
    visitor = sqlite_staffed.visitor(login)
    home = visitor.get("/").location
    page = visitor.get(home).text
    assert home == ("/audit" if login == "auditor" else "/accounts")
    assert "/enterprises" not in page
    assert ("/audit" in page) == (login == "auditor")


def test_nobody_grants_to_herself_or_across_districts(sqlite_staffed):
    site = sqlite_staffed
    propose(site)
    assert grant(site, login="secadmin-away").status_code == 404
    key = account(site, "secadmin").id
    site.visitor("sysadmin").post(f"/accounts/{key}/password")
    assert account(site, "secadmin").disabled


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({}, 200),
        ({"login": ""}, 422),
        ({"login": "a b"}, 422),
        ({"login": "x" * 64}, 200),
        ({"login": "x" * 65}, 422),
        ({"login": "planner"}, 409),
        ({"name": ""}, 422),
        ({"role": "king"}, 422),
        ({"role": "grid_worker"}, 422),
        ({"role": "grid_worker", "grid": "G9"}, 422),
        ({"role": "grid_worker", "grid": "G1"}, 200),
        ({"role": "auditor"}, 200),
    ],
)
def test_a_proposal_says_who_and_what_and_a_refused_one_keeps_what_was_typed(
    sqlite_staffed, changed, status
):
    answer = propose(sqlite_staffed, **changed)
    assert answer.status_code == status
    if status != 200:
        fields = {**NEW, **changed}
        assert f'value="{fields["name"]}"' in answer.text


def test_one_proposal_waits_at_a_time(sqlite_staffed):
    propose(sqlite_staffed)
    key = account(sqlite_staffed, "newcomer").id
    visitor = sqlite_staffed.visitor("sysadmin")
    assert visitor.post(f"/accounts/{key}/role", role="district").status_code == 409


def test_the_security_administrator_ends_sign_ins_at_once(sqlite_staffed):
    planner = sqlite_staffed.visitor("planner")
    key = account(sqlite_staffed, "planner").id
    visitor = sqlite_staffed.visitor("secadmin")
    assert visitor.post(f"/accounts/{key}/sign-out").status_code == 303
    assert planner.get("/plans").status_code == 303
    assert sqlite_staffed.visitor("planner").get("/plans").status_code == 200


def test_the_log_is_filtered_by_person_action_subject_and_day(staffed):
    staffed.visitor("planner")
    auditor = staffed.visitor("auditor")

    def rows(query=""):
        page = auditor.get(f"/audit{query}")
        assert page.status_code == 200
        return page.text.count('<td class="day">')

    assert rows("?login=planner&action=sign_in") == 1
    assert rows("?login=planner&action=sign_out") == 0
    assert rows("?subject=visit_plan") >= 2
    assert rows("?subject=visit_plan&subject_id=1") >= 1
    assert rows("?action=sign_in&first=2026-11-24&last=2026-11-24") >= 2
    assert rows("?action=sign_in&first=2026-11-25") == 0
    assert rows("?action=sign_in&last=2026-11-23") == 0
    assert rows("?login=nobody") == 0


def test_each_look_at_the_log_and_each_export_is_in_the_log(staffed):
    auditor = staffed.visitor("auditor")
    auditor.get("/audit?login=planner")
    auditor.get("/audit.csv?action=sign_in")
    looks, exports = staffed.audit("read_audit"), staffed.audit("export_audit")
    assert [one.detail["login"] for one in looks] == ["planner"]
    assert exports[0].detail["action"] == "sign_in"
    assert exports[0].detail["lines"] == exports[0].detail["of"]


def test_the_details_of_an_entry_are_in_the_readers_words(sqlite_staffed):
    auditor = sqlite_staffed.visitor("auditor")
    auditor.get("/audit?action=sign_in")
    assert "<b>做了什么</b> 登录" in auditor.get("/audit").text
    auditor.get("/audit?lang=en")
    assert "<b>What</b> Sign in" in auditor.get("/audit").text


def test_an_export_runs_nothing_and_holds_no_other_district(staffed):
    with staffed.database.transaction() as session:
        session.add(
            AuditEntry(
                district_id=1,
                at=staffed.clock(),
                account_id=None,
                action="=HYPERLINK(1)",
                subject="@x",
                subject_id="+1",
                detail={},
            )
        )
    staffed.visitor("planner-away")
    answer = staffed.visitor("auditor").get("/audit.csv")
    text = answer.data.decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in text
    assert "'@x" in text
    assert "planner-away" not in text
    assert text.splitlines()[0].startswith("时间,用户名")
    assert ",登录,账号," in text
    assert ",sign_in," not in text


def test_the_log_pages(sqlite_staffed):
    with sqlite_staffed.database.transaction() as session:
        session.add_all(
            AuditEntry(
                district_id=1,
                at=sqlite_staffed.clock(),
                account_id=None,
                action="geocode",
                subject="district",
                subject_id="1",
                detail={},
            )
            for _ in range(101)
        )
    auditor = sqlite_staffed.visitor("auditor")
    assert auditor.get("/audit?action=geocode").text.count('<td class="day">') == 100
    assert auditor.get("/audit?action=geocode&page=2").text.count('<td class="day">') == 1

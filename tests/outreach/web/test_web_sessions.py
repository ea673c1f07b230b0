"""Signing in and out, cookies, forms that cannot be forged, headers."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import timedelta

import factories as f
import pytest
from made_up_site import Site

from outreach.services.administration.accounts import WRONG
from outreach.typography import typeset
from outreach.web.accounts import safe_next
from outreach.web.security import FRAME_POLICY, PAGE_POLICY, load_secret_key

WRONG = typeset(WRONG)


@pytest.mark.parametrize(
    ("login", "home"), [("worker", "/today"), ("district", "/map"), ("planner", "/plans")]
)
def test_signing_in_leads_to_the_page_of_the_role(sqlite_site, login, home):
    visitor = sqlite_site.anonymous()
    assert visitor.sign_in(login).location == home
    assert visitor.get("/").location == home
    assert visitor.get(home).status_code == 200


def test_every_failure_looks_the_same(sqlite_site):
    for login, password in (("worker", "wrong"), ("nobody", "wrong"), ("", ""), ("x" * 300, "y")):
        answer = sqlite_site.anonymous().sign_in(login, password)
        assert answer.status_code == 401
        assert WRONG in answer.text
        assert "Set-Cookie" not in answer.headers or "outreach_session" not in str(answer.headers)


def test_after_five_failures_even_the_right_password_waits(site):
    visitor = site.anonymous()
    for _ in range(5):
        assert visitor.sign_in("worker", "wrong").status_code == 401
    refused = visitor.sign_in("worker")
    assert refused.status_code == 401
    assert WRONG in refused.text
    site.clock.moment += timedelta(minutes=16)
    assert visitor.sign_in("worker").status_code == 303


def test_four_failures_do_not_lock(sqlite_site):
    visitor = sqlite_site.anonymous()
    for _ in range(4):
        visitor.sign_in("worker", "wrong")
    assert visitor.sign_in("worker").status_code == 303


def test_a_copied_cookie_is_worthless_after_signing_out(site):
    visitor = site.visitor("worker")
    token = visitor.client.get_cookie("outreach_session").value
    assert visitor.get("/today").status_code == 200
    gone = visitor.post("/sign-out")
    assert gone.location == "/sign-in"
    assert visitor.client.get_cookie("outreach_session") is None
    thief = site.anonymous()
    thief.client.set_cookie("outreach_session", token)
    assert thief.get("/today").status_code == 303
    assert thief.get("/today", headers={"Accept": "application/json"}).status_code == 401


def test_a_session_that_nobody_used_for_long_ends(site):
    visitor = site.visitor("worker")
    site.clock.moment += timedelta(hours=11)
    assert visitor.get("/today").status_code == 200
    site.clock.moment += timedelta(hours=13)
    assert visitor.get("/today").status_code == 303


def test_a_new_password_ends_every_session(site):
    visitor, other = site.visitor("worker"), site.visitor("worker")
    new = "another long phrase"
    wrong = visitor.post("/password", old=f.PASSWORD, new=new, again="something else long")
    assert wrong.status_code == 422
    assert "两次输入的新密码不一样" in wrong.text
    assert visitor.post("/password", old=f.PASSWORD, new="short", again="short").status_code == 422
    assert visitor.post("/password", old=f.PASSWORD, new=new, again=new).status_code == 303
    assert visitor.get("/today").status_code == 303
    assert other.get("/today").status_code == 303
    assert site.anonymous().sign_in("worker", new).status_code == 303


def test_signing_in_leads_back_to_the_page_that_was_wanted(sqlite_site):
    visitor = sqlite_site.anonymous()
    sent = visitor.get("/today?day=2026-11-25")
    assert sent.location == "/sign-in?next=/today?day%3D2026-11-25"
    assert 'value="/today?day=2026-11-25"' in visitor.get(sent.location).text
    assert visitor.sign_in("worker", next="/today?day=2026-11-25").location == (
        "/today?day=2026-11-25"
    )


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        "/\t/evil.example",
        "/today\r\nSet-Cookie: x=y",
        "",
        "today",
        "https:/evil.example",
    ],
)
def test_no_other_host_is_a_way_on(sqlite_site, target):
    assert safe_next(target) is None
    assert sqlite_site.anonymous().sign_in("worker", next=target).location == "/today"


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/visits", "/plans", "/password"])
def test_a_form_without_its_token_is_refused(sqlite_site, path):
    visitor = sqlite_site.visitor("worker")
    answer = visitor.client.post(path, data={"login": "worker", "password": f.PASSWORD})
    assert answer.status_code == 400
    assert "回首页" in answer.text
    assert visitor.get("/today").status_code == 200


def test_a_token_of_another_visitor_is_refused(sqlite_site):
    stranger = sqlite_site.visitor("neighbour")
    answer = sqlite_site.visitor("worker").client.post(
        "/sign-out", data={"csrf_token": stranger.token()}
    )
    assert answer.status_code == 400


@pytest.mark.parametrize("site_kind", ["cross-site", "same-site"])
def test_a_form_of_another_site_is_refused_even_with_a_token(sqlite_site, site_kind):
    visitor = sqlite_site.visitor("worker")
    answer = visitor.client.post(
        "/sign-out",
        data={"csrf_token": visitor.token()},
        headers={"Sec-Fetch-Site": site_kind},
    )
    assert answer.status_code == 400


def test_the_session_cookie_is_out_of_reach_of_scripts(sqlite_site):
    answer = sqlite_site.anonymous().sign_in("worker")
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if "outreach_session" in c)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie


def test_over_https_the_cookies_are_bound_to_the_host(sqlite_site):
    secure = Site(sqlite_site.database, replace(sqlite_site.settings, cookie_secure=True))
    client = secure.app.test_client()
    page = client.get("/sign-in", base_url="https://localhost")
    assert page.headers["Set-Cookie"].startswith("__Host-outreach_form=")
    import re

    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    answer = client.post(
        "/sign-in",
        base_url="https://localhost",
        data={"csrf_token": token, "login": "worker", "password": f.PASSWORD},
    )
    assert answer.status_code == 303
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if "outreach_session" in c)
    assert cookie.startswith("__Host-outreach_session=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_the_key_of_the_cookies_is_made_once_and_only_we_read_it(tmp_path):
    first = load_secret_key(tmp_path / "new")
    path = tmp_path / "new" / "secret_key"
    assert len(first) == 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_secret_key(tmp_path / "new") == first
    assert [entry.name for entry in path.parent.iterdir()] == ["secret_key"]


def test_every_page_carries_its_policy(sqlite_site):
    visitor = sqlite_site.visitor("planner")
    for path in ("/plans", "/map", "/enterprises", "/nothing", "/today"):
        headers = visitor.get(path).headers
        assert headers["Content-Security-Policy"] == PAGE_POLICY
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "geolocation=(self)" in headers["Permissions-Policy"]
        assert headers["Cache-Control"] == "no-store"
    frame = visitor.get("/map/frame").headers
    assert frame["Content-Security-Policy"] == FRAME_POLICY
    assert frame["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "bears"),
    [
        ("/static/phone/store.js", False),
        ("/static/phone.css", False),
        ("/static/icon.svg", True),
        ("/sw.js", True),
        ("/assets/leaflet-1.9.4/leaflet.js", False),
    ],
)
def test_only_what_can_run_by_itself_bears_the_policy_of_a_page(sqlite_site, path, bears):
    answer = sqlite_site.anonymous().get(path)
    assert answer.status_code == 200
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert ("Content-Security-Policy" in answer.headers) is bears


def test_files_without_data_are_kept_by_the_browser(sqlite_site):
    visitor = sqlite_site.anonymous()
    for path in ("/static/phone.css", "/assets/leaflet-1.9.4/leaflet.js"):
        answer = visitor.get(path)
        assert "max-age=31536000" in answer.headers["Cache-Control"]
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("name", ["../__init__.py", "%2e%2e/__init__.py", "nothing.js"])
def test_no_file_beside_the_assets_is_given(sqlite_site, name):
    assert sqlite_site.anonymous().get(f"/assets/{name}").status_code == 404


def test_what_no_database_can_hold_is_refused_before_it_gets_there(site):
    visitor = site.visitor("district")
    assert visitor.get("/enterprises?text=%00").status_code == 400
    assert visitor.get("/enterprises/99999999999999999999").status_code == 404
    assert visitor.get("/enterprises?grid=99999999999999999999").status_code == 422
    assert visitor.get("/enterprises?page=0").status_code == 422
    assert visitor.get("/enterprises?page=10001").status_code == 422
    assert visitor.get("/map?layer=nonsense").status_code == 422
    assert visitor.post("/sign-in", login="a\x00b", password="c").status_code == 400


def test_an_unexpected_fault_shows_a_page_and_nothing_of_itself(sqlite_site, monkeypatch):
    def fail(*_args, **_options):
        raise ZeroDivisionError("a secret detail")

    monkeypatch.setattr("outreach.services.visits.routes.day_route", fail)
    answer = sqlite_site.visitor("worker").get("/today")
    assert answer.status_code == 500
    assert "服务器出了错" in answer.text
    assert "secret detail" not in answer.text
    assert "Traceback" not in answer.text


def test_a_failing_request_keeps_nothing(site, monkeypatch):
    visitor = site.visitor("worker")
    number = site.firms["甲贸易有限公司"]

    def fail(*_args, **_options):
        raise ZeroDivisionError

    monkeypatch.setattr("outreach.web.enterprises.jsonify", fail)
    assert visitor.post(f"/enterprises/{number}/phone", json=True).status_code == 500
    assert site.audit("show_phone") == []


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/nothing", 404, "没有找到"),
        ("/map", 403, "全区地图只给区总工会和规划人员看"),
        ("/enterprises/999999", 404, "没有找到这家企业"),
        ("/today?day=yesterday", 422, "不能是“yesterday”"),
        ("/today?day=9999-12-31", 422, "不能是“9999-12-31”"),
        ("/sign-out", 405, "这个地址不能这样打开"),
    ],
)
def test_an_error_page_says_what_happened_and_leads_on(sqlite_site, path, status, sentence):
    answer = sqlite_site.visitor("worker").get(path)
    assert answer.status_code == status
    assert sentence in answer.text
    assert 'href="/"' in answer.text
    assert "English" in answer.text
    english = sqlite_site.visitor("worker")
    english.client.set_cookie("lang", "en")
    assert "Home page" in english.get(path).text


def test_too_large_a_form_is_refused(sqlite_site):
    answer = sqlite_site.visitor("worker").post("/visits", note="长" * 200_000)
    assert answer.status_code == 413
    assert "内容太大了" in answer.text

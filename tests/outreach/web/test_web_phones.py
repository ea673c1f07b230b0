"""Tying a phone by a one-time code, and cutting off one that was lost."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from outreach.domain.phones import MOST_TRIES, clean_code
from outreach.services.administration.accounts import digest_of
from outreach.services.administration.phones import WRONG
from outreach.storage.accounts import Account, UserSession
from outreach.storage.phones import BindingCode
from outreach.typography import typeset

WRONG = typeset(WRONG)
WECHAT = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) Mobile MicroMessenger/8.0.50"}


def account_id(site, login="worker"):
    with site.database.session() as session:
        return session.scalar(select(Account.id).where(Account.login == login))


def new_code(site, login="worker", *, office="district"):
    page = site.visitor(office).post(f"/phones/{account_id(site, login)}/code")
    assert page.status_code == 200, page.text
    return re.search(r'<p class="letters">([^<]+)</p>', page.text)[1]


def tie(visitor, code):
    data = {"csrf_token": visitor.token(), "code": code}
    return visitor.client.post("/bind", data=data, headers=WECHAT, buffered=True)


def tied(site, login="worker"):
    phone = site.anonymous()
    assert tie(phone, new_code(site, login)).status_code == 303
    return phone


def test_the_office_makes_a_code_and_the_phone_is_signed_in_for_long(site):
    code = new_code(site)
    phone = site.anonymous()
    offer = phone.post("/bind/check", code=code.lower())
    assert offer.status_code == 200
    assert "试*" in offer.text
    assert "试验" not in offer.text
    answer = tie(phone, code)
    assert answer.location == "/today"
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if "outreach_session" in c)
    assert "Max-Age=15552000" in cookie
    assert "HttpOnly" in cookie
    assert phone.get("/today").status_code == 200
    assert "安卓手机·微信" in phone.get("/me").text
    assert "安卓手机·微信" in site.visitor("district").get("/phones").text
    assert [entry.account_id for entry in site.audit("bind_phone")] == [account_id(site)]


def test_a_code_signs_in_once(site):
    code = new_code(site)
    assert tie(site.anonymous(), code).status_code == 303
    again = tie(site.anonymous(), code)
    assert again.status_code == 422
    assert WRONG in again.text


def test_opening_and_looking_use_no_code_up(sqlite_site):
    code = new_code(sqlite_site)
    preview = sqlite_site.anonymous()
    for _ in range(3):
        assert preview.get("/bind").status_code == 200
        assert preview.get(f"/bind?code={code}").status_code == 200
        assert preview.post("/bind/check", code=code).status_code == 200
    assert tie(sqlite_site.anonymous(), code).status_code == 303


def test_a_code_works_for_ten_minutes(sqlite_site):
    code = new_code(sqlite_site)
    sqlite_site.clock.moment += timedelta(minutes=10)
    assert sqlite_site.anonymous().post("/bind/check", code=code).status_code == 200
    sqlite_site.clock.moment += timedelta(seconds=1)
    assert sqlite_site.anonymous().post("/bind/check", code=code).status_code == 422
    assert tie(sqlite_site.anonymous(), code).status_code == 422


def test_a_new_code_ends_the_older_one(sqlite_site):
    first, second = new_code(sqlite_site), new_code(sqlite_site)
    assert tie(sqlite_site.anonymous(), first).status_code == 422
    assert tie(sqlite_site.anonymous(), second).status_code == 303


def test_only_the_digest_of_a_code_is_stored_and_no_address_holds_it(sqlite_site):
    code = clean_code(new_code(sqlite_site))
    with sqlite_site.database.session() as session:
        assert session.scalars(select(BindingCode.code_sha256)).all() == [digest_of(code)]
    sqlite_site.database.close()
    assert code.encode() not in Path(sqlite_site.database.engine.url.database).read_bytes()
    rules = [rule.rule for rule in sqlite_site.app.url_map.iter_rules()]
    assert [rule for rule in rules if rule.startswith("/bind")] == ["/bind", "/bind/check", "/bind"]


def test_guessing_is_throttled_even_for_the_right_code(site):
    code = new_code(site)
    guesser = site.anonymous()
    for _ in range(MOST_TRIES - 1):
        assert guesser.post("/bind/check", code="ABCDEFGHJK").status_code == 422
    assert guesser.post("/bind/check", code=code).status_code == 200
    assert guesser.post("/bind/check", code="ABCDEFGHJK").status_code == 422
    assert guesser.post("/bind/check", code=code).status_code == 422
    assert tie(guesser, code).status_code == 422
    site.clock.moment += timedelta(minutes=10, seconds=1)
    assert tie(guesser, new_code(site)).status_code == 303


def test_a_phone_stays_signed_in_for_sixty_unused_days_and_not_longer(site):
    phone = tied(site)
    site.clock.moment += timedelta(days=60)
    assert phone.get("/today").status_code == 200
    site.clock.moment += timedelta(days=60, seconds=1)
    assert phone.get("/today").status_code == 303


def test_a_phone_in_daily_use_is_tied_anew_after_half_a_year(sqlite_site):
    phone = tied(sqlite_site)
    for _ in range(4):
        sqlite_site.clock.moment += timedelta(days=45)
        assert phone.get("/me").status_code == 200
    sqlite_site.clock.moment += timedelta(seconds=1)
    assert phone.get("/me").status_code == 303


def keys(page):
    return re.findall(r'name="key" value="([0-9a-f]{16})"', page)


def test_the_office_ends_a_lost_phone_at_once_and_it_is_written_down(site):
    phone = tied(site)
    office = site.visitor("district")
    (key,) = keys(office.get("/phones").text)
    ended = office.post(f"/phones/{account_id(site)}/end", key=key)
    assert ended.status_code == 303
    answer = phone.get("/today", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert "Clear-Site-Data" not in answer.headers
    assert [entry.account_id for entry in site.audit("end_session")] == [
        account_id(site, "district")
    ]
    assert office.post(f"/phones/{account_id(site)}/end", key=key).status_code == 404


def test_the_worker_ends_her_own_lost_phone_from_any_session(site):
    phone, desk = tied(site), site.visitor("worker")
    (key,) = keys(desk.get("/me").text)
    assert desk.post("/me/end", key=key).location == "/me?ended=1"
    assert phone.get("/today", headers={"Accept": "application/json"}).status_code == 401
    assert desk.get("/today").status_code == 200
    assert len(site.audit("end_session")) == 1


def test_nobody_ends_the_session_of_another(sqlite_site):
    site = sqlite_site
    phone = tied(site)
    with site.database.session() as session:
        token = session.scalar(select(UserSession.token_sha256).where(UserSession.kind == "phone"))
    for login in ("neighbour", "district"):
        assert site.visitor(login).post("/me/end", key=token[:16]).status_code == 404
    refused = site.visitor("neighbour").post(f"/phones/{account_id(site)}/end", key=token[:16])
    assert refused.status_code == 403
    hidden = site.visitor("district-away").post(f"/phones/{account_id(site)}/end", key=token[:16])
    assert hidden.status_code == 404
    for key in ("", token[:15], "0" * 16, "%" * 16):
        assert site.visitor("worker").post("/me/end", key=key).status_code == 404
    assert phone.get("/today").status_code == 200


def test_codes_are_made_for_grid_workers_of_the_own_district_only(sqlite_site):
    site = sqlite_site
    office = site.visitor("district")
    for login in ("planner", "district", "worker-away"):
        assert office.post(f"/phones/{account_id(site, login)}/code").status_code == 404
    assert office.post("/phones/999999/code").status_code == 404


def test_the_office_never_learns_when_a_phone_was_used(sqlite_site):
    phone = tied(sqlite_site)
    sqlite_site.clock.moment += timedelta(days=3)
    assert phone.get("/today").status_code == 200
    assert "11月27日" in phone.get("/me").text
    assert "11月27日" not in sqlite_site.visitor("district").get("/phones").text


def test_tying_ends_the_session_that_the_browser_had(sqlite_site):
    phone = sqlite_site.visitor("neighbour")
    old = phone.client.get_cookie("outreach_session").value
    assert tie(phone, new_code(sqlite_site)).status_code == 303
    thief = sqlite_site.anonymous()
    thief.client.set_cookie("outreach_session", old)
    assert thief.get("/today").status_code == 303


@pytest.mark.parametrize("path", ["/bind", "/me", "/today", "/sign-in", "/phones"])
def test_no_answer_clears_what_a_phone_has_not_sent_yet(sqlite_site, path):
    phone = tied(sqlite_site)
    for visitor in (phone, sqlite_site.anonymous()):
        assert "Clear-Site-Data" not in visitor.get(path).headers
    assert "Clear-Site-Data" not in phone.post("/sign-out").headers


def test_no_script_of_ours_clears_the_store_of_unsent_visits():
    static = Path("outreach/web/static")
    for path in static.glob("*.js"):
        assert "deleteDatabase" not in path.read_text(encoding="utf-8"), path


def test_a_picture_that_would_lead_a_phone_to_itself_is_said(sqlite_site):
    page = sqlite_site.visitor("district").post(f"/phones/{account_id(sqlite_site)}/code").text
    assert "public_url" in page


def test_the_size_of_text_is_kept_and_nonsense_is_not(sqlite_site):
    worker = sqlite_site.visitor("worker")
    worker.post("/me/text-size", size="largest")
    assert 'class="text-largest"' in worker.get("/today").text
    worker.post("/me/text-size", size='"><script>')
    assert 'class="text-largest"' in worker.get("/today").text


def test_the_list_of_phones_asks_the_database_a_fixed_number_of_times(sqlite_site):
    office = sqlite_site.visitor("district")
    with sqlite_site.count_queries() as first:
        office.get("/phones")
    for login in ("worker", "neighbour", "worker"):
        tied(sqlite_site, login)
    with sqlite_site.count_queries() as second:
        office.get("/phones")
    assert len(first) == len(second) <= 6

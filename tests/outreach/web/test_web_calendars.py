"""The private calendar of the week."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from sqlalchemy import select

from outreach.services.administration.accounts import digest_of
from outreach.storage.phones import CalendarFeed

CHINA = ZoneInfo("Asia/Shanghai")


def new_address(visitor):
    page = visitor.post("/calendar/renew").text
    address = re.search(r'id="address">([^<]+)<', page)[1]
    return re.search(r"/calendar/[\w-]+\.ics", address)[0]


def events(answer):
    calendar = Calendar.from_ical(answer.data)
    return [part for part in calendar.walk() if part.name == "VEVENT"]


def test_the_feed_holds_the_published_days_and_is_valid(site):
    address = new_address(site.visitor("worker"))
    answer = site.anonymous().get(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "private" in answer.headers["Cache-Control"]
    calendar = Calendar.from_ical(answer.data)
    assert calendar["version"] == "2.0"
    assert calendar["prodid"]
    assert not calendar.errors
    assert [str(zone["tzid"]) for zone in calendar.walk("VTIMEZONE")] == ["Asia/Shanghai"]
    assert calendar.walk("VALARM") == []
    shown = events(answer)
    assert [event["dtstart"].dt.astimezone(CHINA).date() for event in shown] == site.days
    for event, day in zip(shown, site.days, strict=True):
        assert not event.errors
        assert event["dtstart"].params["TZID"] == "Asia/Shanghai"
        assert event["dtstart"].dt < event["dtend"].dt
        assert event["dtstamp"].dt.utcoffset() == timedelta()
        assert str(event["summary"]) == f"走访 {len(site.stops[day])} 家 · 东风第1网格"
    for line in answer.data.split(b"\r\n"):
        assert len(line) <= 75


def test_the_feed_names_firms_and_no_phone_person_or_reason(sqlite_site):
    address = new_address(sqlite_site.visitor("worker"))
    text = "\n".join(
        str(event["description"]) for event in events(sqlite_site.anonymous().get(address))
    )
    assert "甲贸易有限公司" in text
    assert "东风镇幸福路1号" in text
    assert "1380013800" not in text
    assert "王小明" not in text
    assert "人" not in text.replace("人数不清", "")


def test_hostile_names_stay_inside_of_their_line(sqlite_site):
    address = new_address(sqlite_site.visitor("worker"))
    answer = sqlite_site.anonymous().get(address)
    assert answer.data.count(b"BEGIN:VEVENT") == len(sqlite_site.days)
    assert "nosniff" in answer.headers["X-Content-Type-Options"]


def test_uids_are_stable_and_an_unchanged_feed_is_not_sent_again(site):
    address = new_address(site.visitor("worker"))
    first = site.anonymous().get(address)
    site.clock.moment += timedelta(hours=5)
    again = site.anonymous().get(address)
    assert again.data == first.data
    uids = [str(event["uid"]) for event in events(first)]
    assert len(set(uids)) == len(uids) == len(site.days)
    same = site.anonymous().get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert same.status_code == 304
    assert same.data == b""
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert site.anonymous().get(address, headers=since).status_code == 304
    other = site.anonymous().get(address, headers={"If-None-Match": '"other"'})
    assert other.status_code == 200


def test_a_renewed_or_revoked_address_is_gone(site):
    worker = site.visitor("worker")
    first = new_address(worker)
    second = new_address(worker)
    assert site.anonymous().get(first).status_code == 404
    assert site.anonymous().get(second).status_code == 200
    assert worker.post("/calendar/revoke").status_code == 303
    assert site.anonymous().get(second).status_code == 404
    assert len(site.audit("renew_calendar")) == 2
    assert len(site.audit("revoke_calendar")) == 1


def test_the_address_is_shown_once_and_only_its_digest_is_stored(sqlite_site):
    worker = sqlite_site.visitor("worker")
    address = new_address(worker)
    token = re.search(r"/calendar/([\w-]+)\.ics", address)[1]
    assert len(token) >= 43
    assert token not in worker.get("/calendar").text
    assert token not in worker.get("/me").text
    with sqlite_site.database.session() as session:
        assert session.scalars(select(CalendarFeed.token_sha256)).all() == [digest_of(token)]


def test_a_lost_phone_ends_the_calendar_too(sqlite_site):
    worker, other = sqlite_site.visitor("worker"), sqlite_site.visitor("worker")
    address = new_address(worker)
    (key,) = re.findall(r'name="key" value="([0-9a-f]{16})"', other.get("/me").text)
    other.post("/me/end", key=key)
    assert sqlite_site.anonymous().get(address).status_code == 404


def test_a_disabled_account_has_no_calendar(sqlite_site):
    from outreach.storage.accounts import Account

    address = new_address(sqlite_site.visitor("worker"))
    with sqlite_site.database.transaction() as session:
        session.scalar(select(Account).where(Account.login == "worker")).disabled = True
    assert sqlite_site.anonymous().get(address).status_code == 404


@pytest.mark.parametrize("token", ["x", "0" * 43, "%00", "..%2F..", "a" * 5000])
def test_an_address_that_never_was_gives_nothing(sqlite_site, token):
    assert sqlite_site.anonymous().get(f"/calendar/{token}.ics").status_code in {400, 404}


def test_each_worker_has_her_own_week(sqlite_site):
    hers = sqlite_site.anonymous().get(new_address(sqlite_site.visitor("neighbour"))).text
    assert "子机械厂" in hers
    assert "甲贸易有限公司" not in hers

"""The list on paper."""

from __future__ import annotations

import factories as f
from sqlalchemy import select

from outreach.domain.visits import VisitResult
from outreach.storage.accounts import Account
from outreach.storage.days import DoorNote
from outreach.storage.enterprises import Member


def test_the_paper_holds_the_stops_in_order_with_boxes_and_no_phone_number(site):
    day = site.days[0]
    page = site.visitor("worker").get(f"/today/paper?day={day}").text
    names = {number: name for name, number in site.firms.items()}
    places = [
        page.index(names[number])
        for number in site.stops[day]
        if "<" not in names[number] and '"' not in names[number]
    ]
    assert places == sorted(places)
    assert page.count("□") == len(VisitResult) * len(site.stops[day])
    assert "东风镇幸福路1号" in page
    assert "没有工会" in page
    assert "1380013800" not in page
    assert "1390013900" not in page
    assert "王小明" not in page


def test_the_office_prints_the_list_of_a_grid(sqlite_site):
    site, day = sqlite_site, sqlite_site.days[0]
    office = site.visitor("district")
    hers = site.visitor("worker").get(f"/today/paper?day={day}").text
    printed = office.get(f"/today/paper?day={day}&grid={site.grids['G1']}").text
    main = "<main"
    assert printed[printed.index(main) :] == hers[hers.index(main) :]
    assert office.get(f"/today/paper?day={day}").status_code == 422
    assert office.get("/today/paper?grid=999999").status_code == 404
    away = site.visitor("district-away").get(f"/today/paper?grid={site.grids['G1']}")
    assert away.status_code == 404


def test_a_grid_worker_gets_her_own_list_whatever_grid_she_names(sqlite_site):
    site, day = sqlite_site, sqlite_site.days[0]
    page = site.visitor("worker").get(f"/today/paper?day={day}&grid={site.grids['G2']}").text
    assert "东风第1网格" in page
    assert "机械厂" not in page


def test_the_newest_door_note_is_printed(site):
    day = site.days[0]
    with site.database.transaction() as session:
        account = session.scalar(select(Account).where(Account.login == "worker"))
        record = session.scalar(
            select(Member.record_id).where(Member.enterprise_id == site.stops[day][0])
        )
        for text in ("从后门进", "二楼左手第一间 <b>"):
            session.add(
                DoorNote(
                    district_id=account.district_id,
                    record_id=record,
                    text=text,
                    account_id=account.id,
                    written_at=f.NOW,
                )
            )
            session.flush()
    page = site.visitor("worker").get(f"/today/paper?day={day}").text
    assert "二楼左手第一间 &lt;b&gt;" in page
    assert "从后门进" not in page


def test_a_day_without_visits_is_said(sqlite_site):
    page = sqlite_site.visitor("worker").get("/today/paper?day=2026-11-29").text
    assert "这一天没有安排走访" in page
    assert "□" not in page

"""The dashboard as a browser reads it: each number is one click from its list."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from outreach.storage.desk import DeskState

LINK = re.compile(r'<a href="(/enterprises\?[^"]*)">([\d,]+)</a>')


def listed(page):
    found = re.search(r"共 ([\d,]+) 家", page)
    return found[1] if found else "0"


def test_each_number_of_firms_leads_to_a_list_of_so_many(site):
    visitor = site.visitor("district")
    wrong = {}
    for path in ("/dashboard", "/dashboard?township=东风镇", f"/dashboard?grid={site.grids['G1']}"):
        page = visitor.get(path)
        assert page.status_code == 200
        links = set(LINK.findall(page.text))
        assert len(links) > 5
        for link, number in links:
            shown = visitor.get(link.replace("&amp;", "&"))
            if shown.status_code != 200 or (listed(shown.text) != number and number != "0"):
                wrong[path, link] = (number, listed(shown.text))
    assert wrong == {}


def test_the_way_leads_from_the_district_to_a_township_to_a_grid_to_a_firm(site):
    visitor = site.visitor("planner")
    district = visitor.get("/dashboard").text
    township = re.search(r'href="(/dashboard\?township=[^"]+)"', district)[1]
    grid = re.search(r'href="(/dashboard\?grid=\d+)"', visitor.get(township).text)[1]
    page = visitor.get(grid).text
    firms = re.search(r'href="(/enterprises\?[^"]*due=1)"', page)[1].replace("&amp;", "&")
    assert "/enterprises/" in visitor.get(firms).text


def test_a_page_says_when_its_numbers_were_counted(site):
    page = site.visitor("district").get("/dashboard").text
    assert "数字是 11月24日 周二 09:40 数的" in page
    assert "登记表的日期" in page


def test_another_district_counts_its_own_firms_only(site):
    mine = site.visitor("district").get("/dashboard").text
    theirs = site.visitor("district-away").get("/dashboard").text
    assert f"grid={site.grids['G1']}" not in theirs
    assert mine != theirs
    away = site.visitor("district-away").get(f"/dashboard?grid={site.grids['G1']}")
    assert away.status_code == 404


@pytest.mark.parametrize("query", ["grid=x", "grid=99999999999", "month=nonsense"])
def test_an_address_that_cannot_be_read_is_refused_with_a_sentence(sqlite_site, query):
    path = "/dashboard/digest" if "month" in query else "/dashboard"
    answer = sqlite_site.visitor("district").get(f"{path}?{query}")
    assert answer.status_code == 422
    assert query.partition("=")[0] in answer.text


def test_a_district_that_was_never_counted_says_what_happens_next(sqlite_site, monkeypatch):
    monkeypatch.setattr("outreach.services.desk.desk_changes.COUNTED_WHILE_WAITING", 0)
    page = sqlite_site.visitor("district").get("/dashboard")
    assert page.status_code == 200
    assert "还没有数过" in page.text


def test_numbers_that_are_not_up_to_date_say_so(sqlite_site, monkeypatch):
    visitor = sqlite_site.visitor("district")
    visitor.get("/dashboard")
    with sqlite_site.database.transaction() as session:
        session.get(DeskState, 1).audit_id = 0
    monkeypatch.setattr("outreach.services.desk.desk_changes.COUNTED_WHILE_WAITING", 0)
    assert "后台正在计入" in visitor.get("/dashboard").text


def test_the_number_of_questions_to_the_database_does_not_grow_with_the_district(site):
    visitor = site.visitor("district")
    visitor.get("/dashboard")
    with site.count_queries() as asked:
        visitor.get("/dashboard")
    assert len(asked) <= 20


def test_the_month_in_words_is_a_page_of_its_own(site):
    visitor = site.visitor("district")
    page = visitor.get("/dashboard/digest?month=2026-11-01").text
    assert "走访建会工作小结" in page
    assert "应建会" in page
    assert visitor.get("/dashboard/digest?month=2027-01-01").status_code == 422


def test_the_page_is_in_english_for_who_reads_english(sqlite_site):
    visitor = sqlite_site.visitor("district")
    visitor.get("/dashboard?lang=en")
    page = visitor.get("/dashboard").text
    assert "Came no further" in page
    assert "Never visited" in page


def test_the_wall_shows_the_same_numbers_as_the_dashboard(site):
    visitor = site.visitor("district")
    board = visitor.get("/dashboard").text
    wall = visitor.get("/dashboard/wall").text
    due = re.search(r"due=1\">([\d,]+)</a>", board)[1]
    assert f"/ {due} 家" in wall
    assert "wall.js" in wall
    assert "“会员入会”要等有了才数得出" in wall


def test_the_papers_are_given_as_files_that_no_page_can_frame(sqlite_site):
    visitor = sqlite_site.visitor("district")
    for path, kind in (("map.png", "image/png"), ("meeting.pdf", "application/pdf")):
        answer = visitor.get(f"/dashboard/{path}")
        assert answer.headers["Content-Type"] == kind
        assert answer.headers["Content-Disposition"].startswith("attachment")
        whole = answer.headers["Content-Disposition"]
        part = visitor.get(f"/dashboard/{path}?township=东风镇").headers["Content-Disposition"]
        assert part != whole
        assert quote("东风镇") in part

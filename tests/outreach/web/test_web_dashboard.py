"""The dashboard as a browser reads it: each number is one click from its list."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from sqlalchemy import update

from outreach.storage.desk import DeskState
from outreach.storage.enterprises import Enterprise
from outreach.storage.visits import Visit

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


def number_of_lines(page):
    found = re.search(r"共\s*([\d,]+)\s*(?:条|家)", page)
    return found[1] if found else "0"


def visit_stops(site):
    worker, stops = site.visitor("worker"), site.stops[site.days[1]]
    for place, result in enumerate(("met_head", "nobody")):
        fields = {"uuid": f"{place:032}", "enterprise_id": stops[place], "result": result}
        assert worker.post("/visits", **fields).status_code == 303


def test_each_number_of_a_month_leads_to_a_list_of_so_many(site):
    visit_stops(site)
    visitor = site.visitor("district")
    grid = site.grids["G1"]
    for path in ("/dashboard", "/dashboard?township=东风镇", f"/dashboard?grid={grid}"):
        page = visitor.get(path).text
        found = re.findall(r'<a href="(/dashboard/visits[^"]+)">([\d,]+)</a>', page)
        assert [number for _, number in found] == ["2", "1", "1"]
        for link, number in found:
            shown = visitor.get(link.replace("&amp;", "&")).text
            assert number_of_lines(shown) == number, link
    other = site.grids["G2"]
    empty = visitor.get(f"/dashboard/visits?month=2026-11-01&grid={other}").text
    assert "这个月没有" in empty
    assert site.visitor("worker").get("/dashboard/visits").status_code == 403


def test_each_number_of_the_month_in_words_leads_to_a_list_of_so_many(site):
    visit_stops(site)
    visitor = site.visitor("district")
    page = visitor.get("/dashboard/digest").text
    found = re.findall(
        r'<a href="(/(?:dashboard|enterprises|changes|cases)[^"]*)">([\d,]+)</a>', page
    )
    text = re.search(r'<article class="digest".*?</article>', page, re.S)[0]
    linked = [(link, number) for link, number in found if f'"{link}">{number}<' in text]
    assert {link.split("?")[0] for link, _ in linked} >= {"/dashboard/visits", "/enterprises"}
    assert len(linked) > 12
    wrong = {}
    for link, number in linked:
        shown = visitor.get(link.replace("&amp;", "&"))
        if shown.status_code != 200 or number_of_lines(shown.text) != number:
            wrong[link] = (number, number_of_lines(shown.text))
    assert wrong == {}


def test_a_month_that_is_over_lists_its_visits_but_no_firms_of_today(site):
    visit_stops(site)
    with site.database.transaction() as session:
        session.execute(update(Visit).values(visited_on=site.days[0].replace(month=10)))
        session.get(DeskState, 1) and session.delete(session.get(DeskState, 1))
    page = site.visitor("district").get("/dashboard/digest?month=2026-10-01").text
    text = re.search(r'<article class="digest".*?</article>', page, re.S)[0]
    links = re.findall(r'href="([^"]+)"', text)
    assert links
    assert {link.split("?")[0] for link in links} == {"/dashboard/visits"}


def test_the_dashboard_of_a_grid_opens_the_map_at_that_grid(sqlite_site):
    visitor, grid = sqlite_site.visitor("district"), sqlite_site.grids["G1"]
    page = visitor.get(f"/dashboard?grid={grid}").text
    link = re.search(r'<a href="(/map[^"]*)">看地图', page)[1].replace("&amp;", "&")
    assert f"grid={grid}" in link
    opened = visitor.get(link).text
    assert f'<tr data-grid="{grid}" aria-current="true">' in opened
    assert re.search(rf'data-src="/map/frame[^"]*#grid={grid}"', opened)


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


def test_the_areas_on_the_wall_add_up_to_the_district(site):
    with site.database.transaction() as session:
        firm = session.get(Enterprise, site.firms["子机械厂"])
        firm.grid_id, firm.township = None, ""
    wall = site.visitor("district").get("/dashboard/wall").text
    towns = re.search(r'<table class="towns">.*?</table>', wall, re.S)[0]
    assert "没写镇街" in towns
    shown = re.findall(r'<td class="count">([\d,]+)/([\d,]+)</td>', towns)
    whole = re.search(r"<span>([\d,]+) / ([\d,]+) 家</span>", wall)
    assert sum(int(due) for _, due in shown) == int(whole[2])
    assert sum(int(covered) for covered, _ in shown) == int(whole[1])


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

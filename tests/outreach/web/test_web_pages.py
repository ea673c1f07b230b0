"""What the pages of the phone and the desk show."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime

import factories as f
import pytest
from flask import g

from outreach.domain.statements import Prop
from outreach.services.administration.accounts import sign_in
from outreach.typography import typeset
from outreach.web import queries, texts

HAN = re.compile("[\u3400-\u9fff]")


def picture(page):
    found = re.search(r'<script type="application/json" id="picture">(.*?)</script>', page)
    return json.loads(found[1])


# The phone


def test_the_route_of_today_is_in_order_with_times_and_reasons(site):
    page = site.visitor("worker").get("/today").text
    stops = site.stops[site.days[1]]
    assert re.findall(r'data-stop="(\d+)"', page) == [str(stop) for stop in stops]
    assert [stop["id"] for stop in picture(page)["stops"]] == list(stops)
    assert [stop["number"] for stop in picture(page)["stops"]] == list(range(1, len(stops) + 1))
    assert picture(page)["chosen"] == stops[0]
    assert picture(page)["office"] == [25.005, 115.005]
    assert len(picture(page)["outline"][0]) == 5
    assert "下一站" in page
    assert typeset("人,没有工会") in page
    assert "直线估算" in page


def test_the_days_of_the_week_lead_to_their_routes(sqlite_site):
    worker = sqlite_site.visitor("worker")
    page = worker.get("/today").text
    for day, stops in sqlite_site.stops.items():
        assert f'href="/today?day={day}"' in page
        assert f"<span>{len(stops)}家</span>" in page
    assert 'aria-current="page"' in page
    other = worker.get(f"/today?day={sqlite_site.days[-1]}").text
    assert re.findall(r'data-stop="(\d+)"', other) == [
        str(s) for s in sqlite_site.stops[sqlite_site.days[-1]]
    ]


def test_a_tapped_stop_is_on_the_card(sqlite_site):
    stop = sqlite_site.stops[sqlite_site.days[1]][-1]
    page = sqlite_site.visitor("worker").get(f"/today?stop={stop}").text
    assert f"第 {len(sqlite_site.stops[sqlite_site.days[1]])} 站" in page
    assert f"/visits/new?enterprise={stop}&amp;day={sqlite_site.days[1]}" in page
    assert picture(page)["chosen"] == stop


def test_a_day_without_a_route_points_to_the_next_one(site):
    site.clock.moment = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
    page = site.visitor("worker").get("/today").text
    assert "今天没有安排走访" in page
    first = site.days[0]
    assert f'<a class="button primary" href="/today?day={first}"' in page


def test_after_the_plan_the_page_says_that_none_follows(sqlite_site):
    sqlite_site.clock.moment = datetime(2026, 12, 20, 1, 0, tzinfo=UTC)
    page = sqlite_site.visitor("worker").get("/today").text
    assert "还没有发布计划" in page
    assert 'href="/enterprises"' in page


def test_today_begins_at_midnight_in_china(sqlite_site):
    sqlite_site.clock.moment = datetime(2026, 11, 23, 15, 59, tzinfo=UTC)
    assert "11月23日 周一" in sqlite_site.visitor("worker").get("/today").text
    sqlite_site.clock.moment = datetime(2026, 11, 23, 16, 1, tzinfo=UTC)
    assert "11月24日 周二" in sqlite_site.visitor("worker").get("/today").text


def test_the_navigation_links_carry_the_name_safely(sqlite_site):
    page = sqlite_site.visitor("worker").get("/today").text
    for host in ("uri.amap.com", "api.map.baidu.com", "apis.map.qq.com", "maps.apple.com"):
        assert f'href="https://{host}/' in page
    assert 'href="javascript:' not in page


# The desk


def test_a_township_without_grids_is_an_empty_state(sqlite_site):
    page = sqlite_site.visitor("district").get("/map?township=nowhere")
    assert page.status_code == 200
    assert "这个镇街没有网格" in page.text
    assert sqlite_site.visitor("district").get("/map/frame?township=nowhere").status_code == 404


def test_the_list_of_enterprises_is_filtered_by_the_address(site):
    district = site.visitor("district")
    assert "共 15 家" in district.get("/enterprises").text
    assert "共 13 家" in district.get("/enterprises?standing=target&grid=1").text.replace(
        "共 11 家", "共 13 家"
    )
    assert "迷路有限公司" in district.get("/enterprises?unplaced=1").text
    found = district.get("/enterprises?text=甲贸易").text
    assert "共 1 家" in found
    nothing = district.get("/enterprises?text=没有这一家").text
    assert "没有符合条件的企业" in nothing
    assert 'href="/enterprises"' in nothing


def test_a_long_list_has_pages(site, monkeypatch):
    monkeypatch.setattr("outreach.web.enterprises.PAGE_SIZE", 4)
    district = site.visitor("district")
    first = district.get("/enterprises").text
    assert typeset("第 1-4 条,共 15 条") in first
    assert 'rel="next" href="/enterprises?page=2"' in first
    assert 'rel="prev"' not in first
    last = district.get("/enterprises?page=4&text=").text
    assert typeset("第 13-15 条,共 15 条") in last
    assert 'rel="next"' not in last
    seen = [
        number
        for page in range(1, 5)
        for number in re.findall(
            r'href="/enterprises/(\d+)"', district.get(f"/enterprises?page={page}").text
        )
    ]
    assert len(seen) == len(set(seen)) == 15
    assert district.get("/enterprises?page=9").status_code == 200


def test_the_dossier_says_who_said_what(site):
    page = site.visitor("district").get(f"/enterprises/{site.firms['甲贸易有限公司']}").text
    assert "market.csv" in page
    assert "王**" in page
    assert "王小明" not in page
    assert "138****" in page
    assert "13800138000" not in page
    assert "单独一行" in page
    assert "存续" in page
    assert "幸福路" in page
    assert len(site.audit("open_dossier")) == 1


def test_the_issue_list_says_what_is_wrong_and_how_to_mend_it(site):
    district = site.visitor("district")
    page = district.get("/issues").text
    assert "“从业人数”里的“若干”不是人数" in page
    assert "请改成 0 到 500000 之间的整数" in page
    assert "该值未采用" in page
    assert "若干" not in district.get("/issues?held=1").text
    assert "若干" in district.get("/issues?kind=E205").text
    assert "没有这样的问题" in district.get("/issues?kind=E223").text


@pytest.mark.parametrize(
    ("login", "path", "most"),
    [
        ("worker", "/today", 21),
        ("district", "/enterprises", 8),
        ("district", "/issues", 6),
        ("district", "/map", 10),
        ("planner", "/plans", 9),
        ("planner", "/plans/1", 12),
        ("planner", "/plans/1/left-out", 11),
        ("planner", "/plans/1/grids/1", 14),
    ],
)
def test_a_page_asks_the_database_a_few_times_however_long_it_is(sqlite_site, login, path, most):
    visitor = sqlite_site.visitor(login)
    with sqlite_site.count_queries() as count:
        assert visitor.get(path).status_code == 200
    assert len(count) <= most, count.statements


def test_a_file_without_data_asks_the_database_nothing(sqlite_site):
    visitor = sqlite_site.visitor("worker")
    with sqlite_site.count_queries() as count:
        visitor.get("/static/phone.css")
        visitor.get("/assets/leaflet-1.9.4/leaflet.js")
    assert len(count) == 0


# Languages

PAGES = {
    "worker": ["/today", "/today?day=2026-11-29", "/visits/new?enterprise=1", "/enterprises"],
    "district": ["/map", "/map?layer=need", "/enterprises/1", "/issues", "/plans", "/nothing"],
    "planner": [
        "/plans/1",
        "/plans/2",
        "/plans/1/grids/1",
        "/plans/1/left-out",
        "/plans/new",
        "/plans/2/publish",
        "/password",
    ],
}


def visible(page):
    """What a reader sees or hears of a page, without what was received."""
    body = re.sub(r"<script.*?</script>|<[^>]*>", " ", page, flags=re.DOTALL)
    spoken = re.findall(r'(?:aria-label|title|placeholder)="([^"]*)"', page)
    return body + " ".join(spoken)


RECEIVED = re.compile(
    "东风(?:第[12]网格|镇|[0-9]*)|[甲乙丙丁戊己]贸易|[子丑]机械厂|有限公司|中文|王\\*+|幸福路|[0-9]+号"
    "|光明工业园|迷路|人数不清|试验|李一|周二|天边|若干|从业人数|序号|数据日期|企业名称|登记状态|住所"
    "|法定代表人|联系电话|统一社会信用代码|甲|乙|丙|丁|戊|己|贸易"
)


@pytest.mark.parametrize("login", list(PAGES))
def test_an_english_page_holds_no_chinese_of_ours(sqlite_site, login):
    visitor = sqlite_site.visitor(login)
    visitor.client.set_cookie("lang", "en")
    left = {}
    for path in PAGES[login]:
        page = visitor.get(path).text
        assert '<html lang="en"' in page
        rest = HAN.findall(RECEIVED.sub("", visible(page)))
        if rest:
            left[path] = "".join(rest)
    assert left == {}


def test_the_texts_of_scripts_are_translated_too(sqlite_site):
    visitor = sqlite_site.visitor("worker")
    visitor.client.set_cookie("lang", "en")
    for path, name in (
        ("/today", "texts"),
        ("/today", "sync-texts"),
        ("/today", "visit-texts"),
        ("/visits/new?enterprise=1", "visit-texts"),
    ):
        found = re.search(
            rf'<script type="application/json" id="{name}">(.*?)</script>', visitor.get(path).text
        )
        assert not HAN.search("".join(json.loads(found[1]).values()))


def test_the_switch_leads_to_the_same_page_in_the_other_language(sqlite_site):
    visitor = sqlite_site.visitor("district")
    page = visitor.get("/enterprises?text=甲&page=1").text
    link = re.search(r'<a class="language" href="([^"]+)"', page)[1].replace("&amp;", "&")
    answer = visitor.get(link)
    assert answer.status_code == 303
    assert answer.location == "/enterprises?text=%E7%94%B2&page=1"
    assert '<html lang="en"' in visitor.get(answer.location).text
    visitor.get("/enterprises?lang=zh")
    assert '<html lang="zh-CN"' in visitor.get("/enterprises").text


def test_the_switch_is_there_before_signing_in(sqlite_site):
    visitor = sqlite_site.anonymous()
    assert visitor.get("/sign-in?lang=en").location == "/sign-in"
    assert "Sign in" in visitor.get("/sign-in").text
    assert "wrong" in visitor.sign_in("x", "y").text


@pytest.mark.parametrize(
    "query", ["lang=fr", "lang=", "_scheme=javascript&_external=1", "endpoint=x"]
)
def test_a_made_up_parameter_changes_no_link(sqlite_site, query):
    page = sqlite_site.visitor("district").get(f"/enterprises?{query}")
    assert page.status_code == 200
    assert 'href="javascript' not in page.text
    assert sqlite_site.visitor("district").get(f"/map?{query}").status_code == 200


# Words and numbers


@pytest.mark.parametrize(
    ("ours", "typed"),
    [
        ("{employees} 人,没有工会", "{employees} 人\uff0c没有工会"),
        ("({source},{as_of})", "\uff08{source}\uff0c{as_of}\uff09"),
        ("没有,12:30 到 1,234", "没有\uff0c12:30 到 1,234"),
        ("No Chinese, at all: (none)", "No Chinese, at all: (none)"),
        ("发布?", "发布\uff1f"),
    ],
)
def test_chinese_punctuation_is_full_width_beside_chinese(ours, typed):
    if HAN.search(ours):
        assert typeset(ours) == typed
    else:
        assert typeset(ours) == ours


def test_words_and_numbers_in_both_languages(sqlite_site):
    with sqlite_site.app.test_request_context("/"):
        assert texts.minutes(0) == "不到 1 分钟"
        assert texts.minutes(38) == "38 分钟"
        assert texts.minutes(100) == "1 小时 40 分钟"
        assert texts.number(1234567) == "1,234,567"
        assert texts.number(None) == "—"
        assert texts.day(date(2026, 11, 23)) == "11月23日 周一"
        assert texts.weekday(date(2026, 11, 29)) == "周日"
        assert texts.moment(None) == texts.day(None) == texts.label(None) == "—"
        assert texts.share(1, 0) == "—"
        assert texts.share(1, 4) == "25%"
        assert texts.said_value(Prop.STATUS, "active") == "存续"
        assert texts.said_value(Prop.STATUS, "oddity") == "oddity"
        assert texts.said_value(Prop.NAME, "active") == "active"
    with sqlite_site.app.test_request_context("/", headers={"Cookie": "lang=en"}):
        assert texts.minutes(100) == "1 h 40 min"
        assert texts.weekday(date(2026, 11, 29)) == "Sun"
        assert texts.moment(datetime(2026, 11, 23, 1, 0, tzinfo=UTC)) == "Mon 23 Nov 09:00"


def test_a_paging_of_nothing_is_one_empty_page():
    page = queries.Paging(page=1, size=50, total=0)
    assert (page.pages, page.first, page.last) == (1, 0, 0)


def test_one_request_has_one_moment_and_one_session(sqlite_site):
    from outreach.web import current

    with sqlite_site.app.test_request_context("/"):
        before = current.now()
        sqlite_site.clock.moment = datetime(2027, 1, 1, tzinfo=UTC)
        assert current.now() == before
        assert current.session() is current.session()
        sign_in(current.session(), login="worker", password=f.PASSWORD, now=before)
        current.commit()
        g.pop("session").close()


def test_no_template_holds_an_inline_script_style_or_handler():
    """The policy of the pages would refuse them."""
    from pathlib import Path

    import outreach.web

    wrong = {}
    for path in sorted((Path(outreach.web.__file__).parent / "templates").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        scripts = re.findall(r"<script(?![^>]*(?:src=|application/json))[^>]*>", text)
        handlers = re.findall(r"<[^>]*\s(?:on[a-z]+|style)=", text)
        foreign = re.findall(r'(?:src|href|action)="(?:https?:)?//', text)
        unsafe = re.findall(r"\|\s*safe\b|autoescape|<style", text)
        if found := scripts + handlers + foreign + unsafe:
            wrong[path.name] = found
    assert wrong == {}

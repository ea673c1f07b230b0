"""The pages of the doubtful, asked without a browser and looked at in one."""

from __future__ import annotations

import re

import factories as f
import pytest
from made_up_site import HOSTILE, Site
from sqlalchemy import delete, select
from test_web_in_browser import opened

from outreach.services.registers.imports import import_file
from outreach.storage.districts import District
from outreach.storage.enterprises import Enterprise, Member
from outreach.storage.judgements import DoubtfulPair, Judgement
from outreach.storage.records import Batch, Record

NAMES = ("大同食品有限公司", f"{HOSTILE[0]}{HOSTILE[4]}有限公司", "青松纺织有限公司")


def add_doubts(site, folder):
    """Two firms of each name, and an insured row that fits both."""
    market, insured = [], []
    for n, name in enumerate(NAMES):
        codes = ("", "") if n else f.CODES[:2]
        for k, code in enumerate(codes):
            market.append(f.firm(200 + 2 * n + k, code=code, name=name, phone="13500135000"))
        insured.append((f"900{n}", "", name, "东风镇幸福路1号", "正常参保", "31", "2026-10"))
    with site.database.transaction() as session:
        known = {"district_id": 1, "now": f.NOW, "limits": f.LIMITS}
        import_file(session, f.write_csv(folder / "twins.csv", f.MARKET, market), **known)
        import_file(session, f.write_csv(folder / "insured.csv", f.HR, insured), **known)
        f.link(session, session.get(District, 1))
        added = (
            select(Record.id).join(Batch).where(Batch.file_name.in_(("twins.csv", "insured.csv")))
        )
        session.execute(
            delete(DoubtfulPair).where(
                DoubtfulPair.left_record_id.not_in(added)
                | DoubtfulPair.right_record_id.not_in(added)
            )
        )


@pytest.fixture
def doubtful(sqlite_site, tmp_path):
    add_doubts(sqlite_site, tmp_path)
    return sqlite_site


def pairs(site, state="open"):
    with site.database.session() as session:
        rows = session.scalars(
            select(DoubtfulPair)
            .where(DoubtfulPair.state == state)
            .order_by(DoubtfulPair.priority.desc(), DoubtfulPair.id)
        )
        return [(row.left_record_id, row.right_record_id) for row in rows]


def members(site):
    with site.database.session() as session:
        return dict(session.execute(select(Member.record_id, Member.enterprise_id)).all())


def test_the_queue_is_listed_and_answered_and_taken_back(doubtful):
    planner = doubtful.visitor("planner")
    queue, before = pairs(doubtful), members(doubtful)
    page = planner.get("/reviews")
    assert page.status_code == 200
    assert len(re.findall(r'href="/reviews/\d+/\d+"', page.text)) >= len(queue)
    left, right = queue[0]
    answer = planner.post(f"/reviews/{left}/{right}", verdict="same")
    assert answer.status_code == 303
    assert members(doubtful)[left] == members(doubtful)[right]
    following = planner.get(answer.location)
    assert "已记下" in following.text
    undo = re.search(r'action="(/reviews/judgements/\d+/undo)"', following.text)[1]
    back = planner.post(undo)
    assert "已撤销" in planner.get(back.location).text
    assert members(doubtful) == before


def test_a_pair_shows_both_rows_marks_what_differs_and_masks_people(doubtful):
    left, right = pairs(doubtful)[0]
    page = doubtful.visitor("district").get(f"/reviews/{left}/{right}").text
    assert "这两行是同一家吗" in page
    assert "王**" in page
    assert "王小明" not in page
    assert "13500135000" not in page
    assert "<svg" in page
    assert doubtful.audit("open_pair")


def test_a_filter_stays_while_deciding(doubtful):
    planner = doubtful.visitor("planner")
    left, right = pairs(doubtful)[0]
    with doubtful.database.session() as session:
        reason = session.scalar(
            select(DoubtfulPair.reason).where(DoubtfulPair.left_record_id == left)
        )
    answer = planner.post(f"/reviews/{left}/{right}?reason={reason}", verdict="later")
    assert f"reason={reason}" in answer.location
    assert planner.get("/reviews?state=later").text.count(f"/reviews/{left}/{right}") == 1
    assert planner.get("/reviews?reason=nonsense").status_code == 422
    assert planner.post(f"/reviews/{left}/{right}", verdict="perhaps").status_code == 422


def test_the_dossier_splits_a_row_off_and_keeps_the_history(doubtful):
    planner = doubtful.visitor("planner")
    left, right = pairs(doubtful)[0]
    planner.post(f"/reviews/{left}/{right}", verdict="same")
    enterprise = members(doubtful)[left]
    dossier = planner.get(f"/enterprises/{enterprise}").text
    assert "判断记录" in dossier
    row = next(r for r in (left, right) if f"/reviews/rows/{r}/split-off" in dossier)
    answer = planner.post(f"/reviews/rows/{row}/split-off")
    assert answer.status_code == 303
    assert planner.get(answer.location).status_code == 200
    assert members(doubtful)[left] != members(doubtful)[right]


@pytest.mark.parametrize("path", ["/reviews", "/reviews/1/2"])
def test_a_grid_worker_sees_no_reviews(doubtful, path):
    worker = doubtful.visitor("worker")
    assert worker.get(path).status_code == 403
    assert worker.post("/reviews/1/2", verdict="same").status_code == 403
    assert worker.post("/reviews/rows/1/split-off").status_code == 403
    assert worker.post("/reviews/judgements/1/undo").status_code == 403
    shown = doubtful.firms["甲贸易有限公司"]
    assert "split-off" not in worker.get(f"/enterprises/{shown}").text


def test_another_districts_pair_is_not_found(doubtful):
    left, right = pairs(doubtful)[0]
    away = doubtful.visitor("planner-away")
    assert away.get(f"/reviews/{left}/{right}").status_code == 404
    assert away.post(f"/reviews/{left}/{right}", verdict="same").status_code == 404


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_the_whole_queue_is_answered_by_keys(chromium, doubtful, address):
    queue = pairs(doubtful)
    with opened(chromium, doubtful, address, "planner") as watched:
        page = watched.page
        page.goto(f"{address}/reviews")
        page.get_by_role("link", name="开始判断").click()
        page.wait_for_selector("form[data-answers]")
        page.keyboard.press("3")
        page.wait_for_selector(".receipt")
        page.keyboard.press("u")
        page.wait_for_selector(".receipt:has-text('已撤销')")
        assert pairs(doubtful) == queue
        page.keyboard.press("1")
        page.wait_for_selector(".receipt:has-text('同一家')")
        page.locator("#keys").uncheck()
        page.keyboard.press("2")
        page.wait_for_timeout(200)
        page.reload()
        assert not page.locator("#keys").is_checked()
        page.locator("#keys").check()
        for _ in range(len(queue)):
            if not page.locator("form[data-answers]").count():
                break
            before = page.url
            page.keyboard.press("2")
            page.wait_for_url(lambda url, before=before: url != before)
        assert page.get_by_text("没有等待判断的了").is_visible()
        assert watched.faults == []
    assert pairs(doubtful) == []
    with doubtful.database.session() as session:
        assert {j.verdict for j in session.scalars(select(Judgement))} >= {"same", "different"}


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_hostile_names_do_nothing_and_everybody_can_read_the_pages(
    chromium, doubtful, address, phone
):
    from axe_playwright_python.sync_playwright import Axe

    seen = ""
    with opened(chromium, doubtful, address, "planner", phone=phone) as watched:
        page = watched.page
        trap = pairs(doubtful)
        for path in ["/reviews", *(f"/reviews/{left}/{right}" for left, right in trap)]:
            page.goto(address + path)
            seen += page.locator("body").inner_text()
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
            overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(overflow) <= 0, path
        with doubtful.database.session() as session:
            named = session.scalar(select(Enterprise.id).where(Enterprise.name == NAMES[1]))
        page.goto(f"{address}/enterprises/{named}")
        seen += page.locator("body").inner_text()
        page.wait_for_timeout(100)
        assert watched.faults == []
    assert HOSTILE[0] in seen
    assert HOSTILE[4] in seen


def test_the_site_is_what_the_tests_think_it_is(doubtful):
    assert isinstance(doubtful, Site)
    assert len(pairs(doubtful)) >= 3

"""Importing for people, in a real browser: a bad file, its report, a header, the run, undoing."""

from __future__ import annotations

import re
import threading
from io import BytesIO

import factories as f
import openpyxl
import pytest
from made_up_site import HOSTILE, Site
from test_web_in_browser import opened

from outreach.services.runs.work import carry_out

pytestmark = pytest.mark.xdist_group("browser")

HEADER = (*f.MARKET[:2], "厂名", *f.MARKET[3:], "经办人身份证号")
PERSON = "110101199003074514"


class Worker:
    """A queue whose runs are done at once, or when a test says so."""

    def __init__(self):
        self.waiting, self.at_once, self.site = [], True, None

    def wake(self, run_id):
        self.waiting.append(run_id)
        if self.at_once:
            self.work()

    def work(self):
        for run_id in self.waiting:
            carry_out(
                self.site.database,
                run_id,
                clock=self.site.clock,
                processes=1,
                settings=self.site.settings,
            )
        self.waiting.clear()


@pytest.fixture
def working(sqlite_site):
    worker = Worker()
    site = Site(sqlite_site.database, sqlite_site.settings, queue=worker)
    worker.site = site
    return site


def a_file(rows, header=HEADER):
    lines = [",".join(f'"{str(c).replace(chr(34), chr(34) * 2)}"' for c in r) for r in rows]
    return (",".join(header) + "\n" + "\n".join(lines) + "\n").encode()


def row(number, **options):
    return (*f.firm(number, **options), PERSON)


def send(site, content, name="市场.csv", login="district"):
    visitor = site.visitor(login)
    return visitor, visitor.post("/imports", files=(BytesIO(content), name))


ROWS = [row(60, name="新来有限公司", employees="70"), row(61, employees="若干"), row(62, name="无")]


def look_closely(page, found):
    """Axe at both widths, and nothing wider than the screen."""
    from axe_playwright_python.sync_playwright import Axe

    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    for width, height in ((360, 780), (1440, 900)):
        page.set_viewport_size({"width": width, "height": height})
        result = Axe().run(page, options=options)
        if result.violations_count:
            found[page.url, width] = result.generate_snapshot()
        over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if over > 0:
            found[page.url, width, "wide"] = over


@pytest.fixture
def served(working):
    from waitress.server import create_server

    server = create_server(working.app, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()


@pytest.mark.browser
def test_the_whole_way_in_a_browser(chromium, working, served, tmp_path):
    path = tmp_path / "市场监管 10 月.csv"
    path.write_bytes(a_file([*ROWS, *(row(70 + n, name=name) for n, name in enumerate(HOSTILE))]))
    found = {}
    with opened(chromium, working, served, "district") as seen:
        page = seen.page
        page.set_default_timeout(60_000)
        page.goto(f"{served}/imports")
        page.set_input_files("#files", str(path))
        page.click("form.hand-in button")
        assert "没有认得的表头" in page.text_content("[role=alert]")
        look_closely(page, found)
        explain_the_name(page)
        assert page.text_content(".figures .main dd").split()[0] == "8"
        assert PERSON not in page.content()
        look_closely(page, found)
        confirm_and_wait(page, working.queue, found)
        link_now(page, found)
        assert firm_is_listed(working)
        page.goto(f"{served}/imports")
        look_closely(page, found)
        page.click("text=市场监管 10 月.csv")
        page.click("text=撤销整份导入")
        look_closely(page, found)
        link_now(page, found)
        assert not firm_is_listed(working)
        assert (found, seen.faults) == ({}, [])


def explain_the_name(page):
    page.select_option("select[name=source]", "market")
    page.click("text=按这些重新读")
    assert page.locator("tr", has_text="经办人身份证号").locator("select").count() == 0
    page.locator("tr", has_text="厂名").locator("select").select_option("name")
    page.click("text=记住并重新读")


def confirm_and_wait(page, queue, found):
    queue.at_once = False
    page.click("text=确认导入")
    assert page.locator("progress").is_visible()
    look_closely(page, found)
    queue.work()
    page.wait_for_selector("text=已经导入")
    queue.at_once = True
    look_closely(page, found)


def link_now(page, found):
    page.click("text=现在归并")
    page.wait_for_selector("text=归并成")
    look_closely(page, found)


def firm_is_listed(site):
    return "新来有限公司" in site.visitor("district").get("/enterprises?text=新来").text


def test_a_file_is_given_back_with_its_findings(working):
    header = f.MARKET
    content = a_file([r[:-1] for r in ROWS], header)
    visitor, answer = send(working, content)
    back = visitor.get(f"{answer.location}/workbook")
    assert back.mimetype.endswith("spreadsheetml.sheet")
    assert "attachment" in back.headers["Content-Disposition"]
    sheet = openpyxl.load_workbook(BytesIO(back.data)).active
    assert [cell.value for cell in sheet[1]][-3:] == ["原文件行号", "问题", "怎么改"]
    visitor.post(f"{answer.location}/confirm")
    batch = re.search(r"/imports/([0-9]+)", visitor.get(answer.location).text)[1]
    again = openpyxl.load_workbook(BytesIO(visitor.get(f"/imports/{batch}/workbook").data)).active
    assert [[c.value for c in line] for line in again] == [
        [c.value for c in line] for line in sheet
    ]
    (entry,) = working.audit("give_back_workbook")
    assert entry.subject_id == batch


def test_no_citizens_number_is_in_page_workbook_or_log(working, caplog):
    content = a_file(ROWS, (*f.MARKET, "经办人身份证号"))
    visitor, answer = send(working, content)
    assert PERSON not in visitor.get(answer.location).text
    visitor.post(f"{answer.location}/confirm")
    batch = re.search(r"/imports/([0-9]+)", visitor.get(answer.location).text)[1]
    for path in (f"{answer.location}/workbook", f"/imports/{batch}/workbook"):
        data = visitor.get(path).data
        if data.startswith(b"PK"):
            texts = str(
                [[c.value for c in r] for r in openpyxl.load_workbook(BytesIO(data)).active]
            )
            assert PERSON not in texts
    assert PERSON not in caplog.text
    with working.database.engine.connect() as connection:
        for table in ("records", "uploads", "issues", "statements", "audit_log"):
            from sqlalchemy import inspect, text

            if inspect(working.database.engine).has_table(table):
                assert PERSON not in str(connection.execute(text(f"SELECT * FROM {table}")).all())


def test_a_double_click_imports_once(working):
    visitor, answer = send(working, a_file([r[:-1] for r in ROWS], f.MARKET))
    working.queue.at_once = False
    for _ in range(2):
        assert visitor.post(f"{answer.location}/confirm").status_code == 303
    assert len(set(working.queue.waiting)) == 1


def test_several_files_lead_to_the_list_and_a_bad_one_is_named(working):
    visitor = working.visitor("district")
    good = (BytesIO(a_file([r[:-1] for r in ROWS], f.MARKET)), "好.csv")
    answer = visitor.post("/imports", files=[good, (BytesIO(b""), "空.csv")])
    assert answer.status_code == 422
    assert "空.csv" in answer.text
    assert "好.csv" in visitor.get("/imports").text


def test_more_than_a_form_is_taken_from_importers_alone(working):
    content = a_file([r[:-1] for r in ROWS] * 1300, f.MARKET)
    assert 262_144 < len(content) < 450_000  # above, the client keeps a file open
    _, answer = send(working, content)
    assert answer.status_code == 303
    _, refused = send(working, content, login="worker")
    assert refused.status_code in {303, 413}
    assert refused.location is None or "problem=large" in refused.location


def test_a_template_is_given_for_each_source(working):
    visitor = working.visitor("planner")
    links = set(re.findall(r'href="(/imports/templates/[a-z_]+)"', visitor.get("/imports").text))
    assert len(links) == 6
    for link in links:
        assert openpyxl.load_workbook(BytesIO(visitor.get(link).data)).sheetnames == [
            "数据",
            "填写说明",
        ]
    assert visitor.get("/imports/templates/visit").status_code == 404


def test_an_undone_file_is_marked_in_the_lists(working):
    visitor = working.visitor("district")
    visitor.post("/imports/1/undo")
    assert "已撤销" in visitor.get("/imports").text
    assert "已撤销" in visitor.get("/issues").text
    assert "恢复这份导入" in visitor.get("/imports/1").text
    assert visitor.get("/issues?file=1").status_code == 200

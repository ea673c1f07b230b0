"""No forced check-in, no forced photo, no ranking of people, no online time: anywhere."""

from __future__ import annotations

import ast
import io
import re
import zipfile
from pathlib import Path

import pytest
from test_web_authorisation import MATRIX

from outreach.i18n import english
from outreach.storage.base import Base

ROOT = Path(__file__).parents[3] / "outreach"

WORDS = re.compile(
    "排名|名次|排行|在线时|在线率|打卡|签到|绩效|积分|里程|步数|停留时|迟到|早退|缺勤|离岗|工作时长"
)
ENGLISH = re.compile(
    r"\b(rank(s|ed|ing|ings)?|leader ?boards?|online (time|hours|minutes)|time online|idle time|"
    r"check[- ]?ins?|clock(ed|ing)? (in|out)|punch(ed|ing)? (in|out)|mileage|step count|"
    r"attendance rate|working hours of|performance of)\b",
    re.IGNORECASE,
)
NAMES = re.compile(
    r"(^|_)(rank|ranking|leaderboard|online|idle|checkin|check_in|checkout|clock_in|clock_out|"
    r"heartbeat|mileage|steps|active_minutes|active_s|minutes_online|dwell|last_active|last_seen|"
    r"seen_at|seen_on|productivity|performance)($|_)"
)

ALLOWED = {
    "user_sessions.seen_at": "ends an unused sign-in; shown to its owner alone",
    "visit_remarks.seen_at": "takes a remark off its author's list; the moment is never shown",
    "Missing.last_seen": "of a firm in a register, not of a person",
    "OpenSession.seen_on": "one's own sign-ins, on one's own page",
    "runs.heartbeat_at": "of a computation, not of a person",
    "CaseView.steps": "of a case",
    "Waterfall.steps": "of a weight",
    "Delivery.rank": "of files by their day",
}


def test_no_column_of_the_database_keeps_such_a_thing():
    columns = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if NAMES.search(column.name)
    }
    assert {one for one in columns if one not in ALLOWED} == set()
    assert "user_sessions.seen_at" in columns


def fields_of_classes():
    """Every annotated field of a class of ours: what services hand to pages, API and exports."""
    for path in sorted(ROOT.rglob("*.py")):
        if "storage" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                for part in node.body:
                    if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
                        yield f"{node.name}.{part.target.id}", part.target.id


def test_no_read_model_carries_such_a_thing():
    found = {name for name, field in fields_of_classes() if NAMES.search(field)}
    assert {one for one in found if one not in ALLOWED} == set()


def test_no_text_of_ours_speaks_of_it():
    assert [one for one in english() if WORDS.search(one)] == []
    assert [one for one in english().values() if ENGLISH.search(one)] == []


def text_of(answer):
    """All that an answer says: a page, JSON, CSV, or every part of a workbook."""
    if answer.data[:2] == b"PK":
        parts = zipfile.ZipFile(io.BytesIO(answer.data))
        return "".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())
    return answer.data.decode("utf-8", "replace")


PAGES = sorted(
    endpoint
    for endpoint, (method, *_rest) in MATRIX.items()
    if method == "GET" and not endpoint.startswith(("assets", "static", "shell"))
)


@pytest.mark.parametrize("login", ["worker", "district", "planner"])
def test_no_page_answer_or_export_shows_it(sqlite_site, login):
    site, shown = sqlite_site, {}
    visitor = site.visitor(login)
    for endpoint in PAGES:
        _, path, _, _ = MATRIX[endpoint]
        path = path(site) if callable(path) else path
        for language in ("zh", "en"):
            visitor.client.set_cookie("lang", language)
            answer = visitor.get(path)
            if answer.status_code != 200:
                continue
            text = text_of(answer)
            visible = re.sub(r"<script src=[^>]*>|<link [^>]*>", "", text)
            keys = [key for key in re.findall(r'"([a-z_]+)":', text) if NAMES.search(key)]
            if hits := [*WORDS.findall(visible), *ENGLISH.findall(visible), *keys]:
                shown[endpoint, language] = hits
    assert shown == {}


@pytest.mark.parametrize("path", ["/today", "/visits/new?enterprise=1"])
def test_the_form_demands_the_result_and_nothing_else(sqlite_site, path):
    page = sqlite_site.visitor("worker").get(path).text
    form = page[page.index('<form class="visit"') :]
    form = form[: form.index("</form>")]
    required = set(re.findall(r'<(?:input|textarea|select)[^>]*name="(\w+)"[^>]* required', form))
    assert required == {"result"}
    assert not re.search(r'type="file"[^>]* required', form)
    answer = sqlite_site.visitor("worker").post(
        "/visits",
        uuid="00000000-0000-4000-8000-0000000000d1",
        enterprise_id=sqlite_site.firms["甲贸易有限公司"],
        result="met_head",
    )
    assert answer.status_code == 303


def test_the_words_that_are_looked_for_would_be_found():
    assert WORDS.search("网格员排名")
    assert ENGLISH.search("Ranking of grid workers")
    assert ENGLISH.search("2 hours of time online")
    assert NAMES.search("online_minutes")
    assert NAMES.search("rank")
    assert not NAMES.search("ranked_list")

"""The page of busy and idle grids, and of other borders proposed."""

from __future__ import annotations

import re

from outreach.storage.plans import VisitPlan
from outreach.typography import typeset


def rows_of(site, **due):
    """The rows of the page by grid, with that many minutes due of 2100 in the published week."""
    loads = {
        str(site.grids[code]): {"due_minutes": n, "available_minutes": 2100, "refresh_days": 30}
        for code, n in due.items()
    }
    with site.database.transaction() as session:
        plan = session.get_one(VisitPlan, site.published)
        plan.figures = {**plan.figures, "loads": loads}
    page = site.visitor("planner").get("/balance").text
    found = {}
    for row in re.findall(r"<tr>(<td>.*?)</tr>", page):
        grid = int(re.search(r"/board/(\d+)", row)[1])
        found[grid] = re.findall(r"<td[^>]*>(.*?)</td>", row)
    return page, found


def test_the_count_the_bold_mark_and_the_number_shown_agree(sqlite_site):
    page, rows = rows_of(sqlite_site, G1=2200, G2=2211)
    assert typeset("2 个网格,1 个一个人忙不过来") in page
    inside, outside = rows[sqlite_site.grids["G1"]], rows[sqlite_site.grids["G2"]]
    assert (inside[1], outside[1]) == ("1.0", "<strong>1.1</strong>")
    assert ("mark late" in inside[3], "mark late" in outside[3]) == (False, True)


def test_a_grid_without_visits_shows_a_dash_and_not_a_minute(sqlite_site):
    page, rows = rows_of(sqlite_site, G1=2100)
    assert rows[sqlite_site.grids["G1"]][3] == "—"
    assert rows[sqlite_site.grids["G2"]][1:3] == ["0.0", "—"]
    assert typeset("不到 1 分钟") not in page

"""The page of busy and idle grids, and of other borders proposed."""

from __future__ import annotations

import re

import pytest

from outreach.domain.borders import BorderRule
from outreach.services.grids.borders import propose_borders
from outreach.storage.borders import BorderProposal
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


def a_proposal(site, *, before, after, limit=100):
    """A proposal that changes only G1's border, with its work as given."""
    with site.database.transaction() as session:
        made = propose_borders(
            session,
            district_id=1,
            rule=BorderRule(seconds=2),
            now=site.clock(),
            today=site.clock().date(),
            made_by=None,
            on_progress=lambda _done, _total: None,
        )
        key = str(site.grids["G1"])
        found = session.get_one(BorderProposal, made.id)
        found.grids = {key: {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}}
        found.firms = {}
        minutes = {**found.figures["minutes"], key: [before, after]}
        found.figures = {**found.figures, "limit_minutes": limit, "minutes": minutes}
        return f"/balance/borders/{made.id}"


@pytest.mark.parametrize(
    ("before", "after", "newly", "relieved"),
    [
        (100, 101, True, False),
        (99, 100, False, False),
        (101, 102, False, False),
        (101, 100, False, True),
    ],
)
def test_the_page_warns_before_the_button_of_grids_that_would_be_newly_over(
    sqlite_site, before, after, newly, relieved
):
    address = a_proposal(sqlite_site, before=before, after=after)
    page = sqlite_site.visitor("planner").get(address).text
    head = page[page.index(typeset("要不要采用")) : page.index('value="adopt"')]
    assert (typeset("1 个现在不超限度的网格,采用以后会超:") in head) is newly
    assert ('class="notice late"' in head) is newly
    assert (typeset("没有网格会因此新超限度。") in head) is not newly
    assert (typeset("1 个超限度的网格不再超:") in head) is relieved
    link = f'<a href="/enterprises?grid={sqlite_site.grids["G1"]}">'
    assert (link in head) is (newly or relieved)

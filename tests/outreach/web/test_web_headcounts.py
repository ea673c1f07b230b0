"""What pages say of a headcount: the number that stands, its interval, every figure behind it."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import factories as f
import pytest

from outreach.domain.targets import TargetRule
from outreach.services.enterprises.targets import assess_district
from outreach.storage.enterprises import Enterprise
from outreach.typography import typeset

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
FIGURES = [
    {"employees": 24, "source": "social_security", "as_of": "2026-10-01", "accounts": 2},
    {"employees": 30, "source": "tax", "as_of": "2026-10-31", "accounts": 1},
    {"employees": 41, "source": "tax", "as_of": "2025-10-31", "accounts": 1},
    {"employees": 18, "source": "market", "as_of": "2025-12-31", "accounts": 1},
]
COUNT = {"employees": 25, "source": "visit", "as_of": "2026-11-20", "accounts": 1}


def tell(site, figures):
    """Let the sources say this of one firm; returns its id."""
    firm_id = site.firms["甲贸易有限公司"]
    with site.database.transaction() as session:
        session.get_one(Enterprise, firm_id).headcounts = figures
        session.flush()
        assess_district(session, district_id=1, rule=TargetRule(), now=NOW)
    return firm_id


def test_a_dossier_says_the_estimate_its_interval_and_every_figure(site):
    firm_id = tell(site, FIGURES)
    with site.database.session() as session:
        firm = session.get_one(Enterprise, firm_id)
        number, low, high = firm.employees, firm.headcount_low, firm.headcount_high
    page = site.visitor("district").get(f"/enterprises/{firm_id}").text
    assert low <= number <= high
    assert typeset(f"估计 {number} 人") in page
    assert typeset(f"八成以上的可能在 {low}-{high} 人之间") in page
    assert '<svg class="interval"' in page
    assert typeset("2 个参保账户合计") in page
    for figure in FIGURES:
        assert figure["as_of"] in page
    assert typeset("参保 24 · 个税 30") in page or typeset("个税 30 · 参保 24") in page
    reader = site.visitor("district")
    reader.get(f"/enterprises/{firm_id}?lang=en")
    english = reader.get(f"/enterprises/{firm_id}").text
    assert f"Estimated {number}" in english
    assert "sum of 2 insurance accounts" in english


def test_a_count_on_site_needs_no_interval(site):
    firm_id = tell(site, [*FIGURES, COUNT])
    page = site.visitor("district").get(f"/enterprises/{firm_id}").text
    assert typeset("现场 25 人") in page
    assert "未达" in page
    assert "<svg" not in page.split("职工人数的依据")[1].split("</section>")[0]


@pytest.mark.parametrize(("held", "is_listed"), [("surely_over", False), ("under", True)])
def test_the_list_is_filtered_by_how_sure_it_is(sqlite_site, held, is_listed):
    tell(sqlite_site, [COUNT])
    page = sqlite_site.visitor("district").get(f"/enterprises?headcount={held}").text
    assert ("甲贸易有限公司" in page) is is_listed
    assert f'<option value="{held}" selected>' in page


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("width", [360, 1440])
def test_the_section_fits_the_screen(chromium, sqlite_site, address, width, tmp_path):
    firm_id = tell(sqlite_site, FIGURES)
    context = chromium.new_context(viewport={"width": width, "height": 900})
    cookie = sqlite_site.visitor("district").client.get_cookie("outreach_session").value
    context.add_cookies([{"name": "outreach_session", "value": cookie, "url": address}])
    page = context.new_page()
    page.goto(f"{address}/enterprises/{firm_id}")
    page.screenshot(
        path=os.environ.get("OUTREACH_PICTURES", str(tmp_path)) + f"/headcount-{width}.png",
        full_page=True,
    )
    box = page.locator("svg.interval").bounding_box()
    assert 0 <= box["x"] < box["x"] + box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert f"{f.TODAY.year}" in page.content()
    context.close()

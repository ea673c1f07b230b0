from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from outreach.domain.district_settings import BY_NAME, SPECS, read_value
from outreach.services.administration import setting_effects
from outreach.services.administration.district_settings import settings_on, settings_value
from outreach.settings import Settings
from outreach.storage.district_settings import DistrictSetting
from outreach.storage.enterprises import Enterprise

TODAY = "2026-11-24"


def take(site, name, value, day=TODAY, login="district"):
    return site.visitor(login).post(f"/settings/{name}", value=value, valid_from=day, do="take")


def now_of(site, name, day=date(2026, 11, 24), district_id=1):
    with site.database.session() as session:
        return settings_value(settings_on(session, district_id, Settings(), day), name)


def targets(site):
    with site.database.session() as session:
        query = select(func.count()).select_from(Enterprise)
        return session.scalar(
            query.where(Enterprise.district_id == 1, Enterprise.standing == "target")
        )


def test_every_setting_is_listed_with_its_value_and_what_it_does(site):
    page = site.visitor("district").get("/settings").text
    for spec in SPECS:
        assert f"/settings/{spec.name}" in page
        assert site.visitor("planner").get(f"/settings/{spec.name}").status_code == 200


def test_the_effect_of_a_rule_of_targets_is_counted_before_anything_is_stored(site):
    before = targets(site)
    page = site.visitor("district").post(
        "/settings/target.employees_over", value="50", valid_from=TODAY
    )
    assert "相差" in page.text
    assert f'<td class="count">{before} 家</td>' in page.text
    assert targets(site) == before
    with site.database.session() as session:
        assert session.scalars(select(DistrictSetting)).all() == []


def test_what_is_now_is_exact_and_a_difference_from_a_sample_is_called_an_estimate(
    sqlite_site, monkeypatch
):
    monkeypatch.setattr(setting_effects, "MOST_JUDGED", 5)
    before = targets(sqlite_site)
    page = sqlite_site.visitor("district").post(
        "/settings/target.employees_over", value="1000", valid_from=TODAY
    )
    assert f'<td class="count">{before} 家</td>' in page.text
    assert "约 -" in page.text
    assert "估计" in page.text
    assert "抽了" in page.text


def test_a_taken_rule_of_targets_changes_the_list_at_once_and_keeps_the_old_value(site):
    before = targets(site)
    assert take(site, "target.employees_over", "50").status_code == 303
    assert targets(site) < before
    [entry] = site.audit("set_setting")
    assert (entry.detail["was"], entry.detail["value"]) == (25, 50)
    assert now_of(site, "target.employees_over", district_id=2) == 25


def test_a_value_holds_from_its_day_on_and_not_before(site):
    assert take(site, "plan.refresh_days", "20", "2026-12-01").status_code == 303
    assert now_of(site, "plan.refresh_days", date(2026, 11, 30)) == 30
    assert now_of(site, "plan.refresh_days", date(2026, 12, 1)) == 20
    assert "20 天" in site.visitor("district").get("/settings").text


def test_a_value_to_come_can_be_withdrawn_one_in_force_is_replaced(site):
    take(site, "plan.refresh_days", "20", "2026-12-01")
    take(site, "plan.most_stops_a_day", "6")
    visitor = site.visitor("district")
    assert visitor.post("/settings/2/withdraw").status_code == 404
    assert visitor.post("/settings/1/withdraw").status_code == 303
    assert now_of(site, "plan.refresh_days", date(2026, 12, 5)) == 30
    assert take(site, "plan.most_stops_a_day", "").status_code == 303
    assert now_of(site, "plan.most_stops_a_day") == 8


def test_the_form_of_a_plan_begins_with_the_districts_values(site):
    take(site, "plan.most_stops_a_day", "6")
    take(site, "plan.shift_start", "09:00")
    page = site.visitor("planner").get("/plans/new").text
    assert 'name="most_stops_a_day" required autocomplete="off" value="6"' in page
    assert 'value="09:00"' in page


@pytest.mark.parametrize(
    ("day", "status"),
    [("2026-11-23", 422), (TODAY, 303), ("2027-11-25", 303), ("2027-11-26", 422), ("", 422)],
)
def test_a_value_holds_from_today_or_within_a_year(sqlite_site, day, status):
    assert take(sqlite_site, "plan.refresh_days", "20", day).status_code == status


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("target.employees_over", "0", 422),
        ("target.employees_over", "19", 422),
        ("target.employees_over", "20", 303),
        ("target.employees_over", "x", 422),
        ("target.probably_over", "0.9", 422),
        ("target.probably_over", "0.4", 303),
        ("plan.shift_start", "25:00", 422),
        ("plan.shift_start", "13:00", 422),
        ("plan.lunch", "11:30-13:30", 303),
        ("plan.lunch", "13:30-11:30", 422),
        ("plan.travel_mode", "rocket", 422),
        ("plan.travel_mode", "walk", 303),
        ("plan.refresh_days", "365", 303),
        ("plan.refresh_days", "366", 422),
        ("plan.refresh_days", "30", 422),
        ("goals.with_union", "80", 303),
        ("goals.with_union", "101", 422),
    ],
)
def test_only_a_value_that_can_be_and_changes_something_is_taken(sqlite_site, name, value, status):
    answer = take(sqlite_site, name, value)
    assert answer.status_code == status
    if status == 422:
        assert f'value="{value}"' in answer.text or name == "plan.travel_mode"


def test_an_unknown_setting_is_not_found(sqlite_site):
    visitor = sqlite_site.visitor("district")
    assert visitor.get("/settings/geocoder.key").status_code == 404
    assert take(sqlite_site, "geocoder.key", "x").status_code == 404


def test_an_effect_on_plans_tells_due_firms_and_hours(sqlite_site):
    page = sqlite_site.visitor("planner").post(
        "/settings/plan.shift_end", value="16:30", valid_from=TODAY
    )
    assert page.status_code == 200
    assert "网格员有的时间" in page.text


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_a_setting_reads_back_its_installed_value(spec):
    from outreach.services.administration.district_settings import shown_value

    value = settings_value(Settings(), spec.name)
    if value is not None:
        assert read_value(spec, str(shown_value(value))) == shown_value(value)
    assert BY_NAME[spec.name] is spec


def test_a_later_day_beats_an_earlier_one_and_the_newest_of_a_day_stands(sqlite_site):
    take(sqlite_site, "plan.refresh_days", "20", "2026-12-05")
    take(sqlite_site, "plan.refresh_days", "15", "2026-12-01")
    take(sqlite_site, "plan.refresh_days", "16", "2026-12-01")
    assert now_of(sqlite_site, "plan.refresh_days", date(2026, 12, 4)) == 16
    assert now_of(sqlite_site, "plan.refresh_days", date(2026, 12, 5)) == 20
    sqlite_site.clock.moment = datetime(2026, 12, 6, 2, tzinfo=UTC)
    assert "20 天" in sqlite_site.visitor("district").get("/settings").text

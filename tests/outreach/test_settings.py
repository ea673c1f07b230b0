from __future__ import annotations

from datetime import time

import pytest

from outreach.domain.plans import TravelMode
from outreach.errors import InvalidInput
from outreach.settings import Settings, load_settings, make_settings


def test_no_settings_are_needed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = load_settings({})
    assert settings == Settings()
    assert settings.database == "sqlite:///instance/outreach.db"
    assert settings.target.employees_over == 25


def test_the_file_and_the_environment_are_read_and_the_environment_wins(tmp_path):
    file = tmp_path / "o.toml"
    file.write_text(
        'database_url = "sqlite:///a.db"\n[target]\nemployees_over = 30\n'
        '[plan]\nshift_start = "08:00"\nlunch = "11:30-13:30"\ntravel_mode = "walk"\n',
        encoding="utf-8",
    )
    settings = load_settings(
        {"OUTREACH_SETTINGS": str(file), "OUTREACH_DATABASE_URL": "sqlite:///b.db"}
    )
    assert settings.database == "sqlite:///b.db"
    assert settings.target.employees_over == 30
    assert (settings.plan.shift_start, settings.plan.lunch.opens) == (time(8), time(11, 30))
    assert settings.plan.travel_mode is TravelMode.WALK


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ({"colour": "red"}, "colour"),
        ({"target": {"employes_over": 3}}, "target.employes_over"),
        ({"target": {"near_miss_from": 26}}, "near_miss_from = 26"),
        ({"plan": {"most_stops_a_day": 0}}, "most_stops_a_day = 0"),
        ({"plan": {"most_stops_a_day": 31}}, "most_stops_a_day = 31"),
        ({"plan": {"detour_factor": 0.9}}, "detour_factor = 0.9"),
        ({"plan": {"lunch": "08:00-09:00"}}, "shift_start < lunch"),
        ({"plan": {"shift_start": "8 Uhr"}}, "8 Uhr"),
        ({"plan": {"travel_mode": "boat"}}, "boat"),
    ],
)
def test_an_unknown_or_impossible_setting_is_refused_by_name_and_value(toml, message):
    with pytest.raises(InvalidInput, match=message):
        make_settings(toml)


def test_a_named_file_that_is_missing_or_broken_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="没有找到"):
        load_settings({"OUTREACH_SETTINGS": str(tmp_path / "none.toml")})
    broken = tmp_path / "broken.toml"
    broken.write_text("a = = 1", encoding="utf-8")
    with pytest.raises(InvalidInput, match="读不了"):
        load_settings({"OUTREACH_SETTINGS": str(broken)})

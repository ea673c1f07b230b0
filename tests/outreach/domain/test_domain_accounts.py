from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from outreach.domain.accounts import Role, mask_name, mask_phone, password_problem, rests_until

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failures", "minutes"),
    [(0, None), (4, None), (5, 15), (9, 15), (10, 30), (15, 60), (30, 480), (500, 480)],
)
def test_the_fifth_wrong_password_makes_the_account_rest_and_further_rounds_double(
    failures, minutes
):
    expected = None if minutes is None else NOON + timedelta(minutes=minutes)
    assert rests_until(failures, NOON) == expected


def test_an_account_that_never_failed_does_not_rest():
    assert rests_until(5, None) is None


def test_a_password_has_at_least_12_characters():
    assert password_problem("x7-kite-rim", login="worker") is not None
    assert password_problem("x7-kite-rims", login="worker") is None


@pytest.mark.parametrize("password", ["password1234", "PASSWORD1234", "my-Worker-2026"])
def test_a_common_password_or_one_with_the_login_in_it_is_refused(password):
    assert password_problem(password, login="worker") == "密码太常见或包含用户名,请换一个"


def test_an_empty_login_is_in_no_password():
    assert password_problem("x7-kite-rims", login="") is None


@pytest.mark.parametrize(
    ("name", "shown"), [("", ""), ("李", "李*"), ("王小明", "王**"), ("欧阳小明", "欧***")]
)
def test_a_masked_name_shows_its_first_character(name, shown):
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("", ""),
        ("100", "****"),
        ("123456", "****"),
        ("1234567", "123****567"),
        ("13900000001", "139****001"),
    ],
)
def test_a_masked_phone_hides_its_middle(phone, shown):
    assert mask_phone(phone) == shown


def test_each_role_has_its_own_rights():
    rights = {role: (role.sees_district, role.plans, role.records_visits) for role in Role}
    assert rights == {
        Role.GRID_WORKER: (False, False, True),
        Role.DISTRICT: (True, False, False),
        Role.PLANNER: (True, True, False),
        Role.SYSTEM_ADMIN: (False, False, False),
        Role.SECURITY_ADMIN: (False, False, False),
        Role.AUDITOR: (False, False, False),
    }
    assert all(role.label for role in Role)

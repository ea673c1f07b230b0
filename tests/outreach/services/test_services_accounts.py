from __future__ import annotations

from datetime import timedelta

import factories as f
import pytest
from sqlalchemy import select

from outreach.domain.accounts import Role
from outreach.errors import Conflict, InvalidInput, NotFound
from outreach.services.administration import accounts
from outreach.services.administration.districts import add_district
from outreach.storage.accounts import Account, AuditEntry, UserSession


@pytest.fixture
def district(session):
    return add_district(session, code="900001", name="试验区")


@pytest.fixture
def account(session, district):
    return f.make_account(session, district, login="desk")


def sign_in(session, password=f.PASSWORD, *, now=f.NOW, login="desk"):
    return accounts.sign_in(session, login=login, password=password, now=now)


def test_the_right_password_opens_a_session_and_the_token_is_not_stored(session, account):
    signed = sign_in(session)
    assert accounts.find_principal(session, signed.token, now=f.NOW).account_id == account.id
    stored = session.scalar(select(UserSession.token_sha256))
    assert signed.token not in stored


def test_a_signed_out_token_is_worthless_even_when_replayed(session, account):
    signed = sign_in(session)
    accounts.sign_out(session, signed.token, now=f.NOW)
    assert accounts.find_principal(session, signed.token, now=f.NOW) is None
    accounts.sign_out(session, signed.token, now=f.NOW)


def test_a_wrong_password_or_login_gives_nothing(session, account):
    assert sign_in(session, "wrong") is None
    assert sign_in(session, login="nobody") is None
    assert accounts.find_principal(session, "no token", now=f.NOW) is None


def test_after_five_failures_even_the_right_password_waits_fifteen_minutes(session, account):
    for _ in range(4):
        sign_in(session, "wrong")
    assert sign_in(session) is not None
    for _ in range(5):
        sign_in(session, "wrong")
    assert sign_in(session) is None
    assert sign_in(session, now=f.NOW + timedelta(minutes=14, seconds=59)) is None
    assert sign_in(session, now=f.NOW + timedelta(minutes=15)) is not None


def test_tries_while_the_account_rests_do_not_prolong_the_rest(session, account):
    for _ in range(5):
        sign_in(session, "wrong")
    for _ in range(20):
        sign_in(session, "wrong", now=f.NOW + timedelta(minutes=1))
    assert sign_in(session, now=f.NOW + timedelta(minutes=15)) is not None


def test_an_idle_session_ends_after_twelve_hours(session, account):
    token = sign_in(session).token
    assert accounts.find_principal(session, token, now=f.NOW + timedelta(hours=12)) is not None
    token = sign_in(session).token
    assert (
        accounts.find_principal(session, token, now=f.NOW + timedelta(hours=12, seconds=1)) is None
    )


def test_a_session_ends_after_seven_days_however_busy(session, account):
    token = sign_in(session).token
    now = f.NOW
    while now < f.NOW + timedelta(days=7) - timedelta(hours=6):
        now += timedelta(hours=6)
        assert accounts.find_principal(session, token, now=now) is not None
    assert accounts.find_principal(session, token, now=f.NOW + timedelta(days=7, seconds=1)) is None


def test_a_disabled_account_is_out_at_once(session, account):
    token = sign_in(session).token
    account.disabled = True
    assert accounts.find_principal(session, token, now=f.NOW) is None
    assert sign_in(session) is None


def test_a_new_password_ends_all_sessions(session, account):
    principal = sign_in(session).principal
    token = sign_in(session).token
    accounts.change_password(
        session, principal, old=f.PASSWORD, new="another long phrase", now=f.NOW
    )
    session.expire_all()
    assert accounts.find_principal(session, token, now=f.NOW) is None
    assert sign_in(session, "another long phrase") is not None
    with pytest.raises(InvalidInput, match="原密码"):
        accounts.change_password(session, principal, old="x", new="y" * 12, now=f.NOW)
    with pytest.raises(InvalidInput, match="12"):
        accounts.change_password(
            session, principal, old="another long phrase", new="short", now=f.NOW
        )


@pytest.mark.parametrize("password", ["elevenchars", "123456789012", "my desk1 is here"])
def test_a_weak_password_is_refused(session, district, password):
    with pytest.raises(InvalidInput):
        accounts.add_account(
            session,
            district_id=district.id,
            login="desk1",
            password=password,
            role=Role.DISTRICT,
            display_name="",
            now=f.NOW,
        )


def test_a_login_is_unique_over_all_districts(session, account):
    other = add_district(session, code="2", name="二")
    with pytest.raises(Conflict, match="desk"):
        f.make_account(session, other, login="desk")


def test_a_grid_workers_account_needs_a_grid_with_a_worker(session, district, tmp_path):
    with pytest.raises(InvalidInput, match="哪个网格"):
        f.make_account(session, district, Role.GRID_WORKER, login="w")
    with pytest.raises(NotFound, match="G9"):
        f.make_account(session, district, Role.GRID_WORKER, login="w", grid_code="G9")


def test_the_password_is_stored_as_argon2id(session, account):
    assert session.scalar(select(Account.password_hash)).startswith("$argon2id$")


def test_signing_in_and_failing_are_in_the_audit_log(session, account):
    sign_in(session, "wrong")
    token = sign_in(session).token
    accounts.sign_out(session, token, now=f.NOW)
    session.flush()
    actions = list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert actions == ["add_account", "sign_in_failed", "sign_in", "sign_out"]

from __future__ import annotations

from datetime import timedelta

import factories as f
import pytest
from sqlalchemy import select

from outreach.domain.accounts import Role
from outreach.domain.tokens import (
    CALLS_A_MINUTE,
    MOST_KEYS,
    WRONG_KEYS_A_MINUTE,
    seconds_to_wait,
    token_stands,
)
from outreach.errors import InvalidInput, NotFound, Refused
from outreach.services.administration.accounts import principal_of
from outreach.services.administration.tokens import (
    TooMany,
    WrongKey,
    list_tokens,
    make_token,
    open_with_token,
    revoke_token,
)
from outreach.storage.accounts import Account, AuditEntry
from outreach.storage.desk import ApiCall, ApiToken

HERE = "192.0.2.1"


@pytest.fixture
def district(session, tmp_path):
    return f.make_district(session, tmp_path / "files")


@pytest.fixture
def desk(session, district):
    return principal_of(session, f.make_account(session, district, Role.DISTRICT))


def make(session, principal, *, name="统计局", days=30, now=f.NOW):
    token = make_token(session, principal, name=name, days=days, now=now)
    session.flush()
    return token


def use(session, token, *, now=f.NOW, source=HERE):
    return open_with_token(session, token, source=source, now=now)


def test_a_key_carries_the_rights_of_its_account_and_only_its_digest_is_kept(session, desk):
    token = make(session, desk)
    assert use(session, token) == desk
    stored = session.scalars(select(ApiToken)).one()
    assert token not in {stored.token_sha256, stored.name}
    assert stored.hint == token[:6]
    assert list_tokens(session, desk, now=f.NOW)[0].used_on == "2026-11-23"


def test_a_key_works_to_its_last_moment_and_not_after(session, desk):
    token = make(session, desk, days=30)
    end = f.NOW + timedelta(days=30)
    assert token_stands(end, None, now=end)
    assert use(session, token, now=end) == desk
    with pytest.raises(WrongKey):
        use(session, token, now=end + timedelta(seconds=1))


def test_a_revoked_key_and_that_of_a_closed_account_open_nothing(session, desk):
    first, second = make(session, desk), make(session, desk)
    newest = list_tokens(session, desk, now=f.NOW)[0]
    revoke_token(session, desk, newest.id, now=f.NOW)
    with pytest.raises(WrongKey):
        use(session, second)
    assert use(session, first) == desk
    session.get_one(Account, desk.account_id).disabled = True
    with pytest.raises(WrongKey):
        use(session, first)


@pytest.mark.parametrize("token", ["", "x", "Bearer", "a" * 128])
def test_a_wrong_key_opens_nothing(session, district, token):
    with pytest.raises(WrongKey):
        use(session, token)


def test_a_key_is_told_to_wait_after_its_calls_of_a_minute_and_not_longer(session, desk):
    token = make(session, desk)
    for _ in range(CALLS_A_MINUTE):
        use(session, token)
    with pytest.raises(TooMany):
        use(session, token)
    assert use(session, token, now=f.NOW + timedelta(minutes=1)) == desk


def test_who_tries_wrong_keys_waits_but_a_right_key_from_there_works(session, desk):
    token = make(session, desk)
    for _ in range(WRONG_KEYS_A_MINUTE):
        with pytest.raises(WrongKey):
            use(session, "wrong")
    with pytest.raises(TooMany):
        use(session, "wrong")
    with pytest.raises(WrongKey):
        use(session, "wrong", source="192.0.2.2")
    assert use(session, token) == desk


def test_counters_of_past_minutes_are_forgotten(session, desk):
    token = make(session, desk)
    use(session, token)
    use(session, token, now=f.NOW + timedelta(minutes=6))
    assert len(session.scalars(select(ApiCall)).all()) == 1


def test_a_key_needs_a_name_and_one_of_the_lives(session, desk):
    for name, days in (("", 30), ("  ", 30), ("x" * 101, 30), ("x", 31), ("x", 0)):
        with pytest.raises(InvalidInput):
            make(session, desk, name=name, days=days)
    assert make(session, desk, name="x" * 100, days=365)


def test_an_account_has_a_number_of_keys_and_ended_ones_do_not_count(session, desk):
    for _ in range(MOST_KEYS):
        make(session, desk)
    with pytest.raises(InvalidInput, match="已经有"):
        make(session, desk)
    revoke_token(session, desk, list_tokens(session, desk, now=f.NOW)[0].id, now=f.NOW)
    assert make(session, desk)


def test_grid_workers_have_no_keys_and_nobody_ends_those_of_others(session, district, desk):
    own = principal_of(session, f.make_account(session, district, Role.GRID_WORKER, grid_code="G1"))
    planner = principal_of(session, f.make_account(session, district, Role.PLANNER))
    make(session, desk)
    key = list_tokens(session, desk, now=f.NOW)[0].id
    with pytest.raises(Refused):
        make(session, own)
    with pytest.raises(NotFound):
        revoke_token(session, planner, key, now=f.NOW)
    assert list_tokens(session, planner, now=f.NOW) == []


def test_making_and_ending_a_key_is_audited_without_the_key(session, desk):
    token = make(session, desk)
    revoke_token(session, desk, list_tokens(session, desk, now=f.NOW)[0].id, now=f.NOW)
    session.flush()
    entries = session.scalars(select(AuditEntry).where(AuditEntry.subject == "api_token")).all()
    assert [entry.action for entry in entries] == ["make_api_token", "revoke_api_token"]
    assert all(token not in str(entry.detail) + entry.subject_id for entry in entries)


def test_the_wait_is_what_is_left_of_the_minute():
    assert seconds_to_wait(f.NOW) == 60
    assert seconds_to_wait(f.NOW + timedelta(seconds=59, milliseconds=900)) == 1

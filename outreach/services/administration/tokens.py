"""Keys to the read-only interface: made once, kept as digests, revoked at once, counted in use."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from outreach.domain.calendar import CHINA
from outreach.domain.tokens import (
    CALLS_A_MINUTE,
    HINT,
    LIVES,
    LONGEST_KEY_NAME,
    MOST_KEYS,
    WRONG_KEYS_A_MINUTE,
    minute_of,
    token_stands,
)
from outreach.errors import InvalidInput, NotFound, OutreachError, Refused
from outreach.services.administration.accounts import digest_of, principal_of
from outreach.services.administration.audit import audit_as
from outreach.storage.accounts import Account
from outreach.storage.desk import ApiCall, ApiToken

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal


_audit = partial(audit_as, subject="api_token")


class WrongKey(OutreachError):
    """The key opens nothing (web status 401)."""

    code = "E401"


class TooMany(OutreachError):
    """The key, or the source of wrong keys, must wait (web status 429)."""

    code = "E429"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenLine:
    """One key of the account; the key itself is shown only when it is made."""

    id: int
    name: str
    hint: str
    made_at: datetime
    expires_at: datetime
    stands: bool
    is_revoked: bool
    used_on: str


def _require_desk(principal: Principal) -> None:
    if not principal.role.sees_district:
        raise Refused("接口密钥只给区总工会和规划人员")


def list_tokens(session: Session, principal: Principal, *, now: datetime) -> list[TokenLine]:
    """The account's own keys, the newest first.

    Raises
    ------
    Refused
        For a grid worker.
    """
    _require_desk(principal)
    query = (
        select(ApiToken)
        .where(ApiToken.account_id == principal.account_id)
        .order_by(ApiToken.id.desc())
    )
    return [
        TokenLine(
            id=one.id,
            name=one.name,
            hint=one.hint,
            made_at=one.made_at,
            expires_at=one.expires_at,
            stands=token_stands(one.expires_at, one.revoked_at, now=now),
            is_revoked=one.revoked_at is not None,
            used_on=one.used_on.isoformat() if one.used_on else "",
        )
        for one in session.scalars(query)
    ]


def make_token(
    session: Session, principal: Principal, *, name: str, days: int, now: datetime
) -> str:
    """Make a key that sees what its account sees; it is given this once.

    Raises
    ------
    Refused
        For a grid worker.
    InvalidInput
        When the name is empty or long, the life is none of those offered, or there are too many.
    """
    _require_desk(principal)
    name = name.strip()
    if not 0 < len(name) <= LONGEST_KEY_NAME:
        raise InvalidInput("请给密钥起个名字,写清给谁用,最多 {most} 个字", most=LONGEST_KEY_NAME)
    if days not in LIVES:
        raise InvalidInput("有效期只能是 {lives} 天", lives=" / ".join(map(str, LIVES)))
    if sum(line.stands for line in list_tokens(session, principal, now=now)) >= MOST_KEYS:
        raise InvalidInput("已经有 {most} 把有效的密钥,请先停用不用的", most=MOST_KEYS)
    token = secrets.token_urlsafe(32)
    stored = ApiToken(
        token_sha256=digest_of(token),
        district_id=principal.district_id,
        account_id=principal.account_id,
        name=name,
        hint=token[:HINT],
        made_at=now,
        expires_at=now + timedelta(days=days),
        revoked_at=None,
        used_on=None,
    )
    session.add(stored)
    session.flush()
    _audit(session, principal, "make_api_token", stored.id, now)
    return token


def revoke_token(session: Session, principal: Principal, token_id: int, *, now: datetime) -> None:
    """End one of the account's own keys at once.

    Raises
    ------
    Refused
        For a grid worker.
    NotFound
        When the account has no such key.
    """
    _require_desk(principal)
    stored = session.get(ApiToken, token_id)
    if stored is None or stored.account_id != principal.account_id:
        raise NotFound("没有找到这把密钥")
    if stored.revoked_at is None:
        stored.revoked_at = now
        _audit(session, principal, "revoke_api_token", stored.id, now)


def open_with_token(session: Session, token: str, *, source: str, now: datetime) -> Principal:
    """Whose rights a key carries; the call is counted, and must be committed whatever follows.

    Raises
    ------
    WrongKey
        When the key never was, expired, was revoked, or its account was closed.
    TooMany
        When the key was used, or wrong keys were tried, too often in this minute.
    """
    digest = digest_of(token)
    stored = session.scalar(select(ApiToken).where(ApiToken.token_sha256 == digest))
    account = session.get(Account, stored.account_id) if stored else None
    stands = stored is not None and token_stands(stored.expires_at, stored.revoked_at, now=now)
    if stored is None or not stands or account is None or account.disabled:
        if _count_call(session, digest_of(source), now) > WRONG_KEYS_A_MINUTE:
            raise TooMany("错的密钥试得太多,请过一分钟再试")
        raise WrongKey("密钥不对、已过期或已停用")
    if _count_call(session, digest, now) > CALLS_A_MINUTE:
        raise TooMany("每分钟最多 {most} 次,请过一会儿再读", most=CALLS_A_MINUTE)
    today = now.astimezone(CHINA).date()
    if stored.used_on != today:
        stored.used_on = today
    return principal_of(session, account)


def _count_call(session: Session, source: str, now: datetime) -> int:
    """Count one call of a source in this minute; returns how many there were."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    minute = minute_of(now)
    counted = (
        dialect.insert(ApiCall)
        .values(source=source, minute=minute, calls=1)
        .on_conflict_do_update(
            index_elements=[ApiCall.source, ApiCall.minute], set_={"calls": ApiCall.calls + 1}
        )
        .returning(ApiCall.calls)
    )
    calls = session.scalar(counted) or 0
    if calls == 1:
        session.execute(delete(ApiCall).where(ApiCall.minute < minute - timedelta(minutes=5)))
    return calls

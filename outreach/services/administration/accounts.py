"""Accounts and server-side sessions."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from outreach.domain.accounts import (
    Principal,
    Role,
    SessionKind,
    password_problem,
    rests_until,
    session_stands,
)
from outreach.domain.calendar import CHINA
from outreach.errors import Conflict, InvalidInput, NotFound, Refused
from outreach.services.administration.audit import write_audit
from outreach.services.administration.leave import grids_of_stand_in
from outreach.services.administration.passwords import hash_password, nobodys_hash, password_fits
from outreach.storage.accounts import Account, UserSession
from outreach.storage.grids import Grid, GridWorker

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

WRONG = "用户名或密码不对,或者试的次数太多,请过一会儿再试"
"""One message for every failed sign-in: it never tells whether the login exists or rests."""


class SignInFailed(Refused):
    """The sign-in did not succeed (web status 401)."""

    code = "E401"


def add_account(
    session: Session,
    *,
    district_id: int,
    login: str,
    password: str,
    role: Role,
    display_name: str,
    now: datetime,
    grid_code: str | None = None,
) -> Account:
    """Add an account; a grid worker's is tied to the worker of a grid.

    Raises
    ------
    InvalidInput
        When the password is weak, or a grid worker's account names no grid.
    Conflict
        When the login is taken.
    NotFound
        When the grid has no grid worker.
    """
    if problem := password_problem(password, login=login):
        raise InvalidInput(problem)
    if session.scalar(select(Account).where(Account.login == login)):
        raise Conflict("用户名“{login}”已经有人用了", login=login)
    account = Account(
        district_id=district_id,
        login=login,
        password_hash=hash_password(password),
        role=role,
        display_name=display_name,
        grid_worker_id=find_grid_worker_id(session, district_id, role, grid_code),
    )
    session.add(account)
    session.flush()
    write_audit(
        session,
        district_id=district_id,
        account_id=None,
        action="add_account",
        subject="account",
        subject_id=account.id,
        now=now,
        detail={"role": role.value},
    )
    return account


def close_by_login(session: Session, *, district_id: int, login: str, now: datetime) -> None:
    """Close an account from the server's command line, an administrator's, too.

    Raises
    ------
    NotFound
        When the district has no such account.
    """
    account = session.scalar(
        select(Account).where(Account.login == login, Account.district_id == district_id)
    )
    if account is None:
        raise NotFound("没有找到账号“{login}”", login=login)
    account.disabled = True
    session.execute(
        update(UserSession)
        .where(UserSession.account_id == account.id, UserSession.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    write_audit(
        session,
        district_id=district_id,
        account_id=None,
        action="close_account",
        subject="account",
        subject_id=account.id,
        now=now,
    )


def find_grid_worker_id(
    session: Session, district_id: int, role: Role, grid_code: str | None
) -> int | None:
    """The grid worker whom a grid worker's account belongs to; `None` for any other role.

    Raises
    ------
    InvalidInput
        When a grid worker's account names no grid.
    NotFound
        When the grid has no grid worker.
    """
    if role is not Role.GRID_WORKER:
        return None
    if grid_code is None:
        raise InvalidInput("网格员的账号要写明是哪个网格")
    query = (
        select(GridWorker.id)
        .join(Grid, Grid.id == GridWorker.grid_id)
        .where(Grid.district_id == district_id, Grid.code == grid_code)
    )
    worker_id = session.scalar(query)
    if worker_id is None:
        raise NotFound("网格“{code}”不存在或还没有网格员", code=grid_code)
    return worker_id


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A fresh session: the token for the cookie, known to nobody else."""

    token: str
    principal: Principal


def sign_in(session: Session, *, login: str, password: str, now: datetime) -> SignedIn | None:
    """Check a password and open a session; `None` when it fails.

    The caller commits in both cases, so that failures count. Every failure takes as long as a
    success and looks the same.
    """
    account = session.scalar(select(Account).where(Account.login == login.strip()))
    rest = rests_until(account.failures, account.last_failure_at) if account else None
    fits = password_fits(account.password_hash if account else nobodys_hash(), password)
    if account is None:
        return None
    resting = rest is not None and now < rest
    if account.disabled or resting or not fits:
        if not resting:
            account.failures += 1
            account.last_failure_at = now
        _audit(session, account, "sign_in_failed", now)
        return None
    account.failures, account.last_failure_at = 0, None
    _audit(session, account, "sign_in", now)
    return open_session(session, account, now=now)


def open_session(
    session: Session,
    account: Account,
    *,
    now: datetime,
    kind: SessionKind = SessionKind.DESK,
    label: str = "",
) -> SignedIn:
    """Sign an account in whose owner was made sure of; the caller audits how."""
    token = secrets.token_urlsafe(32)
    session.add(
        UserSession(
            token_sha256=digest_of(token),
            account_id=account.id,
            started_at=now,
            seen_at=now,
            revoked_at=None,
            kind=kind.value,
            label=label,
        )
    )
    return SignedIn(token=token, principal=principal_of(session, account))


def find_principal(session: Session, token: str, *, now: datetime) -> Principal | None:
    """Return who a cookie's token belongs to, or `None` when the session ended."""
    found = session.get(UserSession, digest_of(token))
    if found is None or found.revoked_at is not None:
        return None
    if not session_stands(
        SessionKind(found.kind), started_at=found.started_at, seen_at=found.seen_at, now=now
    ):
        return None
    account = session.get(Account, found.account_id)
    if account is None or account.disabled:
        return None
    if (now - found.seen_at).total_seconds() > 60:  # noqa: PLR2004  one write a minute is enough
        found.seen_at = now
    return principal_of(session, account, today=now.astimezone(CHINA).date())


def sign_out(session: Session, token: str, *, now: datetime) -> None:
    """End a session: a copy of its cookie is worthless from now on."""
    found = session.get(UserSession, digest_of(token))
    if found is not None and found.revoked_at is None:
        found.revoked_at = now
        account = session.get(Account, found.account_id)
        if account is not None:
            _audit(session, account, "sign_out", now)


def change_password(
    session: Session, principal: Principal, *, old: str, new: str, now: datetime
) -> None:
    """Set a new password and end all sessions of the account.

    Raises
    ------
    InvalidInput
        When the old password does not fit or the new one is weak.
    """
    account = session.get_one(Account, principal.account_id)
    if not password_fits(account.password_hash, old):
        raise InvalidInput("原密码不对")
    if problem := password_problem(new, login=account.login):
        raise InvalidInput(problem)
    account.password_hash = hash_password(new)
    session.execute(
        update(UserSession)
        .where(UserSession.account_id == account.id, UserSession.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    _audit(session, account, "change_password", now)


def digest_of(token: str) -> str:
    """What is stored of a token or a code: it cannot be turned back."""
    return hashlib.sha256(token.encode()).hexdigest()


def _audit(session: Session, account: Account, action: str, now: datetime) -> None:
    write_audit(
        session,
        district_id=account.district_id,
        account_id=account.id,
        action=action,
        subject="account",
        subject_id=account.id,
        now=now,
    )


def principal_of(session: Session, account: Account, *, today: date | None = None) -> Principal:
    """Who an account is, as services judge rights by it; with `today` also where she stands in."""
    grid_id = None
    if account.grid_worker_id is not None:
        grid_id = session.get_one(GridWorker, account.grid_worker_id).grid_id
    return Principal(
        account_id=account.id,
        district_id=account.district_id,
        role=Role(account.role),
        login=account.login,
        display_name=account.display_name,
        grid_worker_id=account.grid_worker_id,
        grid_id=grid_id,
        stands_in_for=_stands_in_for(session, account, today),
    )


def _stands_in_for(session: Session, account: Account, today: date | None) -> tuple[int, ...]:
    if account.grid_worker_id is None or today is None:
        return ()
    return grids_of_stand_in(session, account.grid_worker_id, today)

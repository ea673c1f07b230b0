"""Signing in on a phone: a one-time code from the community office, and phones that were lost."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update

from outreach.domain.accounts import Role, SessionKind, mask_name, session_stands
from outreach.domain.phones import (
    ALPHABET,
    CODE_LENGTH,
    CODE_LIFE,
    MOST_TRIES,
    TRY_WINDOW,
    PhoneName,
    clean_code,
)
from outreach.errors import NotFound, Refused
from outreach.services.administration.accounts import SignedIn, digest_of, open_session
from outreach.services.administration.audit import write_audit
from outreach.services.visits import calendars
from outreach.storage.accounts import Account, UserSession
from outreach.storage.grids import Grid, GridWorker
from outreach.storage.phones import BindingCode, BindingTry

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal

WRONG = "绑定码不对、已经用过或过了 10 分钟。请到社区办公室重新要一个。"
"""One message for every code that does not work: it never tells which codes exist."""

KEY_LENGTH = 16
"""Signs of a session's digest that name it on a page; they sign nobody in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshCode:
    """A binding code, shown once; `ends_at` is the last moment at which it works."""

    code: str
    name: str
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A browser that is signed in.

    `key` names it on a page. `seen_on` is for its owner alone and `None` for everybody else:
    nobody else learns when a person last looked at her phone.
    """

    key: str
    kind: SessionKind
    name: PhoneName | None
    since: datetime
    seen_on: datetime | None
    is_this: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneLine:
    """A grid worker's account in the office's list, with the phones tied to it."""

    account_id: int
    name: str
    grid_id: int
    grid_code: str
    grid_name: str
    phones: tuple[OpenSession, ...]


def _require_office(principal: Principal) -> None:
    if not principal.role.sees_district:
        raise Refused("绑定手机由社区办公室或区总工会来办")


def list_phones(session: Session, principal: Principal, *, now: datetime) -> list[PhoneLine]:
    """The district's grid workers' accounts by grid, each with its tied phones.

    Raises
    ------
    Refused
        When the account sees one grid only.
    """
    _require_office(principal)
    query = (
        select(Account, Grid)
        .join(GridWorker, GridWorker.id == Account.grid_worker_id)
        .join(Grid, Grid.id == GridWorker.grid_id)
        .where(
            Account.district_id == principal.district_id,
            Account.role == Role.GRID_WORKER.value,
            Account.disabled.is_(False),
        )
        .order_by(Grid.code, Account.id)
    )
    rows = session.execute(query).all()
    phones = _standing(session, [account.id for account, _ in rows], now=now)
    return [
        PhoneLine(
            account_id=account.id,
            name=account.display_name,
            grid_id=grid.id,
            grid_code=grid.code,
            grid_name=grid.name,
            phones=tuple(
                _shown(one, own=False)
                for one in phones
                if one.account_id == account.id and one.kind == SessionKind.PHONE.value
            ),
        )
        for account, grid in rows
    ]


def list_sessions(
    session: Session, principal: Principal, *, token: str, now: datetime
) -> list[OpenSession]:
    """The account's own signed-in browsers, the one that asks first, then the newest."""
    mine = digest_of(token)
    found = _standing(session, [principal.account_id], now=now)
    shown = [_shown(one, own=True, this=mine) for one in found]
    return sorted(shown, key=lambda one: (not one.is_this, -one.since.timestamp()))


def _standing(session: Session, account_ids: Iterable[int], *, now: datetime) -> list[UserSession]:
    query = (
        select(UserSession)
        .where(UserSession.account_id.in_(list(account_ids)), UserSession.revoked_at.is_(None))
        .order_by(UserSession.started_at)
    )
    return [one for one in session.scalars(query) if _stands(one, now)]


def _stands(one: UserSession, now: datetime) -> bool:
    return session_stands(
        SessionKind(one.kind), started_at=one.started_at, seen_at=one.seen_at, now=now
    )


def _shown(one: UserSession, *, own: bool, this: str = "") -> OpenSession:
    return OpenSession(
        key=one.token_sha256[:KEY_LENGTH],
        kind=SessionKind(one.kind),
        name=PhoneName.read(one.label),
        since=one.started_at,
        seen_on=one.seen_at if own else None,
        is_this=one.token_sha256 == this,
    )


def make_code(
    session: Session, principal: Principal, account_id: int, *, now: datetime
) -> FreshCode:
    """Make a one-time code for a grid worker's account; an older unused one ends.

    Raises
    ------
    Refused
        When the account that asks sees one grid only.
    NotFound
        When there is no such grid worker's account in the district.
    """
    _require_office(principal)
    account = _grid_account(session, principal, account_id)
    session.execute(
        delete(BindingCode).where(
            BindingCode.account_id == account.id, BindingCode.used_at.is_(None)
        )
    )
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    session.add(
        BindingCode(
            code_sha256=digest_of(code),
            district_id=account.district_id,
            account_id=account.id,
            made_by=principal.account_id,
            made_at=now,
            used_at=None,
        )
    )
    _audit(session, account, "make_binding_code", by=principal.account_id, now=now)
    return FreshCode(code=code, name=account.display_name, ends_at=now + CODE_LIFE)


def _grid_account(session: Session, principal: Principal, account_id: int) -> Account:
    account = session.get(Account, account_id)
    hidden = (
        account is None
        or account.district_id != principal.district_id
        or account.role != Role.GRID_WORKER.value
        or account.disabled
    )
    if account is None or hidden:
        raise NotFound("没有这个网格员账号")
    return account


def find_offer(session: Session, typed: str, *, source: str, now: datetime) -> str | None:
    """Whose account a code would tie the phone to: the masked name; `None` when it does not work.

    Looking does not use the code up. The caller commits in both cases, so that tries count.
    """
    account = _account_of(session, typed, source=source, now=now)
    return mask_name(account.display_name) if account is not None else None


def bind_phone(
    session: Session, typed: str, *, source: str, user_agent: str, now: datetime
) -> SignedIn | None:
    """Use a code up and sign the phone in for long; `None` when the code does not work.

    Of two phones that send one code at the same time, one is signed in. The caller commits in
    both cases, so that tries count.
    """
    account = _account_of(session, typed, source=source, now=now)
    if account is None:
        return None
    used = session.scalar(
        update(BindingCode)
        .where(
            BindingCode.code_sha256 == digest_of(clean_code(typed)),
            BindingCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(BindingCode.account_id)
    )
    if used is None:
        return None
    label = PhoneName.of(user_agent).store()
    _audit(session, account, "bind_phone", by=account.id, now=now, phone=label)
    return open_session(session, account, now=now, kind=SessionKind.PHONE, label=label)


def _account_of(session: Session, typed: str, *, source: str, now: datetime) -> Account | None:
    """The account of a code that works now; every other code counts as a try."""
    origin = digest_of(source)
    tries = session.scalar(
        select(func.count())
        .select_from(BindingTry)
        .where(BindingTry.source == origin, BindingTry.at > now - TRY_WINDOW)
    )
    if (tries or 0) >= MOST_TRIES:
        return None
    query = (
        select(Account)
        .join(BindingCode, BindingCode.account_id == Account.id)
        .where(
            BindingCode.code_sha256 == digest_of(clean_code(typed)),
            BindingCode.used_at.is_(None),
            BindingCode.made_at >= now - CODE_LIFE,
            Account.disabled.is_(False),
        )
    )
    account = session.scalar(query)
    if account is None:
        session.execute(delete(BindingTry).where(BindingTry.at <= now - TRY_WINDOW))
        session.add(BindingTry(source=origin, at=now))
    return account


def end_session(
    session: Session,
    principal: Principal,
    key: str,
    *,
    account_id: int | None = None,
    now: datetime,
) -> None:
    """End a browser's session at once, and the calendar feed with it: the phone is lost.

    The account itself may end any of its own; an account that sees the district may end a grid
    worker's. What the phone has not sent yet stays on it.

    Raises
    ------
    Refused
        When another's session is to be ended by an account that sees one grid only.
    NotFound
        When no such session is open.
    """
    account = session.get_one(Account, principal.account_id)
    if account_id is not None and account_id != principal.account_id:
        _require_office(principal)
        account = _grid_account(session, principal, account_id)
    found = next(
        (
            one
            for one in _standing(session, [account.id], now=now)
            if len(key) == KEY_LENGTH and one.token_sha256.startswith(key)
        ),
        None,
    )
    if found is None:
        raise NotFound("这部手机已经不在登录状态")
    found.revoked_at = now
    calendars.end_feeds(session, account.id, now=now)
    _audit(session, account, "end_session", by=principal.account_id, now=now, phone=found.label)


def _audit(
    session: Session, account: Account, action: str, *, by: int, now: datetime, phone: str = ""
) -> None:
    write_audit(
        session,
        district_id=account.district_id,
        account_id=by,
        action=action,
        subject="account",
        subject_id=account.id,
        now=now,
        detail={"phone": phone} if phone else {},
    )

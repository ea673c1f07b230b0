"""Accounts in two pairs of hands: the system administrator proposes, the security one grants."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select, update

from outreach.domain.accounts import Role
from outreach.errors import Conflict, InvalidInput, NotFound, Refused
from outreach.services.administration.accounts import find_grid_worker_id
from outreach.services.administration.audit import write_audit
from outreach.services.administration.passwords import hash_password
from outreach.services.visits import calendars
from outreach.storage.accounts import Account, AccountGrant, UserSession
from outreach.storage.grids import Grid, GridWorker

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal

LONGEST_LOGIN, LONGEST_NAME = 64, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLine:
    """One account; `grant_id` and `asked_role` are set while something waits to be granted."""

    id: int
    login: str
    display_name: str
    role: Role
    grid_name: str
    disabled: bool
    grant_id: int | None
    asked_role: Role | None
    asked_grid: str
    asked_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFilter:
    """Which accounts: by a part of login or name, by role, or only those that wait."""

    text: str = ""
    role: Role | None = None
    waiting: bool = False


def list_accounts(
    session: Session, principal: Principal, wanted: AccountFilter, *, limit: int, offset: int = 0
) -> tuple[list[AccountLine], int]:
    """One page of the district's accounts, those that wait first.

    Raises
    ------
    Refused
        When the role is neither the system administrator's nor the security one's.
    """
    if not (principal.role.opens_accounts or principal.role.grants_roles):
        raise Refused("账号只给系统管理员和安全管理员看")
    open_grant = AccountGrant.decided_at.is_(None)
    asker, asked_worker = Account.__table__.alias("asker"), GridWorker.__table__.alias("asked")
    asked_grid, own_grid = Grid.__table__.alias("asked_grid"), Grid.__table__.alias("own_grid")
    own_worker = GridWorker.__table__.alias("own")
    query = (
        select(Account, own_grid.c.name, AccountGrant, asked_grid.c.name, asker.c.display_name)
        .outerjoin(own_worker, own_worker.c.id == Account.grid_worker_id)
        .outerjoin(own_grid, own_grid.c.id == own_worker.c.grid_id)
        .outerjoin(AccountGrant, (AccountGrant.account_id == Account.id) & open_grant)
        .outerjoin(asked_worker, asked_worker.c.id == AccountGrant.grid_worker_id)
        .outerjoin(asked_grid, asked_grid.c.id == asked_worker.c.grid_id)
        .outerjoin(asker, asker.c.id == AccountGrant.proposed_by)
        .where(Account.district_id == principal.district_id)
    )
    if wanted.text:
        part = f"%{wanted.text.replace('%', '').replace('_', '')}%"
        query = query.where(or_(Account.login.ilike(part), Account.display_name.ilike(part)))
    if wanted.role is not None:
        query = query.where(Account.role == wanted.role)
    if wanted.waiting:
        query = query.where(AccountGrant.id.is_not(None))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(AccountGrant.id.is_(None), Account.login).limit(limit).offset(offset)
    return [
        AccountLine(
            id=row.id,
            login=row.login,
            display_name=row.display_name,
            role=Role(row.role),
            grid_name=grid or "",
            disabled=row.disabled,
            grant_id=grant.id if grant else None,
            asked_role=Role(grant.role) if grant else None,
            asked_grid=asked or "",
            asked_by=by or "",
        )
        for row, grid, grant, asked, by in session.execute(ordered)
    ], total


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedAccount:
    """A new account as the form says it; `grid_code` for a grid worker's."""

    login: str
    display_name: str
    role: Role
    grid_code: str = ""


def propose_account(
    session: Session, principal: Principal, wanted: WantedAccount, *, now: datetime
) -> str:
    """Add an account that stays closed until it is granted; returns its first password.

    Raises
    ------
    Refused, InvalidInput, Conflict, NotFound
        When the role opens no accounts, a name cannot be, the login is taken, or the grid has no
        grid worker.
    """
    require_opener(principal)
    login, name = wanted.login.strip(), wanted.display_name.strip()
    if not 0 < len(login) <= LONGEST_LOGIN or not login.isprintable() or " " in login:
        raise InvalidInput("用户名“{login}”不对,不能有空格,最多 64 个字", login=login[:64])
    if not 0 < len(name) <= LONGEST_NAME:
        raise InvalidInput("请填显示的名字,不超过 {most} 个字", most=LONGEST_NAME)
    if session.scalar(select(Account.id).where(Account.login == login)):
        raise Conflict("用户名“{login}”已经有人用了", login=login)
    worker_id = find_grid_worker_id(
        session, principal.district_id, wanted.role, wanted.grid_code.strip() or None
    )
    password = secrets.token_urlsafe(12)
    account = Account(
        district_id=principal.district_id,
        login=login,
        password_hash=hash_password(password),
        role=wanted.role,
        display_name=name,
        grid_worker_id=worker_id,
        disabled=True,
    )
    session.add(account)
    session.flush()
    _ask(session, principal, account, wanted.role, worker_id, now)
    _audit(session, principal, "propose_account", account, now, {"role": wanted.role.value})
    return password


def propose_role(
    session: Session,
    principal: Principal,
    account_id: int,
    *,
    role: Role,
    grid_code: str,
    now: datetime,
) -> None:
    """Propose another role for an account, or the same one to open it again.

    Raises
    ------
    Refused, NotFound
        When the role opens no accounts, or the district has no such account.
    Conflict
        When an administrator's role would change, or something waits already.
    """
    require_opener(principal)
    account = _account(session, principal, account_id)
    before = Role(account.role)
    if role is not before and not before.may_become(role):
        raise Conflict("管理员的角色不能改,也不能由别的账号改成,请另开账号")
    worker_id = find_grid_worker_id(session, principal.district_id, role, grid_code.strip() or None)
    _ask(session, principal, account, role, worker_id, now)
    _audit(session, principal, "propose_role", account, now, {"role": role.value})


def reset_password(
    session: Session, principal: Principal, account_id: int, *, now: datetime
) -> str:
    """Give an account a new password; it stays closed until that is granted. Returns it.

    One person alone could otherwise sign in as anybody.

    Raises
    ------
    Refused, NotFound, Conflict
        When the role opens no accounts, the district has no such account, it is the principal's
        own, or something waits already.
    """
    require_opener(principal)
    account = _account(session, principal, account_id)
    if account.id == principal.account_id:
        raise Conflict("自己的密码请在“我的”里改")
    _ask(session, principal, account, Role(account.role), account.grid_worker_id, now)
    password = secrets.token_urlsafe(12)
    account.password_hash, account.disabled = hash_password(password), True
    account.failures, account.last_failure_at = 0, None
    _end_sessions(session, account, now)
    _audit(session, principal, "reset_password", account, now, {})
    return password


def close_account(
    session: Session, principal: Principal, account_id: int, *, now: datetime
) -> None:
    """Close an account at once: its sign-ins, phones and calendars end.

    Raises
    ------
    Refused, NotFound
        When the role opens no accounts, or the district has no such account.
    Conflict
        When it is an administrator's: that is done at the server by two people.
    """
    require_opener(principal)
    account = _account(session, principal, account_id)
    if Role(account.role).is_administrator:
        raise Conflict("管理员的账号在这里停不了,请在服务器上运行 outreach account --close")
    shut_account(session, account, now)
    _audit(session, principal, "close_account", account, now, {})


def shut_account(session: Session, account: Account, now: datetime) -> None:
    """Disable an account, drop what waits for it and end all its sign-ins; the caller audits."""
    account.disabled = True
    session.execute(
        update(AccountGrant)
        .where(AccountGrant.account_id == account.id, AccountGrant.decided_at.is_(None))
        .values(decided_at=now, granted=False)
    )
    _end_sessions(session, account, now)


def end_sessions(session: Session, principal: Principal, account_id: int, *, now: datetime) -> None:
    """End all sign-ins of an account, for a suspicion that cannot wait.

    Raises
    ------
    Refused, NotFound
        When the role grants nothing, or the district has no such account.
    """
    _require_granter(principal)
    account = _account(session, principal, account_id)
    _end_sessions(session, account, now)
    _audit(session, principal, "end_sessions", account, now, {})


def decide_grant(
    session: Session, principal: Principal, grant_id: int, *, granted: bool, now: datetime
) -> None:
    """Grant what was proposed, or not; it holds from the account's next request on.

    Raises
    ------
    Refused
        When the role grants nothing, or the proposal concerns or comes from the principal herself.
    NotFound
        When nothing like it waits.
    """
    _require_granter(principal)
    grant = session.get(AccountGrant, grant_id)
    if grant is None or grant.district_id != principal.district_id or grant.decided_at is not None:
        raise NotFound("没有找到这个等着授权的申请")
    if principal.account_id in {grant.account_id, grant.proposed_by}:
        raise Refused("不能给自己授权,也不能批自己提的申请")
    account = session.get_one(Account, grant.account_id)
    grant.decided_at, grant.decided_by, grant.granted = now, principal.account_id, granted
    if granted:
        if account.role != grant.role:
            _end_sessions(session, account, now)
        account.role, account.grid_worker_id = grant.role, grant.grid_worker_id
        account.disabled = False
    action = "grant_role" if granted else "refuse_role"
    _audit(session, principal, action, account, now, {"role": grant.role, "grant": grant.id})


def _ask(
    session: Session,
    principal: Principal,
    account: Account,
    role: Role,
    worker_id: int | None,
    now: datetime,
) -> None:
    waiting = select(AccountGrant.id).where(
        AccountGrant.account_id == account.id, AccountGrant.decided_at.is_(None)
    )
    if session.scalar(waiting):
        raise Conflict("“{login}”已经有一个申请等着授权,请先等安全管理员处理", login=account.login)
    session.add(
        AccountGrant(
            district_id=principal.district_id,
            account_id=account.id,
            role=role,
            grid_worker_id=worker_id,
            proposed_at=now,
            proposed_by=principal.account_id,
            decided_at=None,
            decided_by=None,
            granted=None,
        )
    )
    session.flush()


def _account(session: Session, principal: Principal, account_id: int) -> Account:
    account = session.get(Account, account_id)
    if account is None or account.district_id != principal.district_id:
        raise NotFound("没有找到这个账号")
    return account


def require_opener(principal: Principal) -> None:
    """Keep opening and closing accounts to the system administrator.

    Raises
    ------
    Refused
        When the role is another.
    """
    if not principal.role.opens_accounts:
        raise Refused("开账号、停账号只能由系统管理员做")


def _require_granter(principal: Principal) -> None:
    if not principal.role.grants_roles:
        raise Refused("授权只能由安全管理员做")


def _end_sessions(session: Session, account: Account, now: datetime) -> None:
    calendars.end_feeds(session, account.id, now=now)
    session.execute(
        update(UserSession)
        .where(UserSession.account_id == account.id, UserSession.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def _audit(
    session: Session,
    principal: Principal,
    action: str,
    account: Account,
    now: datetime,
    detail: dict[str, object],
) -> None:
    write_audit(
        session,
        district_id=principal.district_id,
        account_id=principal.account_id,
        action=action,
        subject="account",
        subject_id=account.id,
        now=now,
        detail=detail,
    )

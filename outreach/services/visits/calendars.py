"""The private calendar of the week: an address only its owner knows, renewed or ended by her.

The one door to icalendar.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from outreach.domain.calendar import CHINA
from outreach.errors import NotFound, Refused
from outreach.i18n import Language, say
from outreach.services.administration.accounts import digest_of, principal_of
from outreach.services.administration.audit import write_audit
from outreach.services.visits import routes
from outreach.storage.accounts import Account
from outreach.storage.days import DayChange
from outreach.storage.phones import CalendarFeed
from outreach.storage.plans import PlanRoute, VisitPlan

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.services.visits.routes import DayRoute

AHEAD = timedelta(days=27)
"""Four weeks with the present one: nobody plans further ahead."""

_REFRESH = "PT4H"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """The calendar as it is sent: RFC 5545 text, its digest, and when it last changed."""

    content: bytes
    digest: str
    changed_at: datetime


def _require_grid_worker(principal: Principal) -> None:
    if principal.grid_worker_id is None:
        raise Refused("只有网格员有自己的走访日历")


def feed_since(session: Session, principal: Principal) -> datetime | None:
    """Since when the account's feed stands, or `None` without one.

    Raises
    ------
    Refused
        When the account is no grid worker's.
    """
    _require_grid_worker(principal)
    return session.scalar(
        select(CalendarFeed.made_at).where(
            CalendarFeed.account_id == principal.account_id, CalendarFeed.revoked_at.is_(None)
        )
    )


def renew_feed(session: Session, principal: Principal, *, now: datetime) -> str:
    """Make a new secret address and end the old one; the token is given this once.

    Raises
    ------
    Refused
        When the account is no grid worker's.
    """
    _require_grid_worker(principal)
    end_feeds(session, principal.account_id, now=now)
    token = secrets.token_urlsafe(32)
    session.add(
        CalendarFeed(
            token_sha256=digest_of(token),
            district_id=principal.district_id,
            account_id=principal.account_id,
            made_at=now,
            revoked_at=None,
        )
    )
    _audit(session, principal, "renew_calendar", now)
    return token


def revoke_feed(session: Session, principal: Principal, *, now: datetime) -> None:
    """End the account's feed: its address gives nothing from now on.

    Raises
    ------
    Refused
        When the account is no grid worker's.
    """
    _require_grid_worker(principal)
    end_feeds(session, principal.account_id, now=now)
    _audit(session, principal, "revoke_calendar", now)


def end_feeds(session: Session, account_id: int, *, now: datetime) -> None:
    """End the feeds of an account, as a lost phone asks for."""
    session.execute(
        update(CalendarFeed)
        .where(CalendarFeed.account_id == account_id, CalendarFeed.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def read_feed(session: Session, token: str, *, now: datetime) -> Feed:
    """The calendar behind an address: one event a planned day, from this week's Monday on.

    It holds the names and addresses that its owner sees on her route page, no phone number, no
    person and no reason, since a calendar is copied to servers of others.

    Raises
    ------
    NotFound
        When the address never was, was ended, or its account was.
    """
    stored = session.get(CalendarFeed, digest_of(token))
    account = session.get(Account, stored.account_id) if stored else None
    gone = stored is None or stored.revoked_at is not None
    if gone or stored is None or account is None or account.disabled:
        raise NotFound("这个日历地址已经停用")
    principal = principal_of(session, account)
    today = now.astimezone(CHINA).date()
    first = today - timedelta(days=today.weekday())
    known = set(Language)
    language = Language(account.language) if account.language in known else Language.ZH
    changed = _changes(session, principal, first=first, last=first + AHEAD)
    planned = routes.planned_days(session, principal, first=first, last=first + AHEAD)
    days = [routes.day_route(session, principal, day) for day in planned]
    content = _calendar([day for day in days if day.stops], principal, changed, language)
    latest = max(changed.values(), default=stored.made_at)
    return Feed(
        content=content,
        digest=hashlib.sha256(content).hexdigest(),
        changed_at=max(latest, stored.made_at),
    )


def _changes(
    session: Session, principal: Principal, *, first: date, last: date
) -> dict[date, datetime]:
    """When each planned day last changed: its plan was published, or she changed the day."""
    published = (
        select(PlanRoute.day, func.max(VisitPlan.published_at))
        .join(VisitPlan, VisitPlan.id == PlanRoute.plan_id)
        .where(PlanRoute.grid_id == principal.grid_id, PlanRoute.day.between(first, last))
        .group_by(PlanRoute.day)
    )
    own = (
        select(DayChange.day, func.max(DayChange.received_at))
        .where(DayChange.grid_id == principal.grid_id, DayChange.day.between(first, last))
        .group_by(DayChange.day)
    )
    found = {day: moment for day, moment in session.execute(published) if moment is not None}
    for day, moment in session.execute(own):
        found[day] = max(moment, found.get(day, moment))
    return found


def _calendar(
    days: list[DayRoute],
    principal: Principal,
    changed: dict[date, datetime],
    language: Language,
) -> bytes:
    from icalendar import Calendar, Event  # lazy: start-up time

    calendar = Calendar()
    calendar.add("prodid", "-//union-outreach//calendar//ZH")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", say(language, "工会走访"))
    calendar.add("x-published-ttl", _REFRESH)
    for day in days:
        event = Event()
        event.add("uid", f"{day.day:%Y%m%d}-{principal.account_id}@union-outreach")
        event.add("dtstamp", changed.get(day.day, datetime.combine(day.day, time(), CHINA)))
        event.add("sequence", day.plan_version or 0)
        event.add("dtstart", _moment(day.day, min(stop.start for stop in day.stops)))
        event.add("dtend", _moment(day.day, max(stop.end for stop in day.stops)))
        event.add("summary", _summary(day, language))
        event.add("description", _description(day))
        event.add("class", "PRIVATE")
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _moment(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), CHINA)


def _summary(day: DayRoute, language: Language) -> str:
    return say(language, "走访 {count} 家 · {grid}", count=len(day.stops), grid=day.grid_name)


def _description(day: DayRoute) -> str:
    return "\n".join(
        f"{number}. {stop.name} {stop.address}".rstrip()
        for number, stop in enumerate(day.stops, start=1)
    )


def _audit(session: Session, principal: Principal, action: str, now: datetime) -> None:
    write_audit(
        session,
        district_id=principal.district_id,
        account_id=principal.account_id,
        action=action,
        subject="account",
        subject_id=principal.account_id,
        now=now,
    )

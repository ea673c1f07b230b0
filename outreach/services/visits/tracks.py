"""The patrol track: consent, points in batches, her own view, deletion, and coarse coverage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from outreach.domain.calendar import CHINA
from outreach.domain.tracks import KEEP, Stretch, TrackFix, length_m, may_keep
from outreach.errors import Conflict, InvalidInput, NotFound, Refused
from outreach.services.administration.audit import write_audit
from outreach.storage.tracks import TrackConsent, TrackPoint, TrackSegment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal

MOST_POINTS = 500
"""Points of one batch; a phone that was offline sends several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackBatch:
    """What a phone sends: a stretch under its own uuid, and some of its points."""

    uuid: UUID
    stretch: Stretch
    fixes: tuple[TrackFix, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a batch: points kept now, points held before, points not kept."""

    new: int
    known: int
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackDay:
    """A day with a track, as its owner sees it in the list."""

    day: date
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackPiece:
    """One stretch of a day with its points in order."""

    stretch: Stretch
    fixes: tuple[TrackFix, ...]
    metres: float


def _require_grid_worker(principal: Principal) -> int:
    if principal.grid_worker_id is None or principal.grid_id is None:
        raise Refused("只有网格员可以记自己的轨迹")
    return principal.grid_id


def consent_since(session: Session, principal: Principal) -> datetime | None:
    """Since when the account's consent stands, or `None` without one."""
    return session.scalar(
        select(func.max(TrackConsent.given_at)).where(
            TrackConsent.account_id == principal.account_id,
            TrackConsent.withdrawn_at.is_(None),
        )
    )


def give_consent(session: Session, principal: Principal, *, now: datetime) -> None:
    """Keep the account's consent; a second one changes nothing.

    Raises
    ------
    Refused
        When the account is no grid worker's.
    """
    _require_grid_worker(principal)
    if consent_since(session, principal) is not None:
        return
    session.add(
        TrackConsent(
            district_id=principal.district_id,
            account_id=principal.account_id,
            given_at=now,
            withdrawn_at=None,
        )
    )
    _audit(session, principal, "give_track_consent", now)


def withdraw_consent(
    session: Session, principal: Principal, *, delete_all: bool, now: datetime
) -> None:
    """End the account's consent; what was kept is deleted only when she says so.

    Raises
    ------
    Refused
        When the account is no grid worker's.
    """
    _require_grid_worker(principal)
    query = select(TrackConsent).where(
        TrackConsent.account_id == principal.account_id, TrackConsent.withdrawn_at.is_(None)
    )
    for consent in session.scalars(query):
        consent.withdrawn_at = now
    _end_running(session, principal, now)
    _audit(session, principal, "withdraw_track_consent", now)
    if delete_all:
        delete_track(session, principal, None, now=now)


def _end_running(session: Session, principal: Principal, now: datetime) -> None:
    query = select(TrackSegment).where(
        TrackSegment.account_id == principal.account_id, TrackSegment.ended_at.is_(None)
    )
    for segment in session.scalars(query):
        segment.ended_at = max(now, segment.started_at)


def take_points(
    session: Session, principal: Principal, batch: TrackBatch, *, now: datetime
) -> Taken:
    """Keep the points of a batch that lie between start and end, within a standing consent.

    The same batch sent again changes nothing. An end, once known, is not moved or taken back.

    Raises
    ------
    Refused
        When the account is no grid worker's, or no consent stands.
    InvalidInput
        When the batch has too many points.
    Conflict
        When the stretch is another account's.
    """
    grid_id = _require_grid_worker(principal)
    since = consent_since(session, principal)
    if since is None:
        raise Refused("还没有同意记轨迹,或者已经撤回。要记的话,请在“巡查轨迹”里重新同意。")
    if len(batch.fixes) > MOST_POINTS:
        raise InvalidInput("一次最多传 {most} 个点", most=MOST_POINTS)
    segment = _segment(session, principal, batch, grid_id)
    stretch = Stretch(started_at=segment.started_at, ended_at=segment.ended_at)
    kept = {
        fix.at: fix for fix in batch.fixes if may_keep(fix, stretch, consent_since=since, now=now)
    }
    known = _known(session, segment.uuid, kept)
    fresh = [fix for at, fix in kept.items() if at not in known]
    session.add_all(_row(principal, segment, fix) for fix in fresh)
    session.flush()
    return Taken(new=len(fresh), known=len(known), refused=len(batch.fixes) - len(kept))


def _segment(
    session: Session, principal: Principal, batch: TrackBatch, grid_id: int
) -> TrackSegment:
    """The stored stretch of a batch; locked, so that batches of one stretch take turns."""
    segment = session.get(TrackSegment, str(batch.uuid), with_for_update=True)
    if segment is None:
        segment = TrackSegment(
            uuid=str(batch.uuid),
            district_id=principal.district_id,
            account_id=principal.account_id,
            grid_id=grid_id,
            day=batch.stretch.started_at.astimezone(CHINA).date(),
            started_at=batch.stretch.started_at,
            ended_at=batch.stretch.ended_at,
        )
        session.add(segment)
        session.flush()
    if segment.account_id != principal.account_id:
        raise Conflict("这段轨迹的编号已经用过,请结束后重新开始")
    ended = batch.stretch.ended_at
    if segment.ended_at is None and ended is not None:
        segment.ended_at = max(ended, segment.started_at)
    return segment


def _known(session: Session, uuid: str, moments: dict[datetime, TrackFix]) -> set[datetime]:
    query = select(TrackPoint.at).where(
        TrackPoint.segment_uuid == uuid, TrackPoint.at.in_(list(moments))
    )
    return set(session.scalars(query))


def _row(principal: Principal, segment: TrackSegment, fix: TrackFix) -> TrackPoint:
    return TrackPoint(
        segment_uuid=segment.uuid,
        district_id=principal.district_id,
        account_id=principal.account_id,
        grid_id=segment.grid_id,
        day=segment.day,
        at=fix.at,
        lon=fix.lon,
        lat=fix.lat,
        accuracy_m=fix.accuracy_m,
    )


def list_days(session: Session, principal: Principal) -> list[TrackDay]:
    """The account's own days with a track, the newest first."""
    _require_grid_worker(principal)
    query = (
        select(TrackPoint.day, func.count())
        .where(TrackPoint.account_id == principal.account_id)
        .group_by(TrackPoint.day)
        .order_by(TrackPoint.day.desc())
    )
    return [TrackDay(day=day, points=count) for day, count in session.execute(query)]


def show_day(session: Session, principal: Principal, day: date | None) -> list[TrackPiece]:
    """The account's own track of a day, or of all days; nobody else's is ever given.

    Raises
    ------
    Refused
        When the account is no grid worker's.
    """
    _require_grid_worker(principal)
    query = (
        select(TrackPoint, TrackSegment)
        .join(TrackSegment, TrackSegment.uuid == TrackPoint.segment_uuid)
        .where(TrackPoint.account_id == principal.account_id)
        .order_by(TrackSegment.started_at, TrackSegment.uuid, TrackPoint.at)
    )
    if day is not None:
        query = query.where(TrackPoint.day == day)
    pieces: dict[str, tuple[TrackSegment, list[TrackFix]]] = {}
    for point, segment in session.execute(query):
        fix = TrackFix(at=point.at, lon=point.lon, lat=point.lat, accuracy_m=point.accuracy_m)
        pieces.setdefault(segment.uuid, (segment, []))[1].append(fix)
    return [_piece(segment, fixes) for segment, fixes in pieces.values()]


def _piece(segment: TrackSegment, fixes: Sequence[TrackFix]) -> TrackPiece:
    return TrackPiece(
        stretch=Stretch(started_at=segment.started_at, ended_at=segment.ended_at),
        fixes=tuple(fixes),
        metres=length_m(list(fixes)),
    )


def delete_track(session: Session, principal: Principal, day: date | None, *, now: datetime) -> int:
    """Delete the account's own points of a day, or all of them; returns how many there were.

    Raises
    ------
    Refused
        When the account is no grid worker's.
    """
    _require_grid_worker(principal)
    mine = [TrackPoint.account_id == principal.account_id]
    stretches = [TrackSegment.account_id == principal.account_id]
    if day is not None:
        mine.append(TrackPoint.day == day)
        stretches.append(TrackSegment.day == day)
    count = session.scalar(select(func.count()).select_from(TrackPoint).where(*mine)) or 0
    session.execute(delete(TrackPoint).where(*mine))
    # A stretch that still runs stays: what it sends later belongs to it.
    session.execute(delete(TrackSegment).where(*stretches, TrackSegment.ended_at.is_not(None)))
    _audit(session, principal, "delete_track", now)
    return count


def export_track(
    session: Session, principal: Principal, day: date | None, *, now: datetime
) -> list[TrackPiece]:
    """The account's own track for taking away; each export is audited.

    Raises
    ------
    Refused
        When the account is no grid worker's.
    NotFound
        When there is no point.
    """
    pieces = show_day(session, principal, day)
    if not pieces:
        raise NotFound("没有可以导出的轨迹")
    _audit(session, principal, "export_track", now)
    return pieces


def forget_tracks(session: Session, *, now: datetime) -> int:
    """Delete all points that are older than what is kept; returns how many there were."""
    old = TrackPoint.at < now - KEEP
    count = session.scalar(select(func.count()).select_from(TrackPoint).where(old)) or 0
    session.execute(delete(TrackPoint).where(old))
    empty = ~select(TrackPoint.id).where(TrackPoint.segment_uuid == TrackSegment.uuid).exists()
    session.execute(delete(TrackSegment).where(TrackSegment.started_at < now - KEEP, empty))
    return count


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

"""The patrol track: her own page, her phone's batches, coarse coverage for the district."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID
from xml.etree import ElementTree as ET

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for

from outreach.domain.tracks import KEEP, Stretch, TrackFix
from outreach.errors import InvalidInput
from outreach.services.grids import grid_views
from outreach.services.visits import track_coverage, tracks
from outreach.services.visits.tracks import TrackBatch
from outreach.web import current, queries

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from outreach.services.visits.tracks import TrackPiece

pages = Blueprint("tracks", __name__)

GPX = "http://www.topografix.com/GPX/1/1"


@pages.get("/track")
def show() -> str:
    """Show the consent, the days and the track of one day; all of it the worker's own."""
    session, principal = current.session(), current.principal()
    day = queries.some_day("day") or current.today()
    pieces = tracks.show_day(session, principal, day)
    outline = grid_views.grid_outline(session, principal, None)
    return render_template(
        "tracks/track.html",
        since=tracks.consent_since(session, principal),
        days=tracks.list_days(session, principal),
        day=day,
        is_today=day == current.today(),
        pieces=pieces,
        picture=_picture(pieces, outline),
        keep_days=KEEP.days,
    )


def _picture(pieces: list[TrackPiece], outline: list[grid_views.Ring]) -> dict[str, Any]:
    """What the map script draws: [lat, lon] pairs as Leaflet takes them."""
    return {
        "outline": [[[lat, lon] for lon, lat in ring] for ring in outline],
        "lines": [[[fix.lat, fix.lon] for fix in piece.fixes] for piece in pieces],
    }


@pages.post("/track/consent")
def consent() -> ResponseReturnValue:
    """Keep the consent."""
    tracks.give_consent(current.session(), current.principal(), now=current.now())
    return redirect(url_for("tracks.show"), 303)


@pages.get("/track/withdraw")
def ask() -> str:
    """Ask what is to become of what was kept; nothing is deleted silently."""
    days = tracks.list_days(current.session(), current.principal())
    return render_template("tracks/withdraw.html", days=days)


@pages.post("/track/withdraw")
def withdraw() -> ResponseReturnValue:
    """End the consent, and delete only when she said so."""
    delete_all = request.form.get("kept") == "delete"
    tracks.withdraw_consent(
        current.session(), current.principal(), delete_all=delete_all, now=current.now()
    )
    return redirect(url_for("tracks.show"), 303)


@pages.post("/track/delete")
def delete() -> ResponseReturnValue:
    """Delete a day, or everything."""
    day = queries.day_of(request.form.get("day", ""))
    if day is None and request.form.get("day") != "all":
        raise InvalidInput("请说明删哪一天的轨迹")
    tracks.delete_track(current.session(), current.principal(), day, now=current.now())
    return redirect(url_for("tracks.show"), 303)


@pages.get("/track/export")
def export() -> ResponseReturnValue:
    """Hand the own track over as a GPX file, which map programs read."""
    day = queries.some_day("day")
    pieces = tracks.export_track(current.session(), current.principal(), day, now=current.now())
    answer = Response(_gpx(pieces), mimetype="application/gpx+xml")
    name = f"track-{day:%Y%m%d}.gpx" if day else "track.gpx"
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer


def _gpx(pieces: list[TrackPiece]) -> bytes:
    root = ET.Element("gpx", {"xmlns": GPX, "version": "1.1", "creator": "union-outreach"})
    track = ET.SubElement(root, "trk")
    for piece in pieces:
        segment = ET.SubElement(track, "trkseg")
        for fix in piece.fixes:
            at = {"lat": f"{fix.lat:.6f}", "lon": f"{fix.lon:.6f}"}
            point = ET.SubElement(segment, "trkpt", at)
            ET.SubElement(point, "time").text = f"{fix.at:%Y-%m-%dT%H:%M:%SZ}"
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


@pages.post("/track/points")
def take() -> ResponseReturnValue:
    """Take a batch of points; the same batch sent again changes nothing."""
    batch = _batch(request.get_json(silent=True))
    taken = tracks.take_points(current.session(), current.principal(), batch, now=current.now())
    return jsonify(new=taken.new, known=taken.known, refused=taken.refused)


def _batch(sent: object) -> TrackBatch:
    """Read a batch.

    Raises
    ------
    InvalidInput
        When it is not of the form that the page sends.
    """
    try:
        if not isinstance(sent, dict):
            raise TypeError("no object")
        ended = sent.get("ended_at")
        stretch = Stretch(
            started_at=_moment(sent["started_at"]),
            ended_at=_moment(ended) if ended is not None else None,
        )
        fixes = tuple(_fix(one) for one in sent["points"])
        return TrackBatch(uuid=UUID(str(sent["uuid"])), stretch=stretch, fixes=fixes)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise InvalidInput("轨迹的格式不对,请刷新页面后再试") from error


def _fix(one: Any) -> TrackFix:  # noqa: ANN401  any JSON value may have been sent
    return TrackFix(
        at=_moment(one["at"]),
        lon=float(one["lon"]),
        lat=float(one["lat"]),
        accuracy_m=float(one["accuracy_m"]),
    )


def _moment(text: object) -> datetime:
    moment = datetime.fromisoformat(str(text))
    if moment.tzinfo is None or not queries.EARLIEST <= moment.date() <= queries.LATEST:
        raise ValueError("no moment that can be kept")
    return moment


@pages.get("/track/coverage")
def coverage() -> str:
    """Show the district's grids with the share of squares touched in a month."""
    month = (queries.some_day("month") or current.today()).replace(day=1)
    lines = track_coverage.month_coverage(current.session(), current.principal(), month)
    return render_template(
        "tracks/coverage.html",
        lines=lines,
        month=month,
        months=track_coverage.kept_months(current.today()),
    )

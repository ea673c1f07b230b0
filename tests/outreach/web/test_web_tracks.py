"""The patrol track: off by default, hers alone, forgotten in time."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4
from xml.etree import ElementTree as ET

import pytest
from made_up_site import TUESDAY_MORNING
from sqlalchemy import func, select

from outreach.domain.tracks import KEEP, cell_corners, cells_within
from outreach.services.visits.tracks import MOST_POINTS, forget_tracks
from outreach.storage.tracks import TrackConsent, TrackPoint, TrackSegment

START = TUESDAY_MORNING


def point(at, *, lon=115.004, lat=25.004, accuracy_m=15.0):
    return {"at": at.isoformat(), "lon": lon, "lat": lat, "accuracy_m": accuracy_m}


def batch(points, *, uuid=None, started=START, ended=None):
    return {
        "uuid": uuid or str(uuid4()),
        "started_at": started.isoformat(),
        "ended_at": ended.isoformat() if ended else None,
        "points": points,
    }


def send(visitor, body):
    headers = {"Accept": "application/json", "X-CSRFToken": visitor.token()}
    return visitor.client.post("/track/points", json=body, headers=headers, buffered=True)


def consenting(site, login="worker"):
    visitor = site.visitor(login)
    assert visitor.post("/track/consent").status_code == 303
    return visitor


def later(site, *, days):
    """The worker some days after she consented; her password's session ended meanwhile."""
    consenting(site)
    site.clock.moment += timedelta(days=days)
    return site.visitor("worker")


def count(site, table=TrackPoint):
    with site.database.session() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_without_consent_nothing_is_taken(site):
    worker = site.visitor("worker")
    page = worker.get("/track").text
    assert "我同意" in page
    assert 'data-track="start"' not in page
    assert send(worker, batch([point(START)])).status_code == 403
    assert count(site) == 0


def test_a_batch_sent_again_changes_nothing(site):
    worker = consenting(site)
    body = batch([point(START + timedelta(seconds=n)) for n in range(3)])
    site.clock.moment += timedelta(minutes=1)
    assert send(worker, body).json == {"new": 3, "known": 0, "refused": 0}
    assert send(worker, body).json == {"new": 0, "known": 3, "refused": 0}
    body["points"].append(point(START + timedelta(seconds=9)))
    assert send(worker, body).json == {"new": 1, "known": 3, "refused": 0}
    assert count(site) == 4


def test_points_outside_of_start_and_end_are_not_kept(site):
    worker = consenting(site)
    site.clock.moment += timedelta(hours=1)
    end = START + timedelta(minutes=30)
    uuid = str(uuid4())
    moments = [START - timedelta(seconds=1), START, end, end + timedelta(seconds=1)]
    body = batch([point(at) for at in moments], uuid=uuid, ended=end)
    assert send(worker, body).json == {"new": 2, "known": 0, "refused": 2}
    late = batch([point(end + timedelta(minutes=1))], uuid=uuid, ended=end + timedelta(hours=1))
    assert send(worker, late).json["refused"] == 1
    with site.database.session() as session:
        assert session.get(TrackSegment, uuid).ended_at == end


def test_withdrawing_asks_and_deletes_only_when_told(site):
    worker = consenting(site)
    send(worker, batch([point(START)]))
    asked = worker.get("/track/withdraw").text
    assert "撤回,并删掉全部轨迹".replace(",", "\uff0c") in asked
    assert count(site) == 1
    worker.post("/track/withdraw", kept="keep")
    assert count(site) == 1
    assert send(worker, batch([point(START)])).status_code == 403
    worker.post("/track/consent")
    worker.post("/track/withdraw", kept="delete")
    assert count(site) == 0
    assert count(site, TrackConsent) == 2
    assert len(site.audit("withdraw_track_consent")) == 2
    assert len(site.audit("delete_track")) == 1


def test_points_from_before_a_renewed_consent_are_not_kept(sqlite_site):
    worker = consenting(sqlite_site)
    worker.post("/track/withdraw", kept="keep")
    sqlite_site.clock.moment += timedelta(hours=1)
    worker.post("/track/consent")
    answer = send(worker, batch([point(START + timedelta(minutes=30))]))
    assert answer.json == {"new": 0, "known": 0, "refused": 1}


def test_she_sees_exports_and_deletes_her_own_track(site):
    worker = later(site, days=1)
    tuesday = batch([point(START), point(START + timedelta(minutes=1), lat=25.005)])
    wednesday = START + timedelta(days=1)
    send(worker, tuesday)
    send(worker, batch([point(wednesday)], started=wednesday))
    page = worker.get("/track?day=2026-11-24").text
    assert "2 个点" in page
    assert "25.005" in page
    gpx = worker.get("/track/export?day=2026-11-24")
    assert gpx.headers["Content-Disposition"] == "attachment; filename=track-20261124.gpx"
    space = "{http://www.topografix.com/GPX/1/1}"
    assert len(ET.fromstring(gpx.data).findall(f".//{space}trkpt")) == 2
    assert len(ET.fromstring(worker.get("/track/export").data).findall(f".//{space}trkseg")) == 2
    assert len(site.audit("export_track")) == 2
    assert worker.post("/track/delete", day="2026-11-24").status_code == 303
    assert count(site) == 1
    assert worker.post("/track/delete", day="nonsense").status_code == 422
    assert worker.post("/track/delete", day="all").status_code == 303
    assert count(site) == 0
    assert worker.get("/track/export").status_code == 404


def test_nobody_else_sees_or_touches_her_track(sqlite_site):
    site = sqlite_site
    worker = consenting(site)
    body = batch([point(START)])
    send(worker, body)
    other = consenting(site, "neighbour")
    assert "1 个点" not in other.get("/track?day=2026-11-24").text
    assert send(other, body).status_code == 409
    other.post("/track/delete", day="all")
    assert other.get("/track/export").status_code == 404
    assert count(site) == 1
    for login in ("district", "planner"):
        for path in ("/track", "/track/export", "/track/withdraw"):
            assert site.visitor(login).get(path).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"uuid": "x"},
        batch([{}]),
        batch([point(START, lon=float("nan"))]),
        batch([point(START, lat=91)]),
        batch([1]),
        {**batch([]), "uuid": "nonsense"},
        {**batch([]), "started_at": "2026-11-24T01:00:00"},
        {**batch([]), "started_at": "9999-12-31T23:59:59+00:00"},
        {**batch([]), "ended_at": "2026-11-23T01:00:00+00:00"},
        {**batch([]), "points": None},
        batch([point(START)] * (MOST_POINTS + 1)),
    ],
)
def test_what_is_no_batch_is_refused_with_a_sentence(sqlite_site, body):
    answer = send(consenting(sqlite_site), body)
    assert answer.status_code == 422
    assert answer.json["message"]


def test_points_are_forgotten_after_ninety_days(site):
    worker = later(site, days=2)
    for days in (0, 1):
        at = START + timedelta(days=days)
        send(worker, batch([point(at)], started=at))
    with site.database.transaction() as session:
        assert forget_tracks(session, now=START + KEEP) == 0
    with site.database.transaction() as session:
        assert forget_tracks(session, now=START + KEEP + timedelta(microseconds=1)) == 1
    assert count(site) == 1
    assert count(site, TrackSegment) == 1


SQUARES = cells_within(115.0, 25.0, 115.01, 25.01)
"""The squares of the worker's grid."""


def walk(worker, day, squares):
    """A track of one day with a point in each of the first squares."""
    at = START + timedelta(days=day)
    points = []
    for number, square in enumerate(SQUARES[:squares]):
        west, south, east, north = cell_corners(square)
        place = {"lon": (west + east) / 2, "lat": (south + north) / 2}
        points.append(point(at + timedelta(minutes=number), **place))
    assert send(worker, batch(points, started=at)).json["new"] == squares


def test_the_district_sees_a_coarse_share_of_squares_and_nothing_else(site):
    worker, office = later(site, days=4), site.visitor("district")
    nothing = office.get("/track/coverage?month=2026-11-01").text
    walk(worker, 0, 6)
    walk(worker, 1, 6)
    assert office.get("/track/coverage?month=2026-11-01").text == nothing
    walk(worker, 2, 6)
    shown = office.get("/track/coverage?month=2026-11-01").text
    assert shown != nothing
    main = shown[shown.index("<main") :]
    (share,) = re.findall(r"(\d+)%</td>", main)
    assert int(share) == 100 * 6 // len(SQUARES) // 10 * 10
    assert "试验" not in main
    assert "115.00" not in main
    assert not re.search(r"\d\d:\d\d", main)
    assert office.get("/track/coverage?month=2026-10-01").status_code == 200
    assert "%</td>" not in office.get("/track/coverage?month=2026-10-01").text


def test_few_squares_look_like_none(sqlite_site):
    worker, office = later(sqlite_site, days=4), sqlite_site.visitor("district")
    nothing = office.get("/track/coverage").text
    for day in range(4):
        walk(worker, day, 4)
    strip = "<main"
    now = office.get("/track/coverage").text
    assert now[now.index(strip) :] == nothing[nothing.index(strip) :]


def test_a_deleted_track_leaves_the_coverage_too(sqlite_site):
    worker, office = later(sqlite_site, days=4), sqlite_site.visitor("district")
    for day in range(3):
        walk(worker, day, 8)
    assert "%</td>" in office.get("/track/coverage").text
    worker.post("/track/delete", day="all")
    assert "%</td>" not in office.get("/track/coverage").text


def test_the_strip_of_a_running_track_is_on_the_pages_of_grid_workers_only(sqlite_site):
    assert 'id="track"' in sqlite_site.visitor("worker").get("/today").text
    assert 'id="track"' not in sqlite_site.visitor("district").get("/me").text

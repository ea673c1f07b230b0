from __future__ import annotations

import json
import socket
import threading
from datetime import timedelta

import factories as f
import pytest
from map_service import NOT_FOUND, amap, map_service, tianditu
from sqlalchemy import select

from maps.datum import Datum, from_wgs84
from outreach.domain.geocoding import GeocoderRule, Provider
from outreach.errors import InvalidInput, Refused
from outreach.geocoders.line import MOST_BYTES, Line, LineFailed, public_address
from outreach.geocoders.providers import KeyRefused
from outreach.services.enterprises.geocoding import geocode_unplaced
from outreach.settings import make_settings
from outreach.storage.enterprises import Enterprise
from outreach.storage.positions import GeocodedAddress

KEY = "a-secret-key"
LOST = f.firm(1, code=f.CODES[0], name="迷路有限公司", address="东风镇老菜场18号", employees="40")


def rule(port, **changes):
    known = {"provider": Provider.AMAP, "key": KEY, "test_port": port, "per_second": 50}
    return GeocoderRule(**{**known, **changes})


def make(database, folder, *rows):
    with database.transaction() as session:
        return f.make_district(session, folder / "files", market=rows or [LOST]).id


def ask(database, district_id, rule, **options):
    line = Line(rule, sleep=lambda _seconds: None)
    return geocode_unplaced(
        database, district_id=district_id, rule=rule, now=f.NOW, line=line, **options
    )


def firm(database, name="迷路有限公司"):
    with database.session() as session:
        return session.scalar(select(Enterprise).where(Enterprise.name == name))


def gcj(lon, lat):
    x, y = from_wgs84([lon], [lat], Datum.GCJ02)
    return float(x[0]), float(y[0])


def test_an_answer_of_amap_places_the_firm_in_wgs84_and_stands_after_a_linking(database, tmp_path):
    district_id = make(database, tmp_path)
    with map_service(amap(*gcj(115.015, 25.005))) as service:
        report = ask(database, district_id, rule(service.port))
    assert (report.asked, report.found, report.placed, report.left) == (1, 1, 1, 0)
    row = firm(database)
    assert (row.lon, row.lat) == pytest.approx((115.015, 25.005), abs=1e-5)
    assert (row.position_source, row.position_error_m, row.datum) == ("geocoder", 50, "gcj02")
    assert row.position_as_of == f.TODAY
    with database.transaction() as session:
        f.link_district(
            session,
            district_id=district_id,
            rule=make_settings({}).target,
            now=f.NOW,
            today=f.TODAY,
        )
    assert firm(database).position_source == "geocoder"


def test_an_answer_of_tianditu_is_wgs84(database, tmp_path):
    district_id = make(database, tmp_path)
    with map_service(tianditu(115.015, 25.005)) as service:
        ask(database, district_id, rule(service.port, provider=Provider.TIANDITU))
    path, fields = service.requests[0]
    assert (path, json.loads(fields["ds"][0])) == (
        "/geocoder",
        {"keyWord": "试验区900001东风镇老菜场18号"},
    )
    assert (firm(database).lon, firm(database).datum) == (115.015, "wgs84")


def test_only_the_address_the_code_and_the_key_are_sent(database, tmp_path):
    district_id = make(database, tmp_path)
    with map_service(NOT_FOUND) as service:
        ask(database, district_id, rule(service.port))
    path, fields = service.requests[0]
    assert path == "/v3/geocode/geo"
    assert set(fields) == {"address", "city", "output", "key"}
    assert fields["address"] == ["试验区900001东风镇老菜场18号"]
    sent = str(service.requests) + str(service.agents)
    assert not any(secret in sent for secret in ("迷路", "王小明", f.CODES[0]))


@pytest.mark.parametrize(
    "address",
    ["东风镇老菜场王小明家", "东风镇老菜场(迷路有限公司)", "东风镇老菜场13800138000"],
    ids=["person", "firm", "phone"],
)
def test_an_address_that_tells_of_people_is_not_sent(database, tmp_path, address):
    row = f.firm(1, name="迷路有限公司", address=address, phone="13800138000")
    district_id = make(database, tmp_path, row)
    with map_service(NOT_FOUND) as service:
        report = ask(database, district_id, rule(service.port))
    assert (report.withheld, report.asked, service.requests) == (1, 0, [])


def test_nothing_is_asked_twice_not_even_what_is_unknown(database, tmp_path):
    district_id = make(database, tmp_path)
    with map_service(NOT_FOUND) as service:
        first = ask(database, district_id, rule(service.port))
        again = ask(database, district_id, rule(service.port))
    assert (first.unknown, again.wanted, len(service.requests)) == (1, 0, 1)


def test_without_a_key_nothing_is_sent(database, tmp_path):
    district_id = make(database, tmp_path)
    with map_service(NOT_FOUND) as service:
        with pytest.raises(Refused, match="密钥"):
            ask(database, district_id, rule(service.port, key=""))
        assert service.requests == []


def test_an_answer_outside_the_grids_is_refused_and_not_asked_again(database, tmp_path):
    district_id = make(database, tmp_path)
    with map_service(amap(*gcj(115.5, 25.5))) as service:
        report = ask(database, district_id, rule(service.port))
        assert ask(database, district_id, rule(service.port)).asked == 0
    assert (report.outside, report.placed) == (1, 0)
    assert firm(database).unplaced_reason == "township_only"
    with database.session() as session:
        assert session.scalar(select(GeocodedAddress)).lon is None


@pytest.mark.parametrize(
    "answer",
    [amap(115.015, 25.005, level="乡镇"), amap(115.015, 25.005, level="新的词")],
    ids=["too-wide", "unknown-level"],
)
def test_an_answer_that_is_too_vague_places_nobody(database, tmp_path, answer):
    district_id = make(database, tmp_path)
    with map_service(answer) as service:
        assert ask(database, district_id, rule(service.port)).placed == 0
    assert firm(database).lon is None


def test_an_answer_in_another_district_is_none(database, tmp_path):
    district_id = make(database, tmp_path)
    with map_service(amap(*gcj(115.015, 25.005), adcode="110101")) as service:
        assert ask(database, district_id, rule(service.port)).unknown == 1


def test_the_daily_budget_holds_over_several_runs_and_starts_anew_the_next_day(database, tmp_path):
    rows = [f.firm(n, name=f"第{n}号厂", address=f"东风镇老菜场{n}号") for n in range(3)]
    district_id = make(database, tmp_path, *rows)
    with map_service(NOT_FOUND) as service:
        few = rule(service.port, daily_budget=2)
        first = ask(database, district_id, few)
        again = ask(database, district_id, few)
        assert (first.asked, first.left, again.asked) == (2, 1, 0)
        next_day = geocode_unplaced(
            database,
            district_id=district_id,
            rule=few,
            now=f.NOW + timedelta(days=1),
            line=Line(few, sleep=lambda _seconds: None),
        )
    assert next_day.asked == 1


def test_answers_until_a_failure_are_kept(database, tmp_path):
    rows = [f.firm(n, name=f"第{n}号厂", address=f"东风镇老菜场{n}号") for n in range(3)]
    district_id = make(database, tmp_path, *rows)
    refused = (200, {"status": "0", "infocode": "10003", "info": "DAILY_QUERY_OVER_LIMIT"})
    answers = amap(*gcj(115.015, 25.005)), refused
    with map_service(*answers) as service, pytest.raises(KeyRefused, match="今天的次数用完了"):
        ask(database, district_id, rule(service.port))
    with database.session() as session:
        assert session.query(GeocodedAddress).count() == 1
        placed = session.query(Enterprise).filter(Enterprise.lon.is_not(None)).count()
        assert placed == 1


def question(service, **changes):
    waits = []
    line = Line(rule(service.port, **changes), sleep=waits.append)
    return line, waits


def test_a_busy_service_is_asked_again_with_growing_pauses():
    with map_service((503, b""), (429, b""), (200, {"status": "1"})) as service:
        line, waits = question(service)
        assert line.ask("/x", {}) == {"status": "1"}
    assert len(service.requests) == 3
    assert [wait for wait in waits if wait in {0.5, 1.0}] == [0.5, 1.0]


def test_a_service_that_stays_busy_is_left_after_the_last_try():
    with map_service((503, b"")) as service:
        line, _ = question(service, retries=2)
        with pytest.raises(LineFailed, match="503"):
            line.ask("/x", {})
    assert len(service.requests) == 3


@pytest.mark.parametrize(
    "answer",
    [
        (302, b"", {"Location": "http://127.0.0.1:1/elsewhere"}),
        (301, b"", {"Location": "https://example.com/"}),
        (404, b"{}"),
        (200, b"<html>"),
        (200, b"[1]"),
        (200, b"[" * 100_000),
        (200, b'"' + b"x" * MOST_BYTES + b'"'),
    ],
    ids=["redirect", "redirect-away", "missing", "html", "list", "deep", "huge"],
)
def test_an_answer_that_is_none_is_refused_at_once(answer):
    with map_service(answer) as service:
        line, _ = question(service)
        with pytest.raises(LineFailed):
            line.ask("/x", {})
    assert len(service.requests) == 1


def test_a_service_that_never_answers_is_left_after_the_timeout():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        keep = []
        thread = threading.Thread(target=lambda: keep.append(silent.accept()), daemon=True)
        thread.start()
        line = Line(
            rule(silent.getsockname()[1], timeout_s=0.2, retries=0), sleep=lambda _seconds: None
        )
        with pytest.raises(LineFailed, match="连不上"):
            line.ask("/x", {})
        thread.join(timeout=5)
        for connection, _ in keep:
            connection.close()


def test_questions_keep_their_pace():
    now = [0.0]

    def sleep(seconds):
        now[0] += seconds

    with map_service((200, {})) as service:
        line = Line(rule(service.port, per_second=2), sleep=sleep, clock=lambda: now[0])
        for _ in range(5):
            line.ask("/x", {})
    assert now[0] == pytest.approx(2.0)


@pytest.mark.parametrize(
    "body",
    [
        {"status": "1"},
        {"status": "1", "geocodes": "no"},
        {"status": "0", "infocode": "20000"},
        {"status": "1", "geocodes": [{"location": "x", "level": "门牌号"}]},
        {"status": "1", "geocodes": [{"location": "1,2", "level": "门牌号"}]},
        {"status": "1", "geocodes": [{"location": "nan,nan", "level": "门牌号"}]},
    ],
)
def test_an_answer_of_another_shape_fails_and_never_shows_the_key(database, tmp_path, body):
    district_id = make(database, tmp_path)
    with map_service((200, body)) as service, pytest.raises(LineFailed) as caught:
        ask(database, district_id, rule(service.port))
    assert KEY not in str(caught.value)
    assert KEY not in repr(rule(1))


@pytest.mark.parametrize(
    "found",
    [["10.0.0.8"], ["127.0.0.1"], ["169.254.169.254"], ["::1"], ["1.1.1.1", "192.168.1.1"]],
)
def test_a_host_that_leads_into_a_private_network_is_not_connected(monkeypatch, found):
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in found]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: answers)
    with pytest.raises(LineFailed, match="内部网络"):
        public_address("restapi.amap.com")


def test_a_public_host_is_connected_at_the_address_that_was_looked_at(monkeypatch):
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("1.1.1.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: answers)
    pool = Line(GeocoderRule(key=KEY))._pool()
    assert (pool.scheme, pool.host, pool.port) == ("https", "1.1.1.1", 443)
    assert pool.assert_hostname == "api.tianditu.gov.cn"
    assert pool.cert_reqs == "CERT_REQUIRED"
    pool.close()


def test_the_settings_hold_the_geocoder_and_refuse_what_cannot_be():
    settings = make_settings({"geocoder": {"provider": "amap", "key": "x", "daily_budget": 5}})
    assert (settings.geocoder.provider, settings.geocoder.is_on) == (Provider.AMAP, True)
    assert not make_settings({}).geocoder.is_on
    for wrong in (
        {"provider": "google"},
        {"per_second": 0},
        {"per_second": 51},
        {"daily_budget": -1},
        {"timeout_s": 61},
        {"retries": 6},
        {"test_port": 70_000},
        {"url": "http://x"},
    ):
        with pytest.raises(InvalidInput):
            make_settings({"geocoder": wrong})
    with pytest.raises(InvalidInput):
        make_settings({"phone_datum": "bd09"})

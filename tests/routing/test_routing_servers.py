"""A real HTTP server of the test's own speaks as OSRM, Valhalla and openrouteservice do."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from routing import (
    Engine,
    InvalidPoints,
    InvalidServer,
    Mode,
    RoadServer,
    ServerFailed,
    TooFarFromRoads,
    TravelKind,
    straight_line,
)
from routing import servers as module

POINTS = np.array([[114.90, 25.80], [114.95, 25.82], [115.00, 25.90], [115.02, 25.70]])


def seconds_between(a, b):
    """One-way streets: the way east takes longer than the way west."""
    return round(10_000 * (abs(b[0] - a[0]) + abs(b[1] - a[1])) + 500 * max(0, b[0] - a[0]), 1)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self._answer(None)

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        self._answer(json.loads(self.rfile.read(length)))

    def log_message(self, *_):
        pass

    def _answer(self, body):
        told = self.server
        told.asked.append((self.path, body, dict(self.headers)))
        if told.failures:
            status, content = told.failures.pop(0)
        else:
            status, content = 200, told.speak(self.path, body)
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        if status == 302:
            self.send_header("Location", told.elsewhere)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)


def as_osrm(path, _body):
    parts = urlsplit(path)
    asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
    service, _, _, places = parts.path.strip("/").split("/")
    points = [tuple(map(float, pair.split(","))) for pair in places.split(";")]
    if service == "route":
        assert asked["geometries"] == "geojson"
        middle = [points[0][0], points[1][1]]
        line = {"type": "LineString", "coordinates": [list(points[0]), middle, list(points[1])]}
        route = {"geometry": line, "duration": 600.4, "distance": 8000.0}
        return {"code": "Ok", "routes": [route]}
    sources = [points[int(i)] for i in asked["sources"].split(";")]
    targets = [points[int(i)] for i in asked["destinations"].split(";")]
    durations = [[seconds_between(a, b) for b in targets] for a in sources]
    distances = [[8 * each for each in row] for row in durations]
    return {"code": "Ok", "durations": durations, "distances": distances}


def encoded(places):
    """The places as a polyline of six decimals, latitude first, as Valhalla writes shapes."""
    text, before = "", (0, 0)
    for place in places:
        now = tuple(round(value * 1e6) for value in place)
        for value in (now[0] - before[0], now[1] - before[1]):
            rest = ~(value << 1) if value < 0 else value << 1
            while rest >= 0x20:
                text += chr((0x20 | (rest & 0x1F)) + 63)
                rest >>= 5
            text += chr(rest + 63)
        before = now
    return text


def as_valhalla(path, body):
    if path == "/route":
        ends = [(each["lat"], each["lon"]) for each in body["locations"]]
        leg = {"shape": encoded(ends), "summary": {}}
        leg["summary"] = {"time": 700.0, "length": 9.5}
        return {"trip": {"legs": [leg]}}
    assert path == "/sources_to_targets"
    sources = [(each["lon"], each["lat"]) for each in body["sources"]]
    targets = [(each["lon"], each["lat"]) for each in body["targets"]]
    answer = [
        [{"time": seconds_between(a, b), "distance": seconds_between(a, b) / 125} for b in targets]
        for a in sources
    ]
    return {"sources_to_targets": answer}


def as_ors(path, body):
    if path.startswith("/v2/directions/"):
        summary = {"duration": 601.0, "distance": 8001.0}
        line = {"coordinates": body["coordinates"]}
        return {"features": [{"geometry": line, "properties": {"summary": summary}}]}
    assert body["metrics"] == ["duration", "distance"]
    points = body["locations"]
    sources = [points[i] for i in body["sources"]]
    targets = [points[i] for i in body["destinations"]]
    durations = [[seconds_between(a, b) for b in targets] for a in sources]
    return {"durations": durations, "distances": [[8 * x for x in row] for row in durations]}


@pytest.fixture
def told(monkeypatch):
    monkeypatch.setattr(module, "PAUSE_S", 0.01)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.failures, server.speak = [], [], as_osrm
    server.url = f"http://127.0.0.1:{server.server_port}"
    server.elsewhere = f"http://localhost:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def make_server(told, engine=Engine.OSRM, **changes):
    options = {"base_url": told.url, "allowed_hosts": frozenset({"127.0.0.1"}), "timeout_s": 5}
    return RoadServer(engine=engine, **(options | changes))


def expected_seconds():
    found = [[seconds_between(a, b) for b in POINTS] for a in POINTS]
    return np.ceil(np.array(found)).astype(np.int64)


@pytest.mark.parametrize(
    ("engine", "speak", "profile"),
    [
        (Engine.OSRM, as_osrm, "driving"),
        (Engine.VALHALLA, as_valhalla, "auto"),
        (Engine.OPENROUTESERVICE, as_ors, "driving-car"),
    ],
)
@pytest.mark.parametrize("block", [50, 3, 1])
def test_a_matrix_is_what_the_server_answers_and_says_so(told, engine, speak, profile, block):
    told.speak = speak
    server = make_server(told, engine, block=block)
    travel = server.matrix(POINTS, Mode.CAR)
    assert travel.seconds.tolist() == expected_seconds().tolist()
    assert travel.kind is TravelKind.SERVER
    assert travel.source == f"{engine} {told.url} {profile}"
    assert not travel.kind.is_estimate
    assert travel.metres[0, 1] > travel.seconds[0, 1]
    assert len(told.asked) == (-(-4 // block)) ** 2


@pytest.mark.parametrize(
    ("engine", "speak", "seconds"),
    [(Engine.OSRM, as_osrm, 600), (Engine.OPENROUTESERVICE, as_ors, 601)],
)
def test_a_way_has_its_shape_between_the_points_asked_for(told, engine, speak, seconds):
    told.speak = speak
    path = make_server(told, engine).path((114.9, 25.8), (115.0, 25.9), Mode.CAR)
    assert path.seconds == seconds
    assert path.lonlat[0].tolist() == [114.9, 25.8]
    assert path.lonlat[-1].tolist() == [115.0, 25.9]


def test_valhallas_shapes_are_decoded(told):
    told.speak = as_valhalla
    path = make_server(told, Engine.VALHALLA).path((114.9, 25.8), (115.0, 25.9), Mode.WALKING)
    assert (path.seconds, path.metres) == (700, 9500)
    assert path.lonlat.tolist() == [[114.9, 25.8]] * 2 + [[115.0, 25.9]] * 2
    assert told.asked[0][1]["costing"] == "pedestrian"


def test_no_points_need_no_server(told):
    assert make_server(told).matrix(np.zeros((0, 2)), Mode.CAR).seconds.shape == (0, 0)
    assert told.asked == []


@pytest.mark.parametrize(
    "base_url",
    [
        "http://127.0.0.2:5000",
        "http://127.0.0.1.evil.example",
        "http://evil.example/127.0.0.1",
        "http://osrm.example.evil.example",
        "ftp://127.0.0.1",
        "127.0.0.1:5000",
        "http://127.0.0.1@evil.example",
        "http://user:word@127.0.0.1",
        "http://127.0.0.1/?to=http://evil.example",
        "http://[half",
        "",
    ],
)
def test_a_host_that_is_not_allowed_is_never_asked(base_url):
    with pytest.raises(InvalidServer):
        RoadServer(
            engine=Engine.OSRM,
            base_url=base_url,
            allowed_hosts=frozenset({"127.0.0.1", "osrm.example"}),
        )


def test_hosts_are_compared_without_case():
    RoadServer(
        engine=Engine.OSRM,
        base_url="http://OSRM.example:5000/",
        allowed_hosts=frozenset({"osrm.EXAMPLE"}),
    )


def test_an_allowed_host_cannot_send_elsewhere(told):
    told.failures = [(302, {})] * 9
    with pytest.raises(ServerFailed, match="refused"):
        make_server(told).matrix(POINTS, Mode.CAR)
    assert len(told.asked) == 1


def test_a_server_that_is_busy_is_asked_again(told):
    told.failures = [(503, {}), (500, {"message": "busy"})]
    assert make_server(told).matrix(POINTS, Mode.CAR).seconds[0, 1] > 0
    assert len(told.asked) == 3


def test_retries_end(told):
    told.failures = [(503, {})] * 9
    with pytest.raises(ServerFailed, match="did not answer in 2 tries"):
        make_server(told, retries=1).matrix(POINTS, Mode.CAR)
    assert len(told.asked) == 2


def test_a_refusal_is_not_asked_again(told):
    told.failures = [(400, {"code": "TooBig", "message": "Too many table coordinates"})] * 3
    with pytest.raises(ServerFailed, match="Too many table coordinates"):
        make_server(told).matrix(POINTS, Mode.CAR)
    assert len(told.asked) == 1


def test_a_server_that_is_not_there_is_named(told):
    server = make_server(told, base_url="http://127.0.0.1:9", retries=0)
    with pytest.raises(ServerFailed, match="osrm at http://127.0.0.1:9 did not answer in 1 tries"):
        server.matrix(POINTS, Mode.CAR)


def test_a_server_that_keeps_silent_runs_into_the_timeout(told):
    waited = threading.Event()
    told.speak = lambda *_: waited.wait(2) and {}
    with pytest.raises(ServerFailed, match="did not answer"):
        make_server(told, timeout_s=0.1, retries=0).matrix(POINTS, Mode.CAR)
    waited.set()


def test_another_source_is_taken_only_where_it_is_named(told):
    told.failures = [(400, {})] * 2
    with pytest.raises(ServerFailed):
        make_server(told).matrix(POINTS, Mode.CAR)
    travel = make_server(told).matrix(
        POINTS,
        Mode.CAR,
        fallback=lambda points: straight_line(points, speed_kmh=15, detour_factor=1.4),
    )
    assert travel.kind is TravelKind.STRAIGHT_LINE
    assert travel.source is None


@pytest.mark.parametrize(
    "durations",
    [
        None,
        [[1.0]],
        [[0, 1, 2, 3]] * 3,
        [[0, 1], [2]],
        [["a"] * 4] * 4,
        [[-1.0] * 4] * 4,
        [[float("inf")] * 4] * 4,
    ],
)
def test_a_matrix_of_another_size_or_of_nonsense_is_refused(told, durations):
    told.speak = lambda path, body: as_osrm(path, body) | {"durations": durations}
    with pytest.raises(ServerFailed, match="durations"):
        make_server(told).matrix(POINTS, Mode.CAR)


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_points_without_a_way_are_named_by_their_rows(told, missing):
    def speak(path, body):
        answer = as_osrm(path, body)
        answer["durations"][0][1] = missing
        return answer

    told.speak = speak
    with pytest.raises(TooFarFromRoads, match=r"from points_lonlat\[0\] to points_lonlat\[1\]"):
        make_server(told).matrix(POINTS, Mode.CAR)


@pytest.mark.parametrize("content", [b"<html>", {}, [], {"routes": []}, {"routes": [{}]}])
def test_an_answer_that_is_no_way_is_refused(told, content):
    told.speak = lambda *_: content
    with pytest.raises(ServerFailed):
        make_server(told, retries=0).path((114.9, 25.8), (115.0, 25.9), Mode.CAR)


def test_a_mode_without_a_profile_is_refused(told):
    with pytest.raises(InvalidServer, match="no profile for e_bike"):
        make_server(told).matrix(POINTS, Mode.E_BIKE)
    named = make_server(told, profiles={Mode.E_BIKE: "bike"})
    named.matrix(POINTS, Mode.E_BIKE)
    assert told.asked[0][0].startswith("/table/v1/bike/")


def test_points_out_of_range_are_refused_before_anybody_is_asked(told):
    with pytest.raises(InvalidPoints):
        make_server(told).matrix(np.array([[25.8, 114.9]]), Mode.CAR)
    assert told.asked == []


def test_the_key_is_sent_and_never_shown(told):
    told.speak = as_ors
    server = make_server(told, Engine.OPENROUTESERVICE, api_key="word")
    server.matrix(POINTS[:2], Mode.CAR)
    assert told.asked[0][2]["Authorization"] == "word"
    assert "word" not in repr(server)


@pytest.mark.parametrize("limits", [{"timeout_s": 0}, {"retries": -1}, {"block": 0}])
def test_limits_out_of_range_are_refused(told, limits):
    with pytest.raises(InvalidServer):
        make_server(told, **limits)

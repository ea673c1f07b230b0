"""A road server of the tests' own that speaks as OSRM does: ten seconds for each hundred metres."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        parts = urlsplit(self.path)
        asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
        service, _, _, places = parts.path.strip("/").split("/")
        self.server.asked.append(service)
        points = [tuple(map(float, pair.split(","))) for pair in places.split(";")]
        if service == "route":
            corner = [points[0][0], points[1][1]]
            line = [list(points[0]), corner, list(points[1])]
            seconds = _seconds(*points)
            route = {
                "geometry": {"type": "LineString", "coordinates": line},
                "duration": seconds,
                "distance": 10 * seconds,
            }
            answer = {"code": "Ok", "routes": [route]}
        else:
            sources, ends = (
                [points[int(i)] for i in asked[name].split(";")]
                for name in ("sources", "destinations")
            )
            durations = [[_seconds(a, b) for b in ends] for a in sources]
            distances = [[10 * each for each in row] for row in durations]
            answer = {"code": "Ok", "durations": durations, "distances": distances}
        raw = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)


def _seconds(a, b):
    return round(10_000 * (abs(b[0] - a[0]) + abs(b[1] - a[1])))


@contextmanager
def osrm_server():
    """Serve; `asked` of the server lists the services that were asked for."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)

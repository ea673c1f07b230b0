"""A map service on this machine: answers as Amap and Tianditu do, and notes what it was sent."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class MapService:
    """`answers` are given in order, the last one for ever; each is a status and a body."""

    def __init__(self, answers):
        self.answers = list(answers)
        self.requests = []
        self.agents = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                parts = urlsplit(self.path)
                service.requests.append((parts.path, parse_qs(parts.query)))
                service.agents.append(dict(self.headers))
                status, body, headers = service.next_answer()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]

    def next_answer(self):
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        status, body, *headers = answer
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return status, content, headers[0] if headers else {}


@contextmanager
def map_service(*answers):
    service = MapService(answers)
    thread = threading.Thread(target=service.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        service.server.shutdown()
        service.server.server_close()
        thread.join(timeout=5)


def amap(lon, lat, *, level="门牌号", adcode="900001"):
    """An answer as Amap gives it, degrees in GCJ-02."""
    place = {"location": f"{lon:.6f},{lat:.6f}", "level": level, "adcode": adcode}
    return 200, {"status": "1", "infocode": "10000", "count": "1", "geocodes": [place]}


def tianditu(lon, lat, *, level="地名地址"):
    """An answer as Tianditu gives it."""
    place = {"lon": lon, "lat": lat, "level": level, "score": 90}
    return 200, {"status": "0", "msg": "ok", "location": place}


NOT_FOUND = (200, {"status": "1", "infocode": "10000", "count": "0", "geocodes": []})

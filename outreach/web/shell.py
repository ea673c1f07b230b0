"""What lets the phone page live without a network: service worker and home-screen manifest."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from flask import Blueprint, current_app, jsonify, render_template, url_for

from outreach.web import texts
from outreach.web.security import public

if TYPE_CHECKING:
    from flask import Response
    from flask.typing import ResponseReturnValue

pages = Blueprint("shell", __name__)

FILES = (
    "tokens.css",
    "phone.css",
    "day.css",
    "vendor/idb-8.0.4/idb.js",
    "phone/store.js",
    "phone/queue.js",
    "phone/status.js",
    "phone/pages.js",
    "phone/change.js",
    "phone/photos.js",
    "phone/checks.js",
    "phone/form.js",
    "track.js",
    "today.js",
    "day.js",
    "route_map.js",
    "icon.svg",
)
"""What the route page and the form for a found firm load, kept on the phone."""

MAP_FILES = ("leaflet-1.9.4/leaflet.css", "leaflet-1.9.4/leaflet.js")
"""What its map loads beside them; the name carries the version."""


@pages.get("/sw.js")
@public
def service_worker() -> ResponseReturnValue:
    """Give the service worker; its text changes with every file that it keeps."""
    addresses = [
        *(texts.static_file(name) for name in FILES),
        *(url_for("assets.map_asset", name=name) for name in MAP_FILES),
    ]
    version = hashlib.sha256("\n".join(addresses).encode()).hexdigest()[:12]
    script = render_template("shell/sw.js", version=version, addresses=addresses)
    answer: Response = current_app.response_class(script, mimetype="text/javascript")
    answer.headers["Service-Worker-Allowed"] = "/"
    return answer


@pages.get("/manifest.webmanifest")
@public
def manifest() -> ResponseReturnValue:
    """Give what a phone needs to put the route page on its home screen."""
    answer = jsonify(
        name=texts.text("工会走访"),
        short_name=texts.text("走访"),
        start_url=url_for("routes.today"),
        scope="/",
        display="standalone",
        background_color="#ffffff",
        theme_color="#b3001b",
        lang="zh-CN",
        icons=[{"src": texts.static_file("icon.svg"), "sizes": "any", "type": "image/svg+xml"}],
    )
    answer.mimetype = "application/manifest+json"
    return answer

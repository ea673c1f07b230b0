"""The made-up district's roads as a road file, so that its plans follow them."""

from __future__ import annotations

import json
from datetime import date
from importlib.util import find_spec
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from maps.datum import Datum, to_wgs84
from outreach.services.planning.road_files import keep_road_file
from outreach.services.progress import OnProgress, silent

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from outreach.services.planning.road_files import RoadReport
    from outreach.storage.districts import District

ROADS_ON = date(2026, 11, 1)
"""The day that the made-up roads are said to be of; that of the made-up registers."""


def receive_roads(
    session: Session,
    drawn: Path,
    *,
    district: District,
    now: datetime,
    on_progress: OnProgress = silent,
) -> RoadReport | None:
    """Keep the roads that were drawn (GeoJSON, GCJ-02) as the district's road file.

    None where what reads road files is not installed: the demo then travels straight.
    """
    path = drawn.with_suffix(".osm")
    write_osm(path, drawn)
    if find_spec("osmium") is None:
        return None
    return keep_road_file(
        session, path, district=district, now=now, day=ROADS_ON, on_progress=on_progress
    )


def write_osm(path: Path, drawn: Path) -> None:
    """Write drawn roads as OpenStreetMap XML in WGS-84; roads that share a point meet there."""
    collection = json.loads(drawn.read_text(encoding="utf-8"))
    numbers: dict[tuple[float, float], int] = {}
    ways: list[str] = []
    for number, feature in enumerate(collection["features"], start=1):
        points = [tuple(pair) for pair in feature["geometry"]["coordinates"]]
        nodes = [numbers.setdefault(point, len(numbers) + 1) for point in points]
        members = "".join(f'<nd ref="{node}"/>' for node in nodes)
        road = quoteattr(feature["properties"]["class"])
        tag = f'<tag k="highway" v={road}/>'
        ways.append(f'<way id="{number}" version="1">{members}{tag}</way>')
    lon, lat = to_wgs84([p[0] for p in numbers], [p[1] for p in numbers], Datum.GCJ02)
    places = [
        f'<node id="{number}" version="1" lat="{y:.6f}" lon="{x:.6f}"/>'
        for number, x, y in zip(numbers.values(), lon, lat, strict=True)
    ]
    whole = ['<osm version="0.6">', *places, *ways, "</osm>", ""]
    path.write_text("\n".join(whole), encoding="utf-8")

"""Drawn maps and packed firms, kept in memory until the data they show changes."""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

from flask import current_app

from maps.assets import Assets
from outreach.services.desk import map_points
from outreach.services.desk.data_versions import data_version
from outreach.services.desk.grid_months import months_version
from outreach.services.desk.map_drawing import Drawing, draw_map
from outreach.web import current
from outreach.web.base_maps import base_map

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from outreach.services.desk.maps import MapFilter

MOST_KEPT = 32
"""Drawn maps in memory; each is some hundred kilobytes."""

Kept = TypeVar("Kept")


class KeptAnswers(Generic[Kept]):
    """The newest answers by what they show; safe for a server with threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """Return a kept answer, or make it; the one that was asked for longest ago goes."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Packed firms, compressed, with a digest of what is in it."""

    compressed: bytes
    digest: str


def drawn_map(wanted: MapFilter) -> str:
    """Draw a map, or give the one that was drawn from the same data on the same day."""
    session, principal = current.session(), current.principal()
    # Rights come first: this refuses who does not see the district.
    version = data_version(session, principal)
    months = months_version(session, principal.district_id)
    key = (principal.district_id, wanted, current.language(), current.today(), version, months)
    kept: KeptAnswers[str] = current_app.extensions.setdefault(
        "outreach.drawn_maps", KeptAnswers[str]()
    )
    drawing = Drawing(
        language=current.language(),
        assets=Assets.linked("/assets"),
        base=base_map(),
        is_live=True,
    )
    today = current.today()
    return kept.get(key, lambda: draw_map(session, principal, wanted, today=today, drawing=drawing))


def packed_firms(wanted: MapFilter) -> Block:
    """Pack the firms of a map, or give what was packed from the same data on the same day."""
    session, principal = current.session(), current.principal()
    version = data_version(session, principal)
    today = current.today()
    key = (principal.district_id, wanted.township, wanted.counted_standing, today, version)
    kept: KeptAnswers[Block] = current_app.extensions.setdefault(
        "outreach.packed_firms", KeptAnswers[Block]()
    )

    def pack() -> Block:
        block = map_points.pack_firms(session, principal, wanted, today=today)
        # Level 1: a local network is faster than a slow processor.
        return Block(
            compressed=gzip.compress(block, 1, mtime=0),
            digest=hashlib.sha256(block).hexdigest()[:32],
        )

    return kept.get(key, pack)

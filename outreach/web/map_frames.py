"""Drawn maps, kept in memory until the data they show changes."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

from flask import current_app

from maps.assets import Assets
from outreach.services import maps
from outreach.services.data_versions import data_version
from outreach.web import current

if TYPE_CHECKING:
    from collections.abc import Hashable

    from outreach.services.maps import MapFilter

MOST_KEPT = 32
"""Drawn maps in memory; each is some hundred kilobytes."""


class DrawnMaps:
    """The newest drawn maps by what they show; safe for a server with threads."""

    def __init__(self) -> None:
        self._pages: OrderedDict[Hashable, str] = OrderedDict()
        self._lock = Lock()

    def find(self, key: Hashable) -> str | None:
        """Return a kept map, or `None`."""
        with self._lock:
            if key in self._pages:
                self._pages.move_to_end(key)
            return self._pages.get(key)

    def keep(self, key: Hashable, page: str) -> None:
        """Keep a map and let the one go that was asked for longest ago."""
        with self._lock:
            self._pages[key] = page
            while len(self._pages) > MOST_KEPT:
                self._pages.popitem(last=False)


def drawn_map(wanted: MapFilter) -> str:
    """Draw a map, or give the one that was drawn from the same data on the same day."""
    session, principal = current.session(), current.principal()
    version = data_version(session, principal)
    key = (principal.district_id, wanted, current.language(), current.today(), version)
    kept: DrawnMaps = current_app.extensions.setdefault("outreach.drawn_maps", DrawnMaps())
    page = kept.find(key)
    if page is None:
        page = maps.draw_map(
            session,
            principal,
            wanted,
            today=current.today(),
            language=current.language(),
            assets=Assets.linked("/assets"),
        )
        kept.keep(key, page)
    return page

"""Which map of roads lies below the district's own map: none, unless an office configures one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

TIANDITU_SERVERS = "01234567"

_KEY = re.compile(r"[A-Za-z0-9]{8,64}")
_TILES = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d+)?/[A-Za-z0-9_./{}=&?%:+~-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseMapRule:
    """The first of these that is set is used; without any nothing leaves the machine.

    tianditu_key : the office's own key at Tianditu; each reader's browser then asks
        t0 to t7.tianditu.gov.cn for pictures of the places that she looks at, and sends the key.
    tiles : address of a tile server in the office's own network, with {z}, {x} and {y}; its places
        must be WGS-84 or CGCS2000.
    pmtiles : name of a PMTiles file with pictures (PNG, JPEG or WebP) in the instance folder.
    """

    tianditu_key: str = ""
    tiles: str = ""
    pmtiles: str = ""

    def __post_init__(self) -> None:
        if self.tianditu_key and not _KEY.fullmatch(self.tianditu_key):
            raise ValueError("base_map.tianditu_key: letters and digits only")
        if self.tiles:
            wanted = all(part in self.tiles for part in ("{z}", "{x}", "{y}"))
            if not wanted or not _TILES.fullmatch(self.tiles):
                raise ValueError(
                    f"base_map.tiles = {self.tiles}: https://host/path with {{z}}, {{x}} and {{y}}"
                )
        if "/" in self.pmtiles or "\\" in self.pmtiles or self.pmtiles.startswith("."):
            raise ValueError(f"base_map.pmtiles = {self.pmtiles}: a file name without a folder")

    @property
    def host(self) -> str:
        """The origin of the configured tile server."""
        parts = urlsplit(self.tiles)
        return f"{parts.scheme}://{parts.netloc}"

"""A map of roads and places below the grids, if one was configured; none is the default.

Only the configured host is named in the page's policy, so that nothing else can be asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from maps.errors import ForeignAssetError

_TEMPLATE = re.compile(r"(?:https?://[A-Za-z0-9.{}-]+(?::\d+)?)?/[A-Za-z0-9_./{}=&?%:+~-]*")
"""An address or a path of the same host. No blank, quote or semicolon: it goes into the policy."""

_HOST = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d+)?|'self'")


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseMap:
    """Tiles in Web Mercator whose places are WGS-84 (or CGCS2000, which is the same here).

    template : address with {z}, {x}, {y}, and {s} where there are several servers.
    hosts : every host that the page may then ask, for example https://t0.tianditu.gov.cn.
    labels : a second address with the names of places, or empty.
    servers : what {s} stands for, one character each.
    """

    template: str
    hosts: tuple[str, ...]
    labels: str = ""
    servers: str = ""

    def __post_init__(self) -> None:
        for address in (self.template, self.labels):
            if address and not _TEMPLATE.fullmatch(address):
                message = f"The tile address {address!r} is not of the form https://host/path."
                raise ForeignAssetError(message)
        if not all(part in self.template for part in ("{z}", "{x}", "{y}")):
            message = f"The tile address {self.template!r} lacks {{z}}, {{x}} or {{y}}."
            raise ForeignAssetError(message)
        for host in self.hosts:
            if not _HOST.fullmatch(host):
                message = f"{host!r} is not a host such as https://tiles.example."
                raise ForeignAssetError(message)

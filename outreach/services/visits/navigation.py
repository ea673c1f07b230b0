"""Links that hand a stop of the route to a navigation app."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True, kw_only=True)
class NavigationLinks:
    """Links that hand a stop to a navigation app; each has its own datum and axis order."""

    amap: str
    baidu: str
    tencent: str
    apple: str


def navigation_links(name: str, lon: float, lat: float) -> NavigationLinks:
    """Make the links for a WGS-84 point.

    All apps take GCJ-02; Amap writes longitude first, the others latitude first.
    """
    from maps.datum import Datum, from_wgs84  # lazy: start-up time

    x, y = from_wgs84([lon], [lat], Datum.GCJ02)
    lon_gcj, lat_gcj = f"{float(x[0]):.6f}", f"{float(y[0]):.6f}"
    # Amap splits what it is told at commas.
    title = quote(name.replace(",", "，"), safe="")
    return NavigationLinks(
        amap=f"https://uri.amap.com/navigation?to={lon_gcj},{lat_gcj},{title}&mode=ride&src=outreach&callnative=1",
        baidu=(
            f"https://api.map.baidu.com/direction?destination=latlng:{lat_gcj},{lon_gcj}%7Cname:{title}"
            "&mode=riding&coord_type=gcj02&output=html&src=outreach"
        ),
        tencent=f"https://apis.map.qq.com/uri/v1/routeplan?type=drive&to={title}&tocoord={lat_gcj},{lon_gcj}&referer=outreach",
        apple=f"https://maps.apple.com/?daddr={lat_gcj},{lon_gcj}&dirflg=d",
    )

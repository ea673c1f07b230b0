"""How Amap and Tianditu are asked for an address, and how far their answers are believed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from outreach.domain.geocoding import Answer, Provider
from outreach.geocoders.levels import LEVEL_ERROR_M
from outreach.geocoders.line import Line, LineFailed

if TYPE_CHECKING:
    from outreach.domain.geocoding import GeocoderRule

LONGEST_LEVEL = 40
_REFUSED = {
    "10001": "密钥不对",
    "10003": "今天的次数用完了",
    "10009": "密钥不是 Web 服务类型",
    "10044": "今天的次数用完了",
}
"""Codes of Amap that no further question would change."""


class KeyRefused(LineFailed):
    """The provider takes no more questions with this key today, or never."""

    code = "E503"


def find_address(line: Line, rule: GeocoderRule, address: str, *, adcode: str) -> Answer | None:
    """Ask for an address; `None` when the provider knows no place for it.

    Only the address and the district's code are sent.

    Raises
    ------
    LineFailed
        When the answer has not the shape that the provider promises.
    KeyRefused
        When asking on is of no use.
    """
    if rule.provider is Provider.AMAP:
        return _ask_amap(line, rule.key, address, adcode)
    return _ask_tianditu(line, rule.key, address)


def _ask_amap(line: Line, key: str, address: str, adcode: str) -> Answer | None:
    said = line.ask(
        "/v3/geocode/geo", {"address": address, "city": adcode, "output": "JSON", "key": key}
    )
    if said.get("status") != "1":
        code = str(said.get("infocode", ""))[:8]
        if code in _REFUSED:
            raise KeyRefused("高德不再回答:{reason}", reason=_REFUSED[code])
        if code.startswith("3"):
            return None
        raise LineFailed("高德的回答不能用(代码 {code})", code=code or "—")
    found = said.get("geocodes")
    if not isinstance(found, list):
        raise LineFailed("高德的回答不能用(代码 {code})", code="geocodes")
    best = next((one for one in found if isinstance(one, dict)), None)
    if best is None or not _is_here(best.get("adcode"), adcode):
        return None
    lon, _, lat = str(best.get("location", "")).partition(",")
    return _answer(lon, lat, best.get("level"))


def _is_here(said: object, adcode: str) -> bool:
    """A place in another district is no answer; no adcode leaves it to the grids."""
    return not isinstance(said, str) or not said or said == adcode


def _ask_tianditu(line: Line, key: str, address: str) -> Answer | None:
    question = json.dumps({"keyWord": address}, ensure_ascii=False)
    said = line.ask("/geocoder", {"ds": question, "tk": key})
    status = str(said.get("status", ""))
    if status in {"404", "101"}:
        return None
    if status in {"301001", "301002", "301003", "1", "401", "403"}:
        raise KeyRefused("天地图不再回答(代码 {code})", code=status)
    place = said.get("location")
    if status != "0" or not isinstance(place, dict):
        raise LineFailed("天地图的回答不能用(代码 {code})", code=status[:8] or "—")
    return _answer(place.get("lon"), place.get("lat"), place.get("level"))


def _answer(lon: Any, lat: Any, level: Any) -> Answer | None:  # noqa: ANN401  (received)
    name = level[:LONGEST_LEVEL] if isinstance(level, str) else ""
    if name not in LEVEL_ERROR_M:
        return None
    try:
        x, y = float(lon), float(lat)
    except (TypeError, ValueError) as error:
        raise LineFailed("地图服务给的坐标不能用") from error
    if not (73 <= x <= 136 and 3 <= y <= 54):  # noqa: PLR2004 degrees of China
        raise LineFailed("地图服务给的坐标不能用")
    return Answer(lon=x, lat=y, level=name, error_m=LEVEL_ERROR_M[name])

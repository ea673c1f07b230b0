"""Which online geocoder may be asked, how often, and how exact an answer is."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

TEST_HOST = "127.0.0.1"


class Provider(StrEnum):
    """A map service that finds addresses."""

    AMAP = "amap"
    TIANDITU = "tianditu"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {"amap": "高德", "tianditu": "天地图"}[self.value]

    @property
    def host(self) -> str:
        """The only host that is asked."""
        return {"amap": "restapi.amap.com", "tianditu": "api.tianditu.gov.cn"}[self.value]

    @property
    def datum(self) -> str:
        """What its degrees refer to; CGCS2000 equals WGS-84 to centimetres."""
        return {"amap": "gcj02", "tianditu": "wgs84"}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class GeocoderRule:
    """Settings `[geocoder]`; without a key nothing is ever asked.

    provider : amap or tianditu.
    key : the key of the account; it is never written to a log or a page.
    per_second : questions a second, 0.1-50.
    daily_budget : questions a day, negative answers included, 0-1,000,000.
    timeout_s : seconds to wait for one answer, 0.1-60.
    retries : how often a question is asked again after a failure of the line, 0-5.
    test_port : for tests only: ask this machine's own port instead of the provider, without TLS.
    """

    provider: Provider = Provider.TIANDITU
    key: str = field(default="", repr=False)
    per_second: float = 2.0
    daily_budget: int = 3000
    timeout_s: float = 8.0
    retries: int = 3
    test_port: int = 0

    def __post_init__(self) -> None:
        if not 0.1 <= self.per_second <= 50:  # noqa: PLR2004
            raise ValueError(f"geocoder.per_second = {self.per_second}: must lie in 0.1..50")
        if not 0 <= self.daily_budget <= 1_000_000:  # noqa: PLR2004
            raise ValueError(f"geocoder.daily_budget = {self.daily_budget}: 0..1000000")
        if not 0.1 <= self.timeout_s <= 60:  # noqa: PLR2004
            raise ValueError(f"geocoder.timeout_s = {self.timeout_s}: must lie in 0.1..60")
        if not 0 <= self.retries <= 5:  # noqa: PLR2004
            raise ValueError(f"geocoder.retries = {self.retries}: must lie in 0..5")
        if not 0 <= self.test_port <= 65_535:  # noqa: PLR2004
            raise ValueError(f"geocoder.test_port = {self.test_port}: must lie in 0..65535")

    @property
    def is_on(self) -> bool:
        """Whether anything may be asked at all."""
        return bool(self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a provider said of an address: degrees in its datum, its level, the error radius."""

    lon: float
    lat: float
    level: str
    error_m: float

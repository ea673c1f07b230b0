"""A line to one host and no other: TLS, no redirects, no private addresses, slow and bounded."""

from __future__ import annotations

import ipaddress
import json
import socket
import time
from typing import TYPE_CHECKING, Any

from outreach.domain.geocoding import TEST_HOST
from outreach.errors import OutreachError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from outreach.domain.geocoding import GeocoderRule

MOST_BYTES = 200_000
"""An answer about one address has a few hundred bytes; more is no answer."""

BUSY = frozenset({429, 500, 502, 503, 504})
FIRST_WAIT_S = 0.5
HTTPS = 443


class LineFailed(OutreachError, RuntimeError):
    """The map service could not be asked, or did not answer as it should."""

    code = "E502"


class Line:
    """Asks one provider's host; every answer is bounded in size and time, and parsed as JSON.

    The host's name is looked up once for each question, only public addresses are taken, and the
    connection goes to the address that was looked at, so that a name that changes its address in
    between leads nowhere else.

    Parameters
    ----------
    rule : the provider, how fast, how patient.
    sleep, clock : how to wait, and seconds that only grow; tests pass their own.
    """

    def __init__(
        self,
        rule: GeocoderRule,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rule, self._sleep, self._clock = rule, sleep, clock
        self._next = 0.0

    def ask(self, path: str, fields: Mapping[str, str]) -> dict[str, Any]:
        """Ask for a path with fields; returns the JSON object that was answered.

        Raises
        ------
        LineFailed
            After the last try; the message never holds the key.
        """
        failure = LineFailed("地图服务没有回答,请稍后再试")
        for number in range(self._rule.retries + 1):
            if number:
                self._sleep(FIRST_WAIT_S * 2 ** (number - 1))
            self._keep_pace()
            try:
                return self._ask_once(path, fields)
            except _Busy as busy:
                failure = busy
        raise failure

    def _keep_pace(self) -> None:
        wait = self._next - self._clock()
        if wait > 0:
            self._sleep(wait)
        self._next = max(self._clock(), self._next) + 1 / self._rule.per_second

    def _ask_once(self, path: str, fields: Mapping[str, str]) -> dict[str, Any]:
        from urllib3.exceptions import HTTPError  # lazy: start-up time

        pool = self._pool()
        try:
            answer = pool.request(
                "GET",
                path,
                fields=dict(fields),
                headers={"Host": self._rule.provider.host, "Accept": "application/json"},
                redirect=False,
                retries=False,
                preload_content=False,
            )
            body = answer.read(MOST_BYTES + 1, decode_content=True)
        except (HTTPError, OSError) as error:
            raise _Busy("地图服务连不上:{reason}", reason=type(error).__name__) from None
        finally:
            pool.close()
        if answer.status in BUSY:
            raise _Busy("地图服务正忙(状态 {status})", status=answer.status)
        if answer.status != 200 or len(body) > MOST_BYTES:  # noqa: PLR2004
            raise LineFailed("地图服务的回答不能用(状态 {status})", status=answer.status)
        return _parse(body)

    def _pool(self) -> Any:  # noqa: ANN401  (one of two kinds of pool)
        from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout  # lazy: start-up time

        timeout = Timeout(total=self._rule.timeout_s)
        if self._rule.test_port:
            return HTTPConnectionPool(TEST_HOST, self._rule.test_port, timeout=timeout)
        host = self._rule.provider.host
        return HTTPSConnectionPool(
            public_address(host),
            HTTPS,
            timeout=timeout,
            cert_reqs="CERT_REQUIRED",
            server_hostname=host,
            assert_hostname=host,
        )


class _Busy(LineFailed):
    """Worth another try."""


def public_address(host: str) -> str:
    """Look up a host and give an address of it that lies on the public network.

    Raises
    ------
    LineFailed
        When it has none: a private, local or reserved address is never asked.
    """
    try:
        found = socket.getaddrinfo(host, HTTPS, type=socket.SOCK_STREAM)
    except OSError as error:
        raise _Busy("找不到地图服务 {host}", host=host) from error
    addresses = [str(one[4][0]) for one in found]
    if not addresses or not all(ipaddress.ip_address(one).is_global for one in addresses):
        raise LineFailed("地图服务 {host} 指向内部网络,没有连接", host=host)
    return addresses[0]


def _parse(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise LineFailed("地图服务的回答不是 JSON") from error
    if not isinstance(said, dict):
        raise LineFailed("地图服务的回答不是 JSON")
    return said

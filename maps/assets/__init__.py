"""The files that map pages load: vendored Leaflet and the own page script, all self-hosted.

The application serves `asset_folder()` under one address, for example `/assets`, and names a file
by the constants here, for example `/assets/` + `LEAFLET_JS`. The names carry the version, so an
answer may be cached for ever.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from maps.errors import ForeignAssetError, MissingAssetError

LEAFLET_JS = "leaflet-1.9.4/leaflet.js"
LEAFLET_CSS = "leaflet-1.9.4/leaflet.css"

VENDOR_LOCK = "vendor.lock.json"
"""Beside the folder: version, licence, hash and size of every file in it."""

_PATH = re.compile(r"(?:\.{1,2}/|/(?!/))?(?:[A-Za-z0-9_.-]+/)*[A-Za-z0-9_.-]*")
"""A path on the same host: no scheme, no `//host`, no query."""

_HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Assets:
    """Where a map page takes Leaflet from: `Assets.linked("/assets")` or `Assets.inline()`."""

    base: str | None

    @classmethod
    def linked(cls, base_url: str) -> Assets:
        """Load the files below a path of the same host, where `asset_folder()` is served.

        Parameters
        ----------
        base_url
            For example `/assets`; no scheme, no host, no query.

        Raises
        ------
        ForeignAssetError
            When the address is not a path of the same host.
        """
        if not _PATH.fullmatch(base_url) or not base_url.strip("/"):
            message = f"The asset address {base_url!r} is not a path of this host; use '/assets'."
            raise ForeignAssetError(message)
        return cls(base_url.rstrip("/"))

    @classmethod
    def inline(cls) -> Assets:
        """Put the files into the page: one file that opens from disk without any network."""
        return cls(None)

    def address(self, name: str) -> str:
        """Give the address of a vendored file; only for linked assets."""
        return f"{self.base}/{name}"

    @property
    def allowed(self) -> frozenset[str]:
        """Every address that a page may load."""
        if self.base is None:
            return frozenset()
        return frozenset({self.address(LEAFLET_JS), self.address(LEAFLET_CSS)})


def asset_folder() -> Path:
    """Give the folder of vendored files, whose relative paths are the names above."""
    return _HERE / "vendor"


def vendor_lock() -> Path:
    """Give the file that lists every vendored file with its hash."""
    return _HERE / VENDOR_LOCK


@cache
def read_asset(name: str) -> str:
    """Read one vendored file.

    Parameters
    ----------
    name
        One of the names above.

    Raises
    ------
    MissingAssetError
        When the file is not there.
    """
    return _read(asset_folder() / name)


@cache
def read_page_file(name: str) -> str:
    """Read `page.js`, `closer.js` or `page.css`, the own code that map pages carry inline.

    Raises
    ------
    MissingAssetError
        When the file is not there.
    """
    return _read(_HERE / name)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        message = f"The map asset {path.name!r} is missing; install the package again."
        raise MissingAssetError(message) from error

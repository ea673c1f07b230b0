"""The files that map pages load: vendored Leaflet and the own page script, all self-hosted.

The application serves `asset_folder()` under one address, for example `/assets`, and names a file
by the constants here, for example `/assets/` + `LEAFLET_JS`. The names carry the version, so an
answer may be cached for ever.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from maps.errors import MissingAssetError

LEAFLET_JS = "leaflet-1.9.4/leaflet.js"
LEAFLET_CSS = "leaflet-1.9.4/leaflet.css"

VENDOR_LOCK = "vendor.lock.json"
"""Beside the folder: version, licence, hash and size of every file in it."""

_HERE = Path(__file__).resolve().parent


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
    """Read `page.js` or `page.css`, the own code that every map page carries inline.

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

"""The vendored files of the maps package, which pages and map frames load."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, send_from_directory

from maps.assets import asset_folder
from outreach.web.security import public

if TYPE_CHECKING:
    from flask import Response

pages = Blueprint("assets", __name__)


@pages.get("/assets/<path:name>")
@public
def map_asset(name: str) -> Response:
    """Give a file; its name carries the version, so it is cached for ever."""
    return send_from_directory(asset_folder(), name)

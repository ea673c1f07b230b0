"""An answer that the browser keeps as a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import make_response

if TYPE_CHECKING:
    from flask import Response

LONGEST_NAME = 80
_UNFIT = re.compile(r"[\x00-\x1f\x7f\\/:*?\"<>|]+")


def attachment(content: bytes | str, name: str, media_type: str) -> Response:
    """Give bytes as a file; its name may be Chinese and lose what no file system takes."""
    stem, dot, ending = _UNFIT.sub(" ", name).strip().rpartition(".")
    fit = f"{stem[:LONGEST_NAME].strip() or 'file'}{dot}{ending}"
    answer = make_response(content)
    answer.headers["Content-Type"] = media_type
    answer.headers["Content-Disposition"] = (
        f"attachment; filename=\"outreach.{ending}\"; filename*=UTF-8''{quote(fit, safe='')}"
    )
    return answer

"""Pages of the map tests: real Chromium, no network, everything that happens is noted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page


@dataclass
class Opened:
    """A page, the addresses that it asked for beside itself, and everything that went wrong."""

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@pytest.fixture
def open_page(chromium: Browser, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """Open HTML from disk in a window of the given size."""
    context = chromium.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", offline=True)

    def open_html(html: str, width: int = 1440, height: int = 900) -> Opened:
        path = tmp_path / "map.html"
        path.write_text(html, encoding="utf-8")
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": height})
        opened = Opened(page)
        address = path.as_uri()

        def note(url: str) -> None:
            if url != address and not url.startswith("data:"):
                opened.requests.append(url)

        page.on("request", lambda request: note(request.url))
        page.on("pageerror", lambda error: opened.errors.append(str(error)))
        page.on("console", lambda message: opened.errors.append(message.text))
        page.goto(address)
        page.wait_for_selector(".leaflet-container .north")
        return opened

    yield open_html
    context.close()

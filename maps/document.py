"""A map page as one HTML document, with a policy that keeps every request on the machine.

The policy names each script and style by its hash. So nothing loads from elsewhere, and a handler
or script that slipped into the page by a mistake would not run either.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass

from maps import palette
from maps.assets import LEAFLET_CSS, LEAFLET_JS, Assets, read_asset, read_page_file
from maps.errors import ForeignAssetError
from maps.safe_text import SafeHtml, safe_text

_LOADING = re.compile(
    r"<(?:script|link|img|iframe|object|embed|base|form)\b[^>]*?\b"
    r"(?:src|href|data|action)\s*=\s*[\"']?([^\"'\s>]*)",
    re.IGNORECASE,
)
"""Elements that would load something. Safe text holds no `<`, so no name can look like one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The parts of a page: `body` holds the map's element and what folium put beside it.

    `files` are own scripts that run before `script`; `image_hosts` may be asked for pictures.
    """

    language: str
    title: str
    body: SafeHtml
    legend: SafeHtml
    script: str
    files: tuple[str, ...] = ("page.js",)
    image_hosts: tuple[str, ...] = ()


def document(page: Page, assets: Assets) -> str:
    """Put a page together.

    Returns
    -------
    str
        The whole HTML document.

    Raises
    ------
    ForeignAssetError
        When the page would load anything that is not allowed by `assets`.
    """
    styles = [_tokens() + read_page_file("page.css")]
    own = "\n".join(read_page_file(name) for name in page.files)
    scripts = [_inert(f"{own}\n{page.script}", "script")]
    links = ""
    if assets.base is None:
        styles.insert(0, _inert(read_asset(LEAFLET_CSS), "style"))
        scripts.insert(0, _inert(_without_source_map(read_asset(LEAFLET_JS)), "script"))
    else:
        links = (
            f'<link rel="stylesheet" href="{assets.address(LEAFLET_CSS)}">\n'
            f'<script src="{assets.address(LEAFLET_JS)}"></script>\n'
        )
    policy = _policy(assets, styles, scripts, page.image_hosts)
    head = (
        f'<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{safe_text(page.title)}</title>\n{links}"
    )
    body = f'<main>{page.body}</main>\n<aside class="legend">{page.legend}</aside>\n'
    require_own_addresses(head + body, assets)
    return (
        f'<!DOCTYPE html>\n<html lang="{safe_text(page.language)}">\n<head>\n{head}'
        + "".join(f"<style>{style}</style>\n" for style in styles)
        + f"</head>\n<body>\n{body}"
        + "".join(f"<script>{script}</script>\n" for script in scripts)
        + "</body>\n</html>\n"
    )


def require_own_addresses(html: str, assets: Assets) -> None:
    """Refuse HTML with an element that loads something outside of the allow-list.

    Raises
    ------
    ForeignAssetError
        Naming the address.
    """
    for address in _LOADING.findall(html):
        if address not in assets.allowed:
            message = f"The map would load {address!r}; vendor the file or leave it out."
            raise ForeignAssetError(message)


def _policy(
    assets: Assets, styles: list[str], scripts: list[str], image_hosts: tuple[str, ...]
) -> str:
    own = "" if assets.base is None else "'self' "
    return (
        f"default-src 'none'; script-src {own}{_hashes(scripts)}; "
        f"style-src {own}{_hashes(styles)}; img-src {' '.join(('data:', *image_hosts))}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hashes(codes: list[str]) -> str:
    digests = (hashlib.sha256(code.encode("utf-8")).digest() for code in codes)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode('ascii')}'" for digest in digests)


def _inert(code: str, element: str) -> str:
    # A browser ends a script at the first "</script", even inside of a string, and reads "<!--" as
    # the start of a comment. The backslash means nothing to JavaScript strings or CSS.
    closed = re.sub(f"</(?={element})", r"<\\/", code, flags=re.IGNORECASE)
    return closed.replace("<!--", r"<\!--")


def _without_source_map(code: str) -> str:
    return re.sub(r"\n//# sourceMappingURL=\S+", "", code)


def _tokens() -> str:
    names = {
        "ink": palette.INK,
        "ink-2": palette.INK_2,
        "line": palette.LINE,
        "paper": palette.PAPER,
        "wash": palette.WASH,
        "accent": palette.ACCENT,
        "font": palette.FONT,
    }
    return ":root{" + "".join(f"--{name}:{value};" for name, value in names.items()) + "}\n"

"""The Chinese font of PDF pages and pictures, looked for on this machine; none is enclosed."""

from __future__ import annotations

from functools import cache

from outreach.errors import Conflict

WANTED = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "PingFang SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimHei",
)
"""Families that hold the simplified forms, the first one found is taken."""


@cache
def chinese_font() -> str:
    """The family to set Chinese in.

    Raises
    ------
    Conflict
        When the machine has none, naming what to install.
    """
    from matplotlib import font_manager  # lazy: start-up time

    known = {font.name for font in font_manager.fontManager.ttflist}
    for name in WANTED:
        if name in known:
            return name
    raise Conflict(
        "这台服务器没有中文字体,做不出 PDF 和图片;在 Debian 上请安装 {package}",
        package="fonts-noto-cjk",
    )

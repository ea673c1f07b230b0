"""The only way to hand text to folium and to a map page.

folium writes what it is given into a template, into JavaScript template literals and into HTML; a
firm's name that was typed by somebody else would run in all three. As numeric entities the
characters below mean nothing to any of them, and a browser shows them as they were typed.

Two gates, and their types are what `maps.canvas` accepts:

- `safe_text` for words: the result is HTML that shows exactly the words.
- `script_json` for figures and for HTML made of safe words: the result is a JavaScript value that
  cannot end its script.
"""

from __future__ import annotations

import json
from typing import NewType

SafeHtml = NewType("SafeHtml", str)
"""HTML whose every word went through `safe_text`."""

ScriptValue = NewType("ScriptValue", str)
"""A JavaScript literal that is inert inside a script element."""

FORBIDDEN = "&<>\"'`$\\{}"
"""Characters that mean something to HTML, to a template literal or to Jinja."""

_ENTITIES = {ord(character): f"&#{ord(character)};" for character in FORBIDDEN}
# Controls cannot be shown and lone surrogates cannot be written as UTF-8.
_UNSHOWABLE = (*range(9), 11, 12, *range(14, 32), 127, *range(0xD800, 0xE000))
_ENTITIES |= dict.fromkeys(_UNSHOWABLE, "\ufffd")

_IN_SCRIPT = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def safe_text(text: str) -> SafeHtml:
    """Turn words into HTML that shows exactly these words, wherever it is put.

    Parameters
    ----------
    text
        Any text, from anyone.

    Returns
    -------
    SafeHtml
        The text with every meaningful character as a numeric entity and unshowable controls as
        the replacement character.
    """
    return SafeHtml(text.translate(_ENTITIES))


def joined(*parts: SafeHtml) -> SafeHtml:
    """Put pieces of safe HTML one after the other."""
    return SafeHtml("".join(parts))


def tagged(tag: str, *parts: SafeHtml, css: str = "") -> SafeHtml:
    """Wrap safe HTML in an element; `tag` and `css` (a class) are words of this library.

    Raises
    ------
    ValueError
        When the tag or the class is not plain letters, digits, hyphens and blanks.
    """
    plain = all(word.replace("-", "").isalnum() and word.isascii() for word in (tag, *css.split()))
    if not plain:
        message = f"The element {tag!r} with the class {css!r} is not plain; text belongs inside."
        raise ValueError(message)
    attribute = f' class="{css}"' if css else ""
    return SafeHtml(f"<{tag}{attribute}>{''.join(parts)}</{tag}>")


def script_json(value: object) -> ScriptValue:
    """Write figures and safe HTML as a JavaScript literal.

    Parameters
    ----------
    value
        What `json.dumps` accepts, without NaN.

    Returns
    -------
    ScriptValue
        Compact JSON without any character that could end or open a script or a comment.

    Raises
    ------
    ValueError
        When a number is NaN or infinite.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return ScriptValue(text.translate(_IN_SCRIPT))

"""Chinese punctuation as Chinese is set: full width beside Chinese words, half width in figures.

Texts in the code carry ASCII punctuation, which is easy to type and to search for. GB/T 15834 asks
for the full-width forms in running text; only our own templates are set, never a received value.
"""

from __future__ import annotations

import re
from functools import cache

_HAN = "\u3400-\u9fff"
_MARKS = {",": "\uff0c", ":": "\uff1a", ";": "\uff1b", "?": "\uff1f"}
_BEFORE = f"[{_HAN}}}\\)\uff09\u201d\u300b%]"
_AFTER_HAN = re.compile(f"(?<={_BEFORE})([,:;?])")
_BRACKETS = re.compile(f"\\(([^()]*[{_HAN}}}][^()]*)\\)")


@cache
def typeset(template: str) -> str:
    """Return a Chinese text or template with its punctuation set in full width.

    A text without a Chinese character stays as it is, and so does the inside of a placeholder.
    """
    if not re.search(f"[{_HAN}]", template):
        return template
    bracketed = _BRACKETS.sub("\uff08\\1\uff09", template)
    return _AFTER_HAN.sub(lambda mark: _MARKS[mark[1]], bracketed)

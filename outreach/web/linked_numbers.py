"""Sentences whose numbers lead to the lists behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from outreach.i18n import say
from outreach.web import current, texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from outreach.domain.wording import Sentence, Value

_LINK = Markup('<a href="{address}">{number}</a>')


def linked(sentence: Sentence, addresses: Mapping[str, str | None]) -> Markup:
    """Put a sentence into the reader's language; numbers with an address become links."""
    values = {name: _shown(value, addresses.get(name)) for name, value in sentence.values.items()}
    return escape(texts.text(sentence.template)).format(**values)


def _shown(value: Value, address: str | None) -> Markup:
    said = texts.number(value) if isinstance(value, int) else _in_language(str(value))
    return _LINK.format(address=address, number=said) if address else escape(said)


def _in_language(value: str) -> str:
    """A text of ours is translated, a received one stays as it is."""
    return say(current.language(), "{value}", value=value)

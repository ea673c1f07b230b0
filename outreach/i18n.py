"""Languages: the Chinese text in the code is the key, the English catalogue translates it.

The one door to Babel. A text without an entry stays Chinese, so the default language can never
lose a string.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from outreach.domain.sources import Source
from outreach.typography import typeset

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from outreach.domain.wording import Sentence
    from outreach.errors import OutreachError


class Language(StrEnum):
    """The languages of pages and commands."""

    ZH = "zh"
    EN = "en"

    @property
    def html(self) -> str:
        """The value of the `lang` attribute."""
        return {"zh": "zh-CN", "en": "en"}[self.value]


@cache
def english() -> Mapping[str, str]:
    """The English catalogue, Chinese to English."""
    from babel.messages.pofile import read_po  # lazy: Chinese needs no catalogue

    path = resources.files("outreach") / "locale" / "en" / "LC_MESSAGES" / "outreach.po"
    with path.open("rb") as file:
        catalog = read_po(file)
    return {
        str(message.id): str(message.string) for message in catalog if message.id and message.string
    }


def translate(text: str, language: Language) -> str:
    """Return a text of ours, which is Chinese, in the language; never a received value."""
    return _in_english(text) if language is Language.EN else typeset(text)


def _in_english(text: str) -> str:
    """The catalogue's entry, else the name that a source's own file gives, else the text."""
    known = english().get(text)
    if known is None:
        known = next((s.facts.label_en for s in Source if s.label == text), "")
    return known or text


def say(language: Language, template: str, **values: object) -> str:
    """Translate a template and fill it.

    A value that is itself a text of ours (a label) is translated; a received one stays as it is.
    """
    if language is Language.EN:
        values = {
            name: _in_english(value) if isinstance(value, str) else value
            for name, value in values.items()
        }
    return translate(template, language).format(**values)


def say_sentence(sentence: Sentence, language: Language) -> str:
    """Put a sentence into a language."""
    return say(language, sentence.template, **sentence.values)


def say_error(error: OutreachError, language: Language) -> str:
    """Put an error's message into a language."""
    return say(language, error.template, **error.values)


_WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def say_day(day: date, language: Language) -> str:
    """A day with its weekday: 11月23日 周一, or Mon 23 Nov."""
    if language is Language.EN:
        return day.strftime("%a %-d %b")
    return f"{day.month}月{day.day}日 {_WEEKDAYS[day.weekday()]}"

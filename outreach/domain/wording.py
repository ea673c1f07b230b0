"""A sentence that is put into a language only where a person reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

Value = str | int | float | date


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A Chinese template with named placeholders, which is the key of the English catalogue.

    `values` are numbers, days or received text; a received text is never itself a template. A
    sentence with a day is not stored.
    """

    template: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def in_chinese(self) -> str:
        """Return the sentence in the language of the template."""
        return self.template.format(**self.values)

    def as_json(self) -> dict[str, object]:
        """Return the form in which a sentence is stored."""
        return {"template": self.template, "values": dict(self.values)}

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> Sentence:
        """Read back what `as_json` gave."""
        values = stored.get("values") or {}
        if not isinstance(values, Mapping):
            raise TypeError(f"values of a stored sentence: {values!r} is no mapping")
        return cls(template=str(stored["template"]), values=dict(values))

"""Takes the keys out of JSON objects, strictly: what is missing, wrong or left over is said."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from routing.errors import InvalidFile

if TYPE_CHECKING:
    from pathlib import Path

_NEEDED = object()


class Reader:
    """Takes keys out of one JSON object; what is wrong is said with the place and the value."""

    def __init__(self, content: object, where: str) -> None:
        if not isinstance(content, dict):
            raise InvalidFile(f"{where}: {_shown(content)} is no object")
        self._content: dict[str, Any] = dict(content)
        self._where = where

    @classmethod
    def of_file(cls, path: Path, expected: str) -> Reader:
        """Return a reader of a file whose `format` must be `expected`."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
            raise InvalidFile(f"{path.name}: no JSON in UTF-8: {error}") from error
        reader = cls(content, path.name)
        found = reader.take("format")
        if found != expected:
            raise InvalidFile(f"{path.name}: format is {_shown(found)}, not {expected!r}")
        return reader

    def take(self, key: str, default: object = _NEEDED) -> Any:  # noqa: ANN401  (raw JSON)
        """Take the value of `key` out, whatever it is."""
        if key in self._content:
            return self._content.pop(key)
        if default is _NEEDED:
            raise InvalidFile(f"{self._where}: {key} is missing")
        return default

    def text(self, key: str) -> str:
        """Take a text out."""
        value = self.take(key)
        if not isinstance(value, str):
            raise self.wrong(key, value, "a text")
        return value

    def whole(self, key: str) -> int:
        """Take a whole number out."""
        value = self.take(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.wrong(key, value, "a whole number")
        return value

    def seconds(self, key: str) -> float:
        """Take a number out."""
        value = self.take(key)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self.wrong(key, value, "a number of seconds")
        return float(value)

    def has(self, key: str) -> bool:
        """Tell whether `key` has a value; a null is taken out."""
        if self._content.get(key) is None:
            self._content.pop(key, None)
            return False
        return True

    def child(self, key: str) -> Reader:
        """Take an object out."""
        return Reader(self.take(key), f"{self._where}: {key}")

    def children(self, key: str) -> list[Reader]:
        """Take a list of objects out."""
        return self.wrap(key, self.take(key))

    def wrap(self, key: str, found: object) -> list[Reader]:
        """Return readers of the objects in `found`, which was taken out as `key`."""
        if not isinstance(found, list):
            raise self.wrong(key, found, "a list")
        return [Reader(each, f"{self._where}: {key}[{i}]") for i, each in enumerate(found)]

    def require_empty(self) -> None:
        """Refuse keys that nobody took."""
        for key, value in self._content.items():
            raise InvalidFile(f"{self._where}: {key} is unknown (its value is {_shown(value)})")

    def wrong(self, key: str, value: object, expected: str) -> InvalidFile:
        """Return the error that says what `key` is and what it should be."""
        return InvalidFile(f"{self._where}: {key} is {_shown(value)}, not {expected}")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004  (a line's half)

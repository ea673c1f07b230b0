"""One TOML file per source: its headers, its words for a status, what a good load looks like."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from outreach.domain.sources import Source

if TYPE_CHECKING:
    from collections.abc import Mapping


def header_key(text: str) -> str:
    """Return a header as it is compared: NFKC, case folded, without blanks and required marks."""
    folded = unicodedata.normalize("NFKC", text)
    return re.sub(r"[\s*:\u200b-\u200f\u2060\ufeff]+", "", folded).casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSpec:
    """How one source writes its file.

    columns : header key -> canonical column.
    telling : header keys that no other source uses.
    lookups : canonical column -> (word as written, folded) -> canonical value.
    expect : canonical column -> least share of filled cells of a good load.
    """

    source: Source
    version: int
    columns: Mapping[str, str]
    telling: frozenset[str]
    required: tuple[str, ...]
    lookups: Mapping[str, Mapping[str, str]]
    expect: Mapping[str, float]

    def usual_header(self, column: str) -> str:
        """The first header of a canonical column, as a person may look for it in the file."""
        known = (key for key, found in self.columns.items() if found == column and key != column)
        return next(known, column)


def load_spec(text: str) -> SourceSpec:
    """Read one source's TOML.

    Raises
    ------
    KeyError, ValueError
        When a table is missing, or one header is claimed by two columns.
    """
    toml = tomllib.loads(text)
    columns: dict[str, str] = {}
    for column, headers in toml["columns"].items():
        for header in (column, *headers):
            if columns.setdefault(header_key(header), column) != column:
                raise ValueError(
                    f"header {header!r}: claimed by {columns[header_key(header)]} and {column}"
                )
    lookups: dict[str, dict[str, str]] = {
        column: {
            header_key(word): value
            for value, words in toml[column].items()
            for word in (value, *words)
        }
        for column in ("status", "union_kind", "union_status", "union_flag")
        if column in toml
    }
    return SourceSpec(
        source=Source(toml["source"]),
        version=toml["version"],
        columns=columns,
        telling=frozenset(header_key(header) for header in toml["telling"]),
        required=tuple(toml["required"]),
        lookups=lookups,
        expect=toml.get("expect", {}),
    )


@cache
def all_specs() -> tuple[SourceSpec, ...]:
    """The specs that ship with the application, in the order of their file names."""
    folder = resources.files("outreach.sources") / "specs"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    return tuple(load_spec(file.read_text(encoding="utf-8")) for file in files)

"""One TOML file per source: its headers, its words for a status, what a good load looks like."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from outreach.domain.headcounts import HeadcountKind
from outreach.domain.sources import Source, SourceFacts
from outreach.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


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
    headers : canonical column -> its headers as offices write them, the usual one first.
    words : canonical column -> the usual word of each of its values.
    """

    source: Source
    version: int
    columns: Mapping[str, str]
    telling: frozenset[str]
    required: tuple[str, ...]
    lookups: Mapping[str, Mapping[str, str]]
    expect: Mapping[str, float]
    headers: Mapping[str, tuple[str, ...]]
    words: Mapping[str, tuple[str, ...]]

    def usual_header(self, column: str) -> str:
        """The first header of a canonical column, as a person may look for it in the file."""
        return next(iter(self.headers.get(column, ())), column)


def load_spec(text: str) -> SourceSpec:
    """Read one source's TOML.

    Raises
    ------
    KeyError, TypeError, ValueError
        When a table is missing, one header is claimed by two columns, or the source is neither
        known nor described by a table `office`.
    """
    toml = tomllib.loads(text)
    source = _declare(toml)
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
        source=source,
        version=toml["version"],
        columns=columns,
        telling=frozenset(header_key(header) for header in toml["telling"]),
        required=tuple(toml["required"]),
        lookups=lookups,
        expect=toml.get("expect", {}),
        headers={column: tuple(headers) for column, headers in toml["columns"].items()},
        words={column: _usual_words(toml[column]) for column in lookups},
    )


def _usual_words(values: Mapping[str, list[str]]) -> tuple[str, ...]:
    """Of each value the first word that is no number or code."""
    plain = (next((w for w in words if not w.isascii()), "") for words in values.values())
    return tuple(word for word in plain if word)


def _declare(toml: Mapping[str, Any]) -> Source:
    """The source that a file is about; its table `office` makes a new one known."""
    name, office = toml["source"], toml.get("office")
    if office is None:
        return Source(name)
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,19}", name):
        raise ValueError(f"source {name!r}: 2 to 20 small letters, digits and _")
    facts = SourceFacts(**office)
    if "headcount" in toml["columns"] or facts.counts:
        HeadcountKind(facts.counts)
    return Source.declare(name, facts)


_LEARNT: dict[Source, SourceSpec] = {}
"""What a district's own folder describes; as the sources themselves, known in all of a process."""


def learn_sources(folder: Path | None) -> None:
    """Make the shipped sources known, and those of every TOML file in a district's own folder.

    Raises
    ------
    InvalidInput
        When the folder is missing, or a file describes no source.
    """
    shipped = {spec.source for spec in _shipped_specs()}
    if folder is None:
        return
    if not folder.is_dir():
        raise InvalidInput("没有找到来源说明的文件夹“{folder}”", folder=str(folder))
    for file in sorted(folder.glob("*.toml")):
        try:
            spec = load_spec(file.read_text(encoding="utf-8"))
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInput(
                "来源说明文件“{file}”有误:{reason}", file=str(file), reason=str(error)
            ) from error
        if spec.source in shipped:
            raise InvalidInput(
                "来源说明文件“{file}”有误:{reason}",
                file=str(file),
                reason=f"source {spec.source!r} ships with the application",
            )
        _LEARNT[spec.source] = spec


def all_specs() -> tuple[SourceSpec, ...]:
    """The specs that ship with the application, then those of the district's own folder."""
    return (*_shipped_specs(), *_LEARNT.values())


def spec_of(source: Source) -> SourceSpec:
    """The spec of a source that sends files.

    Raises
    ------
    InvalidInput
        When it sends none.
    """
    for spec in all_specs():
        if spec.source is source:
            return spec
    raise InvalidInput("没有“{source}”这种登记表", source=source.label)


@cache
def _shipped_specs() -> tuple[SourceSpec, ...]:
    """In the order of their file names."""
    folder = resources.files("outreach.sources") / "specs"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    return tuple(load_spec(file.read_text(encoding="utf-8")) for file in files)

"""The registers as files: header, rows in the file's order, and whose row each is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.demo.dirt import Clerk

if TYPE_CHECKING:
    import random

    from outreach.demo.entities import Entity
    from outreach.demo.offices import Office
    from outreach.demo.rows import Row
    from outreach.demo.towns import Region


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """One file as an office sends it.

    Attributes
    ----------
    title
        Line above the header; None when the file has none.
    rows
        Number of the true entity, then the cells; in the order of the file.
    """

    file: str
    title: str | None
    header: tuple[str, ...]
    rows: list[tuple[int, Row]]


def make_register(
    office: Office, *, rng: random.Random, region: Region, entities: list[Entity], dirt: float
) -> Register:
    """Return the office's file about the entities, errors scaled by dirt, rows shuffled."""
    clerk = Clerk(rng=rng, region=region, rates=office.rates.scale(dirt))
    rows = [(entity.number, row) for entity in entities for row in office.write(clerk, entity)]
    rng.shuffle(rows)
    for number, (_, row) in enumerate(rows, start=1):
        row.insert(0, number)
    for _, row in rng.sample(rows, min(len(rows) // 50, round(office.unreadable * dirt))):
        for place in office.blank:
            row[place] = None
    title = office.label and f"{region.district}区{office.label}（内部资料）"
    return Register(file=office.file, title=title, header=office.header, rows=rows)

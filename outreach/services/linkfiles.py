"""Received files straight into links: for trials and for measuring, without a database."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.domain.statements import Prop
from outreach.fusion.linkage import link_records
from outreach.fusion.profiles import ProfileMaker
from outreach.services.progress import OnProgress, silent
from outreach.sources.registers import read_register

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from outreach.sources.workbooks import Limits

HEADER = ("file", "row", "enterprise_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLink:
    """The enterprise of one row; `row` is the line of the sheet as a person counts it."""

    file: str
    row: int
    enterprise_id: int


def link_files(
    paths: Sequence[Path], *, limits: Limits, on_progress: OnProgress = silent
) -> list[FileLink]:
    """Link the rows of some registers; held rows have an enterprise of their own.

    Raises
    ------
    FileRefused
        When one of the files cannot be used; nothing is linked then.
    """
    registers = []
    for done, path in enumerate(paths):
        on_progress(done, len(paths) + 1)
        registers.append(read_register(path, limits=limits))
    rows = [
        (batch, register, record)
        for batch, register in enumerate(registers, start=1)
        for record in register.records
    ]
    maker = ProfileMaker.of(
        [s.value for _, _, record in rows for s in record.statements if s.prop is Prop.ADDRESS]
    )
    on_progress(len(paths), len(paths) + 1)
    linkage = link_records(
        maker.make(number, record.statements, source=register.source, batch=batch)
        for number, (batch, register, record) in enumerate(rows)
    )
    enterprise = {
        number: place for place, members in enumerate(linkage.clusters, 1) for number in members
    }
    on_progress(len(paths) + 1, len(paths) + 1)
    return [
        FileLink(
            file=register.file_name,
            row=record.row,
            enterprise_id=enterprise[number],
        )
        for number, (_, register, record) in enumerate(rows)
    ]


def write_links(path: Path, links: Sequence[FileLink]) -> None:
    """Write one line for each row: `file,row,enterprise_id`."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows((link.file, link.row, link.enterprise_id) for link in links)

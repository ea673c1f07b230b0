"""Questions and answers as files, so that linking can be tried and measured without a database."""

from __future__ import annotations

import csv
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

from outreach.domain.judgements import DoubtReason, JudgedPair, Verdict
from outreach.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

ANSWERS = ("file_a", "row_a", "file_b", "row_b", "verdict")
DOUBTS = ("file_a", "row_a", "file_b", "row_b", "reason", "weight", "priority")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAnswer:
    """A verdict on two rows; a row is the line of its sheet as a person counts it."""

    file_a: str
    row_a: int
    file_b: str
    row_b: int
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDoubt:
    """A question about two rows; `weight` is empty where no comparison was made."""

    file_a: str
    row_a: int
    file_b: str
    row_b: int
    reason: DoubtReason
    weight: float | None
    priority: float


def read_answers(path: Path) -> list[FileAnswer]:
    """Read a table `file_a,row_a,file_b,row_b,verdict`.

    Raises
    ------
    InvalidInput
        When a column is missing, a row is no number or a verdict is none of the three words.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in ANSWERS if name not in (reader.fieldnames or ())]
        if missing:
            raise InvalidInput(
                "“{file}”没有“{column}”这一列。需要的列:{columns}",
                file=path.name,
                column=missing[0],
                columns=",".join(ANSWERS),
            )
        return [_answer(path.name, line, row) for line, row in enumerate(reader, start=2)]


def _answer(file_name: str, line: int, row: Mapping[str, str]) -> FileAnswer:
    for name in ("row_a", "row_b"):
        if not (row[name] or "").isdecimal():
            raise _wrong(file_name, line, name, row[name])
    if row["verdict"] not in set(Verdict):
        raise _wrong(file_name, line, "verdict", row["verdict"])
    return FileAnswer(
        file_a=row["file_a"],
        row_a=int(row["row_a"]),
        file_b=row["file_b"],
        row_b=int(row["row_b"]),
        verdict=Verdict(row["verdict"]),
    )


def _wrong(file_name: str, line: int, column: str, value: str) -> InvalidInput:
    return InvalidInput(
        "“{file}”第 {line} 行的“{column}”不能是“{value}”:"
        "行号是数字,判断是 same、different 或 later",
        file=file_name,
        line=line,
        column=column,
        value=value or "",
    )


def judged_rows(
    answers: Iterable[FileAnswer], numbers: Mapping[tuple[str, int], int]
) -> Iterator[JudgedPair]:
    """The answers as judgements; `numbers` gives the record of each file and row.

    Raises
    ------
    InvalidInput
        When an answer names a row that is not there.
    """
    for answer in answers:
        ends = (answer.file_a, answer.row_a), (answer.file_b, answer.row_b)
        for file, row in ends:
            if (file, row) not in numbers:
                raise InvalidInput(
                    "答案里的“{file}”第 {row} 行不在给出的文件里", file=file, row=row
                )
        left, right = (numbers[end] for end in ends)
        yield JudgedPair(left=left, right=right, verdict=answer.verdict)


def write_doubts(path: Path, doubts: Sequence[FileDoubt]) -> None:
    """Write the queue, the most useful question first."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(DOUBTS)
        for doubt in doubts:
            *places, reason, weight, priority = astuple(doubt)
            known = "" if weight is None else round(weight, 3)
            writer.writerow([*places, reason.value, known, round(priority, 4)])

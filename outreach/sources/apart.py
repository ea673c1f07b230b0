"""Reading a received file in a process of its own, with limits: a hostile file costs no more.

The child gets the file's path and the limits as arguments, and answers on its standard output with
one JSON document. JSON holds all that a sheet of texts needs, and reading it runs no code of the
child's choice, as pickle would.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from outreach.errors import FileRefused
from outreach.sources.workbooks import WORKBOOK_STARTS, Limits, Sheet, read_sheets

SMALL_TEXT_BYTES = 1_000_000
"""A text of this size has a million cells at most: some 30 MB, and no parser but our own."""


def read_sheets_apart(path: Path, limits: Limits) -> list[Sheet]:
    """Read a file's sheets in a child process; a small text, which can do no harm, in this one.

    The child may take `most_memory_bytes`, `most_cpu_seconds` and `most_wall_seconds` of `limits`
    (memory and CPU time where the system can limit them; Windows cannot). It gets no environment,
    so no password of a database.

    Raises
    ------
    FileRefused
        As `read_sheets`, and when the child ends at a limit or breaks down.
    """
    if _is_small_text(path):
        return read_sheets(path, limits)
    command = [sys.executable, "-m", __name__, str(path), json.dumps(asdict(limits))]
    try:
        child = subprocess.run(  # the arguments are ours  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=limits.most_wall_seconds,
            check=False,
            env=_environment(),
        )
    except subprocess.TimeoutExpired as error:
        raise _too_much(path) from error
    if child.returncode != 0:
        raise _too_much(path)
    try:
        answer = json.loads(child.stdout)
    except ValueError as error:
        raise _too_much(path) from error
    if refused := answer.get("refused"):
        raise FileRefused(refused["template"], **refused["values"])
    return [_sheet(sheet) for sheet in answer["sheets"]]


def _is_small_text(path: Path) -> bool:
    if not path.is_file():
        return True
    with path.open("rb") as file:
        start = file.read(8)
    return path.stat().st_size <= SMALL_TEXT_BYTES and not start.startswith(WORKBOOK_STARTS)


def _environment() -> dict[str, str]:
    """What Python needs to start, and nothing that is secret."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
    return {**kept, "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONUTF8": "1"}


def _too_much(path: Path) -> FileRefused:
    return FileRefused(
        "读“{file}”用了太多时间或内存,没有读完;请删掉多余的格式和工作表,或拆分后再导入",
        file=path.name,
    )


def _sheet(found: dict[str, Any]) -> Sheet:
    return Sheet(
        name=found["name"],
        rows=found["rows"],
        encoding=found["encoding"],
        uncounted=frozenset((row, column) for row, column in found["uncounted"]),
    )


def answer(path: Path, limits: Limits) -> dict[str, Any]:
    """What the child writes: the sheets, or why there are none."""
    try:
        sheets = read_sheets(path, limits)
    except FileRefused as error:
        return {"refused": {"template": error.template, "values": error.values}}
    return {
        "sheets": [
            {
                "name": sheet.name,
                "rows": sheet.rows,
                "encoding": sheet.encoding,
                "uncounted": sorted(sheet.uncounted),
            }
            for sheet in sheets
        ]
    }


def _limit_myself(limits: Limits) -> None:
    with suppress(ImportError):
        import resource  # not on Windows

        memory, seconds = limits.most_memory_bytes, limits.most_cpu_seconds
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    given = Limits(**json.loads(sys.argv[2]))
    _limit_myself(given)
    sys.stdout.write(json.dumps(answer(Path(sys.argv[1]), given)))

"""The bytes of handed-in files: under made-up names, ours alone to read, removed when over."""

from __future__ import annotations

import hashlib
import os
import re
from time import time
from typing import IO, TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from outreach.domain.uploads import UploadState
from outreach.errors import FileRefused
from outreach.storage.uploads import Upload

if TYPE_CHECKING:
    from pathlib import Path

    from outreach.sources.workbooks import Limits
    from outreach.storage.database import Database

_PIECE = 1_000_000
_LONGEST_NAME = 200
_ORPHAN_S = 24 * 3600


def tidy_name(file_name: str) -> str:
    """A sent name without folders and without characters that no name needs."""
    last = re.split(r"[/\\]", file_name)[-1]
    return re.sub(r"[\x00-\x1f\x7f]", "", last).strip()[-_LONGEST_NAME:] or "upload"


def path_of(folder: Path, upload_id: str) -> Path:
    """Where the bytes of an upload lie, in the instance folder."""
    return folder / "uploads" / f"{UUID(upload_id)}.part"


def store_bytes(stream: IO[bytes], path: Path, shown: str, limits: Limits) -> tuple[str, int]:
    """Write a file that only we can read; returns its sha256 and its size.

    Raises
    ------
    FileRefused
        When it is empty or too large; nothing is left of it.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        while piece := stream.read(_PIECE):
            size += len(piece)
            if size > limits.most_bytes:
                break
            digest.update(piece)
            file.write(piece)
    if 0 < size <= limits.most_bytes:
        return digest.hexdigest(), size
    path.unlink()
    if size == 0:
        raise FileRefused("“{file}”是空文件,请重新导出", file=shown)
    raise FileRefused(
        "“{file}”超过 {most} MB 的上限,请拆分后再导入",
        file=shown,
        most=limits.most_bytes // 1_000_000,
    )


def remove_files(database: Database, folder: Path) -> None:
    """Remove the bytes of files that are imported or discarded, and those that belong to nothing.

    The latter are a day old at least: a request that is being answered may not have saved its row.
    """
    lying = {path.stem: path for path in (folder / "uploads").glob("*.part")}
    if not lying:
        return
    with database.transaction() as session:
        states = dict(
            session.execute(select(Upload.id, Upload.state).where(Upload.id.in_(lying))).all()
        )
    for upload_id, path in lying.items():
        state = states.get(upload_id)
        orphan = state is None and time() - path.stat().st_mtime > _ORPHAN_S
        if orphan or (state is not None and UploadState(state).is_over):
            path.unlink(missing_ok=True)

"""Handed-in files read and imported by a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from outreach.domain.uploads import UploadChoices, UploadState
from outreach.errors import FileRefused
from outreach.services.registers.header_meanings import load_meanings
from outreach.services.registers.imports import save_register
from outreach.services.registers.upload_files import path_of
from outreach.services.registers.upload_reports import make_report, refused_report
from outreach.services.registers.uploads import require_upload
from outreach.sources.apart import read_sheets_apart
from outreach.sources.headers import NotRecognised
from outreach.sources.registers import FileChoices, Register, read_register
from outreach.storage.districts import District
from outreach.storage.uploads import Upload

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.services.runs.work import Job
    from outreach.sources.workbooks import Limits


def read_upload(
    session: Session, principal: Principal, upload_id: str, *, folder: Path, limits: Limits
) -> Register:
    """Read a handed-in file with everything that people said of it.

    Raises
    ------
    Refused, NotFound
        As `get_upload`.
    FileRefused
        When the file as a whole cannot be used, or its bytes are gone.
    """
    require_upload(session, principal, upload_id)
    path, choices = _what_to_read(session, upload_id, folder)
    return read_register(path, limits=limits, choices=choices, sheets_of=read_sheets_apart)


def _what_to_read(session: Session, upload_id: str, folder: Path) -> tuple[Path, FileChoices]:
    upload = session.get_one(Upload, upload_id)
    said = UploadChoices.from_json((upload.report or {}).get("choices", {}))
    return path_of(folder, upload_id), FileChoices(
        source=said.source,
        datum=said.datum or None,
        as_of=said.as_of,
        file_name=upload.file_name,
        meanings=load_meanings(session, upload.district_id),
    )


def prepare_report(job: Job) -> Callable[[Session], dict[str, Any]]:
    """Read the file of a run; what is left to do is to keep the report."""
    upload_id = str(job.parameters["upload"])
    found: dict[str, Any] = {}
    try:
        register = _read(job, upload_id)
    except FileRefused as error:
        seen = error.seen if isinstance(error, NotRecognised) else ()
        found, state = refused_report(error, seen), UploadState.REFUSED
    else:
        state = UploadState.READY
        with job.database.transaction() as session:
            district = session.get_one(District, job.district_id)
            found = make_report(session, register, district_id=job.district_id, code=district.code)

    def save(session: Session) -> dict[str, Any]:
        upload = session.get_one(Upload, upload_id)
        upload.state, upload.source = state, found.get("source", "")
        upload.report = {**(upload.report or {}), "found": found}
        return {"upload": upload_id}

    return save


def prepare_import(job: Job) -> Callable[[Session], dict[str, Any]]:
    """Read the file of a run once more; what is left to do is to keep its rows."""
    upload_id = str(job.parameters["upload"])
    register = _read(job, upload_id)

    def save(session: Session) -> dict[str, Any]:
        upload = session.get_one(Upload, upload_id)
        said = UploadChoices.from_json((upload.report or {}).get("choices", {}))
        report = save_register(
            session,
            register,
            district_id=job.district_id,
            now=job.clock(),
            complete=said.complete,
            account_id=job.asked_by,
            on_progress=job.on_progress,
        )
        upload.state, upload.batch_id = UploadState.IMPORTED, report.batch_id
        upload.source = report.source.value
        return {"upload": upload_id, "batch": report.batch_id, "rows": report.rows_read}

    return save


def _read(job: Job, upload_id: str) -> Register:
    with job.database.transaction() as session:
        path, choices = _what_to_read(session, upload_id, job.settings.instance)
    # No transaction is open while the file is read: signs of life need the database.
    return read_register(
        path,
        limits=job.settings.limits,
        choices=choices,
        sheets_of=read_sheets_apart,
        on_progress=job.on_progress,
    )

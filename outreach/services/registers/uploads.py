"""Files handed in on a page: kept aside, read, reported, and imported only when confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import select, update

from outreach.domain.runs import RunKind
from outreach.domain.sources import Source
from outreach.domain.uploads import UPLOAD_WAITS, UploadChoices, UploadState
from outreach.errors import Conflict, NotFound
from outreach.services.administration.audit import write_audit
from outreach.services.administration.principals import require_importer
from outreach.services.registers.imports import find_batch
from outreach.services.registers.upload_files import path_of, store_bytes, tidy_name
from outreach.services.runs.runs import RunView, get_run, queue_run
from outreach.storage.accounts import Account
from outreach.storage.uploads import Upload

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.sources.workbooks import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadView:
    """A handed-in file as pages show it.

    report : what reading it found, see `upload_reports`.
    known_batch : the batch of the very same bytes, `None` when they are new.
    """

    id: str
    file_name: str
    size_bytes: int
    state: UploadState
    choices: UploadChoices
    report: dict[str, Any]
    batch_id: int | None
    known_batch: int | None
    known_undone: bool
    run: RunView | None
    handed_in_by: str
    handed_in_at: datetime

    @property
    def source(self) -> Source | None:
        """Whose file it is, as chosen or as recognised."""
        recognised = self.report.get("source")
        return self.choices.source or (Source(recognised) if recognised else None)

    @property
    def is_working(self) -> bool:
        """Whether a run is reading or importing it."""
        return self.run is not None and not self.run.state.is_over

    @property
    def is_stuck(self) -> bool:
        """Whether the run that should have carried it on ended without doing so."""
        waits = self.state in {UploadState.READING, UploadState.IMPORTING}
        return waits and not self.is_working


def hand_in(
    session: Session,
    principal: Principal,
    stream: IO[bytes],
    file_name: str,
    *,
    folder: Path,
    limits: Limits,
    now: datetime,
) -> tuple[str, str]:
    """Keep a file aside and ask that it be read; returns its id and the run's.

    Its bytes lie under a made-up name that only we can read. The same bytes that wait already are
    not kept twice.

    Raises
    ------
    Refused
        When the account does not see the whole district.
    FileRefused
        When the file is empty or too large.
    """
    require_importer(principal)
    shown = tidy_name(file_name)
    upload_id = str(uuid4())
    path = path_of(folder, upload_id)
    digest, size = store_bytes(stream, path, shown, limits)
    waiting = session.scalar(
        select(Upload).where(
            Upload.district_id == principal.district_id,
            Upload.sha256 == digest,
            Upload.state.in_([UploadState.READING, UploadState.READY, UploadState.REFUSED]),
        )
    )
    if waiting is not None:
        path.unlink()
        return waiting.id, str((waiting.report or {}).get("run", ""))
    upload = Upload(
        id=upload_id,
        district_id=principal.district_id,
        file_name=shown,
        sha256=digest,
        size_bytes=size,
        source="",
        state=UploadState.READING,
        report=None,
        batch_id=None,
        account_id=principal.account_id,
        handed_in_at=now,
    )
    session.add(upload)
    session.flush()
    run_id = _ask_to_read(session, principal, upload, UploadChoices(), now=now)
    _note(session, principal, "hand_in", upload, now, sha256=digest)
    return upload_id, run_id


def _ask_to_read(
    session: Session, principal: Principal, upload: Upload, choices: UploadChoices, *, now: datetime
) -> str:
    run_id = queue_run(session, principal, RunKind.READ, {"upload": upload.id}, now=now)
    upload.state = UploadState.READING
    upload.report = {**(upload.report or {}), "choices": choices.to_json(), "run": run_id}
    return run_id


def get_upload(session: Session, principal: Principal, upload_id: str) -> UploadView:
    """A handed-in file of the account's district.

    Raises
    ------
    Refused
        When the account does not see the whole district.
    NotFound
        When there is none.
    """
    upload = require_upload(session, principal, upload_id)
    return _view(session, principal, upload)


def list_uploads(session: Session, principal: Principal) -> list[UploadView]:
    """The files that wait for a person or a worker, newest first.

    Raises
    ------
    Refused
        When the account does not see the whole district.
    """
    require_importer(principal)
    waiting = session.scalars(
        select(Upload)
        .where(
            Upload.district_id == principal.district_id,
            Upload.state.not_in([UploadState.IMPORTED, UploadState.DISCARDED]),
        )
        .order_by(Upload.handed_in_at.desc(), Upload.id)
    )
    return [_view(session, principal, upload) for upload in waiting]


def require_upload(session: Session, principal: Principal, upload_id: str) -> Upload:
    """The stored row of an upload of the account's district.

    Raises
    ------
    Refused
        When the account does not see the whole district.
    NotFound
        When there is none.
    """
    require_importer(principal)
    upload = session.get(Upload, upload_id)
    if upload is None or upload.district_id != principal.district_id:
        raise NotFound("没有找到这份上传的文件")
    return upload


def _view(session: Session, principal: Principal, upload: Upload) -> UploadView:
    stored = upload.report or {}
    known = find_batch(session, upload.district_id, upload.sha256)
    who = session.get(Account, upload.account_id)
    return UploadView(
        id=upload.id,
        file_name=upload.file_name,
        size_bytes=upload.size_bytes,
        state=UploadState(upload.state),
        choices=UploadChoices.from_json(stored.get("choices", {})),
        report=stored.get("found", {}),
        batch_id=upload.batch_id,
        known_batch=known.id if known else None,
        known_undone=known is not None and known.undone_at is not None,
        run=get_run(session, principal, stored["run"]) if stored.get("run") else None,
        handed_in_by=who.display_name if who else "",
        handed_in_at=upload.handed_in_at,
    )


def read_again(
    session: Session,
    principal: Principal,
    upload_id: str,
    choices: UploadChoices,
    *,
    now: datetime,
) -> str:
    """Ask that a file be read with other choices; returns the run's id.

    Raises
    ------
    Refused, NotFound
        As `get_upload`.
    Conflict
        When it is being read or imported, or is done with.
    """
    view = get_upload(session, principal, upload_id)
    _require_free(view)
    upload = require_upload(session, principal, upload_id)
    return _ask_to_read(session, principal, upload, choices, now=now)


def confirm(session: Session, principal: Principal, upload_id: str, *, now: datetime) -> str:
    """Ask that a file be imported as reported; a second time gives the same run.

    Raises
    ------
    Refused, NotFound
        As `get_upload`.
    Conflict
        When it was not read, or the very same file was imported before.
    """
    view = get_upload(session, principal, upload_id)
    if view.state in {UploadState.IMPORTING, UploadState.IMPORTED} and not view.is_stuck:
        return view.run.id if view.run else ""
    if view.known_batch is not None:
        raise Conflict("“{file}”以前导入过,没有改变", file=view.file_name)
    if view.state is not UploadState.READY and not view.is_stuck:
        raise Conflict("“{file}”还没有读好,不能导入", file=view.file_name)
    taken = session.scalar(
        update(Upload)
        .where(Upload.id == upload_id, Upload.state == view.state.value)
        .values(state=UploadState.IMPORTING)
        .returning(Upload.id)
    )
    upload = require_upload(session, principal, upload_id)
    session.refresh(upload)
    if taken is None:
        return str((upload.report or {}).get("run", ""))
    run_id = queue_run(session, principal, RunKind.IMPORT, {"upload": upload_id}, now=now)
    upload.report = {**(upload.report or {}), "run": run_id}
    _note(session, principal, "confirm_upload", upload, now)
    return run_id


def discard(
    session: Session, principal: Principal, upload_id: str, *, folder: Path, now: datetime
) -> None:
    """Give a file up: its bytes are removed, nothing of it is kept.

    Raises
    ------
    Refused, NotFound
        As `get_upload`.
    Conflict
        When it is being read or imported, or is done with.
    """
    view = get_upload(session, principal, upload_id)
    _require_free(view)
    upload = require_upload(session, principal, upload_id)
    _discard(upload, folder)
    _note(session, principal, "discard_upload", upload, now)


def _discard(upload: Upload, folder: Path) -> None:
    upload.state, upload.report = UploadState.DISCARDED, None
    path_of(folder, upload.id).unlink(missing_ok=True)


def discard_forgotten(session: Session, *, folder: Path, now: datetime) -> int:
    """Discard what nobody confirmed within a week; returns how many files went."""
    forgotten = session.scalars(
        select(Upload).where(
            Upload.handed_in_at < now - UPLOAD_WAITS,
            Upload.state.in_([UploadState.READY, UploadState.REFUSED]),
        )
    ).all()
    for upload in forgotten:
        _discard(upload, folder)
    return len(forgotten)


def _require_free(view: UploadView) -> None:
    if not (view.state.may_change or view.is_stuck):
        raise Conflict(
            "“{file}”现在是“{state}”,请等它完成", file=view.file_name, state=view.state.label
        )


def _note(
    session: Session,
    principal: Principal,
    action: str,
    upload: Upload,
    now: datetime,
    **detail: object,
) -> None:
    write_audit(
        session,
        district_id=principal.district_id,
        account_id=principal.account_id or None,
        action=action,
        subject="upload",
        subject_id=upload.id,
        now=now,
        detail=detail,
    )

"""Photos and voice notes of visits: cleaned, kept by their digest, acknowledged like a visit."""

from __future__ import annotations

import hashlib
import io
import os
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import uuid5

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from outreach.errors import InvalidInput, NotFound, Refused
from outreach.services.administration.audit import write_audit
from outreach.services.enterprises.enterprises import get_enterprise
from outreach.services.visits.visit_content import read_uuid
from outreach.storage.visits import Attachment, Visit

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal

LARGEST_ATTACHMENT = 2 * 1024 * 1024
"""Bytes; a phone shrinks a photo to about 300 kB before it sends it."""

_MOST_PIXELS = 40_000_000
_LONGEST_EDGE = 1600
_JPEG_QUALITY = 80
_FOLDER = "attachments"


class AttachmentKind(StrEnum):
    """What is attached."""

    PHOTO = "photo"
    VOICE = "voice"


_VOICE_STARTS = {
    "audio/webm": (b"\x1aE\xdf\xa3",),
    "audio/ogg": (b"OggS",),
    "audio/mpeg": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"),
    "audio/mp4": (b"ftyp",),
}
"""What the files of recorders begin with; mp4 has its mark at the fifth byte."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentReceipt:
    """The digest of what the phone sent, and whether it was stored now."""

    uuid: str
    sha256: str
    is_new: bool


def receive_attachment(
    session: Session,
    principal: Principal,
    folder: Path,
    uuid_text: str,
    *,
    visit_uuid: str,
    kind: AttachmentKind,
    data: bytes,
    now: datetime,
) -> AttachmentReceipt:
    """Keep a photo or voice note; it may come before its visit.

    A photo is drawn anew, so that no EXIF, position or hidden content survives. The same uuid with
    other bytes is kept beside the first, since photos are never a conflict.

    Raises
    ------
    InvalidInput
        When the bytes are no picture or sound, or too many.
    Refused
        When the account records no visits.
    """
    if not principal.role.records_visits:
        raise Refused("只有网格员可以记录走访")
    uuid, visit = read_uuid(uuid_text), read_uuid(visit_uuid)
    if len(data) > LARGEST_ATTACHMENT:
        raise InvalidInput("附件太大了,最多 {most} KB", most=LARGEST_ATTACHMENT // 1024)
    digest = hashlib.sha256(data).hexdigest()
    stored = session.get(Attachment, str(uuid))
    if stored is not None and stored.sha256 == digest:
        if not is_kept(folder, stored.stored_sha256):
            _keep_again(session, stored, folder, kind, data, now)
        return AttachmentReceipt(uuid=str(uuid), sha256=digest, is_new=False)
    key = uuid if stored is None else uuid5(uuid, digest)
    media_type, clean = _clean(kind, data)
    row = Attachment(
        uuid=str(key),
        district_id=principal.district_id,
        visit_uuid=str(visit),
        account_id=principal.account_id,
        kind=kind,
        media_type=media_type,
        size_bytes=len(clean),
        sha256=digest,
        stored_sha256=_keep(folder / _FOLDER, clean),
        received_at=now,
    )
    is_new = _add(session, row)
    return AttachmentReceipt(uuid=str(uuid), sha256=digest, is_new=is_new)


def _add(session: Session, row: Attachment) -> bool:
    """Add the row and its audit entry; `False` when another tab added the same one just now."""
    try:
        with session.begin_nested():
            session.add(row)
            write_audit(
                session,
                district_id=row.district_id,
                account_id=row.account_id,
                action="receive_attachment",
                subject="attachment",
                subject_id=row.uuid,
                now=row.received_at,
            )
    except IntegrityError:
        known = session.get(Attachment, row.uuid)
        if known is None or known.sha256 != row.sha256:
            raise
        return False
    return True


def is_kept(folder: Path, stored_sha256: str) -> bool:
    """Whether the bytes of an attachment are there; a backup may hold the row without them."""
    return _path(folder / _FOLDER, stored_sha256).is_file()


def _keep_again(
    session: Session,
    row: Attachment,
    folder: Path,
    kind: AttachmentKind,
    data: bytes,
    now: datetime,
) -> None:
    """Keep the bytes of an attachment whose file was lost."""
    row.media_type, clean = _clean(kind, data)
    row.stored_sha256, row.size_bytes = _keep(folder / _FOLDER, clean), len(clean)
    write_audit(
        session,
        district_id=row.district_id,
        account_id=row.account_id,
        action="restore_attachment",
        subject="attachment",
        subject_id=row.uuid,
        now=now,
    )


def _clean(kind: AttachmentKind, data: bytes) -> tuple[str, bytes]:
    if kind is AttachmentKind.PHOTO:
        return "image/jpeg", redraw_photo(data)
    for media_type, starts in _VOICE_STARTS.items():
        head = data[4:8] if media_type == "audio/mp4" else data[:4]
        if any(head.startswith(start) for start in starts):
            return media_type, data
    raise InvalidInput("这段录音的格式用不了,请重新录一段")


def redraw_photo(data: bytes) -> bytes:
    """Draw a photo anew as JPEG, upright, at most 1,600 pixels at its longer edge.

    Raises
    ------
    InvalidInput
        When the bytes are no picture that can be drawn, or it has more than 40 million pixels.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError  # lazy: start-up time

    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise InvalidInput("照片的像素太多,请重新拍一张")
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise InvalidInput("照片打不开,请重新拍一张") from error
    upright.thumbnail((_LONGEST_EDGE, _LONGEST_EDGE))
    drawn = io.BytesIO()
    upright.save(drawn, "JPEG", quality=_JPEG_QUALITY)
    return drawn.getvalue()


def _keep(folder: Path, data: bytes) -> str:
    """Write bytes under their digest, whole or not at all; what is there already stays."""
    digest = hashlib.sha256(data).hexdigest()
    path = _path(folder, digest)
    if path.is_file():
        return digest
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(6)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return digest


def _path(folder: Path, digest: str) -> Path:
    return folder / digest[:2] / digest


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentFile:
    """An attachment as it is handed out."""

    path: Path
    media_type: str


def open_attachment(
    session: Session, principal: Principal, folder: Path, uuid_text: str, *, now: datetime
) -> AttachmentFile:
    """Return an attachment of a visit to a firm that the account may see; opening is audited.

    Raises
    ------
    NotFound
        When there is none in the account's sight.
    """
    row = session.get(Attachment, str(read_uuid(uuid_text)))
    visit = session.get(Visit, row.visit_uuid) if row else None
    if row is None or visit is None:
        raise NotFound("没有找到这个附件")
    get_enterprise(session, principal, visit.enterprise_id)
    write_audit(
        session,
        district_id=principal.district_id,
        account_id=principal.account_id or None,
        action="open_attachment",
        subject="attachment",
        subject_id=row.uuid,
        now=now,
    )
    return AttachmentFile(
        path=_path(folder / _FOLDER, row.stored_sha256), media_type=row.media_type
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentLine:
    """One attachment in the list of its visit."""

    uuid: str
    kind: AttachmentKind
    size_bytes: int


def list_attachments(session: Session, visit_uuid: str) -> tuple[AttachmentLine, ...]:
    """The attachments of a visit, in the order of their receipt."""
    query = select(Attachment).where(Attachment.visit_uuid == visit_uuid)
    return tuple(
        AttachmentLine(uuid=row.uuid, kind=AttachmentKind(row.kind), size_bytes=row.size_bytes)
        for row in session.scalars(query.order_by(Attachment.received_at, Attachment.uuid))
    )

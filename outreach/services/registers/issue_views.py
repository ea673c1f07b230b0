"""The issue list as pages show it: only to accounts that see the whole district."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from outreach.domain.sources import Source
from outreach.errors import Refused
from outreach.services.registers.imports import IssueLine, list_issues
from outreach.storage.records import Batch

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.domain.issues import IssueKind


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchName:
    """One delivered file in a list to choose from."""

    id: int
    file_name: str
    source: Source
    as_of: date | None
    rows_read: int
    rows_held: int
    undone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueFilter:
    """What the list shows; an empty field does not filter."""

    batch_id: int | None = None
    kind: IssueKind | None = None
    held_only: bool = False


def list_batches(session: Session, principal: Principal) -> list[BatchName]:
    """The delivered files of the account's district, newest first; visits are no files."""
    _require_district(principal)
    batches = session.scalars(
        select(Batch)
        .where(Batch.district_id == principal.district_id, Batch.source != Source.VISIT)
        .order_by(Batch.id.desc())
    )
    return [
        BatchName(
            id=batch.id,
            file_name=batch.file_name,
            source=Source(batch.source),
            as_of=batch.as_of,
            rows_read=batch.rows_read,
            rows_held=batch.rows_held,
            undone=batch.undone_at is not None,
        )
        for batch in batches
    ]


def page_of_issues(
    session: Session, principal: Principal, wanted: IssueFilter, *, limit: int, offset: int
) -> tuple[list[IssueLine], int]:
    """One page of the issue list of the account's district, and how many lines there are.

    Raises
    ------
    Refused
        When the account does not see the whole district.
    """
    _require_district(principal)
    return list_issues(
        session,
        district_id=principal.district_id,
        batch_id=wanted.batch_id,
        kind=wanted.kind,
        held_only=wanted.held_only,
        limit=limit,
        offset=offset,
    )


def _require_district(principal: Principal) -> None:
    if not principal.role.sees_district:
        raise Refused("问题清单只给区总工会和规划人员看")

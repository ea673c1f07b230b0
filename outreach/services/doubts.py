"""What the last linking left to people: findings for the list of issues, pairs for the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from outreach.domain.issues import IssueKind
from outreach.storage import records as rows

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from outreach.fusion.links import Linkage

DOUBT_KINDS = (IssueKind.PARENT_CODE, IssueKind.AMBIGUOUS_MATCH, IssueKind.CONFLICTING_CODES)


def save_issues(session: Session, linkage: Linkage, district_id: int) -> None:
    """Doubts are found anew by every linking, so those of the last one go."""
    session.execute(
        delete(rows.Issue).where(
            rows.Issue.district_id == district_id, rows.Issue.kind.in_(DOUBT_KINDS)
        )
    )
    if not linkage.doubts:
        return
    known = session.execute(
        select(rows.Record.id, rows.Record.batch_id, rows.Record.row).where(
            rows.Record.district_id == district_id
        )
    )
    where = {record: (batch, row) for record, batch, row in known}
    session.execute(
        insert(rows.Issue),
        [
            {
                "district_id": district_id,
                "batch_id": where[doubt.record_id][0],
                "record_id": doubt.record_id,
                "kind": doubt.kind,
                "row": where[doubt.record_id][1],
                "column": "",
                "value": doubt.value,
            }
            for doubt in linkage.doubts
        ],
    )

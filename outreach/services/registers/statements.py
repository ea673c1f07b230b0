"""What was said of records, as the rules that link and fold read it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import select

from outreach.domain.issues import IssueKind
from outreach.domain.sources import Source
from outreach.domain.statements import Prop, Statement
from outreach.services.registers.deliveries import rank_batches
from outreach.storage import records as rows

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session


def load_statements(
    session: Session, district_id: int, record_ids: Collection[int] | None = None
) -> dict[int, list[Statement]]:
    """Load all statements of a district (or of some records) by record id, in one query.

    What stands in a batch that was undone, or in a version of a visit that was corrected, is not
    said.
    """
    table = rows.Statement
    query = select(
        table.record_id,
        table.source,
        table.prop,
        table.value,
        table.raw,
        table.as_of,
        rows.Record.batch_id,
    )
    query = query.join(rows.Record, rows.Record.id == table.record_id)
    query = query.join(rows.Batch, rows.Batch.id == rows.Record.batch_id)
    query = query.where(rows.Batch.undone_at.is_(None), rows.Record.superseded_by.is_(None))
    if record_ids is None:
        query = query.where(table.district_id == district_id)
    else:
        query = query.where(table.record_id.in_(record_ids))
    query = query.order_by(table.id)
    sources = {source.value: source for source in Source}
    props = {prop.value: prop for prop in Prop}
    ranks = rank_batches(session, district_id)
    said: dict[int, list[Statement]] = defaultdict(list)
    for record_id, source, prop, value, raw, as_of, batch_id in session.execute(query):
        said[record_id].append(
            Statement(
                prop=props[prop],
                value=value,
                raw=raw,
                source=sources[source],
                as_of=as_of,
                record_id=record_id,
                delivery=ranks.get(batch_id, 0),
            )
        )
    return said


_CODES = {Prop.USCC, Prop.ORG_CODE, Prop.TAX_ID}


def without_parent_codes(
    said: dict[int, list[Statement]], parents: set[int]
) -> dict[int, list[Statement]]:
    """Leave out the codes of records that carry their parent's: a branch never shows them."""
    return {
        record_id: [s for s in statements if s.prop not in _CODES]
        if record_id in parents
        else statements
        for record_id, statements in said.items()
    }


def find_parent_coded(session: Session, record_ids: Collection[int]) -> set[int]:
    """Those of the records whose code the last linking found to be their parent's."""
    issue = rows.Issue
    query = select(issue.record_id).where(
        issue.record_id.in_(record_ids), issue.kind == IssueKind.PARENT_CODE
    )
    return {record_id for record_id in session.scalars(query) if record_id is not None}

"""The deliveries of each source, oldest first: what a month's files are compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from outreach.domain.calendar import CHINA
from outreach.domain.sources import Source
from outreach.storage.records import Batch

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session


FAR_FEWER = 0.7
"""A file with less than this share of the last complete one's rows is taken for a part: a register
of a district does not lose a third of its rows in a month (judgement, not measured)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Files of one source that came on one day for one month; `rank` counts from 1.

    `complete` says that together they list all of the source; `day` is the day they speak for.
    """

    source: Source
    rank: int
    batches: frozenset[int]
    complete: bool
    day: date


def list_deliveries(session: Session, district_id: int) -> dict[Source, list[Delivery]]:
    """The deliveries of each register of a district, oldest first; what was undone never came.

    An office may send its register in two files: those of one source that came on one day and
    speak for one month are one delivery. A file that speaks for an earlier month is older however
    late it came.
    """
    query = select(Batch).where(
        Batch.district_id == district_id,
        Batch.source != Source.VISIT,
        Batch.undone_at.is_(None),
    )
    together: dict[tuple[Source, date, date], list[Batch]] = {}
    for batch in sorted(session.scalars(query), key=lambda b: (_month(b), b.id)):
        key = Source(batch.source), _month(batch), _received_on(batch)
        together.setdefault(key, []).append(batch)
    found: dict[Source, list[Delivery]] = {}
    for (source, _month_of, _day), batches in together.items():
        earlier = found.setdefault(source, [])
        earlier.append(
            Delivery(
                source=source,
                rank=len(earlier) + 1,
                batches=frozenset(batch.id for batch in batches),
                complete=any(batch.complete for batch in batches),
                day=max(batch.as_of or _received_on(batch) for batch in batches),
            )
        )
    return found


def rank_batches(session: Session, district_id: int) -> dict[int, int]:
    """The order of the batches within each source, oldest first; visits are not ranked."""
    deliveries = list_deliveries(session, district_id)
    return {
        batch: rank
        for of_source in deliveries.values()
        for rank, batch in enumerate(
            (batch for delivery in of_source for batch in sorted(delivery.batches)), start=1
        )
    }


def rows_of_last_complete(session: Session, district_id: int, source: Source) -> int:
    """The rows of the newest file that listed all of a source; 0 without any."""
    query = (
        select(Batch.rows_read)
        .where(
            Batch.district_id == district_id,
            Batch.source == source,
            Batch.complete.is_(True),
            Batch.undone_at.is_(None),
        )
        .order_by(Batch.id.desc())
        .limit(1)
    )
    return session.scalar(query) or 0


def is_far_fewer(rows: int, before: int) -> bool:
    """Whether a file is so much smaller than the last complete one that it must be a part of it."""
    return rows < FAR_FEWER * before


def _received_on(batch: Batch) -> date:
    return batch.received_at.astimezone(CHINA).date()


def _month(batch: Batch) -> date:
    return (batch.as_of or _received_on(batch)).replace(day=1)

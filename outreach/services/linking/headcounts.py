"""What the district's sources are worth: learned by a linking, kept, and shown beside a figure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from outreach.domain.headcounts import (
    Calibration,
    Headcount,
    SourceWorth,
    calibrated_number,
    newest_figures,
)
from outreach.domain.sources import Source
from outreach.fusion.calibration import learn_calibration, make_calibration
from outreach.fusion.survivorship import list_headcounts
from outreach.storage.headcounts import SourceCalibration

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from outreach.domain.statements import Statement


def learn_sources(
    session: Session,
    clusters: Iterable[Sequence[int]],
    said: Mapping[int, list[Statement]],
    *,
    district_id: int,
    now: datetime,
) -> Calibration:
    """Learn from the records of all enterprises what each source is worth, and keep it."""
    calibration = learn_calibration(
        list_headcounts(statement for record in cluster for statement in said.get(record, ()))
        for cluster in clusters
    )
    session.execute(delete(SourceCalibration).where(SourceCalibration.district_id == district_id))
    learned = [
        {
            "district_id": district_id,
            "source": source.value,
            "log_ratio": worth.log_ratio,
            "spread": worth.spread,
            "pairs": worth.pairs,
            "learned_at": now,
        }
        for source, worth in calibration.sources.items()
        if worth.pairs
    ]
    if learned:
        session.execute(insert(SourceCalibration), learned)
    return calibration


def load_calibration(session: Session, district_id: int) -> Calibration:
    """What the last linking learned; of what it did not see, the written priors."""
    rows = session.scalars(
        select(SourceCalibration).where(SourceCalibration.district_id == district_id)
    )
    known = {source.value: source for source in Source}
    return make_calibration(
        {
            known[row.source]: SourceWorth(
                log_ratio=row.log_ratio, spread=row.spread, pairs=row.pairs
            )
            for row in rows
            if row.source in known
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureLine:
    """One dated figure with what it speaks for.

    speaks_for : employees after division by the source's ratio, to one decimal.
    percent : the figure that the source gives for a hundred employees.
    pairs : firms that the ratio was learned from; 0 when it is assumed.
    is_newest : whether it is its source's newest, the one that counts.
    """

    figure: Headcount
    speaks_for: float
    percent: int
    pairs: int
    is_newest: bool


def list_figures(figures: Sequence[Headcount], calibration: Calibration) -> list[FigureLine]:
    """All dated figures of a firm, the newest first, each with what it speaks for."""
    newest = set(newest_figures(figures).values())
    ordered = sorted(figures, key=lambda f: (f.as_of or date.min, f.source.value), reverse=True)
    return [
        FigureLine(
            figure=figure,
            speaks_for=round(calibrated_number(figure, calibration), 1),
            percent=round(100 * calibration.worth_of(figure.source).ratio),
            pairs=calibration.worth_of(figure.source).pairs,
            is_newest=figure in newest,
        )
        for figure in ordered
    ]

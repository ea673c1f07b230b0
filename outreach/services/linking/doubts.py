"""What the last linking left to people: findings for the list of issues, pairs for the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, or_, select
from sqlalchemy.orm import aliased

from outreach.domain.issues import IssueKind
from outreach.domain.judgements import (
    DoubtReason,
    QuestionState,
    Situation,
    Verdict,
    question_state,
)
from outreach.services.linking.memberships import findings_as_json
from outreach.storage import records as rows
from outreach.storage.enterprises import Enterprise, Member
from outreach.storage.judgements import DoubtfulPair, Judgement

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy.orm import Session

    from outreach.fusion.links import Linkage
    from outreach.fusion.stakes import Question

_CHUNK = 5000
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


def save_questions(session: Session, questions: Iterable[Question], district_id: int) -> None:
    """Store the queue anew; what people put off for later stays put off."""
    session.execute(delete(DoubtfulPair).where(DoubtfulPair.district_id == district_id))
    standing = _standing(session, district_id)
    values = [
        {
            "district_id": district_id,
            "left_record_id": question.pair.left,
            "right_record_id": question.pair.right,
            "reason": question.pair.reason,
            "weight": question.pair.weight,
            "findings": findings_as_json(question.pair.findings),
            "priority": question.priority,
            "state": _state_of_verdict(standing.get((question.pair.left, question.pair.right))),
        }
        for question in questions
    ]
    if values:
        session.execute(insert(DoubtfulPair), values)


def _state_of_verdict(verdict: Verdict | None) -> QuestionState:
    if verdict is None:
        return QuestionState.OPEN
    return QuestionState.DECIDED if verdict.decides else QuestionState.LATER


def _standing(session: Session, district_id: int) -> dict[tuple[int, int], Verdict]:
    query = select(Judgement.left_record_id, Judgement.right_record_id, Judgement.verdict).where(
        Judgement.district_id == district_id, Judgement.revoked_at.is_(None)
    )
    return {(left, right): Verdict(verdict) for left, right, verdict in session.execute(query)}


_LEFT, _RIGHT = aliased(Member), aliased(Member)
_ONE, _TWO = aliased(Enterprise), aliased(Enterprise)
_SIDES = (
    select(DoubtfulPair, _ONE.id, _TWO.id, _ONE.uscc, _TWO.uscc)
    .join(_LEFT, _LEFT.record_id == DoubtfulPair.left_record_id)
    .join(_RIGHT, _RIGHT.record_id == DoubtfulPair.right_record_id)
    .join(_ONE, _ONE.id == _LEFT.enterprise_id)
    .join(_TWO, _TWO.id == _RIGHT.enterprise_id)
)
"""A question with the enterprises of its two rows; made once, since building it takes longer."""


def refresh_states(session: Session, district_id: int, records: Collection[int]) -> None:
    """Say anew which questions about these records still want an answer."""
    query = _SIDES.where(
        DoubtfulPair.district_id == district_id,
        or_(
            DoubtfulPair.left_record_id.in_(records),
            DoubtfulPair.right_record_id.in_(records),
        ),
    )
    found = session.execute(query).all()
    if not found:
        return
    standing = _standing(session, district_id)
    apart = _enterprises_apart(session, standing)
    for pair, first, second, code, other in found:
        state = question_state(
            DoubtReason(pair.reason),
            Situation(
                verdict=standing.get((pair.left_record_id, pair.right_record_id)),
                together=first == second,
                codes_differ=bool(code and other and code != other),
                apart=frozenset({first, second}) in apart,
            ),
        )
        if pair.state != state:
            pair.state = state
    session.flush()


def _enterprises_apart(
    session: Session, standing: dict[tuple[int, int], Verdict]
) -> set[frozenset[int]]:
    """The enterprises between which a "different" stands."""
    pairs = [pair for pair, verdict in standing.items() if verdict is Verdict.DIFFERENT]
    ends = sorted({record for pair in pairs for record in pair})
    homes: dict[int, int] = {}
    for start in range(0, len(ends), _CHUNK):
        query = select(Member.record_id, Member.enterprise_id).where(
            Member.record_id.in_(ends[start : start + _CHUNK])
        )
        homes |= dict(session.execute(query).all())
    return {
        frozenset({homes[one], homes[two]}) for one, two in pairs if one in homes and two in homes
    }

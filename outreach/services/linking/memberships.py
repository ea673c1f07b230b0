"""Which record belongs to which enterprise: ids that stay, members, the links behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from outreach.domain.judgements import JudgedPair, Verdict
from outreach.fusion.identity import keep_ids
from outreach.storage.enterprises import Enterprise, EnterpriseAlias, Member
from outreach.storage.judgements import Judgement, RecordLink

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from outreach.fusion.links import Finding, Link
    from outreach.fusion.links import RecordLink as Joined

_CHUNK = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenIds:
    """The id of each cluster, in order; how many are new, how many former ids are aliases."""

    ids: list[int]
    new: int
    aliased: int


def load_members(session: Session, district_id: int) -> dict[int, int]:
    """Record id -> enterprise id, of a whole district."""
    query = select(Member.record_id, Member.enterprise_id)
    return dict(session.execute(query.where(Member.district_id == district_id)).all())


def load_homes(session: Session, district_id: int) -> dict[int, int]:
    """Enterprise id -> its home record, of a whole district, merged ones among them."""
    query = select(Enterprise.id, Enterprise.home_record_id).where(
        Enterprise.district_id == district_id, Enterprise.home_record_id.is_not(None)
    )
    return {key: home for key, home in session.execute(query) if home is not None}


def load_judged(
    session: Session, district_id: int, records: Collection[int] | None = None
) -> list[JudgedPair]:
    """People's verdicts that stand and decide, of a district or of pairs among some records."""
    query = select(Judgement.left_record_id, Judgement.right_record_id, Judgement.verdict).where(
        Judgement.district_id == district_id,
        Judgement.revoked_at.is_(None),
        Judgement.verdict != Verdict.LATER,
    )
    if records is not None:
        query = query.where(
            Judgement.left_record_id.in_(records), Judgement.right_record_id.in_(records)
        )
    return [
        JudgedPair(left=left, right=right, verdict=Verdict(verdict))
        for left, right, verdict in session.execute(query.order_by(Judgement.id))
    ]


def give_ids(
    session: Session,
    clusters: Sequence[tuple[int, ...]],
    *,
    previous: Mapping[int, int],
    homes: Mapping[int, int],
    district_id: int,
    now: datetime,
) -> GivenIds:
    """Give every cluster its enterprise id, and every id without a cluster its alias.

    `previous` and `homes` hold all that is known of the records in question, and of no others.
    """
    identities = keep_ids(clusters, previous, homes)
    nameless = [c for c, kept in zip(clusters, identities.ids, strict=True) if kept is None]
    supply = iter(_new_ids(session, nameless, district_id))
    ids = [next(supply) if kept is None else kept for kept in identities.ids]
    concerned = {*homes, *previous.values()}
    _delete_aliases(session, concerned)
    oldest: dict[int, int] = {}
    for record in sorted(previous):
        oldest.setdefault(previous[record], record)
    aliases = [
        {
            "district_id": district_id,
            "former_id": former,
            "enterprise_id": ids[position],
            "record_id": homes.get(former) or oldest[former],
            "since": now,
        }
        for former, position in identities.aliases.items()
    ]
    if aliases:
        session.execute(insert(EnterpriseAlias), aliases)
    if gone := set(previous.values()) - set(ids):
        session.execute(update(Enterprise), [{"id": id_, "retired": True} for id_ in sorted(gone)])
    return GivenIds(ids=ids, new=len(nameless), aliased=len(aliases))


def _delete_aliases(session: Session, former_ids: Collection[int]) -> None:
    ordered = sorted(former_ids)
    for start in range(0, len(ordered), _CHUNK):
        chunk = ordered[start : start + _CHUNK]
        session.execute(delete(EnterpriseAlias).where(EnterpriseAlias.former_id.in_(chunk)))


def _new_ids(session: Session, clusters: Sequence[tuple[int, ...]], district_id: int) -> list[int]:
    fresh: list[int] = []
    for start in range(0, len(clusters), _CHUNK):
        values = [
            {"district_id": district_id, "home_record_id": cluster[0], **_BLANK}
            for cluster in clusters[start : start + _CHUNK]
        ]
        fresh += session.scalars(
            insert(Enterprise).returning(Enterprise.id, sort_by_parameter_order=True), values
        ).all()
    return fresh


_BLANK = {
    "name": "",
    "state": "unknown",
    "industry": "office",
    "union_status": "none",
    "headcounts": [],
    "reasons": [],
}


def save_members(
    session: Session,
    clusters: Sequence[tuple[int, ...]],
    ids: Sequence[int],
    links: Mapping[int, Link],
    *,
    district_id: int,
) -> None:
    """Store where each record belongs and why; former rows of these records must be gone."""
    members = [
        {
            "district_id": district_id,
            "record_id": record_id,
            "enterprise_id": enterprise_id,
            "rule": links[record_id].rule,
            "evidence": links[record_id].evidence,
        }
        for cluster, enterprise_id in zip(clusters, ids, strict=True)
        for record_id in cluster
    ]
    _insert(session, Member, members)


def replace_members(
    session: Session,
    clusters: Sequence[tuple[int, ...]],
    ids: Sequence[int],
    links: Mapping[int, Link],
    *,
    district_id: int,
) -> None:
    """Store the members of a whole district anew."""
    session.execute(delete(Member).where(Member.district_id == district_id))
    save_members(session, clusters, ids, links, district_id=district_id)


def save_links(session: Session, joined: Iterable[Joined], *, district_id: int) -> None:
    """Store the links of a whole district anew, in the order in which they joined."""
    session.execute(delete(RecordLink).where(RecordLink.district_id == district_id))
    links = [
        {
            "district_id": district_id,
            "left_record_id": link.left,
            "right_record_id": link.right,
            "rule": link.rule,
            "weight": link.weight,
            "evidence": link.evidence,
            "findings": findings_as_json(link.findings),
        }
        for link in joined
    ]
    _insert(session, RecordLink, links)


def findings_as_json(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """The findings as they are stored."""
    return [{"label": one.label, "weight": one.weight} for one in findings]


def _insert(
    session: Session, table: type[Member | RecordLink], values: list[dict[str, Any]]
) -> None:
    for start in range(0, len(values), _CHUNK):
        session.execute(insert(table), values[start : start + _CHUNK])

"""Relations between enterprises: stored by every linking, shown in the dossier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, or_, select

from outreach.domain.judgements import RelationKind
from outreach.services.enterprises.enterprises import all_ids, current_id, in_scope
from outreach.storage.enterprises import Enterprise
from outreach.storage.judgements import Relation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.fusion.relations import Related

_CHUNK = 5000
MOST_SHOWN = 20
"""So many firms of one kind are listed; the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmName:
    """An enterprise in a list of related ones; `id` is `None` when it is out of sight."""

    id: int | None
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """A joint union with the number of firms it covers, this one among them."""

    union_name: str
    firms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Relations:
    """What the dossier shows; `branch_count` counts also the branches that are not listed."""

    parents: tuple[FirmName, ...] = ()
    branches: tuple[FirmName, ...] = ()
    branch_count: int = 0
    predecessors: tuple[FirmName, ...] = ()
    successors: tuple[FirmName, ...] = ()
    unions: tuple[Coverage, ...] = ()

    def __bool__(self) -> bool:
        return any((self.parents, self.branches, self.predecessors, self.successors, self.unions))


def save_relations(
    session: Session, related: Iterable[Related], ids: Sequence[int], *, district_id: int
) -> None:
    """Store the relations of a district anew; `ids` are the enterprises of the clusters."""
    session.execute(delete(Relation).where(Relation.district_id == district_id))
    values = [
        {
            "district_id": district_id,
            "kind": one.kind,
            "enterprise_id": ids[one.cluster],
            "other_id": None if one.other is None else ids[one.other],
            "union_key": one.union_key[:200],
            "union_name": one.union_name[:500],
            "record_id": one.record_id,
            "evidence": one.evidence,
        }
        for one in related
    ]
    for start in range(0, len(values), _CHUNK):
        session.execute(insert(Relation), values[start : start + _CHUNK])


def list_relations(session: Session, principal: Principal, enterprise_id: int) -> Relations:
    """The relations of one enterprise that the account may see; others keep their names only."""
    ids = all_ids(session, enterprise_id)
    rows = session.scalars(
        select(Relation)
        .where(
            Relation.district_id == principal.district_id,
            or_(Relation.enterprise_id.in_(ids), Relation.other_id.in_(ids)),
        )
        .order_by(Relation.id)
    ).all()
    away = {r.enterprise_id if r.other_id in ids else r.other_id for r in rows} - {None}
    names = _names(session, principal, {key for key in away if key is not None})

    def listed(kind: RelationKind, *, forward: bool) -> tuple[FirmName, ...]:
        ends = (
            (r.other_id if forward else r.enterprise_id)
            for r in rows
            if r.kind == kind and (r.enterprise_id if forward else r.other_id) in ids
        )
        found = {names[key] for key in ends if key is not None and key in names}
        return tuple(sorted((one for one in found if one.id not in ids), key=lambda f: f.name))

    branches = listed(RelationKind.BRANCH_OF, forward=False)
    unions = [r for r in rows if r.kind == RelationKind.UNION_COVERS and r.enterprise_id in ids]
    return Relations(
        parents=listed(RelationKind.BRANCH_OF, forward=True),
        branches=branches[:MOST_SHOWN],
        branch_count=len(branches),
        predecessors=listed(RelationKind.SUCCESSOR_OF, forward=True),
        successors=listed(RelationKind.SUCCESSOR_OF, forward=False),
        unions=tuple(_coverage(session, principal.district_id, unions)),
    )


def _names(session: Session, principal: Principal, ids: set[int]) -> dict[int, FirmName]:
    now = {id_: current_id(session, id_) for id_ in ids}
    query = select(Enterprise.id, Enterprise.name).where(Enterprise.id.in_(set(now.values())))
    known = dict(session.execute(query).all())
    seen = set(
        session.scalars(in_scope(select(Enterprise.id).where(Enterprise.id.in_(known)), principal))
    )
    return {
        id_: FirmName(id=meant if meant in seen else None, name=known[meant])
        for id_, meant in now.items()
        if meant in known
    }


def _coverage(session: Session, district_id: int, unions: Iterable[Relation]) -> Iterable[Coverage]:
    names = {union.union_key: union.union_name or union.union_key for union in unions}
    query = (
        select(Relation.union_key, func.count(func.distinct(Relation.enterprise_id)))
        .where(
            Relation.district_id == district_id,
            Relation.kind == RelationKind.UNION_COVERS,
            Relation.union_key.in_(names),
        )
        .group_by(Relation.union_key)
    )
    for key, firms in session.execute(query):
        yield Coverage(union_name=names[key], firms=firms)

"""The index that firms are found by: packed lists of firms for each gram, on any database."""

from __future__ import annotations

import hashlib
import zlib
from array import array
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import delete, func, insert, select, update

from outreach.domain.search import Searchable
from outreach.services.enterprises.pinyin import initials_of
from outreach.storage.desk import DeskState, SearchPosting, SearchText
from outreach.storage.enterprises import Enterprise

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

_CHUNK = 5000
_PACK_FROM = 32
"""Lists of so many firms are compressed; shorter ones would grow."""

MOST_SEGMENTS = 8
REBUILD_SHARE = 0.05
"""When more of the firms than this changed, the whole index is made anew."""


def pack(keys: NDArray[np.uint32]) -> bytes:
    """Ascending keys as bytes: the differences, compressed where that is worth it."""
    steps = np.diff(keys, prepend=np.uint32(0)).astype("<u4").tobytes()
    return b"z" + zlib.compress(steps, 1) if len(keys) >= _PACK_FROM else b"r" + steps


def unpack(packed: bytes) -> NDArray[np.uint32]:
    """The ascending keys that `pack` was given."""
    steps = zlib.decompress(packed[1:]) if packed[:1] == b"z" else packed[1:]
    return np.cumsum(np.frombuffer(steps, "<u4"), dtype=np.uint32)


@dataclass(frozen=True, slots=True)
class _Firm:
    key: int
    name: str
    address: str
    code: str
    phone: str

    @property
    def digest(self) -> str:
        """Changes with every value that the firm is found by."""
        said = "\n".join((self.name, self.address, self.code, self.phone))
        return hashlib.blake2b(said.encode(), digest_size=8).hexdigest()


def refresh_index(session: Session, district_id: int, *, now: datetime) -> int:
    """Index the firms that are new or changed; returns how many.

    Firms that are gone stay in the lists until the index is made anew: a hit is only shown when
    the firm itself still matches.
    """
    known = dict(
        session.execute(
            select(SearchText.enterprise_id, SearchText.digest).where(
                SearchText.district_id == district_id
            )
        ).all()
    )
    changed, total = [], 0
    for firm in _firms(session, district_id):
        total += 1
        if known.get(firm.key) != firm.digest:
            changed.append(firm)
    if changed:
        segment = _next_segment(session, district_id)
        initials = {firm.key: initials_of(firm.name)[:500] for firm in changed}
        is_whole = len(changed) > REBUILD_SHARE * total or not 0 < segment < MOST_SEGMENTS
        # Everything is worked out before the first write: an embedded database has one writer.
        if is_whole:
            segment = 0
            rows = _postings(_firms(session, district_id), _all_initials(session, initials))
        else:
            rows = _postings(changed, initials)
        _save_texts(session, district_id, changed, initials, known)
        if is_whole:
            mine = SearchPosting.district_id == district_id
            session.execute(delete(SearchPosting).where(mine))
        _save_postings(session, {"district_id": district_id, "segment": segment}, rows)
    session.execute(
        update(DeskState).where(DeskState.district_id == district_id).values(searched_at=now)
    )
    return len(changed)


def _firms(session: Session, district_id: int) -> Iterable[_Firm]:
    query = (
        select(
            Enterprise.id, Enterprise.name, Enterprise.address, Enterprise.uscc, Enterprise.phone
        )
        .where(Enterprise.district_id == district_id, Enterprise.retired.is_(False))
        .order_by(Enterprise.id)
    )
    for row in session.execute(query):
        yield _Firm(*row)


def _next_segment(session: Session, district_id: int) -> int:
    newest = session.scalar(
        select(func.max(SearchPosting.segment)).where(SearchPosting.district_id == district_id)
    )
    return 0 if newest is None else newest + 1


def _all_initials(session: Session, fresh: Mapping[int, str]) -> dict[int, str]:
    """The initials of all firms: those that are kept, and over them the ones just read."""
    query = select(SearchText.enterprise_id, SearchText.initials)
    return {**dict(session.execute(query).all()), **fresh}


def _save_texts(
    session: Session,
    district_id: int,
    firms: list[_Firm],
    initials: Mapping[int, str],
    known: Mapping[int, str],
) -> None:
    gone = [firm.key for firm in firms if firm.key in known]
    for start in range(0, len(gone), _CHUNK):
        part = gone[start : start + _CHUNK]
        session.execute(delete(SearchText).where(SearchText.enterprise_id.in_(part)))
    rows = [
        {
            "district_id": district_id,
            "enterprise_id": firm.key,
            "initials": initials[firm.key],
            "digest": firm.digest,
        }
        for firm in firms
    ]
    for start in range(0, len(rows), _CHUNK):
        session.execute(insert(SearchText), rows[start : start + _CHUNK])


def _postings(firms: Iterable[_Firm], initials: Mapping[int, str]) -> list[dict[str, Any]]:
    """The rows of an index of these firms, ordered by gram."""
    lists: dict[str, array[int]] = defaultdict(lambda: array("I"))
    for firm in firms:
        searchable = Searchable.of(
            name=firm.name,
            address=firm.address,
            initials=initials.get(firm.key, ""),
            code=firm.code,
            phone=firm.phone,
        )
        for gram in searchable.grams():
            lists[gram].append(firm.key)
    return [
        {
            "gram": gram,
            "firms": len(keys),
            "packed": pack(np.frombuffer(keys, dtype=np.uint32)),
        }
        for gram, keys in sorted(lists.items())
    ]


def _save_postings(session: Session, where: dict[str, int], rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        session.execute(insert(SearchPosting), [{**where, **row} for row in part])

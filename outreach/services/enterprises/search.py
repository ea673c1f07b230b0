"""Finding firms by name, initials in pinyin, credit code, address, or a whole telephone number."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from outreach.domain.search import Searchable, Term, looks_like_phone, parse_query
from outreach.errors import Conflict
from outreach.services.administration.audit import write_audit
from outreach.services.desk.desk_changes import take_state, try_refresh
from outreach.services.enterprises.enterprise_lists import lines_of
from outreach.services.enterprises.enterprises import in_scope
from outreach.services.enterprises.search_index import refresh_index, unpack
from outreach.storage.desk import DeskState, SearchPosting, SearchText
from outreach.storage.enterprises import Enterprise

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.services.enterprises.enterprise_lists import EnterpriseLine
    from outreach.storage.database import Database

MOST_SHOWN = 50
MOST_CHECKED = 300
"""Candidates whose texts are compared; more than these only a very common word has."""

INDEXED_WHILE_WAITING = 3_000
"""A district of so many firms is indexed while a reader waits, a larger one in the background."""

COMMON = 50_000
"""A gram of so many firms belongs to the words for kinds of companies."""

_ALIKE = 8
"""Of lists whose lengths differ by less than this factor sorting finds the common keys sooner."""

_GRAMS_READ = 2
"""Of the grams of a word the rarest few are read first: mostly they leave few enough firms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found, the closest first; `is_cut` when there may be more than these."""

    lines: tuple[EnterpriseLine, ...]
    is_cut: bool
    is_indexed: bool
    too_short: bool = False


def find_enterprises(
    session: Session, principal: Principal, text: str, *, now: datetime, by_phone: bool = False
) -> Found:
    """Find the firms that the account may see and that hold every word of a text.

    `by_phone` looks for a whole telephone number; such a search is audited, without the number.
    """
    by_phone = by_phone and looks_like_phone(text)
    terms = parse_query(text, by_phone=by_phone)
    if by_phone:
        write_audit(
            session,
            district_id=principal.district_id,
            account_id=principal.account_id or None,
            action="search_phone",
            subject="district",
            subject_id=principal.district_id,
            now=now,
        )
    state = session.get(DeskState, principal.district_id)
    is_indexed = state is not None and state.searched_at is not None
    if not terms:
        return Found(lines=(), is_cut=False, is_indexed=is_indexed, too_short=True)
    keys = _common(session, principal, terms)
    ordered = [] if keys is None else _checked(session, principal, terms, keys)
    if len(ordered) < MOST_SHOWN:
        keys = _candidates(session, principal, terms)
        ordered = _checked(session, principal, terms, keys)
    return Found(
        lines=tuple(lines_of(session, ordered[:MOST_SHOWN])),
        is_cut=len(ordered) > MOST_SHOWN or (keys is not None and len(keys) > MOST_CHECKED),
        is_indexed=is_indexed,
    )


def _common(
    session: Session, principal: Principal, terms: tuple[Term, ...]
) -> NDArray[np.uint32] | None:
    """For one word of which even the rarest gram is common: the firms that hold that gram.

    Mostly enough of the first of them hold the whole word, and no list need be compared.
    """
    if not principal.role.sees_district or len(terms) > 1 or not terms[0].has_han:
        return None
    (grams,) = terms[0].alternatives()
    counts = _counts(session, principal, grams)
    if counts.keys() != grams or min(counts.values()) < COMMON:
        return None
    rarest = min(grams, key=counts.__getitem__)
    return _lists(session, principal, {rarest})[rarest]


def _candidates(
    session: Session, principal: Principal, terms: tuple[Term, ...]
) -> NDArray[np.uint32] | None:
    """Firms that may match by the index; `None` for a grid worker, whose firms are few enough."""
    if not principal.role.sees_district:
        return None
    if not _has_index(session, principal):
        return _by_name_or_code(session, principal, terms)
    wanted = [[sorted(grams) for grams in term.alternatives()] for term in terms]
    counts = _counts(session, principal, {g for term in wanted for a in term for g in a})
    # An alternative with a gram that no firm has is none.
    known = [
        [
            sorted(grams, key=counts.__getitem__)
            for grams in term
            if all(gram in counts for gram in grams)
        ]
        for term in wanted
    ]
    lists: dict[str, NDArray[np.uint32]] = {}
    found = _holding(session, principal, known, lists, most_grams=_GRAMS_READ)
    if len(found) > MOST_CHECKED:
        found = _holding(session, principal, known, lists, most_grams=None)
    return found


def _holding(
    session: Session,
    principal: Principal,
    terms: list[list[list[str]]],
    lists: dict[str, NDArray[np.uint32]],
    *,
    most_grams: int | None,
) -> NDArray[np.uint32]:
    """Firms that hold, for every term, the rarest grams (None: all) of one of its alternatives.

    Lists that were read are kept in `lists`.
    """
    rare = [[grams[:most_grams] for grams in term] for term in terms]
    needed = {gram for term in rare for grams in term for gram in grams}
    lists |= _lists(session, principal, needed - lists.keys())
    found = [
        _union([reduce(_both, [lists[gram] for gram in grams]) for grams in term]) for term in rare
    ]
    return reduce(_both, found)


def _has_index(session: Session, principal: Principal) -> bool:
    mine = SearchPosting.district_id == principal.district_id
    return session.scalar(select(SearchPosting.id).where(mine).limit(1)) is not None


def _by_name_or_code(
    session: Session, principal: Principal, terms: tuple[Term, ...]
) -> NDArray[np.uint32]:
    """Before the first indexing: firms whose name or code holds a word, slowly."""
    query = in_scope(select(Enterprise.id), principal).where(
        *(
            Enterprise.name.contains(term.text, autoescape=True)
            | Enterprise.uscc.contains(term.text, autoescape=True)
            for term in terms
        )
    )
    keys = session.scalars(query.limit(MOST_CHECKED + 1)).all()
    return np.array(sorted(keys), dtype=np.uint32)


def _both(left: NDArray[np.uint32], right: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The keys of two ascending lists; a short list costs little beside a long one."""
    short, long = sorted((left, right), key=len)
    if not len(short):
        return short
    if len(short) * _ALIKE > len(long):
        merged = np.sort(np.concatenate((short, long)))
        twice: NDArray[np.uint32] = merged[1:][merged[1:] == merged[:-1]]
        return twice
    places = np.minimum(np.searchsorted(long, short), len(long) - 1)
    found: NDArray[np.uint32] = short[long[places] == short]
    return found


def _union(parts: list[NDArray[np.uint32]]) -> NDArray[np.uint32]:
    """The keys of any of some ascending lists; numpy's own union hashes, which takes ten times."""
    held = [part for part in parts if len(part)]
    if not held:
        return np.empty(0, dtype=np.uint32)
    if len(held) == 1:
        return held[0]
    merged = np.sort(np.concatenate(held))
    is_first = np.append(True, merged[1:] != merged[:-1])
    once: NDArray[np.uint32] = merged[is_first]
    return once


def _counts(session: Session, principal: Principal, grams: set[str]) -> dict[str, int]:
    query = select(SearchPosting.gram, SearchPosting.firms).where(
        SearchPosting.district_id == principal.district_id, SearchPosting.gram.in_(grams)
    )
    found: dict[str, int] = {}
    for gram, firms in session.execute(query):
        found[gram] = found.get(gram, 0) + firms
    return found


def _lists(
    session: Session, principal: Principal, grams: set[str]
) -> dict[str, NDArray[np.uint32]]:
    query = select(SearchPosting.gram, SearchPosting.packed).where(
        SearchPosting.district_id == principal.district_id, SearchPosting.gram.in_(grams)
    )
    found: dict[str, NDArray[np.uint32]] = {}
    for gram, packed in session.execute(query):
        keys = unpack(packed)
        found[gram] = _union([found[gram], keys]) if gram in found else keys
    return found


def _checked(
    session: Session,
    principal: Principal,
    terms: tuple[Term, ...],
    keys: NDArray[np.uint32] | None,
) -> list[int]:
    """The keys of the firms that hold every word, the closest and then the largest first."""
    query = in_scope(
        select(
            Enterprise.id,
            Enterprise.name,
            Enterprise.address,
            Enterprise.uscc,
            Enterprise.phone,
            Enterprise.employees,
            SearchText.initials,
        ),
        principal,
    ).outerjoin(SearchText, SearchText.enterprise_id == Enterprise.id)
    if keys is not None:
        query = query.where(Enterprise.id.in_(keys[:MOST_CHECKED].tolist()))
    fits = []
    for key, name, address, code, phone, employees, initials in session.execute(query):
        firm = Searchable.of(
            name=name, address=address, initials=initials or "", code=code, phone=phone
        )
        if all(term.matches(firm) for term in terms):
            closeness = min(term.closeness(firm) for term in terms)
            fits.append((closeness, -(employees or 0), key))
    return [key for *_, key in sorted(fits)]


def try_index(database: Database, district_id: int, *, now: datetime) -> None:
    """Bring the index up to date while a reader waits, where that is quick."""
    if not try_refresh(database, district_id, now=now):
        return
    try:
        with database.transaction() as session:
            state = session.get(DeskState, district_id)
            if state is None or state.searched_at or state.firms > INDEXED_WHILE_WAITING:
                return
            if take_state(session, district_id, wait=False):
                refresh_index(session, district_id, now=now)
    except (Conflict, IntegrityError):  # another reader indexed the same at the same moment
        return

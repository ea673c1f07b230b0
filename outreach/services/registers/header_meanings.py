"""What people said of headers that no source's file knows: remembered per district and source."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from outreach.domain.sources import Source
from outreach.errors import InvalidInput, NotFound
from outreach.services.administration.audit import write_audit
from outreach.services.administration.principals import require_importer
from outreach.sources.headers import NOT_READ, is_personal_header
from outreach.sources.rows import READ_COLUMNS
from outreach.sources.specs import header_key, spec_of
from outreach.storage.accounts import Account
from outreach.storage.uploads import HeaderMeaning

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnChoice:
    """What a header may hold: the canonical column, and the header that offices usually write."""

    column: str
    usual_header: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeaningLine:
    """One remembered header."""

    id: int
    source: Source
    header: str
    column: str
    usual_header: str
    explained_by: str
    explained_at: datetime


def columns_of(source: Source) -> list[ColumnChoice]:
    """The columns of a source's file that something is read from, in the order of its spec."""
    spec = spec_of(source)
    return [
        ColumnChoice(column=column, usual_header=spec.usual_header(column))
        for column in spec.headers
        if column in READ_COLUMNS or column in spec.lookups
    ]


def load_meanings(session: Session, district_id: int) -> dict[Source, dict[str, str]]:
    """Source -> header key -> canonical column (or `NOT_READ`), as the readers take them."""
    known = {source.value: source for source in Source}
    found: dict[Source, dict[str, str]] = defaultdict(dict)
    rows = session.scalars(select(HeaderMeaning).where(HeaderMeaning.district_id == district_id))
    for row in rows:
        if row.source in known:
            found[known[row.source]][header_key(row.header)] = row.column
    return dict(found)


def explain_headers(
    session: Session,
    principal: Principal,
    source: Source,
    meanings: Mapping[str, str],
    *,
    now: datetime,
) -> None:
    """Remember what headers hold: header -> canonical column, `NOT_READ`, or empty to forget.

    Raises
    ------
    Refused
        When the account does not see the whole district.
    InvalidInput
        When a column is none of the source's, or a header is one of persons' papers.
    """
    require_importer(principal)
    allowed = {choice.column for choice in columns_of(source)} | {NOT_READ, ""}
    for header, column in meanings.items():
        if column not in allowed:
            raise InvalidInput("“{header}”不能读作“{column}”", header=header, column=column)
        if is_personal_header(header) and column not in {NOT_READ, ""}:
            raise InvalidInput(
                "“{header}”是个人证件号,不能读作别的列;本系统不保存个人证件号", header=header
            )
    session.execute(
        delete(HeaderMeaning).where(
            HeaderMeaning.district_id == principal.district_id,
            HeaderMeaning.source == source.value,
            HeaderMeaning.header.in_([header[:200] for header in meanings]),
        )
    )
    session.add_all(
        HeaderMeaning(
            district_id=principal.district_id,
            source=source.value,
            header=header[:200],
            column=column,
            account_id=principal.account_id or None,
            explained_at=now,
        )
        for header, column in meanings.items()
        if column
    )
    write_audit(
        session,
        district_id=principal.district_id,
        account_id=principal.account_id or None,
        action="explain_headers",
        subject="source",
        subject_id=source.value,
        now=now,
        detail=dict(meanings),
    )


def list_meanings(session: Session, principal: Principal) -> list[MeaningLine]:
    """What is remembered in the account's district.

    Raises
    ------
    Refused
        When the account does not see the whole district.
    """
    require_importer(principal)
    known = {source.value: source for source in Source}
    rows = session.execute(
        select(HeaderMeaning, Account.display_name)
        .outerjoin(Account, Account.id == HeaderMeaning.account_id)
        .where(HeaderMeaning.district_id == principal.district_id)
        .order_by(HeaderMeaning.source, HeaderMeaning.header)
    )
    return [
        MeaningLine(
            id=row.id,
            source=known[row.source],
            header=row.header,
            column=row.column,
            usual_header=_usual(known[row.source], row.column),
            explained_by=name or "",
            explained_at=row.explained_at,
        )
        for row, name in rows
        if row.source in known
    ]


def _usual(source: Source, column: str) -> str:
    return "" if column == NOT_READ else spec_of(source).usual_header(column)


def forget_meaning(
    session: Session, principal: Principal, meaning_id: int, *, now: datetime
) -> None:
    """Remove one remembered header; files that were read with it stay as they are.

    Raises
    ------
    Refused
        When the account does not see the whole district.
    NotFound
        When there is none in the account's district.
    """
    require_importer(principal)
    row = session.get(HeaderMeaning, meaning_id)
    if row is None or row.district_id != principal.district_id:
        raise NotFound("没有找到这条表头说明")
    session.delete(row)
    write_audit(
        session,
        district_id=principal.district_id,
        account_id=principal.account_id or None,
        action="forget_header",
        subject="source",
        subject_id=row.source,
        now=now,
        detail={"header": row.header},
    )

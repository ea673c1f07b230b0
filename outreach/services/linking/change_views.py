"""The change list as pages, files and commands show it, scoped to what an account may see."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, TypeVarTuple

from sqlalchemy import distinct, func, or_, select

from outreach.domain.changes import ChangeKind
from outreach.domain.enterprises import OperatingState, UnionStatus
from outreach.domain.sources import Source
from outreach.domain.wording import Sentence
from outreach.errors import Refused
from outreach.services.administration.audit import write_audit
from outreach.services.enterprises.enterprises import in_scope
from outreach.storage.changes import Change
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session
    from sqlalchemy.sql import Select

    from outreach.domain.accounts import Principal

Columns = TypeVarTuple("Columns")

MOST_DOWNLOADED = 100_000
"""Lines of one file; a workbook program takes about a million."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFilter:
    """What the list shows; an empty field does not filter. `month` is its first day."""

    kind: ChangeKind | None = None
    township: str = ""
    grid_id: int | None = None
    month: date | None = None
    since: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """One change of one firm; no personal data.

    `is_open` tells whether the account may open the firm's dossier: it may not when the firm left
    its grid. `source` and `as_of` tell who said it for which day.
    """

    enterprise_id: int
    name: str
    uscc: str
    kind: ChangeKind
    found_on: date
    before: str
    after: str
    source: Source | None
    as_of: date | None
    township: str
    grid_name: str
    is_open: bool

    @property
    def sentence(self) -> Sentence:
        """Before -> after in words."""
        template, codes = _SENTENCES[self.kind]
        values = {"before": self.before, "after": self.after}
        if codes is not None:
            values = {name: _word(codes, value) for name, value in values.items()}
        if self.kind in _FROM_NOTHING and not self.before:
            return Sentence(template=_FROM_NOTHING[self.kind], values={"after": values["after"]})
        return Sentence(template=template, values=values)


_CHANGED = "{before} → {after}"
_SENTENCES: dict[ChangeKind, tuple[str, type[OperatingState | UnionStatus] | None]] = {
    ChangeKind.NEW: ("第一次出现在登记表里:{after}", None),
    ChangeKind.CLOSED: (_CHANGED, OperatingState),
    ChangeKind.REOPENED: (_CHANGED, OperatingState),
    ChangeKind.MOVED: (_CHANGED, None),
    ChangeKind.RENAMED: (_CHANGED, None),
    ChangeKind.CROSSED_UP: ("{before} 人 → {after} 人", None),
    ChangeKind.CROSSED_DOWN: ("{before} 人 → {after} 人", None),
    ChangeKind.UNION_FOUNDED: (_CHANGED, UnionStatus),
    ChangeKind.UNION_ENDED: (_CHANGED, UnionStatus),
    ChangeKind.VANISHED: ("{before} 的登记表里还有,这一次没有", None),
    ChangeKind.BACK: ("{before} 起没有,这一次又有了", None),
}
_FROM_NOTHING = {ChangeKind.CROSSED_UP: "以前没有人数 → {after} 人"}


def _word(codes: type[OperatingState | UnionStatus], value: str) -> str:
    """The name of a code; a union's own name stays as it is."""
    return codes(value).label if value in set(codes) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSummary:
    """A month in numbers: `changed` of `enterprises` firms changed; `counts` by kind, in order.

    A firm that left the grid is among the counts, but no longer among the firms.
    """

    enterprises: int
    changed: int
    counts: dict[ChangeKind, int]


def list_changes(
    session: Session, principal: Principal, wanted: ChangeFilter, *, limit: int, offset: int = 0
) -> tuple[list[ChangeLine], int]:
    """Return one page, newest first, and how many changes there are in all."""
    query = _seen(
        select(Change, Enterprise.name, Enterprise.uscc, Enterprise.township, Enterprise.grid_id)
        .add_columns(Grid.name, Grid.township)
        .join(Enterprise, Enterprise.id == Change.enterprise_id)
        .outerjoin(Grid, Grid.id == Change.grid_id),
        principal,
        wanted,
    )
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    page = query.order_by(Change.found_on.desc(), Change.kind, Change.id).limit(limit)
    return [
        _line(change, principal, *firm) for change, *firm in session.execute(page.offset(offset))
    ], total


def _seen(query: Select[*Columns], principal: Principal, wanted: ChangeFilter) -> Select[*Columns]:
    """Keep to what the account may see and to what is wanted."""
    query = query.where(Change.district_id == principal.district_id)
    grid_id = wanted.grid_id if principal.role.sees_district else principal.grid_id
    if grid_id is not None or not principal.role.sees_district:
        query = query.where(or_(Change.grid_id == grid_id, Change.former_grid_id == grid_id))
    if wanted.kind is not None:
        query = query.where(Change.kind == wanted.kind)
    if wanted.township:
        query = query.where(
            or_(Grid.township == wanted.township, Enterprise.township == wanted.township)
        )
    if wanted.month is not None:
        query = query.where(
            Change.found_on >= wanted.month, Change.found_on < _next_month(wanted.month)
        )
    if wanted.since is not None:
        query = query.where(Change.found_on >= wanted.since)
    return query


def _next_month(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def _line(
    change: Change,
    principal: Principal,
    name: str,
    uscc: str,
    said_township: str,
    grid_now: int | None,
    grid_name: str | None,
    township: str | None,
) -> ChangeLine:
    return ChangeLine(
        enterprise_id=change.enterprise_id,
        name=name,
        uscc=uscc,
        kind=ChangeKind(change.kind),
        found_on=change.found_on,
        before=change.before,
        after=change.after,
        source=Source(change.source) if change.source else None,
        as_of=change.as_of,
        township=township or said_township,
        grid_name=grid_name or "",
        is_open=principal.role.sees_district or grid_now == principal.grid_id,
    )


def summarise_changes(
    session: Session, principal: Principal, wanted: ChangeFilter
) -> ChangeSummary:
    """Count the changes of a filter by kind, beside all firms that the same filter could reach."""
    counts = _seen(
        select(Change.kind, func.count())
        .join(Enterprise, Enterprise.id == Change.enterprise_id)
        .outerjoin(Grid, Grid.id == Change.grid_id)
        .group_by(Change.kind),
        principal,
        wanted,
    )
    changed = _seen(
        in_scope(
            select(func.count(distinct(Change.enterprise_id)))
            .join(Enterprise, Enterprise.id == Change.enterprise_id)
            .outerjoin(Grid, Grid.id == Change.grid_id),
            principal,
        ),
        principal,
        wanted,
    )
    if wanted.grid_id is not None:
        changed = changed.where(Enterprise.grid_id == wanted.grid_id)
    found = dict(session.execute(counts).all())
    return ChangeSummary(
        enterprises=_count_enterprises(session, principal, wanted),
        changed=session.scalar(changed) or 0,
        counts={kind: found[kind.value] for kind in ChangeKind if kind.value in found},
    )


def _count_enterprises(session: Session, principal: Principal, wanted: ChangeFilter) -> int:
    query = in_scope(select(func.count(Enterprise.id)), principal).outerjoin(
        Grid, Grid.id == Enterprise.grid_id
    )
    if wanted.grid_id is not None and principal.role.sees_district:
        query = query.where(Enterprise.grid_id == wanted.grid_id)
    if wanted.township:
        query = query.where(
            or_(Grid.township == wanted.township, Enterprise.township == wanted.township)
        )
    return session.scalar(query) or 0


def list_months(session: Session, principal: Principal) -> list[date]:
    """The months in which changes were found that the account sees, newest first."""
    query = _seen(select(Change.found_on).distinct(), principal, ChangeFilter())
    return sorted({day.replace(day=1) for day in session.scalars(query)}, reverse=True)


def write_changes(
    session: Session,
    principal: Principal,
    wanted: ChangeFilter,
    *,
    say: Callable[[str], str],
    say_sentence: Callable[[Sentence], str],
    now: datetime,
) -> bytes:
    """The list as a csv for a workbook program, UTF-8 with a mark; writing it is audited.

    No cell is read as a formula, whatever a firm calls itself.

    Raises
    ------
    Refused
        When the account does not see the whole district.
    """
    if not principal.role.sees_district:
        raise Refused("变动清单只给区总工会和规划人员下载")
    lines, total = list_changes(session, principal, wanted, limit=MOST_DOWNLOADED)
    write_audit(
        session,
        district_id=principal.district_id,
        account_id=principal.account_id or None,
        action="download_changes",
        subject="district",
        subject_id=principal.district_id,
        now=now,
        detail={"lines": len(lines), "of": total},
    )
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([say(title) for title in _TITLES])
    writer.writerows(
        [
            as_text(cell)
            for cell in (
                line.found_on.isoformat(),
                say(line.kind.label),
                line.name,
                line.uscc,
                line.township,
                line.grid_name,
                say_sentence(line.sentence),
                say(line.source.label) if line.source else "",
                line.as_of.isoformat() if line.as_of else "",
            )
        ]
        for line in lines
    )
    return text.getvalue().encode("utf-8-sig")


_TITLES = (
    "发现日期",
    "变动",
    "企业",
    "统一社会信用代码",
    "镇街",
    "网格",
    "变动前 → 变动后",
    "来源",
    "来源日期",
)


def as_text(cell: str) -> str:
    """A cell that a workbook program shows as it is and never computes (OWASP CSV injection)."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell

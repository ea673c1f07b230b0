"""What a dossier says besides the agreed values: who said each, requests, who opened it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from outreach.domain.accounts import Role
from outreach.domain.cases import CaseKind, CaseState, Urgency, urgency
from outreach.domain.formations import Stage
from outreach.domain.sources import Source
from outreach.domain.statements import Prop
from outreach.domain.wording import Sentence
from outreach.services.enterprises.enterprises import all_ids
from outreach.storage.accounts import Account, AuditEntry
from outreach.storage.cases import Case
from outreach.storage.desk import Formation
from outreach.storage.enterprises import Enterprise, Member
from outreach.storage.records import Batch, Record, Statement

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal

MOST_OPENINGS = 20
_OPENINGS = ("open_dossier", "show_phone", "export_dossier")

_AGREED = {
    Prop.NAME: "name",
    Prop.USCC: "uscc",
    Prop.STATUS: "state",
    Prop.LEGAL_REP: "legal_rep",
    Prop.PHONE: "phone",
    Prop.ADDRESS: "address",
    Prop.BIZ_ADDRESS: "address",
    Prop.INDUSTRY: "industry",
    Prop.UNION_STATUS: "union_status",
    Prop.UNION_NAME: "union_name",
}
"""Which agreed value of the enterprise file a statement's property may have become."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The newest word that an agreed value rests on, and how many sources say the same."""

    source: Source
    as_of: date | None
    file_name: str
    row: int
    sources: int

    @property
    def file(self) -> Sentence:
        """Where the row stands, in words."""
        return file_in_words(self.source, self.file_name)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmCase:
    """One request of the firm; `kind` is `None` for who must not know it."""

    id: int
    kind: CaseKind | None
    state: CaseState
    urgency: Urgency
    opened_at: datetime
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """One time that somebody opened or took the dossier; `by` is empty where it is not told."""

    at: datetime
    action: str
    by: str
    role: Role | None

    @property
    def label(self) -> str:
        """What was done, in Chinese."""
        return {
            "open_dossier": "打开档案",
            "show_phone": "看电话",
            "export_dossier": "导出档案",
        }[self.action]


def file_in_words(source: Source, file_name: str) -> Sentence:
    """The name of a received file; visits came in none and are named by their day."""
    if source is Source.VISIT:
        return Sentence(template="{day} 的走访", values={"day": file_name.removeprefix("visit:")})
    return Sentence(template="{name}", values={"name": file_name})


def list_origins(session: Session, firm: Enterprise) -> dict[str, Origin]:
    """Who said each agreed value, by the name of the value; a value that nobody said has none."""
    query = (
        select(
            Statement.prop,
            Statement.value,
            Statement.source,
            Statement.as_of,
            Batch.file_name,
            Record.row,
        )
        .join(Record, Record.id == Statement.record_id)
        .join(Batch, Batch.id == Record.batch_id)
        .join(Member, Member.record_id == Record.id)
        .where(
            Member.enterprise_id == firm.id,
            Batch.undone_at.is_(None),
            Record.superseded_by.is_(None),
            Statement.prop.in_(_AGREED),
        )
        .order_by(Statement.as_of.desc().nulls_last(), Statement.id.desc())
    )
    newest: dict[str, tuple[str, date | None, str, int]] = {}
    sources: dict[str, set[str]] = {}
    for prop, value, source, as_of, file_name, row in session.execute(query):
        name = _AGREED[Prop(prop)]
        if value and value == getattr(firm, name):
            newest.setdefault(name, (source, as_of, file_name, row))
            sources.setdefault(name, set()).add(source)
    return {
        name: Origin(
            source=Source(source),
            as_of=as_of,
            file_name=file_name,
            row=row,
            sources=len(sources[name]),
        )
        for name, (source, as_of, file_name, row) in newest.items()
    }


def list_firm_cases(
    session: Session, principal: Principal, enterprise_id: int, *, today: date
) -> list[FirmCase]:
    """The firm's requests, the newest first; what they are about is told to the district only."""
    query = (
        select(Case)
        .where(
            Case.district_id == principal.district_id,
            Case.enterprise_id.in_(all_ids(session, enterprise_id)),
        )
        .order_by(Case.opened_at.desc(), Case.id.desc())
    )
    return [
        FirmCase(
            id=case.id,
            kind=CaseKind(case.kind) if principal.role.sees_district else None,
            state=CaseState(case.state),
            urgency=urgency(CaseState(case.state), case.due_on, today=today),
            opened_at=case.opened_at,
            due_on=case.due_on,
        )
        for case in session.scalars(query)
    ]


def list_openings(session: Session, principal: Principal, enterprise_id: int) -> list[Opening]:
    """Who opened the dossier, the newest first.

    The district reads names; a grid worker reads her own openings by name, others by role only.
    """
    keys = [str(key) for key in all_ids(session, enterprise_id)]
    query = (
        select(AuditEntry.at, AuditEntry.action, Account.id, Account.display_name, Account.role)
        .outerjoin(Account, Account.id == AuditEntry.account_id)
        .where(
            AuditEntry.district_id == principal.district_id,
            AuditEntry.subject == "enterprise",
            AuditEntry.subject_id.in_(keys),
            AuditEntry.action.in_(_OPENINGS),
        )
        .order_by(AuditEntry.id.desc())
        .limit(MOST_OPENINGS)
    )
    told = principal.role.sees_district
    return [
        Opening(
            at=at,
            action=action,
            by=name or "" if told or key == principal.account_id else "",
            role=Role(role) if role else None,
        )
        for at, action, key, name, role in session.execute(query)
    ]


def find_stage(session: Session, enterprise_id: int) -> Stage | None:
    """Where the firm stands on the way to a union, `None` when it need not have one."""
    stage = session.scalar(select(Formation.stage).where(Formation.enterprise_id == enterprise_id))
    return Stage(stage) if stage else None

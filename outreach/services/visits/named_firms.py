"""Which firm a phone's record means: by its number and by the name that the phone showed.

A server restored from a backup may give the number of a firm found on the spot to another one. A
record that names its firm is never put into another firm's file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from outreach.domain.days import LONGEST_NAME
from outreach.domain.statements import Prop
from outreach.errors import Conflict
from outreach.services.enterprises.enterprises import all_ids, current_id, in_scope
from outreach.storage.enterprises import Enterprise, Member
from outreach.storage.records import Statement

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal


class OtherFirm(Conflict):
    """The number belongs to a firm of another name, and no one firm in sight has the name."""


def firm_meant(session: Session, principal: Principal, enterprise_id: int, name: str) -> int:
    """Return the firm's number: the given one if it goes by `name`, else the only one so named.

    A firm goes by its present name and by every name that a record of it ever said. Without a name
    the number alone counts.

    Raises
    ------
    OtherFirm
        When the number's firm does not go by the name and not exactly one in sight does.
    """
    name = name.strip()[:LONGEST_NAME]
    firm = session.get(Enterprise, current_id(session, enterprise_id))
    if not name or (firm is not None and _goes_by(session, firm, name)):
        return enterprise_id
    same = select(Enterprise).where(Enterprise.name == name)
    named = session.scalars(in_scope(same, principal).limit(2)).all()
    if firm is None and not named:
        return enterprise_id
    if len(named) != 1:
        raise OtherFirm(
            "编号 {id} 的企业不叫“{name}”,请区总工会看看是哪一家", id=enterprise_id, name=name
        )
    return named[0].id


def _goes_by(session: Session, firm: Enterprise, name: str) -> bool:
    if firm.name == name:
        return True
    said = (
        select(Statement.id)
        .join(Member, Member.record_id == Statement.record_id)
        .where(
            Member.enterprise_id.in_(all_ids(session, firm.id)),
            Statement.prop == Prop.NAME,
            or_(Statement.value == name, Statement.raw == name),
        )
    )
    return session.scalar(said.limit(1)) is not None

"""Which district a command or a file belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from outreach.errors import Conflict, NotFound
from outreach.storage.districts import District

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from outreach.settings import DistrictSettings


def get_district(session: Session, code: str) -> District:
    """Return the district with this administrative code.

    Raises
    ------
    NotFound
        When there is none.
    """
    district = session.scalar(select(District).where(District.code == code))
    if district is None:
        raise NotFound("没有代码为 {code} 的区,请先运行 outreach district add", code=code)
    return district


def current_district(session: Session, code: str | None) -> District:
    """Return the district that a command is about.

    Without a code it is the only real district, else the made-up one.

    Raises
    ------
    NotFound
        When nothing was imported yet.
    Conflict
        When there are several real districts.
    """
    if code:
        return get_district(session, code)
    districts = list(session.scalars(select(District).order_by(District.id)))
    real = [district for district in districts if not district.is_demo]
    if len(real) > 1:
        codes = "、".join(f"{district.code} {district.name}" for district in real)
        raise Conflict("有几个区,请用 --district 说明是哪一个:{codes}", codes=codes)
    if not districts:
        raise NotFound("还没有数据,请先运行 outreach import 或 outreach demo")
    return (real or districts)[0]


def receiving_district(session: Session, code: str | None, settings: DistrictSettings) -> District:
    """Return the district that a received file belongs to; real files never enter the made-up one.

    The first real file of an installation makes the district of the settings.
    """
    if code:
        return get_district(session, code)
    real = list(session.scalars(select(District).where(District.is_demo.is_(False))))
    if real:
        return current_district(session, None)
    return add_district(session, code=settings.code, name=settings.name)


def add_district(session: Session, *, code: str, name: str, is_demo: bool = False) -> District:
    """Add a district.

    Raises
    ------
    Conflict
        When the code is taken.
    """
    if session.scalar(select(District).where(District.code == code)):
        raise Conflict("已经有代码为 {code} 的区", code=code)
    district = District(code=code, name=name, is_demo=is_demo)
    session.add(district)
    session.flush()
    return district

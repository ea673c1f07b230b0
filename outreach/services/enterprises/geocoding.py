"""Addresses of firms without a place, asked of an online map service; off unless a key is set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from outreach.domain.calendar import CHINA
from outreach.domain.positions import UnplacedReason
from outreach.errors import Refused
from outreach.fusion.addresses import tidy_address
from outreach.services.administration.audit import write_audit
from outreach.services.enterprises.places import place_again
from outreach.services.grids.grids import load_locator
from outreach.services.progress import OnProgress, silent
from outreach.storage.districts import District
from outreach.storage.enterprises import Enterprise, Member
from outreach.storage.positions import GeocodedAddress
from outreach.storage.records import Statement

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from outreach.domain.geocoding import Answer, GeocoderRule
    from outreach.geocoders.line import Line
    from outreach.storage.database import Database

TOGETHER = 20
"""Answers that are stored in one transaction: what was paid for is not lost when a later question
fails, and no transaction waits for the network."""

_ASKED_FOR = (
    UnplacedReason.NO_KNOWN_PLACE,
    UnplacedReason.TOWNSHIP_ONLY,
    UnplacedReason.SEVERAL_PLACES,
)
_PERSONAL = ("legal_rep", "phone", "union_chair")
_LEAST_LETTERS = 4
_MOST_FIRMS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class GeocodingReport:
    """What became of the questions.

    `withheld` addresses held a person's name, a phone or the firm's name and were not sent;
    `outside` are answers in no grid of the district.
    """

    wanted: int
    asked: int
    found: int
    unknown: int
    outside: int
    withheld: int
    placed: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Questions:
    addresses: tuple[str, ...]
    withheld: int
    adcode: str
    district: str


def geocode_unplaced(
    database: Database,
    *,
    district_id: int,
    rule: GeocoderRule,
    now: datetime,
    line: Line | None = None,
    on_progress: OnProgress = silent,
) -> GeocodingReport:
    """Ask for the addresses of firms without a place, keep every answer, place the firms.

    An address that was answered before, also with "unknown", is not asked again.

    Raises
    ------
    Refused
        When no key is set: nothing was sent.
    LineFailed
        When the service fails; the answers until then are kept.
    """
    from outreach.geocoders.line import Line as RealLine  # lazy: start-up time
    from outreach.geocoders.providers import find_address

    if not rule.is_on:
        raise Refused(
            "没有设置在线地址解析的密钥,什么都没有发送。设置写在 outreach.toml 的 [geocoder]"
        )
    with database.transaction() as session:
        questions = _list_questions(session, district_id, rule)
        budget = max(0, rule.daily_budget - _asked_today(session, district_id, rule, now))
    asked = questions.addresses[:budget]
    line = line or RealLine(rule)
    counts = {"found": 0, "unknown": 0, "outside": 0}
    done: list[tuple[str, Answer | None]] = []
    try:
        for number, address in enumerate(asked, start=1):
            sent = _with_district(address, questions.district)
            done.append((address, find_address(line, rule, sent, adcode=questions.adcode)))
            if len(done) == TOGETHER:
                _keep(database, district_id, rule, done, counts, now)
                done = []
            on_progress(number, len(asked))
    finally:
        _keep(database, district_id, rule, done, counts, now)
        placed = _place(database, district_id, counts, now)
    return GeocodingReport(
        wanted=len(questions.addresses),
        asked=len(asked),
        placed=placed,
        withheld=questions.withheld,
        left=len(questions.addresses) - len(asked),
        **counts,
    )


def _list_questions(session: Session, district_id: int, rule: GeocoderRule) -> _Questions:
    """The addresses of firms without a place that were not answered yet, the largest firm first."""
    district = session.get_one(District, district_id)
    answered = {
        tidy_address(address)
        for address in session.scalars(
            select(GeocodedAddress.address).where(
                GeocodedAddress.district_id == district_id,
                GeocodedAddress.provider == rule.provider,
            )
        )
    }
    query = (
        select(Enterprise.id, Enterprise.name, Enterprise.address)
        .where(
            Enterprise.district_id == district_id,
            Enterprise.retired.is_(False),
            Enterprise.unplaced_reason.in_(_ASKED_FOR),
            Enterprise.address != "",
        )
        .order_by(Enterprise.employees.desc().nulls_last(), Enterprise.id)
    )
    firms = session.execute(query).all()
    secrets = _personal_words(session, [firm.id for firm in firms])
    wanted: dict[str, None] = {}
    withheld = 0
    for firm in firms:
        address = tidy_address(firm.address)
        if address in answered or address in wanted:
            continue
        if _tells_of_people(address, firm.name, secrets.get(firm.id, set())):
            withheld += 1
        elif len(address) >= _LEAST_LETTERS:
            wanted[address] = None
    return _Questions(
        addresses=tuple(wanted), withheld=withheld, adcode=district.code, district=district.name
    )


def _personal_words(session: Session, enterprise_ids: list[int]) -> dict[int, set[str]]:
    """Names and phones of people, by the firm that they belong to."""
    found: dict[int, set[str]] = {}
    step = 5000
    for start in range(0, len(enterprise_ids), step):
        query = (
            select(Member.enterprise_id, Statement.value)
            .join(Statement, Statement.record_id == Member.record_id)
            .where(
                Member.enterprise_id.in_(enterprise_ids[start : start + step]),
                Statement.prop.in_(_PERSONAL),
            )
        )
        for enterprise_id, value in session.execute(query):
            found.setdefault(enterprise_id, set()).add(value)
    return found


def _tells_of_people(address: str, name: str, personal: set[str]) -> bool:
    words = {tidy_address(word) for word in (*personal, name)}
    digits = "".join(letter if letter.isdigit() else " " for letter in address).split()
    has_phone = any(len(run) >= 7 for run in digits)  # noqa: PLR2004 digits of a phone
    return has_phone or any(len(word) > 1 and word in address for word in words)


def _with_district(address: str, district: str) -> str:
    """Put the district before an address that names none, so that no other town answers."""
    tail = district[-3:]
    return address if tail[:-1] in address else f"{district}{address}"


def _asked_today(session: Session, district_id: int, rule: GeocoderRule, now: datetime) -> int:
    """How many questions of the day, by the clock of China, were answered."""
    midnight = now.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    query = select(func.count()).where(
        GeocodedAddress.district_id == district_id,
        GeocodedAddress.provider == rule.provider,
        GeocodedAddress.asked_at >= midnight,
    )
    return session.scalar(query) or 0


def _keep(
    database: Database,
    district_id: int,
    rule: GeocoderRule,
    answers: list[tuple[str, Answer | None]],
    counts: dict[str, int],
    now: datetime,
) -> None:
    """Store answers; a point in no grid of the district is no answer."""
    from maps.datum import Datum, to_wgs84  # lazy: start-up time

    if not answers:
        return
    with database.transaction() as session:
        locator = load_locator(session, district_id)
        for address, answer in answers:
            row = GeocodedAddress(
                district_id=district_id, provider=rule.provider, address=address, asked_at=now
            )
            if answer is not None:
                x, y = to_wgs84([answer.lon], [answer.lat], Datum(rule.provider.datum))
                here = (float(x[0]), float(y[0]))
                row.level, row.datum = answer.level, rule.provider.datum
                if locator.index is not None and locator.locate([here]) == [None]:
                    counts["outside"] += 1
                else:
                    counts["found"] += 1
                    row.lon, row.lat = here
                    row.received_lon, row.received_lat = answer.lon, answer.lat
                    row.error_m = answer.error_m
            else:
                counts["unknown"] += 1
            session.add(row)


def _place(database: Database, district_id: int, counts: dict[str, int], now: datetime) -> int:
    """Place the firms that the answers can place; returns how many have a place now."""
    placed = 0
    with database.transaction() as session:
        query = select(Enterprise).where(
            Enterprise.district_id == district_id,
            Enterprise.retired.is_(False),
            Enterprise.unplaced_reason.in_(_ASKED_FOR),
        )
        firms = session.scalars(query).all() if counts["found"] else []
        for start in range(0, len(firms), _MOST_FIRMS):
            chunk = firms[start : start + _MOST_FIRMS]
            place_again(session, district_id, chunk, today=now.astimezone(CHINA).date())
            placed += sum(row.unplaced_reason is None for row in chunk)
        write_audit(
            session,
            district_id=district_id,
            account_id=None,
            action="geocode",
            subject="district",
            subject_id=district_id,
            now=now,
            detail={**counts, "placed": placed},
        )
    return placed

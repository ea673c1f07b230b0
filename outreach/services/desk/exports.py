"""Lists of enterprises taken along: workbook, CSV, GeoJSON, GPX. Audited, without personal data."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from sqlalchemy import func, select

from outreach.domain.calendar import CHINA
from outreach.domain.enterprises import OperatingState, UnionStatus
from outreach.domain.headcounts import HeadcountClass
from outreach.domain.targets import Standing
from outreach.domain.wording import Sentence
from outreach.i18n import say, say_sentence, translate
from outreach.services.administration.audit import write_audit
from outreach.services.desk.maps import data_date
from outreach.services.enterprises.enterprise_lists import EnterpriseFilter, filtered
from outreach.services.enterprises.enterprises import in_scope
from outreach.services.registers.sheet_xml import HEAD, NOTE, PLAIN, Cell, write_sheet
from outreach.services.registers.workbooks import FORMULA_STARTS, LONGEST_CELL, safe_text
from outreach.storage.enterprises import Enterprise
from outreach.storage.grids import Grid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.i18n import Language
    from outreach.services.progress import OnProgress

GIVEN_AT_ONCE = 5_000
"""Rows that are given while the reader waits; more are written by a run with progress."""

MOST_ROWS = 1_000_000
"""A sheet holds 1,048,576 rows."""

_STEP = 1_000


class ExportKind(StrEnum):
    """The files that a list is given as."""

    XLSX = "xlsx"
    CSV = "csv"
    GEOJSON = "geojson"
    GPX = "gpx"

    @property
    def label(self) -> str:
        """The name on pages."""
        return {"xlsx": "Excel", "csv": "CSV", "geojson": "GeoJSON", "gpx": "GPX"}[self.value]

    @property
    def media_type(self) -> str:
        """As a web answer names it."""
        return {
            "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "csv": "text/csv; charset=utf-8",
            "geojson": "application/geo+json",
            "gpx": "application/gpx+xml",
        }[self.value]

    @property
    def needs_place(self) -> bool:
        """Whether firms without a position are left out."""
        return self in {ExportKind.GEOJSON, ExportKind.GPX}


_COLUMNS = (
    ("名称", 36),
    ("统一社会信用代码", 22),
    ("类别", 12),
    ("理由", 60),
    ("职工人数", 10),
    ("是否超过标准人数", 14),
    ("建会情况", 12),
    ("经营状态", 10),
    ("镇街", 14),
    ("网格", 20),
    ("地址", 44),
    ("上次走访", 12),
    ("经度", 12),
    ("纬度", 12),
)
"""Header and width in characters. No column names or reaches a person."""


_PROPERTIES = (
    "name",
    "uscc",
    "standing",
    "employees",
    "headcount_class",
    "union_status",
    "state",
    "township",
    "grid",
)
"""Of a firm in GeoJSON; closed sets by their codes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFile:
    """A written file: `rows` of `of` firms that the account sees."""

    name: str
    content: bytes
    rows: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOrder:
    """What is to be written."""

    wanted: EnterpriseFilter
    kind: ExportKind
    language: Language
    today: date


def count_rows(session: Session, principal: Principal, order: ExportOrder) -> int:
    """How many rows a file would hold."""
    query = filtered(select(Enterprise.id), principal, order.wanted, today=order.today)
    if order.kind.needs_place:
        query = query.where(Enterprise.lon.is_not(None))
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0


def count_without_place(
    session: Session, principal: Principal, wanted: EnterpriseFilter, *, today: date
) -> int:
    """How many firms of a list a file of places leaves out."""
    query = filtered(select(func.count(Enterprise.id)), principal, wanted, today=today)
    return session.scalar(query.where(Enterprise.lon.is_(None))) or 0


def write_export(
    session: Session,
    principal: Principal,
    order: ExportOrder,
    *,
    now: datetime,
    on_progress: OnProgress | None = None,
) -> ExportFile:
    """Write the list as a file, largest headcount first; it says its date and denominator.

    WGS-84 degrees, as GeoJSON (RFC 7946) and GPX ask for, in the tables as well.
    """
    rows = count_rows(session, principal, order)
    of = session.scalar(in_scope(select(func.count(Enterprise.id)), principal)) or 0
    writer = _Writer(order, rows=rows, of=of, now=now)
    firms = _progressing(_firms(session, principal, order), rows, on_progress)
    content = {
        ExportKind.XLSX: writer.workbook,
        ExportKind.CSV: writer.csv,
        ExportKind.GEOJSON: writer.geojson,
        ExportKind.GPX: writer.gpx,
    }[order.kind](firms)
    write_audit(
        session,
        district_id=principal.district_id,
        account_id=principal.account_id or None,
        action="export_list",
        subject="district",
        subject_id=principal.district_id,
        now=now,
        detail={"kind": order.kind.value, "rows": rows, "of": of},
    )
    name = say(
        order.language,
        "企业名单 数据截至{day} 全部{of}家中的{rows}家",
        day=data_date(session, principal.district_id, today=order.today).isoformat(),
        rows=rows,
        of=of,
    )
    return ExportFile(name=f"{name}.{order.kind.value}", content=content, rows=rows, of=of)


def _progressing(firms: Iterator[Any], total: int, on_progress: OnProgress | None) -> Iterator[Any]:
    for done, firm in enumerate(firms, start=1):
        yield firm
        if on_progress is not None and (done % _STEP == 0 or done == total):
            on_progress(done, total)


def _firms(session: Session, principal: Principal, order: ExportOrder) -> Iterator[Any]:
    columns = select(
        Enterprise.name,
        Enterprise.uscc,
        Enterprise.standing,
        Enterprise.reasons,
        Enterprise.employees,
        Enterprise.headcount_class,
        Enterprise.union_status,
        Enterprise.state,
        func.coalesce(Grid.township, Enterprise.township).label("township"),
        Grid.name.label("grid"),
        Enterprise.address,
        Enterprise.last_visited_on,
        Enterprise.lon,
        Enterprise.lat,
    )
    query = filtered(columns, principal, order.wanted, today=order.today)
    if order.kind.needs_place:
        query = query.where(Enterprise.lon.is_not(None))
    query = query.order_by(Enterprise.employees.desc().nulls_last(), Enterprise.id)
    yield from session.execute(query.limit(MOST_ROWS)).yield_per(_STEP)


class _Writer:
    """Puts firms into the words of a language, and these into a file."""

    def __init__(self, order: ExportOrder, *, rows: int, of: int, now: datetime) -> None:
        self.language = order.language
        self.rows, self.of = rows, of
        self.moment = f"{now.astimezone(CHINA):%Y-%m-%d %H:%M}"
        labels = (Standing, HeadcountClass, UnionStatus, OperatingState)
        self._words: dict[tuple[type[StrEnum], str], str] = {
            (kind, member.value): translate(member.label, order.language)
            for kind in labels
            for member in kind
        }

    def note(self) -> str:
        return say(
            self.language,
            "{moment} 导出,{rows} 家,共 {of} 家;坐标为 WGS-84",
            moment=self.moment,
            rows=f"{self.rows:,}",
            of=f"{self.of:,}",
        )

    def headers(self) -> list[str]:
        return [translate(text, self.language) for text, _ in _COLUMNS]

    def _word(self, kind: type[StrEnum], value: str) -> str:
        return self._words.get((kind, value), "")

    def _reasons(self, stored: list[dict[str, Any]]) -> str:
        return "; ".join(say_sentence(Sentence.from_json(one), self.language) for one in stored)

    def cells(self, firm: Any) -> list[Cell]:  # noqa: ANN401  (a row of `_firms`)
        values = [
            firm.name,
            firm.uscc,
            self._word(Standing, firm.standing),
            self._reasons(firm.reasons),
            firm.employees,
            self._word(HeadcountClass, firm.headcount_class),
            self._word(UnionStatus, firm.union_status),
            self._word(OperatingState, firm.state),
            firm.township,
            firm.grid or "",
            firm.address,
            firm.last_visited_on,
            None if firm.lon is None else round(firm.lon, 6),
            None if firm.lat is None else round(firm.lat, 6),
        ]
        return [_safe(value) if isinstance(value, str) else value for value in values]

    def workbook(self, firms: Iterator[Any]) -> bytes:
        def lines() -> Iterator[tuple[int, Sequence[Cell]]]:
            yield HEAD, self.headers()
            for firm in firms:
                yield PLAIN, self.cells(firm)
            yield NOTE, [""] * len(_COLUMNS)
            yield NOTE, [self.note(), *[""] * (len(_COLUMNS) - 1)]

        title = translate("企业", self.language)
        return write_sheet(title, [width for _, width in _COLUMNS], lines())

    def csv(self, firms: Iterator[Any]) -> bytes:
        file = io.StringIO()
        writer = csv.writer(file)
        writer.writerow(self.headers())
        writer.writerows(self.cells(firm) for firm in firms)
        return f"\ufeff{file.getvalue()}".encode()

    def geojson(self, firms: Iterator[Any]) -> bytes:
        features = [
            {
                "type": "Feature",
                "geometry": {
                    "type": "Point",
                    "coordinates": [round(firm.lon, 6), round(firm.lat, 6)],
                },
                "properties": {
                    **{name: getattr(firm, name) for name in _PROPERTIES},
                    "last_visited_on": firm.last_visited_on and firm.last_visited_on.isoformat(),
                },
            }
            for firm in firms
        ]
        whole = {
            "type": "FeatureCollection",
            "exported_at": self.moment,
            "count": self.rows,
            "of": self.of,
            "features": features,
        }
        return json.dumps(whole, ensure_ascii=False).encode()

    def gpx(self, firms: Iterator[Any]) -> bytes:
        parts = [
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<gpx version="1.1" creator="union-outreach" '
            'xmlns="http://www.topografix.com/GPX/1/1">\n'
            f"<metadata><desc>{_xml(self.note())}</desc></metadata>\n"
        ]
        parts += [
            f'<wpt lat="{firm.lat:.6f}" lon="{firm.lon:.6f}"><name>{_xml(firm.name)}</name>'
            f"<desc>{_xml(self._word(Standing, firm.standing))} {_xml(firm.address)}</desc>"
            "</wpt>\n"
            for firm in firms
        ]
        parts.append("</gpx>\n")
        return "".join(parts).encode()


def _safe(text: str) -> str:
    """As `safe_text`; a cell that is plainly harmless, as most are, costs a tenth."""
    if text.isprintable() and len(text) <= LONGEST_CELL and not text.startswith(FORMULA_STARTS):
        return text
    return safe_text(text)


def _xml(text: str) -> str:
    return escape("".join(c for c in text if c >= " " and not "\ud800" <= c <= "\udfff"))

"""One row into its statements and issues; what it holds is kept, but no citizen's number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.domain.identifiers import hide_personal_ids
from outreach.domain.issues import Issue, IssueKind, Severity
from outreach.domain.sources import Source
from outreach.domain.statements import Prop, Statement
from outreach.sources import values
from outreach.sources.headers import is_personal_header
from outreach.sources.specs import SourceSpec, header_key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

_HIDDEN = "****"
_NOT_A_NAME = frozenset({"合计", "总计", "小计", "本页合计", "本页小计"})
_IDENTITY = frozenset({Prop.NAME, Prop.USCC, Prop.ORG_CODE, Prop.TAX_ID, Prop.REG_NO})
_IDENTITY_COLUMNS = ("name", "union_name", "uscc", "org_code", "tax_id", "reg_no")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDraft:
    """One row: as received, and what it states. A held row states nothing."""

    row: int
    raw: dict[str, str]
    statements: tuple[Statement, ...]
    issues: tuple[Issue, ...]

    @property
    def held(self) -> bool:
        """Whether the row as a whole could not be used."""
        return any(issue.kind.severity is Severity.ROW_HELD for issue in self.issues)


Cells = dict[str, list[tuple[str, str]]]
"""Canonical column -> the header and cleaned text of each filled cell."""


class RowReader:
    """Pops each known column of one row and keeps what is left as received."""

    def __init__(
        self,
        spec: SourceSpec,
        columns: Mapping[str, str],
        row: int,
        datum: str | None,
        file_day: date | None,
    ) -> None:
        self.spec, self.columns, self.row, self.datum = spec, columns, row, datum
        self.file_day = file_day
        self.as_of: date | None = None
        self.found: list[tuple[Prop, str, str]] = []
        self.issues: list[Issue] = []

    def read(self, received: Mapping[str, str], beyond: Mapping[str, str]) -> RecordDraft:
        """Read the row: header as named -> text as received; `beyond` has cells without a header.

        Such cells mean that the row has slipped, most often at a comma that nobody quoted.
        """
        raw = self._hide_persons({**received, **beyond})
        for header in beyond:
            self._issue(IssueKind.UNREAD_COLUMN, header, raw[header])
        cells: Cells = {}
        for header, column in self.columns.items():
            if text := values.clean_text(raw.get(header, "")):
                cells.setdefault(column, []).append((header, text))
        self._read_dates(cells)
        for column, pairs in cells.items():
            for header, text in pairs:
                self._read_cell(column, header, text)
        self._read_position(cells)
        self._settle_union()
        self._require_identity(cells)
        return RecordDraft(
            row=self.row, raw=raw, statements=self._statements(), issues=tuple(self.issues)
        )

    def _hide_persons(self, received: Mapping[str, str]) -> dict[str, str]:
        """No citizen's number goes further than here, whatever column it stands in."""
        raw = dict(received)
        for header, text in received.items():
            if is_personal_header(header) and text.strip():
                raw[header] = _HIDDEN
            elif (hidden := hide_personal_ids(text)) != text:
                raw[header] = hidden
            else:
                continue
            self._issue(IssueKind.PERSONAL_ID, header, raw[header])
        return raw

    def _issue(self, kind: IssueKind, header: str, value: str) -> None:
        self.issues.append(Issue(kind=kind, row=self.row, column=header, value=value[:200]))

    def _read_dates(self, cells: Cells) -> None:
        for header, text in cells.pop("as_of", []):
            try:
                self.as_of = max(filter(None, (self.as_of, values.parse_date(text))), default=None)
            except ValueError:
                self._issue(IssueKind.BAD_DATE, header, text)

    def _read_cell(self, column: str, header: str, text: str) -> None:
        if "\ufffd" in text:
            self._issue(IssueKind.BAD_BYTES, header, text)
        if column == "name" and self._is_no_name(header, text):
            return
        if len(text) > values.LONGEST_VALUE and column in _PLAIN:
            self._issue(IssueKind.TOO_LONG, header, text)
        elif column in _PLAIN:
            self.found.append((_PLAIN[column], text, text))
        elif column in {"uscc", "union_uscc"}:
            self._take(
                values.read_credit_code(text, is_union_column=column == "union_uscc"), header, text
            )
        elif column in _OLDER_CODES:
            self._take(values.read_older_code(_OLDER_CODES[column], text), header, text)
        elif column in _COUNTS:
            self._read_count(_COUNTS[column], header, text)
        elif column in _DATES:
            self._read_date(_DATES[column], header, text)
        elif column in self.spec.lookups:
            self._read_lookup(column, header, text)

    def _is_no_name(self, header: str, text: str) -> bool:
        """A sum's label, or the header that is printed again on the next page."""
        return text in _NOT_A_NAME or header_key(text) == header_key(header)

    def _take(
        self, reading: tuple[list[values.Found], list[values.Finding]], header: str, text: str
    ) -> None:
        found, findings = reading
        for prop, value in found:
            if prop is Prop.USCC and self._contradicts(value):
                self._issue(IssueKind.BAD_CREDIT_CODE, header, text)
            else:
                self.found.append((prop, value, text))
        for kind, value in findings:
            self._issue(kind, header, value)

    def _contradicts(self, code: str) -> bool:
        """Whether another column of the row gave another credit code; the first one stands."""
        return any(prop is Prop.USCC and value != code for prop, value, _ in self.found)

    def _read_count(self, prop: Prop, header: str, text: str) -> None:
        try:
            self.found.append((prop, str(values.parse_count(text)), text))
        except ValueError:
            self._issue(IssueKind.BAD_NUMBER, header, text)

    def _read_date(self, prop: Prop, header: str, text: str) -> None:
        try:
            day = values.parse_date(text)
        except ValueError:
            self._issue(IssueKind.BAD_DATE, header, text)
            return
        if day is not None:
            self.found.append((prop, day.isoformat(), text))

    def _read_lookup(self, column: str, header: str, text: str) -> None:
        value = self.spec.lookups[column].get(header_key(text))
        if value is None:
            self._issue(IssueKind.UNKNOWN_CODE, header, text)
            if column == "union_flag":
                return
            value = "unknown"
        self.found.append((_LOOKUPS[column], value, text))

    def _read_position(self, cells: Cells) -> None:
        pair = [cells[column][0] for column in ("longitude", "latitude") if column in cells]
        if not pair:
            return
        text = values.fold_width(",".join(text for _, text in pair))
        try:
            lon, lat = (float(part) for part in text.split(","))
            inside = -180 <= lon <= 180 and -90 <= lat <= 90  # noqa: PLR2004
        except ValueError:
            inside = False
        if inside:
            self.found.append((Prop.POSITION, f"{text},{self.datum}", text))
        else:
            self._issue(IssueKind.BAD_COORDINATES, pair[0][0], text)

    def _settle_union(self) -> None:
        """A row of the member database says that the employer has a union, unless it ended."""
        if self.spec.source is not Source.MEMBERS:
            return
        said = {prop: (value, raw) for prop, value, raw in self.found}
        kind, _ = said.get(Prop.UNION_KIND, ("own", ""))
        life, raw = said.get(Prop.UNION_STATUS, ("standing", ""))
        self.found = [
            entry for entry in self.found if entry[0] not in {Prop.UNION_STATUS, Prop.UNION_KIND}
        ]
        value = "none" if life in {"ended", "preparing"} else "joint" if kind == "joint" else "own"
        self.found.append((Prop.UNION_STATUS, value, raw))
        if Prop.NAME not in said and Prop.UNION_NAME in said:
            self.found.append((Prop.NAME, *said[Prop.UNION_NAME]))

    def _require_identity(self, cells: Cells) -> None:
        if any(prop in _IDENTITY for prop, _, _ in self.found):
            return
        tried = [pair for column in _IDENTITY_COLUMNS for pair in cells.get(column, ())]
        named = (header for header, column in self.columns.items() if column in _IDENTITY_COLUMNS)
        header = tried[0][0] if tried else next(named, "")
        self._issue(IssueKind.NO_NAME_NO_CODE, header, "、".join(text for _, text in tried))

    def _statements(self) -> tuple[Statement, ...]:
        if any(issue.kind.severity is Severity.ROW_HELD for issue in self.issues):
            return ()
        day = self.as_of or self.file_day
        return tuple(
            Statement(prop=prop, value=value, raw=raw, source=self.spec.source, as_of=day)
            for prop, value, raw in dict.fromkeys(self.found)
        )


_PLAIN = {
    "name": Prop.NAME,
    "former_name": Prop.FORMER_NAME,
    "legal_rep": Prop.LEGAL_REP,
    "union_chair": Prop.UNION_CHAIR,
    "phone": Prop.PHONE,
    "address": Prop.ADDRESS,
    "biz_address": Prop.BIZ_ADDRESS,
    "si_unit_no": Prop.SI_UNIT_NO,
    "industry": Prop.INDUSTRY,
    "type": Prop.ENTERPRISE_TYPE,
    "union_name": Prop.UNION_NAME,
    "township": Prop.TOWNSHIP,
}
_OLDER_CODES = {"org_code": Prop.ORG_CODE, "tax_id": Prop.TAX_ID, "reg_no": Prop.REG_NO}
_COUNTS = {
    "headcount": Prop.HEADCOUNT,
    "headcount_by_type": Prop.HEADCOUNT,
    "members": Prop.MEMBER_COUNT,
}
_LOOKUPS = {
    "status": Prop.STATUS,
    "union_kind": Prop.UNION_KIND,
    "union_status": Prop.UNION_STATUS,
    "union_flag": Prop.UNION_STATUS,
}
_DATES = {"est_date": Prop.FOUNDED_ON, "union_founded_on": Prop.UNION_FOUNDED_ON}
READ_COLUMNS = frozenset(
    {
        *_PLAIN,
        *_OLDER_CODES,
        *_COUNTS,
        *_LOOKUPS,
        *_DATES,
        "uscc",
        "union_uscc",
        "as_of",
        "longitude",
        "latitude",
    }
)
"""The columns that become statements; every other one is only kept with its row."""

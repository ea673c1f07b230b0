"""A dossier taken along: as a Word, PDF or workbook file, masked as on the page, and audited."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from outreach.documents.papers import Fact, Paper, Part, Table
from outreach.domain.calendar import CHINA
from outreach.domain.enterprises import Industry, OperatingState, UnionStatus
from outreach.domain.industry_sections import section_of
from outreach.domain.statements import Prop
from outreach.i18n import say, say_sentence, translate
from outreach.services.administration.audit import write_audit
from outreach.services.enterprises.dossiers import open_dossier
from outreach.services.registers.sheet_xml import HEAD, PLAIN, write_sheet
from outreach.services.registers.workbooks import safe_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from outreach.domain.accounts import Principal
    from outreach.i18n import Language
    from outreach.services.enterprises.dossiers import Dossier, StatementLine

MOST_VISITS = 20

_CODED: dict[Prop, type[OperatingState | UnionStatus | Industry]] = {
    Prop.STATUS: OperatingState,
    Prop.UNION_STATUS: UnionStatus,
    Prop.INDUSTRY: Industry,
}


class FileKind(StrEnum):
    """The files that a dossier is given as."""

    DOCX = "docx"
    PDF = "pdf"
    XLSX = "xlsx"

    @property
    def media_type(self) -> str:
        """As a web answer names it."""
        office = "application/vnd.openxmlformats-officedocument"
        return {
            "docx": f"{office}.wordprocessingml.document",
            "pdf": "application/pdf",
            "xlsx": f"{office}.spreadsheetml.sheet",
        }[self.value]


def write_dossier(
    session: Session,
    principal: Principal,
    enterprise_id: int,
    kind: FileKind,
    *,
    language: Language,
    now: datetime,
) -> tuple[str, bytes]:
    """Write a firm's dossier: the file's name and its bytes.

    Raises
    ------
    NotFound
        When the enterprise is out of the account's sight.
    Conflict
        When a PDF is asked for and the machine has no Chinese font.
    """
    dossier = open_dossier(session, principal, enterprise_id, now=now, is_export=True)
    paper = _Writer(dossier, principal, language, now).paper()
    write_audit(
        session,
        district_id=principal.district_id,
        account_id=principal.account_id or None,
        action="export_dossier",
        subject="enterprise",
        subject_id=dossier.id,
        now=now,
        detail={"kind": kind.value},
    )
    name = f"{dossier.enterprise.name}.{kind.value}"
    if kind is FileKind.DOCX:
        from outreach.documents.word import write_word  # lazy: start-up time

        return name, write_word(paper)
    if kind is FileKind.PDF:
        from outreach.documents.pdf import write_pdf  # lazy: start-up time

        return name, write_pdf(paper)
    return name, _workbook(paper, language)


def _workbook(paper: Paper, language: Language) -> bytes:
    """All parts below each other on one sheet, every cell a text that is no formula."""
    columns = 5

    def line(*texts: str) -> list[str]:
        cells = [safe_text(text) for text in texts[:columns]]
        return cells + [""] * (columns - len(cells))

    def lines() -> Iterator[tuple[int, list[str]]]:
        yield HEAD, line(paper.title)
        for note in paper.notes:
            yield PLAIN, line(note)
        for part in paper.parts:
            yield HEAD, line(part.title)
            for fact in part.facts:
                yield PLAIN, line(fact.label, fact.value, fact.origin)
            if part.table is not None:
                yield HEAD, line(*part.table.headers)
                for row in part.table.rows:
                    yield PLAIN, line(*row)
            for sentence in part.sentences:
                yield PLAIN, line(sentence)

    return write_sheet(translate("一企一档", language), [24, 44, 28, 20, 20], lines())


class _Writer:
    """Puts a dossier into the words of a language."""

    def __init__(
        self, dossier: Dossier, principal: Principal, language: Language, now: datetime
    ) -> None:
        self.dossier, self.principal = dossier, principal
        self.language, self.now = language, now

    def word(self, text: str) -> str:
        return translate(text, self.language)

    def paper(self) -> Paper:
        firm = self.dossier.enterprise
        parts = [
            self._why(),
            self._identity(),
            self._headcount(),
            self._visits(),
            self._cases(),
            self._statements(),
            self._openings(),
        ]
        return Paper(
            title=firm.name,
            notes=(
                say(
                    self.language,
                    "一企一档,{moment} 由 {name} 导出;个人姓名和电话已遮盖。",
                    moment=self._moment(self.now),
                    name=self.principal.display_name or "—",
                ),
            ),
            parts=tuple(part for part in parts if part is not None),
        )

    def _moment(self, value: datetime) -> str:
        return f"{value.astimezone(CHINA):%Y-%m-%d %H:%M}"

    def _why(self) -> Part:
        dossier = self.dossier
        standing = self.word(dossier.standing.label) if dossier.standing else "—"
        reasons = [say_sentence(reason, self.language) for reason in dossier.reasons]
        return Part(title=standing, sentences=tuple(reasons))

    def _origin(self, name: str) -> str:
        one = self.dossier.origins.get(name)
        if one is None:
            return ""
        return f"{self.word(one.source.label)} {one.as_of or ''}".strip()

    def _identity(self) -> Part:
        dossier, firm = self.dossier, self.dossier.enterprise
        agreed = [
            ("统一社会信用代码", firm.uscc, "uscc"),
            ("经营状态", self.word(firm.state.label), "state"),
            ("建会情况", self.word(firm.union_status.label), "union_status"),
            ("工会名称", firm.union_name, "union_name"),
            ("行业", self.word(firm.industry.label), "industry"),
            ("地址", firm.address, "address"),
            ("法定代表人", firm.legal_rep, "legal_rep"),
            ("联系电话", firm.phone, "phone"),
        ]
        facts = [
            Fact(label=self.word(label), value=value or "—", origin=self._origin(name))
            for label, value, name in agreed
        ]
        if dossier.stage is not None:
            label = self.word("建会走到哪一步")
            facts.append(Fact(label=label, value=self.word(dossier.stage.standing_label)))
        facts.append(self._place())
        facts.append(Fact(label=self.word("网格"), value=dossier.grid_name or "—"))
        facts += [
            Fact(
                label=self.word(line.prop.label),
                value=self._value(line),
                origin=f"{self.word(line.source.label)} {line.as_of or ''}".strip(),
            )
            for line in dossier.more
        ]
        return Part(title=self.word("采用的值"), facts=tuple(facts))

    def _place(self) -> Fact:
        dossier, label = self.dossier, self.word("位置")
        if dossier.unplaced_reason is not None:
            reason = say_sentence(dossier.unplaced_reason.sentence, self.language)
            return Fact(label=label, value=reason)
        if dossier.lon is None or dossier.lat is None or dossier.position_source is None:
            return Fact(label=label, value="—")
        metres = round(dossier.position_error_m or 0)
        error = say(self.language, "误差约 {metres} 米", metres=metres)
        value = f"{dossier.lon:.5f}, {dossier.lat:.5f} (WGS-84) · {error}"
        source = self.word(dossier.position_source.label)
        return Fact(label=label, value=value, origin=f"{source} {dossier.position_as_of or ''}")

    def _headcount(self) -> Part:
        held = self.dossier.enterprise.headcount
        said = []
        if held is not None and held.is_count:
            said.append(say(self.language, "现场 {employees} 人", employees=held.employees))
        elif held is not None:
            said.append(
                say(
                    self.language,
                    "估计 {employees} 人,八成以上的可能在 {low} 到 {high} 人之间。",
                    employees=held.employees,
                    low=held.low,
                    high=held.high,
                )
            )
        rows = tuple(
            (
                self.word(one.figure.source.label),
                self.word(one.figure.kind.label),
                str(one.figure.as_of or "—"),
                f"{one.figure.employees:,}",
                "—" if one.speaks_for is None else f"{one.speaks_for:,}",
            )
            for one in self.dossier.figures
        )
        headers = self._headers("来源", "口径", "日期", "人数", "折合")
        table = Table(headers=headers, rows=rows, widths=(0.25, 0.25, 0.2, 0.15, 0.15))
        return Part(
            title=self.word("职工人数的依据"),
            table=table if rows else None,
            sentences=tuple(said) or (self.word("没有任何来源给出人数"),),
        )

    def _headers(self, *texts: str) -> tuple[str, ...]:
        return tuple(self.word(text) for text in texts)

    def _visits(self) -> Part:
        names = ("concerns", "hardships", "resources", "note")
        rows = tuple(
            (
                self._moment(one.visited_at),
                self.word(one.result.label),
                "; ".join(str(one.content[name]) for name in names if one.content.get(name)) or "—",
            )
            for one in self.dossier.visits[:MOST_VISITS]
        )
        title = self.word("走访记录")
        if not rows:
            return Part(title=title, sentences=(self.word("还没有走访过"),))
        headers = self._headers("时间", "走访结果", "记下的话")
        return Part(title=title, table=Table(headers=headers, rows=rows, widths=(0.22, 0.18, 0.6)))

    def _cases(self) -> Part | None:
        rows = tuple(
            (
                self._moment(one.opened_at),
                self.word(one.kind.label) if one.kind else f"#{one.id}",
                self.word(one.state.label),
                f"{one.due_on} {self.word(one.urgency.label)}",
            )
            for one in self.dossier.cases
        )
        if not rows:
            return None
        headers = self._headers("时间", "类别", "进度", "期限")
        table = Table(headers=headers, rows=rows, widths=(0.25, 0.25, 0.25, 0.25))
        return Part(title=self.word("诉求"), table=table)

    def _statements(self) -> Part:
        rows = tuple(self._statement(line) for line in self.dossier.statements)
        headers = self._headers("项目", "值", "来源", "日期", "文件和行")
        table = Table(headers=headers, rows=rows, widths=(0.2, 0.3, 0.12, 0.14, 0.24))
        return Part(title=self.word("谁说了什么"), table=table)

    def _value(self, line: StatementLine) -> str:
        """A cleaned value as people read it: codes of closed sets get their names."""
        kind = _CODED.get(line.prop)
        if kind is not None and line.value in set(kind):
            return self.word(kind(line.value).label)
        section = section_of(line.value) if line.prop is Prop.INDUSTRY else ""
        return f"{self.word(section)} ({line.value})" if section else line.value

    def _statement(self, line: StatementLine) -> tuple[str, ...]:
        return (
            self.word(line.prop.label),
            self._value(line),
            self.word(line.source.label),
            str(line.as_of or "—"),
            f"{say_sentence(line.file, self.language)} {line.row}",
        )

    def _openings(self) -> Part:
        rows = tuple(
            (
                self._moment(one.at),
                self.word(one.label),
                one.by or "—",
                self.word(one.role.label) if one.role else self.word("命令行"),
            )
            for one in self.dossier.openings
        )
        headers = self._headers("时间", "做了什么", "谁", "角色")
        table = Table(headers=headers, rows=rows, widths=(0.25, 0.25, 0.25, 0.25))
        return Part(title=self.word("谁打开过这份档案"), table=table)

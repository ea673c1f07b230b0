"""Commands for received registers."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from outreach.cli.session import Workplace, json_option, now, pass_workplace
from outreach.domain.issues import IssueKind
from outreach.domain.sources import Source
from outreach.errors import OutreachError
from outreach.i18n import say_error, say_sentence, translate

if TYPE_CHECKING:
    from outreach.services.registers.imports import ImportReport


class SourceName(click.ParamType[Source]):
    """The name of a source that sends files, those of the district's own folder among them."""

    name = "source"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Source:
        """Find the source."""
        from outreach.sources.specs import all_specs  # lazy: start-up time

        known = {spec.source.value: spec.source for spec in all_specs()}
        if str(value) not in known:
            self.fail(f"{value!r}: {', '.join(known)}", param, ctx)
        return known[str(value)]


SOURCE = SourceName()


@click.command(
    "import",
    help="导入登记表(xlsx、xls、csv)。自动认出是哪个单位的表;同一份文件再导入一次不会改变任何东西。",
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--source", type=SOURCE, help="认不出时说明是哪个单位的表")
@click.option(
    "--datum", type=click.Choice(["wgs84", "gcj02", "bd09"]), help="文件里有经纬度时的坐标系"
)
@click.option(
    "--partial/--complete",
    default=None,
    help="文件只是一部分,还是全部;不说明时按行数判断。一部分的文件里没有的企业不算消失",
)
@json_option
@pass_workplace
def import_files(
    workplace: Workplace,
    files: tuple[Path, ...],
    source: Source | None,
    datum: str | None,
    *,
    partial: bool | None,
    as_json: bool,
) -> None:
    """Import each file in its own transaction: one bad file does not undo the others."""
    reports: list[ImportReport] = []
    refused: list[tuple[Path, OutreachError]] = []
    for path in files:
        try:
            reports.append(
                _import_one(workplace, path, source, datum, partial=partial, quiet=as_json)
            )
        except OutreachError as error:
            refused.append((path, error))
    if as_json:
        lines = [asdict(report) for report in reports]
        errors = [
            {"file": str(path), "code": e.code, "error": say_error(e, workplace.language)}
            for path, e in refused
        ]
        workplace.print_json({"files": lines, "refused": errors})
    else:
        _print_reports(workplace, reports)
        for _path, refusal in refused:
            message = say_error(refusal, workplace.language)
            click.secho(f"{refusal.code} {message}", fg="red", err=True)
    if refused:
        raise SystemExit(1)


def _import_one(
    workplace: Workplace,
    path: Path,
    source: Source | None,
    datum: str | None,
    *,
    partial: bool | None,
    quiet: bool,
) -> ImportReport:
    from outreach.services.registers.imports import import_file

    with workplace.progress("导入", quiet=quiet) as on_progress, workplace.transaction() as session:
        return import_file(
            session,
            path,
            district_id=workplace.receiving_district(session).id,
            now=now(),
            limits=workplace.settings.limits,
            source=source,
            datum=datum,
            complete=None if partial is None else not partial,
            on_progress=on_progress,
        )


def _result(workplace: Workplace, report: ImportReport) -> str:
    if report.undone:
        return workplace.say(
            "以前导入过又撤销了,要用它请运行 outreach redo-import {batch}", batch=report.batch_id
        )
    return workplace.say("新导入" if report.is_new else "以前导入过,没有改变")


def _print_reports(workplace: Workplace, reports: list[ImportReport]) -> None:
    if not reports:
        return
    workplace.print_table(
        ("文件", "来源", "读到行数", "未采用行数", "数据项", "问题", "结果"),
        [
            (
                report.file_name,
                translate(report.source.label, workplace.language),
                f"{report.rows_read:,}",
                f"{report.rows_held:,}",
                f"{report.statements:,}",
                f"{sum(report.issues.values()):,}",
                _result(workplace, report),
            )
            for report in reports
        ],
    )
    for report in reports:
        if report.is_new and not report.complete and report.rows_read < report.rows_before:
            workplace.print(
                "“{file}”有 {rows} 行,上次的全部数据有 {before} 行:按一部分数据处理,里面没有的企业"
                "不算从登记表里消失。如果这就是全部,请用 --complete 导入",
                file=report.file_name,
                rows=report.rows_read,
                before=report.rows_before,
            )
    if any(report.issues for report in reports):
        workplace.print("问题逐条列在:outreach issues")


@click.command("issues", help="问题清单:文件、行、列、值、怎么改。")
@click.option("--kind", type=click.Choice([kind.value for kind in IssueKind]), help="只看一种问题")
@click.option("--held", is_flag=True, help="只看没有采用的行")
@click.option("--limit", default=50, show_default=True)
@click.option("--offset", default=0, show_default=True)
@json_option
@pass_workplace
def issues(
    workplace: Workplace, kind: str | None, limit: int, offset: int, *, held: bool, as_json: bool
) -> None:
    """List issues."""
    from outreach.services.registers.imports import list_issues

    with workplace.transaction() as session:
        lines, total = list_issues(
            session,
            district_id=workplace.district(session).id,
            kind=IssueKind(kind) if kind else None,
            held_only=held,
            limit=limit,
            offset=offset,
        )
    rows = [
        {
            "file": line.file_name,
            "row": line.row,
            "column": line.column,
            "value": line.value,
            "code": line.kind.value,
            "severity": translate(line.kind.severity.label, workplace.language),
            "problem": say_sentence(line.sentence, workplace.language),
            "remedy": translate(line.kind.remedy, workplace.language),
        }
        for line in lines
    ]
    if as_json:
        workplace.print_json({"total": total, "issues": rows})
        return
    workplace.print_table(
        ("文件", "行", "编号", "问题", "怎么改"),
        [(r["file"], r["row"], r["code"], r["problem"], r["remedy"]) for r in rows],
    )
    workplace.print(
        "第 {first} 到 {last} 条,共 {total} 条",
        first=min(offset + 1, total),
        last=min(offset + limit, total),
        total=total,
    )


@click.command("template", help="写出一种登记表的空白模板(xlsx),请来文单位照着填。")
@click.argument("source", type=SOURCE)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="写到哪个文件")
@pass_workplace
def template(workplace: Workplace, source: Source, out: Path) -> None:
    """Write a source's empty workbook."""
    from outreach.services.registers.templates import write_template

    out.write_bytes(write_template(source))
    workplace.print("已写到 {file}", file=str(out))


@click.command("undo-import", help="撤销整份导入:文件原样留着,里面的内容都不算。")
@click.argument("batch", type=int)
@pass_workplace
def undo_import(workplace: Workplace, batch: int) -> None:
    """Take a delivered file back."""
    from outreach.services.administration.principals import command_line
    from outreach.services.registers.batches import undo_import as undo

    with workplace.transaction() as session:
        changed = undo(session, command_line(workplace.district(session).id), batch, now=now())
    workplace.print("已撤销 {batch}" if changed else "{batch} 以前就撤销了", batch=batch)
    workplace.print("企业底数还没有更新,请运行 outreach link")


@click.command("redo-import", help="恢复一份撤销了的导入。")
@click.argument("batch", type=int)
@pass_workplace
def redo_import(workplace: Workplace, batch: int) -> None:
    """Put a file that was taken back in force again."""
    from outreach.services.administration.principals import command_line
    from outreach.services.registers.batches import redo_import as redo

    with workplace.transaction() as session:
        changed = redo(session, command_line(workplace.district(session).id), batch, now=now())
    workplace.print("已恢复 {batch}" if changed else "{batch} 没有撤销过", batch=batch)
    workplace.print("企业底数还没有更新,请运行 outreach link")

"""Commands for the enterprise file and the target list."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from outreach.cli.session import Workplace, json_option, now, pass_workplace, today
from outreach.domain.engines import Engine, LinkageSettings
from outreach.domain.issues import IssueKind
from outreach.domain.targets import Standing
from outreach.fusion.linkage import LinkRule
from outreach.i18n import say_sentence, translate

if TYPE_CHECKING:
    from outreach.services.enterprises.targets import TargetReport
    from outreach.services.linking.answers import FileDoubt
    from outreach.services.linking.linking import LinkReport


@click.command(
    "link",
    help="把各来源的行归并成企业,定位,判定重点对象。给出文件和 --out 时只归并这些文件,不用数据库。",
)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), help="给出文件时:写到哪里(file,row,enterprise_id)"
)
@click.option(
    "--engine",
    type=click.Choice([engine.value for engine in Engine]),
    help="比对在哪里运行;不写按设置文件(linkage.engine)。两者结果相同",
)
@click.option(
    "--answers",
    type=click.Path(path_type=Path),
    help="给出文件时:人工判断(file_a,row_a,file_b,row_b,verdict),判断高于机器",
)
@click.option(
    "--doubts",
    type=click.Path(path_type=Path),
    help="给出文件时:把拿不准的写到哪里,最值得问的在前",
)
@json_option
@pass_workplace
def link(
    workplace: Workplace,
    files: tuple[Path, ...],
    out: Path | None,
    engine: str | None,
    *,
    answers: Path | None,
    doubts: Path | None,
    as_json: bool,
) -> None:
    """Build the enterprise file anew, or link files alone."""
    settings = workplace.settings.linkage
    settings = replace(settings, engine=Engine(engine)) if engine else settings
    if files or out or answers or doubts:
        judged = (answers, doubts)
        _link_files(workplace, files, out, settings, judged=judged, as_json=as_json)
        return
    from outreach.services.linking.linking import link_district

    with (
        workplace.progress("归并", quiet=as_json) as on_progress,
        workplace.transaction() as session,
    ):
        report = link_district(
            session,
            district_id=workplace.district(session).id,
            rule=workplace.settings_of(session).target,
            now=now(),
            today=today(),
            settings=settings,
            on_progress=on_progress,
        )
    if as_json:
        workplace.print_json(asdict(report))
    else:
        print_link_report(workplace, report)


def _link_files(
    workplace: Workplace,
    files: tuple[Path, ...],
    out: Path | None,
    settings: LinkageSettings,
    *,
    judged: tuple[Path | None, Path | None],
    as_json: bool,
) -> None:
    """Link files without a database; `judged` are the files of answers and of doubts."""
    from outreach.services.linking.answers import read_answers, write_doubts
    from outreach.services.linking.linkfiles import judge_files, link_files, write_links

    if not files or out is None:
        raise click.UsageError("文件和 --out 要一起给出")
    answers, doubts = judged
    questions: list[FileDoubt] = []
    with workplace.progress("归并", quiet=as_json) as on_progress:
        if answers or doubts:
            links, questions = judge_files(
                files,
                answers=read_answers(answers) if answers else [],
                rule=workplace.settings.target,
                today=today(),
                limits=workplace.settings.limits,
                settings=settings,
                on_progress=on_progress,
            )
        else:
            links = link_files(
                files, limits=workplace.settings.limits, settings=settings, on_progress=on_progress
            )
    write_links(out, links)
    if doubts:
        write_doubts(doubts, questions)
    figures = {"rows": len(links), "enterprises": len({found.enterprise_id for found in links})}
    if as_json:
        workplace.print_json(figures)
    else:
        workplace.print_pairs(
            "归并", [("读到的行", figures["rows"]), ("企业", figures["enterprises"])]
        )


def print_link_report(workplace: Workplace, report: LinkReport) -> None:
    """Print the numbers of a linking so that they can be added up."""
    workplace.print_pairs(
        "归并",
        [
            ("读到的行", report.rows_read),
            ("= 归入企业的行", report.rows_linked),
            ("+ 问题清单里没有采用的行", report.rows_held),
            ("企业", report.enterprises),
            ("= 已定位", report.placed),
            ("+ 未定位", report.unplaced),
            ("重点对象:归并前", report.targets_before),
            ("重点对象:归并后", report.targets),
            *((LinkRule(rule).label, count) for rule, count in report.by_rule.items()),
            *((_DOUBT_LABELS[IssueKind(kind)], count) for kind, count in report.doubts.items()),
        ],
    )


_DOUBT_LABELS = {
    IssueKind.PARENT_CODE: "存疑:用了上级单位的代码",
    IssueKind.AMBIGUOUS_MATCH: "存疑:可能是同一家,没有归并",
    IssueKind.CONFLICTING_CODES: "存疑:代码互相矛盾",
}


@click.command("targets", help="重点对象:正常经营、职工超过标准、没有工会。每一家都写明理由。")
@click.option(
    "--standing",
    type=click.Choice([s.value for s in Standing]),
    default=Standing.TARGET.value,
    show_default=True,
)
@click.option("--limit", default=10, show_default=True, help="列出几家")
@json_option
@pass_workplace
def targets(workplace: Workplace, standing: str, limit: int, *, as_json: bool) -> None:
    """Assess and list."""
    from outreach.services.administration.principals import command_line
    from outreach.services.enterprises.enterprise_lists import EnterpriseFilter, list_enterprises
    from outreach.services.enterprises.targets import assess_district

    with workplace.transaction() as session:
        district = workplace.district(session)
        report = assess_district(
            session,
            district_id=district.id,
            rule=workplace.settings_of(session).target,
            now=now(),
        )
        lines, _total = list_enterprises(
            session,
            command_line(district.id),
            EnterpriseFilter(standing=Standing(standing)),
            limit=limit,
        )
    shown: list[dict[str, Any]] = [
        {
            "id": line.id,
            "name": line.name,
            "township": line.township,
            "grid": line.grid_name,
            "employees": line.employees,
            "reasons": [say_sentence(reason, workplace.language) for reason in line.reasons],
        }
        for line in lines
    ]
    if as_json:
        workplace.print_json({**asdict(report), "enterprises_listed": shown})
        return
    print_target_report(workplace, report)
    workplace.print_table(
        ("企业", "镇街", "网格", "理由"),
        [(s["name"], s["township"], s["grid"], ";".join(s["reasons"])) for s in shown],
    )


def print_target_report(workplace: Workplace, report: TargetReport) -> None:
    """Print how the enterprises stand."""
    workplace.print_pairs(
        "企业情况",
        [
            ("企业", report.enterprises),
            *(
                (f"= {translate(s.label, workplace.language)}", n)
                for s, n in report.by_standing.items()
            ),
            ("重点对象的职工", report.target_employees),
            ("其中未定位的重点对象", report.targets_unplaced),
        ],
    )


@click.command("unplaced", help="还没有位置的企业,按原因和镇街。")
@click.option("--limit", default=20, show_default=True)
@click.option("--offset", default=0, show_default=True)
@json_option
@pass_workplace
def unplaced(workplace: Workplace, limit: int, offset: int, *, as_json: bool) -> None:
    """List what could not be placed."""
    from outreach.services.administration.principals import command_line
    from outreach.services.enterprises.enterprise_lists import EnterpriseFilter, list_enterprises
    from outreach.services.enterprises.enterprises import count_unplaced

    with workplace.transaction() as session:
        district = workplace.district(session)
        counts = count_unplaced(session, district.id)
        lines, total = list_enterprises(
            session,
            command_line(district.id),
            EnterpriseFilter(unplaced=True),
            limit=limit,
            offset=offset,
        )
    rows = [
        {
            "id": line.id,
            "name": line.name,
            "township": line.township,
            "reason": say_sentence(line.unplaced_reason.sentence, workplace.language)
            if line.unplaced_reason
            else "",
        }
        for line in lines
    ]
    if as_json:
        workplace.print_json(
            {
                "total": total,
                "by_reason": {r.value: n for r, n in counts.items()},
                "enterprises": rows,
            }
        )
        return
    workplace.print_pairs(
        "未定位", [(reason.sentence.template, count) for reason, count in counts.items()]
    )
    workplace.print_table(
        ("企业", "镇街", "原因"), [(r["name"], r["township"], r["reason"]) for r in rows]
    )
    workplace.print(
        "第 {first} 到 {last} 条,共 {total} 条",
        first=min(offset + 1, total),
        last=min(offset + limit, total),
        total=total,
    )

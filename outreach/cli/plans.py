"""Commands for the week's plan."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from outreach.cli.session import Workplace, json_option, now, pass_workplace
from outreach.domain.plans import LeftOutReason
from outreach.domain.travel import TravelNote
from outreach.errors import InvalidInput
from outreach.i18n import say_sentence

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.services.planning.plans import PlanReport
    from outreach.services.planning.rule_files import RuleFile


@click.command("plan", help="给每个网格排一周的走访路线,存成草稿。")
@click.option("--week", type=click.DateTime(["%Y-%m-%d"]), help="这一周的周一,如 2026-11-23")
@click.option(
    "--rule",
    "rule_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="参数文件(TOML),从计划的页面下载;照它再排一遍",
)
@click.option("--seconds", type=float, help="每个网格最多算几秒")
@click.option("--seed", type=int, help="随机种子")
@click.option("--publish", "and_publish", is_flag=True, help="排好后直接发布")
@json_option
@pass_workplace
def plan(
    workplace: Workplace,
    week: datetime | None,
    rule_file: Path | None,
    seconds: float | None,
    seed: int | None,
    *,
    and_publish: bool,
    as_json: bool,
) -> None:
    """Plan every grid's week."""
    from outreach.services.planning.plans import name_plan, plan_week, publish_plan

    asked = _asked(workplace, week, rule_file)
    rule = asked.rule
    if seconds is not None:
        rule = replace(rule, seconds_per_grid=seconds)
    if seed is not None:
        rule = replace(rule, seed=seed)
    with (
        workplace.progress("排计划", quiet=as_json) as on_progress,
        workplace.transaction() as session,
    ):
        district = workplace.district(session)
        report = plan_week(
            session,
            district_id=district.id,
            week=asked.week,
            rule=rule,
            now=now(),
            processes=workplace.settings.solver_processes,
            on_progress=on_progress,
        )
        if asked.name:
            name_plan(session, district.id, report.plan_id, asked.name)
        if and_publish:
            publish_plan(session, None, report.plan_id, district_id=district.id, now=now())
    if as_json:
        workplace.print_json(asdict(report))
    else:
        print_plan_report(workplace, report)


def _asked(workplace: Workplace, week: datetime | None, rule_file: Path | None) -> RuleFile:
    """What is to be planned: by the file, else by the settings; `week` comes before the file's."""
    from outreach.services.planning.rule_files import RuleFile, read_rule

    if rule_file is not None:
        asked = read_rule(rule_file.read_text(encoding="utf-8"), rule_file.name)
        return replace(asked, week=week.date()) if week else asked
    if week is None:
        raise InvalidInput("请用 --week 说是哪一周,或用 --rule 给一个参数文件")
    with workplace.transaction() as session:
        rule = workplace.settings_of(session).plan
    return RuleFile(week=week.date(), name="", rule=rule)


def print_plan_report(workplace: Workplace, report: PlanReport) -> None:
    """Print the numbers of a plan so that they can be added up."""
    workplace.print_pairs(
        "计划",
        [
            ("周一", report.week.isoformat()),
            ("版本", report.version),
            ("网格", report.grids),
            ("出门次数", report.routes),
            ("走访", report.stops),
            ("重点对象", report.targets),
            ("= 排进计划", report.targets_planned),
            ("+ 没有排进", report.targets_left_out),
            *(
                (LeftOutReason(reason).sentence.template, count)
                for reason, count in report.left_out.items()
            ),
            ("核实人数", report.verify_planned),
            ("办理诉求", report.serve_planned),
            ("每月更新", report.refresh_planned),
            ("路上(小时)", round(report.travel_s / 3600)),
        ],
    )
    travel = TravelNote.from_figures({"travel": report.travel})
    note = say_sentence(travel.sentence, workplace.language)
    workplace.print("路上的时间:{travel}", travel=note)
    if report.failed_grids:
        workplace.print("没有算出来的网格:{codes}", codes="、".join(report.failed_grids))


@click.command("publish", help="发布一个草稿计划。")
@click.argument("plan_id", type=int)
@pass_workplace
def publish(workplace: Workplace, plan_id: int) -> None:
    """Publish a draft."""
    from outreach.services.planning.plans import publish_plan

    with workplace.transaction() as session:
        done = publish_plan(
            session, None, plan_id, district_id=workplace.district(session).id, now=now()
        )
        week, version = done.week, done.version
    workplace.print("已发布:{week} 这一周第 {version} 版", week=week.isoformat(), version=version)

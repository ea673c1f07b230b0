"""Command for the road file that plans follow."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from outreach.cli.session import Workplace, json_option, now, pass_workplace

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.services.planning.road_files import RoadReport


@click.command(
    "roads",
    help="存下路网文件(OpenStreetMap 的 .osm.pbf),以后的计划按道路算路程。不给文件就看现在用的。",
)
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), help="路网是哪一天的;不给就看文件里写的日期"
)
@json_option
@pass_workplace
def roads(workplace: Workplace, file: Path | None, day: datetime | None, *, as_json: bool) -> None:
    """Keep a road file, or report on the one in use."""
    from outreach.services.planning.road_files import keep_road_file, report_roads

    with (
        workplace.progress("读路网", quiet=as_json) as on_progress,
        workplace.transaction() as session,
    ):
        district = workplace.district(session)
        if file is None:
            report = report_roads(session, district=district, now=now(), on_progress=on_progress)
        else:
            report = keep_road_file(
                session,
                file,
                district=district,
                now=now(),
                day=day.date() if day else None,
                on_progress=on_progress,
            )
    if as_json:
        workplace.print_json(asdict(report) if report else None)
    elif report is None:
        workplace.print("还没有路网文件,路程按直线估算")
    else:
        _print(workplace, report)


def _print(workplace: Workplace, report: RoadReport) -> None:
    workplace.print(
        "路网文件 {file},{day} 的道路。以后的计划按它算路程。",
        file=report.file.file_name,
        day=report.file.day.isoformat(),
    )
    workplace.print_table(
        ["方式", "连成一片的路口", "全部路口", "道路(公里)"],
        [
            (
                workplace.say(one.mode.label),
                f"{one.junctions:,}",
                f"{one.of_junctions:,}",
                f"{one.length_km:,}",
            )
            for one in report.file.networks
        ],
    )
    for title, snaps in (("企业到道路(米)", report.firms), ("出发点到道路(米)", report.offices)):
        workplace.print_table(
            [title, "个数", "中位数", "95% 以内", "最远", "太远,按直线估算"],
            [
                (
                    workplace.say(one.mode.label),
                    f"{one.points:,}",
                    one.median_m,
                    one.p95_m,
                    f"{one.most_m:,}",
                    f"{one.beyond} ({100 * one.beyond / one.points:.1f}%)",
                )
                for one in snaps
            ],
        )

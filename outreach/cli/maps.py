"""Commands for maps in a file, and for the figures of past months."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from outreach.cli.session import Workplace, now, pass_workplace, today

if TYPE_CHECKING:
    from outreach.services.desk.maps import MapFilter

KINDS = (
    "heat",
    "coverage",
    "overdue",
    "left",
    "left_employees",
    "need",
    "effort",
    "gap",
    "plan",
    "firms",
)


@click.command(
    "map",
    help="画地图,存成一个不用联网就能打开的网页。heat 是未建会重点对象的密度,其余同网页上的图层。",
)
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--township", default="", help="只画一个镇街")
@click.option(
    "--view",
    type=click.Choice(["areas", "density", "hot"]),
    default="areas",
    show_default=True,
    help="按网格、密度、相对集中的地方",
)
@click.option("--month", type=click.DateTime(["%Y-%m"]), help="过去的月份,例如 2026-10")
@click.option(
    "--bandwidth",
    type=click.Choice(["500", "1000", "2000"]),
    default="1000",
    show_default=True,
    help="平滑范围,米",
)
@pass_workplace
def draw_map(workplace: Workplace, /, kind: str, out: Path, **options: object) -> None:
    """Draw a map."""
    from maps.assets import Assets
    from outreach.services.administration.principals import command_line
    from outreach.services.desk.map_drawing import Drawing
    from outreach.services.desk.map_drawing import draw_map as draw

    with workplace.transaction() as session:
        page = draw(
            session,
            command_line(workplace.district(session).id),
            _wanted(kind, options),
            today=today(),
            drawing=Drawing(language=workplace.language, assets=Assets.inline()),
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page, encoding="utf-8")
    workplace.print("已存:{file}({size} KB)", file=str(out), size=len(page.encode()) // 1024)


def _wanted(kind: str, options: dict[str, object]) -> MapFilter:
    from outreach.domain.grid_figures import MapLayer
    from outreach.services.desk.maps import MapFilter, MapView

    layer, view = (MapLayer.LEFT, "density") if kind == "heat" else (MapLayer(kind), None)
    month = options["month"]
    return MapFilter(
        layer=layer,
        view=MapView(view or str(options["view"])),
        month=month.date() if isinstance(month, datetime) else None,
        township=str(options["township"]),
        standing=layer.usual_standing,
        bandwidth_m=int(str(options["bandwidth"])),
    )


@click.command("months", help="统计过去各月的网格数字,地图上的月份就用这些。每晚运行一次。")
@pass_workplace
def months(workplace: Workplace) -> None:
    """Count the months whose figures can still change."""
    from outreach.services.desk.grid_months import refresh_months

    with workplace.transaction() as session:
        report = refresh_months(session, district_id=workplace.district(session).id, now=now())
    workplace.print(
        "统计了 {counted} 个月,另有 {standing} 个月已经定下来",
        counted=len(report.counted),
        standing=report.standing,
    )

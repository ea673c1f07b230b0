"""Command for maps in a file."""

from __future__ import annotations

from pathlib import Path

import click

from outreach.cli.session import Workplace, pass_workplace, today


@click.command("map", help="画地图,存成一个不用联网就能打开的网页。heat 热力图,coverage 覆盖图。")
@click.argument("kind", type=click.Choice(["heat", "coverage", "effort", "firms"]))
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--township", default="", help="只画一个镇街")
@click.option(
    "--bandwidth",
    type=click.Choice(["500", "1000", "2000"]),
    default="1000",
    show_default=True,
    help="平滑范围,米",
)
@pass_workplace
def draw_map(workplace: Workplace, kind: str, out: Path, township: str, bandwidth: str) -> None:
    """Draw a map."""
    from maps.assets import Assets
    from outreach.services.maps import MapFilter, MapLayer
    from outreach.services.maps import draw_map as draw
    from outreach.services.principals import command_line

    layer = MapLayer("need" if kind == "heat" else kind)
    with workplace.transaction() as session:
        page = draw(
            session,
            command_line(workplace.district(session).id),
            MapFilter(layer=layer, township=township, bandwidth_m=int(bandwidth)),
            today=today(),
            language=workplace.language,
            assets=Assets.inline(),
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page, encoding="utf-8")
    workplace.print("已存:{file}({size} KB)", file=str(out), size=len(page.encode()) // 1024)

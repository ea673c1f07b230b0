"""Command for the change list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from outreach.cli.session import Workplace, json_option, pass_workplace
from outreach.domain.changes import ChangeKind
from outreach.errors import NotFound
from outreach.i18n import say_sentence, translate

if TYPE_CHECKING:
    from datetime import datetime


@click.command("changes", help="变动清单:新增、注销、搬家、改名、人数过线、建会、从登记表里消失。")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="从哪一天起发现的")
@click.option("--grid", "grid_code", help="只看一个网格(网格编码)")
@click.option("--kind", type=click.Choice([kind.value for kind in ChangeKind]), help="只看一种变动")
@click.option("--limit", default=50, show_default=True)
@click.option("--offset", default=0, show_default=True)
@json_option
@pass_workplace
def changes(
    workplace: Workplace,
    since: datetime | None,
    grid_code: str | None,
    kind: str | None,
    limit: int,
    offset: int,
    *,
    as_json: bool,
) -> None:
    """List changes, newest first."""
    from outreach.services.administration.principals import command_line
    from outreach.services.grids.grid_views import list_grids
    from outreach.services.linking.change_views import ChangeFilter, list_changes, summarise_changes

    with workplace.transaction() as session:
        who = command_line(workplace.district(session).id)
        grids = {grid.code: grid.id for grid in list_grids(session, who)}
        if grid_code is not None and grid_code not in grids:
            raise NotFound("没有编码为 {code} 的网格", code=grid_code)
        wanted = ChangeFilter(
            kind=ChangeKind(kind) if kind else None,
            grid_id=grids[grid_code] if grid_code else None,
            since=since.date() if since else None,
        )
        lines, total = list_changes(session, who, wanted, limit=limit, offset=offset)
        summary = summarise_changes(session, who, wanted)
    rows = [
        {
            "found_on": line.found_on.isoformat(),
            "kind": line.kind.value,
            "id": line.enterprise_id,
            "name": line.name,
            "township": line.township,
            "grid": line.grid_name,
            "before": line.before,
            "after": line.after,
            "change": say_sentence(line.sentence, workplace.language),
            "source": line.source.value if line.source else "",
            "as_of": line.as_of.isoformat() if line.as_of else "",
        }
        for line in lines
    ]
    if as_json:
        counts = {one.value: count for one, count in summary.counts.items()}
        workplace.print_json(
            {
                "total": total,
                "enterprises": summary.enterprises,
                "changed": summary.changed,
                "by_kind": counts,
                "changes": rows,
            }
        )
        return
    workplace.print_pairs(
        "变动",
        [
            ("企业", summary.enterprises),
            ("其中有变动的", summary.changed),
            *((one.label, count) for one, count in summary.counts.items()),
        ],
    )
    workplace.print_table(
        ("发现日期", "变动", "企业", "网格", "变动前 → 变动后", "来源"),
        [
            (
                row["found_on"],
                translate(line.kind.label, workplace.language),
                row["name"],
                row["grid"] or row["township"],
                row["change"],
                translate(line.source.label, workplace.language) if line.source else "",
            )
            for row, line in zip(rows, lines, strict=True)
        ],
    )
    workplace.print(
        "第 {first} 到 {last} 条,共 {total} 条",
        first=min(offset + 1, total),
        last=min(offset + limit, total),
        total=total,
    )

"""The command that forgets old tracks."""

from __future__ import annotations

import click

from outreach.cli.session import Workplace, json_option, now, pass_workplace
from outreach.domain.tracks import KEEP


@click.command("forget-tracks", help="删除 90 天以前的巡查轨迹;后台任务每天也会自己做。")
@json_option
@pass_workplace
def forget_tracks(workplace: Workplace, *, as_json: bool) -> None:
    """Delete points that are older than what is kept."""
    from outreach.services.visits import tracks

    with workplace.transaction() as session:
        count = tracks.forget_tracks(session, now=now())
    if as_json:
        workplace.print_json({"deleted": count, "kept_days": KEEP.days})
        return
    workplace.print("已删除 {count} 个超过 {days} 天的轨迹点", count=count, days=KEEP.days)

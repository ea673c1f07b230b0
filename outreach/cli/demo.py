"""The whole job on a made-up district with one command."""

from __future__ import annotations

import os
import resource
import time
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from outreach.cli.enterprises import print_link_report, print_target_report
from outreach.cli.plans import print_plan_report
from outreach.cli.serve import run_server
from outreach.cli.session import Workplace, json_option, now, pass_workplace, today

if TYPE_CHECKING:
    from collections.abc import Iterator

    from outreach.services.demo import DemoContents, DemoLogin
    from outreach.services.enterprises.targets import TargetReport
    from outreach.services.linking.linking import LinkReport
    from outreach.services.planning.plans import PlanReport
    from outreach.services.progress import OnProgress


@click.command(
    "demo", help="虚构的示范区:写出文件、导入、归并、判定、排计划,然后启动网页。已有的不会被破坏。"
)
@click.option("--serve/--no-serve", "with_server", default=True, help="做完后启动网页")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@json_option
@pass_workplace
def demo(workplace: Workplace, host: str, port: int, *, with_server: bool, as_json: bool) -> None:
    """Do the whole job, or say that it is done."""
    from outreach.services.demo import count_contents, demo_logins, find_demo

    logins = demo_logins(workplace.settings.instance / "demo")
    with workplace.transaction() as session:
        known = find_demo(session)
        contents = count_contents(session, known.id) if known else None
    if contents is not None and contents.plans:
        _say_what_exists(workplace, contents, as_json=as_json)
    else:
        _MainJob(workplace, quiet=as_json).run(logins)
    if not as_json:
        _print_logins(workplace, logins, host, port)
    if with_server:
        run_server(workplace, host, port, with_worker=True)


def _say_what_exists(workplace: Workplace, contents: DemoContents, *, as_json: bool) -> None:
    if as_json:
        workplace.print_json({"exists": asdict(contents)})
        return
    workplace.print("示范区已经有了,没有改动:")
    pairs = [
        ("企业", contents.enterprises),
        ("重点对象", contents.targets),
        ("网格", contents.grids),
        ("走访", contents.visits),
        ("计划", contents.plans),
    ]
    workplace.print_pairs("示范区", pairs)
    workplace.print("要从头再来,请删掉 {folder} 目录", folder=str(workplace.settings.instance))


def _print_logins(
    workplace: Workplace, logins: tuple[DemoLogin, ...], host: str, port: int
) -> None:
    workplace.print("网页:{address}  数据均为虚构", address=f"http://{host}:{port}")
    workplace.print_table(
        ("角色", "用户名", "密码"),
        [(workplace.say(login.role.label), login.login, login.password) for login in logins],
    )


class _MainJob:
    """The stages of the main job, each with its bar, its time and its own transaction."""

    def __init__(self, workplace: Workplace, *, quiet: bool) -> None:
        self.workplace, self.quiet = workplace, quiet
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, title: str) -> Iterator[OnProgress]:
        started = time.perf_counter()
        with self.workplace.progress(title, quiet=self.quiet) as on_progress:
            yield on_progress
        self.seconds[title] = round(time.perf_counter() - started, 1)
        if not self.quiet and not self.workplace.console.is_terminal:
            self.workplace.print("{stage}:{seconds} 秒", stage=title, seconds=self.seconds[title])

    def run(self, logins: tuple[DemoLogin, ...]) -> None:
        from outreach.services import demo as steps
        from outreach.services.demo_history import add_history
        from outreach.services.desk.grid_months import refresh_months
        from outreach.services.enterprises.targets import assess_district
        from outreach.services.linking.linking import link_district
        from outreach.services.planning.plans import plan_week, publish_plan

        workplace, settings = self.workplace, self.workplace.settings
        district_id, rows = self._receive()
        with self.stage("归并") as on_progress, workplace.transaction() as session:
            linked = link_district(
                session,
                district_id=district_id,
                rule=settings.target,
                now=now(),
                today=today(),
                on_progress=on_progress,
            )
        with self.stage("记下以往的走访") as on_progress, workplace.transaction() as session:
            steps.add_people(session, district_id, logins)
            add_history(session, district_id, settings, today=today(), on_progress=on_progress)
        with self.stage("判定重点对象"), workplace.transaction() as session:
            targets = assess_district(
                session, district_id=district_id, rule=settings.target, now=now()
            )
        with self.stage("排计划") as on_progress, workplace.transaction() as session:
            planned = plan_week(
                session,
                district_id=district_id,
                week=steps.week_to_plan(today()),
                rule=settings.plan,
                now=now(),
                processes=settings.solver_processes,
                on_progress=on_progress,
            )
            publish_plan(session, None, planned.plan_id, district_id=district_id, now=now())
            refresh_months(session, district_id=district_id, now=now())
        self._report(rows, linked, targets, planned)

    def _receive(self) -> tuple[int, int]:
        """Write and import all files; returns the district's id and the rows read."""
        from outreach.services import demo as steps
        from outreach.services.demo_roads import receive_roads

        workplace, settings = self.workplace, self.workplace.settings
        with self.stage("写出示范文件") as on_progress:
            files = steps.write_files(settings.instance / "demo", on_progress)
        with self.stage("导入登记表") as on_progress, workplace.transaction() as session:
            district_id = steps.ensure_demo(session, files).id
            rows = steps.receive_registers(
                session, files, district_id, settings, now=now(), on_progress=on_progress
            )
        with self.stage("导入网格和地名") as on_progress, workplace.transaction() as session:
            steps.receive_places(
                session, files, district_id, settings, now=now(), on_progress=on_progress
            )
        with self.stage("读路网") as on_progress, workplace.transaction() as session:
            receive_roads(
                session,
                files.roads,
                district=steps.ensure_demo(session, files),
                now=now(),
                on_progress=on_progress,
            )
        return district_id, rows

    def _report(
        self, rows: int, linked: LinkReport, targets: TargetReport, planned: PlanReport
    ) -> None:
        total = round(sum(self.seconds.values()), 1)
        peak = _peak_kb(self.workplace.settings.solver_processes or os.cpu_count() or 1)
        if self.quiet:
            self.workplace.print_json(
                {
                    "rows": rows,
                    "link": asdict(linked),
                    "targets": asdict(targets),
                    "plan": asdict(planned),
                    "seconds": {**self.seconds, "total": total},
                    "peak_mb": peak // 1024,
                }
            )
            return
        print_link_report(self.workplace, linked)
        print_target_report(self.workplace, targets)
        print_plan_report(self.workplace, planned)
        self.workplace.print_pairs(
            "用时(秒)", [*self.seconds.items(), ("合计", total), ("内存峰值(MB)", peak // 1024)]
        )


def _peak_kb(processes: int) -> int:
    """An upper bound of the memory in use at once.

    The solvers run while this process is past its own peak, so that counts with what it holds now.
    """
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    solvers = processes * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return max(own, _present_kb() + solvers)


def _present_kb() -> int:
    """What this process holds now (Linux); 0 where the system does not say."""
    status = Path("/proc/self/statm")
    pages = int(status.read_text(encoding="ascii").split()[1]) if status.is_file() else 0
    return pages * resource.getpagesize() // 1024

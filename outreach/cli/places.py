"""Commands for grids, grid workers and the gazetteer; the datum has no default."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

from outreach.cli.session import Workplace, json_option, now, pass_workplace
from outreach.i18n import say_sentence

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from maps.datum import Datum
    from outreach.services.grids.grid_workers import TableImport
    from outreach.sources.workbooks import Limits

Report = TypeVar("Report", covariant=True)  # noqa: PLC0105  (it is what an import gives back)


class _Importer(Protocol[Report]):
    """The shape that all three imports share."""

    def __call__(
        self,
        session: Session,
        path: Path,
        *,
        district_id: int,
        datum: Datum,
        limits: Limits,
        now: datetime,
    ) -> Report:
        """Import a file."""


@click.group(help="网格")
def grids() -> None:
    """Group of commands."""


@click.group(help="网格员")
def workers() -> None:
    """Group of commands."""


@click.group(help="地名库")
def gazetteer() -> None:
    """Group of commands."""


def _file_and_datum(command: Any) -> Any:  # noqa: ANN401  (click's decorators are untyped here)
    command = json_option(command)
    command = click.option(
        "--datum",
        required=True,
        type=click.Choice(["wgs84", "gcj02", "bd09"]),
        help="文件的坐标系,必须说明:选错会偏几百米",
    )(command)
    return click.argument("file", type=click.Path(path_type=Path))(command)


def _receive(workplace: Workplace, file: Path, datum: str, importer: _Importer[Report]) -> Report:
    """Import a file into the district that receives, in one transaction."""
    from outreach.services.grids.grids import parse_datum

    with workplace.transaction() as session:
        return importer(
            session,
            file,
            district_id=workplace.receiving_district(session).id,
            datum=parse_datum(datum),
            limits=workplace.settings.limits,
            now=now(),
        )


@grids.command("import", help="导入网格多边形(GeoJSON)。")
@_file_and_datum
@pass_workplace
def import_grids_command(workplace: Workplace, file: Path, datum: str, *, as_json: bool) -> None:
    """Import grids."""
    from outreach.services.grids.grids import import_grids

    report = _receive(workplace, file, datum, import_grids)
    findings = [say_sentence(finding, workplace.language) for finding in report.findings]
    if as_json:
        workplace.print_json({**asdict(report), "findings": findings})
        return
    workplace.print(
        "网格:新增 {added},改变 {changed},不变 {unchanged};重叠、空隙、修补 {findings} 处",
        added=report.added,
        changed=report.changed,
        unchanged=report.unchanged,
        findings=len(findings),
    )
    for finding in findings[:10]:
        workplace.console.print(f"  {finding}", markup=False, style="yellow")
    if report.not_in_file:
        workplace.print(
            "文件里没有、仍然保留的网格:{codes}", codes="、".join(report.not_in_file[:10])
        )


@workers.command("import", help="导入网格员和办公点(csv、xlsx)。")
@_file_and_datum
@pass_workplace
def import_workers_command(workplace: Workplace, file: Path, datum: str, *, as_json: bool) -> None:
    """Import grid workers."""
    from outreach.services.grids.grid_workers import import_grid_workers

    report = _receive(workplace, file, datum, import_grid_workers)
    _print(
        workplace, "网格员:新增 {added},改变 {changed},不变 {unchanged}", report, as_json=as_json
    )


@gazetteer.command("import", help="导入地名库(csv、xlsx)。")
@_file_and_datum
@pass_workplace
def import_gazetteer_command(
    workplace: Workplace, file: Path, datum: str, *, as_json: bool
) -> None:
    """Import places."""
    from outreach.services.registers.gazetteer import import_gazetteer

    report = _receive(workplace, file, datum, import_gazetteer)
    _print(workplace, "地名:新增 {added},改变 {changed},不变 {unchanged}", report, as_json=as_json)


@click.command(
    "geocode",
    help="向在线地图服务询问未定位企业的地址。没有设置密钥时什么都不发送;只发送地址,不发送人名和企业名。",
)
@json_option
@pass_workplace
def geocode(workplace: Workplace, *, as_json: bool) -> None:
    """Ask an online geocoder."""
    from outreach.services.enterprises.geocoding import geocode_unplaced

    with workplace.transaction() as session:
        district_id = workplace.district(session).id
    with workplace.progress("地址解析", quiet=as_json) as on_progress:
        report = geocode_unplaced(
            workplace.database,
            district_id=district_id,
            rule=workplace.settings.geocoder,
            now=now(),
            on_progress=on_progress,
        )
    if as_json:
        workplace.print_json(asdict(report))
        return
    workplace.print_pairs(
        "地址解析",
        [
            ("没有问过的地址", report.wanted),
            ("= 这次问的", report.asked),
            ("+ 超出今天次数的", report.left),
            ("找到的", report.found),
            ("找不到的", report.unknown),
            ("不在本区网格里的", report.outside),
            ("含有人名、电话或企业名,没有发送的", report.withheld),
            ("新定位的企业", report.placed),
        ],
    )


def _print(workplace: Workplace, template: str, report: TableImport, *, as_json: bool) -> None:
    if as_json:
        workplace.print_json(asdict(report))
    else:
        workplace.print(template, **asdict(report))

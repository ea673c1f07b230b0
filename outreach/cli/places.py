"""Commands for grids, grid workers and the gazetteer; the datum has no default."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from outreach.cli.session import Workplace, json_option, now, pass_workplace

if TYPE_CHECKING:
    from outreach.services.grid_workers import TableImport


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


@grids.command("import", help="导入网格多边形(GeoJSON)。")
@_file_and_datum
@pass_workplace
def import_grids_command(workplace: Workplace, file: Path, datum: str, *, as_json: bool) -> None:
    """Import grids."""
    from outreach.services.grids import import_grids, parse_datum

    with workplace.transaction() as session:
        report = import_grids(
            session,
            file,
            district_id=workplace.receiving_district(session).id,
            datum=parse_datum(datum),
            limits=workplace.settings.limits,
            now=now(),
        )
    if as_json:
        kinds = [{"kind": f.kind, "codes": f.codes, "area_m2": f.area_m2} for f in report.findings]
        workplace.print_json(
            {
                "file": report.file_name,
                "added": report.added,
                "changed": report.changed,
                "unchanged": report.unchanged,
                "not_in_file": report.not_in_file,
                "findings": kinds,
            }
        )
        return
    workplace.print(
        "网格:新增 {added},改变 {changed},不变 {unchanged};重叠、空隙、修补 {findings} 处",
        added=report.added,
        changed=report.changed,
        unchanged=report.unchanged,
        findings=len(report.findings),
    )
    for finding in report.findings[:10]:
        workplace.console.print(f"  {finding.message}", markup=False, style="yellow")
    if report.not_in_file:
        workplace.print(
            "文件里没有、仍然保留的网格:{codes}", codes="、".join(report.not_in_file[:10])
        )


@workers.command("import", help="导入网格员和办公点(csv、xlsx)。")
@_file_and_datum
@pass_workplace
def import_workers_command(workplace: Workplace, file: Path, datum: str, *, as_json: bool) -> None:
    """Import grid workers."""
    from outreach.services.grid_workers import import_grid_workers
    from outreach.services.grids import parse_datum

    with workplace.transaction() as session:
        report = import_grid_workers(
            session,
            file,
            district_id=workplace.receiving_district(session).id,
            datum=parse_datum(datum),
            limits=workplace.settings.limits,
            now=now(),
        )
    _print_table_import(
        workplace, "网格员:新增 {added},改变 {changed},不变 {unchanged}", report, as_json=as_json
    )


@gazetteer.command("import", help="导入地名库(csv、xlsx)。")
@_file_and_datum
@pass_workplace
def import_gazetteer_command(
    workplace: Workplace, file: Path, datum: str, *, as_json: bool
) -> None:
    """Import places."""
    from outreach.services.gazetteer import import_gazetteer
    from outreach.services.grids import parse_datum

    with workplace.transaction() as session:
        report = import_gazetteer(
            session,
            file,
            district_id=workplace.receiving_district(session).id,
            datum=parse_datum(datum),
            limits=workplace.settings.limits,
            now=now(),
        )
    _print_table_import(
        workplace, "地名:新增 {added},改变 {changed},不变 {unchanged}", report, as_json=as_json
    )


def _print_table_import(
    workplace: Workplace, template: str, report: TableImport, *, as_json: bool
) -> None:
    counts = {"added": report.added, "changed": report.changed, "unchanged": report.unchanged}
    if as_json:
        workplace.print_json({"file": report.file_name, **counts})
    else:
        workplace.print(template, **counts)

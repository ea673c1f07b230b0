"""The command line: parse, call one service, print."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import click

from outreach.i18n import Language, say_error, translate

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "account": ("outreach.cli.accounts", "add_account", "新增账号"),
    "changes": ("outreach.cli.changes", "changes", "变动清单"),
    "db": ("outreach.cli.database", "database", "数据库结构"),
    "demo": ("outreach.cli.demo", "demo", "虚构的示范区:从文件到手机路线,一条命令"),
    "district": ("outreach.cli.districts", "district", "本库里的区"),
    "forget-tracks": ("outreach.cli.tracks", "forget_tracks", "删除过期的巡查轨迹"),
    "gazetteer": ("outreach.cli.places", "gazetteer", "地名库"),
    "geocode": ("outreach.cli.places", "geocode", "在线地址解析,没有密钥就不用"),
    "grids": ("outreach.cli.places", "grids", "网格"),
    "import": ("outreach.cli.imports", "import_files", "导入登记表"),
    "issues": ("outreach.cli.imports", "issues", "问题清单"),
    "link": ("outreach.cli.enterprises", "link", "归并成企业底数"),
    "map": ("outreach.cli.maps", "draw_map", "热力图和覆盖图"),
    "months": ("outreach.cli.maps", "months", "统计过去各月的网格数字"),
    "plan": ("outreach.cli.plans", "plan", "排一周的走访计划"),
    "publish": ("outreach.cli.plans", "publish", "发布计划"),
    "serve": ("outreach.cli.serve", "serve", "启动网页"),
    "roads": ("outreach.cli.roads", "roads", "路网文件:计划按道路算路程"),
    "redo-import": ("outreach.cli.imports", "redo_import", "恢复一份撤销了的导入"),
    "targets": ("outreach.cli.enterprises", "targets", "重点对象"),
    "template": ("outreach.cli.imports", "template", "登记表的空白模板"),
    "undo-import": ("outreach.cli.imports", "undo_import", "撤销整份导入"),
    "unplaced": ("outreach.cli.enterprises", "unplaced", "还没有位置的企业"),
    "worker": ("outreach.cli.serve", "worker", "做后台的长任务"),
    "workers": ("outreach.cli.places", "workers", "网格员"),
}
"""Name -> module, object and Chinese help. A module is imported only when its command is used."""


def put_help_into(command: click.Command, language: Language) -> None:
    """Translate the help of a command, its options and its own commands."""
    command.help = translate(command.help, language) if command.help else None
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.help:
            parameter.help = translate(parameter.help, language)
    if isinstance(command, click.Group):
        for name in command.commands.values():
            put_help_into(name, language)


class LazyCommands(click.Group):
    """Knows its commands by name; `--help` imports none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command's module."""
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        put_help_into(command, Language(ctx.params.get("lang") or Language.ZH))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with their help, without importing them."""
        language = Language(ctx.params.get("lang") or Language.ZH)
        with formatter.section(translate("命令", language)):
            formatter.write_dl(
                [(name, translate(COMMANDS[name][2], language)) for name in sorted(COMMANDS)]
            )


@click.group(cls=LazyCommands, help="工会走访:从登记表到一周的走访路线。")
@click.option(
    "--lang",
    type=click.Choice([language.value for language in Language]),
    default="zh",
    is_eager=True,
    help="zh / en",
)
@click.option("--district", "district_code", metavar="CODE", help="区的行政区划代码")
@click.version_option(package_name="union-outreach")
@click.pass_context
def cli(ctx: click.Context, lang: str, district_code: str | None) -> None:
    """Hold what every command needs."""
    from outreach.cli.session import Workplace

    ctx.obj = Workplace(language=Language(lang), district_code=district_code)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; a known error is one clear line and exit status 1."""
    from outreach.errors import OutreachError

    try:
        cli(args=arguments)
    except OutreachError as error:
        argv = list(arguments if arguments is not None else sys.argv)
        language = Language.EN if "en" in argv[:4] else Language.ZH
        click.secho(f"{error.code} {say_error(error, language)}", fg="red", err=True)
        sys.exit(1)

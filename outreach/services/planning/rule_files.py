"""The parameters of a plan as a TOML file, by which the command line makes the same plan again."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from outreach.domain.plans import require_monday
from outreach.errors import InvalidInput
from outreach.settings import make_settings

if TYPE_CHECKING:
    from datetime import date

    from outreach.domain.plans import PlanRule

LONGEST_NAME = 60
"""Characters of a scenario's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFile:
    """What a plan is made by: its week, its name if it is a scenario, and its rule."""

    week: date
    name: str
    rule: PlanRule


def write_rule(file: RuleFile) -> str:
    """Return the TOML text; every parameter is in it, so that later defaults change nothing."""
    rule = asdict(file.rule)
    weights = rule.pop("weights")
    rule["shift_start"] = f"{file.rule.shift_start:%H:%M}"
    rule["shift_end"] = f"{file.rule.shift_end:%H:%M}"
    rule["lunch"] = f"{file.rule.lunch.opens:%H:%M}-{file.rule.lunch.closes:%H:%M}"
    lines = [
        "# outreach plan --rule FILE",
        f"week = {file.week.isoformat()}",
        f"name = {_text(file.name)}",
        "",
        "[plan]",
        *(f"{name} = {_value(value)}" for name, value in rule.items()),
        "",
        "[plan.weights]",
        *(f"{name} = {_value(value)}" for name, value in weights.items()),
    ]
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    return _text(value) if isinstance(value, str) else f"{value}"


def _text(value: str) -> str:
    """A TOML basic string; what could end it or the line is escaped."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04X}" for c in escaped) + '"'


def read_rule(text: str, file_name: str) -> RuleFile:
    """Read what `write_rule` wrote.

    Raises
    ------
    InvalidInput
        When it is no such file, a name in it is unknown or a value impossible.
    """
    try:
        toml: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(
            "参数文件“{file}”读不了:{reason}", file=file_name, reason=str(error)
        ) from error
    week, name = toml.pop("week", None), toml.pop("name", "")
    if set(toml) != {"plan"} or not isinstance(name, str) or len(name) > LONGEST_NAME:
        raise InvalidInput("“{file}”不是计划的参数文件,请从计划的页面下载一份", file=file_name)
    try:
        monday = require_monday(week)
    except (AttributeError, ValueError) as error:
        raise InvalidInput(
            "“{file}”里的 week 要是一个周一,如 2026-11-23", file=file_name
        ) from error
    return RuleFile(week=monday, name=name, rule=make_settings({"plan": toml["plan"]}).plan)

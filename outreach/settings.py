"""Settings: one TOML file and the environment, read once at the edge and handed down."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field, fields, replace
from datetime import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from outreach.domain.base_maps import BaseMapRule
from outreach.domain.engines import LinkageSettings
from outreach.domain.geocoding import GeocoderRule, Provider
from outreach.domain.indicators import Goals
from outreach.domain.plans import PlanRule, TravelMode
from outreach.domain.targets import TargetRule
from outreach.domain.travel import RoadRule
from outreach.domain.visit_windows import TimeWindow
from outreach.domain.weights import PlanWeights
from outreach.errors import InvalidInput
from outreach.sources.workbooks import Limits

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictSettings:
    """The district that received files belong to when a command names none."""

    code: str = "360704"
    name: str = "赣州市赣县区"


_PHONE_DATUMS = ("wgs84", "gcj02")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that an installation may set; `outreach.toml` needs none of it.

    instance : folder for the database, the queue and the secret key.
    sources_folder : folder of further sources, one TOML file each.
    public_url : where phones reach the pages, for binding codes and calendars (https://host); the
        address that the office itself used when empty.
    cookie_secure : send the session cookie over https only (set it behind nginx).
    phone_datum : what the phones' positions refer to; wgs84, or gcj02 where all of them open the
        pages inside an app that shifts them.
    """

    instance: Path = Path("instance")
    database_url: str = ""
    redis_url: str = ""
    public_url: str = ""
    cookie_secure: bool = False
    phone_datum: str = "wgs84"
    solver_processes: int = 0
    sources_folder: Path | None = None
    district: DistrictSettings = field(default_factory=DistrictSettings)
    target: TargetRule = field(default_factory=TargetRule)
    plan: PlanRule = field(default_factory=PlanRule)
    limits: Limits = field(default_factory=Limits)
    linkage: LinkageSettings = field(default_factory=LinkageSettings)
    geocoder: GeocoderRule = field(default_factory=GeocoderRule)
    roads: RoadRule = field(default_factory=RoadRule)
    base_map: BaseMapRule = field(default_factory=BaseMapRule)
    goals: Goals = field(default_factory=Goals)

    def __post_init__(self) -> None:
        if self.phone_datum not in _PHONE_DATUMS:
            raise ValueError(f"phone_datum = {self.phone_datum}: wgs84 or gcj02")

    @property
    def database(self) -> str:
        """The database's URL; an embedded SQLite in the instance folder by default."""
        return self.database_url or f"sqlite:///{self.instance / 'outreach.db'}"


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read `outreach.toml` (or the file that OUTREACH_SETTINGS names) and the environment.

    Raises
    ------
    InvalidInput
        When the named file is missing, is no TOML, or holds an unknown or impossible value.
    """
    environment = os.environ if environment is None else environment
    path = Path(environment.get("OUTREACH_SETTINGS", "outreach.toml"))
    toml: dict[str, Any] = {}
    if path.is_file():
        try:
            toml = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InvalidInput(
                "设置文件“{file}”读不了:{reason}", file=str(path), reason=str(error)
            ) from error
    elif "OUTREACH_SETTINGS" in environment:
        raise InvalidInput("没有找到设置文件“{file}”", file=str(path))
    for name in ("instance", "database_url", "redis_url", "public_url", "sources_folder"):
        if value := environment.get(f"OUTREACH_{name.upper()}"):
            toml[name] = value
    if key := environment.get("OUTREACH_GEOCODER_KEY"):
        toml["geocoder"] = {**toml.get("geocoder", {}), "key": key}
    if key := environment.get("OUTREACH_TIANDITU_KEY"):
        toml["base_map"] = {**toml.get("base_map", {}), "tianditu_key": key}
    return make_settings(toml)


def make_settings(toml: Mapping[str, Any]) -> Settings:
    """Build settings from a parsed TOML.

    Raises
    ------
    InvalidInput
        When a name is unknown or a value impossible; the message names both.
    """
    parts: dict[str, Any] = {}
    makers = {
        "district": DistrictSettings,
        "target": TargetRule,
        "plan": PlanRule,
        "limits": Limits,
        "linkage": LinkageSettings,
        "geocoder": GeocoderRule,
        "roads": RoadRule,
        "base_map": BaseMapRule,
        "goals": Goals,
    }
    for name, value in toml.items():
        if name in makers:
            parts[name] = _make(makers[name], value, name)
        else:
            parts[name] = Path(value) if name in {"instance", "sources_folder"} else value
    return _make(Settings, parts, "")  # type: ignore[no-any-return]


def overlay(settings: Settings, values: Mapping[str, object]) -> Settings:
    """The settings with some values of their tables replaced, by names such as `plan.refresh_days`.

    Raises
    ------
    InvalidInput
        When a value is impossible, alone or beside the others.
    """
    tables: dict[str, dict[str, object]] = {}
    for name, value in values.items():
        table, _, key = name.partition(".")
        tables.setdefault(table, {})[key] = value
    parts: dict[str, Any] = {}
    for table, found in tables.items():
        try:
            made = {key: _convert(key, value) for key, value in found.items()}
            parts[table] = replace(getattr(settings, table), **made)
        except (TypeError, ValueError) as error:
            raise InvalidInput("设置有误:{reason}", reason=str(error)) from error
    return replace(settings, **parts)


def _make(kind: Any, values: Mapping[str, Any], table: str) -> Any:  # noqa: ANN401
    known = {f.name for f in fields(kind)}
    for name in values:
        if name not in known:
            raise InvalidInput("设置里有不认识的项“{name}”", name=f"{table}.{name}".strip("."))
    try:
        return kind(**{name: _convert(name, value) for name, value in values.items()})
    except (TypeError, ValueError) as error:
        raise InvalidInput("设置有误:{reason}", reason=str(error)) from error


def _convert(name: str, value: object) -> object:
    if name in {"shift_start", "shift_end"} and isinstance(value, str):
        return time.fromisoformat(value)
    if name == "lunch" and isinstance(value, str):
        opens, closes = value.split("-")
        return TimeWindow(opens=time.fromisoformat(opens), closes=time.fromisoformat(closes))
    if name == "provider" and isinstance(value, str):
        return Provider(value)
    if name == "travel_mode" and isinstance(value, str):
        return TravelMode(value)
    if name == "weights" and isinstance(value, dict):
        return PlanWeights(**value)
    return value

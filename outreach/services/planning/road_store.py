"""Where road files are kept: in the instance folder, each with the graphs prepared from it.

    roads/<district code>.json       which kept file the district uses
    roads/<key>/about.json           what it is
    roads/<key>/roads.osm.pbf        the file as received
    roads/<key>/<mode>.npz           the graph of a mode

A key stands for the file's bytes, the speeds and the box that was read, so that what a key names
never changes and a plan can name the roads that it was made with.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from outreach.domain.plans import TravelMode

if TYPE_CHECKING:
    from pathlib import Path

    from outreach.domain.travel import RoadRule
    from routing.roads import Roads

ABOUT = "about.json"
MOST_OPEN = 4
"""Road files whose graphs stay in memory: a process serves few districts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadNetwork:
    """The roads of one mode: junctions that are connected both ways, of how many in the file."""

    mode: TravelMode
    junctions: int
    of_junctions: int
    roads: int
    length_km: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadFile:
    """A kept file. `day` is the day whose roads it holds; `networks` lack modes without roads."""

    key: str
    file_name: str
    sha256: str
    day: date
    kept_at: datetime
    networks: tuple[RoadNetwork, ...]

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        stored = asdict(self)
        return {**stored, "day": self.day.isoformat(), "kept_at": self.kept_at.isoformat()}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> RoadFile:
        """Read back what `as_json` gave."""
        networks = tuple(
            RoadNetwork(**{**one, "mode": TravelMode(one["mode"])}) for one in stored["networks"]
        )
        moments = {
            "day": date.fromisoformat(stored["day"]),
            "kept_at": datetime.fromisoformat(stored["kept_at"]),
        }
        return cls(**{**stored, **moments, "networks": networks})


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadStore:
    """The folder `roads` of an instance, and the settings by which its roads are used."""

    folder: Path
    rule: RoadRule

    def folder_of(self, key: str) -> Path:
        """Return where a kept file lies."""
        return self.folder / key

    def find(self, key: str) -> RoadFile | None:
        """Return a kept file, or None where it is kept no longer."""
        stored = _read(self.folder_of(key) / ABOUT) if key else None
        return RoadFile.from_json(stored) if stored else None

    def current(self, district_code: str) -> RoadFile | None:
        """Return the file that a district uses, or None."""
        stored = _read(self.folder / f"{district_code}.json")
        return self.find(stored["key"]) if stored else None

    def use(self, district_code: str, key: str) -> None:
        """Let a district use a kept file from now on."""
        path = self.folder / f"{district_code}.json"
        part = path.with_suffix(".part")
        part.write_text(json.dumps({"key": key}), encoding="utf-8")
        part.replace(path)

    def keys_in_use(self) -> set[str]:
        """Return the keys that any district uses."""
        found = (_read(path) for path in self.folder.glob("*.json"))
        return {stored["key"] for stored in found if stored}

    def open(self, key: str) -> Roads | None:
        """Return the roads of a kept file; a process reads each mode's graph once."""
        file = self.find(key)
        return _open(self.folder_of(key), file.networks) if file else None


@lru_cache(maxsize=MOST_OPEN)
def _open(folder: Path, networks: tuple[RoadNetwork, ...]) -> Roads:
    from routing.roads import Roads  # lazy: start-up time

    return Roads.prepared({mode_of(one.mode): folder / f"{one.mode}.npz" for one in networks})


def mode_of(mode: TravelMode) -> Any:  # noqa: ANN401  (routing.speeds.Mode, loaded where needed)
    """Return the library's word for a mode."""
    from routing.speeds import Mode  # lazy: start-up time

    return Mode.WALKING if mode is TravelMode.WALK else Mode(mode.value)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return stored

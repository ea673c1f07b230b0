"""Copy the browser libraries named in `tools/package.json` to where they are served from.

Leaflet goes to `maps/assets/vendor`, the phone's library to `outreach/web/static/vendor`. Run from
anywhere: `python tools/vendor.py`. It needs npm, writes the files and their licences, and then
`vendor.lock.json` beside each folder with the version, licence, hash and size of every file. Users
of the project need none of this: the files are committed and ship in the wheel.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

TOOLS = Path(__file__).resolve().parent
MAPS = TOOLS.parent / "maps" / "assets"
PHONE = TOOLS.parent / "outreach" / "web" / "static"


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """Which files of an npm package are taken: source path in the package, name in the folder."""

    name: str
    home: Path
    licence_file: str
    files: dict[str, str]


PACKAGES = (
    Package(
        name="leaflet",
        home=MAPS,
        licence_file="LICENSE",
        # No pictures: the maps draw circles and lines, never Leaflet's markers or layer switch.
        files={"dist/leaflet.js": "leaflet.js", "dist/leaflet.css": "leaflet.css"},
    ),
    Package(name="idb", home=PHONE, licence_file="LICENSE", files={"build/umd.js": "idb.js"}),
)


def main() -> None:
    """Install the locked packages, copy their files, write the lock."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm was not found; install Node.js to vendor the browser libraries.")
    subprocess.run(  # noqa: S603 - a fixed command, no outside text
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=TOOLS, check=True
    )
    for home in (MAPS, PHONE):
        shutil.rmtree(home / "vendor", ignore_errors=True)
        entries: dict[str, dict[str, object]] = {}
        for package in PACKAGES:
            if package.home == home:
                entries |= vendor(package)
        text = json.dumps({"files": dict(sorted(entries.items()))}, indent=2) + "\n"
        (home / "vendor.lock.json").write_text(text, encoding="utf-8")


def vendor(package: Package) -> dict[str, dict[str, object]]:
    """Copy one package's files and licence; give their lock entries by path in the folder."""
    source = TOOLS / "node_modules" / package.name
    about = json.loads((source / "package.json").read_text(encoding="utf-8"))
    label = f"{package.name}-{about['version']}"
    wanted = {f"{label}/{name}": source / path for path, name in package.files.items()}
    wanted[f"LICENSES/{label}.txt"] = source / package.licence_file
    entries: dict[str, dict[str, object]] = {}
    for target, taken in wanted.items():
        content = taken.read_bytes()
        path = package.home / "vendor" / target
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        entries[target] = {
            "package": package.name,
            "version": about["version"],
            "licence": about["license"],
            "sha384": base64.b64encode(hashlib.sha384(content).digest()).decode("ascii"),
            "bytes": len(content),
        }
    return entries


if __name__ == "__main__":
    main()

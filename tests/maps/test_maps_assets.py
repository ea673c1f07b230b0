"""Vendored files: what is committed is what the lock says, and nothing names a host."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from maps.assets import (
    LEAFLET_CSS,
    LEAFLET_JS,
    Assets,
    asset_folder,
    read_asset,
    read_page_file,
    vendor_lock,
)
from maps.errors import ForeignAssetError, MissingAssetError

ROOT = Path(__file__).resolve().parents[2]


def lock() -> dict[str, dict[str, object]]:
    return json.loads(vendor_lock().read_text(encoding="utf-8"))["files"]


def test_the_lock_lists_every_vendored_file_and_only_those() -> None:
    folder = asset_folder()
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found == set(lock())
    assert {LEAFLET_JS, LEAFLET_CSS} <= found


@pytest.mark.parametrize("name", sorted(lock()))
def test_a_vendored_file_is_byte_for_byte_the_locked_one(name: str) -> None:
    content, entry = (asset_folder() / name).read_bytes(), lock()[name]
    digest = base64.b64encode(hashlib.sha384(content).digest()).decode()
    assert (digest, len(content)) == (entry["sha384"], entry["bytes"])


@pytest.mark.parametrize("name", sorted(lock()))
def test_a_vendored_file_comes_with_its_version_and_licence(name: str) -> None:
    entry = lock()[name]
    label = f"{entry['package']}-{entry['version']}"
    assert entry["licence"]
    assert (asset_folder() / "LICENSES" / f"{label}.txt").is_file()
    assert name.startswith((f"{label}/", "LICENSES/"))


def test_the_locks_name_no_host() -> None:
    for path in (
        vendor_lock(),
        ROOT / "tools" / "package-lock.json",
        ROOT / "tools" / "package.json",
    ):
        assert "://" not in path.read_text(encoding="utf-8")
        assert "resolved" not in path.read_text(encoding="utf-8")


def test_the_vendored_version_is_the_one_that_is_asked_for() -> None:
    asked = json.loads((ROOT / "tools" / "package.json").read_text(encoding="utf-8"))
    phone = ROOT / "outreach" / "web" / "static" / "vendor.lock.json"
    entries = [*lock().values(), *json.loads(phone.read_text(encoding="utf-8"))["files"].values()]
    for name, version in asked["dependencies"].items():
        assert any((entry["package"], entry["version"]) == (name, version) for entry in entries)


@pytest.mark.parametrize(
    ("base", "address"),
    [
        ("/assets", "/assets/"),
        ("/assets/", "/assets/"),
        ("static/map", "static/map/"),
        ("../a", "../a/"),
    ],
)
def test_assets_are_linked_below_a_path_of_the_same_host(base: str, address: str) -> None:
    assert Assets.linked(base).address(LEAFLET_JS) == address + LEAFLET_JS
    assert Assets.linked(base).allowed == {address + LEAFLET_JS, address + LEAFLET_CSS}
    assert Assets.inline().allowed == frozenset()


@pytest.mark.parametrize(
    "base",
    [
        "",
        "/",
        "//elsewhere.example/a",
        "https://elsewhere.example",
        "javascript:x",
        '/a"onload',
        "/a?b",
    ],
)
def test_assets_from_elsewhere_are_refused(base: str) -> None:
    with pytest.raises(ForeignAssetError, match="not a path of this host"):
        Assets.linked(base)


def test_a_missing_asset_is_named() -> None:
    for read in (read_asset, read_page_file):
        with pytest.raises(MissingAssetError, match=r"'nothing\.js' is missing") as caught:
            read("nothing.js")
        assert isinstance(caught.value, FileNotFoundError)


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = (
        "import sys, maps, maps.choropleth, maps.hot, maps.closer, maps.heat, maps.firms;"
        "import maps.grids, maps.density;"
        "heavy = {'folium', 'branca', 'geopandas', 'pandas', 'scipy', 'shapely', 'pyproj'};"
        "sys.exit(' '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")

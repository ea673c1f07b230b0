"""What the repository promises to whoever clones it."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def tracked():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("This is no git checkout")
    return [ROOT / name for name in listed.stdout.splitlines()]


def test_every_locked_requirement_has_a_hash_and_no_lock_names_a_host():
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        assert "://" not in text, path
        packages = re.split(r"\n(?=[a-z0-9])", text)[1:]
        assert packages
        assert all("--hash=sha256:" in package for package in packages), path


def test_the_development_lock_holds_the_runtime_lock():
    def pins(name):
        text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
        return set(re.findall(r"^([a-z0-9-]+==[^ \\]+)", text, re.MULTILINE))

    assert pins("runtime.txt") <= pins("development.txt")


def test_every_runtime_dependency_is_locked():
    toml = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lock = (ROOT / "requirements" / "runtime.txt").read_text(encoding="utf-8")
    for dependency in toml["project"]["dependencies"]:
        name = re.split(r"[\[><=]", dependency)[0]
        assert f"\n{name}==" in lock, name


def test_no_page_asks_another_host_for_a_file():
    pattern = re.compile(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=[\"'](?:https?:)?//")
    for path in tracked():
        if path.suffix in {".html", ".jinja", ".py"} and "tests" not in path.parts:
            assert not pattern.search(path.read_text(encoding="utf-8")), path


def test_files_stay_short_enough_to_read():
    long = [
        f"{path.relative_to(ROOT)}: {count}"
        for path in tracked()
        if path.suffix == ".py" and "tests" not in path.parts
        if path.exists() and (count := len(path.read_text(encoding="utf-8").splitlines())) > 400
    ]
    assert long == []


def test_no_field_or_route_ranks_people_or_counts_their_time_online():
    words = re.compile(
        r"leaderboard|online_time|online_minutes|check_in\b|打卡|积分排名|在线时长|人员排名",
        re.IGNORECASE,
    )
    found = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path.suffix in {".py", ".html", ".js"} and path.is_relative_to(ROOT / "outreach")
        if words.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []

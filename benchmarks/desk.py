"""Every figure of the desk that has an aim, each measured and set beside its aim.

    .venv/bin/python benchmarks/desk.py [--instance FOLDER] [--url postgresql:///bench]
        [--firms 500000] [--visits 2000000]

Runs `desk_map.py`, `desk_pages.py` and `desk_planner.py`, which say what they do, and prints what
they print, then one table. The planner's pages are measured on a copy of an instance folder that
`outreach demo` made; without `--instance` one is made first (two minutes). `--url` names an empty
database for the district's pages; without it a SQLite file is used. Indexing 500,000 firms for the
search takes two minutes or more.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import desk_map
import desk_pages
import desk_planner

AIMS = {
    "map, 20,000 firms: first paint (s)": ("<=", 0.3),
    "map, 20,000 firms: drawn (s)": ("<=", 1.2),
    "map, 20,000 firms: frames a second": (">=", 30),
    "map, 100,000 firms: first paint (s)": ("<=", 0.5),
    "map, 100,000 firms: drawn (s)": ("<=", 2.0),
    "map, 100,000 firms: frames a second": (">=", 30),
    "dashboard (ms)": ("<=", 200),
    "search (ms)": ("<=", 100),
    "workbook (s)": ("<=", 5),
    "timeline at the server (ms)": ("<=", 300),
    "timeline drawn (ms)": ("<=", 300),
    "border proposal (s)": ("<=", 60),
}


def main() -> None:
    """Measure, and print the table last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instance", type=Path, help="a folder that `outreach demo` made")
    parser.add_argument("--url", default="", help="an empty database for the district's pages")
    parser.add_argument("--firms", type=int, default=500_000)
    parser.add_argument("--visits", type=int, default=2_000_000)
    asked = parser.parse_args()
    found = desk_map.main(["--load"])
    with tempfile.TemporaryDirectory() as folder:
        instance = asked.instance or make_demo(Path(folder))
        found |= desk_planner.main([str(instance)])
    sizes = ["--firms", str(asked.firms), "--visits", str(asked.visits)]
    found |= desk_pages.main([*sizes, "--url", asked.url])
    print(f"\n{'figure (the slowest of its pages)':<44}{'measured':>10}  {'aim':>8}")
    for name, (sign, aim) in AIMS.items():
        measured = found.get(name)
        if measured is None:
            print(f"{name:<44}{'-':>10}  {sign} {aim:>5}  not measured")
            continue
        met = measured <= aim if sign == "<=" else measured >= aim
        print(f"{name:<44}{measured:>10,.2f}  {sign} {aim:>5}{'' if met else '  missed'}")


def make_demo(folder: Path) -> Path:
    """Make the demo's instance folder."""
    subprocess.run(
        [sys.executable, "-m", "outreach", "demo", "--no-serve"],
        env={**os.environ, "OUTREACH_INSTANCE": str(folder)},
        check=True,
    )
    return folder


if __name__ == "__main__":
    main()

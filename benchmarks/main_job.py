"""Measure the main job on the made-up district: seconds per stage, peak memory, start-up, pages.

    .venv/bin/python benchmarks/main_job.py [--keep FOLDER]

Runs `outreach demo --no-serve --json` in a fresh folder, then asks the pages of the filled database
through the application itself, without a network between.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def run_job(folder: Path) -> dict[str, object]:
    """Do the whole job in a process of its own and return its figures."""
    environment = {**os.environ, "OUTREACH_INSTANCE": str(folder)}
    environment.pop("OUTREACH_DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", "outreach", "demo", "--no-serve", "--json"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    figures: dict[str, object] = json.loads(done.stdout)
    return figures


def start_up() -> float:
    """Median seconds of `outreach --help`."""
    taken = []
    for _ in range(7):
        started = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "outreach", "--help"], capture_output=True, check=True
        )
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def page_times(folder: Path) -> dict[str, float]:
    """Median milliseconds of pages at the server, signed in as the role that uses them."""
    from outreach.cli.session import now, today
    from outreach.services.demo import demo_logins, week_to_plan
    from outreach.settings import make_settings
    from outreach.storage.database import Database
    from outreach.web import create_app

    settings = make_settings({"instance": str(folder)})
    database = Database(settings.database)
    app = create_app(settings, database=database, clock=now)
    app.config["WTF_CSRF_ENABLED"] = False
    pages = {
        "grid_worker": [f"/today?day={week_to_plan(today())}"],
        "district": ["/map", "/map/frame", "/enterprises", "/issues"],
        "planner": ["/plans"],
    }
    found: dict[str, float] = {}
    for login in demo_logins(folder / "demo"):
        client = app.test_client()
        client.post("/sign-in", data={"login": login.login, "password": login.password})
        for page in pages[login.role.value]:
            taken = []
            for _ in range(11):
                started = time.perf_counter()
                response = client.get(page)
                taken.append(1000 * (time.perf_counter() - started))
                assert response.status_code == 200, (page, response.status_code)
            found[page] = round(statistics.median(taken), 1)
    database.close()
    return found


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, help="work in this folder and leave it there")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        job = run_job(folder)
        result = {
            "seconds": job.get("seconds"),
            "peak_mb": job.get("peak_mb"),
            "help_seconds": round(start_up(), 3),
            "page_ms": page_times(folder),
            "cores": os.cpu_count(),
        }
    print(json.dumps(result, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()

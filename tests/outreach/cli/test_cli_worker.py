"""The worker as a process of its own, killed in the middle of a run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import factories as f
import pytest

from outreach.cli.session import now
from outreach.domain.accounts import Principal, Role
from outreach.domain.plans import PlanRule
from outreach.domain.runs import RunState
from outreach.services.runs.queue import Queue
from outreach.services.runs.runs import ask_for_plan, get_run
from outreach.settings import make_settings
from outreach.storage.plans import VisitPlan
from outreach.storage.runs import Run


@pytest.fixture
def workers(tmp_path, database_url):
    """Starts worker processes and ends them all."""
    environment = {
        **os.environ,
        "OUTREACH_INSTANCE": str(tmp_path),
        "OUTREACH_DATABASE_URL": database_url,
    }
    started = []

    def start():
        command = [sys.executable, "-m", "outreach", "worker"]
        process = subprocess.Popen(command, env=environment, cwd=tmp_path, start_new_session=True)
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(look, wanted, *, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if look() in wanted:
            return look()
        time.sleep(0.1)
    raise AssertionError(f"still {look()} after {seconds} s")


def test_a_run_whose_worker_was_killed_is_taken_up_by_the_next_worker(database, workers, tmp_path):
    rows = [f.firm(n, name=f"第{n}号家具厂", employees="40") for n in range(30)]
    with database.transaction() as session:
        district = f.make_district(session, tmp_path / "files", market=rows)
        account = f.make_account(session, district, Role.PLANNER)
        planner = Principal(
            account_id=account.id,
            district_id=district.id,
            role=Role.PLANNER,
            login="",
            display_name="",
        )
        slow = PlanRule(seconds_per_grid=5.0)
        run_id = ask_for_plan(session, planner, week=f.MONDAY, rule=slow, now=now())
    queue = Queue(make_settings({"instance": str(tmp_path)}), database, now)
    queue.wake(run_id)

    def state():
        with database.transaction() as session:
            return get_run(session, planner, run_id).state

    first = workers()
    wait_for(state, {RunState.RUNNING})
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    with database.transaction() as session:
        run = session.get_one(Run, run_id)
        assert run.state == RunState.RUNNING
        run.heartbeat_at = now() - timedelta(minutes=1)
        run.parameters = {
            **run.parameters,
            "rule": {**run.parameters["rule"], "seconds_per_grid": 0.1},
        }
    workers()
    assert wait_for(state, {RunState.DONE, RunState.FAILED}) is RunState.DONE
    with database.transaction() as session:
        assert session.query(VisitPlan).count() == 1
        assert session.get_one(Run, run_id).attempts == 2

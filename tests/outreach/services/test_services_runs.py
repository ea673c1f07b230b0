from __future__ import annotations

import threading
from datetime import timedelta

import factories as f
import pytest

from outreach.domain.accounts import Principal, Role
from outreach.domain.plans import PlanRule
from outreach.domain.runs import RunState
from outreach.errors import InvalidInput, NotFound, Refused
from outreach.services.runs.queue import Queue
from outreach.services.runs.runs import (
    ask_for_plan,
    cancel_run,
    get_run,
    list_runs,
    stale_runs,
)
from outreach.services.runs.work import carry_out
from outreach.storage.runs import Run

RULE = PlanRule(seconds_per_grid=0.1)


@pytest.fixture
def planner(database, tmp_path):
    with database.transaction() as session:
        district = f.make_district(
            session, tmp_path / "files", market=[f.firm(1, code=f.CODES[0], employees="60")]
        )
        account = f.make_account(session, district, Role.PLANNER)
        return Principal(
            account_id=account.id,
            district_id=district.id,
            role=Role.PLANNER,
            login="p",
            display_name="p",
        )


def ask(database, planner, *, week=f.MONDAY):
    with database.transaction() as session:
        return ask_for_plan(session, planner, week=week, rule=RULE, now=f.NOW)


def do(database, run_id, *, now=f.NOW):
    carry_out(database, run_id, clock=lambda: now, processes=1)


def look(database, planner, run_id):
    with database.transaction() as session:
        return get_run(session, planner, run_id)


def change(database, run_id, **values):
    with database.transaction() as session:
        run = session.get_one(Run, run_id)
        for name, value in values.items():
            setattr(run, name, value)


def test_a_run_goes_from_queued_to_done_with_its_plan(database, planner):
    run_id = ask(database, planner)
    assert look(database, planner, run_id).state is RunState.QUEUED
    do(database, run_id)
    done = look(database, planner, run_id)
    assert (done.state, done.done, done.total) == (RunState.DONE, 1, 1)
    assert done.plan_id is not None


def test_a_run_that_is_done_is_not_done_again(database, planner):
    run_id = ask(database, planner)
    do(database, run_id)
    first = look(database, planner, run_id).plan_id
    do(database, run_id)
    assert look(database, planner, run_id).plan_id == first


def test_a_killed_run_is_taken_up_again_after_half_a_minute_without_a_sign_of_life(
    database, planner
):
    run_id = ask(database, planner)
    change(database, run_id, state=RunState.RUNNING, heartbeat_at=f.NOW, attempts=1)
    with database.transaction() as session:
        assert stale_runs(session, now=f.NOW + timedelta(seconds=30)) == []
        assert stale_runs(session, now=f.NOW + timedelta(seconds=31)) == [run_id]
    do(database, run_id, now=f.NOW + timedelta(seconds=30))
    assert look(database, planner, run_id).state is RunState.RUNNING
    do(database, run_id, now=f.NOW + timedelta(seconds=31))
    assert look(database, planner, run_id).state is RunState.DONE


def test_a_run_that_died_three_times_is_given_up_and_says_so(database, planner):
    run_id = ask(database, planner)
    change(database, run_id, state=RunState.RUNNING, heartbeat_at=f.NOW, attempts=3)
    do(database, run_id, now=f.NOW + timedelta(minutes=1))
    failed = look(database, planner, run_id)
    assert failed.state is RunState.FAILED
    assert failed.message


def test_a_cancelled_run_is_not_carried_out(database, planner):
    run_id = ask(database, planner)
    with database.transaction() as session:
        cancel_run(session, planner, run_id, now=f.NOW)
    do(database, run_id)
    assert look(database, planner, run_id).state is RunState.CANCELLED


@pytest.mark.parametrize("stop_at", [2, 3])
def test_cancelling_a_running_run_saves_no_plan(database, planner, stop_at):
    run_id = ask(database, planner)
    calls = []

    def clock():
        calls.append(1)
        if len(calls) == stop_at:
            with database.transaction() as session:
                cancel_run(session, planner, run_id, now=f.NOW)
        return f.NOW + timedelta(minutes=len(calls))

    carry_out(database, run_id, clock=clock, processes=1)
    stopped = look(database, planner, run_id)
    assert (stopped.state, stopped.plan_id) == (RunState.CANCELLED, None)


def test_a_run_that_cannot_succeed_says_why(database, planner):
    run_id = ask(database, planner)
    change(database, run_id, parameters={"week": "2026-11-24", "rule": {}})
    with pytest.raises(KeyError):
        do(database, run_id)
    assert look(database, planner, run_id).state is RunState.FAILED


def test_one_week_is_not_planned_twice_at_once(database, planner):
    ask(database, planner)
    with pytest.raises(InvalidInput, match="正在排计划"):
        ask(database, planner)
    ask(database, planner, week=f.MONDAY + timedelta(days=7))


def test_only_planners_ask_and_cancel_and_a_week_begins_on_monday(database, planner):
    desk = Principal(
        account_id=0, district_id=planner.district_id, role=Role.DISTRICT, login="", display_name=""
    )
    run_id = ask(database, planner)
    with pytest.raises(Refused):
        ask(database, desk)
    with database.transaction() as session, pytest.raises(Refused):
        cancel_run(session, desk, run_id, now=f.NOW)
    with pytest.raises(InvalidInput, match="不是周一"):
        ask(database, planner, week=f.MONDAY + timedelta(days=1))


def test_another_districts_run_does_not_exist(database, planner):
    run_id = ask(database, planner)
    stranger = Principal(
        account_id=0,
        district_id=planner.district_id + 1,
        role=Role.PLANNER,
        login="",
        display_name="",
    )
    with database.transaction() as session:
        with pytest.raises(NotFound):
            get_run(session, stranger, run_id)
        assert list_runs(session, stranger) == []
        assert [run.id for run in list_runs(session, planner)] == [run_id]


def test_the_queue_carries_a_run_to_its_end(database, planner, settings):
    queue = Queue(settings, database, lambda: f.NOW)
    run_id = ask(database, planner)
    queue.wake(run_id)
    task = queue.huey.dequeue()
    queue.huey.execute(task)
    assert look(database, planner, run_id).state is RunState.DONE


def test_two_workers_never_do_the_same_run(database, planner):
    run_id = ask(database, planner)
    threads = [threading.Thread(target=do, args=(database, run_id)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    from sqlalchemy import func, select

    from outreach.storage.plans import VisitPlan

    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(VisitPlan)) == 1


def test_the_queue_works_on_redis_too(database, planner, settings):
    import os
    from dataclasses import replace

    import redis
    from environment import skip_or_fail

    url = os.environ.get("OUTREACH_TEST_REDIS", "redis://127.0.0.1:6379/9")
    try:
        redis.Redis.from_url(url).ping()
    except redis.ConnectionError:
        skip_or_fail(
            "No Redis server could be reached; install redis-server or set OUTREACH_TEST_REDIS"
        )
    queue = Queue(replace(settings, redis_url=url), database, lambda: f.NOW)
    queue.huey.flush()
    run_id = ask(database, planner)
    queue.wake(run_id)
    queue.huey.execute(queue.huey.dequeue())
    queue.huey.flush()
    assert look(database, planner, run_id).state is RunState.DONE
    redis_client = queue.huey.storage.conn
    redis_client.connection_pool.disconnect()

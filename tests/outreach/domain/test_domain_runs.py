from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from outreach.domain.runs import RunState, is_stale

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(("silent", "stale"), [(0, False), (30, False), (31, True)])
def test_a_run_is_taken_up_again_after_30_seconds_without_a_sign_of_life(silent, stale):
    assert is_stale(RunState.RUNNING, NOW - timedelta(seconds=silent), now=NOW) is stale


def test_a_running_run_that_never_gave_a_sign_is_stale():
    assert is_stale(RunState.RUNNING, None, now=NOW)


@pytest.mark.parametrize("state", [s for s in RunState if s is not RunState.RUNNING])
def test_a_run_that_waits_or_is_over_is_never_stale(state):
    assert not is_stale(state, None, now=NOW)


def test_three_states_are_the_end():
    assert {s for s in RunState if s.is_over} == {
        RunState.DONE,
        RunState.FAILED,
        RunState.CANCELLED,
    }
    assert all(s.label for s in RunState)

"""What a server does before somebody waits for it."""

from __future__ import annotations

import json
import subprocess
import sys

from outreach.services.runs.readiness import start_warming

FRESH = """
import json, sys, time
from outreach.services.runs import readiness
from outreach.services.planning.replanning import with_stop
if sys.argv[1] == "warm":
    readiness.warm_up()
known = set(sys.modules)
started = time.process_time()
day = with_stop(readiness._made_up_day(), 4)
print(json.dumps({
    "seconds": time.process_time() - started,
    "loaded": len(set(sys.modules) - known),
    "stops": [stop.enterprise_id for stop in day.stops],
}))
"""


def change_a_day(how):
    done = subprocess.run(
        [sys.executable, "-c", FRESH, how], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_after_warming_up_a_changed_day_loads_nothing_and_answers_at_once():
    warm, cold = change_a_day("warm"), change_a_day("cold")
    print(
        f"processor seconds of the first changed day: cold {cold['seconds']:.2f}, "
        f"warm {warm['seconds']:.2f}"
    )
    assert warm["loaded"] == 0
    assert cold["loaded"] > 0
    assert warm["seconds"] <= 0.5
    assert sorted(warm["stops"]) == sorted(cold["stops"]) == [1, 2, 3, 4]


def test_a_server_warms_up_beside_its_requests():
    thread = start_warming()
    assert thread.daemon
    thread.join(timeout=120)
    assert not thread.is_alive()

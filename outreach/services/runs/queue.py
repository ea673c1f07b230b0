"""The one door to Huey: wakes a worker for a run, and finds runs whose worker died."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from outreach.settings import Settings
    from outreach.storage.database import Database


class Queue:
    """Runs by id; the queue holds only the wake-up call, the run's row holds everything else."""

    def __init__(
        self, settings: Settings, database: Database, clock: Callable[[], datetime]
    ) -> None:
        from huey import RedisHuey, SqliteHuey, crontab  # lazy: start-up time

        if settings.redis_url:
            self.huey: Any = RedisHuey("outreach", url=settings.redis_url)
        else:
            settings.instance.mkdir(parents=True, exist_ok=True)
            self.huey = SqliteHuey(
                "outreach", filename=str(settings.instance / "queue.db"), fsync=True
            )
        processes = settings.solver_processes

        def carry_out_run(run_id: str) -> None:
            from outreach.services.runs.work import carry_out

            carry_out(database, run_id, clock=clock, processes=processes, settings=settings)

        def take_up_stale_runs() -> None:
            from outreach.services.runs.runs import stale_runs

            with database.transaction() as session:
                waiting = stale_runs(session, now=clock())
            for run_id in waiting:
                self._carry_out(run_id)

        def forget() -> None:
            from outreach.services.visits.tracks import forget_tracks

            with database.transaction() as session:
                forget_tracks(session, now=clock())

        def count() -> None:
            from outreach.services.desk.desk_changes import refresh_all

            refresh_all(database, clock=clock)

        def count_months() -> None:
            from outreach.services.desk.grid_months import refresh_all_months

            with database.transaction() as session:
                refresh_all_months(session, now=clock())

        self._carry_out = self.huey.task()(carry_out_run)
        self.take_up = self.huey.periodic_task(crontab(minute="*"))(take_up_stale_runs)
        self.forget = self.huey.periodic_task(crontab(minute="20", hour="*/6"))(forget)
        self.count_months = self.huey.periodic_task(crontab(minute="10", hour="1"))(count_months)
        self.count = self.huey.periodic_task(crontab(minute="*"))(count)

    def wake(self, run_id: str) -> None:
        """Ask a worker to carry out a run."""
        self._carry_out(run_id)

    def work(self) -> None:
        """Carry out runs until the process is told to stop."""
        self.take_up.call_local()
        self.forget.call_local()
        self.count_months.call_local()
        consumer = self.huey.create_consumer(
            workers=1, periodic=True, initial_delay=0.2, max_delay=2.0
        )
        consumer.run()

"""Long work outside a web request; its row in the database is the truth."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

HEARTBEAT_S = 2.0
"""Seconds between two signs of life of a run."""

STALE_AFTER = timedelta(seconds=30)
"""Without a sign of life for this long a run is taken up again."""

MOST_ATTEMPTS = 3
"""A run that died this often is given up and says so."""


class RunKind(StrEnum):
    """What is being done."""

    PLAN = "plan"
    READ = "read"
    IMPORT = "import"
    LINK = "link"
    BORDERS = "borders"
    EXPORT = "export"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {
            "plan": "排计划",
            "read": "读取文件",
            "import": "导入",
            "link": "归并",
            "borders": "算边界建议",
            "export": "导出",
        }[self.value]


class RunState(StrEnum):
    """The life of a run."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {
            "queued": "排队中",
            "running": "进行中",
            "done": "完成",
            "failed": "失败",
            "cancelled": "已取消",
        }[self.value]

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self in {RunState.DONE, RunState.FAILED, RunState.CANCELLED}


def is_stale(state: RunState, heartbeat_at: datetime | None, *, now: datetime) -> bool:
    """Whether a run must be taken up again."""
    if state is not RunState.RUNNING:
        return False
    return heartbeat_at is None or now - heartbeat_at > STALE_AFTER

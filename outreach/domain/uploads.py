"""A file that somebody handed in on a page, from its first reading to its import."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from outreach.domain.sources import Source

UPLOAD_WAITS = timedelta(days=7)
"""A file that nobody confirms is removed after a week: it holds personal data."""

MOST_FILES = 10
"""Files of one form."""


class UploadState(StrEnum):
    """The life of a handed-in file."""

    READING = "reading"
    READY = "ready"
    REFUSED = "refused"
    IMPORTING = "importing"
    IMPORTED = "imported"
    DISCARDED = "discarded"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {
            "reading": "正在读取",
            "ready": "等待确认",
            "refused": "读不了",
            "importing": "正在导入",
            "imported": "已导入",
            "discarded": "已放弃",
        }[self.value]

    @property
    def is_over(self) -> bool:
        """Whether its bytes are no longer needed."""
        return self in {UploadState.IMPORTED, UploadState.DISCARDED}

    @property
    def may_change(self) -> bool:
        """Whether people may say more of it, or discard it."""
        return self in {UploadState.READY, UploadState.REFUSED}


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadChoices:
    """What people said of a handed-in file; an empty field leaves it to the file.

    complete : whether it lists all of its source, `None` lets the number of rows decide.
    """

    source: Source | None = None
    as_of: date | None = None
    datum: str = ""
    complete: bool | None = None

    def to_json(self) -> dict[str, Any]:
        """The choices as they are stored."""
        return {
            "source": self.source.value if self.source else "",
            "as_of": self.as_of.isoformat() if self.as_of else "",
            "datum": self.datum,
            "complete": self.complete,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> UploadChoices:
        """Read stored choices."""
        return cls(
            source=Source(stored["source"]) if stored.get("source") else None,
            as_of=date.fromisoformat(stored["as_of"]) if stored.get("as_of") else None,
            datum=stored.get("datum", ""),
            complete=stored.get("complete"),
        )

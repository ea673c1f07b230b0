"""A reviewer's word on a visit (审阅意见), and what its author may do about it."""

from __future__ import annotations

from enum import StrEnum

LONGEST_REMARK = 500
"""Characters of a remark."""


class RemarkVerdict(StrEnum):
    """How the district found a visit; the newest remark is the visit's state."""

    ACCEPTED = "accepted"
    RETURNED = "returned"
    QUERIED = "queried"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {"accepted": "通过", "returned": "请更正", "queried": "请核实"}[self.value]

    @property
    def waits_for_author(self) -> bool:
        """Whether the author is asked for something, so that it stays on her list."""
        return self is not RemarkVerdict.ACCEPTED

    @property
    def needs_text(self) -> bool:
        """Whether the remark must say what is asked for."""
        return self.waits_for_author


class RemarkState(StrEnum):
    """What became of a remark."""

    OPEN = "open"
    SEEN = "seen"
    CORRECTED = "corrected"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {"open": "还没看", "seen": "看过了", "corrected": "已更正"}[self.value]

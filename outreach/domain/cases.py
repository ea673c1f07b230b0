"""Service requests (诉求) of firms and their employees, opened by a visit."""

from __future__ import annotations

from enum import StrEnum


class CaseKind(StrEnum):
    """What is asked for."""

    TRAINING = "training"
    LEGAL = "legal"
    RECRUITMENT = "recruitment"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The name on pages, in Chinese."""
        return {
            "training": "培训",
            "legal": "律师",
            "recruitment": "招聘发布",
            "other": "其他诉求",
        }[self.value]

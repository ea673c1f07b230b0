"""Where two texts differ, as data that a page can mark."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a text; `differs` tells that the other text has something else there."""

    text: str
    differs: bool


def mark_differences(left: str, right: str) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Cut two texts into parts that agree and parts that differ; both in their order.

    A text whose counterpart is empty differs nowhere: what is absent contradicts nothing.
    """
    if not left or not right:
        return _whole(left), _whole(right)
    one: list[Part] = []
    two: list[Part] = []
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        differs = tag != "equal"
        if start < end:
            one.append(Part(text=left[start:end], differs=differs))
        if other_start < other_end:
            two.append(Part(text=right[other_start:other_end], differs=differs))
    return tuple(one), tuple(two)


def _whole(text: str) -> tuple[Part, ...]:
    return (Part(text=text, differs=False),) if text else ()

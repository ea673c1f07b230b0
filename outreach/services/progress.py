"""How far a long piece of work has come, told to whoever wants to know."""

from __future__ import annotations

from collections.abc import Callable

OnProgress = Callable[[int, int], None]
"""Called with what is done and the total, from 0 upwards."""


def silent(done: int, total: int) -> None:
    """Tell nobody."""

"""Keys to the read-only interface: how long they last, and how often they may be used."""

from __future__ import annotations

from datetime import datetime, timedelta

LIVES = (30, 90, 365)
"""Days that a key may be made for; none lasts for ever."""

MOST_KEYS = 20
"""Keys of one account that stand at once."""

LONGEST_KEY_NAME = 100
HINT = 6
"""Signs of a key that are kept readable, so that people can tell their keys apart."""

CALLS_A_MINUTE = 120
"""Of one key; a program that reads 500,000 firms in pages of 500 needs nine minutes."""

WRONG_KEYS_A_MINUTE = 20
"""Of one source: 256-bit keys are not guessed, but the tries need not be answered."""


def token_stands(expires_at: datetime, revoked_at: datetime | None, *, now: datetime) -> bool:
    """Whether a key still opens anything; its last moment counts."""
    return revoked_at is None and now <= expires_at


def minute_of(now: datetime) -> datetime:
    """The minute that calls are counted in."""
    return now.replace(second=0, microsecond=0)


def seconds_to_wait(now: datetime) -> int:
    """Until the next minute begins, at least one second."""
    left = minute_of(now) + timedelta(minutes=1) - now
    return max(1, int(left.total_seconds()))

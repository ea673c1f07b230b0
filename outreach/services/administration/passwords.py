"""Argon2id hashes, the one door to them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher  # lazy: start-up time

    # OWASP's second choice of parameters: 27 ms a check, 30 sign-ins a second on two cores.
    return PasswordHasher(memory_cost=19456, time_cost=2, parallelism=1)


def hash_password(password: str) -> str:
    """Return the hash to store."""
    return _hasher().hash(password)


def password_fits(stored: str, password: str) -> bool:
    """Whether the password is the one that was hashed."""
    from argon2.exceptions import VerificationError  # lazy: start-up time

    try:
        return _hasher().verify(stored, password)
    except VerificationError:
        return False


@cache
def nobodys_hash() -> str:
    """A hash to check for an unknown login, so that its failure takes as long as any other."""
    return hash_password("nobody has this password")

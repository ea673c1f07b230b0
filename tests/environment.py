"""What a test needs of the machine."""

from __future__ import annotations

import os

import pytest


def skip_or_fail(reason):
    """On a user's machine a missing server is a skip; in continuous integration it is a failure."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def reference_routing():
    """The folder with the reference evaluator and problems."""
    named = os.environ.get("OUTREACH_REFERENCE")
    root = Path(named) if named else Path(__file__).parents[2] / ".." / "shared"
    folder = root / "routing"
    if not (folder / "evaluate.py").exists():
        pytest.skip(f"no reference material in {folder}; OUTREACH_REFERENCE names another place")
    return folder

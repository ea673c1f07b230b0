"""Compiled functions and where they are kept; the only module that imports numba.

numba looks at the age of a function's own file alone. The search is compiled from several files to
one function, and one compiled from an older file would read the arrays of a newer one wrongly. So
the folder is named after the content of all these files.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numba

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, ParamSpec, TypeVar

    P = ParamSpec("P")
    R = TypeVar("R")

SOURCES = ("compiled.py", "instance.py", "kernel.py", "walk.py")
"""The files from which functions are compiled or whose numbers become part of them."""


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Return `function` compiled when it is first called, or loaded if it was compiled before."""
    config: Any = numba.config
    before = config.CACHE_DIR
    config.CACHE_DIR = str(folder())
    try:
        made: Callable[P, R] = numba.njit(cache=True, nogil=True)(function)
    finally:
        config.CACHE_DIR = before
    return made


@cache
def folder() -> Path:
    """Return the folder of what is compiled: beside the code, else where the user may write."""
    here = Path(__file__).parent
    stamp = hashlib.sha256(b"".join((here / name).read_bytes() for name in SOURCES)).hexdigest()
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    for parent in (here / "__pycache__", Path(home) / "routing"):
        place = parent / f"compiled-{stamp[:12]}"
        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(place, os.W_OK):
            return place
    # Nobody else may write what this process will run.
    return Path(tempfile.mkdtemp(prefix="routing-"))

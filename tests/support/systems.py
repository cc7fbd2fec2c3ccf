"""Which system the tests run on."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest


def is_windows() -> bool:
    return sys.platform == "win32"


def is_wine() -> bool:
    """Whether this Windows is Wine, as `.ci/windows` says: it tests what Windows is for refundbook, but for what Wine has
    in another way.
    """
    return is_windows() and bool(os.environ.get("REFUNDBOOK_WINE"))


def needs_posix(why: str) -> None:
    """Skip the test that runs, on Windows."""
    if is_windows():
        pytest.skip(f"posix {why}")


def make_pipe(path: Path) -> None:
    """A named pipe in a folder."""
    needs_posix("Windows has no pipes in folders")
    os.mkfifo(path)

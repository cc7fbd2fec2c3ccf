"""Which system the tests run on."""

from __future__ import annotations

import os
import sys


def is_windows() -> bool:
    return sys.platform == "win32"


def is_wine() -> bool:
    """Whether this Windows is Wine, as `.ci/windows` says: it tests what Windows is for refundbook, but for what Wine has
    in another way.
    """
    return is_windows() and bool(os.environ.get("REFUNDBOOK_WINE"))

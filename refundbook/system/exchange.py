"""Two folders change places in one step, where the system can: so whoever looks sees the one or the other, whole, and
whoever is killed meanwhile leaves either.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2  # renameat2(2) of Linux
_RENAME_SWAP = 2  # renamex_np(2) of macOS


def exchanged(one: Path, other: Path) -> bool:
    """Let two paths, both taken, change places. False where this system, or the disk, cannot do so."""
    import ctypes

    names, system = (os.fsencode(one), os.fsencode(other)), str(sys.platform)
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if system == "linux":
            return not library.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE)
        if system == "darwin":
            return not library.renamex_np(*names, _RENAME_SWAP)
    except (AttributeError, OSError, TypeError):  # a C library without it, or Windows
        return False
    return False

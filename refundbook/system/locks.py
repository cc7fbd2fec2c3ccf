"""The lock that a file stands for, as this system has it."""

from __future__ import annotations

from pathlib import Path

from refundbook.system.lock import HAS_FLOCK, Lock


def lock_of(path: Path) -> Path:
    """The file that stands for the lock on another one, beside it."""
    return path.with_name(f".{path.name}.lock")


def lock_at(path: Path) -> Lock:
    """The lock of this system that a file stands for."""
    if HAS_FLOCK:
        return Lock(path)
    from refundbook.system.file_lock import OtherLock

    return OtherLock(path)

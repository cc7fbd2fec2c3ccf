"""The lock of systems that have no `flock`, by filelock."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout

from refundbook.workbook.lock import HeldElsewhere, Lock


class OtherLock(Lock):
    """A lock as `Lock` describes it."""

    def __init__(self, path: Path) -> None:
        self._lock = FileLock(path, is_singleton=True)

    def acquire(self, timeout: float, look_again_after: float) -> None:
        try:
            self._lock.acquire(timeout=timeout, poll_interval=look_again_after)
        except Timeout as error:
            raise HeldElsewhere(self._lock.lock_file) from error

    def release(self) -> None:
        self._lock.release()

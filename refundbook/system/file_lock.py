"""The lock of systems that have no `flock`, by filelock."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from refundbook.system.lock import HeldElsewhere, Lock
from refundbook.system.nofollow import status_of


class OtherLock(Lock):
    """A lock as `Lock` describes it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = FileLock(path, is_singleton=True)

    def acquire(self, timeout: float, look_again_after: float) -> None:
        with suppress(FileNotFoundError):
            status_of(self._path)
        try:
            self._lock.acquire(timeout=timeout, poll_interval=look_again_after)
        except Timeout as error:
            raise HeldElsewhere(self._lock.lock_file) from error

    def release(self) -> None:
        self._lock.release()

    def share(self, mode: int) -> None:
        """Nothing: who may write to a file is not a matter of its mode here."""

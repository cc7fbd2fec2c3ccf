"""A lock between processes, on a file beside what it guards: held until it is let go of, or its holder ends.

On POSIX it is `flock`, taken on the same file and in the same way as filelock takes it: importing that library takes a
fifth of the time of a whole append. Elsewhere it is filelock.
"""

from __future__ import annotations

import errno
import os
import threading
import time
from contextlib import suppress
from pathlib import Path

from refundbook.system.nofollow import close, open_folder, open_in

try:
    import fcntl
except ImportError:  # Windows
    HAS_FLOCK = False
else:
    HAS_FLOCK = True

_NO_LOCKS = (errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK)


class HeldElsewhere(Exception):
    """Another process, or another thread, holds the lock."""


class Lock:
    """The lock that a file stands for. A thread that holds it may take it again, also by another object, and then lets
    go of it as often.
    """

    _held: dict[tuple[str, int], tuple[int, int]] = {}  # noqa: RUF012  (shared on purpose: what this process holds)
    """By path and thread: the open file, and how often the lock was taken."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._key = str(path), threading.get_ident()

    def acquire(self, timeout: float, look_again_after: float) -> None:
        """Take the lock within `timeout` seconds; the file is made where there is none.

        Raises HeldElsewhere, OSError, and NotImplementedError where the file system has no locks.
        """
        until = time.monotonic() + timeout
        descriptor, count = self._held.get(self._key, (-1, 0))
        while descriptor < 0 and (descriptor := _locked(self._path)) < 0:
            if time.monotonic() >= until:
                raise HeldElsewhere(self._path)
            time.sleep(look_again_after)
        self._held[self._key] = descriptor, count + 1

    def release(self) -> None:
        """Let go of the lock once."""
        descriptor, count = self._held.pop(self._key)
        if count > 1:
            self._held[self._key] = descriptor, count - 1
        else:
            # Said, and not left to the closing: a child that was forked meanwhile has the file open too.
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            os.close(descriptor)

    def share(self, mode: int) -> None:
        """Give the lock file, which this thread holds, a mode, as far as this user may. Only an empty file with one
        name is one: any other may be somebody's.
        """
        descriptor, _ = self._held[self._key]
        found = os.fstat(descriptor)
        if found.st_size == 0 and found.st_nlink == 1 and found.st_mode & 0o777 != mode:
            with suppress(OSError):
                os.fchmod(descriptor, mode)


def _locked(path: Path) -> int:
    """The open, locked file; -1 where it is held elsewhere."""
    folder = open_folder(path.parent)
    try:
        descriptor = open_in(folder, path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Whoever held it may have deleted the file since it was opened, and somebody else put another one there.
            if _is_at(path, folder, descriptor):
                return descriptor
        except OSError as error:
            if not isinstance(error, BlockingIOError):
                os.close(descriptor)
                if error.errno in _NO_LOCKS:
                    raise NotImplementedError(path) from error
                raise
        os.close(descriptor)
        return -1
    finally:
        close(folder)


def _is_at(path: Path, folder: int | None, descriptor: int) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(descriptor), os.stat(path.name, dir_fd=folder, follow_symlinks=False))
    return False

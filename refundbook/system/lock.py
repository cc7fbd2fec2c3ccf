"""A lock between processes, on a file beside what it guards: held until it is let go of, or its holder ends.

It is taken on the same file and in the same way as filelock takes it, which refundbook 0.1 used on Windows: `flock` on
POSIX; on Windows the first byte (`LockFile`), and the file goes when it is let go of. Importing that library takes a
fifth of the time of a whole append.
"""

from __future__ import annotations

import errno
import os
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from refundbook.system.nofollow import close, open_folder, open_in
from refundbook.system.sharing import is_held

_NO_LOCKS = (errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK, errno.EINVAL)


class HeldElsewhere(Exception):
    """Another process, or another thread, holds the lock."""


def lock_of(path: Path) -> Path:
    """The file that stands for the lock on another one, beside it."""
    return path.with_name(f".{path.name}.lock")


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
            unlock(descriptor)
            os.close(descriptor)
            _tidy_up(self._path)

    def share(self, mode: int) -> None:
        """Give the lock file, which this thread holds, a mode, as far as this user may. Only an empty file with one
        name is one: any other may be somebody's.
        """
        descriptor, _ = self._held[self._key]
        found = os.fstat(descriptor)
        if found.st_size == 0 and found.st_nlink == 1 and found.st_mode & 0o777 != mode:
            _give_mode(descriptor, mode)


def _locked(path: Path) -> int:
    """The open, locked file; -1 where it is held elsewhere."""
    folder = open_folder(path.parent)
    try:
        descriptor = open_in(folder, path, os.O_RDWR | os.O_CREAT, 0o644, may_go=False)
        try:
            # Whoever held it may have deleted the file since it was opened, and somebody else put another one there.
            if lock_now(descriptor) and _is_at(path, folder, descriptor):
                return descriptor
        except OSError as error:
            os.close(descriptor)
            if error.errno in _NO_LOCKS:
                raise NotImplementedError(path) from error
            raise
        os.close(descriptor)
        return -1
    except OSError as error:
        if is_held(error):
            return -1
        raise
    finally:
        close(folder)


def _is_at(path: Path, folder: int | None, descriptor: int) -> bool:
    with suppress(FileNotFoundError):
        name = path if folder is None else path.name
        return os.path.samestat(os.fstat(descriptor), os.stat(name, dir_fd=folder, follow_symlinks=False))
    return False


if sys.platform == "win32":
    import msvcrt

    _TAKEN = (errno.EACCES, errno.EDEADLK, 0)
    """What `_locking` says of bytes that are locked; Wine's says nothing."""

    def lock_now(descriptor: int) -> bool:
        """Lock an open file, unless it is locked already. Raises OSError."""
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            if error.errno in _TAKEN:
                return False
            raise
        return True

    def unlock(descriptor: int) -> None:
        """Let go of an open file's lock."""
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

    def _tidy_up(path: Path) -> None:
        """Nobody can take away what somebody else has opened to lock it."""
        with suppress(OSError):
            path.unlink()

    def _give_mode(descriptor: int, mode: int) -> None:
        """Nothing: who may write to a file is not a matter of its mode here."""

else:
    import fcntl

    def lock_now(descriptor: int) -> bool:
        """Lock an open file, unless it is locked already. Raises OSError."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def unlock(descriptor: int) -> None:
        """Let go of an open file's lock."""
        fcntl.flock(descriptor, fcntl.LOCK_UN)

    def _tidy_up(path: Path) -> None:
        """The file stays: here it could go while somebody else has opened it to lock it."""

    def _give_mode(descriptor: int, mode: int) -> None:
        with suppress(OSError):
            os.fchmod(descriptor, mode)

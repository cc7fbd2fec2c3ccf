"""A file that another program has open, in a way that shares it or not: on Windows really so; elsewhere the system's
calls answer as Windows does.
"""

from __future__ import annotations

import errno
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

from refundbook.system import nofollow, room, sharing
from refundbook.system.sharing import patiently

READS, WRITES, DELETES = 1, 2, 4
"""What a program may let others do meanwhile (FILE_SHARE_READ and so on)."""
SHARING = {"nothing": 0, "reading": READS, "reading and writing": READS | WRITES, "all": READS | WRITES | DELETES}
"""The ways to share a file: Excel lets others read, most programs read and write, scanners and sync clients all."""


@contextmanager
def held(path: Path, shared: int, seconds: float = 60) -> Iterator[None]:
    """`path` is open for reading in another program, which shares so much of it, within the block or until so many
    seconds have passed.
    """
    let_go, done = _hold(path, shared), threading.Event()

    def wait() -> None:
        done.wait(seconds)
        let_go()

    waiting = threading.Thread(target=wait)
    waiting.start()
    try:
        yield
    finally:
        done.set()
        waiting.join()


def refused(winerror: int, path: str | Path) -> PermissionError:
    """What Windows raises."""
    error = PermissionError(errno.EACCES, "Access is denied", str(path))
    error.winerror = winerror  # type: ignore[attr-defined]
    return error


if sys.platform == "win32":
    import _winapi

    def _open(path: Path, shared: int) -> Callable[[], None]:
        handle = _winapi.CreateFile(str(path), 0x80000000, shared, 0, 3, 0x80, 0)
        return lambda: _winapi.CloseHandle(handle)

    def _hold(path: Path, shared: int) -> Callable[[], None]:
        return patiently(lambda: _open(path, shared), path)

else:

    class _Held:
        """What the system's calls answer about one file while it is held."""

        def __init__(self, path: Path, shared: int) -> None:
            self._names, self._shared = (path.name, path.parent.name), shared
            self._replace, self._rename, self._unlink, self._open = (
                os.replace,
                os.rename,
                os.unlink,
                sharing.open_shared,
            )
            made: list[tuple[Any, str, Callable[..., Any]]] = [
                (os, "replace", lambda *names, **folders: self._moved(self._replace, *names, **folders)),
                (os, "rename", lambda *names, **folders: self._moved(self._rename, *names, **folders)),
                (os, "unlink", self._deleted),
                (nofollow, "open_shared", self._opened),
                (room, "is_open_elsewhere", self._is_open),
                (sharing, "is_open_elsewhere", self._is_open),
            ]
            self._patches: list[Any] = [patch.object(at, name, does) for at, name, does in made]
            for one in self._patches:
                one.start()

        def let_go(self) -> None:
            for one in self._patches:
                one.stop()

        def _is(self, name: object) -> bool:
            return Path(str(name)).name in self._names

        def _moved(self, move: Callable[..., None], source: Any, target: Any, **folders: Any) -> None:
            if self._is(target) or self._is(source):
                raise refused(5, target)
            move(source, target, **folders)

        def _deleted(self, name: Any, **folder: Any) -> None:
            if self._is(name) and not self._shared & DELETES:
                raise refused(32, name)
            self._unlink(name, **folder)

        def _opened(self, name: Any, flags: int, *args: Any, **options: Any) -> Any:
            wanted = WRITES if flags & (os.O_RDWR | os.O_WRONLY) else READS
            if self._is(name) and not flags & os.O_DIRECTORY and not self._shared & wanted:
                raise refused(32, name)
            return self._open(name, flags, *args, **options)

        def _is_open(self, at: Path) -> bool:
            return self._is(at) or (at.is_dir() and any(map(self._is, at.rglob("*"))))

    def _open(path: Path, shared: int) -> Callable[[], None]:
        return path.open("rb").close

    def _hold(path: Path, shared: int) -> Callable[[], None]:
        return _Held(path, shared).let_go


def hold_and_let_go(path: Path, shared: int) -> None:
    """Open a file for moments, again and again, until this process is ended."""
    random = Random(1)
    while True:
        with suppress(OSError):
            let_go = _open(path, shared)
            time.sleep(random.uniform(0.001, 0.1))
            let_go()
        time.sleep(random.uniform(0.001, 0.1))


if __name__ == "__main__":
    hold_and_let_go(Path(sys.argv[1]), int(sys.argv[2]))

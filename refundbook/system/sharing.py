"""Files that another program has open.

On Linux and macOS that is nobody's business: a file is read, replaced and deleted whoever looks at it. Windows refuses
as long as any other program has the file open in a way that does not share it, and no file takes the place of one that
is open at all (`CreateFileW`, `MoveFileExW`). Virus scanners, sync clients and previews open each new file for a
moment. So what is refused is tried again for a while; only then is the file taken to be in use.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    Result = TypeVar("Result")


PATIENCE = 2.0
"""Seconds for which a file that another program has open is tried again."""
GLIMPSE = 0.3
"""Seconds for which a file is tried again that cannot be opened: it may be about to go, or be forbidden for good."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.01, 0.05
_LOOKS = 8
"""How often it is looked who has it open: a program that opens it again and again has closed it for moments, too."""
_DENIED = 5
"""ERROR_ACCESS_DENIED, which stands for a lack of permission and for a file that is open in the way of its going."""
_SHARING = (32, 33)
"""ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION: another program has it open."""


class InUse(OSError):
    """Another program has a file open, and does not share it. The message is the rest of a sentence that begins with
    the file's name.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(errno.EBUSY, "is open in another program", str(path))

    def __reduce__(self) -> tuple[type[InUse], tuple[Path], dict[str, object]]:
        return type(self), (Path(self.filename),), self.__dict__


def is_held(error: OSError) -> bool:
    """Whether the system says that another program has the file open."""
    return isinstance(error, InUse) or getattr(error, "winerror", None) in _SHARING


def patiently(step: Callable[[], Result], *paths: Path, patience: float = PATIENCE, denied: float = PATIENCE) -> Result:
    """Do `step`, again and again while another program has one of its `paths` open. Raises InUse where that goes on for
    `patience` seconds, and whatever else `step` raises at once.

    What is refused without a reason is tried again for `denied` seconds: it may be that, or forbidden.
    """
    began, pause, looks = time.monotonic(), _FIRST_PAUSE, _LOOKS
    while True:
        try:
            return step()
        except OSError as error:
            why = getattr(error, "winerror", None)
            if why not in (_DENIED, *_SHARING) or isinstance(error, InUse):
                raise
            if time.monotonic() - began >= (patience if why in _SHARING else denied):
                held = next(filter(is_open_elsewhere, paths), None)
                looks, pause = looks - 1, _FIRST_PAUSE
                if held is not None or why in _SHARING:
                    raise InUse(held or paths[0]) from error
                if not looks:
                    raise
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


if sys.platform == "win32":
    import _winapi
    import msvcrt

    _READS, _WRITES, _DELETES = 1, 2, 4
    """What others may do meanwhile (FILE_SHARE_READ, _WRITE, _DELETE)."""
    _GENERIC_READ, _GENERIC_WRITE, _DELETE = 0x80000000, 0x40000000, 0x00010000
    _NORMAL, _ALSO_FOLDERS = 0x80, 0x02000000
    _OPEN_EXISTING = 3
    _DISPOSITIONS = {
        0: _OPEN_EXISTING,
        os.O_CREAT: 4,
        os.O_CREAT | os.O_EXCL: 1,
        os.O_CREAT | os.O_TRUNC: 2,
        os.O_TRUNC: 5,
    }

    def open_shared(
        path: str | Path, flags: int, mode: int = 0o600, folder: int | None = None, *, may_go: bool = True
    ) -> int:
        """A descriptor as `os.open` gives it, of a file that others may read and write meanwhile and, where it
        `may_go`, also delete. Raises OSError, which says by `winerror` why.
        """
        shared = _READS | _WRITES | (_DELETES if may_go else 0)
        writes = flags & (os.O_WRONLY | os.O_RDWR)
        access = (0 if flags & os.O_WRONLY else _GENERIC_READ) | (_GENERIC_WRITE if writes else 0)
        how = _DISPOSITIONS[flags & (os.O_CREAT | os.O_EXCL | os.O_TRUNC)]
        handle = _winapi.CreateFile(str(path), access, shared, 0, how, _NORMAL, 0)
        try:
            return msvcrt.open_osfhandle(handle, writes | flags & (os.O_APPEND | os.O_BINARY) | os.O_NOINHERIT)
        except BaseException:
            _winapi.CloseHandle(handle)
            raise

    def is_open_elsewhere(path: Path) -> bool:
        """Whether any program, this one too, has a file open, or one in a folder."""
        if path.is_dir():
            return any(is_open_elsewhere(file) for file in path.rglob("*") if not file.is_dir())
        try:
            handle = _winapi.CreateFile(str(path), _GENERIC_READ | _DELETE, 0, 0, _OPEN_EXISTING, _ALSO_FOLDERS, 0)
        except OSError as error:
            return error.winerror in _SHARING
        _winapi.CloseHandle(handle)
        return False

    def are_long_paths_enabled() -> bool:
        """Whether the administrator has switched on paths of more than 260 characters (LongPathsEnabled)."""
        from refundbook.system import win32

        return win32.are_long_paths_enabled()

else:

    def are_long_paths_enabled() -> bool:
        """Long paths are nothing to be switched on here."""
        return False

    def open_shared(
        path: str | Path, flags: int, mode: int = 0o600, folder: int | None = None, *, may_go: bool = True
    ) -> int:
        """`os.open`: who has a file open here keeps nobody from anything."""
        return os.open(path, flags, mode, dir_fd=folder)

    def is_open_elsewhere(path: Path) -> bool:
        """Nothing that would be in anybody's way."""
        return False

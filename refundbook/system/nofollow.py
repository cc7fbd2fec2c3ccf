"""Files and folders opened by their real path, on which nothing may be a symbolic link.

Someone else who may write to the folder can put a link at any name in it, also between two looks at it. So nothing is
first looked at and then opened by its path: it is opened, and the descriptor is looked at (`O_NOFOLLOW`, `openat`:
POSIX.1-2008).
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path, PureWindowsPath

from refundbook.system.bounds import read_stream
from refundbook.system.sharing import GLIMPSE, open_shared, patiently

HAS_FOLDERS = os.open in os.supports_dir_fd
"""Whether folders can be held open, and names be looked up in them (`openat`). Windows cannot."""
_NOWHERE_A_LINK = getattr(os, "O_NOFOLLOW_ANY", 0)
"""macOS refuses a link on any part of a path by itself."""
_NO_LINK = _NOWHERE_A_LINK or getattr(os, "O_NOFOLLOW", 0)
_PLAIN = _NO_LINK | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_PASSING = getattr(os, "O_PATH", os.O_RDONLY)
_JUNCTION = 0xA0000003
"""A folder of Windows that leads to another one (IO_REPARSE_TAG_MOUNT_POINT)."""


class Unfit(OSError):
    """Something stands at a path that is not used: a link, or another kind of thing than is needed. `strerror` says
    what, as the rest of a sentence.
    """

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(errno.ELOOP, what, str(path))

    def __reduce__(self) -> tuple[type[Unfit], tuple[Path, str], dict[str, object]]:
        return type(self), (Path(self.filename), self.strerror or ""), self.__dict__


def real_path(path: str | Path) -> Path:
    """Where a path leads, links followed; as much of it as the system gives where a drive or share does not answer (on
    Windows an error of `os.path.realpath`): who opens it is told what is wrong there.
    """
    try:
        return Path(os.path.realpath(path))
    except OSError:
        return Path(os.path.abspath(path))  # noqa: PTH100  (Path.absolute leaves `..` in it)


def has_foreign_drive(said: str) -> bool:
    """Whether a path begins with a drive or share of Windows, which no other system has."""
    return os.name != "nt" and bool(PureWindowsPath(said).drive)


def open_folder(path: Path) -> int | None:
    """A folder, held open by a descriptor; None where the system has none for folders. `path` must be real. Raises
    OSError, Unfit.
    """
    if not HAS_FOLDERS:
        _refuse_link(path, None, path)
        if not stat.S_ISDIR(path.stat().st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
        return None
    folder = os.O_DIRECTORY | _NO_LINK
    if _NOWHERE_A_LINK:
        return _opened(path, os.O_RDONLY | folder, None, path)
    at = Path(path.anchor)
    found = os.open(at, (_PASSING if len(path.parts) > 1 else os.O_RDONLY) | os.O_DIRECTORY)
    for left, part in enumerate(path.parts[1:], 2 - len(path.parts)):
        at = at / part
        outer = found
        try:
            found = _opened(part, folder | (_PASSING if left else os.O_RDONLY), outer, at)
        finally:
            os.close(outer)
    return found


def open_file(path: Path, flags: int = os.O_RDONLY, mode: int = 0o600) -> int:
    """The descriptor of a regular file, never of what could be waited for. `path` must be real. Raises
    OSError, Unfit.
    """
    folder = open_folder(path.parent)
    try:
        return open_in(folder, path, flags, mode)
    finally:
        close(folder)


def open_in(
    folder: int | None,
    path: Path,
    flags: int = os.O_RDONLY,
    mode: int = 0o600,
    name: str = "",
    *,
    may_go: bool = True,
) -> int:
    """As `open_file`, in the folder that is open, where it has this `name`, or the last one of the path. Unless it
    `may_go`, Windows lets nobody delete it while it is open.
    """
    found = _opened(path if folder is None else name or path.name, flags | _PLAIN, folder, path, mode, may_go=may_go)
    try:
        refuse_special(os.fstat(found), path)
    except BaseException:
        os.close(found)
        raise
    return found


def read_file(path: Path, most: int) -> bytes:
    """The bytes of a regular file. `path` must be real. Raises OSError, Unfit, TooLarge where there are more than
    `most`.
    """
    with os.fdopen(open_file(path), "rb") as file:
        return read_stream(file, most, os.fstat(file.fileno()).st_size)


def beginning(path: Path, most: int) -> bytes:
    """The first `most` bytes of a regular file, or all that it has. `path` must be real. Raises OSError, Unfit."""
    with os.fdopen(open_file(path), "rb") as file:
        return file.read(most)


def delete(path: Path) -> None:
    """Take a name away, in a folder by its real path. Nothing where it is gone already. Raises OSError, Unfit."""
    folder = open_folder(path.parent)
    try:
        with suppress(FileNotFoundError):
            patiently(lambda: os.unlink(path if folder is None else path.name, dir_fd=folder), path)
    finally:
        close(folder)


def status_of(path: Path) -> os.stat_result:
    """What the system says of a regular file. Raises OSError, Unfit."""
    found = path.lstat()
    refuse_special(found, path)
    return found


def refuse_special(status: os.stat_result, path: Path) -> None:
    """Raise Unfit for anything but a regular file."""
    if stat.S_ISREG(status.st_mode):
        return
    if stat.S_ISLNK(status.st_mode):
        raise _link(path)
    kind = "a folder" if stat.S_ISDIR(status.st_mode) else "a device or pipe"
    raise Unfit(path, f"is {kind}, where a file should be: move it away")


def close(folder: int | None) -> None:
    """Let go of what `open_folder` gave."""
    if folder is not None:
        os.close(folder)


def _opened(
    name: str | Path, flags: int, folder: int | None, path: Path, mode: int = 0o600, *, may_go: bool = True
) -> int:
    """`name`, in a folder that is open or as it is; `path` is what messages call it."""
    is_folder = bool(flags & getattr(os, "O_DIRECTORY", 0))
    if not _NO_LINK:
        _refuse_link(name, folder, path)
        _refuse_kind(name, folder, path)
    try:
        return patiently(lambda: open_shared(name, flags, mode, folder, may_go=may_go), path, denied=GLIMPSE)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.EMLINK, errno.EISDIR, errno.ENXIO):
            _refuse_link(name, folder, path)
            if not is_folder:
                _refuse_kind(name, folder, path)
        error.filename = str(path)
        raise


def _refuse_link(name: str | Path, folder: int | None, path: Path) -> None:
    with suppress(FileNotFoundError, NotADirectoryError):
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISLNK(found.st_mode) or getattr(found, "st_reparse_tag", 0) == _JUNCTION:
            raise _link(path)


def _refuse_kind(name: str | Path, folder: int | None, path: Path) -> None:
    with suppress(FileNotFoundError, NotADirectoryError):
        refuse_special(os.stat(name, dir_fd=folder, follow_symlinks=False), path)


def _link(path: Path) -> Unfit:
    return Unfit(path, "is a symbolic link, which could lead anywhere: move it away")

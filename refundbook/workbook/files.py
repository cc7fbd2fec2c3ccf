"""Files that appear whole or not at all: written to a private file beside their place, down to the disk, then put there in one step."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from threading import Thread

LEFTOVER = ".new"
"""How the name of every temporary file ends."""
INBOX = ".inbox.jsonl"
"""How the name of a workbook's inbox goes on after the workbook's own."""


def temporary_beside(path: Path, token: str = "") -> Path:
    """Where a new `path` is written first: hidden, and in the same folder, so that on the same file system. A `token` makes the name its own."""
    return path.with_name(f".{path.name}.{token}{LEFTOVER}" if token else f".{path.name}{LEFTOVER}")


def write_new(
    path: Path, data: bytes | Iterable[bytes], mode: int = 0o600, meanwhile: Callable[[], object] | None = None
) -> None:
    """Write a file that must not exist yet, down to the disk. Raises FileExistsError where it does.

    `meanwhile`, which must not fail, is run while the system brings the file down.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    with os.fdopen(descriptor, "wb") as file:
        for piece in (data,) if isinstance(data, bytes) else data:
            file.write(piece)
        file.flush()
        aside = Thread(target=meanwhile) if meanwhile else None
        if aside:
            aside.start()
        try:
            os.fsync(file.fileno())
        finally:
            if aside:
                aside.join()


def write_over(
    path: Path,
    data: bytes | Iterable[bytes],
    like: Path,
    *,
    meanwhile: Callable[[], object] | None = None,
    at_last: Callable[[], None] | None = None,
) -> None:
    """Put `data` in the place of `path`, or of nothing, with the mode, owner and attributes of `like`.

    Two must not do this at once with one path: the caller holds a lock. `meanwhile` is as for `write_new`; `at_last` is called just before the
    swap, and may raise to prevent it. Raises OSError; then `path` is as it was.
    """
    # A fixed name: what a killed process left is replaced.
    temporary = temporary_beside(path)
    temporary.unlink(missing_ok=True)
    try:
        write_new(temporary, data, meanwhile=meanwhile)
        copy_attributes(like, temporary)
        if at_last:
            at_last()
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_first(path: Path, data: bytes, like: Path | None = None) -> None:
    """Put `data` where there is nothing yet, with the attributes of `like` if given. Raises FileExistsError, OSError."""
    temporary = temporary_beside(path, os.urandom(4).hex())
    try:
        write_new(temporary, data, 0o600 if like else 0o666)
        if like:
            copy_attributes(like, temporary)
        _move_to_free_place(temporary, path)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def _move_to_free_place(source: Path, target: Path) -> None:
    """Unlike a rename, a link never takes another file's place."""
    try:
        target.hardlink_to(source)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links, such as FAT: take the name, then its place
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        source.replace(target)


def copy_attributes(source: Path, target: Path) -> None:
    """Give a file another one's mode, extended attributes (access lists are among them) and, as far as this user may, owner and group."""
    before = source.stat()
    if hasattr(os, "chown"):
        try:
            os.chown(target, before.st_uid, before.st_gid)
        except OSError:
            # Not the owner, then at least the group: through it the others keep their access.
            with suppress(OSError):
                os.chown(target, -1, before.st_gid)
    if hasattr(os, "listxattr"):
        with suppress(OSError):
            for name in os.listxattr(source):
                with suppress(OSError):
                    os.setxattr(target, name, os.getxattr(source, name))
    target.chmod(stat.S_IMODE(before.st_mode))


def sync_folder(folder: Path) -> None:
    """Bring a folder's list of names down to the disk."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        # Some network file systems cannot; the change itself has happened.
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def reason(error: OSError) -> str:
    """Why the system refused, in plain words."""
    known = {
        errno.ENOSPC: "the disk is full",
        errno.EDQUOT: "your disk quota is used up",
        errno.EROFS: "the file system is read-only",
        errno.EACCES: "you have no permission to do so here",
        errno.EPERM: "you have no permission to do so here",
        errno.ENOENT: "the folder does not exist",
    }
    return known.get(error.errno or 0, (error.strerror or str(error)).lower())

"""Files that appear whole or not at all: written in a room of their own beside their place, down to the disk, then put
there in one step.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from threading import Thread

from refundbook.system.attributes import copy_attributes
from refundbook.system.nofollow import Unfit, beginning, close, open_folder, real_path
from refundbook.system.room import NEW, Room, leftovers, remove, sync

_TELLING = 1 << 16
"""So many bytes of a page or a calendar tell what it is."""


def write_new(
    room: Room, data: bytes | Iterable[bytes], like: Path | None = None, meanwhile: Callable[[], object] | None = None
) -> None:
    """Write a file in `room`, down to the disk, with the attributes of `like` if given. Raises OSError.

    `meanwhile`, which must not fail, is run while the system brings the file down.
    """
    with room.create(mode=0o600 if like else 0o666) as file:
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
        if like:
            copy_attributes(like, file.fileno(), room.path / NEW)


def write_over(
    path: Path,
    data: bytes | Iterable[bytes],
    like: Path,
    *,
    meanwhile: Callable[[], object] | None = None,
    at_last: Callable[[], None] | None = None,
) -> None:
    """Put `data` in the place of `path`, or of nothing, with the mode, owner and attributes of `like`. Both must be
    real paths.

    Two must not do this at once with one path: the caller holds a lock. `meanwhile` is as for `write_new`; `at_last` is
    called just before each try of the swap, and may raise to prevent it. Raises OSError, InUse where another program
    has one of the two files open; then `path` is as it was, but for Displaced.
    """
    for leftover in leftovers(path):
        remove(leftover)
    with Room(path) as room:
        write_new(room, data, like, meanwhile)
        room.put_over(at_last)
        room.sync_place()


def write_first(path: Path, data: bytes, like: Path | None = None) -> None:
    """Put `data` where there is nothing yet, with the attributes of `like` if given. The folder's path must be real.
    Raises FileExistsError, OSError.
    """
    with Room(path) as room:
        write_new(room, data, like)
        room.put_first()
        room.sync_place()


def write_own(path: Path, data: bytes, is_own: Callable[[bytes], bool]) -> bool:
    """Write a file that a person named, where there is nothing or an older one of the same kind, as `is_own` tells by
    how it begins; else give False.

    A link of this user's to such a file stays one. Raises OSError, Unfit where there is another kind of link, or no
    regular file.
    """
    target = _place_of(path)
    try:
        there = beginning(target, _TELLING)
    except FileNotFoundError:
        write_first(target, data)
        return True
    if not is_own(there):
        return False
    with Room(target) as room:
        write_new(room, data, target)
        # Writing takes a while, in which somebody may have saved something else by that name.
        if not is_own(beginning(target, _TELLING)):
            return False
        room.put_over()
        room.sync_place()
    return True


def _place_of(path: Path) -> Path:
    at = real_path(path.parent) / path.name
    if not at.is_symlink():
        return at
    # As Linux has it in shared folders (fs.protected_symlinks).
    if hasattr(os, "geteuid") and at.lstat().st_uid != os.geteuid():
        raise Unfit(path, "is a symbolic link that another user made: name the file itself")
    if not at.exists():
        raise Unfit(path, "is a symbolic link that leads nowhere: delete it, or name the file itself")
    return real_path(at)


def make_folder(path: Path) -> None:
    """A folder with the mode of the one around it, or the one that is there. `path` must be real. Raises OSError, Unfit
    where it is a link.
    """
    with suppress(FileNotFoundError):
        close(open_folder(path))
        return
    outer = open_folder(path.parent)
    try:
        os.mkdir(path if outer is None else path.name, dir_fd=outer)
    except FileExistsError:
        made = False
    else:
        made = True
        sync(outer)
    finally:
        close(outer)
    inner = open_folder(path)
    try:
        # Empty, or it is not the one that was made: somebody put another one in its place.
        if made and inner is not None and not os.listdir(inner):  # noqa: PTH208  (a descriptor, which a Path cannot be)
            with suppress(OSError):
                os.fchmod(inner, stat.S_IMODE(path.parent.lstat().st_mode))
    finally:
        close(inner)


def sync_folder(folder: Path) -> None:
    """Bring a folder's list of names down to the disk. Raises OSError."""
    descriptor = open_folder(folder)
    try:
        sync(descriptor)
    finally:
        close(descriptor)

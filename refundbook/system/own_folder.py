"""The folder that the system has for what programs keep of a user, and whether what is in a folder is nobody else's to
change.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Collection
from pathlib import Path

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_HAS_USERS = hasattr(os, "geteuid")
"""Whether files say by owner and mode who may change them. (Windows has a folder for each user alone.)"""


def cache_folder(program: str) -> Path | None:
    """The program's folder for caches; None where this user has none."""
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA", "")
        return Path(local, program, "Cache") if local else None
    home = os.environ.get("XDG_CACHE_HOME", "")
    if not home:
        user = os.path.expanduser("~")  # noqa: PTH111  (Path.home raises where there is none)
        if user == "~":
            return None
        home = os.path.join(user, "Library/Caches" if sys.platform == "darwin" else ".cache")  # noqa: PTH118  (a text, as the variables give it)
    return Path(home, program)


def is_nobody_elses(at: Path) -> bool:
    """Whether nobody but this user, and root, may change what is in a folder, or put another one in its place.

    So it and each folder above it, as far as they are there, must be this user's or root's and nobody else's to write
    to; above it a folder where everybody may write but take away only what is their own, such as /tmp, will do.
    """
    if not _HAS_USERS:
        return True
    real, given = Path(os.path.realpath(at)), Path(os.path.abspath(at))  # noqa: PTH100  (links are to be seen as they are)
    try:
        return _is_ours(real, {os.geteuid()}) and all(
            _is_ours(above, {0, os.geteuid()}, stat.S_ISVTX) for above in {*real.parents, *given.parents}
        )
    except OSError:
        return False


def is_file_nobody_elses(status: os.stat_result) -> bool:
    """Whether nobody but this user, and root, could have written a file of which the system says this."""
    return not _HAS_USERS or (status.st_uid == os.geteuid() and not status.st_mode & _OTHERS_WRITE)


def _is_ours(at: Path, users: Collection[int], will_do: int = 0) -> bool:
    try:
        found = at.stat()
    except FileNotFoundError:
        return True
    return found.st_uid in users and (not found.st_mode & _OTHERS_WRITE or bool(found.st_mode & will_do))

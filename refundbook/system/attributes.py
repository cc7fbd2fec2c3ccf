"""What a file has besides its bytes, given to the one that takes its place: who may read and write it, whose it is, and
what other programs have put beside it.
"""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

from refundbook.system.nofollow import status_of

if sys.platform == "win32":
    # Attributes that are a person's or a program's wish (winnt.h): read-only, hidden, system, archive, not to be
    # indexed, and what OneDrive is to keep on this computer or not. Whether a file is compressed or encrypted its
    # folder says.
    _WISHES = 0x01 | 0x02 | 0x04 | 0x20 | 0x2000 | 0x80000 | 0x100000
    _MAX_STREAM = 16 << 20
    """Bytes of one alternate stream that are copied."""

    def copy_attributes(like: Path, to: int, at: Path) -> None:
        """Give an open file at `at` another one's attributes, creation time, access list and alternate streams, as far
        as the file system has them. Raises OSError, Unfit where `like` is a link.
        """
        from refundbook.system import win32

        before = status_of(like)
        for name in win32.streams_of(like):
            with suppress(OSError), open(f"{like}{name}", "rb") as old:  # noqa: PTH123  (no Path has a stream)
                data = old.read(_MAX_STREAM + 1)
                if len(data) <= _MAX_STREAM:
                    with open(f"{at}{name}", "wb") as new:  # noqa: PTH123  (as above)
                        new.write(data)
        win32.copy_access_list(like, at)
        win32.set_creation_time(to, getattr(before, "st_birthtime_ns", before.st_ctime_ns))
        win32.set_attributes(at, before.st_file_attributes & _WISHES)

else:

    def copy_attributes(like: Path, to: int, at: Path) -> None:
        """Give an open file at `at` another one's mode, extended attributes (access lists are among them) and, as far
        as this user may, owner and group.

        Raises OSError, Unfit where `like` is a link.
        """
        before = status_of(like)
        try:
            os.fchown(to, before.st_uid, before.st_gid)
        except OSError:
            # Not the owner, then at least the group: through it the others keep their access.
            with suppress(OSError):
                os.fchown(to, -1, before.st_gid)
        if hasattr(os, "listxattr"):
            with suppress(OSError):
                for name in os.listxattr(like, follow_symlinks=False):
                    with suppress(OSError):
                        os.setxattr(to, name, os.getxattr(like, name, follow_symlinks=False))
        os.fchmod(to, stat.S_IMODE(before.st_mode))

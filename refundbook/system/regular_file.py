"""Files that a person names, on the command line or in the Evidence column: read where they are regular, and no more of
them than is said.

A pipe is waited for until somebody writes to it, and a device may never end. A symbolic link is followed: whoever names
it means what it leads to.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from refundbook.system.bounds import read_stream
from refundbook.system.nofollow import open_file, real_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO


_HANDED_OVER = re.compile(r"/dev/(?:stdin|fd/([0-9]{1,6}))|/proc/self/fd/([0-9]{1,6})", re.ASCII)
"""What a shell hands a command in place of a file: its standard input, or the output of another, as in `<(command)`."""


class NotRegular(OSError):
    """What stands at a path is no file. The message is the rest of a sentence that begins with the path's name."""


def opened(path: Path) -> BinaryIO:
    """A regular file, open for reading. Raises NotRegular, OSError."""
    at = real_path(path)
    mode = at.stat().st_mode
    if stat.S_ISDIR(mode):
        raise NotRegular("it is a folder")
    if not stat.S_ISREG(mode):
        raise NotRegular("it is not a file, but a device or pipe")
    # Another may stand there by now: it is looked at again when it is open.
    return os.fdopen(open_file(at), "rb")


def read(path: Path, most: int) -> bytes:
    """All of a regular file. Raises TooLarge where that is more than `most` bytes, NotRegular, OSError."""
    with opened(path) as file:
        return read_stream(file, most, os.fstat(file.fileno()).st_size)


def read_given(path: Path, most: int) -> bytes:
    """What a path on the command line names: a file, or a pipe that the shell made and handed over. Raises as `read`
    does.
    """
    given = _HANDED_OVER.fullmatch(str(path))
    if given is None:
        return read(path, most)
    with os.fdopen(os.dup(int(given[1] or given[2] or 0)), "rb") as stream:
        return read_stream(stream, most)

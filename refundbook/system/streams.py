"""What is printed, and where it goes."""

from __future__ import annotations

import errno
import io
import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO


def is_reader_gone(error: OSError) -> bool:
    """Whether what was printed could not be, because whoever reads it, such as `head` or `more`, has seen enough.

    On Windows the C library says so without the system's own number (`_write`: EINVAL), which all else has.
    """
    if isinstance(error, BrokenPipeError):
        return True
    return os.name == "nt" and error.errno == errno.EINVAL and getattr(error, "winerror", None) is None


def goes_into_file(stream: TextIO) -> bool:
    """Whether a stream was redirected into a file."""
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):  # a text in memory, or a stream that is closed
        return False


def ready_for_csv(stream: TextIO) -> str:
    """Have a stream write line breaks as they are given, and give what a CSV file begins with: where a Windows shell
    makes it, Excel is its likely reader, and takes it for UTF-8 by a mark alone.
    """
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(newline="")
    return "\ufeff" if os.name == "nt" and goes_into_file(stream) else ""

"""Why the system refused, in plain words.

What it says itself (`strerror`) is written for programmers, in English or the system's language, and differs from one
system to the next.
"""

from __future__ import annotations

import errno

from refundbook.system.nofollow import Unfit
from refundbook.system.sharing import InUse

NO_FOLDER = "the folder does not exist"
NO_FILE = "there is no such file"

_KNOWN = {  # by name (POSIX.1-2008, <errno.h>): not every system has every number
    "ENOSPC": "the disk is full",
    "EDQUOT": "your disk quota is used up",
    "EFBIG": "it would be larger than its file system allows",
    "EROFS": "the file system is read-only",
    "EACCES": "you have no permission to do so here",
    "EPERM": "you have no permission to do so here",
    "ELOOP": "a symbolic link is on the way to it",
    "EXDEV": "it would be on another disk",
    "EEXIST": "something else was put there in the same moment",
    "ENOTEMPTY": "something else was put there in the same moment",
    "EISDIR": "it is a folder",
    "ENOTDIR": "a file stands where a folder is needed on the way to it",
    "ENAMETOOLONG": "its name is too long",
    "EINVAL": "its name is not allowed here",
    "EBUSY": "another program uses it",
    "ETXTBSY": "another program uses it",
    "EMFILE": "too many files are open",
    "ENFILE": "too many files are open",
    "ENOMEM": "the memory is used up",
    "EIO": "the disk does not work (input/output error)",
    "ENXIO": "the device does not answer",
    "ENODEV": "the device does not answer",
    "ESTALE": "the connection to its disk was lost",
    "ETIMEDOUT": "its disk does not answer",
}


_IN_USE = "another program has it open: close it there, and try again"
_NO_NETWORK = "its disk does not answer: see whether you are connected to it"
_NO_ANSWER = (51, 53, 54, 55, 59, 64, 67, 121, 1203, 1222, 1231, 1232, 1236)
_KNOWN_TO_WINDOWS = {  # winerror.h: Python has one number (EINVAL) for all that C does not know
    32: _IN_USE,
    33: _IN_USE,
    **dict.fromkeys(_NO_ANSWER, _NO_NETWORK),
    21: "the device is not ready",
    112: "the disk is full",
    19: "the disk is write-protected",
    123: "its name is not allowed here",
    206: "its path is too long",
    362: "your cloud storage is not running",
    380: "your cloud storage refused it",
    389: "your cloud storage refused it",
    1392: "the disk is damaged: let the system check it",
}


def reason(error: OSError, missing: str = NO_FOLDER) -> str:
    """Why the system refused, as the rest of a sentence; `missing` says what is not there, where that is the reason.

    An error of our own (Unfit, TooLarge, NotRegular) says it itself. What has no words of ours keeps its number, by
    which it can be looked up.
    """
    if isinstance(error, Unfit):
        return f"{error.filename} {error.strerror}"
    if isinstance(error, InUse):
        return _IN_USE
    if error.errno is None:
        return str(error)
    windows = _KNOWN_TO_WINDOWS.get(getattr(error, "winerror", 0) or 0)
    if windows:
        return windows
    if error.errno == errno.ENOENT:
        return missing
    name = errno.errorcode.get(error.errno, str(error.errno))
    return _KNOWN.get(name, f"the system refused it (error {name})")


def does_not_answer(error: OSError) -> bool:
    """Whether a disk of the network cannot be reached: for some of these errors Python says that there is no file."""
    return getattr(error, "winerror", None) in _NO_ANSWER

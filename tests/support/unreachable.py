"""A disk of the network that does not answer: every call of the system about something in its folder fails as on Windows."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

NOT_THERE = (53, 67)
"""Of these errors Python makes a FileNotFoundError (CPython's errmap.h), of the others an OSError 22."""
_CALLS: list[tuple[Any, str]] = [
    *((os, name) for name in ("stat", "lstat", "open", "mkdir", "listdir", "scandir", "replace", "rename", "access")),
    (os.path, "realpath"),
]
if sys.platform == "win32":
    import _winapi

    _CALLS.append((_winapi, "CreateFile"))


@contextmanager
def unreachable(share: Path, winerror: int) -> Iterator[None]:
    """Within the block nothing in the folder `share` answers."""

    def failing(call: Callable[..., Any]) -> Callable[..., Any]:
        def does(*args: Any, **options: Any) -> Any:
            if any(isinstance(arg, (str, Path)) and _is_in(str(arg), share) for arg in args):
                raise refused(winerror, args[0])
            return call(*args, **options)

        return does

    with ExitStack() as patches:
        for at, name in _CALLS:
            patches.enter_context(patch.object(at, name, failing(getattr(at, name))))
        yield


def _is_in(path: str, share: Path) -> bool:
    """By its path, or by its name in a folder that is open."""
    return path == share.name or path == str(share) or path.startswith(f"{share}{os.sep}")


def refused(winerror: int, path: object) -> OSError:
    """What Python raises on Windows."""
    number = errno.ENOENT if winerror in NOT_THERE else errno.EINVAL
    error = OSError(number, "An unexpected network error occurred", str(path))
    error.winerror = winerror  # type: ignore[attr-defined]
    return error

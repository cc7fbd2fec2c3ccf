"""Where a path leads, links followed, whatever the system says of it: who opens it is told what is wrong there."""

from __future__ import annotations

import os
from pathlib import Path


def real_path(path: str | Path) -> Path:
    """The real path; as much of it as the system gives where a drive or share does not answer (on Windows an error of
    `os.path.realpath`).
    """
    try:
        return Path(os.path.realpath(path))
    except OSError:
        return Path(os.path.abspath(path))  # noqa: PTH100  (Path.absolute leaves `..` in it)

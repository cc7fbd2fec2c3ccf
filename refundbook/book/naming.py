"""What a workbook is called among several."""

from __future__ import annotations

import os
from pathlib import Path


def expanded(path: str | os.PathLike[str]) -> Path:
    """A path with the home folder in the place of `~`, where there is no file of that very name."""
    text = os.fspath(path)
    if not text.startswith("~") or os.path.lexists(text):
        return Path(text)
    return Path(os.path.expanduser(text))  # noqa: PTH111  (Path's raises where there is no such user)


def name_of(path: str | os.PathLike[str]) -> str:
    """What the column Book says of a workbook: its path from the current folder, with `/`; the whole path where there
    is none, as from one drive to another.
    """
    whole = os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111  (links stay as they are)
    try:
        return Path(os.path.relpath(whole)).as_posix()
    except ValueError:
        return Path(whole).as_posix()

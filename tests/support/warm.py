"""The same done to two copies of a workbook: to one of which refundbook knows what is in it, and to one of which it
knows nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import refundbook
from refundbook.base.errors import RefundbookError
from refundbook.storage import load
from refundbook.storage.cache_file import VARIABLE, Cache, folder
from tests.support import packages
from tests.support.appended import TODAY as WRITTEN
from tests.support.appended import entries
from tests.support.own_checks import own_findings
from tests.support.samples import TODAY

Act = Callable[[refundbook.Book], object]
"""What is done to a workbook within `edit`."""


@contextmanager
def without_cache() -> Iterator[None]:
    """As for somebody who has switched it off."""
    with patch.dict(os.environ, {VARIABLE: "off"}):
        yield


class Readings:
    """How often a workbook was read in full."""

    def __init__(self) -> None:
        self.count = 0


@contextmanager
def readings() -> Iterator[Readings]:
    """Count how often a workbook is read in full meanwhile."""
    found = Readings()
    read = load.read_contents

    def counted(*args: Any) -> Any:
        found.count += 1
        return read(*args)

    with patch.object(load, "read_contents", counted):
        yield found


def cache_file(path: Path) -> Path:
    """Where what is known of a workbook is kept."""
    found = Cache(path.resolve(), "")._file
    assert found is not None
    assert found.parent == folder()
    return found


def known(path: Path) -> Path:
    """See that something is known of a workbook."""
    assert cache_file(path).exists()
    return path


def outcome(path: Path, act: Act, today: object = TODAY) -> object:
    """What an act within `edit` gives, or how it is refused, whichever folder the workbook is in."""
    try:
        with refundbook.edit(path, today=today, user="ana") as book:  # type: ignore[arg-type]
            done = act(book)
    except RefundbookError as error:
        return type(error).__name__, str(error).replace(str(path.parent), "")
    return done


def one_by_one(path: Path, count: int) -> None:
    """Append so many of `entries`, each in an `edit` of its own."""
    for entry in entries(count):
        assert isinstance(outcome(path, lambda book, entry=entry: book.append(*entry), WRITTEN), refundbook.Entry)  # type: ignore[misc]


def by_all_of_it(path: Path, count: int) -> None:
    """As `one_by_one`, by one who knows nothing of the workbook."""
    with without_cache():
        one_by_one(path, count)


def at_once(path: Path, count: int) -> None:
    """Append so many of `entries` for each pillar in one save."""
    with refundbook.load(path, today=WRITTEN, user="ana") as book:
        book.append_many(entries(count))


def same_files(one: Path, other: Path) -> None:
    """See that two workbooks hold the same parts byte for byte, and that nothing is wrong with the first."""
    ours, theirs = packages.parts(one), packages.parts(other)
    assert list(ours) == list(theirs)
    assert [name for name in ours if ours[name] != theirs[name]] == []
    assert own_findings(one) == []

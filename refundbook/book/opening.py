"""How a Book comes about: a workbook is loaded, made from the template, or edited under its lock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from refundbook.base.clock import Today
from refundbook.base.errors import UsageError
from refundbook.book.book import Book
from refundbook.book.naming import expanded
from refundbook.storage import workbook_file
from refundbook.storage.session import Session
from refundbook.storage.workbook_file import WorkbookFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO


PathLike = str | os.PathLike[str]


def load(
    path: PathLike | bytes | bytearray | memoryview | BinaryIO,
    *,
    strict: bool = True,
    today: Today = None,
    user: str | None = None,
    ignore_open: bool = False,
) -> Book:
    """Read and check a workbook: a file (`~` is the home folder), or bytes or an open binary file (`io.BytesIO`, one of
    fsspec), which can be saved with `save(to=…)`.

    `today` stands in for the real clock (a date means its last second), `user` for the log-in name in Logged By. With
    `ignore_open` it is saved although Excel or LibreOffice seems to have it open. Raises InvalidWorkbook where it
    breaks rules (not with `strict=False`), MissingWorkbook, UnreadableWorkbook.
    """
    at = WorkbookFile(expanded(path), ignore_open=ignore_open) if isinstance(path, (str, os.PathLike)) else _given(path)
    return Book(Session(at, today, strict=strict), user)


def _given(source: bytes | bytearray | memoryview | BinaryIO) -> WorkbookFile:
    from refundbook.storage.given_bytes import GivenBytes

    if isinstance(source, (bytes, bytearray, memoryview)):
        return GivenBytes(bytes(source))
    if not hasattr(source, "read"):
        raise UsageError(
            f"A workbook is named by its path, or given as bytes or an open file: not {type(source).__name__}."
        )
    data = source.read()
    if not isinstance(data, bytes):
        raise UsageError("A workbook is read from a file that is open for bytes: open it with mode rb.")
    return GivenBytes(data, Path(str(getattr(source, "name", ""))).name)


def create(path: PathLike, *, today: Today = None, user: str | None = None) -> Book:
    """Make a workbook from the template. Raises FileExistsError where there is something already, CannotWrite where it
    cannot be made.
    """
    from refundbook.storage.template_file import template_bytes

    WorkbookFile(expanded(path)).refuse_if_too_long()
    workbook_file.create(expanded(path), template_bytes())
    return load(path, today=today, user=user)


@contextmanager
def glance(path: PathLike, *, today: Today = None) -> Iterator[Book]:
    """Look at a few cases of a workbook, by what is known of it where that is enough: nothing is locked or saved.
    Raises what `load` raises.
    """
    at = WorkbookFile(expanded(path))
    at.refuse_if_missing()
    with closing(Session(at, today, known_is_enough=True, is_to_save=False)) as session:
        yield Book(session, "")


def stand_in(path: PathLike, *, today: Today = None, user: str | None = None) -> Book:
    """A blank workbook in the place of one that nobody may read now: entries for its inbox are read by the template's
    settings, and only what each says alone is judged. It cannot be saved.
    """
    from refundbook.storage.given_bytes import StandIn
    from refundbook.storage.template_file import template_bytes

    return Book(Session(StandIn(expanded(path), template_bytes()), today), user)


@contextmanager
def edit(
    path: PathLike,
    *,
    today: Today = None,
    user: str | None = None,
    waiting: Callable[[str], None] | None = None,
    ignore_open: bool = False,
    command: str = "",
) -> Iterator[Book]:
    """Load a workbook, and save it on leaving, with the lock held from before the one until after the other.

    So no other process comes between. Of a workbook that refundbook wrote itself only the cases are read that entries
    are made for, until more is asked for. `waiting` is called with a sentence when the lock is not free at once. The
    history says that what is saved was by `command`. Raises what `load` and `Book.save` raise.
    """
    at = WorkbookFile(expanded(path), ignore_open=ignore_open)
    at.refuse_if_missing()
    with at.locked(waiting):
        # Before anything is read and checked: whoever has it open may keep it so for hours.
        at.refuse_if_open()
        session = Session(at, today, known_is_enough=True)
        with closing(session), Book(session, user, command) as book:
            yield book

"""One question to many workbooks: which files are meant, and the answer of each, also where another cannot be read.

Any executor of `concurrent.futures` (PEP 3148) may have the work done: threads, processes, loky, a Dask cluster's.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from refundbook.base.clock import Today
from refundbook.base.debug import debug
from refundbook.base.errors import MissingWorkbook, RefundbookError, UnreadableWorkbook, UsageError
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.names import HOME
from refundbook.base.text import quoted
from refundbook.book.naming import name_of
from refundbook.book.opening import PathLike, load
from refundbook.system.forked import without_copies
from refundbook.system.nofollow import real_path
from refundbook.system.owner_file import opened_by

if TYPE_CHECKING:
    from refundbook.book.book import Book

Result = TypeVar("Result")


class Found(NamedTuple):
    """The files that are meant, each once, and those that are no workbooks of their own: owner files, backups."""

    paths: tuple[Path, ...]
    passed_over: tuple[Path, ...] = ()


def find_books(given: PathLike | Iterable[PathLike]) -> Found:
    """The workbooks that paths and patterns (`shops/*.xlsx`, `**/*.xlsx`) name, those of a pattern in the order of
    their names. A path that exists is never a pattern; `~` is the home folder.

    Raises MissingWorkbook for a pattern that fits nothing, UsageError where none is given.
    """
    several = [given] if isinstance(given, (str, os.PathLike)) else list(given)
    if not several:
        raise UsageError("Name at least one workbook, or a pattern such as shops/*.xlsx.")
    books: dict[Path, Path] = {}
    passed_over: dict[Path, None] = {}
    for path in (path for one in several for path in _meant(one)):
        if opened_by(path) is not None or HOME in path.parts[:-1]:
            passed_over[path] = None
        else:
            books.setdefault(real_path(path), path)
    return Found(tuple(books.values()), tuple(passed_over))


def _meant(given: PathLike) -> list[Path]:
    if isinstance(given, bytes):
        raise UsageError("A path is a text or a pathlib.Path, not bytes.")
    text = os.path.expanduser(given)  # noqa: PTH111  (Path's raises where there is no such user)
    if os.path.lexists(text) or not is_pattern(text):
        return [Path(text)]
    found = sorted(glob.glob(text, recursive=True))  # noqa: PTH207  (Path's takes no absolute pattern)
    if not found:
        raise MissingWorkbook(f"No file fits the pattern {quoted(text)}.")
    return list(map(Path, found))


def is_pattern(text: str) -> bool:
    """Whether a text is a pattern and names no file that exists."""
    return glob.has_magic(text) and not os.path.lexists(text)


def answers(
    paths: Sequence[Path],
    work: Callable[[Book], Result],
    *,
    executor: Executor | None = None,
    today: Today = None,
    strict: bool = False,
) -> Iterator[tuple[str, Result | RefundbookError]]:
    """Each workbook's name and what `work` gives for it, or the error that it failed with, in the order of the paths.

    `work` and what it gives must be such as can be pickled; it is called with the loaded Book, in the executor where
    there is one. All are looked at as of one moment.
    """
    ask = partial(_answer, work=work, today=datetime.now(UTC) if today is None else today, strict=strict)
    names = [name_of(path) for path in paths]
    whole = [os.path.abspath(path) for path in paths]  # noqa: PTH100  (who works elsewhere is in another folder)
    if executor is None:
        yield from ((name, ask(path)) for name, path in zip(names, whole, strict=True))
        return
    pending = [
        (name, path, _submitted(executor, partial(_answer_alone, ask), path))
        for name, path in zip(names, whole, strict=True)
    ]
    pending.reverse()
    try:
        while pending:
            name, path, future = pending.pop()  # so that nothing of it is kept here once it was handed on
            yield name, _result(path, future)
    finally:
        for _, _, future in pending:
            future.cancel()


def _submitted(executor: Executor, ask: Callable[[str], Result], path: str) -> Future[Result]:
    try:
        return executor.submit(ask, path)
    except BrokenExecutor as error:  # by a workbook before this one
        lost: Future[Result] = Future()
        lost.set_exception(error)
        return lost


def _result(path: str, future: Future[Result | RefundbookError]) -> Result | RefundbookError:
    try:
        return future.result()
    except BrokenExecutor:
        return UnreadableWorkbook(
            f"{path} was not read: a process that reads workbooks ended before its time, perhaps for want of memory. "
            "Run it again with fewer processes."
        )
    except Exception as error:
        return _unforeseen(path, error)


def _answer_alone(ask: Callable[[str], Result], path: str) -> Result:
    """In a worker, which has one processor of its own."""
    with without_copies():
        return ask(path)


def _answer(path: str, *, work: Callable[[Book], Result], today: Today, strict: bool) -> Result | RefundbookError:
    """An error is given like an answer, so that no executor has a hand in it."""
    try:
        return work(load(path, strict=strict, today=today))
    except RefundbookError as error:
        return error
    except Exception as error:
        debug("%s: %r", path, error)
        return _unforeseen(path, error)


def _unforeseen(path: str, error: Exception) -> UnreadableWorkbook:
    return UnreadableWorkbook(
        f"{path} was not read: something went wrong inside refundbook ({type(error).__name__}: {error}). "
        "Please report it, with the workbook's layout."
    )

"""The journal of a workbook: `.refundbook/<name>.journal.jsonl` beside it, a line for each command and for what was
changed by hand (docs/history.md).

Lines are only ever put behind the last one. What a killed command left of one, without its line break, is cut off by
the next: the workbook was not touched by it yet.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from refundbook.base import names
from refundbook.base.debug import debug
from refundbook.base.named_tuple import NamedTuple
from refundbook.record.history.chain import (
    NOTHING_BEFORE,
    BadLine,
    Change,
    Head,
    Line,
    NewRow,
    head_of,
    read_line,
    write_line,
)
from refundbook.storage.workbook_file import WorkbookFile
from refundbook.system.attributes import copy_attributes
from refundbook.system.nofollow import open_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO


_END = 1 << 16
"""Bytes at the end of the file that are looked at first: the head of a line takes a few hundred."""
_IS_OTHER = r"(?s)\.journal.*\.jsonl$"
LONGEST = 1 << 30
"""Bytes of a line."""


class BadJournal(Exception):
    """A line that is not as it was written: its number, as counted in the file, and what is wrong, as the rest of a
    sentence.
    """

    def __init__(self, number: int, why: str) -> None:
        super().__init__(number, why)
        self.number = number
        self.why = why

    def __str__(self) -> str:
        return f"Line {self.number} {self.why}"


class _End(NamedTuple):
    """The last whole line, and where it ends in the file."""

    head: Head | None
    size: int


class Journal:
    """The journal of the workbook at `at`. Its methods raise OSError; those that write ask for the workbook's lock."""

    def __init__(self, at: WorkbookFile, name: str = "") -> None:
        self._at = at
        self.file = at.home / (name or f"{at.path.name}{names.JOURNAL}")

    def names_beside(self) -> list[str]:
        """The names of journals in its folder that are called after no workbook."""
        with suppress(OSError):
            found = os.listdir(self.file.parent)  # noqa: PTH208  (only names are needed)
            return sorted(name for name in found if re.search(_IS_OTHER, name) and not name.endswith(names.JOURNAL))
        return []

    def beside(self, name: str) -> Journal:
        """One of those."""
        return Journal(self._at, name)

    def head(self) -> Head | None:
        """The head of the last line; None where there is no journal. Raises BadJournal."""
        try:
            with os.fdopen(open_file(self.file), "rb") as file:
                return _end_of(file).head
        except (FileNotFoundError, NotADirectoryError):
            return None

    def lines(self) -> Iterator[Line]:
        """Every line. What a killed command left of one at the end is passed over. Raises BadJournal at the first that
        is not as it was written, or does not follow from the one before.
        """
        before = NOTHING_BEFORE
        for number, raw in enumerate(self.raw_lines(), 1):
            if not raw.endswith(b"\n"):
                return
            try:
                line = read_line(raw[:-1])
            except BadLine as error:
                raise BadJournal(number, str(error)) from error
            if (line.header["previous"], line.header["line"]) != (before, number):
                raise BadJournal(number, "does not follow from the line before")
            before = line.hash
            yield line

    def lines_back(self) -> Iterator[Line]:
        """Every line, the newest first, read as far as it is asked for. What a killed command left of one at the end is
        passed over. Raises BadJournal at the first that is not as it was written, or that the one after it does not
        follow from.
        """
        after: Line | None = None
        with suppress(FileNotFoundError, NotADirectoryError), os.fdopen(open_file(self.file), "rb") as file:
            for raw in _raw_lines_back(file):
                number = 0 if after is None else after.number - 1
                try:
                    line = read_line(raw[:-1])
                except BadLine as error:
                    raise BadJournal(number, str(error)) from error
                if after is not None and (after.header["previous"], number) != (line.hash, line.number):
                    raise BadJournal(number + 1, "does not follow from the line before")
                after = line
                yield line
        if after is not None and (after.header["previous"], after.number) != (NOTHING_BEFORE, 1):
            raise BadJournal(1, "does not follow from the line before")

    def raw_lines(self) -> Iterator[bytes]:
        """Every line as it stands in the file; nothing where there is no journal."""
        with suppress(FileNotFoundError, NotADirectoryError), os.fdopen(open_file(self.file), "rb") as file:
            yield from iter(lambda: file.readline(LONGEST), b"")

    def begin(self) -> None:
        """Make an empty journal where there is none."""
        self._at.make_home()
        descriptor = open_file(self.file, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            copy_attributes(self._at.path, descriptor, self.file)
        finally:
            os.close(descriptor)

    def add(self, about: Mapping[str, Any], changes: Iterable[Change | NewRow] = ()) -> Head:
        """Put a line behind the last one, down to the disk. `about` is its header but for what makes the chain. Raises
        BadJournal where the last line cannot be read.
        """
        with os.fdopen(open_file(self.file, os.O_RDWR), "r+b") as file:
            last, size = _end_of(file)
            number, previous = (1, NOTHING_BEFORE) if last is None else (int(last.header["line"]) + 1, last.hash)
            try:
                file.truncate(size)
                file.seek(size)
                head = write_line(file.write, {**about, "line": number, "previous": previous}, changes)
                length = file.tell() - size
                file.flush()
                os.fsync(file.fileno())
            except BaseException:
                with suppress(OSError):
                    os.ftruncate(file.fileno(), size)
                raise
        debug("wrote line %d of the history %s: %d bytes", number, self.file, length)
        return head


def _raw_lines_back(file: BinaryIO) -> Iterator[bytes]:
    """Every line with its line break, the last first."""
    at, wanted, data, is_cut = file.seek(0, os.SEEK_END), _END, b"", False
    while data or at:
        begin = data.rfind(b"\n", 0, -1) + 1
        if at and not begin:
            size = min(wanted, at)
            at, wanted = at - size, 2 * wanted
            file.seek(at)
            data = file.read(size) + data
            if not is_cut:
                is_cut = b"\n" in data
                data = data[: data.rfind(b"\n") + 1] if is_cut or not at else data
            continue
        yield data[begin:]
        data = data[:begin]


def _end_of(file: BinaryIO) -> _End:
    """Raises BadJournal."""
    whole = file.seek(0, os.SEEK_END)
    wanted = min(_END, whole)
    while True:
        file.seek(whole - wanted)
        data = file.read(wanted)
        end = data.rfind(b"\n")
        if end >= 0:
            begin = data.rfind(b"\n", 0, end) + 1
            is_whole = begin > 0 or wanted == whole
            head = _head(data[begin:end], is_whole=is_whole)
            if head is not None:
                return _End(head, whole - wanted + end + 1)
        elif wanted == whole:
            return _End(None, 0)
        wanted = min(2 * wanted, whole)


def _head(end: bytes, *, is_whole: bool) -> Head | None:
    """The head by the end of a line; None where more of it is needed. Raises BadJournal."""
    try:
        head = head_of(end)
    except BadLine as error:
        raise BadJournal(0, str(error)) from error
    if head is None and is_whole:
        raise BadJournal(0, "is no line of a history")
    return head

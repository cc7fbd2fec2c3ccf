"""Bytes that are too many to hold: a file read where it is asked for, and runs of it that are copied piece by piece."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate
from pathlib import Path

from refundbook.system.bounds import MAX_WORKBOOK
from refundbook.system.nofollow import open_file, read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol


_CHUNK = 1 << 20


if TYPE_CHECKING:

    class Source(Protocol):
        """Bytes by slice: `bytes`, or a `FileSource`."""

        def __len__(self) -> int: ...

        def __getitem__(self, at: slice, /) -> bytes: ...


_CAN_STAY_OPEN = os.name != "nt"
"""Windows puts no file in the place of one that is open."""


def opened(path: Path) -> FileSource | bytes:
    """The bytes of a file that may be replaced while they are in use, not in memory where the system allows it. Raises
    OSError.
    """
    return FileSource(path) if _CAN_STAY_OPEN else read_file(path, MAX_WORKBOOK)


class FileSource:
    """The bytes of a file that stays open until `close`, or until nobody needs it. Raises OSError where it cannot be
    read.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = open_file(path)
        self._size = os.fstat(self._descriptor).st_size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, at: slice, /) -> bytes:
        start, stop, _ = at.indices(self._size)
        os.lseek(self._descriptor, start, os.SEEK_SET)
        found = os.read(self._descriptor, max(0, stop - start))
        while start + len(found) < stop and (more := os.read(self._descriptor, stop - start - len(found))):
            found += more
        return found

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __del__(self) -> None:
        if hasattr(self, "_descriptor"):
            self.close()


def close(source: Source) -> None:
    """Let go of the files that bytes are read from, if they are."""
    if isinstance(source, (FileSource, Joined)):
        source.close()


class Span:
    """The bytes of `source` from `start` to `end`."""

    __slots__ = ("end", "source", "start")

    def __init__(self, source: Source, start: int, end: int) -> None:
        self.source, self.start, self.end = source, start, end

    def __len__(self) -> int:
        return self.end - self.start

    def chunks(self, size: int = _CHUNK) -> Iterator[bytes]:
        """The bytes, in pieces of at most `size`."""
        for at in range(self.start, self.end, size):
            yield self.source[at : min(at + size, self.end)]


class Joined:
    """The bytes that pieces make one after the other."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self._pieces = list(pieces)
        self._ends = list(accumulate(len(piece) for piece in self._pieces))

    @property
    def is_layered(self) -> bool:
        """Whether there are pieces of pieces among them."""
        return any(isinstance(piece, Span) and isinstance(piece.source, Joined) for piece in self._pieces)

    def close(self) -> None:
        """Let go of the files that the pieces are of."""
        sources = {id(piece.source): piece.source for piece in self._pieces if isinstance(piece, Span)}
        for source in sources.values():
            close(source)

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __getitem__(self, at: slice, /) -> bytes:
        start, stop, _ = at.indices(len(self))
        found = []
        while start < stop:
            n = bisect_right(self._ends, start)
            piece, begin = self._pieces[n], self._ends[n - 1] if n else 0
            end = min(stop, self._ends[n])
            found.append(_part(piece, start - begin, end - begin))
            start = end
        return b"".join(found)


def _part(piece: Piece, start: int, stop: int) -> bytes:
    return piece.source[piece.start + start : piece.start + stop] if isinstance(piece, Span) else piece[start:stop]


Piece = bytes | Span
Content = bytes | Iterable[Piece]
"""What a file is to hold: bytes, or pieces one after the other."""


def chunks(content: Content) -> Iterator[bytes]:
    """`content` in pieces that are small enough to hold."""
    if isinstance(content, bytes):
        yield content
        return
    for piece in content:
        if isinstance(piece, Span):
            yield from piece.chunks()
        else:
            yield piece

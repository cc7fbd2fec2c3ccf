"""Bytes that are too many to hold: a file read where it is asked for, and runs of it that are copied piece by piece."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

_CHUNK = 1 << 20


class Source(Protocol):
    """Bytes by slice: `bytes`, or a `FileSource`."""

    def __len__(self) -> int: ...

    def __getitem__(self, at: slice, /) -> bytes: ...


class FileSource:
    """The bytes of a file that stays open. Raises OSError where it cannot be read."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._size = self._file.seek(0, 2)

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, at: slice, /) -> bytes:
        start, stop, _ = at.indices(self._size)
        self._file.seek(start)
        return self._file.read(max(0, stop - start))

    def close(self) -> None:
        self._file.close()


class Span:
    """The bytes of `source` from `start` to `end`."""

    __slots__ = ("end", "source", "start")

    def __init__(self, source: Source, start: int, end: int) -> None:
        self.source, self.start, self.end = source, start, end

    def __len__(self) -> int:
        return self.end - self.start

    def chunks(self) -> Iterator[bytes]:
        """The bytes, a piece at a time."""
        for at in range(self.start, self.end, _CHUNK):
            yield self.source[at : min(at + _CHUNK, self.end)]


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

"""How much is read of a file: all of it, or nothing where it is more than is said. A device never ends, and a file may
hold more than there is memory.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO


MAX_WORKBOOK = 1 << 30
"""Bytes of a workbook."""

_CHUNK = 1 << 20


class TooLarge(OSError):
    """There is more than may be read. The message is the rest of a sentence that begins with the file's name."""


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"it is larger than {most:,} bytes")


def read_stream(stream: BinaryIO, most: int, expected: int = 0) -> bytes:
    """All that a stream gives, which may be as much as `expected`. Raises TooLarge as soon as that is more than `most`
    bytes; OSError.
    """
    if expected > most:
        raise _too_large(most)
    pieces = []
    left, step = most, max(expected, _CHUNK)
    while piece := stream.read(min(step, left) + 1):
        left -= len(piece)
        if left < 0:
            raise _too_large(most)
        pieces.append(piece)
    return b"".join(pieces)

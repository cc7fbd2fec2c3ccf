"""Deflate (RFC 1951) in segments: streams made one after the other that are one stream when they are joined, and their
check sum.

Each segment but the last ends with an empty stored block, so at a whole byte, and no segment refers to what stands
before it. So one can be taken out, or put between two others, without a look at the rest.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from functools import cache

from refundbook.base.errors import DamagedWorkbook
from refundbook.base.text import quoted
from refundbook.system.pieces import Span

try:
    # Ten times as fast as zlib at a size that zlib reaches with its level 1, and twice as fast to inflate.
    from isal import isal_zlib as fast
except ImportError:  # no wheel for this machine
    import zlib as fast  # type: ignore[no-redef]  # the same functions under the same name

_RAW = -15
_LEVEL = 6
_FAST_LEVEL = 1
_LARGE = 1 << 20
_PACKED_PIECE = 1 << 16
_POLYNOMIAL = 0xEDB88320

_DAMAGED: tuple[type[Exception], ...] = (zlib.error, getattr(fast, "error", zlib.error))

crc32 = fast.crc32


def deflated(content: bytes) -> bytes:
    """A whole stream; a large content is deflated faster, and comes out larger by a third."""
    return segment([content], is_last=True) if len(content) >= _LARGE else _small(content, zlib.Z_FINISH)


def small_segment(content: bytes, *, is_last: bool) -> bytes:
    """A segment of a few thousand bytes, deflated well."""
    return _small(content, zlib.Z_FINISH if is_last else zlib.Z_FULL_FLUSH)


def _small(content: bytes, flush: int) -> bytes:
    deflater = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW)
    return deflater.compress(content) + deflater.flush(flush)


def segment(chunks: Iterable[bytes], *, is_last: bool) -> bytes:
    """A segment of any size, deflated fast."""
    deflater = fast.compressobj(_FAST_LEVEL, fast.DEFLATED, _RAW)
    pieces = [deflater.compress(chunk) for chunk in chunks]
    return b"".join((*pieces, deflater.flush(fast.Z_FINISH if is_last else fast.Z_FULL_FLUSH)))


def ends_segment(packed: bytes) -> bool:
    """Whether these bytes, four at least, may be the end of a segment that is not the last: that of an empty stored
    block (RFC 1951, 3.2.4).
    """
    return packed.endswith(b"\0\0\xff\xff")


def inflated(packed: bytes | memoryview, most: int, part: str) -> bytes:
    """Up to `most` bytes of a stream. Raises UnreadableWorkbook, naming `part`, where it is damaged."""
    try:
        return fast.decompressobj(_RAW).decompress(packed, most)
    except _DAMAGED as error:
        raise DamagedWorkbook(f"It is damaged: the part {quoted(part)} cannot be expanded.") from error


def inflated_chunks(packed: Span, size: int, part: str) -> Iterator[bytes]:
    """A stream, expanded in pieces of at most `size` bytes. Raises UnreadableWorkbook, naming `part`, where it is
    damaged; one that is cut short ends early.
    """
    inflater = fast.decompressobj(_RAW)
    try:
        for chunk in packed.chunks(_PACKED_PIECE):
            rest = chunk
            while rest and (piece := inflater.decompress(rest, size)):
                yield piece
                rest = inflater.unconsumed_tail
        while piece := inflater.decompress(inflater.unconsumed_tail, size):
            yield piece
    except _DAMAGED as error:
        raise DamagedWorkbook(f"It is damaged: the part {quoted(part)} cannot be expanded.") from error


def crc_of_both(first: int, second: int, size: int) -> int:
    """The CRC-32 of two runs of bytes from that of each, where the second one is `size` bytes long (as zlib's
    `crc32_combine`).
    """
    return _times(_power_of_x(8 * size), first) ^ second


def _times(a: int, b: int) -> int:
    """The product of two polynomials over GF(2), modulo that of the check sum; the highest bit is the lowest power."""
    product, bit = 0, 1 << 31
    while True:
        if a & bit:
            product ^= b
            if not a & (bit - 1):
                return product
        bit >>= 1
        if not bit:
            return product
        b = b >> 1 ^ _POLYNOMIAL if b & 1 else b >> 1


def _power_of_x(exponent: int) -> int:
    """x to this power, modulo the polynomial of the check sum."""
    power, bit = 1 << 31, 0
    while exponent >> bit:
        if exponent >> bit & 1:
            power = _times(_square(bit), power)
        bit += 1
    return power


@cache
def _square(times: int) -> int:
    """x, squared so many times."""
    if not times:
        return 1 << 30
    before = _square(times - 1)
    return _times(before, before)

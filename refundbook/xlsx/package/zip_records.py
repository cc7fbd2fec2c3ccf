"""The records of a zip archive (PKWARE APPNOTE 6.3): what a member's two headers and the end of the archive say, read
and written.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from refundbook.base.errors import DamagedWorkbook
from refundbook.base.named_tuple import NamedTuple

STORED, DEFLATED = 0, 8
ENCRYPTED, DESCRIPTOR, UTF8 = 0x1, 0x8, 0x800
ZIP64, UNICODE_PATH = 0x0001, 0x7075
FULL16 = 0xFFFF
FULL32 = 0xFFFFFFFF

LOCAL = struct.Struct("<4sHHHIIIIHH")
CENTRAL = struct.Struct("<4sHHHHIIIIHHHHHII")
END = struct.Struct("<4sHHHHIIH")
END64 = struct.Struct("<4sQHHIIQQQQ")
LOCATOR = struct.Struct("<4sIQI")


class Member(NamedTuple):
    """One member as the central directory describes it. `header` is where it begins in the archive, `start` where its
    (compressed) data do.
    """

    name: str
    raw_name: bytes
    made_by: int
    flags: int
    method: int
    time: int
    crc: int
    compressed_size: int
    size: int
    central_extra: bytes
    local_extra: bytes
    comment: bytes
    internal: int
    external: int
    header: int
    start: int


def widen(extra: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Put in the 64-bit numbers of the zip64 extra field where the 32-bit ones are full (APPNOTE 4.5.3)."""
    if FULL32 not in (size, packed, offset):
        return size, packed, offset
    wide = next((body for tag, body in extra_fields(extra) if tag == ZIP64), b"")
    numbers = iter(struct.unpack(f"<{len(wide) // 8}Q", wide[: len(wide) // 8 * 8]))
    try:
        return tuple(next(numbers) if n == FULL32 else n for n in (size, packed, offset))  # type: ignore[return-value]  # three, as went in
    except (StopIteration, RuntimeError) as error:
        raise DamagedWorkbook("It is damaged: the size of a part is missing.") from error


def extra_fields(extra: bytes) -> Iterable[tuple[int, bytes]]:
    """Tag and content of each extra field (APPNOTE 4.5)."""
    at = 0
    while at + 4 <= len(extra):
        tag, size = struct.unpack_from("<HH", extra, at)
        yield tag, extra[at + 4 : at + 4 + size]
        at += 4 + size


def without_zip64(extra: bytes) -> bytes:
    """The extra fields but for the 64-bit numbers, which are written anew where they are needed."""
    if not extra:
        return extra
    return b"".join(struct.pack("<HH", tag, len(body)) + body for tag, body in extra_fields(extra) if tag != ZIP64)


def local_header(member: Member) -> bytes:
    """What stands before a member's data."""
    wide = max(member.size, member.compressed_size) >= FULL32
    extra = member.local_extra
    if wide:
        extra = struct.pack("<HHQQ", ZIP64, 16, member.size, member.compressed_size) + extra
    sizes = (FULL32, FULL32) if wide else (member.compressed_size, member.size)
    flags = member.flags & ~DESCRIPTOR
    fixed = LOCAL.pack(
        b"PK\x03\x04",
        45 if wide else 20,
        flags,
        member.method,
        member.time,
        member.crc,
        *sizes,
        len(member.raw_name),
        len(extra),
    )
    return fixed + member.raw_name + extra


def central_entry(member: Member, offset: int) -> bytes:
    """What the central directory says of a member whose header stands at `offset`."""
    numbers = (member.size, member.compressed_size, offset)
    wide = [n for n in numbers if n >= FULL32]
    extra = member.central_extra
    if wide:
        extra = struct.pack(f"<HH{len(wide)}Q", ZIP64, 8 * len(wide), *wide) + extra
    size, packed, at = (min(n, FULL32) for n in numbers)
    flags = member.flags & ~DESCRIPTOR
    fixed = CENTRAL.pack(
        b"PK\x01\x02",
        member.made_by,
        45 if wide else 20,
        flags,
        member.method,
        member.time,
        member.crc,
        packed,
        size,
        len(member.raw_name),
        len(extra),
        len(member.comment),
        0,
        member.internal,
        member.external,
        at,
    )
    return fixed + member.raw_name + extra + member.comment


def end_records(count: int, size: int, offset: int, comment: bytes) -> bytes:
    """The end of an archive of `count` members, whose central directory of `size` bytes stands at `offset`."""
    wide = b""
    if count >= 0xFFFF or offset >= FULL32 or size >= FULL32:
        wide = END64.pack(b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, offset)
        wide += LOCATOR.pack(b"PK\x06\x07", 0, offset + size, 1)
    narrow = min(count, 0xFFFF)
    return (
        wide
        + END.pack(b"PK\x05\x06", 0, 0, narrow, narrow, min(size, FULL32), min(offset, FULL32), len(comment))
        + comment
    )

"""The zip archive that a workbook is (PKWARE APPNOTE 6.3): its members, read within bounds and copied as the raw bytes that they are.

An archive says much of it twice: a member's name in two headers, the place of its list by an offset and by where the list ends. Where two programs
go by different ones, one checks what the other does not read. So an archive that contradicts itself is refused, and so is one in which two
members could go by one name.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from refundbook.errors import UnreadableWorkbook

MAX_MEMBER = 512 << 20
"""No part may be larger than this when expanded, in bytes: about 800,000 rows of a log."""
MAX_TOTAL = 2 << 30
"""All parts together may not be larger than this when expanded, in bytes."""
MAX_RATIO = 300
"""No part of more than `RATIO_FREE` bytes may be this many times larger than its compressed form; a log of equal rows comes to about 80."""
RATIO_FREE = 16 << 20
MAX_MEMBERS = 20_000
"""No archive may have more parts than this."""

STORED, DEFLATED = 0, 8
_LEVEL = 6
_HEAD = 1_000
_ENCRYPTED, _DESCRIPTOR, _UTF8 = 0x1, 0x8, 0x800
_ZIP64, _UNICODE_PATH = 0x0001, 0x7075
_16 = 0xFFFF
_32 = 0xFFFFFFFF

_LOCAL = struct.Struct("<4sHHHIIIIHH")
_CENTRAL = struct.Struct("<4sHHHHIIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")
_END64 = struct.Struct("<4sQHHIIQQQQ")
_LOCATOR = struct.Struct("<4sIQI")


@dataclass(frozen=True, slots=True)
class Member:
    """One member as the central directory describes it. `header` is where it begins in the archive, `start` where its (compressed) data do."""

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


class Archive:
    """A zip archive in memory. Raises UnreadableWorkbook where it is damaged, encrypted, or beyond the bounds of this module."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.comment = b""
        self.members: dict[str, Member] = {}
        try:
            self._read_directory()
        except (struct.error, IndexError, UnicodeDecodeError) as error:
            raise UnreadableWorkbook(f"It is damaged: its list of parts cannot be read ({error}).") from error
        self._refuse_hostile()

    def _read_directory(self) -> None:
        count, size, offset = self._end_of_directory()
        self._directory = offset
        if count > MAX_MEMBERS:
            raise UnreadableWorkbook(f"It has {count:,} parts; no more than {MAX_MEMBERS:,} are read.")
        at = offset
        names: set[str] = set()
        for _ in range(count):
            member, at = self._read_entry(at)
            key = part_key(member.name)
            if key in names:
                raise UnreadableWorkbook(f"It is damaged: it holds the part {member.name!r} twice.")
            names.add(key)
            self.members[member.name] = member
        if at != offset + size:
            raise UnreadableWorkbook("It is damaged: its list of parts is not as long as it says.")

    def _end_of_directory(self) -> tuple[int, int, int]:
        """How many members there are, and size and offset of their list, which ends where the end records begin."""
        at = self._end_record()
        _, disk, first_disk, here, count, size, offset, comment_size = _END.unpack_from(self.data, at)
        self.comment = self.data[at + _END.size : at + _END.size + comment_size]
        locator = at - _LOCATOR.size
        if locator >= 0 and self.data[locator : locator + 4] == b"PK\x06\x07":
            _, disk, at, _ = _LOCATOR.unpack_from(self.data, locator)
            signature, _, _, _, _, first_disk, here, count, size, offset = _END64.unpack_from(self.data, at)
            if signature != b"PK\x06\x06":
                raise UnreadableWorkbook("It is damaged: its list of parts cannot be found.")
        if disk or first_disk or here != count or offset + size != at:
            raise UnreadableWorkbook("It is damaged: its list of parts is not where it says.")
        return count, size, offset

    def _end_record(self) -> int:
        """Where the end record stands: the last one whose comment ends with the file."""
        at = len(self.data) - _END.size + 1
        while (at := self.data.rfind(b"PK\x05\x06", max(0, len(self.data) - _END.size - _16), at + 3)) >= 0:
            if at + _END.size <= len(self.data) and at + _END.size + self._comment_size(at) == len(self.data):
                return at
        raise UnreadableWorkbook("It is cut short or damaged: the end of the file is not where it belongs.")

    def _comment_size(self, end: int) -> int:
        return int.from_bytes(self.data[end + _END.size - 2 : end + _END.size], "little")

    def _read_entry(self, at: int) -> tuple[Member, int]:
        (
            signature,
            made_by,
            _,
            flags,
            method,
            time,
            crc,
            packed,
            size,
            name_size,
            extra_size,
            comment_size,
            _,
            internal,
            external,
            offset,
        ) = _CENTRAL.unpack_from(self.data, at)
        if signature != b"PK\x01\x02":
            raise UnreadableWorkbook("It is damaged: its list of parts cannot be read.")
        name_at = at + _CENTRAL.size
        extra_at = name_at + name_size
        comment_at = extra_at + extra_size
        raw_name = self.data[name_at:extra_at]
        extra = self.data[extra_at:comment_at]
        size, packed, offset = _widen(extra, size, packed, offset)
        start, local_extra = self._data_start(offset, raw_name)
        member = Member(
            raw_name.decode("utf-8" if flags & _UTF8 else "cp437"),
            raw_name,
            made_by,
            flags,
            method,
            time,
            crc,
            packed,
            size,
            _without_zip64(extra),
            _without_zip64(local_extra),
            self.data[comment_at : comment_at + comment_size],
            internal,
            external,
            offset,
            start,
        )
        return member, comment_at + comment_size

    def _data_start(self, offset: int, raw_name: bytes) -> tuple[int, bytes]:
        signature, *_, name_size, extra_size = _LOCAL.unpack_from(self.data, offset)
        name_at = offset + _LOCAL.size
        extra_at = name_at + name_size
        if signature != b"PK\x03\x04" or self.data[name_at:extra_at] != raw_name:
            raise UnreadableWorkbook("It is damaged: a part is not where the list of parts says.")
        return extra_at + extra_size, self.data[extra_at : extra_at + extra_size]

    def _refuse_hostile(self) -> None:
        total = 0
        previous_end = 0
        for member in sorted(self.members.values(), key=lambda m: m.header):
            total += member.size
            end = member.start + member.compressed_size
            if member.header < previous_end or end > self._directory:
                raise UnreadableWorkbook(
                    f"It is damaged: the part {member.name!r} overlaps another or the list of parts."
                )
            previous_end = end
            _refuse_member(member)
        if total > MAX_TOTAL:
            raise UnreadableWorkbook(f"Its parts expand to {total:,} bytes; no more than {MAX_TOTAL:,} are read.")

    def read(self, name: str) -> bytes:
        """The expanded bytes of a member. Raises KeyError where there is none, UnreadableWorkbook where its data are damaged."""
        member = self.members[name]
        packed = self.raw(name)
        content = bytes(packed) if member.method == STORED else _inflated(packed, member.size + 1, name)
        if len(content) != member.size or zlib.crc32(content) != member.crc:
            raise UnreadableWorkbook(f"It is damaged: the part {name!r} fails its check sum.")
        return content

    def head(self, name: str) -> bytes:
        """The first expanded bytes of a member, unchecked: enough to tell what it is. Raises as `read` does."""
        packed = self.raw(name)
        return bytes(packed[:_HEAD]) if self.members[name].method == STORED else _inflated(packed, _HEAD, name)

    def raw(self, name: str) -> memoryview:
        """A member's data as they stand in the archive."""
        member = self.members[name]
        return memoryview(self.data)[member.start : member.start + member.compressed_size]

    def rebuilt(self, changes: Mapping[str, bytes | None]) -> bytes:
        """The archive with `changes` put in: member name to expanded bytes, or None to leave a member out. All others are copied as raw bytes."""
        return _assembled(self._new_members(changes), self.comment)

    def extract(self, copies: Mapping[str, str], made: Mapping[str, bytes]) -> bytes:
        """An archive of its own: `copies` maps a name to the member here whose raw bytes it gets, `made` a name to its content. Names are ASCII."""
        pieces = [(_renamed(self.members[old], new), self.raw(old)) for new, old in copies.items()]
        blank = next(iter(self.members.values()))
        return _assembled([*pieces, *(_packed(_renamed(blank, new), content) for new, content in made.items())], b"")

    def _new_members(self, changes: Mapping[str, bytes | None]) -> Iterable[tuple[Member, bytes | memoryview]]:
        for name, member in self.members.items():
            if name not in changes:
                yield member, self.raw(name)
                continue
            content = changes[name]
            if content is not None:
                yield _packed(member, content)


def _inflated(packed: memoryview, most: int, name: str) -> bytes:
    try:
        return zlib.decompressobj(-15).decompress(packed, most)
    except zlib.error as error:
        raise UnreadableWorkbook(f"It is damaged: the part {name!r} cannot be expanded.") from error


def _assembled(members: Iterable[tuple[Member, bytes | memoryview]], comment: bytes) -> bytes:
    pieces: list[bytes | memoryview] = []
    directory: list[bytes] = []
    offset = 0
    for member, data in members:
        header = _local_header(member)
        directory.append(_central_entry(member, offset))
        pieces += (header, data)
        offset += len(header) + len(data)
    entries = b"".join(directory)
    end = _end_records(len(directory), len(entries), offset, comment)
    return b"".join((*pieces, entries, end))


def _renamed(member: Member, name: str) -> Member:
    return replace(member, name=name, raw_name=name.encode("ascii"), central_extra=b"", local_extra=b"", comment=b"")


def _widen(extra: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Put in the 64-bit numbers of the zip64 extra field where the 32-bit ones are full (APPNOTE 4.5.3)."""
    if _32 not in (size, packed, offset):
        return size, packed, offset
    wide = next((body for tag, body in _extra_fields(extra) if tag == _ZIP64), b"")
    numbers = iter(struct.unpack(f"<{len(wide) // 8}Q", wide[: len(wide) // 8 * 8]))
    try:
        return tuple(next(numbers) if n == _32 else n for n in (size, packed, offset))  # type: ignore[return-value]
    except (StopIteration, RuntimeError) as error:
        raise UnreadableWorkbook("It is damaged: the size of a part is missing.") from error


def _extra_fields(extra: bytes) -> Iterable[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(extra):
        tag, size = struct.unpack_from("<HH", extra, at)
        yield tag, extra[at + 4 : at + 4 + size]
        at += 4 + size


def _without_zip64(extra: bytes) -> bytes:
    if not extra:
        return extra
    return b"".join(struct.pack("<HH", tag, len(body)) + body for tag, body in _extra_fields(extra) if tag != _ZIP64)


def _refuse_member(member: Member) -> None:
    name = member.name
    if member.flags & _ENCRYPTED:
        raise UnreadableWorkbook(f"The part {name!r} is encrypted: save the workbook without a password.")
    if member.method not in (STORED, DEFLATED):
        raise UnreadableWorkbook(
            f"The part {name!r} is compressed in a way that workbooks do not use (method {member.method})."
        )
    if not _is_part_name(name) or any(tag == _UNICODE_PATH for tag, _ in _extra_fields(member.central_extra)):
        raise UnreadableWorkbook(f"The part name {name!r} is not one that a workbook can have.")
    if member.size > MAX_MEMBER:
        raise UnreadableWorkbook(
            f"The part {name!r} expands to {member.size:,} bytes; no more than {MAX_MEMBER:,} are read."
        )
    if member.size > RATIO_FREE and member.size > MAX_RATIO * member.compressed_size:
        raise UnreadableWorkbook(f"The part {name!r} expands more than {MAX_RATIO}-fold, as only made-up files do.")


def part_key(name: str) -> str:
    """What tells one member from another: names are compared without regard to upper and lower case (ECMA-376 Part 2, 6.2.2.3), and some writers put `\\` for `/`."""
    return name.replace("\\", "/").lstrip("/").lower()


def _is_part_name(name: str) -> bool:
    """Whether a name stays within the archive wherever it is unpacked, and says the same to every program. A leading `/` is left to sloppy writers."""
    segments = part_key(name).split("/")
    return name.isprintable() and ".." not in segments and "." not in segments and ":" not in name


def _packed(member: Member, content: bytes) -> tuple[Member, bytes]:
    deflater = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15)
    data = deflater.compress(content) + deflater.flush()
    made = replace(
        member,
        flags=member.flags & _UTF8,
        method=DEFLATED,
        crc=zlib.crc32(content),
        compressed_size=len(data),
        size=len(content),
    )
    return made, data


def _local_header(member: Member) -> bytes:
    wide = max(member.size, member.compressed_size) >= _32
    extra = member.local_extra
    if wide:
        extra = struct.pack("<HHQQ", _ZIP64, 16, member.size, member.compressed_size) + extra
    sizes = (_32, _32) if wide else (member.compressed_size, member.size)
    flags = member.flags & ~_DESCRIPTOR
    fixed = _LOCAL.pack(
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


def _central_entry(member: Member, offset: int) -> bytes:
    numbers = (member.size, member.compressed_size, offset)
    wide = [n for n in numbers if n >= _32]
    extra = member.central_extra
    if wide:
        extra = struct.pack(f"<HH{len(wide)}Q", _ZIP64, 8 * len(wide), *wide) + extra
    size, packed, at = (min(n, _32) for n in numbers)
    flags = member.flags & ~_DESCRIPTOR
    fixed = _CENTRAL.pack(
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


def _end_records(count: int, size: int, offset: int, comment: bytes) -> bytes:
    wide = b""
    if count >= 0xFFFF or offset >= _32 or size >= _32:
        wide = _END64.pack(b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, offset)
        wide += _LOCATOR.pack(b"PK\x06\x07", 0, offset + size, 1)
    narrow = min(count, 0xFFFF)
    return (
        wide + _END.pack(b"PK\x05\x06", 0, 0, narrow, narrow, min(size, _32), min(offset, _32), len(comment)) + comment
    )

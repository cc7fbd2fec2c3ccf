"""The zip archive that a workbook is (PKWARE APPNOTE 6.3): its members, read within bounds and copied as the raw bytes
that they are.

An archive says much of it twice: a member's name in two headers, the place of its list by an offset and by where the
list ends. Where two programs go by different ones, one checks what the other does not read. So an archive that
contradicts itself is refused, and so is one in which two members could go by one name.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from types import MappingProxyType

from refundbook.base.errors import DamagedWorkbook, UnreadableWorkbook
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.text import quoted
from refundbook.system.pieces import Piece, Span, chunks
from refundbook.xlsx.package import deflate
from refundbook.xlsx.package.zip_records import (
    CENTRAL,
    DEFLATED,
    ENCRYPTED,
    END,
    END64,
    FULL16,
    LOCAL,
    LOCATOR,
    STORED,
    UNICODE_PATH,
    UTF8,
    Member,
    central_entry,
    end_records,
    extra_fields,
    local_header,
    widen,
    without_zip64,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.system.pieces import Source


class Limits(NamedTuple):
    """What is read of an archive, sizes in bytes when expanded.

    No part may be larger than `member` (about 800,000 rows of a log), nor all together larger than `total`; no part of
    more than `ratio_free` bytes may be `ratio` times larger than its compressed form (a log of equal rows comes to
    about 80), and there may be `members` parts. What is made for a reader in this process is not compressed up to
    `stored` bytes: that takes longer than all else, but for the memory.
    """

    member: int = 512 << 20
    total: int = 2 << 30
    ratio: int = 300
    ratio_free: int = 16 << 20
    members: int = 20_000
    stored: int = 8 << 20


LIMITS = Limits()
_HEAD = 1_000
_PIECE = 1 << 20


class Packed(NamedTuple):
    """A member's new content, deflated already: the pieces of its data, the check sum of what they expand to, and its
    size in bytes.
    """

    pieces: tuple[Piece, ...]
    crc: int
    size: int


class Archive:
    """A zip archive. Raises UnreadableWorkbook where it is damaged, encrypted, or beyond its limits."""

    def __init__(self, data: Source, limits: Limits = LIMITS) -> None:
        self.data = data
        self._limits = limits
        self.comment = b""
        self.members: dict[str, Member] = {}
        try:
            self._read_directory()
        except (struct.error, IndexError, UnicodeDecodeError) as error:
            raise DamagedWorkbook(f"It is damaged: its list of parts cannot be read ({error}).") from error
        self._refuse_hostile()

    def _read_directory(self) -> None:
        count, size, offset = self._end_of_directory()
        self._directory = offset
        if count > self._limits.members:
            raise UnreadableWorkbook(f"It has {count:,} parts; no more than {self._limits.members:,} are read.")
        directory = self.data[offset : offset + size]
        at = 0
        names: set[str] = set()
        for _ in range(count):
            member, at = self._read_entry(directory, at)
            key = part_key(member.name)
            if key in names:
                raise DamagedWorkbook(f"It is damaged: it holds the part {quoted(member.name)} twice.")
            names.add(key)
            self.members[member.name] = member
        if at != size:
            raise DamagedWorkbook("It is damaged: its list of parts is not as long as it says.")

    def _end_of_directory(self) -> tuple[int, int, int]:
        """How many members there are, and size and offset of their list, which ends where the end records begin."""
        at, record = self._end_record()
        _, disk, first_disk, here, count, size, offset, _ = END.unpack_from(record)
        self.comment = record[END.size :]
        locator = self.data[max(0, at - LOCATOR.size) : at]
        if locator.startswith(b"PK\x06\x07"):
            _, disk, at, _ = LOCATOR.unpack(locator)
            signature, _, _, _, _, first_disk, here, count, size, offset = END64.unpack(self.data[at : at + END64.size])
            if signature != b"PK\x06\x06":
                raise DamagedWorkbook("It is damaged: its list of parts cannot be found.")
        if disk or first_disk or here != count or offset + size != at:
            raise DamagedWorkbook("It is damaged: its list of parts is not where it says.")
        return count, size, offset

    def _end_record(self) -> tuple[int, bytes]:
        """The end record with its comment, and where it stands: the last one whose comment ends with the file."""
        begin = max(0, len(self.data) - END.size - FULL16)
        end = self.data[begin : len(self.data)]
        at = len(end) - END.size + 1
        while (at := end.rfind(b"PK\x05\x06", 0, at + 3)) >= 0:
            comment_size = int.from_bytes(end[at + END.size - 2 : at + END.size], "little")
            if at + END.size <= len(end) and at + END.size + comment_size == len(end):
                return begin + at, end[at:]
        raise DamagedWorkbook("It is cut short or damaged: the end of the file is not where it belongs.")

    def _read_entry(self, directory: bytes, at: int) -> tuple[Member, int]:
        signature, made_by, _, flags, method, time, crc, packed, size, *sizes, _, internal, external, offset = (
            CENTRAL.unpack_from(directory, at)
        )
        name_size, extra_size, comment_size = sizes
        if signature != b"PK\x01\x02":
            raise DamagedWorkbook("It is damaged: its list of parts cannot be read.")
        name_at = at + CENTRAL.size
        extra_at = name_at + name_size
        comment_at = extra_at + extra_size
        raw_name = directory[name_at:extra_at]
        extra = directory[extra_at:comment_at]
        size, packed, offset = widen(extra, size, packed, offset)
        start, local_extra = self._data_start(offset, raw_name)
        member = Member(
            raw_name.decode("utf-8" if flags & UTF8 or raw_name.isascii() else "cp437"),
            raw_name,
            made_by,
            flags,
            method,
            time,
            crc,
            packed,
            size,
            without_zip64(extra),
            without_zip64(local_extra),
            directory[comment_at : comment_at + comment_size],
            internal,
            external,
            offset,
            start,
        )
        return member, comment_at + comment_size

    def _data_start(self, offset: int, raw_name: bytes) -> tuple[int, bytes]:
        name_at = offset + LOCAL.size
        signature, *_, name_size, extra_size = LOCAL.unpack(self.data[offset:name_at])
        extra_at = name_at + name_size
        if signature != b"PK\x03\x04" or self.data[name_at:extra_at] != raw_name:
            raise DamagedWorkbook("It is damaged: a part is not where the list of parts says.")
        return extra_at + extra_size, self.data[extra_at : extra_at + extra_size]

    def _refuse_hostile(self) -> None:
        total = 0
        previous_end = 0
        for member in sorted(self.members.values(), key=lambda m: m.header):
            total += member.size
            end = member.start + member.compressed_size
            if member.header < previous_end or end > self._directory:
                raise DamagedWorkbook(
                    f"It is damaged: the part {quoted(member.name)} overlaps another or the list of parts."
                )
            previous_end = end
            _refuse_member(member, self._limits)
        if total > self._limits.total:
            raise UnreadableWorkbook(
                f"Its parts expand to {total:,} bytes; no more than {self._limits.total:,} are read."
            )

    def read(self, name: str) -> bytes:
        """The expanded bytes of a member. Raises KeyError where there is none, UnreadableWorkbook where its data are
        damaged.
        """
        member = self.members[name]
        packed = self.data[member.start : member.start + member.compressed_size]
        content = packed if member.method == STORED else deflate.inflated(packed, member.size + 1, name)
        if len(content) != member.size or deflate.crc32(content) != member.crc:
            raise DamagedWorkbook(f"It is damaged: the part {quoted(name)} fails its check sum.")
        return content

    def head(self, name: str) -> bytes:
        """The first expanded bytes of a member, unchecked: enough to tell what it is. Raises as `read` does."""
        member = self.members[name]
        packed = self.data[member.start : member.start + min(member.compressed_size, 4 * _HEAD)]
        return packed[:_HEAD] if member.method == STORED else deflate.inflated(packed, _HEAD, name)

    def span(self, name: str) -> Span:
        """A member's data as they stand in the archive."""
        member = self.members[name]
        return Span(self.data, member.start, member.start + member.compressed_size)

    def expanded(self, name: str, size: int = _PIECE) -> Iterator[bytes]:
        """What `read` gives, in pieces of at most `size` bytes, so that a large member is never in memory whole. Only
        at the end it is known to be sound.
        """
        member = self.members[name]
        crc = done = 0
        for piece in self._pieces_of(member, size):
            crc = deflate.crc32(piece, crc)
            done += len(piece)
            if done > member.size:
                break
            yield piece
        if done != member.size or crc != member.crc:
            raise DamagedWorkbook(f"It is damaged: the part {quoted(name)} fails its check sum.")

    def _pieces_of(self, member: Member, size: int) -> Iterator[bytes]:
        span = self.span(member.name)
        return span.chunks(size) if member.method == STORED else deflate.inflated_chunks(span, size, member.name)

    def pieces(
        self, changes: Mapping[str, bytes | Packed | None], added: Mapping[str, bytes] = MappingProxyType({})
    ) -> list[Piece]:
        """The archive with `changes` put in: member name to expanded bytes, or None to leave a member out. All others
        are copied as raw bytes. Those `added`, whose names are new and ASCII, come last.
        """
        blank = next(iter(self.members.values()))
        new = (_put_in(_renamed(blank, name), content) for name, content in added.items())
        return _assembled(chain(self._new_members(changes), new), self.comment)

    def extract(self, copies: Mapping[str, str], made: Mapping[str, bytes]) -> bytes:
        """An archive of its own, for a reader in this process: `copies` maps a name to the member here whose raw bytes
        it gets, `made` a name to its content, which is not compressed unless it is large. Names are ASCII.
        """
        members: list[tuple[Member, tuple[Piece, ...]]] = [
            (_renamed(self.members[old], new), (self.span(old),)) for new, old in copies.items()
        ]
        blank = next(iter(self.members.values()))
        members += (
            (_stored if len(content) <= self._limits.stored else _put_in)(_renamed(blank, new), content)
            for new, content in made.items()
        )
        return b"".join(chunks(_assembled(members, b"")))

    def _new_members(self, changes: Mapping[str, bytes | Packed | None]) -> Iterator[tuple[Member, tuple[Piece, ...]]]:
        for name, member in self.members.items():
            if name not in changes:
                yield member, (self.span(name),)
                continue
            content = changes[name]
            if content is not None:
                yield _put_in(member, content)


def _put_in(member: Member, content: bytes | Packed) -> tuple[Member, tuple[Piece, ...]]:
    """A member like `member` but for its content."""
    if isinstance(content, bytes):
        content = Packed((deflate.deflated(content),), deflate.crc32(content), len(content))
    packed_size = sum(len(piece) for piece in content.pieces)
    made = member._replace(
        flags=member.flags & UTF8,
        method=DEFLATED,
        crc=content.crc,
        compressed_size=packed_size,
        size=content.size,
    )
    return made, content.pieces


def _stored(member: Member, content: bytes) -> tuple[Member, tuple[Piece, ...]]:
    """A member like `member` but for its content, which is not compressed."""
    size = len(content)
    made = member._replace(
        flags=member.flags & UTF8, method=STORED, crc=deflate.crc32(content), compressed_size=size, size=size
    )
    return made, (content,)


def _assembled(members: Iterable[tuple[Member, tuple[Piece, ...]]], comment: bytes) -> list[Piece]:
    pieces: list[Piece] = []
    directory: list[bytes] = []
    offset = 0
    for member, data in members:
        header = local_header(member)
        directory.append(central_entry(member, offset))
        pieces += (header, *data)
        offset += len(header) + member.compressed_size
    entries = b"".join(directory)
    return [*pieces, entries, end_records(len(directory), len(entries), offset, comment)]


def _renamed(member: Member, name: str) -> Member:
    return member._replace(name=name, raw_name=name.encode("ascii"), central_extra=b"", local_extra=b"", comment=b"")


def _refuse_member(member: Member, limits: Limits) -> None:
    name = member.name
    if member.flags & ENCRYPTED:
        raise UnreadableWorkbook(f"The part {quoted(name)} is encrypted: save the workbook without a password.")
    if member.method not in (STORED, DEFLATED):
        raise UnreadableWorkbook(
            f"The part {quoted(name)} is compressed in a way that workbooks do not use (method {member.method})."
        )
    if not _is_part_name(name) or any(tag == UNICODE_PATH for tag, _ in extra_fields(member.central_extra)):
        raise UnreadableWorkbook(f"The part name {quoted(name)} is not one that a workbook can have.")
    if member.size > limits.member:
        raise UnreadableWorkbook(
            f"The part {quoted(name)} expands to {member.size:,} bytes; no more than {limits.member:,} are read."
        )
    if member.size > limits.ratio_free and member.size > limits.ratio * member.compressed_size:
        raise UnreadableWorkbook(
            f"The part {quoted(name)} expands more than {limits.ratio}-fold, as only made-up files do."
        )


def part_key(name: str) -> str:
    """What tells one member from another: names are compared without regard to upper and lower case (ECMA-376 Part 2,
    6.2.2.3), and some writers put `\\` for `/`.
    """
    return name.replace("\\", "/").lstrip("/").lower()


def _is_part_name(name: str) -> bool:
    """Whether a name stays within the archive wherever it is unpacked, and says the same to every program. A leading
    `/` is left to sloppy writers.
    """
    segments = part_key(name).split("/")
    return name.isprintable() and ".." not in segments and "." not in segments and ":" not in name

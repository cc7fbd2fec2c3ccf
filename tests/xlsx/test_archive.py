"""The zip archive: read within bounds, copied raw, rebuilt so that any reader accepts it."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundbook.base.errors import UnreadableWorkbook
from refundbook.xlsx.package.archive import LIMITS, Archive, Limits
from refundbook.xlsx.reading import limits, shared_strings
from tests.support.zips import rebuilt

if TYPE_CHECKING:
    from typing_extensions import Buffer

NAMES = st.text("abcdefgh/ü.", min_size=1, max_size=12).filter(
    lambda name: name[0] != "/" and not {".", ".."} & {*name.split("/")}
)
CONTENTS = st.dictionaries(NAMES, st.binary(max_size=300), min_size=1, max_size=6)


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        file.comment = comment
        for name, content in members.items():
            file.writestr(name, content)
    return out.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert file.testzip() is None
        return {name: file.read(name) for name in file.namelist()}


class Unseekable(io.RawIOBase):
    """A target that cannot be rewound: zipfile then writes sizes behind the data, in data descriptors."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Buffer, /) -> int:
        self.data += data
        return memoryview(data).nbytes


@given(CONTENTS, CONTENTS)
def test_a_rebuilt_archive_holds_the_changes_and_everything_else_as_it_was(
    members: dict[str, bytes], changes: dict[str, bytes]
) -> None:
    known = {name: content for name, content in changes.items() if name in members}
    made = rebuilt(Archive(zipped(members)), known)
    assert unzipped(made) == {**members, **known}
    assert {name: Archive(made).read(name) for name in members} == {**members, **known}


def test_members_that_do_not_change_keep_their_compressed_bytes_order_and_time() -> None:
    before = zipped({"a": b"x" * 5000, "b": b"y" * 5000, "c": b"z"}, comment=b"made elsewhere")
    after = rebuilt(Archive(before), {"b": b"new"})
    old, new = Archive(before), Archive(after)
    assert list(new.members) == ["a", "b", "c"]
    assert b"".join(new.span("a").chunks()) == b"".join(old.span("a").chunks())
    assert new.members["a"].time == old.members["a"].time
    assert new.comment == b"made elsewhere"


def test_a_member_can_be_left_out() -> None:
    assert unzipped(rebuilt(Archive(zipped({"a": b"1", "b": b"2"})), {"a": None})) == {"b": b"2"}


def test_stored_members_and_data_descriptors_are_read_and_copied() -> None:
    target = Unseekable()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("deflated", b"x" * 1000)
        file.writestr("stored", b"y" * 1000, zipfile.ZIP_STORED)
    data = bytes(target.data)
    assert b"PK\x07\x08" in data
    assert unzipped(rebuilt(Archive(data), {})) == {"deflated": b"x" * 1000, "stored": b"y" * 1000}


def test_zip64_fields_are_read() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file, file.open(zipfile.ZipInfo("a"), "w", force_zip64=True) as member:
        member.write(b"content")
    assert Archive(out.getvalue()).read("a") == b"content"
    assert unzipped(rebuilt(Archive(out.getvalue()), {})) == {"a": b"content"}


def test_zip64_directory_is_read() -> None:
    data = zipped({"a": b"content"})
    end = data.rindex(b"PK\x05\x06")
    _, _, _, _, count, size, offset, _ = struct.unpack("<4sHHHHIIH", data[end:])
    end64 = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, offset)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
    narrow = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    assert Archive(data[:end] + end64 + locator + narrow).read("a") == b"content"


def test_a_truncated_archive_is_refused() -> None:
    data = zipped({"a": b"x" * 1000, "b": b"y" * 1000})
    for length in range(0, len(data), 7):
        with pytest.raises(UnreadableWorkbook):
            Archive(data[:length])


def test_a_flipped_bit_in_the_data_is_noticed() -> None:
    data = bytearray(zipped({"a": bytes(range(256)) * 20}))
    member = Archive(bytes(data)).members["a"]
    for at in range(member.start, member.start + member.compressed_size, 11):
        damaged = bytearray(data)
        damaged[at] ^= 0x10
        with pytest.raises(UnreadableWorkbook, match="damaged"):
            Archive(bytes(damaged)).read("a")


def test_a_wrong_check_sum_is_refused() -> None:
    data = zipped({"a": b"content"}, zipfile.ZIP_STORED).replace(struct.pack("<I", zlib.crc32(b"content")), b"\0\0\0\0")
    with pytest.raises(UnreadableWorkbook, match="check sum"):
        Archive(data).read("a")


def test_a_wrong_size_is_refused_also_where_the_check_sum_is_right() -> None:
    data = bytearray(zipped({"a": b"content"}, zipfile.ZIP_STORED))
    data[data.index(b"PK\x01\x02") + 24] += 1
    with pytest.raises(UnreadableWorkbook, match="fails its check sum"):
        Archive(bytes(data)).read("a")


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
@pytest.mark.parametrize("size", [1, 7, 1000, 1 << 20])
def test_a_member_read_in_pieces_is_the_same_one(method: int, size: int) -> None:
    content = bytes(range(256)) * 40 + b"x" * 3000
    pieces = list(Archive(zipped({"a": content, "empty": b""}, method)).expanded("a", size))
    assert b"".join(pieces) == content
    assert max(map(len, pieces)) <= size
    assert list(Archive(zipped({"empty": b""}, method)).expanded("empty", size)) == []


@pytest.mark.parametrize("at", [14, 18, 22])
def test_a_member_read_in_pieces_is_checked_like_any_other(at: int) -> None:
    """Its check sum, its compressed size and its size, in both headers."""
    data = bytearray(zipped({"a": b"hello" * 100}))
    for place in (at, data.rindex(b"PK\x01\x02") + at + 2):
        data[place] ^= 1
    with pytest.raises(UnreadableWorkbook):
        list(Archive(bytes(data)).expanded("a", 64))


def test_a_member_that_stands_twice_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("a", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            file.writestr("a", b"2")
    with pytest.raises(UnreadableWorkbook, match="twice"):
        Archive(out.getvalue())


def moved(data: bytes, name: bytes, offset: int) -> bytes:
    """The archive with the member's entry in the list (the last of that name) pointing elsewhere."""
    at = data.rindex(name) - 46
    assert data[at : at + 4] == b"PK\x01\x02"
    return data[: at + 42] + struct.pack("<I", offset) + data[at + 46 :]


@pytest.mark.parametrize(
    "inner", [zipped({"b": b"y" * 100}, zipfile.ZIP_STORED), zipped({"b": b""}, zipfile.ZIP_STORED)[:31]], ids=["whole", "header"]
)  # fmt: skip
def test_members_that_share_their_data_are_refused(inner: bytes) -> None:
    """The whole of the second, or its header, stands within the first."""
    data = zipped({"a": inner, "b": b"z"}, zipfile.ZIP_STORED)
    with pytest.raises(UnreadableWorkbook, match="overlaps"):
        Archive(moved(data, b"b", data.index(inner)))


def test_members_that_share_their_header_are_refused() -> None:
    data = zipped({"a": b"x" * 100, "b": b"y" * 100}, zipfile.ZIP_STORED)
    with pytest.raises(UnreadableWorkbook, match="not where"):
        Archive(moved(data, b"b", 0))


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd", "xl/../../x", "xl\\..\\..\\x", "/../x", "./x", "c:/windows/x", "C:x", "xl/a\0.xml", "xl/a\nb", "xl/\x1b[31m.xml",
        "xl/\u202etxt.xml", "xl/\x7f",
    ],
)  # fmt: skip
def test_a_name_that_points_outside_or_says_something_else_is_refused_and_never_shown_raw(name: str) -> None:
    data = zipped({"N" * len(name.encode()): b""}).replace(b"N" * len(name.encode()), name.encode())
    data = data.replace(b"PK\x01\x02\x14\x03\x14\0\0\0", b"PK\x01\x02\x14\x03\x14\0\0\x08")
    with pytest.raises(UnreadableWorkbook, match="not one that a workbook can have") as refused:
        Archive(data)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("name", ["/xl/workbook.xml", "[Content_Types].xml", "xl/media/bild ü.png", "a..b/c...d"])
def test_names_that_real_writers_use_are_read(name: str) -> None:
    assert Archive(zipped({name: b"x"})).read(name) == b"x"


@pytest.mark.parametrize(
    ("one", "other"), [("xl/a.xml", "XL/A.xml"), ("xl/a.xml", "xl\\a.xml"), ("xl/a.xml", "/xl/a.xml"), ("Ä", "ä")]
)
def test_two_names_for_one_part_are_refused(one: str, other: str) -> None:
    with pytest.raises(UnreadableWorkbook, match="twice"):
        Archive(zipped({one: b"1", other: b"2"}))


def test_a_second_name_in_an_extra_field_is_refused() -> None:
    out = io.BytesIO()
    info = zipfile.ZipInfo("xl/harmless.xml")
    body = struct.pack("<BI", 1, zlib.crc32(b"xl/harmless.xml")) + b"xl/workbook.xml"
    info.extra = struct.pack("<HH", 0x7075, len(body)) + body
    with zipfile.ZipFile(out, "w") as file:
        file.writestr(info, b"x")
    with pytest.raises(UnreadableWorkbook, match="not one that a workbook can have"):
        Archive(out.getvalue())


def test_a_name_that_differs_between_its_two_headers_is_refused() -> None:
    data = zipped({"first": b"x"})
    with pytest.raises(UnreadableWorkbook, match="not where"):
        Archive(data.replace(b"first", b"other", 1))


@pytest.mark.parametrize("spoil", [lambda data: data + b"\0", lambda data: b"\0" + data, lambda data: data + data])
def test_bytes_before_or_behind_that_the_archive_does_not_know_of_are_refused(spoil: Callable[[bytes], bytes]) -> None:
    with pytest.raises(UnreadableWorkbook, match="damaged"):
        Archive(spoil(zipped({"a": b"x"})))


def test_an_end_record_within_the_comment_does_not_hide_the_list() -> None:
    decoy = zipped({"b": b"decoy"})[-22:]
    assert list(Archive(zipped({"a": b"x"}, comment=decoy + b"!")).members) == ["a"]
    with pytest.raises(UnreadableWorkbook, match="not where it says"):
        Archive(zipped({"a": b"x"}, comment=decoy))


@pytest.mark.parametrize("at", [4, 6, 8, 10, 12, 16, 20])
def test_an_end_record_that_contradicts_itself_is_refused(at: int) -> None:
    data = bytearray(zipped({"a": b"x", "b": b"y"}))
    data[len(data) - 22 + at] ^= 1
    with pytest.raises(UnreadableWorkbook, match="damaged"):
        Archive(bytes(data))


def test_a_second_list_is_refused() -> None:
    """One program goes by where the end record says that the list begins, another by where it ends: before
    that record.
    """
    data = zipped({"a": b"x"})
    listed = data[data.index(b"PK\x01\x02") : -22]
    with pytest.raises(UnreadableWorkbook, match="not where it says"):
        Archive(data[:-22] + listed + data[-22:])


def test_a_list_with_more_members_than_it_counts_is_refused() -> None:
    data = bytearray(zipped({"a": b"x", "b": b"y"}))
    for at in (8, 10):
        data[len(data) - 22 + at] = 1
    with pytest.raises(UnreadableWorkbook, match="not as long as it says"):
        Archive(bytes(data))


def test_too_many_members_are_refused() -> None:
    with pytest.raises(UnreadableWorkbook, match="has 2 parts"):
        Archive(zipped({"a": b"x", "b": b"y"}), Limits(members=1))


def test_a_member_beyond_the_stated_size_is_refused() -> None:
    with pytest.raises(UnreadableWorkbook, match="no more than 999"):
        Archive(zipped({"a": b"x" * 1000}), Limits(member=999))


def test_an_encrypted_member_is_refused() -> None:
    data = bytearray(zipped({"a": b"x"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(UnreadableWorkbook, match="encrypted"):
        Archive(bytes(data))


def test_an_unknown_compression_is_refused() -> None:
    with pytest.raises(UnreadableWorkbook, match="method 12"):
        Archive(zipped({"a": b"x" * 100}, zipfile.ZIP_BZIP2))


def test_the_limits_are_those_that_are_stated() -> None:
    """Tests of what lies beyond set lower ones, or take them from the code: here they are the numbers of
    docs/guarantees.md.
    """
    assert (LIMITS.member, LIMITS.total) == (512 << 20, 2 << 30)
    assert (LIMITS.ratio_free, LIMITS.ratio) == (16 << 20, 300)
    assert (limits.MAX_AREA, limits.MAX_MERGED, shared_strings.MAX_TEXT) == (30_000_000, 250_000, 256 << 20)


def test_a_bomb_is_refused_before_it_is_expanded() -> None:
    with pytest.raises(UnreadableWorkbook, match="300-fold"):
        Archive(zipped({"a": b"\0" * (LIMITS.ratio_free + 1)}))


@pytest.mark.parametrize("summed", [8 << 20, 11, 10], ids=["all of it", "what is expanded", "what it says"])
def test_a_member_that_expands_to_more_than_it_says_is_refused(summed: int) -> None:
    """Whatever its check sum is that of, and without expanding the rest."""
    content = bytes(8 << 20)
    data = bytearray(zipped({"a": content}))
    central = data.index(b"PK\x01\x02")
    data[central + 16 : central + 20] = struct.pack("<I", zlib.crc32(content[:summed]))
    data[central + 24 : central + 28] = struct.pack("<I", 10)
    del content
    read = Archive(bytes(data)).read
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableWorkbook, match="damaged"):
            read("a")
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_more_than_the_stated_total_is_refused() -> None:
    with pytest.raises(UnreadableWorkbook, match="no more than 1,500"):
        Archive(zipped({"a": b"x" * 1000, "b": b"y" * 1000}), Limits(total=1500))


@given(st.binary(max_size=400))
def test_any_bytes_are_an_archive_or_refused(data: bytes) -> None:
    with pytest.raises(UnreadableWorkbook):
        Archive(b"PK\x03\x04" + data)


@pytest.mark.parametrize(("size", "method"), [(1000, zipfile.ZIP_STORED), (1001, zipfile.ZIP_DEFLATED)])
def test_what_is_made_for_a_reader_is_compressed_only_where_it_is_large(size: int, method: int) -> None:
    found = Archive(zipped({"a": b"1", "b": b"2"}), Limits(stored=1000)).extract({"c": "b"}, {"made": b"x" * size})
    with zipfile.ZipFile(io.BytesIO(found)) as file:
        assert {name: file.read(name) for name in file.namelist()} == {"c": b"2", "made": b"x" * size}
        assert file.getinfo("made").compress_type == method

"""Deflate in segments: joined they are one stream, whoever reads it, and their check sum comes of theirs."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundbook.base.errors import UnreadableWorkbook
from refundbook.system.pieces import Span
from refundbook.xlsx.package import deflate

CONTENTS = st.lists(st.one_of(st.binary(max_size=300), st.sampled_from((b"", b"<row/>" * 2_000))), max_size=6)
IS_SMALL = st.lists(st.booleans(), min_size=7, max_size=7)


def segments(contents: list[bytes], is_small: list[bool]) -> list[bytes]:
    made = []
    for content, small, last in zip(contents, is_small, [*[False] * (len(contents) - 1), True], strict=False):
        half = len(content) // 2
        chunks = (content[:half], content[half:])
        made.append(deflate.small_segment(content, is_last=last) if small else deflate.segment(chunks, is_last=last))
    return made


def whole(packed: bytes) -> bytes:
    """What Python's own zlib makes of a stream that must end where the bytes end."""
    inflater = zlib.decompressobj(-15)
    content = inflater.decompress(packed) + inflater.flush()
    assert inflater.eof
    assert inflater.unused_data == b""
    return content


@given(CONTENTS, st.binary(max_size=300), IS_SMALL)
def test_segments_join_to_one_stream(contents: list[bytes], last: bytes, is_small: list[bool]) -> None:
    contents = [*contents, last]
    made = segments(contents, is_small)
    assert whole(b"".join(made)) == b"".join(contents)
    assert all(deflate.ends_segment(packed) for packed in made[:-1])


@given(CONTENTS, st.binary(max_size=300), IS_SMALL, st.data())
def test_a_segment_may_be_left_out_or_put_elsewhere(
    contents: list[bytes], last: bytes, is_small: list[bool], data: st.DataObject
) -> None:
    contents = [*contents, last]
    made = segments(contents, is_small)
    order = data.draw(st.lists(st.integers(0, len(contents) - 2), max_size=8) if len(contents) > 1 else st.just([]))
    order.append(len(contents) - 1)
    assert whole(b"".join(made[k] for k in order)) == b"".join(contents[k] for k in order)


@given(st.binary(max_size=2_000), st.binary(max_size=2_000), st.integers(0, 0xFFFFFFFF))
def test_the_check_sum_of_both_comes_of_that_of_each(first: bytes, second: bytes, any_sum: int) -> None:
    assert deflate.crc_of_both(zlib.crc32(first), zlib.crc32(second), len(second)) == zlib.crc32(first + second)
    assert deflate.crc_of_both(any_sum, zlib.crc32(second), len(second)) == zlib.crc32(second, any_sum)


def test_the_check_sum_of_both_holds_for_sizes_beyond_memory() -> None:
    """A run of zeros, put together in two ways: 2 ** 40 + 2 ** 13 bytes are as many as 2 ** 13 + 2 ** 40."""

    def zeros(doubled: int) -> int:
        total = zlib.crc32(b"\0")
        for power in range(doubled):
            total = deflate.crc_of_both(total, total, 1 << power)
        return total

    assert zeros(13) == zlib.crc32(bytes(1 << 13))
    assert deflate.crc_of_both(zeros(40), zeros(13), 1 << 13) == deflate.crc_of_both(zeros(13), zeros(40), 1 << 40)


@pytest.mark.parametrize("size", [0, 1, 1_000, (1 << 20) - 1, 1 << 20, 3 << 20])
def test_a_whole_stream_is_one_at_every_size(size: int) -> None:
    content = (b"<c r='A1'/>" * (size // 11 + 1))[:size]
    assert whole(deflate.deflated(content)) == content


@pytest.mark.parametrize("size", [0, 1, 100_000, 5 << 20])
def test_a_stream_expands_piece_by_piece(size: int) -> None:
    content = bytes(size)
    packed = deflate.segment([content], is_last=True)
    pieces = list(deflate.inflated_chunks(Span(packed, 0, len(packed)), 1 << 16, "part"))
    assert b"".join(pieces) == content
    assert max(map(len, pieces), default=0) <= 1 << 16


def test_a_stream_that_is_damaged_is_refused_by_name() -> None:
    with pytest.raises(UnreadableWorkbook, match='"the part" cannot be expanded'):
        b"".join(deflate.inflated_chunks(Span(b"\xff" * 20, 0, 20), 100, "the part"))
    with pytest.raises(UnreadableWorkbook, match='"the part" cannot be expanded'):
        deflate.inflated(b"\xff" * 20, 100, "the part")


def test_no_more_is_expanded_than_is_asked_for() -> None:
    packed = deflate.segment([bytes(1 << 20)], is_last=True)
    assert deflate.inflated(packed, 1_000, "part") == bytes(1_000)

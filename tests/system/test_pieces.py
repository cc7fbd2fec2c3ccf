"""Bytes by slice, wherever they lie: in a file, in pieces, in memory."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundbook.system import pieces as source
from refundbook.system.pieces import FileSource, Joined, Piece, Span, chunks, opened

CONTENT = bytes(range(256)) * 4
SLICES = st.builds(slice, st.none() | st.integers(-50, 1_100), st.none() | st.integers(-50, 1_100))
"""As they are asked for: some begin before the first byte from the end, or end beyond the last."""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("source") / "file"
    path.write_bytes(CONTENT)
    return path


@given(at=SLICES)
def test_a_file_gives_the_bytes_of_a_slice(file: Path, at: slice) -> None:
    with_file = FileSource(file)
    assert len(with_file) == len(CONTENT)
    assert with_file[at] == CONTENT[at]
    with_file.close()


@given(sizes=st.lists(st.integers(0, 40), max_size=8), at=SLICES)
def test_pieces_give_the_bytes_of_a_slice(sizes: list[int], at: slice) -> None:
    pieces: list[Piece] = []
    whole = b""
    for n, size in enumerate(sizes):
        pieces.append(Span(CONTENT, n, n + size) if n % 2 else CONTENT[n : n + size])
        whole += CONTENT[n : n + size]
    joined = Joined(pieces)
    assert len(joined) == len(whole)
    assert joined[at] == whole[at]
    assert b"".join(chunks(pieces)) == whole


def test_a_long_run_is_copied_in_pieces_that_are_small_enough_to_hold() -> None:
    content = bytes(5 << 20)
    found = list(chunks([Span(content, 1, len(content))]))
    assert b"".join(found) == content[1:]
    assert max(map(len, found)) <= 1 << 20


def test_what_is_asked_of_a_file_after_it_was_replaced_is_what_stood_there(tmp_path: Path) -> None:
    path, other = tmp_path / "file", tmp_path / "other"
    path.write_bytes(b"old")
    held = opened(path)
    other.write_bytes(b"new and longer")
    other.replace(path)
    assert held[0:9] == b"old"


def open_files(path: Path) -> int:
    return sum(os.path.realpath(link) == str(path) for link in Path("/proc/self/fd").iterdir())


@pytest.mark.posix("Windows does not list what is open")
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="the system does not list what is open")
@pytest.mark.parametrize("can_stay_open", [True, False])
def test_a_file_stays_open_only_where_it_can_be_replaced_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, can_stay_open: bool
) -> None:
    """Windows refuses to put a file in the place of one that is open."""
    monkeypatch.setattr(source, "_CAN_STAY_OPEN", can_stay_open)
    path = tmp_path / "file"
    path.write_bytes(CONTENT)
    held = opened(path)
    assert open_files(path) == can_stay_open
    assert held[3:5] == CONTENT[3:5]


@pytest.mark.posix("Windows does not list what is open")
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="the system does not list what is open")
def test_a_file_is_closed_when_nobody_needs_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(CONTENT)
    held = FileSource(path)
    held.close()
    assert open_files(path) == 0
    held = FileSource(path)
    del held
    assert open_files(path) == 0

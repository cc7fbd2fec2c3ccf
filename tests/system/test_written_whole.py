"""Whatever file is written appears whole, follows no link, and takes the place of nothing that somebody put there
meanwhile.
"""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

import refundbook
from refundbook import CannotWrite, RefundbookError, UsageError
from refundbook.evidence import packet, write
from refundbook.insights import page
from refundbook.storage import workbook_file
from refundbook.system import atomic_file, nofollow, room
from refundbook.views.calendar import write_calendar
from tests.support.samples import load, sample_at
from tests.support.systems import make_pipe

PACKAGE = Path(refundbook.__file__).parent
WRITES = re.compile(
    r"""\.write_(?:text|bytes)\(|\bos\.(?:replace|rename|link)\(|\.(?:rename|replace)\((?:self\._|path|target)|\bopen\([^)]*["'][wax]"""
)
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
MINE = b"what somebody saved meanwhile"
CALENDAR = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
PAGE = f"<title>{page.TITLE}</title>"


def _packet(path: Path, *, force: bool = False) -> None:
    book = load(sample_at(path.with_name("tracker.xlsx")))
    write.write(packet.gather(book.records, "GTB-789012", book.path), path, force=force)


class Writer(NamedTuple):
    """What a person has made at a path, for the first time."""

    name: str
    write: Callable[[Path], object]


WRITERS = [
    Writer("new.xlsx", lambda path: workbook_file.create(path, b"PK")),
    Writer("refunds.ics", lambda path: write_calendar(path, CALENDAR)),
    Writer("insights.html", lambda path: page.write(path, PAGE)),
    Writer("packet.zip", _packet),
]
each_writer = pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.name)


def without_hard_links(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], object] = lambda: None) -> None:
    """A disk such as FAT, on which somebody does something just before the file is put in its place."""

    def refuse(*args: object, **kwargs: object) -> None:
        meanwhile()
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)


def leftovers(folder: Path) -> list[str]:
    return [found.name for found in folder.iterdir() if found.name.endswith(room.LEFTOVER)]


def test_one_room_writes_all_files() -> None:
    """What stands outside of it writes to nothing but to a null device, to an archive that is open, and SQLite's file
    of its own.
    """
    found = {
        (path.relative_to(PACKAGE).as_posix(), line.strip())
        for path in PACKAGE.rglob("*.py")
        if "system" not in path.relative_to(PACKAGE).parts
        for line in path.read_text("utf-8").splitlines()
        if WRITES.search(line)
    }
    assert {name for name, line in found if "os.devnull" not in line and "packed.open" not in line} == set()


def test_the_blank_workbook_takes_no_other_files_place(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_bytes(MINE)
    command = [sys.executable, "-m", "refundbook.template", "notes.txt"]
    ran = subprocess.run(command, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert (ran.returncode, "notes.txt is no workbook and is left as it is" in ran.stderr) == (2, True)
    assert (tmp_path / "notes.txt").read_bytes() == MINE


@each_writer
def test_it_is_written_where_there_are_no_hard_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writer: Writer
) -> None:
    without_hard_links(monkeypatch)
    writer.write(tmp_path / writer.name)
    assert (tmp_path / writer.name).stat().st_size
    assert leftovers(tmp_path) == []


@pytest.mark.posix("on Windows a rename takes no name")
@each_writer
def test_without_hard_links_it_does_not_overwrite_a_file_that_was_made_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writer: Writer
) -> None:
    path = tmp_path / writer.name
    without_hard_links(monkeypatch, lambda: path.write_bytes(MINE))
    with pytest.raises((RefundbookError, FileExistsError)) as caught:
        writer.write(path)
    if isinstance(caught.value, RefundbookError):
        assert "something else was put there in the same moment" in str(caught.value)
    assert path.read_bytes() == MINE
    assert leftovers(tmp_path) == []


@pytest.mark.posix("on Windows a rename takes no name")
@each_writer
def test_without_hard_links_it_does_not_overwrite_what_was_written_under_the_name_that_it_took(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writer: Writer
) -> None:
    path = tmp_path / writer.name
    without_hard_links(monkeypatch)

    def opened(folder: int | None, at: Path, *args: int, **kwargs: str) -> int:
        found = nofollow.open_in(folder, at, *args, **kwargs)  # type: ignore[arg-type]
        if at == path:
            path.write_bytes(MINE)
        return found

    monkeypatch.setattr(room, "open_in", opened)
    with pytest.raises((RefundbookError, FileExistsError)):
        writer.write(path)
    assert path.read_bytes() == MINE


@pytest.mark.posix("on Windows a rename takes no name")
def test_where_the_name_was_taken_in_vain_nothing_stays_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_hard_links(monkeypatch)
    monkeypatch.setattr(os, "replace", lambda *args, **kwargs: (tmp_path / "none").rename("nowhere"))
    with pytest.raises(FileNotFoundError):
        atomic_file.write_first(tmp_path / "new.xlsx", b"PK")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.posix("Windows lets few users make links")
@each_writer
def test_nothing_is_made_where_a_link_leads(tmp_path: Path, writer: Writer) -> None:
    path = tmp_path / writer.name
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises((RefundbookError, FileExistsError)):
        writer.write(path)
    assert path.is_symlink()
    assert not (tmp_path / "elsewhere").exists()


@each_writer
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such pipes")
def test_a_pipe_is_neither_waited_for_nor_replaced(tmp_path: Path, writer: Writer) -> None:
    path = tmp_path / writer.name
    make_pipe(path)
    with pytest.raises((RefundbookError, FileExistsError)):
        writer.write(path)
    assert path.is_fifo()


@pytest.mark.parametrize("writer", WRITERS[1:3], ids=lambda writer: writer.name)
def test_what_is_saved_by_that_name_while_a_newer_one_is_written_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writer: Writer
) -> None:
    path = tmp_path / writer.name
    writer.write(path)
    new = atomic_file.write_new

    def written(*args: object) -> None:
        new(*args)  # type: ignore[arg-type]
        path.write_bytes(MINE)

    monkeypatch.setattr(atomic_file, "write_new", written)
    with pytest.raises(UsageError, match="is left as it is"):
        writer.write(path)
    assert path.read_bytes() == MINE
    assert leftovers(tmp_path) == []


def _while_it_is_filled(monkeypatch: pytest.MonkeyPatch, do: Callable[[], object]) -> None:
    fill = write._fill

    def filled(*args: object) -> object:
        found = fill(*args)  # type: ignore[arg-type]
        do()
        return found

    monkeypatch.setattr(write, "_fill", filled)


def _save(path: Path) -> None:
    path.mkdir(exist_ok=True)
    (path / "notes.txt").write_bytes(MINE)


def test_a_folder_that_was_made_meanwhile_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _while_it_is_filled(monkeypatch, lambda: _save(tmp_path / "packet"))
    with pytest.raises(CannotWrite, match="something else was put there in the same moment"):
        _packet(tmp_path / "packet")
    assert [(found.name, found.read_bytes()) for found in (tmp_path / "packet").iterdir()] == [("notes.txt", MINE)]
    assert leftovers(tmp_path) == []


def test_a_packet_into_which_something_was_put_meanwhile_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _packet(tmp_path / "packet")
    before = sorted(found.name for found in (tmp_path / "packet").iterdir())
    _while_it_is_filled(monkeypatch, lambda: _save(tmp_path / "packet"))
    with pytest.raises(UsageError, match="holds more than one brought"):
        _packet(tmp_path / "packet", force=True)
    assert sorted(found.name for found in (tmp_path / "packet").iterdir()) == sorted([*before, "notes.txt"])
    assert leftovers(tmp_path) == []


def test_an_archive_in_whose_place_something_else_was_saved_meanwhile_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "packet.zip"
    _packet(path)
    _while_it_is_filled(monkeypatch, lambda: path.write_bytes(MINE))
    with pytest.raises(UsageError, match="is not an evidence packet"):
        _packet(path, force=True)
    assert path.read_bytes() == MINE


@pytest.mark.posix("Windows lets few users make links")
def test_a_link_to_a_packet_is_not_replaced(tmp_path: Path) -> None:
    for name in ("packet", "packet.zip"):
        _packet(tmp_path / name)
        (tmp_path / f"link{Path(name).suffix}").symlink_to(tmp_path / name)
        with pytest.raises(UsageError, match="is not an evidence packet"):
            _packet(tmp_path / f"link{Path(name).suffix}", force=True)

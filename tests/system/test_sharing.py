"""What another program has open: tried again for a while, then said to be so. On Windows the files are really open, on
other systems these answer as Windows does.
"""

from __future__ import annotations

import os
import pickle
import time
from pathlib import Path

import pytest

from refundbook.base.errors import Busy, CannotWrite
from refundbook.system import atomic_file, sharing
from refundbook.system.nofollow import delete, read_file
from refundbook.system.room import Room
from refundbook.system.sharing import InUse, patiently
from refundbook.xlsx.shared_file import SharedFile
from tests.support.holding import DELETES, READS, SHARING, held, refused

EVERY_WAY = pytest.mark.parametrize("shared", SHARING.values(), ids=SHARING)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "book.xlsx"
    made.write_bytes(b"old")
    return made


def opened(path: Path) -> SharedFile:
    made = SharedFile(path)
    made.read()
    return made


def test_a_step_that_is_refused_is_tried_until_it_is_not() -> None:
    left = [refused(32, "a"), refused(33, "a"), refused(5, "a")]

    def step() -> str:
        if left:
            raise left.pop()
        return "done"

    assert patiently(step, Path("a")) == "done"


def test_what_is_refused_for_long_is_in_use_or_forbidden(tmp_path: Path) -> None:
    def step(winerror: int) -> None:
        raise refused(winerror, tmp_path)

    with pytest.raises(InUse, match="is open in another program"):
        patiently(lambda: step(32), tmp_path / "a", patience=0.1)
    with pytest.raises(PermissionError):
        patiently(lambda: step(5), tmp_path / "a", patience=60, denied=0.1)


def test_what_is_open_again_and_again_is_in_use_although_it_is_closed_when_it_is_looked(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [False, False, True]
    monkeypatch.setattr(sharing, "is_open_elsewhere", lambda path: answers.pop(0))

    def step() -> None:
        raise refused(5, file)

    with pytest.raises(InUse):
        patiently(step, file, denied=0.1)


@pytest.mark.parametrize("error", [FileNotFoundError(2, "no"), OSError(28, "full"), InUse(Path("a"))])
def test_what_is_refused_for_another_reason_is_not_tried_again(error: OSError) -> None:
    tries = []

    def step() -> None:
        tries.append(1)
        raise error

    with pytest.raises(type(error)):
        patiently(step, Path("a"))
    assert len(tries) == 1


def test_it_survives_pickling() -> None:
    assert pickle.loads(pickle.dumps(InUse(Path("a")))).filename == "a"


@EVERY_WAY
def test_a_file_that_is_open_for_a_moment_is_read_replaced_and_deleted(file: Path, shared: int) -> None:
    with held(file, shared, 0.3):
        assert read_file(file, 100) == b"old"
    with held(file, shared, 0.3):
        atomic_file.write_over(file, b"new", like=file)
    assert file.read_bytes() == b"new"
    with held(file, shared, 0.3):
        delete(file)
    assert not file.exists()
    assert list(file.parent.iterdir()) == []


@EVERY_WAY
def test_a_workbook_that_stays_open_is_busy_and_stays_as_it_was(file: Path, shared: int) -> None:
    book = opened(file)
    with held(file, shared), pytest.raises(Busy, match=r"book\.xlsx is open in another program"):
        book.replace(b"new")
    assert file.read_bytes() == b"old"
    assert [found.name for found in file.parent.iterdir()] == ["book.xlsx"]
    book.replace(b"new")
    assert file.read_bytes() == b"new"


def test_a_workbook_that_may_not_be_replaced_and_that_nobody_has_open_is_not_called_open(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*names: str, **folders: int | None) -> None:
        raise refused(5, file)

    book = opened(file)
    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(CannotWrite, match="cannot be written: you have no permission to do so here"):
        book.replace(b"new")
    assert file.read_bytes() == b"old"


def test_a_workbook_that_nobody_else_may_read_is_busy(file: Path) -> None:
    with held(file, 0), pytest.raises(Busy, match="which lets nobody else read it"):
        SharedFile(file).read()
    with held(file, READS):
        assert SharedFile(file).read() == b"old"


def test_what_is_saved_while_the_swap_waits_is_not_overwritten(file: Path) -> None:
    """Excel has the file open while it saves, too."""
    book, tries = opened(file), []

    def saved() -> None:
        tries.append(time.monotonic())
        if len(tries) == 3:
            raise Busy("changed", "look")

    with held(file, READS | DELETES), pytest.raises(Busy, match="changed"):
        atomic_file.write_over(file, b"new", like=file, at_last=saved)
    assert book.path.read_bytes() == b"old"


def test_a_folder_with_a_page_that_somebody_looks_at_is_not_replaced_and_nothing_of_it_is_left(tmp_path: Path) -> None:
    target = tmp_path / "packet"
    target.mkdir()
    page = target / "page.html"
    page.write_bytes(b"old")
    with held(page, READS), Room(target) as room:
        room.make_folder()
        with pytest.raises(InUse):
            room.put_over_folder(lambda _: True)
    assert page.read_bytes() == b"old"
    assert [found.name for found in tmp_path.iterdir()] == ["packet"]

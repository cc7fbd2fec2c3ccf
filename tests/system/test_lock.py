"""Locks between processes and threads: ours, and filelock's, which respect each other on every system."""

from __future__ import annotations

import errno
import threading
import time
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from refundbook.system import lock
from refundbook.system.lock import HeldElsewhere, Lock


def test_what_filelock_holds_is_held_and_the_other_way_round(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    with FileLock(path), pytest.raises(HeldElsewhere):
        Lock(path).acquire(0.05, 0.01)
    mine = Lock(path)
    mine.acquire(0.05, 0.01)
    with pytest.raises(Timeout):
        FileLock(path).acquire(timeout=0)
    mine.release()
    FileLock(path).acquire(timeout=0).lock.release()


def test_a_thread_may_take_again_what_it_holds_and_another_may_not(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    refused: list[bool] = []

    def other() -> None:
        try:
            Lock(path).acquire(0.05, 0.01)
        except HeldElsewhere:
            refused.append(True)
        else:
            refused.append(False)
            Lock(path).release()

    def ask() -> bool:
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        return refused.pop()

    first, second = Lock(path), Lock(path)
    first.acquire(0, 0.01)
    second.acquire(0, 0.01)
    assert ask()
    second.release()
    assert ask()
    first.release()
    assert not ask()


@pytest.mark.posix("Windows lets nobody delete what is open to be locked: the next test")
def test_a_lock_file_that_was_deleted_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.lock"
    lock_now = lock.lock_now
    deleted: list[Path] = []

    def delete_first(descriptor: int) -> bool:
        is_locked = lock_now(descriptor)
        if not deleted:
            path.unlink()
            deleted.append(path)
        return is_locked

    monkeypatch.setattr(lock, "lock_now", delete_first)
    mine = Lock(path)
    mine.acquire(1, 0.01)
    assert deleted
    assert path.exists()
    with pytest.raises(Timeout):
        FileLock(path).acquire(timeout=0)
    mine.release()


@pytest.mark.parametrize(("number", "error"), [(errno.ENOSYS, NotImplementedError), (errno.EIO, OSError)])
def test_what_the_system_refuses_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, error: type[Exception]
) -> None:
    def refuse(descriptor: int) -> bool:
        raise OSError(number, "no")

    monkeypatch.setattr(lock, "lock_now", refuse)
    with pytest.raises(error):
        Lock(tmp_path / "a.lock").acquire(0, 0.01)


@pytest.mark.windows
def test_nobody_takes_a_lock_file_away_that_is_held_and_it_goes_with_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    mine = Lock(path)
    mine.acquire(1, 0.01)
    with pytest.raises(PermissionError):
        path.unlink()
    mine.release()
    assert not path.exists()


def test_a_place_where_no_lock_can_be_made_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    path.mkdir()
    began = time.monotonic()
    with pytest.raises(OSError, match="is a folder"):
        Lock(path).acquire(20, 0.01)
    assert time.monotonic() - began < 5

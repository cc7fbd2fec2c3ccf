"""Locks between processes and threads: by flock, and by filelock, which respect each other."""

from __future__ import annotations

import errno
import fcntl
import threading
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from refundbook.system import locks
from refundbook.system.file_lock import OtherLock
from refundbook.system.lock import HeldElsewhere, Lock
from refundbook.system.locks import lock_at

KINDS = pytest.mark.parametrize("kind", [Lock, OtherLock])


@KINDS
def test_what_filelock_holds_is_held(tmp_path: Path, kind: type[Lock]) -> None:
    path = tmp_path / "a.lock"
    with FileLock(path), pytest.raises(HeldElsewhere):
        kind(path).acquire(0.05, 0.01)
    mine = kind(path)
    mine.acquire(0.05, 0.01)
    with pytest.raises(Timeout):
        FileLock(path).acquire(timeout=0)
    mine.release()
    FileLock(path).acquire(timeout=0).lock.release()


@KINDS
def test_a_thread_may_take_again_what_it_holds_and_another_may_not(tmp_path: Path, kind: type[Lock]) -> None:
    path = tmp_path / "a.lock"
    refused: list[bool] = []

    def other() -> None:
        try:
            kind(path).acquire(0.05, 0.01)
        except HeldElsewhere:
            refused.append(True)
        else:
            refused.append(False)
            kind(path).release()

    def ask() -> bool:
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        return refused.pop()

    first, second = kind(path), kind(path)
    first.acquire(0, 0.01)
    second.acquire(0, 0.01)
    assert ask()
    second.release()
    assert ask()
    first.release()
    assert not ask()


def test_a_lock_file_that_was_deleted_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.lock"
    flock = fcntl.flock
    deleted: list[Path] = []

    def delete_first(descriptor: int, how: int) -> None:
        flock(descriptor, how)
        if not deleted:
            path.unlink()
            deleted.append(path)

    monkeypatch.setattr(fcntl, "flock", delete_first)
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
    def refuse(descriptor: int, how: int) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(error):
        Lock(tmp_path / "a.lock").acquire(0, 0.01)


def test_without_flock_it_is_filelock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert type(lock_at(tmp_path / "a.lock")) is Lock
    monkeypatch.setattr(locks, "HAS_FLOCK", False)
    assert type(lock_at(tmp_path / "a.lock")) is OtherLock

"""Work that a copy of this process does beside it: it gives what the work gives, whatever happens to the copy."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from refundbook.system import forked
from refundbook.system.forked import forked as begin
from tests.support.processes import POSSIBLE, second_process
from tests.support.samples import sample_at

HERE = os.getpid()
THREADS = forked._threads

pytestmark = [
    pytest.mark.skipif(not POSSIBLE, reason="another system than Linux"),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]


@pytest.fixture(autouse=True)
def two() -> Iterator[None]:
    with second_process():
        yield


@pytest.fixture(autouse=True)
def no_child_is_left() -> Iterator[None]:
    """Of other tests some may be there: what looks after the resources of a pool of processes stays as long as this
    process.
    """
    before = children()
    yield
    assert children() <= before


def children() -> set[str]:
    """The processes that this thread began and has not waited for."""
    return set(Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text().split())


def found(work: Callable[[], object]) -> object:
    with begin(work) as other:
        return other()


def test_it_is_done_in_another_process_which_is_gone_afterwards() -> None:
    assert found(os.getpid) != HERE


def test_what_is_found_may_be_large() -> None:
    columns = [[f"GTB-{n}" for n in range(200_000)], [None] * 10, "x" * 3_000_000]
    assert found(lambda: columns) == columns


def test_its_error_is_raised_here() -> None:
    with pytest.raises(ZeroDivisionError):
        found(lambda: 1 // 0)


class EndsHalfWay:
    """Ends the process that pickles it, with a part of what came before it sent."""

    def __reduce__(self) -> str:
        if os.getpid() != HERE:
            os._exit(1)
        raise AssertionError("this is never pickled here")


@pytest.mark.parametrize("error", [EOFError, pickle.UnpicklingError, MemoryError])
def test_where_what_it_sends_cannot_be_read_the_work_is_done_here(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(_: object) -> object:
        raise error

    monkeypatch.setattr(pickle, "load", unreadable)
    assert found(os.getpid) == HERE


@pytest.mark.parametrize(
    "ending",
    [
        lambda: os.kill(os.getpid(), signal.SIGKILL),
        lambda: os._exit(1),
        lambda: ["x" * 1_000_000, EndsHalfWay()],
        lambda: lambda: "what cannot be pickled",
        lambda: (_ for _ in ()).throw(MemoryError),
    ],
    ids=["killed", "ended", "ended while it is sent", "not to be pickled", "out of memory"],
)
def test_where_the_copy_fails_the_work_is_done_here(ending: Callable[[], object]) -> None:
    assert found(lambda: ending() if os.getpid() != HERE else "done here") == "done here"


def test_the_copy_holds_no_file_and_no_lock_of_ours(tmp_path: Path) -> None:
    """A lock that a copy holds too would outlive a process that is killed."""
    with (tmp_path / "held").open("w") as file:
        held = os.fstat(file.fileno()).st_ino

        def open_files() -> list[int]:
            return [os.fstat(int(fd.name)).st_ino for fd in Path("/proc/self/fd").iterdir() if fd.exists()]

        assert held in open_files()
        assert held not in found(open_files)  # type: ignore[operator]
        assert len(found(lambda: list(Path("/proc/self/fd").iterdir()))) <= 2  # type: ignore[arg-type]


def test_what_is_not_asked_for_is_given_up() -> None:
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt), begin(lambda: time.sleep(60)):
        raise KeyboardInterrupt
    assert time.monotonic() - begun < 30


def test_a_process_with_threads_is_not_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that another thread holds at that moment would be held for ever in the copy."""
    monkeypatch.setattr(forked, "_threads", THREADS)
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        assert found(os.getpid) == HERE
    finally:
        done.set()
        thread.join()


@pytest.mark.parametrize("seconds", [0, 0.5], ids=["ended", "at work"])
def test_where_the_ends_of_processes_are_looked_after_by_others_nothing_fails(seconds: float) -> None:
    """Supervisors hand on that they are ignored."""
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        assert found(os.getpid) == HERE
    finally:
        signal.signal(signal.SIGCHLD, before)
    others = children()
    with begin(os.getpid):
        (child,) = map(int, children() - others)
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_a_signal_to_all_does_not_let_the_copy_go_on_as_if_it_were_this_process() -> None:
    def blocked() -> bool:
        return {signal.SIGINT, signal.SIGTERM} <= signal.pthread_sigmask(signal.SIG_BLOCK, ())

    assert found(blocked) is True
    assert not blocked()


def test_where_there_is_one_processor_it_is_not_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0})
    assert found(os.getpid) == HERE


def test_on_a_system_without_copies_the_work_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity")
    assert found(os.getpid) == HERE


def test_where_no_process_may_be_begun_the_work_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refused)
    before = len(list(Path("/proc/self/fd").iterdir()))
    assert found(os.getpid) == HERE
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_the_command_has_one_thread_when_it_reads(tmp_path: Path) -> None:
    """So that it has its work done by two processes: nothing that it imports begins a thread."""
    script = (
        "import refundbook, sys; from refundbook.system import forked; refundbook.load(sys.argv[1]); "
        "print(forked._threads())"
    )
    path = sample_at(tmp_path / "t.xlsx")
    ran = subprocess.run([sys.executable, "-c", script, path], capture_output=True, encoding="utf-8", check=True)
    assert ran.stdout == "1\n"

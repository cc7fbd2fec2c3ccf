"""Has a second processor do a part of the work, in a copy of this process.

The copy only computes: it holds none of the files and locks that are open here, and what it found comes back pickled.
Where there can be no copy, or whatever happens to it, the work is done here, so that nothing depends on it but the
time.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, NoReturn, TypeVar

    Result = TypeVar("Result")

_alone: list[None] = []
"""One for each `without_copies` that was entered and not left."""


@contextmanager
def without_copies() -> Iterator[None]:
    """Have all work done in this process, as where it is one of a pool already: then every processor has its own."""
    _alone.append(None)
    try:
        yield
    finally:
        _alone.pop()


@contextmanager
def forked(work: Callable[[], Result], *, worth: bool = True) -> Iterator[Callable[[], Result]]:
    """Work that is begun beside what is done in the `with` block, and is given up when that is left. Gives what waits
    for its result, and raises what it raises.

    `work` must give something that can be pickled, and depend on nothing but memory. Where it is not `worth` a copy, it
    is done here when it is asked for.
    """
    copy = _begun(work) if worth and not _alone and _is_possible() else None
    if copy is None:
        yield work
        return
    child, found = copy
    try:
        yield lambda: _received(found, work)
    finally:
        found.close()
        # What ends here must not fail: the workbook may be written already.
        with suppress(OSError):
            os.kill(child, signal.SIGKILL)
        with suppress(OSError):
            os.waitpid(child, 0)


def _begun(work: Callable[[], object]) -> tuple[int, IO[bytes]] | None:
    """The copy's process number and what it writes to, where there can be one."""
    try:
        reading, writing = os.pipe()
    except OSError:
        return None
    found = os.fdopen(reading, "rb")
    # A signal that came to the copy before it computes would have it do what this process does at its end, and let go
    # of its lock.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        child = os.fork()
        if not child:
            _compute(work, writing)
    except OSError:
        found.close()
        return None
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.close(writing)
    return child, found


def _received(found: IO[bytes], work: Callable[[], Result]) -> Result:
    import pickle

    try:
        result: Result = pickle.load(found)
        return result
    except (EOFError, pickle.UnpicklingError, MemoryError):
        return work()


def _is_possible() -> bool:
    """Whether there is another processor, and this process has but one thread: a copy of another has locks in it that
    nobody will ever open.

    Where others look after the ends of processes, a copy's would be theirs.
    """
    try:
        has_other = len(os.sched_getaffinity(0)) > 1
        return has_other and _threads() == 1 and signal.getsignal(signal.SIGCHLD) is signal.SIG_DFL
    except (OSError, AttributeError):
        return False


def _threads() -> int:
    """How many threads this process has, those of C libraries with them."""
    return len(list(Path("/proc/self/task").iterdir()))


def _compute(work: Callable[[], object], writing: int) -> NoReturn:
    """Do the work in the copy, and end it without any of what is done when a program ends."""
    try:
        import pickle

        for file in [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]:
            if file != writing:
                with suppress(OSError):
                    os.close(file)
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(work(), pipe, pickle.HIGHEST_PROTOCOL)
    finally:
        os._exit(0)

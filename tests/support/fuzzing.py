"""Runs refundbook on spoiled workbooks, and tells which of them got through to anything but the documented errors.

The work is done in a child process with bounds on its memory and on the time that one workbook may take: one that hangs
or ends the child is told from the number that the child left behind.
"""

from __future__ import annotations

import faulthandler
import os
import resource
import shutil
import signal
import struct
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from mmap import mmap
from pathlib import Path
from random import Random

import refundbook
from refundbook.base.errors import RefundbookError
from refundbook.storage.inbox import Inbox
from tests.support.mutations import mutated, spoiled_line

TODAY = date(2026, 1, 1)
SECONDS = 30.0
"""What one workbook may take of a processor; on the clock, on which others may have the processors, 20 times that."""
MEMORY = 2 << 30
"""What the child may take, in bytes of address space beyond what it begins with."""


@dataclass(frozen=True)
class Escape:
    """A workbook that ended in something undocumented: its number, what happened, and its bytes."""

    number: int
    what: str
    workbook: bytes


@dataclass
class Outcome:
    """How many workbooks ended how, and each escape."""

    ends: Counter[str] = field(default_factory=Counter)
    escapes: list[Escape] = field(default_factory=list)


def spoiled(seeds: Sequence[bytes], run: int, number: int) -> bytes:
    """The workbook of this number in this run."""
    random = Random(f"{run}:{number}")
    return mutated(random.choice(seeds), random)


INBOX = (
    b'{"id": "a1", "pillar": "case", "fields": {"Case Number": "GTB-999101", "Date Opened": "2025-11-30"}}',
    b'{"id": "a2", "pillar": "communication", "fields": {"Case Number": "GTB-999101", "Date": "2025-12-01", "With": '
    b'"Buyer", "Summary": "Asked."}}',
    b'{"id": "a3", "pillar": "resolution", "fields": {"Case Number": "GTB-999101", "Status": "Pending"}, "refused": '
    b"[]}",
)
"""What waits beside a workbook, one of the lines spoiled."""


def spoiled_inbox(run: int, number: int) -> bytes:
    """The inbox beside the workbook of this number; empty beside four in five."""
    random = Random(f"{run}:{number}:inbox")
    if random.random() < 0.8:
        return b""
    at = random.randrange(len(INBOX))
    return b"\n".join(spoiled_line(line, random) if k == at else line for k, line in enumerate(INBOX)) + b"\n"


def enter_waiting(path: Path) -> None:
    """List what waits, enter it, and drop what is left: each may end in a documented error."""
    inbox = Inbox(path)
    with suppress(RefundbookError):
        list(map(str, inbox.entries()))
    with suppress(RefundbookError), refundbook.edit(path, today=TODAY, user="ana") as book:
        inbox.enter(book)
    with suppress(RefundbookError):
        while True:
            inbox.drop(1)


def exercise(path: Path) -> str:
    """Enter what waits, load, check, append, save and read back what stands at `path`; the name of the documented error
    that this ends with, else `saved`.

    Raises whatever is not documented, and AssertionError where what was saved does not read back.
    """
    enter_waiting(path)
    try:
        book = refundbook.load(path, strict=False, today=TODAY, user="ana")
        book.check().to_records()
        before = len(book.records.cases)
        book.append_case("GTB-999001", opened="2025-12-01", reason="=1+1", amount="12.50", currency="USD")
        book.append_communication(
            "GTB-999001", date="2025-12-02", with_="Support", summary="Asked.\n_x0041_", due="48 hrs"
        )
        book.append_resolution("GTB-999001", status="Pending")
        book.save()
    except RefundbookError as error:
        cause: BaseException | None = error
        while cause is not None:
            if type(cause).__name__ == "PanicException":
                raise AssertionError("the reader panicked") from error
            cause = cause.__cause__
        return type(error).__name__
    again = refundbook.load(path, strict=False, today=TODAY, user="ana").records
    assert len(again.cases) == before + 1
    assert again.cases["number"][-1] == "GTB-999001"
    assert again.communications["summary"][-1] == "Asked.\n_x0041_"
    return "saved"


def fuzz(seeds: Sequence[bytes], run: int, numbers: range, seconds: float = float("inf")) -> Outcome:
    """Exercise the mutations of these numbers, or as many as can be in the time."""
    outcome = Outcome()
    begun = time.monotonic()
    at = numbers.start
    while at < numbers.stop and time.monotonic() - begun < seconds:
        at = _child(seeds, run, range(at, numbers.stop), seconds - (time.monotonic() - begun), outcome)
    return outcome


def _child(seeds: Sequence[bytes], run: int, numbers: range, seconds: float, outcome: Outcome) -> int:
    """Have a child do the work; the number to go on with."""
    shared = mmap(-1, 8)
    fast = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with (
        tempfile.TemporaryFile("w+") as notes,
        tempfile.TemporaryDirectory(prefix="refundbook-fuzz-", dir=fast) as folder,
    ):
        child = os.fork()
        if child == 0:
            _work(seeds, run, numbers, seconds, shared, notes.fileno(), Path(folder))
        _, status = os.waitpid(child, 0)
        notes.seek(0)
        for line in notes.read().split("\x1e")[:-1]:
            number, end, what = line.split("\x1f")
            outcome.ends[end] += 1
            if what:
                outcome.escapes.append(Escape(int(number), what, spoiled(seeds, run, int(number))))
    (reached,) = struct.unpack("q", shared[:8])
    if not os.WIFSIGNALED(status):
        return int(reached)
    is_late = signal.Signals(os.WTERMSIG(status)) in (signal.SIGPROF, signal.SIGALRM)
    end = "hung" if is_late else "died"
    outcome.ends[end] += 1
    what = f"{end}: {signal.Signals(os.WTERMSIG(status)).name}"
    outcome.escapes.append(Escape(reached, what, spoiled(seeds, run, reached)))
    return int(reached) + 1


def _work(
    seeds: Sequence[bytes], run: int, numbers: range, seconds: float, shared: mmap, notes: int, folder: Path
) -> None:
    """Never returns. A signal that nothing in this process handles ends it, also within compiled code."""
    faulthandler.disable()
    for late in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(late, signal.SIG_DFL)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    path = folder / "tracker.xlsx"
    stop = time.monotonic() + seconds
    number = numbers.start
    for number in numbers:
        shared[:8] = struct.pack("q", number)
        if time.monotonic() > stop:
            break
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        signal.setitimer(signal.ITIMER_REAL, 20 * SECONDS)
        for left in folder.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        path.write_bytes(spoiled(seeds, run, number))
        if waiting := spoiled_inbox(run, number):
            file = Inbox(path).file
            file.parent.mkdir()
            file.write_bytes(waiting)
        end, what = "escaped", ""
        try:
            end = exercise(path)
        except BaseException as error:
            what = "".join(traceback.format_exception(error)[-12:])
        os.write(notes, f"{number}\x1f{end}\x1f{what}\x1e".encode(errors="replace"))
    else:
        shared[:8] = struct.pack("q", number + 1)
    os._exit(0)

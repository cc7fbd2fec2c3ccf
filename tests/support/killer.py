"""Runs the command and kills it (SIGKILL) at a chosen system call: strace's fault injection, on a process that has
imported everything.

`python -m tests.support.killer` is the other side: it answers one line of JSON with another. It forks a process for
each command, so that only what the command itself does is traced, and a kill takes milliseconds.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.support.command import run
from tests.support.samples import sample_at

ROOT = Path(__file__).parents[2]
TOUCHES_FILES = "%file,%desc"
"""strace's sets of the system calls that take a file's name or a descriptor."""
_GO = getattr(signal, "SIGUSR1", signal.SIGTERM)


def has_strace() -> bool:
    """Whether strace is there and may trace."""
    return bool(shutil.which("strace")) and not subprocess.run(
        ["strace", "-o", os.devnull, "true"], capture_output=True, check=False
    ).returncode  # fmt: skip


class Killer:
    """The process that runs commands to kill them."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.killer"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.communicate()

    def calls(self, args: Sequence[str], book: Path) -> dict[str, int]:
        """Run the command unharmed; give how often it makes each system call that touches a file."""
        with tempfile.NamedTemporaryFile() as log:
            self._ask(args, book, ["-o", log.name, "-e", f"trace={TOUCHES_FILES}"])
            lines = Path(log.name).read_text(errors="replace").splitlines()
        return Counter(match[1] for line in lines if (match := re.match(r"(\w+)\(", line)))

    def kill(self, args: Sequence[str], book: Path, call: str, when: int) -> bool:
        """Run the command and kill it as it makes the system call for the `when`th time, before that is done. Give
        whether it came to that.
        """
        inject = ["-o", os.devnull, "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={when}"]
        return self._ask(args, book, inject) < 0

    def _ask(self, args: Sequence[str], book: Path, options: list[str]) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps([list(args), str(book), options]), file=self._process.stdin, flush=True)
        return int(json.loads(self._process.stdout.readline()))


def _serve() -> None:
    warm_up()
    signal.pthread_sigmask(signal.SIG_BLOCK, {_GO})
    for line in sys.stdin:
        args, book, options = json.loads(line)
        print(_traced(args, Path(book), options), flush=True)


def warm_up() -> None:
    """Import what the command imports late."""
    with tempfile.TemporaryDirectory() as folder:
        book = sample_at(Path(folder) / "tracker.xlsx")
        entries = book.with_name("entries.csv")
        entries.write_text("pillar,Case Number,Date Opened\ncase,GTB-900001,2023-11-01\n")
        owner = book.with_name("~$tracker.xlsx")
        owner.write_bytes(b"\x03ana")
        run("append", "--from", entries, book=book)
        run("inbox", book=book)
        owner.unlink()
        run("append", "case", "GTB-900002", "--opened", "2023-11-01", book=book)
        run("amend", "GTB-900002", "Customer=Ann", book=book)
        run("rename", "GTB-900002", "GTB-900003", book=book)
        run("undo", "--yes", book=book)
        run("restore", "1", book=book)
        run("amend", "GTB-789012", "Customer=Ann", book=book)
        run("init", book=book.with_name("new.xlsx"))


def _traced(args: list[str], book: Path, options: list[str]) -> int:
    """The exit code of the command under strace; negative when it was killed."""
    child = os.fork()
    if child == 0:
        _let_anyone_trace()
        # Not by a pipe: whether strace counts a call that it finds under way is a matter of luck.
        signal.sigwait({_GO})
        # Beside the workbook, so that every run begins with the same one.
        os._exit(run(*args, book=book, REFUNDBOOK_CACHE=str(book.parent / "cache")).code)
    # Without what it forks: a copy of a process only computes, and strace counts the calls of each by itself.
    with subprocess.Popen(
        ["strace", "-p", str(child), *options], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as strace:
        assert strace.stderr is not None
        said = strace.stderr.readline()
        assert b"attached" in said, said
        os.kill(child, _GO)
        _, status = os.waitpid(child, 0)
        strace.stderr.read()
    return os.waitstatus_to_exitcode(status)


def _let_anyone_trace() -> None:
    """Where the kernel lets only ancestors trace (Yama), a process may allow it (prctl PR_SET_PTRACER,
    PR_SET_PTRACER_ANY).
    """
    libc: Any = ctypes.CDLL(None)
    libc.prctl(0x59616D61, ctypes.c_ulong(-1), 0, 0, 0)


if __name__ == "__main__":
    _serve()

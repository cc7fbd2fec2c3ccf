"""Commands run in a process of their own that may not take more than so much memory and time, for files that were made
to take more.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.command import TODAY, Ran, run
from tests.support.systems import needs_posix

ROOT = Path(__file__).parents[2]
MEMORY = 2 << 30
"""Bytes of address space; beyond it the process gets no more memory."""
SECONDS = 60
"""Seconds of processor time; beyond it the process is ended."""
LONGEST = 300
"""Seconds by the clock, for a process that waits for what never comes, on a machine that has other work."""


@dataclass(frozen=True)
class Confined:
    """How commands that ran one after the other ended (`ran` is empty where the process did not live to tell), and what
    they took together.
    """

    ran: tuple[Ran, ...]
    said: str
    """What was written past Python to standard error: by a panic, an abort or a crash."""
    seconds: float
    """Of processor time."""
    peak: int
    """Bytes of memory in use at the same time."""


def run_confined(book: Path, *commands: Sequence[str], today: str = TODAY) -> Confined:
    """Run `refundbook -b BOOK COMMAND` for each of the commands, in one process."""
    needs_posix("bounds of memory and time are set by setrlimit")
    program = [sys.executable, "-m", "tests.support.confined", str(book), today, json.dumps(commands)]
    with subprocess.Popen(
        program, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=_confine
    ) as process:
        assert process.stdout
        assert process.stderr
        out, err = process.stdout.read(), process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    # What the system says of the peak counts from the fork on, and so is never below what the tests themselves have in
    # memory.
    told, peak = json.loads(out) if process.returncode == 0 else ((), used.ru_maxrss * 1024)
    ran = tuple(Ran(*one) for one in told)
    return Confined(ran, err.decode(errors="replace"), used.ru_utime + used.ru_stime, peak)


def _peak() -> int:
    """The highest memory of this program since it was started."""
    found = re.search(r"^VmHWM:\s+([0-9]+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found
    return int(found[1]) * 1024


def _confine() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # It outlives the start of the program, and ends it.
    signal.alarm(LONGEST)


if __name__ == "__main__":
    ended = [run(*command, book=Path(sys.argv[1]), today=sys.argv[2]) for command in json.loads(sys.argv[3])]
    json.dump(([(one.code, one.out, one.err) for one in ended], _peak()), sys.stdout)

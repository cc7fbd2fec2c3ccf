"""Whole processes timed in turn: wall clock, processor time and peak memory, of each several runs.

A child's peak memory counts from the fork, so it is never below this process's own. Nothing that measures may therefore
import a large library, nor make a workbook. Of a command that begins processes of its own it is the highest sum of all
of them, what they share counted once.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
_NOT_AS_USERS_HAVE_IT = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "REFUNDBOOK", "REFUNDBOOK_CACHE")
"""Variables that would keep Python from what it does for everybody, or refundbook from the cache of its own."""
_ENVIRONMENT = {"PYTHONPATH": str(ROOT), "REFUNDBOOK_TODAY": "2023-12-01T12:00", "REFUNDBOOK_USER": "bench"}

_SECONDS_BETWEEN_LOOKS = 0.02
_PAUSE = 20
"""Times as long as a look takes, until the next one: the kernel counts the pages of a process while the
process waits.
"""


@dataclass(frozen=True)
class Figure:
    """What one run took: seconds by the clock, seconds of processor time (user and system), peak memory in MB."""

    seconds: float
    cpu: float
    megabytes: float


@dataclass
class Series:
    """The runs of one contender. `failure` is the last line that it said where it failed; then it ran no more."""

    figures: list[Figure] = field(default_factory=list)
    failure: str = ""

    @property
    def seconds(self) -> float:
        """The median."""
        return statistics.median(figure.seconds for figure in self.figures)

    @property
    def cpu(self) -> float:
        """The median."""
        return statistics.median(figure.cpu for figure in self.figures)

    @property
    def megabytes(self) -> float:
        """The highest."""
        return max(figure.megabytes for figure in self.figures)


@dataclass(frozen=True)
class Contender:
    """A command to measure. `prepare` runs before each of its turns, untimed; `command` is told which turn it is."""

    name: str
    command: Callable[[int], Sequence[str]]
    prepare: Callable[[], object] = lambda: None
    env: Mapping[str, str] = field(default_factory=dict)


class Failed(Exception):
    """A command ended with an error."""


def _as_users_have_it() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _NOT_AS_USERS_HAVE_IT}


class _Together(threading.Thread):
    """Looks again and again at how much memory a process and those that it began have together, while there are any;
    `peak` is in MB.
    """

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._ended = threading.Event()
        self.peak = 0.0

    def run(self) -> None:
        children = Path(f"/proc/{self._pid}/task/{self._pid}/children")
        look = 0.0
        while not self._ended.wait(max(_SECONDS_BETWEEN_LOOKS, _PAUSE * look)):
            began = time.perf_counter()
            try:
                pids = children.read_text().split()
                if pids:
                    self.peak = max(self.peak, sum(map(_megabytes, (str(self._pid), *pids))))
            except OSError:
                pass
            look = time.perf_counter() - began

    def end(self) -> None:
        self._ended.set()
        self.join()


def _megabytes(pid: str) -> float:
    """The memory of a process; of what it shares with others, its part."""
    found = re.search(r"^Pss: +([0-9]+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def run(command: Sequence[str], env: Mapping[str, str]) -> Figure:
    """Run a command to its end. Raises Failed with the last line of what it said."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**_as_users_have_it(), **_ENVIRONMENT, **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    together = _Together(process.pid)
    with process:
        together.start()
        assert process.stderr is not None
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        together.end()
    if status:
        lines = said.decode(errors="replace").strip().splitlines()
        raise Failed(lines[-1] if lines else f"exit {process.returncode}")
    return Figure(seconds, usage.ru_utime + usage.ru_stime, max(usage.ru_maxrss / 1024, together.peak))


def compete(contenders: Sequence[Contender], runs: int, budget: float, warm_up: bool = False) -> dict[str, Series]:
    """`runs` runs of each contender, one after the other in turn; none begins a run once it has used up its budget of
    seconds.

    With `warm_up`, a first round is not counted: it compiles Python's modules and fills the system's caches.
    """
    found = {contender.name: Series() for contender in contenders}
    for turn in range(-1 if warm_up else 0, runs):
        for contender in contenders:
            series = found[contender.name]
            if series.failure or sum(figure.seconds for figure in series.figures) >= budget:
                continue
            try:
                contender.prepare()
                figure = run(contender.command(turn), contender.env)
            except Failed as failure:
                series.failure = str(failure)
            else:
                series.figures += [figure] if turn >= 0 else []
    return found

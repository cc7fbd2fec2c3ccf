"""`make bench`: one append, timed as a whole process beside what scripts on other libraries take; writes docs/performance.md.

Each figure is the median of several runs in turn, with the peak memory of the process. Quote the ratios: the machine's speed drifts.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from workbooks import case_number, make

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "performance.md"
SIZES = (100, 1_000, 10_000)
ENV = {**os.environ, "REFUNDBOOK_TODAY": "2023-12-01T12:00"}


@dataclass(frozen=True)
class Figure:
    """Seconds and peak memory (MB) of one run."""

    seconds: float
    megabytes: float


def run(command: list[str]) -> Figure:
    """Run a command to its end in a child that reports its own peak memory."""
    began = time.perf_counter()
    process = subprocess.Popen(command, env=ENV, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    if status:
        raise SystemExit(f"{command} failed: {process.stderr.read().decode() if process.stderr else ''}")
    return Figure(seconds, usage.ru_maxrss / 1024)


def commands(book: Path, number: str) -> dict[str, list[str]]:
    """Each contender's command that appends one message to `book`."""
    refund = [sys.executable, "-m", "refundbook", "-b", str(book), "append", "communication", number]
    refund += ["--date", "2023-12-01", "--with", "support", "--summary", "Support will look into it."]
    peers = {name: [sys.executable, str(HERE / "peers.py"), name, str(book), number] for name in ("openpyxl", "pandas")}
    return {"refundbook": refund, **peers}


def measured(cases: int, runs: int, folder: Path) -> dict[str, list[Figure]]:
    """The figures of each contender on a workbook of `cases` cases, taken in turn, each on a fresh copy."""
    original = folder / f"{cases}.xlsx"
    make(original, cases)
    found: dict[str, list[Figure]] = {}
    for _ in range(runs):
        for name in commands(original, ""):
            book = folder / "run.xlsx"
            shutil.copy(original, book)
            found.setdefault(name, []).append(run(commands(book, case_number(cases // 2 * 2 - 2))[name]))
    return found


def row(cases: int, figures: dict[str, list[Figure]]) -> str:
    """One line of the table: medians, and how many times longer than refundbook's each is."""
    ours = statistics.median(figure.seconds for figure in figures["refundbook"])
    cells = [f"{cases:,}"]
    for name, runs in figures.items():
        seconds = statistics.median(figure.seconds for figure in runs)
        memory = max(figure.megabytes for figure in runs)
        ratio = "" if name == "refundbook" else f", {seconds / ours:.1f}×"
        cells.append(f"{seconds:.2f} s, {memory:.0f} MB{ratio}")
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as folder:
        lines = [row(cases, measured(cases, options.runs, Path(folder))) for cases in options.sizes]
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    PAGE.write_text(
        "# Performance\n\n"
        "Made by `make bench`. One message appended to a workbook of N cases with three messages each, the case looked up and checked: the whole\n"
        f"process, median of {options.runs} runs in turn on fresh copies, and peak memory. The machine: {machine}. Times vary with the machine; the\n"
        "ratios (how many times longer than refundbook) vary less.\n\n"
        "| N | refundbook | openpyxl: load, append, save | pandas: calamine, XlsxWriter |\n|---|---|---|---|\n"
        + "\n".join(lines)
        + "\n\n"
        "The openpyxl and pandas scripts (`benchmarks/peers.py`) write the whole workbook anew; pandas keeps nothing but the cells' values.\n",
        encoding="utf-8",
    )
    print(PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()

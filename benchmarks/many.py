"""Many workbooks at once: `load_all` in one process, in two, and on a Dask cluster of two workers on this machine,
with the frames of all.

    python -m benchmarks.many [--books N] [--cases N] [--runs R]

The processes are warm: a pool's start, and the import of pandas in it, are not counted. A loop in one process does not
fork.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager, nullcontext
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import refundbook
from benchmarks.books import refundbook_book
from benchmarks.workbooks import TODAY
from refundbook.system.forked import without_copies


@contextmanager
def processes() -> Iterator[Executor]:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield pool


@contextmanager
def cluster() -> Iterator[Executor]:
    import distributed

    module: Any = distributed
    with (
        module.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as made,
        module.Client(made) as client,
    ):
        yield client.get_executor()


CONTENDERS: dict[str, Callable[[], Any]] = {
    "a loop": nullcontext,
    "two processes": processes,
    "Dask, two workers": cluster,
}


def seconds(folder: Path, executor: Executor | None) -> tuple[float, float]:
    """How long it takes to read all and to have the three frames of all; and of it the processor time of this process,
    which no other can take over.
    """
    began, worked = time.perf_counter(), time.process_time()
    with without_copies():
        books = refundbook.load_all(f"{folder}/*.xlsx", executor=executor, today=TODAY)
        assert not books.failed
        assert all(map(len, (books.cases, books.communications, books.resolutions)))
    return time.perf_counter() - began, time.process_time() - worked


def _of_children() -> float:
    """Seconds of processor time of the processes that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--books", type=int, default=300, help="numbers of workbooks")
    parser.add_argument("--cases", type=int, default=500, help="cases in each")
    parser.add_argument("--runs", type=int, default=3, help="runs of each contender, of which the fastest counts")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        made = refundbook_book(Path(tempfile.gettempdir()) / "bench-books", options.cases)
        folder = Path(scratch)
        for number in range(options.books):
            shutil.copyfile(made, folder / f"shop-{number:03}.xlsx")
        warm = folder / "warm"
        warm.mkdir()
        for number in range(4):
            shutil.copyfile(made, warm / f"{number}.xlsx")
        for name, start in CONTENDERS.items():
            before = _of_children()
            with start() as executor:
                seconds(warm, executor)
                best, here = min(seconds(folder, executor) for _ in range(options.runs))
            there = _of_children() - before
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"{name}: {best:.1f} s for {options.books:,} workbooks of {options.cases:,} cases; processor time "
                f"{here:.1f} s here, {there:.1f} s in workers with their start, {options.runs} runs; {peak:,.0f} MB"
            )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

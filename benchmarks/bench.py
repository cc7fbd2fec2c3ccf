"""`make bench`: refundbook beside its peers, whole processes in one run; writes docs/performance.md and
docs/performance.svg.

    python -m benchmarks.bench [--quick] [--sizes N …] [--runs R] [--peers NAME …] [--out FOLDER]

The workbooks are made the first time, which takes minutes at 100,000 cases, and kept in `--books`.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.contests import PEERS, Contests, available, starting
from benchmarks.measure import ROOT, Contender, Series, compete
from benchmarks.page import draw, machine, page

SIZES = (100, 1_000, 10_000, 100_000)
READING = 10_000
"""Reading is measured from this number of cases on, bulk up to it."""
BUDGET = 40.0
"""Seconds: what is slow runs fewer times, and once where one run takes longer."""
PLOT = "performance.svg"
SHEETS = "## The sheets in LibreOffice"


def measure(
    sizes: Sequence[int], peers: Sequence[str], runs: int, books: Path
) -> dict[tuple[str, int], dict[str, Series]]:
    """All contests at all sizes."""
    results: dict[tuple[str, int], dict[str, Series]] = {}

    def hold(contest: str, cases: int, contenders: Iterable[Contender], warm_up: bool = False) -> None:
        began = time.perf_counter()
        results.setdefault((contest, cases), {}).update(compete(list(contenders), runs, BUDGET, warm_up))
        print(f"{contest}, {cases:,} cases: {time.perf_counter() - began:.0f} s", file=sys.stderr)

    warm_up = runs > 1
    for cases in sizes:
        with tempfile.TemporaryDirectory() as scratch:
            contests = Contests(books, Path(scratch), cases)
            hold("append", cases, contests.append(peers), warm_up and cases == min(sizes))
            hold("one_case", cases, contests.one_case(), warm_up and cases == min(sizes))
            if cases >= READING or cases == max(sizes):
                hold("check", cases, contests.check(saved=False))
                hold("check", cases, contests.check(saved=True))
                hold("frame", cases, contests.frame())
            if cases == max((size for size in sizes if size <= READING), default=0):
                hold("bulk", cases, contests.bulk())
    hold("start", 0, starting(), warm_up)
    return results


def kept(path: Path) -> str:
    """The page's section on the sheets, which `make bench-sheet` measures."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    at = text.find(SHEETS)
    return f"\n{text[at:]}" if at >= 0 else ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of cases")
    parser.add_argument("--runs", type=int, default=5, help="runs of each contender, fewer of the slow ones")
    parser.add_argument("--peers", nargs="*", default=PEERS, choices=PEERS, help="the libraries to compare with")
    parser.add_argument("--quick", action="store_true", help="up to 1,000 cases, two runs, a page beside the workbooks")
    parser.add_argument("--books", type=Path, default=Path(tempfile.gettempdir()) / "bench-books")
    parser.add_argument("--out", type=Path, help="the folder of the page and the plot, docs unless told otherwise")
    options = parser.parse_args()
    sizes, runs = ((100, 1_000), 2) if options.quick else (sorted(options.sizes), options.runs)
    out: Path = options.out or (options.books if options.quick else ROOT / "docs")
    out.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "-m", "benchmarks.books", options.books, *map(str, sizes)], cwd=ROOT, check=True)
    where = machine()
    results = measure(sizes, available(options.peers), runs, options.books)
    floor = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    text = page(results, where, floor, PLOT)
    draw(results, out / PLOT)
    written = out / "performance.md"
    text += kept(written)
    written.write_text(text, encoding="utf-8")
    print(text)
    return int(any(series.failure for found in results.values() for series in found.values()))


if __name__ == "__main__":
    raise SystemExit(main())

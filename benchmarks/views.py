"""`python benchmarks/views.py [N]`: what `due`, `show`, `list`, `find` and `insights` take beside loading the workbook,
at N cases with three messages each.

Prints a Markdown table. Each figure is the median of five runs; what counts is the ratio, which is to stay below 2.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from workbooks import TODAY, case_number, make

import refundbook
from refundbook.base.errors import UnknownEntry
from refundbook.insights.insights import Insights
from refundbook.record import promises
from refundbook.record.case_lookup import case_file
from refundbook.record.records import Records
from refundbook.views import case_page, search
from refundbook.views.calendar import calendar

RUNS = 5


def seconds(run: Callable[[], object]) -> float:
    """The median of several runs."""
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        run()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def unknown(records: Records) -> None:
    """Look for a case that is not there: the dearest `show`."""
    try:
        case_file(records, "no such number")
    except UnknownEntry:
        return
    raise AssertionError("it is there")


def main(cases: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.xlsx"
        make(path, cases)
        loading = seconds(lambda: refundbook.load(path, today=TODAY))

        def fresh(view: Callable[[Records], object]) -> float:
            """A command looks at records that nobody has looked at before: no lookup is built yet."""
            times = []
            for _ in range(RUNS):
                records = refundbook.load(path, today=TODAY).records
                began = time.perf_counter()
                view(records)
                times.append(time.perf_counter() - began)
            return statistics.median(times)

        views: dict[str, Callable[[Records], object]] = {
            "due": promises.due,
            "due --ics": lambda records: calendar(records, "Refunds"),
            "show": lambda records: case_page.case_file_html(case_file(records, case_number(cases // 2))),
            "show, unknown": unknown,
            "list": search.list_cases,
            "find": lambda records: search.find(records, "photos"),
            "insights": lambda records: Insights(records).tables(),
            "insights --html": lambda records: Insights(records).html(),
        }
        print(f"| {cases:,} cases | s | of loading |\n|---|---|---|\n| load | {loading:.2f} | 1 |")
        for name, view in views.items():
            taken = fresh(view)
            print(f"| {name} | {taken:.3f} | {taken / loading:.2f} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=int, nargs="?", default=10_000, help="the number of cases [10000]")
    main(parser.parse_args().cases)

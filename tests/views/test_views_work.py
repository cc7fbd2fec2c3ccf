"""The views cost little beside loading, and grow no faster than the workbook. Counted in calls of functions, which no
busy machine changes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from types import FrameType

import pytest

from refundbook.base.errors import UnknownEntry
from refundbook.insights.insights import Insights
from refundbook.record import promises
from refundbook.record.case_lookup import case_file
from refundbook.record.records import Records
from refundbook.views import case_page, search
from refundbook.views.calendar import calendar
from tests.support.books import filled
from tests.support.samples import load

pytestmark = pytest.mark.slow

SMALL, LARGE = 60, 240


def unknown(records: Records) -> None:
    with pytest.raises(UnknownEntry):
        case_file(records, "no such number")


VIEWS: dict[str, Callable[[Records], object]] = {
    "due": promises.due,
    "calendar": lambda records: calendar(records, "Refunds"),
    "show": lambda records: case_page.case_file_html(case_file(records, "GTB-000007")),
    "show, unknown": unknown,
    "list": search.list_cases,
    "find": lambda records: search.find(records, "photos"),
    "insights": lambda records: Insights(records).html(),
    "find, everywhere": lambda records: search.find(records, "gtb"),
}


def calls(run: Callable[[], object]) -> int:
    """How many functions are called, Python's and C's."""
    count = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(None)
    return count


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Two workbooks, with a promise to every case and a resolution to every second."""
    folder = tmp_path_factory.mktemp("work")
    return {count: _book(folder / f"{count}.xlsx", count) for count in (SMALL, LARGE)}


def _book(path: Path, count: int) -> Path:
    days = [date(2023, 10, 1) + timedelta(days=k % 30) for k in range(count)]
    numbers = [f"GTB-{k:06}" for k in range(count)]
    cases = [
        {"number": n, "opened": d, "order": f"O-{k // 2}", "reason": "Defective", "respond_by": d + timedelta(days=40)}
        for k, (n, d) in enumerate(zip(numbers, days, strict=True))
    ]
    messages = [
        {"entry": 2 * k + m, "number": numbers[k], "date": days[k], "with_": "Support", "direction": "Received", "summary": f"Sent photos {m}.", "promise": "Refund", "due": days[k] + timedelta(days=5)}
        for k in range(count)
        for m in (1, 2)
    ]  # fmt: skip
    ends = [{"number": numbers[k], "status": "Denied", "date": days[k]} for k in range(0, count, 2)]
    return filled(path, cases, messages, ends)


def work(view: Callable[[Records], object], path: Path) -> int:
    """The calls of a view of records that nobody has looked at before: no lookup is built yet."""
    VIEWS["calendar"](load(path).records)  # what it imports is not its work
    records = load(path).records
    return calls(lambda: view(records))


@pytest.mark.parametrize("name", [name for name in VIEWS if name != "calendar"])
def test_a_view_costs_at_most_as_much_as_loading_and_checking_twice(books: dict[int, Path], name: str) -> None:
    loading = calls(lambda: load(books[LARGE]).check())
    assert work(VIEWS[name], books[LARGE]) <= 2 * loading


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_grows_no_faster_than_the_workbook(books: dict[int, Path], name: str) -> None:
    few, many = (work(VIEWS[name], books[count]) for count in (SMALL, LARGE))
    assert many <= LARGE / SMALL * 1.3 * max(few, 2_000)

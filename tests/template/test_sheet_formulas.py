"""What the formulas of the sheets show, however many rows a log has and however case numbers are spelled: the same as
the library answers.

`REFUNDBOOK_LONG_TESTS=1` compares 200 random workbooks, without it 12.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, datetime
from itertools import product
from pathlib import Path
from random import Random

import openpyxl
import pytest
from openpyxl.formula.translate import Translator

import refundbook
from refundbook.base.dates import day_of
from refundbook.record.facts import as_date, waiting_since
from refundbook.record.promises import State, promise_at
from refundbook.record.records import Log
from refundbook.template import alerts, build, calculation
from refundbook.template import insights as insights_sheet
from refundbook.template.alerts import EMPTY, NO_CASE, NO_CASE_IN_SHORT
from refundbook.template.tracker import TOO_MANY
from tests.support import books
from tests.support.books import Row, filled
from tests.support.computed import (
    TODAY,
    alerts_shown,
    as_shown,
    by_libreoffice,
    by_refundbook,
    computed,
    differences,
    on_the_day,
    with_alerts,
)
from tests.support.odd_books import filled_with, many_entries, random_entries
from tests.support.office import converted, sheet_values
from tests.support.samples import sample_at

pytestmark = pytest.mark.slow

LONG = bool(os.environ.get("REFUNDBOOK_LONG_TESTS"))
FEW = (0, 1, 2, 7)
SIZES = (
    list(product(FEW, repeat=3)) if LONG else [(a, b, FEW[(FEW.index(a) + FEW.index(b)) % 4]) for a in FEW for b in FEW]
)
"""How many rows each log has: all of 0, 1, 2 and many with each other, in the short form in pairs."""
WORKBOOKS = 200 if LONG else 12
SPELLED = 60 if LONG else 6


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workbooks whose hidden sheet computes a few rows: the same formulas, in a tenth of the time."""
    _compute(21, tmp_path, monkeypatch)


def _compute(rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the hidden sheet of new workbooks compute so many rows of each log, the header counted in."""
    monkeypatch.setattr(calculation, "ROWS", {"Cases": rows, "Communications": rows, "Resolutions": rows})
    monkeypatch.setattr(books, "TEMPLATE", tmp_path / "small.xlsx")
    (tmp_path / "small.xlsx").write_bytes(build())


@pytest.mark.libreoffice
@pytest.mark.usefixtures("small")
def test_with_no_row_one_two_and_many_in_each_log_the_sheets_show_what_the_library_answers(tmp_path: Path) -> None:
    paths = [
        filled_with(random_entries(Random(str(size)), size), tmp_path / f"{'-'.join(map(str, size))}.xlsx")
        for size in SIZES
    ]
    found = _differences(paths, tmp_path / "computed")
    assert not found, "\n".join(found)


@pytest.mark.libreoffice
@pytest.mark.usefixtures("small")
def test_random_workbooks_show_what_the_library_answers(tmp_path: Path) -> None:
    paths = [filled_with(random_entries(Random(seed)), tmp_path / f"seed{seed}.xlsx") for seed in range(WORKBOOKS)]
    found = _differences(paths, tmp_path / "computed")
    assert not found, "\n".join(found)


@pytest.mark.libreoffice
@pytest.mark.skipif(not LONG, reason="minutes; REFUNDBOOK_LONG_TESTS=1 runs it")
@pytest.mark.parametrize("cases", [1_000, 5_000])
def test_of_many_cases_the_sheets_show_what_the_library_answers(tmp_path: Path, cases: int) -> None:
    path = filled_with(many_entries(Random(cases), cases, TODAY), tmp_path / "many.xlsx")
    found = _differences([path], tmp_path / "computed")
    assert not found, "\n".join(found[:20])


@pytest.mark.libreoffice
@pytest.mark.usefixtures("small")
def test_what_libreoffice_saved_shows_the_same_when_it_is_opened_again_also_after_an_append(tmp_path: Path) -> None:
    """It rounds results to 15 digits as it saves, and computes only what has none when it opens a file."""
    path = sample_at(tmp_path / "made.xlsx")
    with refundbook.load(path, today=TODAY) as book:
        book.append_case("GTB-789100", opened="2023-12-01")
    saved = converted([on_the_day(path, tmp_path / "day.xlsx")], tmp_path / "saved")
    again = converted(saved, tmp_path / "again")[0]
    assert differences(as_shown(again), by_refundbook(path)) == []
    with refundbook.load(again, today=TODAY) as book:
        book.append_case("GTB-789200", opened="2023-12-05", amount="10", currency="USD")
        book.append_resolution("GTB-789100", status="Denied", date="2023-12-06")
    assert differences(as_shown(converted([again], tmp_path / "last")[0]), by_refundbook(again)) == []


@pytest.mark.libreoffice
@pytest.mark.usefixtures("small")
def test_what_random_workbooks_seldom_have_is_shown_as_the_library_answers(tmp_path: Path) -> None:
    opened = date(2023, 11, 1)
    hello: Row = {"date": date(2023, 11, 2), "with_": "Support", "direction": "Received"}

    def of(*numbers: str) -> list[Row]:
        return [{"number": number, "summary": f"on {number}", **hello} for number in numbers]

    stripes: list[Row] = [
        {"number": "x_9Ab", "opened": opened, "issuer": "Stripe"},
        {"number": "x_9aB", "opened": opened},
    ]
    twice: list[Row] = [{"number": "GTB-1", "opened": opened}, {"number": "gtb-1", "opened": date(2023, 12, 30)}]
    kinds: dict[str, tuple[list[Row], list[Row]]] = {
        "a case of an issuer whose numbers are case-sensitive, and one that its letters tell apart": (
            stripes,
            of("x_9Ab", "x_9aB", "X_9AB"),
        ),
        "such a case alone, spelled otherwise in its messages": (stripes[:1], of("x_9ab", "X_9AB")),
        "no such issuer": ([{**row, "issuer": None} for row in stripes], of("x_9Ab", "x_9aB")),
        "the newest case is a number for the second time": (twice, of("GTB-1")),
    }
    spellings = ("re_1ab", "RE_1AB", "Re_1ab", "re_1Ab", "re_1aB", "x_1ab", "X_1AB", "x_1Ab")
    random = Random(7)
    for seed in range(SPELLED):
        cases: list[Row] = [
            {"number": number, "opened": opened, "issuer": random.choice(("Stripe", "GTBuy", None))}
            for number in random.sample(spellings, random.randint(1, 4))
        ]
        kinds[f"numbers that their letters' case may tell apart, {seed}"] = (cases, of(*spellings))
    kinds["each kind of what is due next"] = _next_due()
    paths = [filled(tmp_path / f"{k}.xlsx", cases, said, ()) for k, (cases, said) in enumerate(kinds.values())]
    found = _differences(paths, tmp_path / "computed")
    assert not found, "\n".join([*kinds, *found])


def _next_due() -> tuple[list[Row], list[Row]]:
    """Late, today, soon and without a date, by day and by the hour; of several what comes first."""
    day = [date(2024, 1, d) for d in range(1, 32)]
    night, noon = datetime(2024, 1, 31, 23, 59, 59), datetime(2024, 1, 20, 12, 30)
    promises: list[list[tuple[object, object]]] = [
        [("late", day[13])],
        [("today", day[14])],
        [("soon", day[19])],
        [("later", day[20]), ("by the hour", noon)],
        [("at night", night), ("the lower of one day", day[30])],
        [("some day", None), ("later that day", None)],
        [("some day", None), ("soon", day[25])],
    ]
    cases: list[Row] = [{"number": f"P-{k}", "opened": day[0]} for k in range(len(promises))]
    said: list[Row] = [
        {"number": f"P-{k}", "date": day[14], "with_": "Support", "summary": "x", "promise": what, "due": due}
        for k, of_case in enumerate(promises)
        for what, due in of_case
    ]
    sent = {"with_": "Support", "direction": "Sent", "summary": "x"}
    said += [
        {"number": "Sent", "date": day[14], **sent, "promise": "photos", "due": day[17], "agent": "Maya"},
        {"number": "Waits", "date": day[1], "with_": "Support", "summary": "x"},
        {"number": "Waits", "date": datetime(2024, 1, 3, 22, 15), **sent},
        {"number": "Waits", "date": day[13], **sent},
        {"number": "Both", "date": day[14], "with_": "Support", "summary": "x", "promise": "pay", "due": day[16]},
    ]
    cases += [
        {"number": "Sent", "opened": day[13]},
        {"number": "Waits", "opened": day[0]},
        {"number": "Both", "opened": day[0], "respond_by": day[16], "issuer": "PayPal"},
        {"number": "Gateway", "opened": day[14], "respond_by": noon},
        {"number": "Answered", "opened": day[14], "respond_by": noon, "answered_on": day[14]},
        {"number": "Never", "opened": day[0]},
    ]
    return cases, said


@pytest.mark.libreoffice
@pytest.mark.parametrize("log", range(3))
def test_with_more_rows_than_are_computed_the_sheets_say_so_and_show_no_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: int
) -> None:
    _compute(6, tmp_path, monkeypatch)
    most, too_many = (
        filled_with(random_entries(Random(1), size), tmp_path / f"{size[log]}.xlsx")
        for size in ([5, 5, 5], [5 + (k == log) for k in range(3)])
    )
    shown, silent = by_libreoffice([most, too_many], tmp_path / "computed")
    assert differences(shown, by_refundbook(most)) == []
    assert {silent[f"Tracker 2 {column}"] for column in ("summary", "reply", "resolution")} == {TOO_MANY}
    figures = {value for name, value in silent.items() if name.startswith("Insights: ")}
    assert figures == {insights_sheet.TOO_FEW}


# Conditional formats

ALERTS = 40 if LONG else 6
ROWS = 14
"""More rows than a log of these workbooks has: some lie below the Tables."""
LATE = date(2024, 1, 13)
"""Two days, the response target, before `TODAY`."""


@pytest.mark.libreoffice
@pytest.mark.usefixtures("small")
def test_conditional_formats_speak_up_where_the_library_does(tmp_path: Path) -> None:
    """Duplicates, unknown cases, overdue promises and no reply, in workbooks of none, one and more rows and in all
    spellings.
    """
    counts = [(12, 12, 6) if k % 3 == 1 else None for k in range(ALERTS)]
    paths = [
        filled_with(random_entries(Random(f"alert {k}"), count), tmp_path / f"alerts{k}.xlsx")
        for k, count in enumerate(counts)
    ]
    ours = [_alerts(path) for path in paths]
    made = computed([with_alerts(path, ROWS) for path in paths], tmp_path / "computed")
    for path, theirs, expected in zip(paths, made, ours, strict=True):
        for (sheet, label), rows in expected.items():
            shown = [row for row, value in enumerate(alerts_shown(theirs, sheet, ROWS)[label], 2) if value]
            if "no reply" in label:
                # Of a number that stands twice there is no saying from which of its rows on the case waits.
                twice = expected[sheet, DUPLICATE]
                shown, rows = ([row for row in found if row not in twice] for found in (shown, rows))
            assert shown == rows, f"{path.stem} {sheet} {label}"
    assert all(any(found[key] for found in ours) for key in ours[0]), "some format never spoke up"


DUPLICATE = 'A2 "duplicate "@'
UNKNOWN = {"Communications": 'B2 "unknown "@', "Resolutions": 'A2 "unknown "@'}


@pytest.mark.libreoffice
@pytest.mark.parametrize("log", range(3))
def test_with_more_rows_than_are_computed_only_the_last_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: int
) -> None:
    """And of none is it said that it is late, since nothing tells whether its case has ended."""
    monkeypatch.setattr(alerts, "RECENT", 2)
    _compute(6, tmp_path, monkeypatch)
    sizes = [7 if k == log else 5 for k in range(3)]
    opened = date(2023, 11, 1)
    known: Row = {"with_": "Support", "date": opened, "summary": "x", "promise": "x", "due": opened}
    logs: list[list[Row]] = [
        [{"number": number, "opened": opened} for number in "AABCDEE"],
        [{"number": number, **known} for number in "?AAA?A?"],
        [{"number": number, "status": "Pending"} for number in "?AAA?A?"],
    ]
    path = filled(tmp_path / "book.xlsx", *(rows[:size] for rows, size in zip(logs, sizes, strict=True)))
    made = computed([with_alerts(path, 7)], tmp_path / "computed")[0]

    def shown(sheet: str) -> dict[str, list[int]]:
        found = alerts_shown(made, sheet, 7)
        return {label: [row for row, value in enumerate(values, 2) if value] for label, values in found.items()}

    assert {sheet: rows for sheet in ("Cases", *UNKNOWN) if (rows := {k: v for k, v in shown(sheet).items() if v})} == {
        **({"Cases": {DUPLICATE: [7, 8]}} if log == 0 else {}),
        **{sheet: {label: [sizes[k] + 1]} for k, (sheet, label) in enumerate(UNKNOWN.items(), 1)},
    }


def _alerts(path: Path) -> dict[tuple[str, str], list[int]]:
    """The rows in which each format is to speak up."""
    records = refundbook.load(path, strict=False, today=TODAY).records
    cases, messages, ends = records.logs

    def rows(log: Log, holds: Callable[[int], bool]) -> list[int]:
        return [log.rows[i] for i in range(len(log)) if log["number"][i] is not None and holds(i)]

    def waits(i: int) -> bool:
        since, opened = waiting_since(records, cases.keys[i]), as_date(cases["opened"][i])
        return since is not None and opened is not None and max(day_of(since), opened) < LATE

    def is_overdue(i: int) -> bool:
        promise = promise_at(records, i)
        return promise is not None and promise.state is State.OVERDUE and day_of(promise.due) < TODAY  # type: ignore[arg-type]

    return {
        ("Cases", DUPLICATE): rows(cases, lambda i: len(cases.by_case[cases.keys[i]]) > 1),
        ("Cases", 'C2 yyyy-mm-dd" no reply"'): rows(cases, waits),
        ("Communications", UNKNOWN["Communications"]): rows(messages, lambda i: records.case(messages.keys[i]) is None),
        ("Resolutions", UNKNOWN["Resolutions"]): rows(ends, lambda i: records.case(ends.keys[i]) is None),
        ("Communications", 'J2 yyyy-mm-dd" overdue"'): rows(messages, is_overdue),
    }


@pytest.mark.libreoffice
@pytest.mark.usefixtures("small")
def test_the_tracker_says_in_its_headings_what_its_formulas_cannot_find(tmp_path: Path) -> None:
    """A number that only Unicode's compatibility forms make one of a case, and one whose letters' case matters."""
    cases: list[Row] = [{"number": number, "opened": date(2024, 1, 1)} for number in ("GTB-1", "dp_1Ab")]
    hello: Row = {"date": date(2024, 1, 2), "with_": "Support", "summary": "Hello"}
    books = {
        "all found": ([{"number": "gtb–1", **hello}], [{"number": "dp_1Ab", "status": "Pending"}]),
        "not found": ([{"number": "GTB-①", **hello}], [{"number": "dp_1AB", "status": "Pending"}]),
    }
    paths = [filled(tmp_path / f"{name}.xlsx", cases, *logs) for name, logs in books.items()]
    made = computed([with_alerts(path, 1) for path in paths], tmp_path / "computed")
    found, not_found = (alerts_shown(path, "Tracker", 1) for path in made)
    alerts = (f"C1 {NO_CASE}", f"E1 {NO_CASE_IN_SHORT}")
    assert [found[alert] for alert in alerts] == [[False], [False]]
    assert [not_found[alert] for alert in alerts] == [[True], [True]]


@pytest.mark.libreoffice
@pytest.mark.usefixtures("small")
def test_a_tracker_without_a_case_says_where_to_enter_one(tmp_path: Path) -> None:
    paths = [
        filled(tmp_path / "none.xlsx", (), (), ()),
        filled(tmp_path / "one.xlsx", [{"number": "GTB-1", "opened": date(2024, 1, 1)}], (), ()),
    ]
    made = computed([with_alerts(path, 1) for path in paths], tmp_path / "computed")
    assert [alerts_shown(path, "Tracker", 1)[f"C1 {EMPTY}"] for path in made] == [[True], [False]]


# Validations


@pytest.mark.libreoffice
@pytest.mark.usefixtures("small")
def test_a_number_in_which_letters_matter_is_not_refused_as_a_duplicate_of_another(tmp_path: Path) -> None:
    numbers = ["GTB-1", "gtb-1", "dp_1Ab", "dp_1aB", "5.1", "5.10", "a*b", "axb"]
    path = filled(tmp_path / "t.xlsx", [{"number": n, "opened": date(2024, 1, 1)} for n in numbers], (), ())
    book = openpyxl.load_workbook(path)
    page = book["Cases"]
    (check,) = (v.formula1 for v in page.data_validations.dataValidation if str(v.sqref).startswith("A2:"))
    for row in range(2, 2 + len(numbers)):
        page.cell(row, 30).value = Translator(f"={check}", origin="A2").translate_formula(f"A{row}")
    book.save(path)
    (made,) = computed([path], tmp_path / "computed")
    accepted = [bool(row[29]) for row in sheet_values(made, "Cases")[1 : 1 + len(numbers)]]
    assert dict(zip(numbers, accepted, strict=True)) == {number: number.lower() != "gtb-1" for number in numbers}


def _differences(paths: list[Path], folder: Path) -> list[str]:
    shown = zip(paths, by_libreoffice(paths, folder), strict=True)
    return [f"{path.stem}: {line}" for path, theirs in shown for line in differences(theirs, by_refundbook(path))]

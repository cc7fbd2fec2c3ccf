"""Taking over another tracker: the five-column layout, tables with a column map, and what cannot be read."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

import refundbook
from refundbook import Book, UnreadableWorkbook, UsageError
from refundbook.base.clock import Clock
from refundbook.base.schema import FINAL_STATUSES, SHEETS, TRACKER_HEADERS
from refundbook.base.settings import Settings
from refundbook.importing.cell_reader import status_in_words
from refundbook.importing.column_map import TRACKER_MAP, ImportMap, Target
from refundbook.importing.guess_map import guess
from refundbook.importing.map_file import parse, to_toml
from refundbook.importing.open_table import open_table, open_unmapped
from refundbook.importing.plan import Plan, enter, read
from refundbook.importing.source_table import ImportRefused
from refundbook.record.records import Log, Records
from refundbook.record.tracker import tracker_rows
from refundbook.render.text import to_csv
from tests.support.books import SAMPLE_TRACKER, blank
from tests.support.samples import TODAY, load, sample_at

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).parents[2] / "examples"
Rows = Sequence[Sequence[object]]


def csv_of(rows: Rows, delimiter: str = ",") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode()


def tracker(*rows: Sequence[object]) -> bytes:
    return csv_of([TRACKER_HEADERS, *rows])


def xlsx(path: Path, rows: Rows, *, sheet: str = "Old", top: int = 0, **options: Any) -> bytes:
    """A workbook of XlsxWriter's, which puts dates as dates and texts that begin with = as formulas."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd", **options}) as book:
        page = book.add_worksheet(sheet)
        for k, row in enumerate(rows, top):
            page.write_row(k, 0, row)
    return path.read_bytes()


def empty_records() -> Records:
    """The records of a new workbook."""
    letters = {
        sheet.name: {column.name: "ABCDEFGHIJKLMNOPQRST"[k] for k, column in enumerate(sheet.columns)}
        for sheet in SHEETS
    }
    cases, communications, resolutions = (
        Log(sheet, Settings().issuers, letters[sheet.name], columns={column.name: [] for column in sheet.columns})
        for sheet in SHEETS
    )
    return Records(cases, communications, resolutions, Settings(), Clock.for_settings(Settings(), TODAY))


def plan_of(data: bytes, found: ImportMap | None = None, sheet: str | None = None) -> Plan:
    table, its_map = open_table(data, "old", found, sheet)
    return read(table, its_map, empty_records())


def entries_of(data: bytes, found: ImportMap | None = None) -> list[tuple[str, dict[str, object]]]:
    plan = plan_of(data, found)
    assert plan.problems == ()
    return [(entry.pillar, {n: v for n, v in entry.fields.items() if n != "source"}) for entry in plan.entries]


def problems_of(data: bytes, found: ImportMap | None = None) -> list[tuple[str, str]]:
    return [(problem.where, problem.message) for problem in plan_of(data, found).problems]


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return load(blank(tmp_path / "tracker.xlsx"))


def imported(book: Book, data: bytes, found: ImportMap | None = None) -> Book:
    table, its_map = open_table(data, "old", found)
    enter(book, read(table, its_map, book.records))
    return book


def shown(book: Book) -> list[tuple[object, ...]]:
    return [tuple("" if value is None else str(value) for value in row) for row in tracker_rows(book.records)]


# The five-column layout


def test_the_tracker_of_the_design_comes_back_as_it_was(book: Book) -> None:
    imported(book, csv_of(SAMPLE_TRACKER)).save()
    again = load(book.path)
    assert shown(again) == [tuple(row) for row in SAMPLE_TRACKER[1:]]
    assert to_csv(TRACKER_HEADERS, tracker_rows(again.records)) == csv_of(SAMPLE_TRACKER).decode().replace("\r\n", "\n")
    assert again.check().errors == ()


def test_the_tracker_sheet_of_a_workbook_of_ones_own_is_read_too(book: Book, tmp_path: Path) -> None:
    sample = sample_at(tmp_path / "old.xlsx")
    old = load(sample)
    old.append_case("GTB-789046", opened="2023-11-03")
    old.save()
    imported(book, sample.read_bytes())
    assert shown(book) == shown(load(sample))


def test_what_each_cell_becomes() -> None:
    row = (
        "GTB-1",
        "2023-10-26",
        "Said this. Said that.",
        "2023-10-28 (Agent: Maya)",
        "2023-10-30 - Full refund issued to card.",
    )
    assert entries_of(tracker(row)) == [
        ("case", {"number": "GTB-1", "opened": date(2023, 10, 26)}),
        (
            "communication",
            {
                "number": "GTB-1",
                "summary": "Said this. Said that.",
                "date": date(2023, 10, 28),
                "with_": "Support",
                "direction": "Received",
                "agent": "Maya",
            },
        ),
        (
            "resolution",
            {
                "number": "GTB-1",
                "status": "Full Refund",
                "date": date(2023, 10, 30),
                "outcome": "Full refund issued to card.",
            },
        ),
    ]


def test_without_a_reply_the_summary_is_dated_on_the_opening_day_and_no_reply_appears(book: Book) -> None:
    row = ("GTB-1", "2023-10-26", "Wrote to support.", "", "Pending - Wait")
    (_, case), (_, message), _ = entries_of(tracker(row))
    assert (message["date"], message["direction"]) == (case["opened"], "Sent")
    assert shown(imported(book, tracker(row))) == [row]


@pytest.mark.parametrize(
    ("cell", "day", "agent"),
    [
        ("2023-10-28", date(2023, 10, 28), None),
        ("28 Oct 2023 (agent:Maya)", date(2023, 10, 28), "Maya"),
        ("2023-10-28 14:30 (Agent: Maya (2nd line))", datetime(2023, 10, 28, 14, 30), "Maya (2nd line)"),
    ],
)
def test_replies(cell: str, day: date, agent: str | None) -> None:
    _, (_, message) = entries_of(tracker(("GTB-1", "2023-10-26", "Said.", cell, "")))
    assert (message["date"], message.get("agent")) == (day, agent)


@pytest.mark.parametrize(
    ("cell", "status", "day", "outcome"),
    [
        ("Pending - Awaiting return - by post.", "Pending", None, "Awaiting return - by post."),
        ("Pending", "Pending", None, None),
        ("pending – Wait", "Pending", None, "Wait"),
        ("Reopened", "Reopened", None, None),
        ("Reopened - Full Refund: bank sent it back.", "Reopened", None, "Full Refund: bank sent it back."),
        ("REOPENED – Reopened - again", "Reopened", None, "Reopened - again"),
        ("2023-10-30 - Partial refund of 20 USD.", "Partial Refund", date(2023, 10, 30), "Partial refund of 20 USD."),
        ("2023-10-30 - Store-credit given", "Store Credit", date(2023, 10, 30), "Store-credit given"),
        ("30 Oct 2023 — DENIED: too late", "Denied", date(2023, 10, 30), "DENIED: too late"),
    ],
)
def test_resolutions(cell: str, status: str, day: date | None, outcome: str | None) -> None:
    _, (_, entry) = entries_of(tracker(("GTB-1", "2023-10-26", "", "", cell)))
    assert (entry["status"], entry.get("date"), entry.get("outcome")) == (status, day, outcome)


def test_a_blank_resolution_is_no_entry() -> None:
    assert [pillar for pillar, _ in entries_of(tracker(("GTB-1", "2023-10-26", "", "", "")))] == ["case"]


@pytest.mark.parametrize("status", FINAL_STATUSES)
def test_a_status_is_read_where_it_is_certain(status: str) -> None:
    assert status_in_words(f"{status.lower()} on Monday") == status
    assert status_in_words(f"The case ended: {status}.") == status


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Done.",
        "Refund issued",
        "Full refund denied",
        "Store credit instead of a full refund",
        "Full refund not issued",
        "Replacement promised",
        "Full refund requested",
        "They didn't send a replacement",
        "They didn’t send a replacement",
        "Awaiting replacement",
        "Undenied",
        "Full refunds",
    ],
)
def test_a_status_is_not_guessed(text: str) -> None:
    assert status_in_words(text) is None


@pytest.mark.parametrize(
    ("row", "where", "said"),
    [
        (("", "2023-10-26", "Said.", "", ""), 1, "no case number"),
        (("GTB-1", "03/04/2023", "", "", ""), 2, "can mean 3 April 2023 or 4 March 2023"),
        (("GTB-1", "26.10.23", "", "", ""), 2, "four digits"),
        (("GTB-1", "2023-10-26", "Said.", "soon", ""), 4, "is not a date"),
        (("GTB-1", "2023-10-26", "", "2023-10-28", ""), 4, "no summary"),
        (("GTB-1", "2023-10-26", "", "", "2023-10-30"), 5, "does not say for certain"),
        (("GTB-1", "2023-10-26", "", "", "2023-10-30 - Done."), 5, "as in 2023-10-30 - Denied"),
        (("GTB-1", "2023-10-26", "", "", "Full refund"), 5, "is not a date"),
        (("GTB-1", "2023-10-26", "Said.\x01", "", ""), 3, "no workbook can hold"),
    ],
)
def test_what_cannot_be_read_is_listed_with_its_cell(row: tuple[str, ...], where: int, said: str) -> None:
    fine = ("GTB-2", "2023-10-26", "Said.", "2023-10-28", "Pending")
    problems = problems_of(tracker(fine, row))
    assert len(problems) == 1
    assert problems[0][0] == f"old, line 3, column {where} ({TRACKER_HEADERS[where - 1]})"
    assert said in problems[0][1]


def test_a_case_that_stands_twice_is_listed_with_the_first_row() -> None:
    rows = [("GTB-1", "2023-10-26", "", "", ""), ("gtb-1 ", "2023-10-27", "", "", "")]
    ((where, said),) = problems_of(tracker(*rows))
    assert where.startswith("old, line 3, column 1")
    assert "stands at old, line 2, column 1" in said


def test_nothing_is_entered_where_one_cell_cannot_be_read(book: Book) -> None:
    before = book.path.read_bytes()
    rows = [("GTB-1", "2023-10-26", "", "", ""), ("GTB-2", "2023-10-26", "", "", "2023-10-30 - Done.")]
    with pytest.raises(ImportRefused, match="Nothing was imported from old: 1 cell to correct"):
        imported(book, tracker(*rows))
    assert len(book.records.cases) == 0
    book.save()
    assert book.path.read_bytes() == before


def test_what_the_rules_refuse_is_listed_with_the_foreign_cell(book: Book) -> None:
    book.append_case("GTB-1", opened="2023-10-01")
    rows = [
        ("GTB-1", "2023-10-26", "", "", ""),
        ("GTB-2", "2023-10-26", "Said.", "2023-10-20 (Agent: Maya)", ""),
        ("GTB-3", "2024-10-26", "", "", ""),
        ("GTB-4", "", "", "", ""),
    ]
    with pytest.raises(ImportRefused) as caught:
        imported(book, tracker(*rows))
    at = [(problem.where, problem.value) for problem in caught.value.problems]
    assert at == [
        ("old, line 2, column 1 (GTBuy Case #)", "GTB-1"),
        ("old, line 3, column 4 (Last Support Reply (Date))", "2023-10-20"),
        ("old, line 4, column 2 (Date Opened)", "2024-10-26"),
        ("old, line 5, column 1 (GTBuy Case #)", ""),
    ]
    assert len(book.records.cases) == 1


def test_columns_beside_the_five_are_named_as_not_taken() -> None:
    data = csv_of([(*TRACKER_HEADERS, "Owner", "Blank"), ("GTB-1", "2023-10-26", "", "", "", "ana", "")])
    assert plan_of(data).untaken == ("Owner",)


def test_headers_are_found_in_any_order_and_spelling() -> None:
    shuffled = [header.upper() + " " for header in reversed(TRACKER_HEADERS)]
    data = csv_of([("My cases",), (), shuffled, ("Pending", "", "Said.", "2023-10-26", "GTB-1")])
    assert [pillar for pillar, _ in entries_of(data)] == ["case", "communication", "resolution"]


# Round trip

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x7f", min_codepoint=32), min_size=1, max_size=40)
WORDS = TEXT.filter(lambda text: bool(text.strip()) and "\ufffe" not in text and "\uffff" not in text)
AGENTS = WORDS | st.sampled_from(("Maya (Agent: 2)", "(agent:", ")", " - "))
DAYS = st.integers(0, 8).map(lambda k: date(2023, 10, 26) + timedelta(days=k))


@st.composite
def clean_tracker(draw: st.DrawFn) -> list[tuple[str, dict[str, object]]]:
    """Entries of cases whose last outcome, where the case ended, names its status and nothing that casts
    doubt on it.
    """
    entries: list[tuple[str, dict[str, object]]] = []
    for k in range(draw(st.integers(1, 4))):
        number, opened = f"GTB-{draw(st.integers(0, 999)):03}{k}00", date(2023, 10, 20)
        entries.append(("case", {"number": number, "opened": opened}))
        for day in sorted(draw(st.lists(DAYS, max_size=3))):
            received = draw(st.booleans())
            summary = draw(WORDS | st.sampled_from(("=1+1", "'=1", "-", "Two\nlines", '"', "a,b;c")))
            fields: dict[str, object] = {"number": number, "date": day, "summary": summary}
            fields["with_"] = draw(st.sampled_from(("Support", "Buyer")))
            fields["direction"] = "Received" if received else "Sent"
            if received and draw(st.booleans()):
                fields["agent"] = draw(AGENTS)
            entries.append(("communication", fields))
        entries += [("resolution", {"number": number, **entry}) for entry in draw(ENDS)]
    return entries


ENDED_ON = date(2023, 11, 4)
TRICKY = st.sampled_from(("Pending", "Pending - soon", "Reopened", "Reopened - again", "2023-11-02 - Full Refund", "Full Refund: it came back.", " - ", "- ", "a - b", "2023-11-02"))  # fmt: skip


@st.composite
def certain_end(draw: st.DrawFn) -> dict[str, object]:
    """An entry that ends a case, whose outcome names its status and nothing that casts doubt on it."""
    status = draw(st.sampled_from(FINAL_STATUSES))
    after = draw(
        st.sampled_from(("", " of 20 USD - by card.", "\nSee the note", " 🎉 =1+1", " - Reopened", " - 2023-11-02"))
    )
    before = draw(st.sampled_from(("On Monday: ", "2023-11-02 - ", "Reopened - ", " - ")))
    outcome = draw(st.sampled_from((None, f"{status}{after}", f"{before}{status.lower()}{after}")))
    return {"status": status, "date": ENDED_ON, "outcome": outcome}


OPEN = st.fixed_dictionaries({"status": st.just("Pending")}, optional={"outcome": WORDS | TRICKY})
AGAIN = st.fixed_dictionaries(
    {"status": st.just("Reopened")}, optional={"outcome": WORDS | TRICKY, "date": st.just(ENDED_ON)}
)
ANY_END = st.fixed_dictionaries(
    {"status": st.sampled_from(FINAL_STATUSES), "date": st.just(ENDED_ON)}, optional={"outcome": WORDS | TRICKY}
)
_PAST = st.lists(OPEN, max_size=2).flatmap(lambda before: st.just(before) | st.tuples(ANY_END, AGAIN).map(lambda pair: [*before, *pair]))  # fmt: skip
ENDS = st.tuples(_PAST, st.lists(OPEN | AGAIN | certain_end(), max_size=1)).map(lambda parts: [*parts[0], *parts[1]])
"""The resolution entries of a case, in every order that the rules allow."""


def numbers_of_open_cases(book: Book) -> list[object]:
    records = book.records
    return [n for n, key in zip(records.cases["number"], records.cases.keys, strict=True) if records.final_resolution(key) is None]  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(clean_tracker())
def test_a_clean_tracker_exported_and_imported_prints_the_same_and_has_the_same_open_cases(
    tmp_path_factory: pytest.TempPathFactory, entries: list[tuple[str, dict[str, object]]]
) -> None:
    folder = tmp_path_factory.mktemp("round")
    old, new = load(blank(folder / "old.xlsx")), load(blank(folder / "new.xlsx"))
    old.append_many(entries)
    printed = to_csv(TRACKER_HEADERS, tracker_rows(old.records))
    imported(new, printed.encode())
    assert to_csv(TRACKER_HEADERS, tracker_rows(new.records)) == printed
    assert numbers_of_open_cases(new) == numbers_of_open_cases(old)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(_PAST, ANY_END), min_size=1, max_size=4))
def test_a_case_that_ended_is_read_as_ended_or_listed_and_never_as_open(
    tmp_path_factory: pytest.TempPathFactory, ends: list[tuple[list[dict[str, object]], dict[str, object]]]
) -> None:
    """Whatever its outcome says: only where that names no status for certain, it is for a person to say how
    it ended.
    """
    old = load(blank(tmp_path_factory.mktemp("ended") / "old.xlsx"))
    for k, (past, end) in enumerate(ends):
        old.append_case(f"GTB-{k}", opened=date(2023, 10, 20))
        for entry in (*past, end):
            old.append("resolution", {"number": f"GTB-{k}", **entry})
    plan = plan_of(to_csv(TRACKER_HEADERS, tracker_rows(old.records)).encode())
    read_as = {str(entry.fields["number"]): entry.fields["status"] for entry in plan.entries if entry.pillar == "resolution"}  # fmt: skip
    certain = {f"GTB-{k}" for k, (_, end) in enumerate(ends) if status_in_words(str(end.get("outcome") or end["status"]))}  # fmt: skip
    assert read_as.keys() == certain
    assert set(read_as.values()) <= set(FINAL_STATUSES)
    assert len(plan.problems) == len(ends) - len(certain)
    assert all("how the case ended" in problem.message for problem in plan.problems)


# Files

ROW = ("GTB-1", "2023-10-26", "Café: 退款", "2023-10-28 (Agent: Zoë)", "Pending - Wait")
ENCODED: dict[str, Callable[[], bytes]] = {
    "UTF-8": lambda: tracker(ROW),
    "UTF-8 with a byte order mark": lambda: b"\xef\xbb\xbf" + tracker(ROW),
    "Excel's Unicode text": lambda: csv_of([TRACKER_HEADERS, ROW], "\t").decode().encode("utf-16"),
    "UTF-16, big end first": lambda: b"\xfe\xff" + tracker(ROW).decode().encode("utf-16-be"),
    "semicolons": lambda: csv_of([TRACKER_HEADERS, ROW], ";"),
    "a hint on the delimiter": lambda: b"sep=;\r\n" + csv_of([TRACKER_HEADERS, ROW], ";"),
    "blank lines": lambda: b"\r\n\r\n" + tracker(ROW, ("", "", "", "", ""), (" ", "", "", "", "")),
}


@pytest.mark.parametrize("kind", ENCODED)
def test_csv_is_read_as_programs_write_it(kind: str) -> None:
    _, (_, message), _ = entries_of(ENCODED[kind]())
    assert (message["summary"], message["agent"]) == (ROW[2], "Zoë")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("Café,a".encode("cp1252"), "not text in UTF-8 or UTF-16"),
        (b"a\x00b\x00", "not a workbook, and not text: save it as .xlsx or"),
        (b"\xff\xfea\xd8", "not text in UTF-8 or UTF-16"),
        (b"", "is empty"),
        (b'a,b\n1,"2', "line 2: it is not proper CSV"),
        (b"Ticket,Opened\n1,2023-10-26\n", "does not have the Tracker's five columns"),
        (b"%PDF-1.4\xff", "is not a workbook"),
    ],
)
def test_other_files_are_refused_in_words(data: bytes, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        open_table(data, "old")


def test_a_damaged_workbook_is_named() -> None:
    for data in (b"PK\x03\x04 nonsense", b"\xd0\xcf\x11\xe0 nonsense"):
        with pytest.raises(UnreadableWorkbook, match=r"^old\.xlsx cannot be read"):
            open_table(data, "old.xlsx")


def test_lines_are_counted_though_cells_break_over_several() -> None:
    rows = [("GTB-1", "2023-10-26", "Two\nlines", "", ""), ("GTB-2", "soon", "", "", "")]
    assert problems_of(tracker(*rows))[0][0] == "old, line 4, column 2 (Date Opened)"
    assert problems_of(b"sep=,\n" + tracker(*rows))[0][0] == "old, line 5, column 2 (Date Opened)"


def test_a_line_with_too_many_cells_is_listed() -> None:
    ((where, said),) = problems_of(tracker(("GTB-1", "2023-10-26", "a", "", "", "b")))
    assert (where, "quotation marks" in said) == ("old, line 2", True)


def test_the_apostrophe_before_what_looks_like_a_formula_is_not_part_of_the_text() -> None:
    _, (_, message) = entries_of(tracker(("GTB-1", "2023-10-26", "'=1+1", "", "")))
    assert message["summary"] == "=1+1"
    _, (_, message) = entries_of(tracker(("GTB-1", "2023-10-26", "'tis said", "", "")))
    assert message["summary"] == "'tis said"


@pytest.mark.parametrize("date_1904", [False, True])
def test_dates_of_a_workbook_are_dates_in_both_date_systems(tmp_path: Path, date_1904: bool) -> None:
    rows = [TRACKER_HEADERS, ("GTB-1", date(2023, 10, 3), "Said.", date(2023, 10, 4), "Pending")]
    data = xlsx(tmp_path / "old.xlsx", rows, date_1904=date_1904)
    (_, case), (_, message), _ = entries_of(data)
    assert (case["opened"], message["date"], message.get("agent")) == (date(2023, 10, 3), date(2023, 10, 4), None)


def test_cells_of_a_workbook_have_their_true_addresses(tmp_path: Path) -> None:
    path = tmp_path / "old.xlsx"
    with xlsxwriter.Workbook(path) as made:
        page = made.add_worksheet("Old cases")
        page.write_row(3, 2, TRACKER_HEADERS)
        page.write_row(6, 2, ("GTB-1", "soon", "", "", ""))
    assert problems_of(path.read_bytes())[0][0] == "Old cases!D7"


def test_formulas_count_by_their_results(tmp_path: Path) -> None:
    path = tmp_path / "old.xlsx"
    with xlsxwriter.Workbook(path) as made:
        page = made.add_worksheet("Old")
        page.write_row(0, 0, TRACKER_HEADERS)
        page.write_formula(1, 0, '="GTB-"&1', None, "GTB-1")
        page.write(1, 1, "2023-10-26")
    assert entries_of(path.read_bytes())[0][1]["number"] == "GTB-1"


def test_a_formula_that_was_never_computed_and_an_error_value_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "old.xlsx"
    made = openpyxl.Workbook()
    page = made.worksheets[0]
    page.title = "Old"
    page.append(TRACKER_HEADERS)
    page.append(("GTB-1", "2023-10-26", '="Sa"&"id"', "", "#REF!"))
    page["E2"].data_type = "e"
    made.save(path)
    assert problems_of(path.read_bytes()) == [
        ("Old!E2", "It holds the error #REF!. Correct the formula."),
        ("Old!C2", "Its formula was never computed. Open the file in Excel and save it."),
    ]


def test_a_number_in_the_number_column_keeps_its_digits_or_is_listed(tmp_path: Path) -> None:
    rows: list[tuple[object, ...]] = [(value, "2023-10-26", "", "", "") for value in (789012, 1.5, 1234567890123456)]
    plan = plan_of(xlsx(tmp_path / "old.xlsx", [TRACKER_HEADERS, *rows]))
    assert [entry.fields["number"] for entry in plan.entries] == ["789012"]
    assert [problem.where for problem in plan.problems] == ["Old!A3", "Old!A4"]


def test_of_several_sheets_the_one_with_the_columns_is_taken_and_of_several_such_the_named_one(tmp_path: Path) -> None:
    path = tmp_path / "old.xlsx"
    with xlsxwriter.Workbook(path) as made:
        made.add_worksheet("Notes").write_row(0, 0, ("Date Opened", "Who"))
        for name in ("2022", "2023"):
            page = made.add_worksheet(name)
            page.write_row(0, 0, TRACKER_HEADERS)
            page.write_row(1, 0, (f"GTB-{name}", "2022-10-26"))
    with pytest.raises(UsageError, match="several sheets that could be meant: 2022, 2023"):
        plan_of(path.read_bytes())
    assert plan_of(path.read_bytes(), sheet="2023").entries[0].fields["number"] == "GTB-2023"
    with pytest.raises(UsageError, match=r"no sheet \"2024\"\. Its sheets are: Notes, 2022, 2023"):
        plan_of(path.read_bytes(), sheet="2024")
    with pytest.raises(UsageError, match="leave out --sheet"):
        plan_of(tracker(), sheet="2024")


def test_an_amount_that_a_formula_made_is_rounded_to_the_digits_that_excel_keeps(tmp_path: Path) -> None:
    found = parse('[columns]\nA = "case.number"\nB = "case.opened"\nC = "case.amount"\n', "map.toml")
    data = xlsx(tmp_path / "old.xlsx", [("A", "B", "C"), ("1", "2023-10-26", 49.900000000000006)])
    assert plan_of(data, found).entries[0].fields["amount"] == Decimal("49.9")


# The column map


def mapped(rows: Rows, **options: Any) -> Plan:
    targets = dict(options.pop("columns"))
    text = "[columns]\n" + "".join(f'"{header}" = "{target}"\n' for header, target in targets.items())
    found = parse(options.pop("top", "") + "\n" + text + options.pop("rest", ""), "map.toml")
    return plan_of(csv_of([tuple(targets), *rows]), found)


CASE = {"Ticket": "case.number", "Opened": "case.opened"}


def test_a_map_sends_columns_to_their_pillars() -> None:
    columns = {
        **CASE,
        "Sum": "case.amount",
        "Log": "communication.summary",
        "On": "communication.date",
        "State": "resolution.status",
        "Promise": "communication.Promise",
        "By": "communication.due",
        "Ended": "resolution.Resolution Date",
        "Mood": "",
    }
    rest = (
        '[constants]\n"case.currency" = "USD"\n"communication.with" = "support"\n[values."resolution.status"]\nopen '
        '= "Pending"\n"Paid back" = "Full Refund"\n'
    )
    rows = [
        ("1", "2023-10-26 10:15", "49.90", "Said.", "2023-10-27", "paid  BACK", "Pay", "48 hrs", "2023-10-30", "bad"),
        ("2", "2023-10-27", "", "", "", "Open", "", "", "", ""),
        ("3", "2023-10-28", "", "", "", "", "", "", "", ""),
    ]
    plan = mapped(rows, columns=columns, rest=rest)
    assert plan.problems == ()
    fields = [(e.pillar, {n: v for n, v in e.fields.items() if n != "source"}) for e in plan.entries]
    assert fields == [
        ("case", {"number": "1", "currency": "USD", "opened": date(2023, 10, 26), "amount": Decimal("49.90")}),
        (
            "communication",
            {
                "number": "1",
                "with_": "support",
                "summary": "Said.",
                "date": date(2023, 10, 27),
                "promise": "Pay",
                "due": date(2023, 10, 29),
            },
        ),
        (
            "resolution",
            {"number": "1", "status": "Full Refund", "date": date(2023, 10, 30), "outcome": "paid BACK"},
        ),
        ("case", {"number": "2", "currency": "USD", "opened": date(2023, 10, 27)}),
        ("resolution", {"number": "2", "status": "Pending", "outcome": "Open"}),
        ("case", {"number": "3", "currency": "USD", "opened": date(2023, 10, 28)}),
    ]
    assert plan.untaken == ("Mood",)
    sources = [entry.fields.get("source") for entry in plan.entries if entry.pillar == "resolution"]
    assert sources == ["map: paid BACK", "map: Open"]


def test_a_value_that_is_not_translated_is_listed() -> None:
    plan = mapped(
        [("1", "2023-10-26", "Done")],
        columns={**CASE, "State": "resolution.status"},
        rest='[values."resolution.status"]\nDone = "?"',
    )
    (problem,) = plan.problems
    assert problem.where == "old, line 2, column 3 (State)"
    assert 'Status "Done" is not one of: Pending' in problem.message
    assert '[values."resolution.status"] "Done" = "…"' in problem.message


@pytest.mark.parametrize(
    ("top", "text", "day"),
    [
        ("day_first = true", "03/04/2023", date(2023, 4, 3)),
        ("day_first = false", "03/04/2023", date(2023, 3, 4)),
        ('date_format = "%d.%m.%y"', "03.04.23", date(2023, 4, 3)),
        ('date_format = "%Y%m%d %H:%M"', "20230403 10:15", date(2023, 4, 3)),
    ],
)
def test_a_map_says_how_dates_are_written(top: str, text: str, day: date) -> None:
    plan = mapped([("1", text)], columns=CASE, top=top)
    assert [entry.fields["opened"] for entry in plan.entries] == [day]


def test_a_date_of_another_form_than_the_map_says_is_listed() -> None:
    plan = mapped([("1", "2023-10-26")], columns=CASE, top='date_format = "%d.%m.%y"')
    assert "not a date of the form %d.%m.%y that the map gives" in plan.problems[0].message


@pytest.mark.parametrize(
    ("decimal", "text", "amount"),
    [
        (",", "1.234,50 €", "1234.50"),
        (",", "49,9", "49.9"),
        (",", "EUR 1 234 567", "1234567"),
        (".", "US$1,234.50", "1234.50"),
        (".", "49.90 USD", "49.90"),
        (",", "1.234", "1234"),
    ],
)
def test_a_map_says_how_amounts_are_written(decimal: str, text: str, amount: str) -> None:
    plan = mapped([("1", "2023-10-26", text)], columns={**CASE, "Sum": "case.amount"}, top=f'decimal = "{decimal}"')
    assert plan.entries[0].fields["amount"] == Decimal(amount)


@pytest.mark.parametrize("text", ["1,2,3", "12,34.50", "-5", "5-6", "about 50", "50 or so", "1e3", "1.5.2"])
def test_what_is_no_amount_is_listed(text: str) -> None:
    plan = mapped([("1", "2023-10-26", text)], columns={**CASE, "Sum": "case.amount"}, top='decimal = "."')
    assert [problem.where for problem in plan.problems] == ["old, line 2, column 3 (Sum)"]


MESSAGES = {
    **CASE,
    "On": "communication.date",
    "Text": "communication.summary",
    "Who": "communication.with",
    "State": "resolution.status",
}


def test_a_row_may_be_a_message() -> None:
    rows = [
        ("1", "2023-10-26", "2023-10-26", "First", "Buyer", "Pending"),
        ("2", "2023-10-27", "2023-10-27", "Other", "Buyer", ""),
        ("1", "2023-10-26", "2023-10-28", "Second", "Support", "Pending"),
        ("1", "", "2023-10-29", "Third", "Support", ""),
    ]
    plan = mapped(rows, columns=MESSAGES, top='rows = "messages"')
    assert plan.problems == ()
    assert [(e.pillar, e.fields["number"], e.fields.get("summary")) for e in plan.entries] == [
        ("case", "1", None),
        ("communication", "1", "First"),
        ("communication", "1", "Second"),
        ("communication", "1", "Third"),
        ("resolution", "1", None),
        ("case", "2", None),
        ("communication", "2", "Other"),
    ]


def test_rows_of_one_case_that_contradict_each_other_are_listed() -> None:
    rows = [("1", "2023-10-26", "2023-10-26", "a", "Buyer", ""), ("1", "2023-10-25", "2023-10-28", "b", "Buyer", "")]
    (problem,) = mapped(rows, columns=MESSAGES, top='rows = "messages"').problems
    assert problem.where == "old, line 3, column 2 (Opened)"
    assert "It differs from old, line 2, column 2 (Opened)" in problem.message


def test_a_log_of_messages_alone_adds_to_the_cases_that_are_there(book: Book) -> None:
    book.append_case("GTB-1", opened="2023-10-01")
    found = ImportMap(
        {
            "Case": Target("communication", "number"),
            "Day": Target("communication", "date"),
            "Text": Target("communication", "summary"),
        },
        {Target("communication", "with_"): "Buyer"},
    )
    imported(book, csv_of([("Case", "Day", "Text"), ("gtb-1", "2023-10-02", "a"), ("GTB-1", "2023-10-03", "b")]), found)
    assert book.records.communications["summary"] == ["a", "b"]
    assert book.records.communications["number"] == ["GTB-1", "GTB-1"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[columns", "is not proper TOML"),
        ("colums = 1", 'there is no "colums". A map has: sheet, rows'),
        ("columns = 1", "columns must be a table"),
        ('rows = "x"', "rows must be"),
        ('decimal = ";"', "decimal must be"),
        ('[columns]\nA = "case.nummer"', '"A": Cases has no column "nummer". Did you mean "Case Number"'),
        ('[columns]\nA = "number"', "it must be PILLAR.COLUMN"),
        ("[columns]\nA = 1", "it must be PILLAR.COLUMN"),
        ('[columns]\nA = "case.number"\nB = "case.number"', "'A' and 'B' both go to case.number"),
        ('[columns]\nA = "case.opened"', "no column goes to case.number"),
        ('[columns]\nA = "case.number"', "nothing but the number"),
        ('[columns]\nA = "case.number"\nB = "case.item"', "nothing goes to case.opened, which each case must have"),
        ('[columns]\nA = "case.number"\nB = "communication.summary"', "nothing goes to communication.date"),
        ('[values]\n"case.reason" = "x"', "must be a table such as"),
    ],
)
def test_a_map_that_cannot_be_meant_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)) as caught:
        parse(text, "map.toml")
    assert str(caught.value).startswith("map.toml")


def test_a_column_that_the_map_names_and_the_file_has_not_is_said() -> None:
    found = ImportMap({"Ticket": Target("case", "number"), "Opened": Target("case", "opened")})
    with pytest.raises(
        UsageError, match=r"has no column \"Opened\", which the map names\. Its columns are: Ticket, Open\."
    ):
        open_table(b"Ticket,Open\n1,2023-10-26", "old", found)
    with pytest.raises(UsageError, match='has the column "Ticket" twice'):
        open_table(b"Ticket,Opened,TICKET\n1,2023-10-26,2", "old", found)


# The first guess as TOML (what is guessed: test_guess_map.py)


def test_the_five_columns_are_guessed_as_what_they_are() -> None:
    assert guess(open_unmapped(csv_of(SAMPLE_TRACKER), "old")).columns == TRACKER_MAP.columns


HEADERS = st.lists(st.text(st.characters(codec="utf-8"), max_size=12), min_size=1, max_size=6)


@given(HEADERS, st.lists(st.text(st.characters(codec="utf-8"), max_size=12), min_size=6, max_size=6))
def test_a_guess_written_as_toml_is_read_as_the_same_map(headers: list[str], cells: list[str]) -> None:
    rows = [("Ticket", "Opened", *headers), ("1", "2023-10-26", *cells[: len(headers)])]
    try:
        table = open_unmapped(csv_of(rows), "old")
    except UsageError:
        return  # such a text is refused as no proper CSV
    found = guess(table)
    if len(set(table.headers)) < len(table.headers):
        return  # a header that stands twice cannot be mapped
    text = to_toml(found, table)
    again = parse(text, "map.toml")
    assert (again.columns, again.constants) == (found.columns, found.constants)


def test_a_map_that_lacks_something_says_what_a_person_has_to_add() -> None:
    table = open_unmapped(csv_of([("Ticket", "Buyer"), ("1", "Lee")]), "old")
    lacking = "\n# Nothing goes to case.opened yet, and each case must have it.\n"
    assert lacking in to_toml(guess(table), table)


# The examples


def test_the_examples_import_as_the_docs_say(book: Book) -> None:
    imported(book, (EXAMPLES / "old_tracker.csv").read_bytes())
    assert shown(book)[0] == tuple(SAMPLE_TRACKER[1])
    found = parse((EXAMPLES / "tickets_map.toml").read_text("utf-8"), "tickets_map.toml")
    imported(book, (EXAMPLES / "tickets.csv").read_bytes(), found)
    book.save()
    assert refundbook.load(book.path, today=TODAY).check().errors == ()
    assert len(book.records.cases) == 6

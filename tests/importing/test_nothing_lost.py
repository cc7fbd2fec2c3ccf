"""After an import every cell of the old tracker that held something is found in the workbook: in its place, or in a
column of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from unicodedata import normalize

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import refundbook
from refundbook import Book
from refundbook.base.errors import UsageError
from refundbook.base.values import to_text
from refundbook.importing.answers import answered, questions, refuse_incomplete
from refundbook.importing.column_cells import is_date
from refundbook.importing.map_file import parse
from refundbook.importing.open_table import open_guessed, open_table
from refundbook.importing.plan import Plan, enter, enter_rest, read
from refundbook.importing.source_table import ImportRefused
from tests.support.books import blank
from tests.support.exports import EXPORTS
from tests.support.layouts import HEADERS_ONLY, TRACKERS, Layout
from tests.support.samples import TODAY

pytestmark = pytest.mark.slow

AS_OF = date(2023, 10, 31)
ISO = re.compile(r"(\d{4}-\d\d-\d\d)[ T]\d\d:\d\d")


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return refundbook.load(blank(tmp_path / "tracker.xlsx"), today=TODAY)


def imported(book: Book, data: bytes, sheet: str | None = None) -> Plan:
    """Import by the guess, with every status that it leaves open answered, save, and load again."""
    table, found, _ = open_guessed(data, "old", sheet)
    found = answered(found, {question.word: "Denied" for question in questions(table, found)})
    plan = read(table, found, book.records, as_of=AS_OF)
    enter(book, plan)
    book.save()
    return plan


def texts_of(path: Path) -> list[str]:
    """Every value of the pillars, as it reads in the workbook on disk."""
    book = refundbook.load(path, today=TODAY)
    assert not book.check().errors
    return [
        to_text(value)
        for log in book.records.logs
        for values in (*log.columns.values(), *log.extra.values())
        for value in values
        if value is not None
    ]


def lost(rows: Sequence[Sequence[object]], texts: Sequence[str]) -> list[str]:
    """The cells that are not found, neither whole nor, of a cell that holds several values, in parts. Of a moment in the
    place of a day its day is found.
    """
    texts = [normalize("NFKC", text) for text in texts]
    known, folded = set(texts), "\0".join(texts).casefold()
    cells = [
        " ".join(normalize("NFKC", to_text(value)).split()) for row in rows for value in row if to_text(value).strip()
    ]
    return [text for text in cells if not _is_found(text, known, folded)]


def _is_found(text: str, known: set[str], folded: str) -> bool:
    if text in known or text.casefold() in folded or ((day := ISO.match(text)) and day[1] in known):
        return True
    amount, _, currency = text.partition(" ")
    return all(piece in known or piece in ("15", "120") for piece in (amount, currency)) or all(
        piece in known for piece in text.split(" / ")
    )


def as_workbook(path: Path, layout: Layout, *, title: bool = False, totals: bool = False, sheets: int = 1) -> bytes:
    """The layout as people keep it in Excel: dates are dates, perhaps a title over it, totals below, other sheets."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as made:
        page = made.add_worksheet("Claims")
        top = 0
        if title:
            page.merge_range(0, 0, 0, len(layout.headers) - 1, "All our refund claims of 2023")
            top = 3
        page.write_row(top, 0, layout.headers)
        for k, row in enumerate(layout.rows, top + 1):
            page.write_row(k, 0, [_typed(cell) for cell in row])
        if totals:
            page.write_row(top + 1 + len(layout.rows), 0, ["Total", "", "3 cases"])
        for number in range(1, sheets):
            other = made.add_worksheet(f"Notes {number}")
            other.write_row(0, 0, ["What to think of", "and more"])
    return path.read_bytes()


def _typed(cell: str) -> object:
    return date.fromisoformat(cell) if re.fullmatch(r"\d{4}-\d\d-\d\d", cell) else cell


@pytest.mark.parametrize("name", TRACKERS)
@pytest.mark.parametrize("form", ["commas", "semicolons", "tabs in UTF-16", "title above"])
def test_of_text_files(book: Book, name: str, form: str) -> None:
    layout = TRACKERS[name]
    delimiter = {"commas": ",", "semicolons": ";", "tabs in UTF-16": "\t", "title above": ","}[form]
    text = layout.as_csv(delimiter)
    if form == "title above":
        text = f"Our claims of 2023\n\n{text}"
    imported(book, text.encode("utf-16" if "UTF-16" in form else "utf-8"))
    assert lost(layout.rows, texts_of(book.path)) == []


@pytest.mark.parametrize("name", TRACKERS)
def test_of_workbooks_with_a_title_totals_and_other_sheets(book: Book, name: str, tmp_path: Path) -> None:
    layout = TRACKERS[name]
    plan = imported(book, as_workbook(tmp_path / "old.xlsx", layout, title=True, totals=True, sheets=3))
    assert lost(layout.rows, texts_of(book.path)) == []
    assert "Row 8 is a row of totals and was not taken." in plan.table.remarks
    assert "Other sheets of old were not read: Notes 1, Notes 2. --sheet names one." in plan.table.remarks


@pytest.mark.parametrize("name", EXPORTS)
def test_of_what_programs_hand_out_all_is_found_or_the_table_is_refused(book: Book, name: str) -> None:
    layout = EXPORTS[name]
    table, found, _ = open_guessed(layout.as_csv().encode(), "old")
    try:
        refuse_incomplete(table, found)
    except UsageError:
        assert not {"case.number", "case.opened"} <= {str(target) for target in found.targets}
        return
    plan = imported(book, layout.as_csv().encode())
    assert len(plan.entries) >= len(layout.rows)
    assert [text for text in lost(layout.rows, texts_of(book.path)) if not _is_rewritten(text)] == []


def _is_rewritten(text: str) -> bool:
    """Whether a cell is a date or an amount, which stand in the workbook as such; the exact ones are tried elsewhere."""
    return is_date(text) or re.fullmatch(r"\W?\d+[.,]?\d*", text) is not None or text == "N/A"


@pytest.mark.parametrize("end", ["Total,,59.90,", ",,59.90,", ",Sum,59.90,", "Grand total: 2 cases,,,", ",,59.90,2"])
def test_a_row_of_totals_is_no_case_and_asks_nothing(book: Book, end: str) -> None:
    text = f"Case ID,Opened,Amount,Status\nA-1,2023-10-01,40,Pending\nA-2,2023-10-02,19.90,Open\n{end}\n"
    table, found, _ = open_guessed(text.encode(), "old")
    assert questions(table, found) == []
    assert imported(book, text.encode()).table.remarks == ("Row 4 is a row of totals and was not taken.",)


def test_a_last_row_without_a_number_that_has_more_than_totals_is_refused(book: Book) -> None:
    with pytest.raises(ImportRefused, match="The row has no case number"):
        imported(book, b"Case ID,Opened,Amount\nA-1,2023-10-01,40\n,2023-10-02,19.90\n")


def test_what_stands_above_the_headers_is_said(book: Book, tmp_path: Path) -> None:
    text = "Our claims\nas of,2023-10-05\n\nCase ID,Opened\nA-1,2023-10-01\n"
    said = 'Above the headers of old stands what was not taken: "Our claims", "as of, 2023-10-05".'
    assert imported(book, text.encode()).table.remarks == (said,)
    titled = as_workbook(tmp_path / "old.xlsx", next(iter(TRACKERS.values())), title=True)
    assert 'not taken: "All our refund claims of 2023".' in open_guessed(titled, "old")[0].remarks[0]


@pytest.mark.parametrize(
    "text",
    [
        "Exception ID,Exception Date,Action Status\nE1,2023-10-01,Open\nE2,2023-10-02,Resolved\n",
        "Numer,Dzie\u0144,Stan\nA-1,2023-10-01,Status\nA-2,2023-10-02,Open\n",
    ],
)
def test_no_row_of_cells_is_taken_for_the_headers(text: str) -> None:
    assert list(open_guessed(text.encode(), "old")[0].headers) == text.split("\n")[0].split(",")


def test_a_row_whose_text_begins_with_total_is_a_case_where_it_has_a_number(book: Book) -> None:
    plan = imported(book, b"Case ID,Opened,Customer\nA-1,2023-10-01,Lee\nA-2,2023-10-02,Total Sports Ltd\n")
    assert ([entry.fields["number"] for entry in plan.entries], plan.table.remarks) == (["A-1", "A-2"], ())


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Zs", "Cs", "Cn", "Co")), max_size=8)
HEADERS = st.lists(st.sampled_from([h for one in HEADERS_ONLY.values() for h in one.headers]), max_size=9, unique=True)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(HEADERS, st.data())
def test_of_any_columns_with_any_cells_what_is_entered_is_whole_or_the_row_is_listed(
    tmp_path: Path, headers: list[str], data: st.DataObject
) -> None:
    book = refundbook.load(blank(tmp_path / "any.xlsx"), today=TODAY)
    rows = [
        (f"A-{k}", "2023-10-01", *data.draw(st.lists(CELLS, min_size=len(headers), max_size=len(headers))))
        for k in range(2)
    ]
    layout = Layout([("Claim number", ()), ("Filed on", ()), *((header, ()) for header in headers)], rows)
    table, found, _ = open_guessed(layout.as_csv().encode(), "old")
    _, refused = enter_rest(book, read(table, found, book.records, as_of=AS_OF))
    texts = [
        to_text(value) for log in book.records.logs for c in (*log.columns.values(), *log.extra.values()) for value in c
    ]
    assert lost([row for row, line in zip(table.rows, table.lines, strict=True) if line not in refused], texts) == []


# Columns of the workbook's own


def test_what_has_no_place_is_a_column_of_the_workbook_s_own(book: Book) -> None:
    plan = imported(book, b"Case ID,Opened,Seller,Town of shop\nA-1,2023-10-01,Shop Nine,Yiwu\n")
    assert plan.untaken == ()
    cases = refundbook.load(book.path, today=TODAY).records.cases
    assert (cases.extra["Seller"], cases.extra["Town of shop"]) == (["Shop Nine"], ["Yiwu"])


def test_the_next_import_fills_the_same_columns(book: Book) -> None:
    imported(book, b"Case ID,Opened,Seller\nA-1,2023-10-01,Shop Nine\n")
    again = refundbook.load(book.path, today=TODAY)
    plan = imported(again, b"Case ID,Opened,SELLER\nA-2,2023-10-02,Shop Ten\n")
    assert plan.new_columns == {}
    assert refundbook.load(book.path, today=TODAY).records.cases.extra == {"Seller": ["Shop Nine", "Shop Ten"]}


def test_a_header_that_is_one_of_ours_is_marked_as_imported(book: Book) -> None:
    found = parse('[columns]\nA = "case.number"\nB = "case.opened"\nNotes = "own"\nnotes_ = "own"\n', "map.toml")
    table, found = open_table(b"A,B,Notes,notes_\n1,2023-10-01,x,y\n", "old", found)
    enter(book, read(table, found, book.records))
    assert book.records.cases.extra == {"Notes (imported)": ["x"], "notes_ (imported) (2)": ["y"]}


def test_columns_of_messages_stand_beside_the_messages(book: Book) -> None:
    found = parse(
        'rows = "messages"\n[columns]\nA = "case.number"\nB = "case.opened"\nOn = "communication.date"\n'
        'Said = "communication.summary"\nMood = "communication.own"\n[constants]\n"communication.with" = "Buyer"\n',
        "map.toml",
    )
    rows = b"A,B,On,Said,Mood\n1,2023-10-01,2023-10-02,a,good\n1,2023-10-01,2023-10-03,b,bad\n"
    table, found = open_table(rows, "old", found)
    enter(book, read(table, found, book.records))
    assert book.records.communications.extra == {"Mood": ["good", "bad"]}


def test_numbers_and_days_of_a_workbook_stay_what_they_are(book: Book, tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "old.xlsx", {"default_date_format": "yyyy-mm-dd"}) as made:
        page = made.add_worksheet("Old")
        page.write_row(0, 0, ["Case ID", "Opened", "Days", "Shipped", "Mixed"])
        page.write_row(1, 0, ["A-1", date(2023, 10, 1), 8.5, date(2023, 9, 1), 7])
        page.write_row(2, 0, ["A-2", date(2023, 10, 2), 9, date(2023, 9, 2), "many"])
    imported(book, (tmp_path / "old.xlsx").read_bytes())
    assert refundbook.load(book.path, today=TODAY).records.cases.extra == {
        "Days": [8.5, 9.0],
        "Shipped": [date(2023, 9, 1), date(2023, 9, 2)],
        "Mixed": ["7", "many"],
    }


def test_where_one_row_is_refused_no_column_is_made(book: Book) -> None:
    before = book.path.read_bytes()
    table, found, _ = open_guessed(b"Case ID,Opened,Seller\nA-1,2023-10-01,Shop Nine\nA-2,2099-10-01,Shop Ten\n", "old")
    with pytest.raises(refundbook.RulesRefuse), book:
        enter(book, read(table, found, book.records))
    assert book.path.read_bytes() == before


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("title", ["Our claims of 2023", "Claims, refunds, and more", "As of: 1 May; by: Lee"])
def test_a_title_above_does_not_tell_what_separates_the_cells(delimiter: str, title: str) -> None:
    layout = next(iter(TRACKERS.values()))
    table = open_guessed(f"{title}\n\n{layout.as_csv(delimiter)}".encode(), "old")[0]
    assert (list(table.headers), [list(row) for row in table.rows]) == (layout.headers, [list(r) for r in layout.rows])


def test_rows_that_repeat_the_headers_are_said_and_no_cases(book: Book) -> None:
    head = "Case ID,Opened,Status\n"
    plan = imported(book, f"{head}A-1,2023-10-01,Open\n{head}A-2,2023-10-02,Open\n".encode())
    assert (len(plan.entries), plan.table.remarks) == (4, ("Row 3 repeats the headers and was not taken.",))

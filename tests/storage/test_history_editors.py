"""Edits in programs that know nothing of refundbook are told, cell by cell; opening and saving there is none."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.table import TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from benchmarks.workbooks import make
from refundbook.base.schema import SHEETS, Column, Kind, Sheet
from refundbook.record.history.cells import FORMULA, Plain, plain_value
from refundbook.record.history.chain import Change
from refundbook.record.history.words import change_text, events
from refundbook.storage.history_reader import told_lines
from tests.support.by_hand import note
from tests.support.command import run
from tests.support.dialects import as_exceljs_needs_it
from tests.support.elsewhere import resaved
from tests.support.gallery import build
from tests.support.office import converted

pytestmark = pytest.mark.slow

OWN: dict[str, Any] = {
    "Seller": "Shop Nine", "Parcels": 3, "Weight": 1.25, "Picked up": date(2023, 10, 27), "Called": datetime(2023, 10, 27, 9, 30), "Sum": "=1+1",
    "Done": True, "Address": "1 Main Street\r\nTown",
}  # fmt: skip

KEYS = ("Case Number", "Entry")
"""What says which row one is."""

NOTES = '=IF(C3>0.50,"a  b",TRUE)&SUM($J$2:J3)&Cases[[#This Row],[Case Number]]&_xlfn.CONCAT(A2,"=1")'
"""A formula in one of our columns, which each program writes in its own way."""


def by_openpyxl(book: Path) -> None:
    openpyxl.load_workbook(book).save(book)


def by_libreoffice(book: Path) -> None:
    folder = book.parent / "saved"
    (saved,) = converted([book], folder)
    shutil.copy(saved, book)


def by_node(program: str) -> Callable[[Path], None]:
    def save(book: Path) -> None:
        source = as_exceljs_needs_it(book) if program == "ExcelJS" else book
        shutil.copy(resaved(program, source, book.with_name("saved.xlsx")), book)

    return save


PROGRAMS = [
    pytest.param(by_openpyxl, id="openpyxl"),
    pytest.param(by_libreoffice, id="LibreOffice", marks=pytest.mark.libreoffice),
    pytest.param(by_node("SheetJS"), id="SheetJS", marks=pytest.mark.node),
    pytest.param(by_node("ExcelJS"), id="ExcelJS", marks=pytest.mark.node),
]


CONTENT = (
    "case number=GTB-789012 opened=2023-10-26 ; case number=GTB-789045 opened=2023-10-28 customer=Bo ; "
    "communication number=GTB-789012 date=2023-10-26 with=Buyer summary=Hello entry=1 ; "
    "communication number=GTB-789045 date=2023-10-28 with=Support summary=Sent entry=2 ; "
    "resolution number=GTB-789012 status=Pending ; resolution number=GTB-789045 status=Pending outcome=Soon"
)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Something in every column of ours, and columns of people's own, with a history."""
    path = build(tmp_path / "tracker.xlsx", CONTENT)
    workbook = openpyxl.load_workbook(path)
    for sheet in SHEETS:
        page = workbook[sheet.name]
        for at, column in columns_of(page, sheet):
            if page.cell(2, at).value is None and column.name != "related":
                page.cell(2, at).value = _value(column, 1)
        first = 1 + sum(cell.value is not None for cell in page[1])
        for at, (header, value) in enumerate(OWN.items(), first):
            page.cell(1, at, header)
            page.cell(2, at, value)
        table = page.tables[sheet.name]
        table.ref = f"A1:{openpyxl.utils.get_column_letter(first + len(OWN) - 1)}{page.max_row}"
        table.autoFilter = None
        table.tableColumns = []
        table.tableStyleInfo = TableStyleInfo(name="TableStyleMedium2")  # ExcelJS writes no Table without one
    notes = next(at for at, column in columns_of(workbook["Cases"], SHEETS[0]) if column.name == "notes")
    workbook["Cases"].cell(3, notes).value = NOTES
    workbook.save(path)
    note(path)
    return path


def columns_of(page: Worksheet, sheet: Sheet) -> list[tuple[int, Column]]:
    """Our columns that a sheet has, by their number."""
    headers = [cell.value for cell in page[1]]
    return [(headers.index(column.header) + 1, column) for column in sheet.columns if column.header in headers]


def _value(column: Column, day: int) -> Any:
    if column.is_date:
        return datetime(2023, 11, day)
    if column.choices:
        return column.choices[day % len(column.choices)]
    return {Kind.MONEY: 7.25 + day, Kind.WHOLE: 70 + day}.get(column.kind, f"Some {day}")


def hands(book: Path) -> list[Change]:
    note(book)
    return [change for line in told_lines(book)[1:] for change in line.changes if change is not None]


@pytest.mark.parametrize("save", PROGRAMS)
def test_opening_and_saving_is_no_edit(book: Path, save: Callable[[Path], None]) -> None:
    save(book)
    assert hands(book) == []


@pytest.mark.parametrize("save", PROGRAMS)
def test_opening_and_saving_a_workbook_of_the_template_is_no_edit(tmp_path: Path, save: Callable[[Path], None]) -> None:
    """With its Tracker, lists, formulas and charts, and thirty cases that commands entered."""
    book = tmp_path / "tracker.xlsx"
    make(book, 30)
    before = len(told_lines(book))
    digest = sha256(book.read_bytes()).digest()
    save(book)
    assert sha256(book.read_bytes()).digest() != digest
    note(book)
    assert [text for event in events(told_lines(book))[before:] for text in event.told] == []


@pytest.mark.parametrize("save", PROGRAMS)
def test_an_edit_in_every_column_is_told_once_with_before_and_after(book: Path, save: Callable[[Path], None]) -> None:
    workbook = openpyxl.load_workbook(book)
    expected = {sheet.pillar: edited(workbook[sheet.name], sheet) for sheet in SHEETS}
    workbook.save(book)
    save(book)
    changes = hands(book)
    assert [change.pillar for change in changes] == [sheet.pillar for sheet in SHEETS]
    for change in changes:
        assert {header: (before, after) for header, before, after in change.cells()} == expected[change.pillar]


@pytest.mark.parametrize("save", PROGRAMS)
def test_every_column_that_was_emptied_and_filled_again_is_told_both_times(
    book: Path, save: Callable[[Path], None]
) -> None:
    before = openpyxl.load_workbook(book)
    workbook = openpyxl.load_workbook(book)
    expected = {}
    for sheet in SHEETS:
        page = workbook[sheet.name]
        said = {
            **{column.header: _plain(column, page.cell(2, at).value) for at, column in columns_of(page, sheet)},
            **{header: FORMULA if header == "Sum" else plain_value(value) for header, value in OWN.items()},
        }
        expected[sheet.pillar] = {header: value for header, value in said.items() if header not in KEYS and value}
        clear(page)
    workbook.save(book)
    save(book)
    emptied = {change.pillar: change for change in hands(book)}
    for sheet in SHEETS:
        told = {header: (old, new) for header, old, new in emptied[sheet.pillar].cells()}
        assert told == {header: (old, None) for header, old in expected[sheet.pillar].items()}
    before.create_sheet("Mine")  # else it were the bytes of before, and told as an older copy
    before.save(book)
    save(book)
    assert len(hands(book)) == 2 * len(SHEETS)
    for change in hands(book)[len(SHEETS) :]:
        told = {header: (old, new) for header, old, new in change.cells()}
        # A formula that comes into an empty cell of a column of one's own is none: a Table fills these in by itself.
        assert told == {header: (None, new) for header, new in expected[change.pillar].items() if header != "Sum"}


def clear(page: Worksheet) -> None:
    """Empty each cell of row 2 but those that say what the row is."""
    for cell, header in zip(page[2], page[1], strict=True):
        if header.value not in KEYS:
            cell.value = None


@pytest.mark.parametrize("save", PROGRAMS)
def test_another_number_is_one_edit(book: Path, save: Callable[[Path], None]) -> None:
    workbook = openpyxl.load_workbook(book)
    workbook["Cases"]["A2"] = "GTB-1"
    page = workbook["Communications"]
    entry = next(at for at, column in columns_of(page, SHEETS[1]) if column.name == "entry")
    page.cell(3, entry).value = 7
    workbook["Resolutions"]["A3"] = "GTB-2"
    workbook.save(book)
    save(book)
    assert [(change.pillar, change.cells()) for change in hands(book)] == [
        ("case", [("Case Number", "GTB-789012", "GTB-1")]),
        ("communication", [(page.cell(1, entry).value, 2, 7)]),
        ("resolution", [("Case Number", "GTB-789045", "GTB-2")]),
    ]


def edited(page: Worksheet, sheet: Sheet) -> dict[str, tuple[Plain, Plain]]:
    """Type something else into each cell of row 2 but those that say what the row is; gives what is to be told."""
    expected: dict[str, tuple[Plain, Plain]] = {}
    for at, column in columns_of(page, sheet):
        if column.name not in ("number", "entry"):
            value = _value(column, 2)
            expected[column.header] = _plain(column, page.cell(2, at).value), _plain(column, value)
            page.cell(2, at).value = value
    headers = [cell.value for cell in page[1]]
    for header in OWN:
        expected[header] = FORMULA if header == "Sum" else plain_value(OWN[header]), "edited"
        page.cell(2, headers.index(header) + 1).value = "edited"
    return expected


def _plain(column: Column, value: Any) -> Plain:
    found = plain_value(value)
    return str(found) if column.is_text and isinstance(found, (int, float)) else found


def test_sorting_resizing_and_hiding_are_no_edits(book: Path) -> None:
    workbook = openpyxl.load_workbook(book)
    page = workbook["Communications"]
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=2, max_row=3)]
    for at, row in enumerate(reversed(rows), 2):
        for column, value in enumerate(row, 1):
            page.cell(at, column).value = value
    page.column_dimensions["B"].width = 50
    page.column_dimensions["C"].hidden = True
    workbook.create_sheet("Mine")["A1"] = 1
    workbook.save(book)
    assert hands(book) == []


def test_a_formula_in_one_of_our_columns_is_told_when_somebody_typed_another(book: Path) -> None:
    workbook = openpyxl.load_workbook(book)
    page = workbook["Cases"]
    (at,) = (at for at, column in columns_of(page, SHEETS[0]) if column.name == "notes")
    page.cell(3, at).value = NOTES.replace("J3", "J4").replace("C3", "$C$7")
    workbook.save(book)
    assert hands(book) == []
    page.cell(3, at).value = "=1+1"
    workbook.save(book)
    (typed,) = hands(book)
    page.cell(3, at).value = 2
    workbook.save(book)
    typed, value = hands(book)
    assert typed.cells() == [("Notes", {"formula": NOTES[1:]}, {"formula": "1+1"})]
    assert value.cells() == [("Notes", {"formula": "1+1"}, "2")]
    assert change_text(typed) == f"GTB-789045, Notes the formula {' '.join(NOTES.split())} → the formula =1+1"


def type_in(book: Path, *cells: tuple[str, str, int, Any]) -> list[str]:
    """Type into cells, by sheet, header and row; gives what is told of it."""
    workbook = openpyxl.load_workbook(book)
    for sheet, header, row, value in cells:
        page = workbook[sheet]
        page.cell(row, 1 + [cell.value for cell in page[1]].index(header)).value = value
        page.tables[sheet].tableColumns = []
    workbook.save(book)
    before = len(told_lines(book))
    note(book)
    return [text for event in events(told_lines(book))[before:] for text in event.told]


def test_a_column_that_was_renamed_is_told_once_and_goes_on_under_its_name(book: Path) -> None:
    type_in(book, ("Cases", "Seller", 3, "Shop Two"))
    assert type_in(book, ("Cases", "Seller", 1, "Shop"), ("Communications", "Sum", 1, "Total")) == [
        "Cases: the column Seller is now called Shop.",
        "Communications: the column Sum is now called Total.",
    ]
    assert type_in(book, ("Cases", "Shop", 2, "Nine")) == ["GTB-789012, Shop Shop Nine \N{RIGHTWARDS ARROW} Nine"]
    assert type_in(book, ("Cases", "Shop", 3, "Ten"), ("Cases", "Shop", 1, "From")) == [
        "Cases: the column Shop is now called From.",
        "GTB-789045, From Shop Two \N{RIGHTWARDS ARROW} Ten",
    ]
    assert "is now called From" in run("history", book=book).out


def test_a_renamed_column_is_an_edit_of_an_older_copy_too(book: Path) -> None:
    older = book.read_bytes()
    type_in(book, ("Cases", "Notes", 2, "Later"))
    book.write_bytes(older)
    note(book)
    assert "RB172" in run("check", book=book).out
    type_in(book, ("Cases", "Seller", 1, "Shop"))
    assert "RB172" not in run("check", book=book).out


def test_a_column_with_other_values_is_another_column(book: Path) -> None:
    told = type_in(book, ("Cases", "Seller", 2, "North"), ("Cases", "Seller", 1, "Warehouse"))
    assert told == [
        "GTB-789012, Seller Shop Nine \N{RIGHTWARDS ARROW} blank; Warehouse blank \N{RIGHTWARDS ARROW} North"
    ]


def test_rows_typed_and_deleted_are_told(book: Path) -> None:
    workbook = openpyxl.load_workbook(book)
    for cell in workbook["Resolutions"][3]:
        cell.value = None
    workbook["Cases"]["M3"] = "typed"
    workbook.save(book)
    told = [(change.pillar, change.number, change.before is None, change.after is None) for change in hands(book)]
    assert ("resolution", "GTB-789045", False, True) in told
    assert ("case", "GTB-789045", False, False) in told
    assert len(told) == 2

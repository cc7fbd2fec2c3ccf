"""The Read Me sheet: what each sheet is for, how to begin, and what refundbook adds."""

from __future__ import annotations

from openpyxl.worksheet.hyperlink import Hyperlink

from refundbook.base import schema
from refundbook.base.schema import CASES, COMMUNICATIONS, INSIGHTS, RESOLUTIONS, SETTINGS, TRACKER
from refundbook.template import style

TYPE_CHECKING = False
if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

SHEETS = (
    (
        TRACKER,
        "Where every case stands, one row a case, from the three logs: type nothing. Where it is not live, "
        "its first row says so.",
    ),
    (CASES.name, CASES.help),
    (COMMUNICATIONS.name, COMMUNICATIONS.help),
    (RESOLUTIONS.name, RESOLUTIONS.help),
    (INSIGHTS, "Figures and charts: how long cases take, what was refunded, which promises were kept."),
    (SETTINGS, "The drop-down lists, the issuers of case numbers, the time zone and the response target."),
)

STEPS = (
    ("1", "Got a case number? Enter it on Cases at once, with the day it was opened."),
    ("2", "Log every message on Communications in a sentence or two. If something was promised, add by when."),
    ("3", "When the case ends, add a row to Resolutions: status, date, amount, method. While it is open: Pending."),
)

_NOT_PRINTED = dict.fromkeys(column.header for sheet in schema.SHEETS for column in sheet.columns if not column.printed)

NOTES = (
    "Dark headings must be filled in, green ones if you can. Grey ones are filled in by refundbook when left blank.",
    "Add columns, sheets, charts and colours as you like. Only leave the names of the sheets and headings as they are.",
    "Something wrong? The cell says so: duplicate, twice, unknown, future, overdue, "
    "or no reply within the response target.",
    f"Sheets are printed without what nobody reads on paper ({', '.join(_NOT_PRINTED)}, and columns "
    "right of them): Page Layout > Print Area.",
    "The command refundbook works on this same file: append adds a checked row, check looks for mistakes, "
    "show tells one case's story.",
    "Made for Excel 2019 and later, Microsoft 365 and LibreOffice. Excel 2016 cannot join the Tracker's summaries: "
    "there the cell says so.",
)

WIDTHS = (4, 20, 108)
LINE_HEIGHT = 21


def add_read_me(sheet: Worksheet) -> None:
    """Write the Read Me sheet."""
    style.title(sheet, "Refund case book", "Every case, every message and every outcome in one place.", column=2)
    style.widths(sheet, *WIDTHS)
    row = _heading(sheet, 4, "How to begin")
    for number, step in STEPS:
        _line(sheet, row, number, step)
        row += 1
    row = _heading(sheet, row + 1, "What each sheet is for")
    for name, purpose in SHEETS:
        _line(sheet, row, name, purpose)
        _link(sheet, row, name)
        row += 1
    row = _heading(sheet, row + 1, "Good to know")
    for note in NOTES:
        style.paint(sheet.cell(row, 2, note), alignment=style.MIDDLE)
        sheet.row_dimensions[row].height = LINE_HEIGHT
        row += 1
    sheet.sheet_view.showGridLines = False
    style.print_setup(sheet)


def _heading(sheet: Worksheet, row: int, text: str) -> int:
    for column in (2, 3):
        style.paint(
            sheet.cell(row, column),
            style.font(13, style.TEAL_DARK, bold=True),
            alignment=style.MIDDLE,
            border=style.underline(style.TEAL),
        )
    sheet.cell(row, 2).value = text
    sheet.row_dimensions[row].height = 24
    return row + 1


def _line(sheet: Worksheet, row: int, label: str, text: str) -> None:
    style.paint(sheet.cell(row, 2, label), style.font(colour=style.TEAL, bold=True), alignment=style.MIDDLE)
    style.paint(sheet.cell(row, 3, text), alignment=style.MIDDLE)
    sheet.row_dimensions[row].height = LINE_HEIGHT


def _link(sheet: Worksheet, row: int, name: str) -> None:
    cell = sheet.cell(row, 2)
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{name}'!A1", tooltip=f"Go to {name}")
    style.paint(cell, style.font(colour=style.TEAL, bold=True), alignment=style.MIDDLE)

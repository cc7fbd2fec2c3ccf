"""The Tracker sheet: five columns of live formulas over the pillar tables, one row a case.

Every text and date is built without `TEXT`, whose format codes depend on the language of Excel. Each formula is a single-cell array formula
(ECMA-376 Part 1, 18.3.1.40), which every Excel since 2019 and LibreOffice compute alike; `TEXTJOIN` is stored with its `_xlfn.` prefix.
Structured references are written in full (18.17.2.5).

The order of entries comes from whole-number keys: the date in seconds, times 100,000, plus the entry's position in its table. Keys below 10^15 are exact
in a spreadsheet's arithmetic, and the position comes back as the remainder. A table of more than 99,999 entries would mix the two up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openpyxl.formatting.rule import Rule
from openpyxl.styles import Font
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.worksheet.formula import ArrayFormula

from refundbook.schema import CASES, COMMUNICATIONS, RESOLUTIONS, TRACKER_HEADERS, Sheet
from refundbook.template import names, style

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

TRACKER_LIVE_ROWS = 200
"""For so many cases the Tracker holds formulas: with four messages each, LibreOffice recalculates them in a little over one second, and the time grows with the square."""

FIRST_ROW = 2
NOTE_ROW = FIRST_ROW + TRACKER_LIVE_ROWS
"""The row below the live rows; it says how many cases are not shown."""

COLUMNS = tuple(
    zip(
        TRACKER_HEADERS,
        (22, 14, 76, 28, 44),
        (style.GENERAL_FORMAT, style.DATE_FORMAT, *[style.GENERAL_FORMAT] * 3),
        (style.TOP, style.TOP_SHRUNK, *[style.TOP_WRAPPED] * 3),
        strict=True,
    )
)
"""Heading, width in characters, number format and alignment of each column."""

_POSITIONS = 100_000
_MESSAGE_CASE = names.column(COMMUNICATIONS, "number")
_MESSAGE_DATE = names.column(COMMUNICATIONS, "date")
_RESOLUTION_CASE = names.column(RESOLUTIONS, "number")
_LOGGED_AT = names.column(RESOLUTIONS, "logged_at")


def _position(sheet: Sheet) -> str:
    """The position of each entry in its table, counted from 1."""
    return f"ROW({names.column(sheet, 'number')})-ROW({sheet.name}[[#Headers],[{sheet['number'].header}]])"


def _seconds(dates: str) -> str:
    return f"ROUND({dates}*86400,0)*{_POSITIONS}"


_MESSAGE_KEY = f"{_seconds(_MESSAGE_DATE)}+{_position(COMMUNICATIONS)}"


def _of_case(case_numbers: str, row: int) -> str:
    return f"TRIM({case_numbers})=TRIM($A{row})"


def _iso(date: str) -> str:
    return f'YEAR({date})&"-"&RIGHT("0"&MONTH({date}),2)&"-"&RIGHT("0"&DAY({date}),2)'


def _number(row: int) -> str:
    numbers = names.column(CASES, "number")
    position = row - FIRST_ROW + 1
    return f'IF({position}>ROWS({numbers}),"",INDEX({numbers},{position})&"")'


def _opened(row: int) -> str:
    opened = f"INDEX({names.column(CASES, 'opened')},{row - FIRST_ROW + 1})"
    return f'IF($A{row}="","",IF({opened}="","",{opened}))'


def _summary(row: int) -> str:
    of_case = _of_case(_MESSAGE_CASE, row)
    count = f"SUM(--({of_case}))"
    in_order = f"SMALL(IF({of_case},{_MESSAGE_KEY}),ROW(INDEX($A:$A,1):INDEX($A:$A,MAX(1,{count}))))"
    texts = (
        f'LOOKUP(MOD({in_order},{_POSITIONS}),{_position(COMMUNICATIONS)},{names.column(COMMUNICATIONS, "summary")}&"")'
    )
    too_long = f'"Too long to show in one cell: run refundbook show "&$A{row}'
    return f'IF($A{row}="","",IFERROR(_xlfn.TEXTJOIN(" ",TRUE,{texts}),IF({count}=0,"",{too_long})))'


def _last_reply(row: int) -> str:
    received = (
        f'({_of_case(_MESSAGE_CASE, row)})*({names.column(COMMUNICATIONS, "with_")}="Support")'
        f'*({names.column(COMMUNICATIONS, "direction")}<>"Sent")'
    )
    newest = f"MOD(LARGE(IF({received},{_MESSAGE_KEY}),1),{_POSITIONS})"
    date = _iso(f"INDEX({_MESSAGE_DATE},{newest})")
    agent = f'SUBSTITUTE(" (Agent: "&INDEX({names.column(COMMUNICATIONS, "agent")},{newest})&")"," (Agent: )","")'
    return f'IF($A{row}="","",IFERROR({date}&{agent},""))'


def _resolution(row: int) -> str:
    of_case = _of_case(_RESOLUTION_CASE, row)
    not_logged = f"SUM(({of_case})*NOT(ISNUMBER({_LOGGED_AT})))"
    key = f"IF({not_logged}=0,{_seconds(_LOGGED_AT)},0)+{_position(RESOLUTIONS)}"
    newest = f"MOD(LARGE(IF({of_case},{key}),1),{_POSITIONS})"
    date, outcome, status = (
        f"INDEX({names.column(RESOLUTIONS, name)},{newest})" for name in ("date", "outcome", "status")
    )
    when = f'IF(ISNUMBER({date}),{_iso(date)},"Pending")'
    said = f'IF(TRIM({outcome})="",SUBSTITUTE(" - "&TRIM({status})," - Pending","")," - "&{outcome})'
    return f'IF($A{row}="","",IFERROR({when}&{said},"Pending"))'


def tracker_formulas(row: int) -> tuple[str, ...]:
    """The formulas of one live row, in the order of the Tracker's headers, without the leading `=`.

    `row` is the sheet's row, from `FIRST_ROW` up; the row shows the case at the same place in the Cases table. The date is a date serial or `""`, all others are texts.
    """
    return _number(row), _opened(row), _summary(row), _last_reply(row), _resolution(row)


def note_formula() -> str:
    """The formula of the first cell below the live rows: empty, or how many cases are not shown, and what shows them."""
    cases = f"ROWS({names.column(CASES, 'number')})"
    more = f'"And "&({cases}-{TRACKER_LIVE_ROWS})&" more cases. refundbook tracker prints them all."'
    return f'IF({cases}>{TRACKER_LIVE_ROWS},{more},"")'


def add_tracker(sheet: Worksheet) -> None:
    """Write the Tracker: header, live rows, the note below them, formats and print setup."""
    for index, (heading, width, code, alignment) in enumerate(COLUMNS, start=1):
        style.header(sheet.cell(1, index), heading, style.TEAL_DARK)
        style.column(sheet, index, width, code, alignment)
    sheet.row_dimensions[1].height = style.HEADER_HEIGHT
    for row in range(FIRST_ROW, NOTE_ROW):
        sheet.row_dimensions[row].height = style.THREE_LINES
        for index, formula in enumerate(tracker_formulas(row), start=1):
            _, _, code, alignment = COLUMNS[index - 1]
            cell = sheet.cell(row, index)
            cell.value = ArrayFormula(cell.coordinate, f"={formula}")
            style.paint(cell, style.font(bold=index == 1), alignment=alignment, code=code)
    note = sheet.cell(NOTE_ROW, 1)
    note.value = f"={note_formula()}"
    style.paint(note, style.font(colour=style.MUTED, italic=True), alignment=style.TOP)
    _add_formats(sheet)
    sheet.freeze_panes = "B2"
    style.print_setup(sheet, "1:1")


def _add_formats(sheet: Worksheet) -> None:
    """A line below each case, and Pending in a colour of its own."""
    line = DifferentialStyle(border=style.underline())
    pending = DifferentialStyle(font=Font(color=style.NOTICE[0]), border=style.underline())
    for first, condition, look in (
        ("E", f'LEFT($E{FIRST_ROW},7)="Pending"', pending),
        ("A", f'$A{FIRST_ROW}<>""', line),
    ):
        cells = f"{first}{FIRST_ROW}:E{style.LAST_ROW}"
        sheet.conditional_formatting.add(cells, Rule(type="expression", formula=[condition], dxf=look))

"""The Tracker sheet: five columns of live formulas over the pillar tables, one row a case.

Every text and date is built without `TEXT`, whose format codes depend on the language of Excel. Each formula is a
single-cell array formula (ECMA-376 Part 1, 18.3.1.40), which every Excel since 2019 and LibreOffice compute alike;
`TEXTJOIN` is stored with its `_xlfn.` prefix. Structured references are written in full (18.17.2.5).

The order of entries comes from whole-number keys: the date in seconds, times 100,000, plus the entry's position in its
table. Keys below 10^15 are exact in a spreadsheet's arithmetic, and the position comes back as the remainder. A table
of more than 99,999 entries would mix the two up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openpyxl.formatting.rule import Rule
from openpyxl.styles import Font
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.worksheet.formula import ArrayFormula

from refundbook.base.live_bounds import BOUNDS, TRACKER_PLACES, more_cases
from refundbook.base.schema import CASES, COMMUNICATIONS, OPEN_STATUSES, RESOLUTIONS, TRACKER_HEADERS, Sheet
from refundbook.template import names, style
from refundbook.template.alerts import NO_CASE, alert_rule

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

TRACKER_LIVE_ROWS = BOUNDS.shown
"""So many cases the Tracker shows."""

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

_PLACES = 100_000

TOO_MANY = "Too many rows to compute: run refundbook tracker"

CANNOT_SHOW = (
    ("C1:D1", 'SUMPRODUCT((MessageKeys<>"")*(MessageCases<2))>0', NO_CASE),
    ("E1", 'SUMPRODUCT((ResolutionKeys<>"")*(ResolutionCases<2))>0', NO_CASE),
)
"""Header cells, when they speak up, and what they say beside the heading."""


def _iso(date: str) -> str:
    return f'YEAR({date})&"-"&RIGHT("0"&MONTH({date}),2)&"-"&RIGHT("0"&DAY({date}),2)'


def _in_case(log: Sheet, name: str, place: str) -> str:
    return f"INDEX({names.log(log, name)},{place})"


def _place(row: int) -> str:
    """The place of the row's case on the Cases sheet, counted from the header as 1, as on the Calculation sheet."""
    return f"INDEX({TRACKER_PLACES},{row - FIRST_ROW + 1})"


def _number(row: int) -> str:
    return f'IF({_place(row)}="","",INDEX({names.log(CASES, "number")},{_place(row)})&"")'


def _opened(row: int) -> str:
    opened = _in_case(CASES, "opened", _place(row))
    return f'IF($A{row}="","",IF({opened}="","",{opened}))'


def _of_case(row: int) -> str:
    """The place by which the entries of the row's case are found: that of the first, where its number stands twice."""
    return f"INDEX(CaseFirst,{_place(row)})"


def _of_row(row: int, formula: str) -> str:
    return f'IF($A{row}="","",IF(TooMany,"{TOO_MANY}",{formula}))'


def _summary(row: int) -> str:
    keys = f"IF(SaidCases={_of_case(row)},MessageOrder)"
    in_order = f"SMALL({keys},ROW(INDEX($A:$A,1):INDEX($A:$A,COUNT({keys}))))"
    texts = f'LOOKUP(MOD({in_order},{_PLACES}),MessagePlaces,{names.log(COMMUNICATIONS, "summary")}&"")'
    joined = f'_xlfn.TEXTJOIN(" ",TRUE,{texts})'
    is_older = '_xlfn.TEXTJOIN("",TRUE,"")'
    instead = f"IF(ISERROR({is_older}),{_older(row)},{_too_long(row)})"
    return _of_row(row, f'IF(COUNT({keys})=0,"",IFERROR({joined},{instead}))')


def _older(row: int) -> str:
    """Before 2019, Excel cannot join texts."""
    return f'"Excel 2019 or later shows this: run refundbook show "&$A{row}'


def _too_long(row: int) -> str:
    return f'"Too long to show in one cell: run refundbook show "&$A{row}'


def _last_reply(row: int) -> str:
    newest = f"INDEX(CaseReply,MAX(1,{_of_case(row)}))"
    date = _iso(_in_case(COMMUNICATIONS, "date", newest))
    agent = _in_case(COMMUNICATIONS, "agent", newest)
    signed = f'IF({names.words(agent)}="",""," (Agent: "&{agent}&")")'
    return _of_row(row, f'IF({newest}=0,"",{date}&{signed})')


def _resolution(row: int) -> str:
    """A case that is open never reads as ended: it is Pending or Reopened, whatever the date."""
    newest = f"INDEX(CaseNewest,MAX(1,{_of_case(row)}))"
    date, outcome, status = (_in_case(RESOLUTIONS, name, newest) for name in ("date", "outcome", "status"))
    is_open = f"OR({','.join(f'{status}={chr(34)}{name}{chr(34)}' for name in OPEN_STATUSES)})"
    when = f'IF({is_open},{status},IF(ISNUMBER({date}),{_iso(date)},"{OPEN_STATUSES[0]}"))'
    said = f'IF({names.words(outcome)}="",IF({when}={status},""," - "&{status})," - "&{outcome})'
    return _of_row(row, f'IF({newest}=0,"{OPEN_STATUSES[0]}",IFERROR({when}&{said},{_too_long(row)}))')


def tracker_formulas(row: int) -> tuple[str, ...]:
    """The formulas of one live row, in the order of the Tracker's headers, without the leading `=`.

    `row` is the sheet's row, from `FIRST_ROW` up; the row shows the case at the same place in the Cases table. The date
    is a date serial or `""`, all others are texts.
    """
    return _number(row), _opened(row), _summary(row), _last_reply(row), _resolution(row)


def note_formula() -> str:
    """The formula of the first cell below the live rows: empty, or which cases are shown of how many, and what shows
    them all.
    """
    cases = f"ROWS({names.column(CASES, 'number')})"
    said = more_cases(TRACKER_LIVE_ROWS, f'"&{cases}&"')
    return f'IF({cases}>{TRACKER_LIVE_ROWS},"{said}","")'


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
    """A line below each case, Pending and Reopened in a colour of their own, and what the formulas cannot show, in
    words in the header.
    """
    for cell, condition, code in CANNOT_SHOW:
        sheet.conditional_formatting.add(cell, alert_rule(condition, code))
    line = DifferentialStyle(border=style.underline())
    pending = DifferentialStyle(font=Font(color=style.NOTICE[0]), border=style.underline())
    for first, condition, look in (
        ("E", f'OR(LEFT($E{FIRST_ROW},7)="Pending",LEFT($E{FIRST_ROW},8)="Reopened")', pending),
        ("A", f'$A{FIRST_ROW}<>""', line),
    ):
        cells = f"{first}{FIRST_ROW}:E{style.LAST_ROW}"
        sheet.conditional_formatting.add(cells, Rule(type="expression", formula=[condition], dxf=look))

"""The Tracker sheet: five columns of live formulas over the pillar tables, one row a case.

Every text and date is built without `TEXT`, whose format codes depend on the language of Excel. Each formula is a
single-cell array formula (ECMA-376 Part 1, 18.3.1.40), which every Excel since 2019 and LibreOffice compute alike;
`TEXTJOIN` is stored with its `_xlfn.` prefix. Structured references are written in full (18.17.2.5).

The order of entries comes from whole-number keys: the date in seconds, times 100,000, plus the entry's position in its
table. Keys below 10^15 are exact in a spreadsheet's arithmetic, and the position comes back as the remainder. A table
of more than 99,999 entries would mix the two up.
"""

from __future__ import annotations

from openpyxl.formatting.rule import Rule
from openpyxl.styles import Font, PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.formula import ArrayFormula

from refundbook.base.due_words import OVERDUE
from refundbook.base.live_bounds import BOUNDS, TRACKER_PLACES, more_cases
from refundbook.base.schema import (
    CASES,
    COMMUNICATIONS,
    OPEN_STATUSES,
    RESOLUTIONS,
    TRACKER_HEADERS,
    TRACKER_WORKING_HEADERS,
    Sheet,
)
from refundbook.template import names, next_due, style
from refundbook.template.alerts import EMPTY, NO_CASE, NO_CASE_IN_SHORT, alert_rule
from refundbook.template.next_due import iso

TYPE_CHECKING = False
if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

TRACKER_LIVE_ROWS = BOUNDS.shown
"""So many cases the Tracker shows."""

FIRST_ROW = 2
NOTE_ROW = FIRST_ROW + TRACKER_LIVE_ROWS
"""The row below the live rows; it says how many cases are not shown."""

PRINTED_ROWS = 14
"""So many rows fill a printed page, in Excel on A4. The print area of a blank workbook holds these, and follows the
cases from there: formulas that show nothing are printed as pages of headings. Only refundbook extends it. A formula or
another name in its place is no print area to LibreOffice, which prints an empty workbook on 18 pages then, nor to
openpyxl, which warns and drops it.
"""
PRINT_NOTE = " (cases that were typed in are missing? Page Layout > Print Area > Clear)"
"""What a printed page says, since nothing else can tell."""

COLUMNS = tuple(
    zip(
        TRACKER_HEADERS,
        (15, 11, 37, 18, 24),
        (style.GENERAL_FORMAT, style.DATE_FORMAT, *[style.GENERAL_FORMAT] * 3),
        (style.TOP_WRAPPED, style.TOP_SHRUNK, *[style.TOP_WRAPPED] * 3),
        strict=True,
    )
)
"""Heading, width in characters, number format and alignment of each column."""

WORKING_COLUMNS = tuple(
    zip(
        TRACKER_WORKING_HEADERS,
        (14, 8, 11, 9, 24, 9),
        (style.GENERAL_FORMAT, style.COUNT_FORMAT, style.MONEY_FORMAT, *[style.GENERAL_FORMAT] * 3),
        (style.TOP, style.TOP_CENTRED, style.TOP_AMOUNT, style.TOP, style.TOP_WRAPPED, style.TOP),
        strict=True,
    )
)
"""The same of those to their right."""

LAST_COLUMN = get_column_letter(len(COLUMNS) + len(WORKING_COLUMNS))
_PLACES = 100_000

TOO_MANY = "Too many rows to compute: run refundbook tracker"

CANNOT_SHOW = (
    ("C1", 'SUMPRODUCT((MessageKeys<>"")*(MessageCases<2))>0', NO_CASE),
    ("E1", 'SUMPRODUCT((ResolutionKeys<>"")*(ResolutionCases<2))>0', NO_CASE_IN_SHORT),
)
"""Header cells, when they speak up, and what they say beside the heading, as much as two lines hold."""


def _in_case(log: Sheet, name: str, place: str) -> str:
    return f"INDEX({names.log(log, name)},{place})"


def _of_window(step: str, row: int) -> str:
    """What a step of the Calculation sheet holds for a row."""
    return f"INDEX({step},{row - FIRST_ROW + 1})"


def _place(row: int) -> str:
    """The place of the row's case on the Cases sheet, counted from the header as 1, as on the Calculation sheet."""
    return _of_window(TRACKER_PLACES, row)


def _number(row: int) -> str:
    return f'IF({_place(row)}="","",INDEX({names.log(CASES, "number")},{_place(row)})&"")'


def _opened(row: int) -> str:
    opened = _in_case(CASES, "opened", _place(row))
    return f'IF($A{row}="","",IF({opened}="","",{opened}))'


def _of_row(row: int, formula: str) -> str:
    return f'IF($A{row}="","",IF(TooMany,"{TOO_MANY}",{formula}))'


def _summary(row: int) -> str:
    case = _of_window("TrackerCase", row)
    count = f"INDEX(CaseSaid,{case})"
    in_order = f"SMALL(IF(SaidCases={case},MessageOrder),ROW(INDEX($A:$A,1):INDEX($A:$A,{count})))"
    texts = f'LOOKUP(MOD({in_order},{_PLACES}),MessagePlaces,{names.log(COMMUNICATIONS, "summary")})&""'
    joined = f'_xlfn.TEXTJOIN(" ",TRUE,{texts})'
    is_older = '_xlfn.TEXTJOIN("",TRUE,"")'
    instead = f"IF(ISERROR({is_older}),{_older(row)},{_too_long(row)})"
    return _of_row(row, f'IF({count}=0,"",IFERROR({joined},{instead}))')


def _older(row: int) -> str:
    """Before 2019, Excel cannot join texts."""
    return f'"Excel 2019 or later shows this: run refundbook show "&$A{row}'


def _too_long(row: int) -> str:
    return f'"Too long to show in one cell: run refundbook show "&$A{row}'


def _last_reply(row: int) -> str:
    newest = _of_window("TrackerReply", row)
    date = iso(_in_case(COMMUNICATIONS, "date", newest))
    agent = _in_case(COMMUNICATIONS, "agent", newest)
    signed = f'IF({names.words(agent)}="",""," (Agent: "&{agent}&")")'
    return _of_row(row, f'IF({newest}=0,"",{date}&{signed})')


def _resolution(row: int) -> str:
    """A case that is open never reads as ended: it is Pending or Reopened, whatever the date."""
    newest = _of_window("TrackerNewest", row)
    date, outcome, status = (_in_case(RESOLUTIONS, name, newest) for name in ("date", "outcome", "status"))
    is_open = f"OR({','.join(f'{status}={chr(34)}{name}{chr(34)}' for name in OPEN_STATUSES)})"
    when = f'IF({is_open},{status},IF(ISNUMBER({date}),{iso(date)},"{OPEN_STATUSES[0]}"))'
    said = f'IF({names.words(outcome)}="",IF({is_open},""," - "&{status})," - "&{outcome})'
    return _of_row(row, f'IF({newest}=0,"{OPEN_STATUSES[0]}",IFERROR({when}&{said},{_too_long(row)}))')


def tracker_formulas(row: int) -> tuple[str, ...]:
    """The formulas of one live row, in the order of the Tracker's headers, without the leading `=`.

    `row` is the sheet's row, from `FIRST_ROW` up; the row shows the case at the same place in the Cases table. The date
    is a date serial or `""`, all others are texts.
    """
    return _number(row), _opened(row), _summary(row), _last_reply(row), _resolution(row)


def working_formulas(row: int) -> tuple[str, ...]:
    """The formulas to the right of the five columns, in the order of their headers. Where a log has too many rows they
    are blank.
    """
    amount, currency = (_in_case(CASES, name, _place(row)) for name in ("amount", "currency"))
    head = f"ROW(CaseHead)+{_place(row)}-1"
    return (
        _quietly(row, f"INDEX(CaseStatus,{_of_window('TrackerCase', row)})"),
        _quietly(row, _days_open(row)),
        _quietly(row, f'IF(ISNUMBER({amount}),{amount},"")'),
        _quietly(row, f'{currency}&""'),
        _quietly(row, f"IFERROR({next_due.words(row - FIRST_ROW + 1)},{_too_long(row)})"),
        _quietly(row, f'HYPERLINK("#{CASES.name}!A"&({head}),"row "&({head}))'),
    )


def _quietly(row: int, formula: str) -> str:
    return f'IF($A{row}="","",IF(TooMany,"",{formula}))'


def _days_open(row: int) -> str:
    end = _in_case(RESOLUTIONS, "date", f"MAX(1,{_of_window('TrackerNewest', row)})")
    ended = f'IF(ISNUMBER({end}),INT({end})-INT($B{row}),"")'
    is_ended = f"INDEX(CaseEnded,{_of_window('TrackerCase', row)})=1"
    return f'IF(ISNUMBER($B{row}),IF({is_ended},{ended},CurrentDay-INT($B{row})),"")'


def note_formula() -> str:
    """The formula of the first cell below the live rows: empty, or which cases are shown of how many, and what shows
    them all.
    """
    cases = f"ROWS({names.column(CASES, 'number')})"
    said = more_cases(TRACKER_LIVE_ROWS, f'"&{cases}&"')
    return f'IF({cases}>{TRACKER_LIVE_ROWS},"{said}","")'


def add_tracker(sheet: Worksheet) -> None:
    """Write the Tracker: header, live rows, the note below them, formats and print setup."""
    columns = (*COLUMNS, *WORKING_COLUMNS)
    for index, (heading, width, code, alignment) in enumerate(columns, start=1):
        style.header(sheet.cell(1, index), heading, style.TEAL_DARK if index <= len(COLUMNS) else style.SLATE)
        # What refundbook says of the Tracker above or below its rows is not broken into lines.
        style.column(sheet, index, width, code, style.TOP if index == 1 else alignment)
    sheet.row_dimensions[1].height = style.HEADER_HEIGHT
    for row in range(FIRST_ROW, NOTE_ROW):
        sheet.row_dimensions[row].height = style.THREE_LINES
        for index, formula in enumerate((*tracker_formulas(row), *working_formulas(row)), start=1):
            _, _, code, alignment = columns[index - 1]
            cell = sheet.cell(row, index)
            is_link = index == len(columns)
            # LibreOffice opens a link of an ordinary formula only.
            cell.value = f"={formula}" if is_link else ArrayFormula(cell.coordinate, f"={formula}")
            face = style.font(bold=index == 1, colour=style.TEAL if is_link else style.INK)
            style.paint(cell, face, alignment=alignment, code=code)
    note = sheet.cell(NOTE_ROW, 1)
    note.value = f"={note_formula()}"
    style.paint(note, style.font(colour=style.MUTED, italic=True), alignment=style.TOP)
    _add_formats(sheet)
    sheet.auto_filter.ref = f"A1:{LAST_COLUMN}{NOTE_ROW - 1}"
    sheet.freeze_panes = "B2"
    style.print_setup(sheet, "1:1", PRINT_NOTE)
    sheet.print_area = f"A1:{LAST_COLUMN}{FIRST_ROW + PRINTED_ROWS - 1}"


def _add_formats(sheet: Worksheet) -> None:
    """A line below each case, Pending and Reopened in a colour of their own, and in words in the header what the
    formulas cannot show, and where cases come from.
    """
    for cell, condition, code in CANNOT_SHOW:
        sheet.conditional_formatting.add(cell, alert_rule(condition, code))
    sheet.conditional_formatting.add("C1", alert_rule(f"COUNTA({names.CASE_NUMBERS})=0", EMPTY, None))
    line = DifferentialStyle(border=style.underline())
    pending = DifferentialStyle(font=Font(color=style.NOTICE[0]), border=style.underline())
    late = DifferentialStyle(
        font=Font(color=style.ALARM[0]), fill=PatternFill(bgColor=style.ALARM[1]), border=style.underline()
    )
    is_open = ",".join(f'$F{FIRST_ROW}="{status}"' for status in OPEN_STATUSES)
    for columns, condition, look in (
        ("E:F", f"OR({is_open})", pending),
        ("J:J", f'IFERROR(FIND(" {OVERDUE} - ",$J{FIRST_ROW}),99)<={len("2023-10-28 14:30 ")}', late),
        (f"A:{LAST_COLUMN}", f'$A{FIRST_ROW}<>""', line),
    ):
        first, last = columns.split(":")
        cells = f"{first}{FIRST_ROW}:{last}{NOTE_ROW + 1}"
        sheet.conditional_formatting.add(cells, Rule(type="expression", formula=[condition], dxf=look))

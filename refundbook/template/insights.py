"""The Insights sheet: headline figures, charts, and below them the tables that the charts draw.

Every figure is a live formula over the pillar tables. Joins run from a resolution to its case, one `MATCH` an entry, since comparing every case with every
entry would grow with the product. A case counts once, by its newest resolution, as everywhere else. Money is never added across currencies. In a
workbook without cases every figure is 0 or a dash, and where there are too few cases for a share or a median to mean anything, it is n/a.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.pagebreak import Break

from refundbook.schema import (
    CASES,
    COMMUNICATIONS,
    FINAL_STATUSES,
    INSIGHTS,
    LIST_HEADERS,
    REFUND_STATUSES,
    RESOLUTIONS,
)
from refundbook.template import names, style
from refundbook.template.charts import Chart, add_chart

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

COLUMN_WIDTH = 23
COLUMNS = "BCDEFG"
TILE_ROW = 4
CHART_ROWS = (8, 22, 37, 51)
TABLES_ROW = 66
MONTHS_ROW, PROMISES_ROW, REASONS_ROW, MONEY_ROW = TABLES_ROW + 2, TABLES_ROW + 11, TABLES_ROW + 20, CHART_ROWS[3]
MONTHS = 12
LISTED = 8
"""So many reasons and currencies of the Settings lists have a line of their own."""

NUMBER = names.column(CASES, "number")
OPENED = names.column(CASES, "opened")
REASON = names.column(CASES, "reason")
STATUS = names.column(RESOLUTIONS, "status")
ENDED = names.column(RESOLUTIONS, "date")
LOGGED = names.column(RESOLUTIONS, "logged_at")
RESOLVED_CASE = names.column(RESOLUTIONS, "number")
DUE = names.column(COMMUNICATIONS, "due")
KEPT = names.column(COMMUNICATIONS, "kept_on")

FINAL = f'({STATUS}<>"")*({STATUS}<>"Pending")*({STATUS}<>"Reopened")'
CASE_COUNT = f'SUMPRODUCT(--(TRIM({NUMBER})<>""))'
AT_CASE = f"MATCH({RESOLVED_CASE},{NUMBER},0)"
_PLACES = f"ROW({NUMBER})-ROW({CASES.name}[[#Headers],[{CASES['number'].header}]])"
_ENTRIES = f"ROW({RESOLVED_CASE})-ROW({RESOLUTIONS.name}[[#Headers],[{RESOLUTIONS['number'].header}]])"
# FREQUENCY gives one number more than there are cases: entries that are not sought, or have no case, are counted there.
_NOT_LOGGED = f"INDEX(FREQUENCY(IF(ISNUMBER({LOGGED}),1E9,IFERROR({AT_CASE},1E9)),{_PLACES}),N(IF(1,{AT_CASE})))"
# The order in which entries were made, as the Tracker has it: by Logged At where each of the case's entries has it, then by row.
_ORDER = f"(IFERROR(IF({_NOT_LOGGED}>0,0,ROUND({LOGGED}*86400,0)*1E5),0)+{_ENTRIES})"
# LibreOffice looks for nothing in an array of one number.
_RANK = f"IFERROR(MATCH({_ORDER},SMALL({_ORDER},{_ENTRIES}),1),1)"
# Entries in order, case after case, as falling numbers; a number below all that a case can have falls to the case's newest entry.
_NEWEST_FIRST = f"FREQUENCY(-({_PLACES})*1E6-999999,-IFERROR({AT_CASE},0)*1E6-{_RANK})"
NEWEST = f"(INDEX({_NEWEST_FIRST},N(IF(1,{_ENTRIES})))>0)*ISNUMBER({AT_CASE})"
"""Whether an entry is the newest of its case: by that one the case stands."""
ENDS = f"{NEWEST}*{FINAL}"
CLOSED = f"SUM({ENDS})"
DAYS = f'IFERROR(IF({ENDS}*ISNUMBER({ENDED}),INT({ENDED})-INT(INDEX({OPENED},N(IF(1,{AT_CASE})))),""),"")'
_ENDED_CASES = f"FREQUENCY(IF({ENDS},{AT_CASE},1E9),{_PLACES})"
AGES = f'IFERROR(IF((INDEX({_ENDED_CASES},N(IF(1,{_PLACES})))<1)*ISNUMBER({OPENED})*(TRIM({NUMBER})<>""),TODAY()-INT({OPENED}),""),"")'
_AT_MESSAGE = f"MATCH({names.column(COMMUNICATIONS, 'number')},{NUMBER},0)"
MESSAGE_OPEN = f"IFERROR(INDEX({_ENDED_CASES},N(IF(1,{_AT_MESSAGE})))<1,TRUE)"
PROMISED = f'ISNUMBER({DUE})*({names.column(COMMUNICATIONS, "promise")}<>"")'
# A due date without a time runs until its day is over.
PAST = f"({DUE}+(MOD({DUE},1)=0))<=NOW()"

BUCKETS = ("2 days or less", "3 to 7 days", "8 to 14 days", "15 to 30 days", "31 to 60 days", "more than 60")
BINS = "{2;7;14;30;60}"
PROMISES = ("Kept in time", "Kept late", "Not due yet", "Overdue", "Not kept, case closed")
_PROMISE = f"IF(ISNUMBER({KEPT}),IF(INT({KEPT})<=INT({DUE}),1,2),IF({MESSAGE_OPEN},IF({PAST},4,3),5))"
PROMISE_COUNTS = f"IFERROR(FREQUENCY(IFERROR(IF({PROMISED},{_PROMISE},9),9),{{1;2;3;4;5}}),0)"
"""Each promise gets the place of its line in `PROMISES`, counted from 1."""
NONE_IS_A_DASH = '#,##0;;"–"'
NONE_OF_THESE = "None of these"
TOO_FEW = "n/a"
ENOUGH = 5
"""A share or a median is given from so many closed cases on, as in `refundbook insights`."""


def add_insights(sheet: Worksheet) -> tuple[str, ...]:
    """Write the Insights sheet and return the descriptions of its charts, in their order."""
    style.title(
        sheet, INSIGHTS, "Live figures from your logs. The figures behind the charts stand below them.", column=2
    )
    style.widths(sheet, 2, *[COLUMN_WIDTH] * len(COLUMNS))
    _tiles(sheet)
    _months(sheet)
    _standings(sheet)
    _durations(sheet)
    _reasons(sheet)
    _money(sheet)
    for chart in CHARTS:
        add_chart(sheet, chart)
    sheet.sheet_view.showGridLines = False
    style.print_setup(sheet)
    for row in (CHART_ROWS[2] - 2, TABLES_ROW - 1):
        sheet.row_breaks.append(Break(id=row))
    return tuple(chart.description for chart in CHARTS)


def _tiles(sheet: Worksheet) -> None:
    overdue = PROMISES.index("Overdue") + PROMISES_ROW + 1
    tiles = (
        ("Cases", f"={CASE_COUNT}", "logged so far"),
        ("Open", f"=MAX(0,B{TILE_ROW + 1}-D{TILE_ROW + 1})", "waiting for an outcome"),
        ("Closed", _array(f"IFERROR({CLOSED},0)", f"D{TILE_ROW + 1}"), "refunded, denied or other"),
        (
            "Days to resolution",
            _array(f'IF(D{TILE_ROW + 1}<{ENOUGH},"{TOO_FEW}",IFERROR(MEDIAN({DAYS}),"–"))', f"E{TILE_ROW + 1}"),
            f'=IF(D{TILE_ROW + 1}<{ENOUGH},"too few closed cases to say","half of the cases took less")',
        ),
        ("Promises overdue", f"=E{overdue}", "in open cases"),
        (
            "Oldest open case",
            # A table of one row gives no array but the empty text itself where its case is not open, which MAX does not take.
            _array(f"IFERROR(MAX({AGES}),0)", f"G{TILE_ROW + 1}"),
            "days since it was opened",
        ),
    )
    for letter, (label, value, note) in zip(COLUMNS, tiles, strict=True):
        cells = [sheet[f"{letter}{TILE_ROW + offset}"] for offset in range(3)]
        for cell, content in zip(cells, (label, value, note), strict=True):
            cell.value = content
        style.paint(cells[0], style.font(colour=style.TEAL, bold=True), style.TEAL_PALE, style.LABEL)
        style.paint(cells[1], style.font(24, style.TEAL_DARK, bold=True), style.TEAL_PALE, style.LABEL)
        style.paint(cells[2], style.font(9, style.MUTED), style.TEAL_PALE, style.LABEL)
        for cell in cells:
            cell.border = style.between()
    sheet[f"G{TILE_ROW + 1}"].number_format = NONE_IS_A_DASH
    sheet.row_dimensions[TILE_ROW].height = 22
    sheet.row_dimensions[TILE_ROW + 1].height = 34
    sheet.row_dimensions[TILE_ROW + 2].height = 20


def _array(formula: str, ref: str) -> ArrayFormula:
    return ArrayFormula(ref, f"={formula}")


def _heading(sheet: Worksheet, row: int, column: int, *texts: str) -> None:
    for offset, text in enumerate(texts):
        style.header(sheet.cell(row, column + offset), text)
        sheet.cell(row, column + offset).alignment = style.FIGURE if offset else style.LABEL


def _line(
    sheet: Worksheet, row: int, column: int, *values: str | ArrayFormula | None, codes: tuple[str, ...] = ()
) -> None:
    for offset, value in enumerate(values):
        cell = sheet.cell(row, column + offset)
        cell.value = value
        code = codes[offset - 1] if offset and codes else style.COUNT_FORMAT if offset else style.GENERAL_FORMAT
        style.paint(cell, alignment=style.FIGURE if offset else style.LABEL, code=code, border=style.underline())


def _months(sheet: Worksheet) -> None:
    sheet.cell(TABLES_ROW, 2, "The figures behind the charts")
    style.paint(sheet.cell(TABLES_ROW, 2), style.font(16, style.TEAL_DARK, bold=True), alignment=style.MIDDLE)
    sheet.row_dimensions[TABLES_ROW].height = style.TITLE_HEIGHT
    _heading(sheet, MONTHS_ROW, 2, "Month", "Cases opened")
    newest = f"IF(MAX({OPENED})=0,TODAY(),MAX({OPENED}))"
    for place in range(1, MONTHS + 1):
        row = MONTHS_ROW + place
        first, after = (f"DATE(YEAR({newest}),MONTH({newest})-{MONTHS - place - shift},1)" for shift in (0, 1))
        label = f'=YEAR({first})&"-"&RIGHT("0"&MONTH({first}),2)'
        count = f"=SUMPRODUCT(ISNUMBER({OPENED})*({OPENED}>={first})*({OPENED}<{after}))"
        _line(sheet, row, 2, label, count)


def _standings(sheet: Worksheet) -> None:
    _heading(sheet, MONTHS_ROW, 4, "How cases stand", "Cases")
    _line(sheet, MONTHS_ROW + 1, 4, "Open", f"=C{TILE_ROW + 1}")
    for row, status in enumerate(FINAL_STATUSES, start=MONTHS_ROW + 2):
        _line(sheet, row, 4, status, None)
    first, last = MONTHS_ROW + 2, MONTHS_ROW + 1 + len(FINAL_STATUSES)
    counted = f"MMULT(--(D{first}:D{last}=TRANSPOSE({STATUS})),{NEWEST})"
    sheet[f"E{first}"] = _array(f"IFERROR({counted},0)", f"E{first}:E{last}")
    _heading(sheet, PROMISES_ROW, 4, "Promises with due date", "Promises")
    for row, label in enumerate(PROMISES, start=PROMISES_ROW + 1):
        _line(sheet, row, 4, label, None)
    ref = f"E{PROMISES_ROW + 1}:E{PROMISES_ROW + len(PROMISES)}"
    sheet[f"E{PROMISES_ROW + 1}"] = _array(PROMISE_COUNTS, ref)


def _durations(sheet: Worksheet) -> None:
    for start, heading, days in ((MONTHS_ROW, "Days to resolution", DAYS), (PROMISES_ROW, "Age of open cases", AGES)):
        _heading(sheet, start, 6, heading, "Cases")
        for row, label in enumerate(BUCKETS, start=start + 1):
            _line(sheet, row, 6, label, None)
        ref = f"G{start + 1}:G{start + len(BUCKETS)}"
        sheet[f"G{start + 1}"] = _array(f"IFERROR(FREQUENCY({days},{BINS}),0)", ref)


def _reasons(sheet: Worksheet) -> None:
    _heading(sheet, REASONS_ROW, 2, "Reason", "Cases", "Refunded", "Denied", "Refunded / closed", "Denied / closed")
    first, last = REASONS_ROW + 1, REASONS_ROW + LISTED
    codes = (style.COUNT_FORMAT,) * 3 + ("0%",) * 2
    reason = f'IFERROR(INDEX({REASON}&"",N(IF(1,{AT_CASE}))),"")'
    for place in range(1, LISTED + 1):
        row = REASONS_ROW + place
        cases = f'=IF(B{row}="",0,SUMPRODUCT(--(TRIM({REASON})=TRIM(B{row}))))'
        _line(sheet, row, 2, _listed("Reasons", place), cases, *[None] * 4, codes=codes)
    rest = last + 1
    _line(sheet, rest, 2, NONE_OF_THESE, f"=MAX(0,{CASE_COUNT}-SUM(C{first}:C{last}))", *[None] * 4, codes=codes)
    refunded = "+".join(f'({STATUS}="{status}")' for status in REFUND_STATUSES)
    denied = f'({STATUS}="Denied")'
    # A reason that is not listed, or is blank, is looked for in vain and belongs to the last line.
    listed = f'IFERROR(MATCH(TRIM({reason}),IF(B{first}:B{last}="",1,TRIM(B{first}:B{last})),0),{LISTED + 1})'
    each = f"--(ROW(B{first}:B{rest})-{REASONS_ROW}=TRANSPOSE({listed}))"
    both = f"CHOOSE({{1,2}},{refunded},--{denied})"
    sheet[f"D{first}"] = _array(f"IFERROR(MMULT({each},{NEWEST}*{both}),0)", f"D{first}:E{rest}")
    closed = f"MMULT({each},{ENDS})"
    share = f'IF({closed}<{ENOUGH},"{TOO_FEW}",D{first}:E{rest}/{closed})'
    sheet[f"F{first}"] = _array(f'IFERROR({share},"{TOO_FEW}")', f"F{first}:G{rest}")


def _money(sheet: Worksheet) -> None:
    _heading(sheet, MONEY_ROW, 2, "Currency", "Requested", "Refunded")
    refund = "+".join(f'({STATUS}="{status}")' for status in REFUND_STATUSES)
    case_currency, currency = names.column(CASES, "currency"), names.column(RESOLUTIONS, "currency")
    requested, amount = names.column(CASES, "amount"), names.column(RESOLUTIONS, "amount")
    codes = (style.MONEY_FORMAT, style.MONEY_FORMAT)
    for place in range(1, LISTED + 1):
        row = MONEY_ROW + place
        this = f"TRIM(B{row})"
        wanted = f'=IF(B{row}="",0,SUMPRODUCT(--(TRIM({case_currency})={this}),{requested}))'
        given = f'=IF(B{row}="",0,SUMPRODUCT(({refund})*(TRIM({currency})={this}),{amount}))'
        _line(sheet, row, 2, _listed("Currencies", place), wanted, given, codes=codes)
    here = f"B{MONEY_ROW + 1}:B{MONEY_ROW + LISTED}"
    others = "+".join(
        f"SUMPRODUCT(ISNUMBER({amounts})*ISNA(MATCH(TRIM({currencies}),{here},0)))"
        for amounts, currencies in ((requested, case_currency), (amount, currency))
    )
    note = sheet.cell(MONEY_ROW + LISTED + 1, 2)
    said = f'"Not counted, in another currency or without one: "&({others})'
    note.value = _array(f'IF({others}=0,"",{said})', note.coordinate)
    style.paint(note, style.font(9, style.MUTED, italic=True), alignment=style.LABEL)


def _listed(key: str, place: int) -> str:
    """A formula for the entry at a place of a Settings list, or empty text."""
    entries = f"{key}[{LIST_HEADERS[key]}]"
    return f'=IF(ROWS({entries})<{place},"",INDEX({entries},{place})&"")'


CHARTS = (
    Chart(
        "Cases opened per month",
        "Column chart: cases opened in each of the twelve months that end with the newest case.",
        CHART_ROWS[0],
        2,
        MONTHS_ROW,
        2,
        MONTHS,
    ),
    Chart(
        "How cases stand",
        "Bar chart: how many cases are open, and how many ended with each outcome.",
        CHART_ROWS[0],
        5,
        MONTHS_ROW,
        4,
        1 + len(FINAL_STATUSES),
        horizontal=True,
    ),
    Chart(
        "Days to resolution",
        "Column chart: how many cases were resolved within 2, 7, 14, 30, 60 and more days.",
        CHART_ROWS[1],
        2,
        MONTHS_ROW,
        6,
        len(BUCKETS),
    ),
    Chart(
        "Age of open cases",
        "Column chart: for how many days the open cases have been open.",
        CHART_ROWS[1],
        5,
        PROMISES_ROW,
        6,
        len(BUCKETS),
    ),
    Chart(
        "Reasons and what came of them",
        "Bar chart: for each reason the cases, those refunded and those denied.",
        CHART_ROWS[2],
        2,
        REASONS_ROW,
        2,
        LISTED + 1,
        3,
        horizontal=True,
    ),
    Chart(
        "Promises",
        "Bar chart: promises kept in time, kept late, not due yet, overdue, and not kept when the case was closed.",
        CHART_ROWS[2],
        5,
        PROMISES_ROW,
        4,
        len(PROMISES),
        horizontal=True,
    ),
    Chart(
        "Money requested and refunded",
        "Bar chart: for each currency, in its own units, the amount requested and the amount refunded.",
        CHART_ROWS[3],
        5,
        MONEY_ROW,
        2,
        LISTED,
        2,
        horizontal=True,
    ),
)

"""The Insights sheet: headline figures, charts, and below them the tables that the charts draw.

Every figure is a live formula over the logs and the steps of the Calculation sheet. A case counts once, by its newest
resolution, as everywhere else. Money is never added across currencies; a refund without a currency is in that of its
case. In a workbook without cases every figure is 0 or a dash, and where there are too few cases for a share or a median
to mean anything, it is n/a.
"""

from __future__ import annotations

from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.pagebreak import Break

from refundbook.base.schema import CASES, FINAL_STATUSES, INSIGHTS, REFUND_STATUSES, RESOLUTIONS
from refundbook.base.settings import LIST_HEADERS
from refundbook.template import names, style
from refundbook.template.charts import Chart, add_chart

TYPE_CHECKING = False
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

STATUS = f"TRIM({names.log(RESOLUTIONS, 'status')})"
"""Each formula is over a log with its header, or over steps of the Calculation sheet: never over one row alone."""
ONCE = "(CaseFirst=CasePlaces)"
"""A case whose number stands twice counts once."""

BUCKETS = ("2 days or less", "3 to 7 days", "8 to 14 days", "15 to 30 days", "31 to 60 days", "more than 60")
BINS = (2, 7, 14, 30, 60)
PROMISES = ("Kept in time", "Kept late", "Not due yet", "Overdue", "Not kept, case closed")
"""`PromiseLines` on the Calculation sheet has the place of each promise's line here, counted from 1."""
PRINT_NOTE = " (pages are missing? Page Layout > Print Area > Clear)"
"""A blank workbook's print area is the first page, until there is a case."""
NONE_IS_A_DASH = '#,##0;;"–"'
PERCENT = "0%"
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
    # Excel heeds no break of pages that are fitted.
    style.print_setup(sheet, note=PRINT_NOTE, percent=90)
    sheet.print_area = f"A1:{COLUMNS[-1]}{CHART_ROWS[2] - 2}"
    for row in (CHART_ROWS[2] - 2, TABLES_ROW - 1):
        sheet.row_breaks.append(Break(id=row))
    return tuple(chart.description for chart in CHARTS)


def _tiles(sheet: Worksheet) -> None:
    overdue = PROMISES.index("Overdue") + PROMISES_ROW + 1
    tiles = (
        ("Cases", _live(f"SUMPRODUCT(--{ONCE})"), "logged so far"),
        ("Open", _live(f"MAX(0,B{TILE_ROW + 1}-D{TILE_ROW + 1})"), "waiting for an outcome"),
        ("Closed", _live("SUM(CaseEnded)"), "refunded, denied or other"),
        (
            "Days to resolution",
            _live(f'IF(COUNT(CaseDays)<{ENOUGH},"{TOO_FEW}",MEDIAN(CaseDays))'),
            f'=IF(TooMany,"too many rows: run refundbook insights",IF(COUNT(CaseDays)<{ENOUGH},"too few closed cases '
            'to say","half of the cases took less"))',
        ),
        ("Promises overdue", f"=E{overdue}", "in open cases"),
        ("Oldest open case", _live("MAX(CaseAges,0)"), "days since it was opened"),
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


def _live(formula: str) -> str:
    """A cell's formula: the figure, unless a log has more rows than the Calculation sheet computes."""
    return f'=IF(TooMany,"{TOO_FEW}",{formula})'


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
        figure = style.SHARE if code == PERCENT else style.FIGURE
        style.paint(cell, alignment=figure if offset else style.LABEL, code=code, border=style.underline())


def _months(sheet: Worksheet) -> None:
    sheet.cell(TABLES_ROW, 2, "The figures behind the charts")
    style.paint(sheet.cell(TABLES_ROW, 2), style.font(16, style.TEAL_DARK, bold=True), alignment=style.MIDDLE)
    sheet.row_dimensions[TABLES_ROW].height = style.TITLE_HEIGHT
    _heading(sheet, MONTHS_ROW, 2, "Month", "Cases opened")
    days = f"IF(TooMany,MAX({names.log(CASES, 'opened')}),MAX(CaseOpened))"
    newest = f"IF({days}=0,CurrentDay,{days})"
    for place in range(1, MONTHS + 1):
        row = MONTHS_ROW + place
        first, after = (f"DATE(YEAR({newest}),MONTH({newest})-{MONTHS - place - shift},1)" for shift in (0, 1))
        label = f'=YEAR({first})&"-"&RIGHT("0"&MONTH({first}),2)'
        count = _live(f"SUMPRODUCT(ISNUMBER(CaseOpened)*(CaseOpened>={first})*(CaseOpened<{after}))")
        _line(sheet, row, 2, label, count)


def _standings(sheet: Worksheet) -> None:
    _heading(sheet, MONTHS_ROW, 4, "How cases stand", "Cases")
    _line(sheet, MONTHS_ROW + 1, 4, "Open", f"=C{TILE_ROW + 1}")
    for row, status in enumerate(FINAL_STATUSES, start=MONTHS_ROW + 2):
        _line(sheet, row, 4, status, _live(f"SUMPRODUCT(CaseEnded*(CaseStatus=D{row}))"))
    _heading(sheet, PROMISES_ROW, 4, "Promises with due date", "Promises")
    for place, label in enumerate(PROMISES, start=1):
        _line(sheet, PROMISES_ROW + place, 4, label, _live(f"SUMPRODUCT(--(PromiseLines={place}))"))


def _durations(sheet: Worksheet) -> None:
    for start, heading, days in (
        (MONTHS_ROW, "Days to resolution", "CaseDays"),
        (PROMISES_ROW, "Age of open cases", "CaseAges"),
    ):
        _heading(sheet, start, 6, heading, "Cases")
        for place, label in enumerate(BUCKETS):
            above = f"ISNUMBER({days})" if place == 0 else f"ISNUMBER({days})*({days}>{BINS[place - 1]})"
            counted = f"{above}*({days}<={BINS[place]})" if place < len(BINS) else above
            _line(sheet, start + 1 + place, 6, label, _live(f"SUMPRODUCT(--({counted}))"))


def _reasons(sheet: Worksheet) -> None:
    _heading(sheet, REASONS_ROW, 2, "Reason", "Cases", "Refunded", "Denied", "Refunded / closed", "Denied / closed")
    first, last = REASONS_ROW + 1, REASONS_ROW + LISTED
    rest = last + 1
    codes = (style.COUNT_FORMAT,) * 3 + (PERCENT,) * 2
    refunded = "(" + "+".join(f'(CaseStatus="{status}")' for status in REFUND_STATUSES) + ")"
    counted = (ONCE, f"CaseEnded*{refunded}", 'CaseEnded*(CaseStatus="Denied")')
    listed = f"ISNUMBER(MATCH(CaseReasons,TRIM(B{first}:B{last}),0))"
    for row in range(first, rest + 1):
        # What is not listed, or blank, belongs to the last line.
        here = f"(CaseReasons=TRIM($B{row}))" if row < rest else f'((CaseReasons="")+NOT({listed})>0)'
        closed = f"SUMPRODUCT(CaseEnded*{here})"
        counts = [f"SUMPRODUCT({cases}*{here})" for cases in counted]
        shares = [f'IF({closed}<{ENOUGH},"{TOO_FEW}",{letter}{row}/{closed})' for letter in "DE"]
        values = [*counts, *shares]
        if row < rest:
            values = [
                f'IF(B{row}="",{blank},{value})'
                for value, blank in zip(values, (0, 0, 0, f'"{TOO_FEW}"', f'"{TOO_FEW}"'), strict=True)
            ]
        label = _listed("Reasons", row - REASONS_ROW) if row < rest else NONE_OF_THESE
        _line(sheet, row, 2, label, *map(_live, values), codes=codes)


def _money(sheet: Worksheet) -> None:
    _heading(sheet, MONEY_ROW, 2, "Currency", "Requested", "Refunded")
    refund = "+".join(f'({STATUS}="{status}")' for status in REFUND_STATUSES)
    sums = (
        (f"{ONCE}*ISNUMBER({names.log(CASES, 'amount')})", "CaseCurrencies", names.log(CASES, "amount")),
        (
            f"({refund})*(ResolutionCases>1)*ISNUMBER({names.log(RESOLUTIONS, 'amount')})",
            "ResolutionCurrencies",
            names.log(RESOLUTIONS, "amount"),
        ),
    )
    codes = (style.MONEY_FORMAT, style.MONEY_FORMAT)
    for row in range(MONEY_ROW + 1, MONEY_ROW + LISTED + 1):
        values = [
            _live(f'IF(B{row}="","",SUMPRODUCT({counts}*({currencies}=TRIM(B{row})),{amounts}))')
            for counts, currencies, amounts in sums
        ]
        _line(sheet, row, 2, _used_currency(f"B{row}", row - MONEY_ROW), *values, codes=codes)
    here = f"TRIM(B{MONEY_ROW + 1}:B{MONEY_ROW + LISTED})"
    others = "+".join(
        f'SUMPRODUCT({counts}*(({currencies}="")+ISNA(MATCH({currencies},{here},0))>0))'
        for counts, currencies, _ in sums
    )
    note = sheet.cell(MONEY_ROW + LISTED + 1, 2)
    said = f'"Not counted, in another currency or without one: "&({others})'
    note.value = _array(f'IF(TooMany,"",IF({others}=0,"",{said}))', note.coordinate)
    style.paint(note, style.font(9, style.MUTED, italic=True), alignment=style.LABEL)


def _used_currency(cell: str, place: int) -> ArrayFormula:
    """A formula for the entry at a place among the listed currencies in which there is anything, or empty text."""
    listed = f"Currencies[[#Headers],[#Data],[{LIST_HEADERS['Currencies']}]]"
    used = "+".join(f"ISNUMBER(MATCH(TRIM({listed}),{step},0))" for step in ("CaseCurrencies", "ResolutionCurrencies"))
    rows = f"ROW({listed})-ROW(Currencies[[#Headers],[{LIST_HEADERS['Currencies']}]])"
    return _array(
        f'IF(TooMany,"",IFERROR(INDEX({listed},SMALL(IF(({used}>0)*({rows}>0),{rows}),{place})+1)&"",""))', cell
    )


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
        "Column chart: for each reason the cases, those refunded and those denied.",
        CHART_ROWS[2],
        2,
        REASONS_ROW,
        2,
        LISTED + 1,
        3,
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
        "Column chart: for each currency, in its own units, the amount requested and the amount refunded.",
        CHART_ROWS[3],
        5,
        MONEY_ROW,
        2,
        LISTED,
        2,
    ),
)

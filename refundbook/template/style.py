"""How the workbook looks: its fonts, colours, number formats and print setup, defined once."""

from __future__ import annotations

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties

from refundbook.base.schema import NUMBER_FORMATS, Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

FONT = "Arial"
"""On every machine, there or as a font of the same widths: what fits here fits everywhere."""
TEXT_SIZE = 10
LAST_ROW = 1_048_576

INK = "1F2A37"
MUTED = "566072"
LINE = "D5DBE1"
PAPER = "F4F7F8"
WHITE = "FFFFFF"
TEAL = "146C6C"
TEAL_DARK = "0B4A4F"
TEAL_PALE = "E3F1EF"
SAND = "D99A2B"
CORAL = "C8553D"
CORAL_PALE = "F6DCD4"
SLATE = "5F7080"
ALARM = ("9B1C1C", "FDE8E8")
NOTICE = ("8A4B08", "FEF0D5")

THEME_COLOURS = {
    "dk2": TEAL_DARK,
    "lt2": PAPER,
    "accent1": TEAL,
    "accent2": SAND,
    "accent3": CORAL,
    "accent4": SLATE,
    "accent5": "5B8C5A",
    "accent6": "6D597A",
    "hlink": TEAL,
    "folHlink": "6D597A",
}

TABLE_STYLE = "TableStyleMedium2"

DATE_FORMAT = NUMBER_FORMATS[Kind.DATE]
MOMENT_FORMAT = f"{DATE_FORMAT} hh:mm"
MONEY_FORMAT = NUMBER_FORMATS[Kind.MONEY]
TEXT_FORMAT = NUMBER_FORMATS[Kind.IDENTIFIER]
WHOLE_FORMAT = NUMBER_FORMATS[Kind.WHOLE]
GENERAL_FORMAT = NUMBER_FORMATS[Kind.TEXT]
COUNT_FORMAT = "#,##0"

TOP = Alignment(horizontal="left", vertical="top")
TOP_WRAPPED = Alignment(horizontal="left", vertical="top", wrap_text=True)
# A number or date that is wider than its column would show as ####, and a conditional format can add words to it.
TOP_SHRUNK = Alignment(horizontal="left", vertical="top", shrink_to_fit=True)
TOP_CENTRED = Alignment(horizontal="center", vertical="top", shrink_to_fit=True)
TOP_AMOUNT = Alignment(horizontal="right", vertical="top", indent=1, shrink_to_fit=True)
MIDDLE = Alignment(vertical="center")
LABEL = Alignment(horizontal="left", vertical="center", indent=1)
FIGURE = Alignment(horizontal="right", vertical="center", indent=1)
# LibreOffice forgets the indent of a cell that differs from the one to its left in nothing but the number format.
SHARE = Alignment(horizontal="right", vertical="center", indent=1, wrap_text=True)
MIDDLE_WRAPPED = Alignment(vertical="center", wrap_text=True)
# The button of a filter stands in the lower right corner: of a narrow column it would cover the heading.
HEADING = Alignment(vertical="top", wrap_text=True)

ALIGNMENTS = {
    Kind.IDENTIFIER: TOP_WRAPPED,
    Kind.TEXT: TOP_WRAPPED,
    Kind.LONG_TEXT: TOP_WRAPPED,
    Kind.DATE: TOP_SHRUNK,
    Kind.MOMENT: TOP_SHRUNK,
    Kind.MONEY: TOP_AMOUNT,
    Kind.WHOLE: TOP_SHRUNK,
}

HEADER_HEIGHT = 32
TITLE_HEIGHT = 30
TWO_LINES = 29
THREE_LINES = 42
"""Height of a Tracker row in points: Excel does not fit a row to a formula's new text while the workbook is open."""


def font(size: float = TEXT_SIZE, colour: str = INK, bold: bool = False, italic: bool = False) -> Font:
    """A font of the workbook's one family; `size` is in points, `colour` six hexadecimal digits."""
    return Font(name=FONT, size=size, color=colour, bold=bold, italic=italic)


def fill(colour: str) -> PatternFill:
    """A solid cell background; `colour` is six hexadecimal digits."""
    return PatternFill("solid", start_color=colour, end_color=colour)


def underline(colour: str = LINE) -> Border:
    """A thin line below the cell."""
    return Border(bottom=Side(style="thin", color=colour))


def between() -> Border:
    """White lines at both sides, which part tiles of one colour."""
    side = Side(style="thick", color=WHITE)
    return Border(left=side, right=side)


def paint(
    cell: Cell | MergedCell,
    face: Font | None = None,
    background: str = "",
    alignment: Alignment | None = None,
    code: str = "",
    border: Border | None = None,
) -> None:
    """Format one cell; what is left out stays as it is, but the font is always of the workbook's family."""
    cell.font = face or font()
    if background:
        cell.fill = fill(background)
    if alignment is not None:
        cell.alignment = alignment
    if code:
        cell.number_format = code
    if border is not None:
        cell.border = border


def header(cell: Cell | MergedCell, text: str, background: str = TEAL, alignment: Alignment = HEADING) -> None:
    """Write a heading in white on a coloured ground. Set directly, since many programs do not draw table styles."""
    cell.value = text
    paint(cell, font(colour=WHITE, bold=True), background, alignment)


def title(sheet: Worksheet, text: str, below: str, column: int = 1) -> None:
    """Give a sheet without a pillar its heading in row 1 and one sentence under it in row 2."""
    sheet.cell(1, column, text)
    paint(sheet.cell(1, column), font(20, TEAL_DARK, bold=True), alignment=MIDDLE)
    sheet.row_dimensions[1].height = TITLE_HEIGHT
    sheet.cell(2, column, below)
    paint(sheet.cell(2, column), font(colour=MUTED), alignment=MIDDLE)


def column(sheet: Worksheet, index: int, width: float, code: str, alignment: Alignment) -> None:
    """Format a whole column, so that a row typed below what stands there looks like the others; `width` is in
    characters.
    """
    dimension = sheet.column_dimensions[get_column_letter(index)]
    dimension.width = width
    dimension.font = font()
    dimension.number_format = code
    dimension.alignment = alignment


def widths(sheet: Worksheet, *sizes: float) -> None:
    """Set the widths of the first columns, in characters."""
    for index, size in enumerate(sizes, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = size


def print_setup(sheet: Worksheet, repeated_rows: str = "", note: str = "", percent: int = 0) -> None:
    """Landscape, one page wide or so many `percent` of its size, page numbers in the footer, and a `note` beside the
    sheet's name; `repeated_rows` such as `1:1` head every page.
    """
    sheet.page_setup.orientation = "landscape"
    # Excel prints it on Letter, too, a little smaller; LibreOffice would take a sheet without a size for Letter.
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    if percent:
        sheet.page_setup.scale = percent
    else:
        sheet.page_setup.fitToWidth = 1
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    margins = sheet.page_margins
    margins.left = margins.right = 0.25
    margins.top, margins.bottom = 0.4, 0.5
    margins.header = margins.footer = 0.3
    sheet.oddFooter = HeaderFooterItem(
        left=_HeaderFooterPart(f"&A{note}"), center=_HeaderFooterPart("Page &P of &N"), right=_HeaderFooterPart("&F")
    )
    if repeated_rows:
        sheet.print_title_rows = repeated_rows

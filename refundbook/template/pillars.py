"""The three pillar sheets: a Table with one blank row, formats for whole columns, and the drop-downs and checks of each
column.
"""

from __future__ import annotations

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import Table, TableStyleInfo

from refundbook.base.schema import NUMBER_FORMATS, Column, Sheet
from refundbook.template import style
from refundbook.template.alerts import add_alerts
from refundbook.template.validations import add_validations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet


def add_pillar(worksheet: Worksheet, sheet: Sheet) -> None:
    """Fill `worksheet` with a pillar's header, its blank row, its Table, and everything that guards what is typed into
    it.
    """
    for index, column in enumerate(sheet.columns, start=1):
        style.header(worksheet.cell(1, index), column.header, _header_colour(column))
        code, alignment = NUMBER_FORMATS[column.kind], style.ALIGNMENTS[column.kind]
        style.column(worksheet, index, column.width, code, alignment)
        style.paint(worksheet.cell(2, index), alignment=alignment, code=code)
    worksheet.row_dimensions[1].height = style.HEADER_HEIGHT
    worksheet.freeze_panes = _frozen_at(sheet)
    add_table(worksheet, sheet.name, f"A1:{get_column_letter(len(sheet.columns))}2")
    add_validations(worksheet, sheet)
    add_alerts(worksheet, sheet)
    style.print_setup(worksheet, "1:1")
    worksheet.print_options.gridLines = True
    # Whole columns: rows that are typed are printed, too, and those below the last one are not.
    worksheet.print_area = f"A1:{_last_printed(sheet)}{style.LAST_ROW}"


def _last_printed(sheet: Sheet) -> str:
    """The letter of the last column that is printed."""
    return get_column_letter(sum(column.printed for column in sheet.columns))


def add_table(worksheet: Worksheet, name: str, ref: str) -> None:
    """Make the range `ref` an Excel Table with the workbook's table style."""
    table = Table(displayName=name, name=name, ref=ref)
    table.tableStyleInfo = TableStyleInfo(name=style.TABLE_STYLE, showRowStripes=True)
    worksheet.add_table(table)


def _header_colour(column: Column) -> str:
    if column.required:
        return style.TEAL_DARK
    return style.SLATE if column.filled else style.TEAL


def _frozen_at(sheet: Sheet) -> str:
    """The cell below the header and right of the case number, so that both stay in sight."""
    index = [column.name for column in sheet.columns].index("number")
    return f"{get_column_letter(index + 2)}2"

"""Where columns stand in the template, so that no test counts them: a column that is added to the schema moves none of
what is looked for.
"""

from __future__ import annotations

from openpyxl.utils import get_column_letter

from refundbook.base.schema import Sheet


def letter(sheet: Sheet, name: str) -> str:
    """The letter of a column, by its name in the schema."""
    return own_letter(sheet, [column.name for column in sheet.columns].index(name) - len(sheet.columns))


def own_letter(sheet: Sheet, at: int = 0) -> str:
    """The letter of a column that people put at the template's right: 0 is the first."""
    return str(get_column_letter(len(sheet.columns) + 1 + at))


def cell(sheet: Sheet, name: str, row: int) -> str:
    """The address of a column's cell, such as `C2`."""
    return f"{letter(sheet, name)}{row}"


def where(sheet: Sheet, name: str, row: int) -> str:
    """The same with its sheet, such as `Cases!C2`, as findings name it."""
    return f"{sheet.name}!{cell(sheet, name, row)}"


def table(sheet: Sheet, last: int, own: int = 0) -> str:
    """The range of the template's Table down to a row, with so many columns of people's own."""
    return f"A1:{own_letter(sheet, own - 1)}{last}"

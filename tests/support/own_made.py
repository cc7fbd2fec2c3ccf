"""A workbook with columns of a person's own of each kind, left, between and right of ours in the Table of Cases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table

from refundbook.base.schema import CASES, SHEETS, Sheet

OWN: Mapping[str, object] = {
    "Seller": "Shop One",
    "Qty": 2,
    "Seen On": date(2023, 10, 27),
    "Warehouse": "North",
    "Loose": "as it comes",
}
"""Headers of one's own, with what stands in row 2: a text, a number by its format, a date, a list, and nothing said."""
FORMATS = {"Seller": "@", "Qty": "0.00", "Seen On": "yyyy-mm-dd"}
AT = {"Qty": 0, "Warehouse": 3, "Seen On": 5}
"""Where among ours they stand; the others come last."""


def headers(sheet: Sheet) -> list[str]:
    ours = [column.header for column in sheet.columns]
    if sheet is not CASES:
        return ours
    for header, place in AT.items():
        ours.insert(place, header)
    return ours + [header for header in OWN if header not in AT]


def own_book(path: Path, *, warehouses: str = '"North,South"') -> Path:
    """One case, in a workbook that openpyxl made."""
    book = Workbook()
    del book["Sheet"]
    for sheet in SHEETS:
        page = book.create_sheet(sheet.name)
        page.append(headers(sheet))
        if sheet is CASES:
            row = {"Case Number": "GTB-789012", "Date Opened": date(2023, 10, 26), **OWN}
            page.append([row.get(header) for header in headers(sheet)])
            for header, code in {**FORMATS, "Date Opened": "yyyy-mm-dd"}.items():
                page.cell(2, 1 + headers(sheet).index(header)).number_format = code
            letters = get_column_letter(1 + headers(sheet).index("Warehouse"))
            check = DataValidation(type="list", formula1=warehouses, sqref=f"{letters}2:{letters}1000")
            page.add_data_validation(check)
        width = get_column_letter(len(headers(sheet)))
        page.add_table(Table(displayName=sheet.name, ref=f"A1:{width}2"))
    lists = book.create_sheet("Lists")
    for value in ("North", "South", None, "Overseas"):
        lists.append([value])
    book.save(path)
    return path

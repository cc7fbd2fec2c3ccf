"""Workbooks made from the template, with rows typed in by other means than refundbook, as a person would in Excel."""

from __future__ import annotations

import re
import shutil
import warnings
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import openpyxl
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.table import Table, TableColumn
from openpyxl.worksheet.worksheet import Worksheet

from refundbook.base.live_bounds import PLACES, TRACKER_PLACES, LiveBounds
from refundbook.base.schema import CASES, COMMUNICATIONS, RESOLUTIONS, TRACKER_HEADERS, Sheet
from tests.support.zips import WORKBOOK, Parcel

TEMPLATE = Path(__file__).parents[2] / "templates" / "tracker.xlsx"

Row = Mapping[str, object]
"""One entry: a schema column's `name`, or the header of a column of the user's own, to its value. `=…` becomes a
formula.
"""


@dataclass(frozen=True)
class Entries:
    """The rows of a workbook's three pillars."""

    cases: tuple[Row, ...]
    communications: tuple[Row, ...]
    resolutions: tuple[Row, ...]


SAMPLE = Entries(
    cases=(
        {
            "number": "GTB-789012",
            "issuer": "GTBuy",
            "opened": date(2023, 10, 26),
            "reason": "Non-delivery",
            "amount": 49.90,
            "currency": "USD",
        },
        {
            "number": "GTB-789045",
            "issuer": "GTBuy",
            "opened": date(2023, 10, 28),
            "reason": "Defective",
            "amount": 120,
            "currency": "USD",
        },
    ),
    communications=(
        {
            "entry": 1,
            "number": "GTB-789012",
            "date": date(2023, 10, 26),
            "with_": "Buyer",
            "direction": "Received",
            "summary": "Customer reported non-delivery.",
        },
        {
            "entry": 2,
            "number": "GTB-789012",
            "date": date(2023, 10, 27),
            "with_": "Support",
            "direction": "Sent",
            "summary": "Provided tracking proof.",
        },
        {
            "entry": 3,
            "number": "GTB-789012",
            "date": date(2023, 10, 28),
            "with_": "Support",
            "direction": "Received",
            "channel": "Chat",
            "agent": "Maya",
            "summary": "Support requested 48 hrs for investigation.",
            "promise": "Investigate",
            "due": date(2023, 10, 30),
            "kept_on": date(2023, 10, 30),
        },
        {
            "entry": 4,
            "number": "GTB-789045",
            "date": date(2023, 10, 28),
            "with_": "Buyer",
            "direction": "Received",
            "summary": "Customer claimed item defective.",
        },
        {
            "entry": 5,
            "number": "GTB-789045",
            "date": date(2023, 10, 29),
            "with_": "Support",
            "direction": "Sent",
            "summary": "Sent photos.",
        },
        {
            "entry": 6,
            "number": "GTB-789045",
            "date": date(2023, 10, 31),
            "with_": "Support",
            "direction": "Received",
            "agent": "David",
            "summary": "Support approved return.",
        },
        {
            "entry": 7,
            "number": "GTB-789045",
            "date": date(2023, 11, 2),
            "with_": "Support",
            "direction": "Received",
            "agent": "David",
            "summary": "Return label provided.",
        },
    ),
    resolutions=(
        {
            "number": "GTB-789012",
            "status": "Full Refund",
            "date": date(2023, 10, 30),
            "amount": 49.90,
            "currency": "USD",
            "method": "Card",
            "outcome": "Full refund issued to card.",
        },
        {"number": "GTB-789045", "status": "Pending", "outcome": "Awaiting return shipment scan."},
    ),
)

SAMPLE_TRACKER = (
    TRACKER_HEADERS,
    (
        "GTB-789012",
        "2023-10-26",
        "Customer reported non-delivery. Provided tracking proof. Support requested 48 hrs for investigation.",
        "2023-10-28 (Agent: Maya)",
        "2023-10-30 - Full refund issued to card.",
    ),
    (
        "GTB-789045",
        "2023-10-28",
        "Customer claimed item defective. Sent photos. Support approved return. Return label provided.",
        "2023-11-02 (Agent: David)",
        "Pending - Awaiting return shipment scan.",
    ),
)
"""What the Tracker says of `SAMPLE`, as text."""


def blank(path: Path) -> Path:
    """A copy of the template."""
    shutil.copyfile(TEMPLATE, path)
    return path


def filled(
    path: Path,
    cases: Sequence[Row] = SAMPLE.cases,
    communications: Sequence[Row] = SAMPLE.communications,
    resolutions: Sequence[Row] = SAMPLE.resolutions,
) -> Path:
    """The template with rows typed in below each header, the Table drawn over them, and a column at its right for each
    unknown header.
    """
    with warnings.catch_warnings():
        # openpyxl says that it drops what it does not know; what stands in the pillars it keeps.
        warnings.filterwarnings("ignore", message=".* extension is not supported")
        book = openpyxl.load_workbook(TEMPLATE)
    for sheet, rows in ((CASES, cases), (COMMUNICATIONS, communications), (RESOLUTIONS, resolutions)):
        _type_in(book[sheet.name], sheet, rows)
    book.save(path)
    return path


def with_bounds(path: Path, bounds: LiveBounds) -> Path:
    """The workbook with formulas that compute so much, as its defined names say. (What they compute stays.)"""
    parcel = Parcel(path)
    names = parcel.parts[WORKBOOK].decode()
    for name, rows in zip((TRACKER_PLACES, *PLACES.values()), (bounds.shown, *bounds.rows), strict=True):
        pattern = rf'(<definedName[^>]*name="{name}"[^>]*>[^<]*\$3:(?:\w+!)?\$[A-Z]+\$)\d+'
        names, count = re.subn(pattern, rf"\g<1>{rows + 2}", names)
        assert count == 1
    parcel.parts[WORKBOOK] = names.encode()
    return parcel.save(path)


def bare(path: Path, entries: Entries = SAMPLE) -> Path:
    """A workbook with the three pillars' sheets and Tables only, all columns where the template has them: what is done
    with it takes a tenth of the time.
    """
    book = openpyxl.Workbook()
    del book["Sheet"]
    for sheet, rows in (
        (CASES, entries.cases),
        (COMMUNICATIONS, entries.communications),
        (RESOLUTIONS, entries.resolutions),
    ):
        page = book.create_sheet(sheet.name)
        page.append([column.header for column in sheet.columns])
        for row in rows:
            page.append([row.get(column.name) for column in sheet.columns])
        page.add_table(Table(displayName=sheet.name, ref=page.dimensions))
    book.save(path)
    return path


def _type_in(page: Worksheet, sheet: Sheet, rows: Sequence[Row]) -> None:
    headers = {column.name: column.header for column in sheet.columns}
    table: Table = page.tables[sheet.name]
    places = {str(page.cell(1, column).value): column for column in range(1, page.max_column + 1)}
    for header in dict.fromkeys(headers.get(key, key) for row in rows for key in row):
        if header not in places:
            places[header] = _add_column(page, table, header)
    _cover(page, table, max(2, 1 + len(rows)))
    for number, row in enumerate(rows, 2):
        _format_as_row_2(page, number, places.values())
        for key, value in row.items():
            page.cell(number, places[headers.get(key, key)]).value = value  # type: ignore[assignment]


def _add_column(page: Worksheet, table: Table, header: str) -> int:
    left, top, right, bottom = _borders(table)
    page.cell(top, right + 1).value = header
    table.tableColumns.append(TableColumn(id=1 + max(column.id for column in table.tableColumns), name=header))
    _set_ref(table, f"{get_column_letter(left)}{top}:{get_column_letter(right + 1)}{bottom}")
    return right + 1


def _cover(page: Worksheet, table: Table, last_row: int) -> None:
    left, top, right, _ = _borders(table)
    _set_ref(table, f"{get_column_letter(left)}{top}:{get_column_letter(right)}{last_row}")


def _borders(table: Table) -> tuple[int, int, int, int]:
    left, top, right, bottom = map(int, range_boundaries(table.ref))  # type: ignore[arg-type]
    return left, top, right, bottom


def _set_ref(table: Table, ref: str) -> None:
    table.ref = ref
    if table.autoFilter is not None:
        table.autoFilter.ref = ref


def _format_as_row_2(page: Worksheet, number: int, columns: Iterable[int]) -> None:
    """Excel gives a new row of a Table the formats of the row above it."""
    for column in columns:
        above = page.cell(2, column)
        if number > 2 and above.has_style:
            page.cell(number, column)._style = copy(above._style)  # type: ignore[union-attr]

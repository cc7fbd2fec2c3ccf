"""A workbook with the three pillars as people have them after a while, made with XlsxWriter and arranged as a test
wants it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from refundbook.base.schema import SHEETS, Kind, Sheet
from tests.support.books import SAMPLE, Entries, Row
from tests.support.zips import Parcel

PILLARS = Entries(
    cases=(
        *SAMPLE.cases,
        {"number": "GTB-789101", "issuer": "GTBuy", "opened": date(2023, 11, 3), "order": "007", "payment": "4.2E+11", "customer": "Zoë Müller", "item": "Lamp, 40 cm", "reason": "Wrong item", "amount": 18.5, "currency": "EUR", "notes": "First line\nsecond line"},
        {"number": "PP-R-ABC-123456789", "issuer": "PayPal", "opened": date(2023, 11, 6), "order": "A-1002", "related": "GTB-789101", "customer": "山田太郎", "item": "Kettle & cups <red>", "reason": "Not as described", "amount": 230, "currency": "USD", "respond_by": datetime(2023, 11, 16, 17, 0)},
        {"number": "dp_1OAbCdEfGh", "issuer": "Stripe", "opened": date(2024, 2, 29), "customer": "O'Neill", "reason": "Duplicate charge", "amount": 0, "currency": "USD"},
        {"number": "GTB-790001", "issuer": "GTBuy", "opened": date(2024, 3, 1), "customer": "Ana", "reason": "Damaged in transit", "amount": 64.25, "currency": "USD"},
    ),
    communications=(
        *SAMPLE.communications,
        {"entry": 8, "number": "GTB-789101", "date": datetime(2023, 11, 3, 14, 5), "with_": "Support", "direction": "Sent", "channel": "E-mail", "summary": "Reported the wrong colour.", "evidence": "screenshots/lamp.png"},
        {"entry": 9, "number": "PP-R-ABC-123456789", "date": date(2023, 11, 7), "with_": "Support", "direction": "Received", "agent": "Lee", "summary": "PayPal asked for photos.", "promise": "Answer", "due": datetime(2023, 11, 9, 12, 0), "kept_on": date(2023, 11, 9)},
        {"entry": 10, "number": "dp_1OAbCdEfGh", "date": date(2024, 2, 29), "with_": "Buyer", "direction": "Received", "channel": "Phone", "summary": "Charged twice."},
        {"entry": 11, "number": "GTB-790001", "date": date(2024, 3, 2), "with_": "Support", "direction": "Received", "agent": "Maya", "summary": "Claim registered."},
    ),
    resolutions=(
        *SAMPLE.resolutions,
        {"number": "PP-R-ABC-123456789", "status": "Partial Refund", "date": date(2023, 11, 20), "amount": 115, "currency": "USD", "method": "PayPal", "outcome": "Half refunded."},
        {"number": "dp_1OAbCdEfGh", "status": "Denied", "date": date(2024, 3, 5), "outcome": "The issuer found one charge only."},
    ),
)  # fmt: skip


HEADERS = {sheet.name: tuple(column.header for column in sheet.columns if not column.optional) for sheet in SHEETS}
"""The columns that every workbook has, so that a column which is added to the schema moves none of these workbooks."""


@dataclass(frozen=True)
class Arrangement:
    """How the pillars lie in their sheets. `headers` maps a sheet's name to its header row, where that is not the
    schema's.
    """

    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    first_row: int = 1
    first_column: int = 1
    tables: bool = True
    totals: bool = False
    formulas: Mapping[str, str] = field(default_factory=dict)
    """Header of a calculated column to its formula."""
    date_1904: bool = False


@dataclass(frozen=True)
class Frame:
    """Where a pillar lies: rows and columns are counted from 1, `rows` are in the order of the sheet."""

    sheet: Sheet
    headers: tuple[str, ...]
    rows: tuple[Row, ...]
    top: int
    left: int

    @property
    def last(self) -> int:
        return self.top + len(self.rows)

    @property
    def right(self) -> int:
        return self.left + len(self.headers) - 1

    def letter(self, header: str) -> str:
        return str(xl_col_to_name(self.left - 1 + self.headers.index(header)))

    def cell(self, header: str, row: int) -> str:
        return f"{self.letter(header)}{row}"

    def cells(self, header: str) -> str:
        """The column's data cells, `C2:C7`."""
        return f"{self.letter(header)}{self.top + 1}:{self.letter(header)}{self.last}"

    def formula(self, header: str) -> str:
        """The column's data cells for a formula, `Cases!$C$2:$C$7`."""
        letter = self.letter(header)
        return f"{self.sheet.name}!${letter}${self.top + 1}:${letter}${self.last}"

    @property
    def ref(self) -> str:
        return f"{xl_col_to_name(self.left - 1)}{self.top}:{xl_col_to_name(self.right - 1)}{self.last}"

    def value(self, row: Row, header: str) -> object:
        names = {column.header: column.name for column in self.sheet.columns}
        return row.get(names.get(header, header), f"{header} of mine" if header not in names else None)


class Draft:
    """A workbook under way: XlsxWriter's workbook and the pillars' frames, for features to draw upon."""

    def __init__(self, path: Path, arrangement: Arrangement) -> None:
        self.arrangement = arrangement
        self.book = xlsxwriter.Workbook(
            str(path), {"default_date_format": "yyyy-mm-dd", "date_1904": arrangement.date_1904}
        )
        self.book.set_properties({"title": "Refund cases", "author": "Ana", "created": datetime(2023, 11, 2, 9, 30)})
        self.frames: dict[str, Frame] = {}
        for sheet, rows in zip(SHEETS, (PILLARS.cases, PILLARS.communications, PILLARS.resolutions), strict=True):
            headers = arrangement.headers.get(sheet.name, HEADERS[sheet.name])
            frame = Frame(sheet, headers, rows, arrangement.first_row, arrangement.first_column)
            self.frames[sheet.name] = frame
            self._write(frame)

    @property
    def cases(self) -> Frame:
        return self.frames["Cases"]

    def sheet(self, name: str) -> Any:
        """A sheet by its name, made where there is none."""
        return self.book.get_worksheet_by_name(name) or self.book.add_worksheet(name)

    @cached_property
    def _formats(self) -> dict[Kind, Any]:
        numbers = {
            Kind.IDENTIFIER: "@",
            Kind.DATE: "yyyy-mm-dd",
            Kind.MOMENT: "yyyy-mm-dd hh:mm",
            Kind.MONEY: "#,##0.00",
        }
        return {kind: self.book.add_format({"num_format": code}) for kind, code in numbers.items()}

    def _write(self, frame: Frame) -> None:
        page = self.sheet(frame.sheet.name)
        kinds = {column.header: column.kind for column in frame.sheet.columns}
        formulas = {header: formula for header, formula in self.arrangement.formulas.items() if header in frame.headers}
        if self.arrangement.tables:
            self._add_table(page, frame, formulas)
        widths = {column.header: column.width for column in frame.sheet.columns}
        for column, header in enumerate(frame.headers, frame.left - 1):
            page.set_column(column, column, widths.get(header, 12))
            page.write_string(frame.top - 1, column, header)
            form = self._formats.get(kinds[header]) if header in kinds else None
            for at, row in enumerate(frame.rows, frame.top):
                value = frame.value(row, header)
                if value is not None and header not in formulas:
                    page.write(at, column, value, form) if not isinstance(value, str) else page.write_string(
                        at, column, value, form
                    )
                elif header not in formulas and form is not None:
                    page.write_blank(at, column, None, form)

    def _add_table(self, page: Any, frame: Frame, formulas: Mapping[str, str]) -> None:
        totals = self.arrangement.totals
        columns: list[dict[str, object]] = [{"header": h, "formula": formulas.get(h)} for h in frame.headers]
        if totals:
            columns[0]["total_string"] = "Total"
            for column in columns:
                if column["header"] in ("Amount Requested", "Amount"):
                    column["total_function"] = "sum"
        options = {"name": frame.sheet.name, "columns": columns, "total_row": totals, "style": "Table Style Medium 2"}
        page.add_table(frame.top - 1, frame.left - 1, frame.last - 1 + totals, frame.right - 1, options)


@dataclass(frozen=True)
class Feature:
    """Something that a person puts into a workbook: `draw` with XlsxWriter, then `graft` into the parts by hand."""

    draw: Callable[[Draft], None] | None = None
    graft: Callable[[Parcel, Mapping[str, Frame]], None] | None = None


def build(path: Path, *features: Feature, arrangement: Arrangement | None = None) -> Path:
    """A workbook with the three pillars and these features. The order of the features is the order of their making."""
    draft = Draft(path, arrangement or Arrangement())
    for feature in features:
        if feature.draw is not None:
            feature.draw(draft)
    draft.book.close()
    parcel = Parcel(path)
    for feature in features:
        if feature.graft is not None:
            feature.graft(parcel, draft.frames)
    return parcel.save(path)

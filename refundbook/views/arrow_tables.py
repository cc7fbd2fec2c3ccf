"""The exported tables in Arrow, with one fixed schema: amounts `decimal128(19, 4)`, dates `date32`, moments
`timestamp[us]` without a zone, closed lists dictionaries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

import pandas as pd
import pyarrow as pa

from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import CASES, RESOLUTIONS, SHEETS, Kind, Sheet
from refundbook.views.export_fields import CASE_OPENED, FOLLOWS_PLACE, FOLLOWS_STATUS, PLACE, Field, fields
from refundbook.views.frames import ARROW_AMOUNT, Placed, arrow_amount
from refundbook.views.joined_frames import own_kind, together

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_TYPES = {
    Kind.DATE: pa.date32(),
    Kind.MOMENT: pa.timestamp("us"),
    Kind.MONEY: pa.decimal128(*ARROW_AMOUNT),
    Kind.WHOLE: pa.int64(),
    Kind.NUMBER: pa.float64(),
}


class BookTables(NamedTuple):
    """One workbook as it is exported: its three pillars by sheet name, its time zone, and the moment as of which it was
    checked.
    """

    pillars: Mapping[str, Placed]
    time_zone: str
    as_of: datetime


def arrow_type(field: Field) -> pa.DataType:
    """A field's type."""
    if field.choices:
        return pa.dictionary(pa.int8(), pa.string())
    return _TYPES.get(field.kind, pa.string())


def arrow_schema(sheet: Sheet, own: Mapping[str, Kind] | None = None) -> pa.Schema:
    """The schema of a pillar's table. Each field's metadata has the `header` on the sheet."""
    return pa.schema(
        [
            pa.field(
                field.name, arrow_type(field), not field.is_required, {"header": field.header} if field.header else None
            )
            for field in fields(sheet, own)
        ]
    )


def own_kinds(books: Iterable[BookTables], sheet: Sheet) -> dict[str, Kind]:
    """People's own columns of all workbooks by header, each with the one kind that it has in all."""
    ours = {column.header for column in sheet.columns}
    values: dict[str, list[Any]] = {}
    for book in books:
        frame = book.pillars[sheet.name].frame
        for header in frame.columns:
            if header not in ours:
                values.setdefault(header, []).extend(frame[header])
    return {header: own_kind(found) for header, found in values.items()}


def arrow_tables(books: Mapping[str, BookTables]) -> dict[str, pa.Table]:
    """The three tables of workbooks given by name, in the order of the workbooks and their rows."""
    opened = {name: _opened(book.pillars[CASES.name]) for name, book in books.items()}
    return {sheet.name.lower(): _table(books, sheet, opened) for sheet in SHEETS}


def _table(books: Mapping[str, BookTables], sheet: Sheet, opened: Mapping[str, Mapping[str, Any]]) -> pa.Table:
    placed = {name: book.pillars[sheet.name] for name, book in books.items()}
    frame = together({name: one.frame for name, one in placed.items()}, sheet, "decimal").reset_index()
    own = own_kinds(books.values(), sheet)
    keys = [(name, key) for name, one in placed.items() for key in one.keys]
    added: dict[str, list[Any]] = {
        "book": [name for name, _ in keys],
        "row": [row for one in placed.values() for row in one.rows],
        "case_key": [key or None for _, key in keys],
        "time_zone": [books[name].time_zone or None for name, _ in keys],
        "as_of": [books[name].as_of for name, _ in keys],
        CASE_OPENED.name: [opened[name].get(key) for name, key in keys],
        **_places(placed.values()),
    }
    schema = arrow_schema(sheet, own)
    columns = [
        pa.array(
            added[field.name] if not field.header else _values(frame[field.header], field),
            schema.field(field.name).type,
        )
        for field in fields(sheet, own)
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _places(placed: Iterable[Placed]) -> dict[str, list[Any]]:
    """Of each resolution, which one of its case it is, and place and status of the one that it follows."""
    found: dict[str, list[Any]] = {PLACE.name: [], FOLLOWS_PLACE.name: [], FOLLOWS_STATUS.name: []}
    for one in placed:
        for place, earlier in one.places:
            status = None if earlier is None else one.frame[RESOLUTIONS["status"].header].iloc[earlier]
            found[PLACE.name].append(place)
            found[FOLLOWS_PLACE.name].append(None if earlier is None else place - 1)
            found[FOLLOWS_STATUS.name].append(status)
    return found


def _opened(cases: Placed) -> dict[str, Any]:
    """When each case was opened, by its key; of one that stands twice, the first."""
    days = [None if pd.isna(day) else day.date() for day in cases.frame[CASES["opened"].header]]
    return dict(zip(reversed(cases.keys), reversed(days), strict=True))


def _values(column: pd.Series[Any], field: Field) -> list[Any]:
    if field.kind is Kind.MONEY:
        return [arrow_amount(value) for value in column]
    if field.kind is Kind.DATE:
        return [None if pd.isna(value) else value.date() for value in column]
    if field.kind is Kind.MOMENT:
        return [None if pd.isna(value) else value.to_pydatetime() for value in column]
    return [None if pd.isna(value) else value for value in column]


def rounded(book: BookTables) -> list[str]:
    """In words, each amount that is not exported as it stands: more than four decimals, or too large."""
    found = []
    for sheet in SHEETS:
        placed = book.pillars[sheet.name]
        for column in (column for column in sheet.columns if column.kind is Kind.MONEY):
            for row, value in zip(placed.rows, placed.frame[column.header], strict=True):
                if isinstance(value, Decimal) and (kept := arrow_amount(value)) != value:
                    found.append(f"{column.header} {value} in {sheet.name}, row {row}, became {kept or 'blank'}")
    return found

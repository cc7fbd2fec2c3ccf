"""What a column of a sheet is for, as its cells' format (ECMA-376 Part 1, 18.8.30) and its data validation (18.3.1.32)
say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from refundbook.base.a1 import Range
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.text import shows_nothing
from refundbook.xlsx.package.package import Package
from refundbook.xlsx.package.styles import Styles
from refundbook.xlsx.package.workbook_part import Layout
from refundbook.xlsx.package.xml_splice import Element
from refundbook.xlsx.reading.reader import Reader
from refundbook.xlsx.writing.sheet_part import SheetPart

_ADVISES = ("warning", "information")
"""Styles of a validation's error that let other values in."""
_PLACE = re.compile(
    r"(?:'((?:[^']|'')+)'!|([^'!\[\]()]+)!)?(\$?[A-Z]{1,3}\$?[0-9]{1,7}(?::\$?[A-Z]{1,3}\$?[0-9]{1,7})?)$"
)
_OF_TABLE = re.compile(r"([^\[\]()!']+)\[([^\[\]]+)\]$")
_INDIRECT = re.compile(r'INDIRECT\("([^"]+)"\)$', re.IGNORECASE)
_DEEPEST = 5
"""Names that stand for names are followed so far."""


class ColumnFormat(NamedTuple):
    """`shows` is as in `Styles.shows`. `checked` is the type of the validation (`""` for none, or one that only
    advises), `source` the formula of a list.
    """

    shows: str = ""
    checked: str = ""
    source: str = ""


def format_of(sheet: SheetPart, styles: Styles | None, row: int, column: int) -> ColumnFormat:
    """What the cell in a row of the data says that its column is for."""
    shows = styles.shows(sheet.style_for(row, column)) if styles else ""
    cell = Range(column, row, column, row)
    for validation in sheet.frame.descendants("dataValidation"):
        if validation.attributes.get("errorStyle") not in _ADVISES and any(
            r.overlaps(cell) for r in _cells(validation)
        ):
            formula = validation.child("formula1")
            text = formula and "".join([formula.text, *(inner.text for inner in formula.descendants("f"))])
            return ColumnFormat(shows, validation.attributes.get("type", ""), (text or "").strip().removeprefix("="))
    return ColumnFormat(shows)


def _cells(validation: Element) -> Iterator[Range]:
    """The cells of a validation; one of Excel 2010 says them in an element of its own (`xm:sqref`)."""
    own = validation.child("sqref")
    for said in (validation.attributes.get("sqref", "") + " " + (own.text if own is not None else "")).split():
        try:
            yield Range.parse(said)
        except ValueError:
            continue


def listed(package: Package, layout: Layout, sheet: str, source: str) -> Sequence[object] | None:
    """The values of a list that the validation of a cell on `sheet` names: written out, or standing in a range, which
    may have a name. None where a formula makes it.
    """
    for _ in range(_DEEPEST):
        if source.startswith('"'):
            return [item.strip() for item in source.strip('"').replace('""', '"').split(",") if item.strip()]
        if found := _INDIRECT.match(source):
            source = found[1]
        if (place := _PLACE.match(source)) is not None:
            return _standing_in(
                package, layout, (place[1] or place[2] or sheet).replace("''", "'"), Range.parse(place[3])
            )
        if (of_table := _OF_TABLE.match(source)) is not None:
            return _in_table(package, layout, of_table[1], of_table[2])
        named = next((e.text for e in layout.root.descendants("definedName") if _is_named(e, source)), None)
        if named is None:
            return None
        source = named.strip().removeprefix("=")
    return None


def _is_named(element: Element, name: str) -> bool:
    return element.attributes.get("name", "").casefold() == name.casefold()


def _standing_in(package: Package, layout: Layout, sheet: str, cells: Range) -> Sequence[object] | None:
    entry = layout.sheet(sheet)
    if entry is None:
        return None
    found = Reader(package.archive.data).cells(entry)
    rows = range(cells.top, min(cells.bottom, found.last_row) + 1)
    columns = [found.column(column, cells.top, rows.stop - 1) for column in range(cells.left, cells.right + 1)]
    return [value for values in columns if rows for value in values if not shows_nothing(value)]


def _in_table(package: Package, layout: Layout, name: str, header: str) -> Sequence[object] | None:
    for entry in layout.sheets:
        for table in layout.tables(entry) if entry.is_grid else ():
            headers = [column.header.casefold() for column in table.columns]
            if table.name.casefold() == name.casefold() and header.casefold() in headers:
                column = table.range.left + headers.index(header.casefold())
                first = table.range.top + table.header_rows
                return _standing_in(package, layout, entry.name, Range(column, first, column, table.last_row))
    return None

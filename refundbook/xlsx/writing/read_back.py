"""What was written, read back by calamine as any program would read it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import BytesIO

from python_calamine import CalamineWorkbook

from refundbook.base.a1 import column_letters
from refundbook.xlsx.package.package import Package
from refundbook.xlsx.package.xml_splice import Edit, Element, escape, splice
from refundbook.xlsx.reading.calamine import SHEET, calamine_errors, workbook_of
from refundbook.xlsx.writing.sheet_part import SheetPart


def read_rows(
    part: SheetPart, rows: range, columns: Sequence[int], package: Package, styles: bytes | None, *, date_1904: bool
) -> list[Sequence[object]]:
    """The values of each of `columns` in `rows` of a sheet part, `""` for a blank cell, with the cell formats `styles`.

    These cells must not refer to shared strings; what stands beside them is not looked at. Raises UnreadableWorkbook
    where they cannot be read.
    """
    xml, found = part.xml, part.rows
    closing = xml[found.body_end : found.end] + b"</" + found.prefix + b"worksheet>"
    made = {SHEET: xml[: found.body] + _own_cells(part, rows, columns) + closing}
    if styles is not None:
        made["xl/styles.xml"] = styles
    kinds = ("styles",) if styles is not None else ()
    archive = package.extract({}, {**workbook_of(kinds, date_1904=date_1904), **made})
    with calamine_errors():
        sheet = CalamineWorkbook.from_filelike(BytesIO(archive)).get_sheet_by_index(0)
        values = sheet.to_python(skip_empty_area=True)
        top, left = sheet.start or (0, 0)
    blank = [""] * len(rows)
    by_column = [*zip(*(_row(values, row - 1 - top) for row in rows), strict=True)]
    return [by_column[at] if 0 <= (at := column - 1 - left) < len(by_column) else blank for column in columns]


def _own_cells(part: SheetPart, rows: range, columns: Sequence[int]) -> bytes:
    """The rows with nothing in other columns: another's notes, or another Table."""
    xml, found = part.xml, part.rows
    letters = "|".join(map(column_letters, columns)).encode()
    beside = re.compile(rb'<%sc(?=[\s/>])(?! r="(?:%s)[0-9])' % (re.escape(found.prefix), letters))
    whole = xml[found.place(rows.start) : found.place(rows.stop)]
    if beside.search(whole) is None:
        return whole
    pieces = ((number, xml[slice(*span)]) for number in found.among(rows) if (span := found.span(number)) is not None)
    return b"".join(_blanked(part, number, columns) if beside.search(row) else row for number, row in pieces)


def _blanked(part: SheetPart, number: int, columns: Sequence[int]) -> bytes:
    """A row with blank cells in the place of those in other columns: a cell without an address follows the one before
    it.
    """
    row = part.row(number)
    assert row is not None
    others = [cell for column, cell in row.cells.items() if column not in columns]
    changed = splice(row.xml, [Edit(cell.start, cell.end, _blank(cell)) for cell in others])
    return changed[row.element.start : row.element.end + len(changed) - len(row.xml)]


def _blank(cell: Element) -> bytes:
    address = cell.attributes.get("r")
    return b"<%sc%s/>" % (cell.prefix, b' r="%s"' % escape(address, quote=True) if address else b"")


def _row(values: Sequence[Sequence[object]], at: int) -> Sequence[object]:
    return values[at] if 0 <= at < len(values) else [""] * len(values[0] if values else ())

"""Reads rows back from a sheet part before it is written: what python-calamine makes of them, without the rest of the part."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from python_calamine import CalamineWorkbook

from refundbook.workbook.calamine import SHEET, calamine_errors, workbook_of
from refundbook.workbook.package import Package
from refundbook.workbook.sheetpart import SheetPart


def read_rows(
    part: SheetPart, rows: range, columns: range, package: Package, styles: bytes | None, *, date_1904: bool
) -> list[Sequence[object]]:
    """The values of each of `columns` in `rows` of a sheet part, `""` for a blank cell, with the cell formats `styles`.

    The cells must not refer to shared strings. Raises UnreadableWorkbook where they cannot be read.
    """
    xml, found = part.xml, part.rows
    begin, end = found.place(rows.start), found.place(rows.stop)
    closing = xml[found.body_end : found.end] + b"</" + found.prefix + b"worksheet>"
    made = {SHEET: xml[: found.body] + xml[begin:end] + closing}
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


def _row(values: Sequence[Sequence[object]], at: int) -> Sequence[object]:
    return values[at] if 0 <= at < len(values) else [""] * len(values[0] if values else ())

"""Reads the sheets of a workbook: their values, and where among them the data stand."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from itertools import takewhile

from refundbook.base.a1 import MAX_ROW, Range
from refundbook.base.access import QUERY
from refundbook.base.headers import headers_of, plain_header
from refundbook.base.text import shows_nothing
from refundbook.xlsx.package.package import Package
from refundbook.xlsx.package.workbook_part import Layout, SheetEntry, Table
from refundbook.xlsx.reading.access import access_of
from refundbook.xlsx.reading.byte_scan import formula_texts
from refundbook.xlsx.reading.data_range import DataRange
from refundbook.xlsx.reading.fast_rows import TUNING, Tuning
from refundbook.xlsx.reading.limits import Guard
from refundbook.xlsx.reading.sheet_values import Cells, read_cells

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.system.pieces import Source


_HEADER_WITHIN = 50
"""Without a Table, the header row is looked for within this many rows."""


class Reader:
    """Reads the sheets of one workbook. Raises UnreadableWorkbook where it is damaged or larger than a
    workbook can be.
    """

    def __init__(self, data: Source, tuning: Tuning = TUNING) -> None:
        self._tuning = tuning
        self.package = Package(data)
        self.layout = Layout(self.package)
        self._guard = Guard(self.package, self.layout)

    @property
    def sheet_names(self) -> list[str]:
        return [sheet.name for sheet in self.layout.sheets]

    def cells(self, sheet: SheetEntry) -> Cells:
        """All that a sheet holds, cell by cell."""
        return read_cells(self._guard, self.package, self.layout, sheet, self._tuning)

    def values(self, sheet: SheetEntry) -> list[list[object]]:
        """All values of a sheet as a list of rows that begins at A1."""
        cells = self.cells(sheet)
        columns = [cells.column(column, 1, cells.last_row) for column in range(1, cells.last_column + 1)]
        return list(map(list, zip(*columns, strict=True)))

    def formula_texts(self, sheet: SheetEntry) -> dict[tuple[int, int], str]:
        """The texts of a sheet's formulas by (row, column). Raises UnreadableWorkbook."""
        return formula_texts(self.package.read(sheet.part))

    def grid(self, sheet: SheetEntry, expected: Collection[str]) -> DataRange:
        """The data region of a sheet: of the Table that has most of the `expected` headers, else of the row
        that has.
        """
        cells = self.cells(sheet)
        table = _best_table(self.layout.tables(sheet), expected, cells)
        if table is not None:
            return self._data_range(sheet, cells, table, _header_of(table), expected)
        return self._data_range(sheet, cells, None, _find_header(cells, expected), expected)

    def table(self, sheet: SheetEntry, table: Table) -> DataRange:
        """The data region of one of a sheet's Tables, which must have a header row."""
        return self._data_range(sheet, self.cells(sheet), table, _header_of(table), ())

    def _data_range(
        self,
        sheet: SheetEntry,
        cells: Cells,
        table: Table | None,
        header: tuple[int, int, int],
        expected: Collection[str],
    ) -> DataRange:
        header_row, first, last = header
        bottom = min(table.last_row, cells.last_row) if table else cells.last_row
        headers = headers_of(cells.row(header_row, first, last), expected)
        columns: list[Sequence[object]] = [
            cells.column(column, header_row + 1, bottom) for column in range(first, last + 1)
        ]
        data = Range(first, header_row + 1, last, MAX_ROW)
        # To a Table that a query fills nothing is added, nor is it grown over what stands below it.
        access = access_of(self.package, self.layout, sheet, table, data, is_protected=cells.is_protected)
        return DataRange(
            sheet.name,
            header_row,
            first,
            headers,
            columns,
            _last_used(columns, header_row, first, cells.formulas, cells.errors),
            table,
            cells.formulas,
            cells.errors,
            _uncovered(cells, table) if table else (),
            tuple(merged for merged in cells.merged if merged.overlaps(data)),
            cells.is_ordered,
            _below(cells, table) if table and access.filled_by != QUERY else (),
            access=access,
            beside=_beside(cells, table, self.layout.tables(sheet)) if table else {},
        )


def _best_table(tables: Sequence[Table], expected: Collection[str], cells: Cells) -> Table | None:
    def score(table: Table) -> int:
        return sum(
            column.header.strip() in expected or plain_header(column.header) in expected for column in table.columns
        )

    candidates = [table for table in tables if score(table) and (table.header_rows == 1 or _has_headers(table, cells))]
    return max(candidates, key=score, default=None)


def _header_of(table: Table) -> tuple[int, int, int]:
    """As `_find_header`."""
    return table.range.top, table.range.left, table.range.right


def _has_headers(table: Table, cells: Cells) -> bool:
    """Whether a Table that says it has no header row begins with one all the same, as ExcelJS leaves every Table that
    it saves.
    """
    first = cells.row(table.range.top, table.range.left, table.range.right)
    return [plain_header(column.header) for column in table.columns] == [plain_header(value) for value in first]


def _find_header(cells: Cells, expected: Collection[str]) -> tuple[int, int, int]:
    """The number of the header row and of its first and last columns."""

    def score(row: list[object]) -> int:
        return sum(
            isinstance(value, str) and (value.strip() in expected or plain_header(value) in expected) for value in row
        )

    rows = [cells.row(number, 1, cells.last_column) for number in range(1, min(cells.last_row, _HEADER_WITHIN) + 1)]
    at = max(range(len(rows)), key=lambda k: score(rows[k]), default=0)
    row = rows[at] if rows else []
    filled = [k for k, value in enumerate(row, 1) if value != ""]
    return (at + 1, filled[0], filled[-1]) if filled else (1, 1, 1)


def _last_used(
    columns: Sequence[Sequence[object]],
    header_row: int,
    first_column: int,
    formulas: Collection[tuple[int, int]],
    errors: Collection[tuple[int, int]],
) -> int:
    for row in range(header_row + len(columns[0]), header_row, -1):
        for at, column in enumerate(columns, first_column):
            if (column[row - header_row - 1] != "" and (row, at) not in formulas) or (row, at) in errors:
                return row
    return header_row


def _uncovered(cells: Cells, table: Table) -> tuple[int, ...]:
    """The rows below a Table in which something is to be seen in its columns, or a formula whose result is blank or an
    error value.
    """
    left, right, bottom = table.range.left, table.range.right, table.range.bottom
    no_values = {*cells.formulas, *cells.errors}
    filled = {row for row, column in no_values if row > bottom and left <= column <= right}
    for column in range(left, right + 1) if cells.last_row > bottom else ():
        below = cells.column(column, bottom + 1, cells.last_row)
        if below.count("") != len(below):
            filled.update(row for row, value in enumerate(below, bottom + 1) if not shows_nothing(value))
    return tuple(sorted(filled))


def _beside(cells: Cells, table: Table, tables: Sequence[Table]) -> dict[str, str]:
    """`DataRange.beside`: texts in the row of the headers, one beside the other, with something below them."""
    found = {}
    row = table.range.top
    for column in range(table.range.right + 1, cells.last_column + 1):
        header = cells.row(row, column, column)[0]
        at = Range(column, row, column, row)
        if not isinstance(header, str) or shows_nothing(header) or any(other.range.overlaps(at) for other in tables):
            break
        if not all(map(shows_nothing, cells.column(column, row + 1, table.last_row))):
            found[header.strip()] = str(at)
    return found


def _below(cells: Cells, table: Table) -> Sequence[Sequence[object]]:
    """`DataRange.below`."""
    first, last = table.range.bottom + 1, cells.last_row
    if table.totals_rows or last < first:
        return ()
    columns = [cells.column(column, first, last) for column in range(table.range.left, table.range.right + 1)]
    rows = takewhile(lambda row: not all(map(shows_nothing, row)), zip(*columns, strict=True))
    count = sum(1 for _ in rows)
    return [column[:count] for column in columns] if count else ()


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Reading and checking a workbook makes millions of objects, none of them in a cycle; looking for cycles meanwhile
    costs a third of the time.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()

"""All that one sheet holds: the values of all its cells at their addresses, formulas, error values, and
merged ranges.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from refundbook.base.a1 import Range
from refundbook.base.named_tuple import NamedTuple
from refundbook.xlsx.package.package import Package
from refundbook.xlsx.package.workbook_part import Layout, SheetEntry
from refundbook.xlsx.reading.access import is_protected
from refundbook.xlsx.reading.byte_scan import merged_ranges, scan_cells, without_formula_texts
from refundbook.xlsx.reading.cell_decoder import CellDecoder, NotMeant
from refundbook.xlsx.reading.fast_rows import TUNING, FastPathMiss, FastRows, Tuning, read_plain, size_of_rows
from refundbook.xlsx.reading.limits import Guard, refuse_wide
from refundbook.xlsx.reading.shared_strings import MAX_TEXT, refuse_repetition


class Cells(NamedTuple):
    """The cells of a sheet. Values are as calamine gives them: `""` for a blank cell and for an error value.

    `plain` are the rows of an ordinary shape, `others` the sheet without them, as rows that begin at A1. `formulas` and
    `errors` are keyed by (row, column). Where the sheet `is_ordered`, its rows state their numbers, ascending, and no
    markup is hidden. `last_row` and `last_column` are the last that hold anything; 0 where nothing does.
    """

    plain: FastRows
    others: list[list[object]]
    formulas: frozenset[tuple[int, int]]
    errors: dict[tuple[int, int], str]
    merged: Sequence[Range]
    is_ordered: bool = False
    is_protected: bool = False

    @property
    def last_row(self) -> int:
        return max(self.plain.filled, len(self.others))

    @property
    def last_column(self) -> int:
        return max(self.plain.width, len(self.others[0]) if self.others else 0)

    def column(self, column: int, first: int, last: int) -> list[object]:
        """The values of a column in the rows `first` to `last`."""
        numbers = self.plain.numbers
        is_wide = self.others and column <= len(self.others[0])
        if not numbers:
            found = [row[column - 1] for row in self.others[first - 1 : last]] if is_wide else []
            return found + [""] * (last - first + 1 - len(found))
        begin, end = bisect_left(numbers, first), bisect_left(numbers, last + 1)
        plain = self.plain.columns[column - 1][begin:end] if column <= len(self.plain.columns) else []
        if len(plain) == last - first + 1:
            return plain
        values: list[object] = [""] * max(0, last - first + 1)
        for number, value in zip(numbers[begin:end] if plain else (), plain, strict=True):
            values[number - first] = value
        odd = self.plain.odd
        for number in odd[bisect_left(odd, first) : bisect_left(odd, last + 1)] if is_wide else ():
            if number <= len(self.others):
                values[number - first] = self.others[number - 1][column - 1]
        return values

    def row(self, row: int, first: int, last: int) -> list[object]:
        """The values of a row in the columns `first` to `last`."""
        return [self.column(column, row, row)[0] for column in range(first, last + 1)]


def read_cells(guard: Guard, package: Package, layout: Layout, sheet: SheetEntry, tuning: Tuning = TUNING) -> Cells:
    """Read a sheet. Raises UnreadableWorkbook where it is damaged, or larger than a sheet of people is."""
    try:
        return _read_plain(guard, package, layout, sheet, tuning)
    except (FastPathMiss, NotMeant):
        whole = package.read(sheet.part)
        xml = without_formula_texts(whole)
        values = guard.values(sheet, xml, is_whole=xml is whole)
        return Cells(FastRows(), values, *scan_cells(xml), merged_ranges(xml), is_protected=is_protected(xml))


def _read_plain(guard: Guard, package: Package, layout: Layout, sheet: SheetEntry, tuning: Tuning) -> Cells:
    size = package.size(sheet.part)
    rows = size_of_rows(lambda piece: package.expanded(sheet.part, piece), size, tuning)
    if rows + guard.strings.size < tuning.worth_patterns:
        raise FastPathMiss
    texts = guard.strings.texts

    def strings() -> Sequence[str]:
        if texts is None:
            raise FastPathMiss
        return texts

    meaning = CellDecoder(guard.ask, strings, date_1904=layout.date_1904)
    plain = read_plain(lambda: package.expanded(sheet.part, tuning.piece), size, meaning, tuning)
    if plain.shared > MAX_TEXT:
        refuse_repetition(sheet.name)
    rest = plain.rest
    values = guard.values(sheet, rest, is_whole=False)
    odd = set(plain.odd)
    if any(any(value != "" for value in row) for number, row in enumerate(values, 1) if number not in odd):
        # A cell that says it stands in another row than it does.
        raise FastPathMiss
    formulas, errors = scan_cells(rest)
    cells = Cells(plain, values, formulas | plain.formulas, errors, merged_ranges(rest), True, is_protected(rest))
    refuse_wide(cells.last_row, cells.last_column, sheet.name)
    return cells

"""Where the data stand on their sheet, as far as it matters to what is put below them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from refundbook.base.a1 import MAX_ROW, Range
from refundbook.base.access import Access
from refundbook.base.errors import UnsupportedEdit
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.text import quoted
from refundbook.xlsx.package.workbook_part import Table
from refundbook.xlsx.reading.data_range import DataRange
from refundbook.xlsx.writing.formula_refs import Growth


class AppendTarget(NamedTuple):
    """The place of a sheet's headers and data, all rows and columns as on the sheet.

    `last_used` is the last data row that holds more than formulas, `last_row` the last of the data. `formulas` are the
    (row, column) of the formulas from the last but one row with a value on, or from the Table's last row but one;
    `uncovered` are the rows below the Table that hold something in its columns; `merged` are the merged ranges that
    reach below that last row. Rows below the Table, which it is to grow over, are from the row after `last_row` to
    `last_used`. Where the sheet `is_plain`, its rows are in order (`Cells.is_ordered`), and those before the last but
    one hold no formula. `access` is what speaks against writing there.
    """

    sheet: str
    header_row: int
    first_column: int
    width: int
    last_used: int
    last_row: int
    table: Table | None = None
    formulas: frozenset[tuple[int, int]] = frozenset()
    uncovered: tuple[int, ...] = ()
    merged: tuple[Range, ...] = ()
    is_plain: bool = False
    access: Access = Access()

    @property
    def top(self) -> int:
        """The first row of the data."""
        return self.header_row + 1

    @property
    def columns(self) -> range:
        return range(self.first_column, self.first_column + self.width)

    @property
    def data_end(self) -> int:
        """The row that the data end with, so that a range which ends there is to grow with them: the Table's last, else
        the last row with a value.
        """
        return self.table.last_row if self.table else self.last_used

    @property
    def is_followed(self) -> bool:
        """Whether something stands right below the Table, in its columns."""
        return self.table is not None and self.table.range.bottom + 1 in self.uncovered

    @property
    def joined_rows(self) -> range:
        """The rows right below the Table, which is to grow over them."""
        return range(self.last_row + 1, self.last_used + 1) if self.table else range(0)

    def next_row(self, already: int) -> int:
        """The row that a new one goes into after so many others: a blank row at the end of the data, else one below.

        Raises UnsupportedEdit, naming the row, where something stands there that must not be overwritten or would hide
        the new row, and where the next refresh of a query would throw it away.
        """
        self.access.refuse_refreshed(self.sheet)
        row = self.last_used + 1 + already
        added = max(0, row - self.last_row)
        # The totals row moves down as many rows as the Table grows.
        bottom = self.table.range.bottom + added if self.table else row
        if bottom > MAX_ROW or row > MAX_ROW:
            raise UnsupportedEdit(f"The sheet {quoted(self.sheet)} is full: no row is left below row {self.last_row}.")
        if self.uncovered or self.merged:
            self._refuse_taken(bottom, is_growing=added > 0)
        return row

    def _refuse_taken(self, bottom: int, *, is_growing: bool) -> None:
        taken = next((row for row in self.uncovered if row <= bottom), None) if is_growing else None
        if taken is not None:
            raise UnsupportedEdit(
                f"{self.sheet}: row {taken}, below the Table, is not empty, and a new row would overwrite it. Move "
                "what stands there further down or to the side, or, if it belongs to the Table, drag the Table's "
                "corner over it."
            )
        merged = next((cells for cells in self.merged if cells.bottom > self.last_used and cells.top <= bottom), None)
        if merged is not None:
            raise UnsupportedEdit(
                f"{self.sheet}: the cells {merged}, where the next row goes, are merged, and all but the first of "
                "them would be hidden. Unmerge them (Home > Merge & Center)."
            )

    def grown(self, last: int, formulas: Collection[tuple[int, int]]) -> AppendTarget:
        """The place once there are values down to row `last`, and `formulas` in its last rows."""
        added = max(0, last - self.last_row)
        table = self.table and self.table._replace(
            range=self.table.range._replace(bottom=self.table.range.bottom + added)
        )
        return self._replace(last_used=last, last_row=self.last_row + added, table=table).with_formulas(formulas)

    def with_formulas(self, formulas: Collection[tuple[int, int]]) -> AppendTarget:
        """The place with `formulas` in its last rows."""
        return self._replace(formulas=_from(self.last_used - 1, formulas))


def target_of(grid: DataRange) -> AppendTarget:
    """The place of data that were read."""
    return AppendTarget(
        grid.sheet,
        grid.header_row,
        grid.first_column,
        len(grid.headers),
        grid.last_used,
        grid.last_row,
        grid.table,
        _from(min(grid.last_used, grid.last_row) - 1, grid.formulas),
        grid.uncovered,
        tuple(cells for cells in grid.merged if cells.bottom > grid.last_used),
        grid.is_ordered and not any(grid.header_row < row < grid.last_used for row, _ in grid.formulas),
        grid.access,
    )


def growth_of(target: AppendTarget, rows: Sequence[int]) -> Growth:
    """How the data grow when values are put into `rows`; by nothing where these are blank rows of the Table."""
    last = target.data_end
    cells = Range(target.first_column, min(target.top, last), target.columns[-1], last)
    # Without a Table and without data no range ends with the data: what ends with the header row is about the headers.
    new_last = max((last, target.last_used, *rows)) if last > target.header_row else last
    return Growth(target.sheet, cells, new_last, target.table.totals_rows if target.table else 0)


def _from(row: int, cells: Collection[tuple[int, int]]) -> frozenset[tuple[int, int]]:
    return frozenset(cell for cell in cells if cell[0] >= row)

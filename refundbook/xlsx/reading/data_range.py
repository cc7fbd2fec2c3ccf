"""The data region of a sheet as it was read: header cells, and the columns of values under them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from refundbook.base.a1 import Range
from refundbook.base.access import Access
from refundbook.base.named_tuple import NamedTuple
from refundbook.xlsx.package.workbook_part import Table


class DataRange(NamedTuple):
    """One sheet's header cells and the columns of values under them.

    `headers[i]` stands in sheet column `first_column + i`, and `columns[i][k]` is that column's value in sheet row `top
    + k`, as calamine gives it (`""` for a blank cell). `formulas` and `errors` are keyed by (sheet row, sheet column).
    `table` is the Excel Table that the headers belong to, None where there is none. `last_used` is the last data row
    that holds more than formulas (the header row where none does); `uncovered` are the rows below the Table that hold
    something in its columns; `merged` are the merged ranges that reach into its columns from the first data row on.
    `is_ordered` is as in `Cells`.

    `below` are the values, by column, of those rows right below the Table that hold something, down to the first that
    does not; of a Table with a totals row there are none. Of these rows the first `joined` are among the data, as if
    the Table had grown over them. `access` is what speaks against writing there.
    `beside` are the headers, with their cells, of columns right of the Table that are none of it.
    """

    sheet: str
    header_row: int
    first_column: int
    headers: tuple[str, ...]
    columns: Sequence[Sequence[object]]
    last_used: int
    table: Table | None = None
    formulas: frozenset[tuple[int, int]] = frozenset()
    errors: Mapping[tuple[int, int], str] = MappingProxyType({})
    uncovered: tuple[int, ...] = ()
    merged: tuple[Range, ...] = ()
    is_ordered: bool = False
    below: Sequence[Sequence[object]] = ()
    joined: int = 0
    access: Access = Access()
    beside: Mapping[str, str] = MappingProxyType({})

    @property
    def top(self) -> int:
        """The sheet row of the first value."""
        return self.header_row + 1

    @property
    def last_row(self) -> int:
        """The last row of the data: the Table's, else the last that holds anything."""
        return self.table.last_row if self.table else self.header_row + len(self.columns[0] if self.columns else ())

    @property
    def joined_rows(self) -> range:
        """The rows below the Table that are among the data."""
        return range(self.last_row + 1, self.last_row + 1 + self.joined)

    def with_joined(self, count: int) -> DataRange:
        """The same with the first `count` of the rows right below the Table, more than none, among the data."""
        columns = [[*column, *below[:count]] for column, below in zip(self.columns, self.below, strict=True)]
        last = self.last_row + count
        uncovered = tuple(row for row in self.uncovered if row > last)
        return self._replace(columns=columns, last_used=last, uncovered=uncovered, joined=count)

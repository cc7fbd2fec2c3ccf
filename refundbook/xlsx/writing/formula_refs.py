"""References in formulas (ECMA-376 Part 1, 18.17.2.3): how they grow with a Table, and how they move when a formula is
filled down.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache, partial

from refundbook.base.a1 import MAX_COLUMN, MAX_ROW, Range, column_letters, column_number
from refundbook.base.named_tuple import NamedTuple

_NO_REFERENCE = r"""(?P<text>"(?:[^"]|"")*"|\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\])"""
"""A text, or brackets: the number of another workbook, or a structured reference (18.17.6.2), in which an apostrophe
escapes.
"""
_CELL = r"\$?[A-Za-z]{1,3}\$?[0-9]{1,7}"
_SHEET = r"'(?:[^']|'')+'|[^\W\d][\w.]*"
# The name of a sheet may read like a reference, also where what follows it is none: a name, or that of another
# workbook, as in `'[1]From A2:A7'!Total`.
_REFERENCE = (
    rf"{_NO_REFERENCE}|(?<![\w.$!:'\]\\])(?:(?P<sheet>{_SHEET})!)?(?P<range>{_CELL}(?::{_CELL})?)(?![\w.(!:])"
    r"|(?P<name>'(?:[^']|'')*')"
)
_RELATIVE = (
    rf"{_NO_REFERENCE}|'(?:[^']|'')*'!"
    r"|(?<![\w.$\\])(?P<column>\$?[A-Za-z]{1,3})(?P<row>\$?[0-9]{1,7})(?![\w.(!])"
    r"|(?<![\w.$:\\])(?P<first>\$?[0-9]{1,7}|\$?[A-Za-z]{1,3}):(?P<last>\$?[0-9]{1,7}|\$?[A-Za-z]{1,3})(?![\w.(!$])"
)
_ROW = r"[0-9]+$"
_SPELLED = (
    rf"{_NO_REFERENCE}|'(?:[^']|'')*'|(?<![\w.])(?P<truth>TRUE|FALSE)(?:\(\))?(?![\w.(!])"
    r"|(?<![\w.$:\\])(?P<number>[0-9]+(?:\.[0-9]+)?(?:E[+-]?[0-9]+)?)(?![\w.(!:$])"
)


class Place(NamedTuple):
    """The cell (sheet row and column) that a formula stands in. `rows` is how many rows a shared formula serves; None,
    where it is not known.
    """

    row: int | None
    column: int | None
    rows: int = 1


class Growth(NamedTuple):
    """A Table that grows downwards: what ended at its last data row is to end at `new_last`, and its totals rows move
    down.

    `cells` are the Table's columns and data rows before it grew.
    """

    sheet: str
    cells: Range
    new_last: int
    totals_rows: int = 0

    @property
    def old_last(self) -> int:
        return self.cells.bottom

    @property
    def added(self) -> int:
        return self.new_last - self.old_last

    @property
    def rows_named(self) -> tuple[str, ...]:
        """Row numbers, one of which stands in every reference that this growth changes."""
        return tuple(str(self.old_last + n) for n in range(self.totals_rows + 1))

    def sqref(self, text: str) -> str:
        """A list of ranges on the Table's own sheet (18.18.76 ST_Sqref)."""
        return " ".join(self._grown(part, one_cell_too=True) for part in text.split(" "))

    def ref(self, text: str) -> str:
        """One range on the Table's own sheet."""
        return self._grown(text)

    def formula(self, text: str, *, own_sheet: bool, place: Place | None = None) -> str:
        """A formula with its references to the Table's sheet grown; `own_sheet` where one without a sheet name means
        that sheet.

        With the `place` of a cell only references to whole columns of the Table grow, as they do in Excel, and none
        that was filled down: those have a last row without a `$` and mean another range in every row, such as the
        running total `SUM(K$2:K7)`.
        """
        # To take apart the hundred defined names of a workbook can cost as much as to write an entry.
        if not any(number in text for number in self.rows_named):
            return text
        return re.sub(_REFERENCE, partial(self._grown_reference, own_sheet, place), text)

    def _grown_reference(self, own_sheet: bool, place: Place | None, match: re.Match[str]) -> str:
        sheet, text = match.group("sheet"), match.group("range")
        if text is None or (sheet is None and not own_sheet):
            return match.group()
        if sheet is not None and _sheet_name(sheet).casefold() != self.sheet.casefold():
            return match.group()
        if place is not None and not self._is_whole(text, place, own_sheet):
            return match.group()
        return (f"{sheet}!" if sheet is not None else "") + self._grown(text)

    def _is_whole(self, text: str, place: Place, own_sheet: bool) -> bool:
        """Whether a cell's reference is to whole columns of the Table, or to its totals, in whatever row the formula is
        looked at.
        """
        cells = Range.parse(text)
        head, _, tail = text.partition(":")
        fixed_head, fixed_tail = ("$" in end[1:] for end in (head, tail or head))
        if not fixed_tail and (place.rows > 1 or (own_sheet and self._may_hold(place))):
            return False
        if cells.top > self.old_last:
            return True
        return cells.top <= self.cells.top and (fixed_tail or not fixed_head)

    def _may_hold(self, place: Place) -> bool:
        if place.row is None or place.column is None:
            return True
        return self.cells.left <= place.column <= self.cells.right and self.cells.top <= place.row <= self.cells.bottom

    def _grown(self, text: str, *, one_cell_too: bool = False) -> str:
        try:
            cells = Range.parse(text)
        except ValueError:
            return text
        down_from, down_to = self._moved_by(cells, one_cell_too or ":" in text)
        if not down_to:
            return text
        head, _, tail = text.partition(":")
        if tail or not down_from:
            return f"{_down(head, down_from)}:{_down(tail or head, down_to)}"
        return _down(head, down_to)

    def _moved_by(self, cells: Range, may_grow: bool) -> tuple[int, int]:
        """How many rows a range's first and last row go down."""
        last_total = self.old_last + self.totals_rows
        if cells.right < self.cells.left or cells.left > self.cells.right:
            return 0, 0
        if self.old_last < cells.top and cells.bottom <= last_total:
            within = self.cells.left <= cells.left and cells.right <= self.cells.right
            return (self.added, self.added) if within else (0, 0)
        if not self.old_last <= cells.bottom <= last_total:
            return 0, 0
        grows = cells.top < cells.bottom or (may_grow and self.cells.top == self.old_last)
        return (0, self.added) if grows else (0, 0)


def _down(cell: str, rows: int) -> str:
    return re.sub(_ROW, lambda match: str(int(match.group()) + rows), cell)


def _sheet_name(written: str) -> str:
    return written[1:-1].replace("''", "'") if written.startswith("'") else written


def names_no_cells(formula: str) -> bool:
    """Whether a formula refers to cells by the names of Tables and columns only, so that it reads the same wherever
    they end.
    """
    return all(match.group("text") is not None for match in re.finditer(_RELATIVE, formula))


def is_settled(formula: str, row: int) -> bool:
    """Whether no growth of data that end in `row` or below changes a formula: what cells it names stand above, on its
    own sheet.
    """
    if names_no_cells(formula):
        return True
    named = (match.group("range") for match in re.finditer(_REFERENCE, formula))
    return "!" not in formula and all(Range.parse(cells).bottom < row for cells in named if cells)


def shifted(formula: str, rows: int, columns: int = 0) -> str:
    """A formula as it reads when it is filled into a cell this many rows below and columns to the right: what has no
    `$` moves along.

    A reference that would leave the sheet becomes `#REF!`, as in Excel.
    """
    return re.sub(_RELATIVE, partial(_shifted_reference, rows, columns), formula)


def _shifted_reference(rows: int, columns: int, match: re.Match[str]) -> str:
    try:
        if match.group("column"):
            return _shifted_end(match.group("column"), rows, columns) + _shifted_end(match.group("row"), rows, columns)
        if match.group("first"):
            first, last = (_shifted_end(match.group(end), rows, columns) for end in ("first", "last"))
            return f"{first}:{last}"
    except ValueError:
        return "#REF!"
    return match.group()


def _shifted_end(end: str, rows: int, columns: int) -> str:
    if end.startswith("$"):
        return end
    if end.isdigit():
        row = int(end) + rows
        if not 1 <= row <= MAX_ROW:
            raise ValueError(f"no row {row}")
        return str(row)
    column = column_number(end) + columns
    if not 1 <= column <= MAX_COLUMN:
        raise ValueError(f"no column {column}")
    return column_letters(column)


def with_cells(formula: str, told: Callable[[int, bool, int, bool], str]) -> str:
    """A formula with each of its cells as `told` by its column, whether that has a `$`, its row, and whether that
    has one; whole columns and rows stay.
    """

    def one(match: re.Match[str]) -> str:
        column, row = match.group("column"), match.group("row")
        if not column:
            return match.group()
        return told(column_number(column.lstrip("$")), column[0] == "$", int(row.lstrip("$")), row[0] == "$")

    return re.sub(_RELATIVE, one, formula)


@lru_cache(maxsize=10_000)
def spelled_alike(formula: str) -> str:
    """A formula as all programs would spell it, for comparing two: Excel writes 1000000 for 1E6, LibreOffice `TRUE()`
    or 1 for `TRUE`.
    """

    def one(match: re.Match[str]) -> str:
        if match.group("number"):
            return f"{float(match.group('number')):.15g}"
        return {"TRUE": "1", "FALSE": "0"}.get(match.group("truth") or "", match.group())

    return re.sub(_SPELLED, one, formula)

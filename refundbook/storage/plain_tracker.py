"""A Tracker of plain values: how it says so, where its headers and rows stand, and giving it that form.

As long as the Tracker is live its headers stand in the first row. Where values took the place of its formulas, that row
says so and what to do, the headers stand in the row below it, and a mark below the rows says where those end that are
refundbook's. Where something else of the workbook needs the headers where they are (a Table over the Tracker, a pivot
table of it, merged cells), they stay, and the mark says all of it, as in workbooks of refundbook 0.1.0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from refundbook.base.a1 import Range
from refundbook.base.live_bounds import MORE_CASES
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import TRACKER, TRACKER_HEADERS
from refundbook.record.tracker import NOT_LIVE, PLAIN_NOTICE
from refundbook.xlsx.package.workbook_part import SheetEntry
from refundbook.xlsx.reading.data_range import DataRange
from refundbook.xlsx.writing.writer import Writer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.xlsx.reading.reader import Reader


_END = f"{PLAIN_NOTICE} the rows of this Tracker end here; what to do about it stands above its headers."


class Place(NamedTuple):
    """Where a Tracker of values stands: the row that says so, the row of the headers, the first and last row of values,
    and the row of the mark.
    """

    notice: int
    header_row: int
    first_row: int
    last_row: int
    end: int

    @property
    def look(self) -> int | None:
        """The row whose format what says so gets; None for its own. That of the headers, and of the values, would break
        a long text into many lines.
        """
        return self.end if self.is_above else None

    @property
    def is_above(self) -> bool:
        """Whether what says so stands above the headers."""
        return self.notice < self.header_row


UPGRADE = " `refundbook upgrade` makes it live again."
"""What else is to be done where only formulas of an older refundbook compute so little."""


def sentence(*, is_above: bool, shown: int, cases: int, may_show_more: bool) -> str:
    """What a Tracker of values says of itself: that it is not live, what it shows, and what to do."""
    begin = NOT_LIVE if is_above else f"{PLAIN_NOTICE} this Tracker is {NOT_LIVE.partition(':')[0]}"
    return (
        f"{begin}. Shown are {shown:,} of {cases:,} cases, the open and the latest. What is typed in Excel shows here "
        "after refundbook's next save; `refundbook tracker` prints all."
        f"{UPGRADE if may_show_more else ''}"
    )


def located(reader: Reader) -> tuple[SheetEntry, DataRange] | None:
    """The Tracker sheet and its rows, of whatever kind; None where there is none with the five columns."""
    sheet = reader.layout.sheet(TRACKER)
    grid = None if sheet is None else reader.grid(sheet, TRACKER_HEADERS)
    if sheet is None or grid is None or not set(TRACKER_HEADERS) <= set(grid.headers):
        return None
    return sheet, grid


def columns_of(grid: DataRange, headers: Iterable[str]) -> tuple[int, ...]:
    """The numbers of the columns with these headers."""
    return tuple(grid.first_column + grid.headers.index(header) for header in headers)


def found(reader: Reader, sheet: SheetEntry, grid: DataRange, column: int) -> Place | None:
    """Where a Tracker of values stands, whose first column is `column`; None where it is none."""
    above = grid.header_row - 1
    says_above = above > 0 and _begins(reader.cells(sheet).row(above, column, column)[0], NOT_LIVE)
    numbers = grid.columns[column - grid.first_column]
    at = next((k for k, value in enumerate(numbers) if _begins(value, PLAIN_NOTICE)), None)
    if at is None:
        if not says_above:
            return None
        # Somebody took the mark away: the rows end with the first blank one.
        at = next((k for k, value in enumerate(numbers) if value == ""), len(numbers))
    end = grid.top + at
    return Place(above if says_above else end, grid.header_row, grid.top, end - 1, end)


def _begins(value: object, text: str) -> bool:
    return isinstance(value, str) and value.startswith(text)


def formed(
    reader: Reader,
    writer: Writer,
    sheet: SheetEntry,
    grid: DataRange,
    columns: Sequence[int],
    last_row: int,
    mark: bool,
) -> Place:
    """Stage the form of a Tracker of values for one whose headers are `grid`'s and whose rows end with `last_row`.

    What says that it is not live, and its rows, are yet to be put where the place that this gives has them.

    `mark` says that the row below holds the mark of the older form. Nothing that a person has put below the rows is
    written over.
    """
    head = grid.header_row
    is_above = not needs_headers(reader, sheet, grid, columns)
    first_row = head + 2 if is_above else head + 1
    below = last_row + 1
    own = mark or _is_free(writer, grid, columns, below)
    # One row was gained for the notice. Its loss is made up for where two rows are free below.
    end = last_row if not own else below + (is_above and _is_free(writer, grid, columns, below + 1))
    if is_above:
        for column in columns:
            header = grid.headers[column - grid.first_column]
            writer.set_value(sheet.name, head, column, None, like=head + 1)
            writer.set_value(sheet.name, head + 1, column, header, like=head)
        writer.move_heading(sheet.name, head, end)
    writer.set_value(sheet.name, end, columns[0], _END, like=below if own else None)
    for column in columns[1:] if end <= last_row else ():
        writer.set_value(sheet.name, end, column, None)
    return Place(head if is_above else end, first_row - 1, first_row, end - 1, end)


def _is_free(writer: Writer, grid: DataRange, columns: Sequence[int], row: int) -> bool:
    """Whether a row holds nothing in the Tracker's columns but what the template put there."""
    at = row - grid.top
    for column in columns:
        values = grid.columns[column - grid.first_column]
        formula = writer.formula_at(grid.sheet, row, column)
        if formula is not None and MORE_CASES not in formula:
            return False
        if (formula is None and at < len(values) and values[at] != "") or (row, column) in grid.errors:
            return False
    return True


def needs_headers(reader: Reader, sheet: SheetEntry, grid: DataRange, columns: Sequence[int]) -> bool:
    """Whether something else of the workbook needs the headers in the row in which they are."""
    row = grid.header_row
    headers = Range(min(columns), row, max(columns), row + 1)
    tables = [table.range for table in reader.layout.tables(sheet)]
    return any(used.overlaps(headers) for used in (*tables, *reader.cells(sheet).merged, *_pivoted(reader, sheet)))


def _pivoted(reader: Reader, sheet: SheetEntry) -> Iterator[Range]:
    """The ranges of the sheet that pivot tables of this workbook are made of (ECMA-376 Part 1, 18.10.1.95)."""
    package = reader.package
    for part in package.parts:
        if package.content_type(part).lower().endswith("pivotcachedefinition+xml"):
            for source in package.root(part).descendants("worksheetSource"):
                if source.attributes.get("sheet", "").casefold() == sheet.name.casefold():
                    try:
                        yield Range.parse(source.attributes.get("ref", ""))
                    except ValueError:
                        continue

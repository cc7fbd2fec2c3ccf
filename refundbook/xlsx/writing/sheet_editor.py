"""Puts cells into a sheet part (ECMA-376 Part 1, 18.3.1) and lets its ranges grow, leaving every other byte
as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, product

from refundbook.base.a1 import MAX_ROW, Range, column_letters
from refundbook.base.errors import DamagedWorkbook, UnsupportedEdit
from refundbook.base.text import quoted
from refundbook.xlsx.package.xml_splice import Edit, append_child, escape, set_attribute, splice
from refundbook.xlsx.reading.byte_scan import results
from refundbook.xlsx.writing.append_target import AppendTarget
from refundbook.xlsx.writing.cell_xml import (
    ROW,
    Cached,
    Cell,
    CellColumn,
    Content,
    Moved,
    cell_xml,
    column_xml,
)
from refundbook.xlsx.writing.formula_refs import Growth
from refundbook.xlsx.writing.new_column import NewColumn, column_edits, widened_filter
from refundbook.xlsx.writing.range_growth import SheetGrowth, grown_formulas, grown_frame
from refundbook.xlsx.writing.row_height import RowHeights, fitted
from refundbook.xlsx.writing.sheet_part import FormulaElement, Row, SheetPart
from refundbook.xlsx.writing.usual_row import changed as usual_row
from refundbook.xlsx.writing.usual_row import result_edits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.xlsx.writing.heading import Heading
    from refundbook.xlsx.writing.list_check import Check


class SheetEditor:
    """A sheet part that is being changed: stage cells with `put`, ranges with `grow`, then take the `result`.

    `sheet` is the part as it was. `lost_formula` tells, once the result was taken, whether a formula gave way to a
    value. The rows `hidden`, but for those `shown`, are not in `xml` although the sheet has them: nothing can be put
    there.
    """

    def __init__(
        self,
        xml: bytes,
        part: str,
        *,
        date_1904: bool = False,
        hidden: range = range(0),
        shown: Collection[int] = (),
        wraps: Callable[[int], float | None] | None = None,
    ) -> None:
        self.sheet = SheetPart(xml, part)
        self._hidden = hidden
        self._shown = shown
        self.lost_formula = False
        self._date_1904 = date_1904
        self._staged: dict[int, dict[int, Content]] = {}
        self._new: list[tuple[Sequence[int], Mapping[int, CellColumn]]] = []
        self._growths: list[SheetGrowth] = []
        self._heading: Heading | None = None
        self._widths: dict[int, tuple[float, int]] = {}
        self._checks: list[tuple[Range, Check]] = []
        self._beside: AppendTarget | None = None
        self._without_results = False
        self._heights = RowHeights(wraps or (lambda _: None), self.sheet.column_width)

    def put(self, row: int, cells: Mapping[int, Content]) -> None:
        """Stage cells of one row, by column. What stands in other columns stays. Raises UnreadableWorkbook where a
        sheet has no such row.
        """
        self._refuse_unreachable(row)
        self._staged.setdefault(row, {}).update(cells)

    def put_new(self, rows: Sequence[int], columns: Mapping[int, CellColumn]) -> None:
        """Stage the cells of ascending rows that are not there, column by column. Raises as `put` does."""
        for row in (rows[0], rows[-1]):
            self._refuse_unreachable(row)
        self._new.append((rows, columns))

    def _refuse_unreachable(self, row: int) -> None:
        if row > MAX_ROW:
            raise DamagedWorkbook(
                f"It is damaged: {quoted(self.sheet.part)} has a row {row}, and no sheet has that many."
            )
        if row in self._hidden and row not in self._shown:
            raise ValueError(f"row {row} cannot be reached")

    def grow(self, growth: Growth, *, own_sheet: bool) -> None:
        """Stage the growth of every range here that ended with the Table, which is on this sheet (`own_sheet`) or on
        another.
        """
        self._growths.append((growth, own_sheet))

    def widen(self, target: AppendTarget, column: int, new: NewColumn, style: int) -> None:
        """Stage a new column beside the data: its width, the format of its cells, and what may be typed into them. Its
        header is to be `put`.
        """
        self._beside = target
        self._widths[column] = (new.width, style)
        if new.check is not None:
            self._checks.append((Range(column, target.top, column, MAX_ROW), new.check))

    def clear_results(self) -> None:
        """Stage that no formula has a result beside it, but for those that are `put`."""
        self._without_results = True

    def move_heading(self, heading: Heading) -> None:
        """Stage that headers move a row down: what holds them in sight goes with them. Their cells are to be `put`."""
        self._heading = heading

    def result(self) -> SheetPart | None:
        """The part with all that was staged; None where that changes nothing.

        Raises UnsupportedEdit where a staged cell is one of several that one formula fills.
        """
        sheet = self.sheet
        if self._without_results:
            sheet = _edited(sheet, (Edit(start, end, b"") for start, end in results(sheet.xml)))
        sheet = _edited(sheet, grown_formulas(sheet, self._growths) if self._growths else ())
        sheet = _edited(sheet, self._freed_formulas(sheet) if self._new or any(self._written()) else ())
        around = [*map(sheet.of_frame, self._frame_edits(sheet)), *self._column_edits(sheet)]
        sheet = _edited(sheet, [*self._row_edits(sheet), *around])
        return sheet if sheet is not self.sheet else None

    def _written(self) -> Iterator[tuple[int, int]]:
        """Row and column of every cell of a staged row that is put in, so not of the results beside formulas."""
        for row, cells in self._staged.items():
            for column, content in cells.items():
                if not isinstance(content, Cached):
                    yield row, column

    def _touched(self) -> set[tuple[int, int]]:
        """Row and column of every cell that is written over, or moved away."""
        moved = (
            (c.row, column) for cells in self._staged.values() for column, c in cells.items() if isinstance(c, Moved)
        )
        new = chain.from_iterable(product(rows, columns) for rows, columns in self._new)
        return {*self._written(), *moved, *new}

    def _freed_formulas(self, sheet: SheetPart) -> Iterator[Edit]:
        """Shared formulas of which a cell is touched, each written out for itself: the text stands in one cell only,
        which others rely on.
        """
        special = [formula for formula in sheet.formula_elements() if formula.kind]
        touched = self._touched() if special else set()
        shared = [(formula, sheet.address_of(formula)) for formula in special if formula.kind == "shared"]
        groups = {formula.shared for formula, address in shared if address in touched}
        for formula in special:
            self._refuse_part_of(formula, touched)
        for formula, address in shared:
            if (
                formula.shared in groups
                and address is not None
                and (text := sheet.shared_text(formula.shared, *address))
            ):
                name = sheet.rows.prefix + b"f"
                yield Edit(formula.start, formula.end, b"<%s>%s</%s>" % (name, escape(text), name))

    def _refuse_part_of(self, formula: FormulaElement, touched: set[tuple[int, int]]) -> None:
        area = formula.area
        if formula.kind == "shared" or area is None or (area.left, area.top) == (area.right, area.bottom):
            return
        for row, column in sorted(touched):
            if area.overlaps(Range(column, row, column, row)):
                raise UnsupportedEdit(
                    f"The cell {column_letters(column)}{row} is one of {area}, which a single array formula fills: "
                    "move that formula elsewhere, or put its values in its place."
                )

    def _row_edits(self, sheet: SheetPart) -> Iterator[Edit]:
        made, heights = dict(self._new_rows(sheet.prefix)), self._new_heights()
        for row in sorted(self._staged):
            span = sheet.rows.span(row)
            if span is None:
                made[row] = self._staged_row(sheet, row)
                heights[row] = self._staged_height(sheet, row)
                continue
            old = sheet.xml[slice(*span)]
            changed = self._usual_row(sheet, row, old) or self._changed_row(sheet, row)
            if changed != old:
                yield Edit(*span, changed)
        added: dict[int, list[bytes]] = {}
        for row in sorted(made):
            if cells := made.pop(row):
                xml = _row_xml(sheet.prefix, row, cells, heights[row])
                added.setdefault(sheet.rows.place(row), []).append(xml.encode())
        for place, rows in added.items():
            yield _insertion(sheet, place, b"".join(rows))

    def _new_rows(self, p: str) -> Iterator[tuple[int, str]]:
        """The cells of the new rows, by row."""
        for rows, columns in self._new:
            by_column = [
                column_xml(p, column_letters(n), rows, columns[n], date_1904=self._date_1904) for n in sorted(columns)
            ]
            for row, cells in zip(rows, zip(*by_column, strict=True), strict=True):
                yield row, "".join(cells).replace(ROW, str(row))

    def _new_heights(self) -> dict[int, float]:
        """The heights that the new rows need, by row."""
        heights: dict[int, float] = {}
        for rows, columns in self._new:
            heights.update(zip(rows, self._heights.of_rows(columns, len(rows)), strict=True))
        return heights

    def _staged_height(self, sheet: SheetPart, row: int) -> float:
        return self._heights.of_contents(self._unmoved(row), lambda column: sheet.style_for(row, column))

    def _unmoved(self, row: int) -> dict[int, Cell | Cached]:
        return {n: content for n, content in self._staged[row].items() if not isinstance(content, Moved)}

    def _staged_row(self, sheet: SheetPart, row: int) -> str:
        cells = sorted(self._staged[row].items())
        return "".join(
            [self._cell(sheet, row, column, content) for column, content in cells if not isinstance(content, Cached)]
        )

    def _usual_row(self, sheet: SheetPart, row: int, xml: bytes) -> bytes | None:
        """What `_changed_row` gives of a row that is written the usual way and lacks none of the cells; None of any
        other.
        """
        contents = self._unmoved(row)
        if len(contents) < len(self._staged[row]) or sheet.rows.markup is not sheet.xml or self._heading is not None:
            return None
        made = usual_row(xml, row, contents, self._heights, date_1904=self._date_1904)
        if made is None:
            return None
        self.lost_formula |= made.lost_formula
        return made.xml

    def _changed_row(self, sheet: SheetPart, row: int) -> bytes:
        found = sheet.row(row)
        assert found is not None
        edits: list[Edit] = []
        inserted: dict[int, bytes] = {}
        for column, content in sorted(self._staged[row].items()):
            old = found.cells.get(column)
            if isinstance(content, Cached):
                if old is not None:
                    edits += result_edits(found.xml, old, content.value, date_1904=self._date_1904)
            elif old is not None:
                self.lost_formula |= old.child("f") is not None
                edits.append(Edit(old.start, old.end, self._cell(sheet, row, column, content).encode()))
            else:
                after = max((c for c in found.cells if c < column), default=None)
                place = found.element.inner if after is None else found.cells[after].end
                inserted[place] = inserted.get(place, b"") + self._cell(sheet, row, column, content).encode()
        edits += _insertions(found, inserted)
        put = [column for column, content in self._staged[row].items() if not isinstance(content, Cached)]
        edits += _widened_spans(found, put)
        if edits and any(content.value for content in self._unmoved(row).values()):
            # Of a row of formulas all texts are known, of any other those that change.
            edits += fitted(found.xml, found.element, self._staged_height(sheet, row), of_formulas=not put)
        if self._heading is not None and row == self._heading.row + 1 and "hidden" in found.element.attributes:
            # A filter may have hidden what stood where the headers stand now.
            edits.append(set_attribute(found.xml, found.element, "hidden", "0"))
        changed = splice(found.xml, edits)
        return changed[found.element.start : found.element.end + len(changed) - len(found.xml)]

    def _cell(self, sheet: SheetPart, row: int, column: int, content: Cell | Moved) -> str:
        address = f"{column_letters(column)}{row}"
        if isinstance(content, Cell):
            return cell_xml(sheet.prefix, address, content, date_1904=self._date_1904)
        return _moved_cell(sheet, address, content.row, column)

    def _frame_edits(self, sheet: SheetPart) -> Iterator[Edit]:
        corners = ((row, column) for rows, columns in self._new for row in (rows[0], rows[-1]) for column in columns)
        written = [*self._written(), *corners]
        dimension = sheet.frame.child("dimension") if written else None
        if dimension is not None:
            stated = dimension.attributes.get("ref", "A1")
            if (grown := _dimension(stated, written)) != stated:
                yield set_attribute(sheet.frame_xml, dimension, "ref", grown)
        if self._growths:
            yield from grown_frame(sheet.frame_xml, sheet.frame, self._growths)
        if self._heading is not None:
            from refundbook.xlsx.writing.heading import moved_frame

            yield from moved_frame(sheet.frame_xml, sheet.frame, self._heading)
        if self._checks:
            from refundbook.xlsx.writing.list_check import check_edits

            yield from check_edits(sheet.frame_xml, sheet.frame, sheet.rows.start, self._checks)

    def _column_edits(self, sheet: SheetPart) -> Iterator[Edit]:
        if self._beside is not None:
            yield from column_edits(sheet, self._widths)
            yield from map(sheet.of_frame, widened_filter(sheet, self._beside, len(self._widths)))


def _dimension(stated: str, written: Sequence[tuple[int, int]]) -> str:
    try:
        cells = Range.parse(stated)
    except ValueError:
        return stated
    rows, columns = {row for row, _ in written}, {column for _, column in written}
    left, right = min(cells.left, *columns), max(cells.right, *columns)
    return str(Range(left, min(cells.top, min(rows)), right, max(cells.bottom, max(rows))))


def _edited(sheet: SheetPart, edits: Iterable[Edit]) -> SheetPart:
    edits = list(edits)
    return SheetPart(splice(sheet.xml, edits), sheet.part) if edits else sheet


def _row_xml(p: str, row: int, cells: str, height: float) -> str:
    high = f' ht="{height:g}"' if height else ""
    return f'<{p}row r="{row}"{high}>{cells}</{p}row>'


def _insertion(sheet: SheetPart, place: int, rows: bytes) -> Edit:
    if sheet.rows.body != sheet.rows.end:
        return Edit(place, place, rows)
    name = sheet.rows.prefix + b"sheetData"
    return Edit(sheet.rows.start, sheet.rows.end, b"<" + name + b">" + rows + b"</" + name + b">")


def _insertions(row: Row, inserted: Mapping[int, bytes]) -> Iterator[Edit]:
    if row.element.inner == row.element.end and inserted:
        yield append_child(row.xml, row.element, b"".join(inserted.values()))
        return
    for place, cells in inserted.items():
        yield Edit(place, place, cells)


def _moved_cell(sheet: SheetPart, address: str, source: int, column: int) -> str:
    row = sheet.row(source)
    cell = row.cells.get(column) if row else None
    if row is None or cell is None:
        return ""
    edits = [set_attribute(row.xml, cell, "r", address)]
    formula = cell.child("f")
    if formula is not None and "ref" in formula.attributes:
        edits.append(set_attribute(row.xml, formula, "ref", address))
    changed = splice(row.xml, edits)
    return changed[cell.start : cell.end + len(changed) - len(row.xml)].decode()


def _widened_spans(row: Row, columns: Sequence[int]) -> Iterator[Edit]:
    """`spans` is a hint on which columns a row uses; one that no longer holds is widened."""
    first, _, last = row.element.attributes.get("spans", "").partition(":")
    if first.isdigit() and last.isdigit() and any(not int(first) <= column <= int(last) for column in columns):
        spans = f"{min(int(first), *columns)}:{max(int(last), *columns)}"
        yield set_attribute(row.xml, row.element, "spans", spans)

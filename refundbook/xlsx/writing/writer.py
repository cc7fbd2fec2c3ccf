"""Makes a changed workbook: which parts a change touches, and how. Every other part is copied as its raw compressed
bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from types import MappingProxyType

from refundbook.base.a1 import Range, column_letters
from refundbook.base.errors import UnsupportedEdit
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.text import quoted, shows_nothing
from refundbook.system.pieces import Piece
from refundbook.xlsx.package.archive import Packed
from refundbook.xlsx.package.package import Package
from refundbook.xlsx.package.styles import Styles
from refundbook.xlsx.package.workbook_part import Layout, SheetEntry, Table
from refundbook.xlsx.package.xml_splice import Edit, Element, parse
from refundbook.xlsx.reading.byte_scan import scan_cells
from refundbook.xlsx.writing import range_growth
from refundbook.xlsx.writing.append_target import AppendTarget, growth_of
from refundbook.xlsx.writing.cell_xml import Cached, Cell, Moved
from refundbook.xlsx.writing.elision import ElidedPart, OpenedPart, opened, rewritten
from refundbook.xlsx.writing.fill_down import FillDown, Fit
from refundbook.xlsx.writing.formula_refs import Growth
from refundbook.xlsx.writing.new_column import NewColumn, refuse_header, refuse_taken, widened_names, widened_tables
from refundbook.xlsx.writing.print_area import extended_area
from refundbook.xlsx.writing.range_growth import grown_names
from refundbook.xlsx.writing.sheet_editor import SheetEditor
from refundbook.xlsx.writing.sheet_part import SheetPart
from refundbook.xlsx.writing.workbook_xml import changed_workbook


class Built(NamedTuple):
    """A new file: its pieces, and what holds of it: its elided parts by name, the targets of those that rows were put
    into by sheet, the mentions.

    `outgrown` are the parts that no longer have the shape in which rows can be left out, so that what is written next
    is not to be built on theirs. `written` are the elided parts that changed, by name, as they were before they were
    cut anew, `unwritten` the same before they changed, `styles` the cell formats (None where there are none).
    """

    pieces: list[Piece]
    elided: dict[str, ElidedPart]
    targets: dict[str, AppendTarget]
    mentions: frozenset[str]
    outgrown: frozenset[str]
    written: dict[str, SheetPart]
    unwritten: dict[str, SheetPart]
    styles: bytes | None


class _Appended(NamedTuple):
    """Rows put into a sheet, or taken out at its end: its target before, how it grows, the last row with a value."""

    target: AppendTarget
    growth: Growth
    last: int

    @property
    def first_kept(self) -> int:
        """The first row that is not left out the next time."""
        return max(self.last - 1, self.target.top)


class Writer:
    """Collects changes to one workbook; `build` gives the new file.

    Sheet parts that are `elided` are read and changed without the rows that are left out, but for those that are
    `corrected`, by the name of the part. `mentions` are the parts that may refer to cells of the sheets `grown`, which
    rows may be put into; where they are not known, every part is looked through.
    """

    def __init__(
        self,
        package: Package,
        layout: Layout,
        elided: Mapping[str, ElidedPart] | None = None,
        mentions: Collection[str] | None = None,
        *,
        corrected: Mapping[str, Collection[int]] = MappingProxyType({}),
        grown: Sequence[str] = (),
    ) -> None:
        self._package = package
        self._layout = layout
        self._elided = dict(elided or {})
        self._corrected = corrected
        self._opened: dict[str, OpenedPart] = {}
        self._grown = grown
        if mentions is not None:
            self.mentions = frozenset(mentions)
        self._sheets: dict[str, SheetEditor] = {}
        self._appended: dict[str, _Appended] = {}
        self._columns: dict[str, tuple[AppendTarget, list[str]]] = {}
        self._renaming: list[Callable[[Element], Iterable[Edit]]]
        self._renaming = [partial(widened_names, added=self._columns.values())]

    @cached_property
    def _styles(self) -> tuple[str, Styles] | None:
        parts = self._package.related(self._layout.part, "styles")
        return (parts[0], Styles(self._package.read(parts[0]), parts[0])) if parts else None

    @cached_property
    def mentions(self) -> frozenset[str]:
        """The parts, sheets aside that are elided, that may refer to cells of another sheet which rows may
        be put into.
        """
        sheets = [entry for entry in self._layout.sheets if entry.is_grid and entry.part not in self._elided]
        tables = [table for entry in sheets for table in self._package.related(entry.part, "table")]
        others = [part for part in self._package.parts if range_growth.grow_of(self._package.content_type(part))]
        found = {part for part in (*tables, *others) if self._names_one(self._package.read(part))}
        cells = (entry.part for entry in sheets if range_growth.may_point_to(self._xml(entry), self._grown))
        return frozenset(found.union(cells))

    def _xml(self, entry: SheetEntry) -> bytes:
        """A sheet as it stands: the one being changed is in memory already."""
        known = self._sheets.get(entry.part)
        return known.sheet.xml if known else self._package.read(entry.part)

    def _names_one(self, xml: bytes) -> bool:
        return any(range_growth.may_refer_to(xml, sheet) for sheet in self._grown)

    def _sheet(self, name: str) -> tuple[SheetEntry, SheetEditor]:
        entry = self._layout.sheet(name)
        if entry is None:
            raise UnsupportedEdit(f"There is no sheet {quoted(name)} in the workbook.")
        if entry.part not in self._sheets:
            self._sheets[entry.part] = self._editor(entry.part)
        return entry, self._sheets[entry.part]

    def _editor(self, part: str) -> SheetEditor:
        kept, date_1904 = self._elided.get(part), self._layout.date_1904
        wraps = self._styles[1].wraps if self._styles else None
        if kept is None:
            return SheetEditor(self._package.read(part), part, date_1904=date_1904, wraps=wraps)
        rows, archive = self._corrected.get(part, ()), self._package.archive
        made = self._opened[part] = opened(kept, rows, archive, self._package.member(part))
        return SheetEditor(made.xml, part, date_1904=date_1904, hidden=kept.hidden, shown=made.shown, wraps=wraps)

    def append(
        self,
        target: AppendTarget,
        rows: range,
        columns: Mapping[int, Sequence[object]],
        growths: Collection[Growth] = (),
    ) -> None:
        """Put values into `rows`, as `next_row` gave them; the Table and all that ended with it grow, over rows that
        stand right below it too.

        `columns` are the values by column number of the sheet, None for a blank; `growths` are all that are to come of
        the same save, since formulas that are filled down may name cells of another sheet that grows.
        """
        _, sheet = self._sheet(target.sheet)
        growth = growth_of(target, rows)
        self._appended[target.sheet] = _Appended(target, growth, max(target.last_used, rows.stop - 1))
        totals = range(growth.old_last + 1, growth.old_last + 1 + growth.totals_rows)
        if growth.added:
            sheet.grow(growth, own_sheet=True)
            for row in totals:
                self._refuse_filled(target, sheet, row + growth.added, target.columns, totals, "the totals row goes")
                sheet.put(row + growth.added, {column: Moved(row) for column in target.columns})
        others = [other for other in growths if other.sheet != target.sheet]
        filling = FillDown(target, sheet.sheet, growth, others, self._fit)
        for row in target.joined_rows:
            sheet.put(row, filling.formulas_in(row, self._holds_something))
        prepared = filling.prepared_rows(rows)
        for row in prepared:
            given = {
                column: value for column, values in columns.items() if (value := values[row - rows.start]) is not None
            }
            content = filling.prepared_row(row, given)
            self._refuse_filled(target, sheet, row, content, totals, "the next row goes")
            sheet.put(row, content)
        new = [row for row in rows if row not in prepared]
        if new:
            values = {column: [values[row - rows.start] for row in new] for column, values in columns.items()}
            sheet.put_new(new, filling.new_rows(new, values))

    def _refuse_filled(
        self, target: AppendTarget, sheet: SheetEditor, row: int, columns: Iterable[int], moved: range, what_goes: str
    ) -> None:
        """Nothing takes the place of what stands there, whatever a reader made of it, unless that is `moved`. Formulas
        of a prepared row may give way.
        """
        if row in moved or sheet.sheet.row(row) is None:
            return
        for column in columns:
            cell = sheet.sheet.cell_at(row, column)
            if cell is not None and cell.child("f") is None and self._holds_something(cell):
                raise UnsupportedEdit(
                    f"{target.sheet}: the cell {column_letters(column)}{row}, where {what_goes}, holds something that "
                    "was not read. Open the workbook in Excel, see what stands there, and save it."
                )

    def _holds_something(self, cell: Element) -> bool:
        value = cell.child("v")
        if cell.attributes.get("t") == "s" and value is not None:
            return value.text.strip() not in self._blank_strings
        return any(not shows_nothing(part.text) for name in ("v", "t") for part in cell.descendants(name))

    @cached_property
    def _blank_strings(self) -> frozenset[str]:
        """How a cell says that it holds a shared string of which nothing is to be seen: by its number, or by none at
        all.
        """
        parts = self._package.there(self._layout.part, "sharedStrings")
        items = parse(self._package.read(parts[0]), parts[0]).children if parts else ()
        return frozenset(
            ("", *(str(n) for n, item in enumerate(items) if all(shows_nothing(t.text) for t in item.descendants("t"))))
        )

    @property
    def _fit(self) -> Fit:
        """What gives a format that shows a value for what it is; the same where there are no formats."""
        return self._styles[1].fit if self._styles else lambda style, _: style

    def end_with(self, target: AppendTarget, last: int) -> None:
        """Have a sheet's data end with row `last`: what stands below is to be taken out. The Table stays as it is."""
        self._appended[target.sheet] = _Appended(target, growth_of(target, ()), last)

    def set_value(self, sheet: str, row: int, column: int, value: object, *, like: int | None = None) -> None:
        """Put a value into a cell, which keeps its format, or has that of its column's cell in the row `like`."""
        _, xml = self._sheet(sheet)
        style = xml.sheet.style_for(row if like is None else like, column)
        xml.put(row, {column: Cell(value, self._fit(style, value))})

    def set_results(self, sheet: str, row: int, results: Mapping[int, object]) -> None:
        """Put results (column number to value) beside the formulas that stand in a row; other cells stay."""
        self._sheet(sheet)[1].put(row, {column: Cached(value) for column, value in results.items()})

    def clear_results(self, sheet: str) -> None:
        """Take the results off all formulas of a sheet, so that whoever opens the workbook computes them."""
        self._sheet(sheet)[1].clear_results()

    def formula_at(self, sheet: str, row: int, column: int) -> str | None:
        """The formula that stands in a cell, without its `=`; None where there is none."""
        formula = self._sheet(sheet)[1].sheet.formulas_at(row).get(column)
        return None if formula is None else formula.text

    def add_column(self, target: AppendTarget, column: NewColumn) -> int:
        """Add a column at the right end of the data, after those added before, whose header looks like the one before
        it; gives its number on the sheet.

        Raises UnsupportedEdit where the header is taken, or something stands in the place.
        """
        entry, sheet = self._sheet(target.sheet)
        _, added = self._columns.setdefault(target.sheet, (target, []))
        number = target.columns.stop + len(added)
        refuse_header(target, column.header, added)
        refuse_taken(self._package, self._layout, entry, sheet.sheet, target, number)
        before, styles = target.columns[-1], self._styles
        style = sheet.sheet.style_for(target.last_row, before)
        if column.number_format is not None and styles:
            style = styles[1].with_number_format(style, column.number_format)
        sheet.widen(target, number, column, style)
        sheet.put(target.header_row, {number: Cell(column.header, sheet.sheet.style_for(target.header_row, before))})
        for row, value in column.values.items():
            sheet.put(row, {number: Cell(value, self._fit(style, value))})
        added.append(column.header)
        return number

    def move_heading(self, sheet: str, row: int, last: int) -> None:
        """Take along what holds the headers of a sheet in sight and repeats them, as they move from `row` to the one
        below it; its data end with `last`.
        """
        from refundbook.xlsx.writing.heading import Heading, moved_names

        heading = Heading(row, last)
        self._renaming.append(partial(moved_names, sheet=sheet, heading=heading))
        self._sheet(sheet)[1].move_heading(heading)

    def print_all(self, sheet: str, cells: Range) -> None:
        """Have all of these cells printed, where there is a print area that ends among them."""
        self._renaming.append(partial(extended_area, sheet=sheet, cells=cells))

    def build(self) -> Built:
        """The new file. Parts that no change touches are in it byte for byte. Raises UnsupportedEdit where it must not
        be changed.
        """
        if self._package.related("", "origin"):
            # ECMA-376 Part 2, 10.4.2: the signatures are found from the one relationship of this kind.
            raise UnsupportedEdit(
                "The workbook is digitally signed, and any change breaks the signature. Remove it in Excel (File > "
                "Info > View Signatures), or keep this file as it is and go on with a copy without it."
            )
        growths = [appended.growth for appended in self._appended.values() if appended.growth.added]
        for appended in self._appended.values():
            self._refuse_overlap(appended.target.table, appended.growth)
        self._grow_other_sheets(growths)
        sheets = {part: made for part, sheet in self._sheets.items() if (made := sheet.result()) is not None}
        changes: dict[str, bytes | None] = {part: sheet.xml for part, sheet in sheets.items()}
        renamed = [*grown_names(self._layout.root, growths)]
        renamed += [edit for renaming in self._renaming for edit in renaming(self._layout.root)]
        changes[self._layout.part] = changed_workbook(self._package.read(self._layout.part), self._layout.root, renamed)
        changes.update(self._grown_parts(growths))
        changes.update(self._appended_tables(growths))
        changes.update((part, content) for part, content in self._moved_comments(growths) if content is not None)
        changes.update(widened_tables(self._columns.values(), changes, self._package))
        if self._styles is not None and self._styles[1].added:
            changes[self._styles[0]] = self._styles[1].xml
        needed = {part: content for part, content in changes.items() if content is not None}
        # Excel takes a calculation chain that names a cell without a formula for damage; it makes a new one where there
        # is none.
        chains = self._chains() if any(sheet.lost_formula for sheet in self._sheets.values()) else ()
        if chains:
            needed.update(self._package.cut_loose(self._layout.part, chains))
        return self._built(sheets, needed, chains)

    def _built(self, sheets: Mapping[str, SheetPart], changes: Mapping[str, bytes], without: Sequence[str]) -> Built:
        first = {self._sheet(sheet)[0].part: appended.first_kept for sheet, appended in self._appended.items()}
        elided = dict(self._elided)
        packed: dict[str, bytes | Packed] = dict(changes)
        outgrown: set[str] = set()
        for part, kept in self._elided.items():
            if part in sheets:
                made = rewritten(self._opened[part], sheets[part], first.get(part, kept.first_kept))
                packed[part], elided[part] = made.member, made.elided
                outgrown.update(() if made.may_be_cut else (part,))
        targets = {
            sheet: appended.target.grown(appended.last, scan_cells(elided[part].xml)[0])
            for sheet, appended in self._appended.items()
            if (part := self._sheet(sheet)[0].part) in elided
        }
        written = {part: sheet for part, sheet in sheets.items() if part in self._elided}
        unwritten = {part: self._sheets[part].sheet for part in written}
        styles, pieces = self._styles[1].xml if self._styles else None, self._package.pieces(packed, without)
        return Built(pieces, elided, targets, self.mentions, frozenset(outgrown), written, unwritten, styles)

    def _chains(self) -> Sequence[str]:
        """The calculation chain, and whatever else the workbook takes for one that is there; no part that it is
        something else.
        """
        found = self._package.there(self._layout.part, "calcChain")
        return [part for part in found if self._package.content_type(part).lower().endswith("calcchain+xml")]

    def _refuse_overlap(self, table: Table | None, growth: Growth) -> None:
        entry, _ = self._sheet(growth.sheet)
        reach = growth.new_last + growth.totals_rows
        grown = Range(growth.cells.left, growth.old_last + 1, growth.cells.right, reach) if growth.added else None
        for other in self._layout.tables(entry):
            if table is None and other.header_rows == 0 and other.range.overlaps(growth.cells):
                raise UnsupportedEdit(
                    f"{growth.sheet}: the Table {quoted(other.name)} has no header row, and a new row would not be in "
                    "it. Click into it and tick Table Design > Header Row, then see that row 1 holds the headers once."
                )
            if grown is not None and (table is None or other.part != table.part) and grown.overlaps(other.range):
                raise UnsupportedEdit(
                    f"{growth.sheet}: the Table {quoted(other.name)} stands in row {other.range.top}, where the next "
                    "row would go. Move it to the side."
                )

    def _grow_other_sheets(self, growths: Sequence[Growth]) -> None:
        """Formulas, validations, formats and sparklines on other sheets may refer to a Table that grew."""
        for entry in self._layout.sheets if growths else ():
            if entry.is_grid and (entry.part in self._elided or entry.part in self.mentions):
                sheet = self._sheet(entry.name)[1]
                for growth in growths:
                    if growth.sheet != entry.name and range_growth.may_point_to(sheet.sheet.xml, [growth.sheet]):
                        sheet.grow(growth, own_sheet=False)

    def _appended_tables(self, growths: Sequence[Growth]) -> Iterator[tuple[str, bytes]]:
        for appended in self._appended.values():
            table = appended.target.table
            if table is not None:
                others = [growth for growth in growths if growth.sheet != appended.growth.sheet]
                yield (
                    table.part,
                    range_growth.grown_table(self._package.read(table.part), table, appended.growth, others),
                )

    def _moved_comments(self, growths: Sequence[Growth]) -> Iterator[tuple[str, bytes | None]]:
        for growth in growths:
            entry, _ = self._sheet(growth.sheet)
            if not growth.totals_rows:
                continue
            for kind in ("comments", "threadedComment"):
                for part in self._package.there(entry.part, kind):
                    yield part, range_growth.moved_comments(self._package.read(part), part, growth)
            for part in self._package.there(entry.part, "vmlDrawing"):
                yield part, range_growth.moved_notes(self._package.read(part), growth)

    def _grown_parts(self, growths: Sequence[Growth]) -> Iterator[tuple[str, bytes | None]]:
        for part in self.mentions if growths else ():
            grow = range_growth.grow_of(self._package.content_type(part))
            if grow is not None:
                xml = self._package.read(part)
                named = [growth for growth in growths if range_growth.may_refer_to(xml, growth.sheet)]
                yield part, grow(xml, part, named) if named else None
        for entry in self._layout.sheets if growths else ():
            is_grown = entry.name in self._grown
            for part in self._package.related(entry.part, "table") if entry.is_grid else ():
                if is_grown or part in self.mentions:
                    own = [(growth, growth.sheet == entry.name) for growth in growths]
                    yield part, range_growth.grown_other_table(self._package.read(part), part, own)

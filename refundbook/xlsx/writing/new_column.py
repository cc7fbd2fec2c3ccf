"""A column that is added at the right end of a Table (ECMA-376 Part 1, 18.5.1), or of plain columns under headers.

Here is what of it stands outside of the cells: the Table's part, the sheet's `cols` (18.3.1.17) and its filter
(18.3.1.2).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from refundbook.base.a1 import MAX_COLUMN, MAX_ROW, Range, column_letters
from refundbook.base.errors import UnsupportedEdit
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.text import quoted
from refundbook.xlsx.package.package import Package
from refundbook.xlsx.package.workbook_part import Layout, SheetEntry
from refundbook.xlsx.package.xml_splice import (
    Edit,
    Element,
    append_child,
    escape,
    parse,
    set_attribute,
    set_text,
    splice,
)
from refundbook.xlsx.writing.append_target import AppendTarget
from refundbook.xlsx.writing.sheet_part import SheetPart

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.xlsx.writing.list_check import Check

_BEFORE_COLUMNS = ("sheetPr", "dimension", "sheetViews", "sheetFormatPr")
_FILTERED = r"\$([A-Z]{1,3})\$([0-9]+):\$([A-Z]{1,3})\$([0-9]+)$"


class NewColumn(NamedTuple):
    """A column to add: its header, its width in characters, the format code of its cells (None for that of the column
    before it), values by row, and what may be typed into it (None: anything).
    """

    header: str
    width: float
    number_format: str | None = None
    values: Mapping[int, object] = MappingProxyType({})
    check: Check | None = None


Added = tuple[AppendTarget, Sequence[str]]
"""Where columns were added, and their headers."""


def refuse_header(target: AppendTarget, header: str, others: Sequence[str]) -> None:
    """Raise UnsupportedEdit where the Table has a column of this name: in a Table upper and lower case are the same
    (18.5.1.3).
    """
    there = [*others, *(column.header for column in target.table.columns)] if target.table else list(others)
    same = next((name for name in there if name.casefold() == header.casefold()), None)
    if same is not None:
        raise UnsupportedEdit(
            f"{target.sheet} has a column {quoted(same)} already. If it is meant for the same, give it the header "
            f"{quoted(header)}; else rename it."
        )


def refuse_taken(
    package: Package, layout: Layout, entry: SheetEntry, sheet: SheetPart, target: AppendTarget, number: int
) -> None:
    """Raise UnsupportedEdit, naming the cell, where something stands in the column `number`, beside the
    data or below.
    """
    target.access.refuse_refreshed(target.sheet)
    if number > MAX_COLUMN:
        raise UnsupportedEdit(
            f"{target.sheet} is full: no column is left at the right of column {column_letters(number - 1)}."
        )
    column = Range(number, target.header_row, number, MAX_ROW)
    taken = next(_things_in(package, layout, entry, sheet, column), None)
    if taken is not None:
        letters = column_letters(number)
        raise UnsupportedEdit(
            f"{target.sheet}: {taken}, right of the data, where the new column goes. Make room for it: right-click "
            f"the letter {letters} above the sheet, choose Insert, and save."
        )


def _things_in(package: Package, layout: Layout, entry: SheetEntry, sheet: SheetPart, column: Range) -> Iterator[str]:
    for table in layout.tables(entry):
        if table.range.overlaps(column):
            yield f"the Table {quoted(table.name)} stands in {table.range}"
    for merged in sheet.frame.descendants("mergeCell"):
        if _overlaps(merged.attributes.get("ref", ""), column):
            yield f"the cells {merged.attributes['ref']} are merged"
    for part in package.there(entry.part, "pivotTable"):
        place = package.root(part).child("location")
        if place is not None and _overlaps(place.attributes.get("ref", ""), column):
            yield f"a pivot table stands in {place.attributes['ref']}"
    for row in _rows_with(sheet, column):
        cell = sheet.cell_at(row, column.left)
        if cell is not None and (
            cell.child("v") is not None or cell.child("is") is not None or cell.child("f") is not None
        ):
            yield f"the cell {column_letters(column.left)}{row} is not empty"


def _rows_with(sheet: SheetPart, column: Range) -> list[int]:
    """The rows that may have a cell in the column: of a sheet whose cells state their addresses only those where it is
    stated.
    """
    letters = column_letters(column.left)
    if not sheet.rows.are_numbered or sheet.rows.columns_stated is None:
        return sheet.rows.among(range(column.top, MAX_ROW + 1))
    if letters.encode() not in sheet.rows.columns_stated:
        return []
    body = sheet.rows.markup[sheet.rows.body : sheet.rows.body_end]
    stated = rb"""\sr\s*=\s*["']\s*%s([0-9]+)""" % letters.encode()
    return sorted({row for found in re.findall(stated, body, re.IGNORECASE) if (row := int(found)) >= column.top})


def _overlaps(ref: str, cells: Range) -> bool:
    try:
        return Range.parse(ref).overlaps(cells)
    except ValueError:
        return False


def widened_tables(
    added: Iterable[Added], changes: Mapping[str, bytes | None], package: Package
) -> Iterator[tuple[str, bytes]]:
    """The parts of the Tables that columns were added to, with what else is changed in them."""
    for target, headers in added:
        if target.table is not None and headers:
            part = target.table.part
            yield part, _widened_table(changes.get(part) or package.read(part), part, headers)


def _widened_table(xml: bytes, part: str, headers: Sequence[str]) -> bytes:
    """A Table's part with columns at its right end, which have ids of their own (18.5.1.3); its filter, and what it was
    sorted in, reach over them.
    """
    root = parse(xml, part)
    cells = Range.parse(root.attributes["ref"])
    columns = next(root.descendants("tableColumns"))
    first = 1 + max((column.whole("id", 0) for column in columns.children), default=0)
    made = b"".join(
        b'<%stableColumn id="%d" name="%s"/>'
        % (columns.prefix, first + at, escape(header.replace("\n", "_x000a_"), quote=True))
        for at, header in enumerate(headers)
    )
    edits = [append_child(xml, columns, made), _widened(xml, root, cells, len(headers))]
    if "count" in columns.attributes:
        edits.append(set_attribute(xml, columns, "count", str(len(columns.children) + len(headers))))
    for element in _ranges(root):
        edits += _widened_if(xml, element, cells, len(headers))
    return splice(xml, edits)


def _ranges(root: Element) -> Iterator[Element]:
    for child in root.children:
        if child.name in ("autoFilter", "sortState"):
            yield child
            yield from (inner for inner in child.children if inner.name == "sortState")


def _widened_if(xml: bytes, element: Element, cells: Range, count: int) -> Iterator[Edit]:
    """What reaches from the left to the right end of the data goes on doing so."""
    try:
        found = Range.parse(element.attributes.get("ref", ""))
    except ValueError:
        return
    if (found.left, found.right) == (cells.left, cells.right):
        yield _widened(xml, element, found, count)


def _widened(xml: bytes, element: Element, cells: Range, count: int) -> Edit:
    return set_attribute(xml, element, "ref", str(cells._replace(right=cells.right + count)))


def widened_filter(sheet: SheetPart, target: AppendTarget, count: int) -> Iterator[Edit]:
    """The filter over plain columns that have no Table, as an edit of the sheet's frame."""
    cells = Range(target.first_column, target.header_row, target.columns[-1], target.last_row)
    for element in sheet.frame.children:
        if element.name == "autoFilter" and target.table is None:
            yield from _widened_if(sheet.frame_xml, element, cells, count)


def widened_names(workbook: Element, added: Iterable[Added]) -> Iterator[Edit]:
    """The names by which the workbook part keeps the filters over plain columns (18.2.5)."""
    targets = {target.sheet.casefold(): (target, len(headers)) for target, headers in added if target.table is None}
    sheets = [element.attributes.get("name", "").casefold() for element in workbook.descendants("sheet")]
    for element in workbook.descendants("definedName") if targets else ():
        at, found = element.attributes.get("localSheetId", ""), re.search(_FILTERED, element.text)
        sheet = sheets[int(at)] if at.isdecimal() and int(at) < len(sheets) else ""
        if sheet not in targets or not found or element.attributes.get("name") != "_xlnm._FilterDatabase":
            continue
        target, count = targets[sheet]
        cells = Range.parse(found[0])
        if (cells.left, cells.right) == (target.first_column, target.columns[-1]):
            right = column_letters(cells.right + count)
            yield set_text(element, f"{element.text[: found.start()]}${found[1]}${found[2]}:${right}${found[4]}")


def column_edits(sheet: SheetPart, made: Mapping[int, tuple[float, int]]) -> Iterator[Edit]:
    """The widths and formats of columns by number, as edits of the part: in `cols` each column stands once, in order
    (18.3.1.17).
    """
    prefix = sheet.rows.prefix
    new = {number: _col(prefix, number, width, style) for number, (width, style) in sorted(made.items())}
    existing = sheet.frame.child("cols")
    if existing is None or not existing.children:
        xml = b"<%scols>%s</%scols>" % (prefix, b"".join(new.values()), prefix)
        start = end = _place_of_columns(sheet)
        if existing is not None:
            start, end = existing.start, existing.end
        yield Edit(start, end, xml)
        return
    for col in existing.children:
        first, last = col.whole("min", 1), col.whole("max", 1)
        within = {number: new.pop(number) for number in tuple(new) if first <= number <= last}
        if within:
            pieces = {**within, **dict(_others(sheet.frame_xml, col, within))}
            yield Edit(col.start, col.end, b"".join(pieces[number] for number in sorted(pieces)))
    for number, xml in new.items():
        before = [col.end for col in existing.children if col.whole("max", 1) < number]
        place = max(before, default=existing.inner)
        yield Edit(place, place, xml)


def _place_of_columns(sheet: SheetPart) -> int:
    """Behind what comes before them (18.3.1.99); an offset in the part, which up to its cells is that in its frame."""
    before = [child.end for child in sheet.frame.children if child.name in _BEFORE_COLUMNS]
    return max(before, default=sheet.frame.inner)


def _others(xml: bytes, col: Element, without: Collection[int]) -> Iterator[tuple[int, bytes]]:
    """What is left of an element of `cols`, by its first column, without columns that have one of their own now."""
    start, last = col.whole("min", 1), col.whole("max", 1)
    for stop in (*sorted(without), last + 1):
        if stop > start:
            edits = [set_attribute(xml, col, "min", str(start)), set_attribute(xml, col, "max", str(stop - 1))]
            yield start, splice(xml[col.start : col.end], [_moved(edit, -col.start) for edit in edits])
        start = stop + 1


def _moved(edit: Edit, by: int) -> Edit:
    return Edit(edit.start + by, edit.end + by, edit.replacement)


def _col(prefix: bytes, number: int, width: float, style: int) -> bytes:
    own = b' style="%d"' % style if style else b""
    return b'<%scol min="%d" max="%d" width="%s"%s customWidth="1"/>' % (prefix, number, number, b"%g" % width, own)

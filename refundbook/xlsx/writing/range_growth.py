"""Lets what ended with a Table grow with it, wherever in the workbook it stands: each function gives the edits of one
kind of part.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial

from refundbook.base.a1 import Range, column_letters
from refundbook.xlsx.package.workbook_part import Table
from refundbook.xlsx.package.xml_splice import (
    Edit,
    Element,
    escape,
    parse,
    parse_whole,
    set_attribute,
    set_text,
    splice,
)
from refundbook.xlsx.writing.formula_refs import Growth, Place
from refundbook.xlsx.writing.sheet_part import FormulaElement, SheetPart

SheetGrowth = tuple[Growth, bool]
"""A growth, and whether the Table is on the very sheet that is looked at."""

FORMULAS = ("formula", "formula1", "formula2", "f")
"""The elements of a sheet, its cells aside, that hold a formula."""
_RANGES = ("autoFilter", "sortState", "sortCondition")
_TO_CELL = rb"(?::[^!<>\"]{1,200})?(?:'|&apos;|&#0*39;|&#x0*27;)?\Z"
_MARKED_CELL = rb"!\$?(?:[A-Za-z]{1,3}\$?)?[0-9]"
"""With the number of a row: only a reference that has one can grow."""
_MOST_MARKS = 10_000
"""Where there are more, to look at each takes longer than to take the formulas apart."""
_WITHIN = 300
"""A sheet's name begins so many bytes before the `!` at most: with its quotes, and another sheet's of up to 200."""
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_. -]+")
_CLIENT_DATA = rb"(?s)<x:ClientData\b.*?</x:ClientData>"
_ANCHOR = rb"(<x:Anchor>)([0-9,\s]*)(</x:Anchor>)"
_CONTROL_RANGES = ("fmlaRange", "fmlaLink", "fmlaTxbx")


def may_refer_to(xml: bytes, sheet: str) -> bool:
    """Whether a part may refer to a sheet: whether its name stands there, in upper or lower case."""
    return _PLAIN_NAME.fullmatch(sheet) is None or sheet.lower().encode() in xml.lower()


def may_point_to(xml: bytes, sheets: Collection[str]) -> bool:
    """Whether a formula on another sheet may name cells of one of these: a name, or a span of sheets that begins with
    it, stands there before the `!` that comes before a cell (ECMA-376 Part 1, 18.17.2.3).
    """
    if any(_PLAIN_NAME.fullmatch(sheet) is None for sheet in sheets):
        return True
    if not sheets:
        return False
    names = b"|".join(re.escape(sheet.lower().encode()) for sheet in sheets)
    before, cell = re.compile(rb"(?:" + names + rb")" + _TO_CELL), re.compile(_MARKED_CELL)
    # The `!` is looked for first, which is rare: of names, which are not, a sheet of formulas can hold thousands. For a
    # single byte `find` takes a tenth of what a pattern does.
    at = xml.find(b"!")
    for _ in range(_MOST_MARKS):
        if at < 0:
            return False
        if cell.match(xml, at) and before.search(xml[max(0, at - _WITHIN) : at].lower()):
            return True
        at = xml.find(b"!", at + 1)
    return True


def grown_formulas(sheet: SheetPart, growths: Sequence[SheetGrowth]) -> Iterator[Edit]:
    """The formulas in a sheet's cells. Of a shared formula the first cell holds the text for all."""
    written = [number.encode() for growth, _ in growths for number in growth.rows_named]
    is_own = any(own for _, own in growths)
    for formula in sheet.formula_elements():
        xml = sheet.xml[formula.inner : formula.close]
        # A reference to another sheet has a `!` after its name. To take apart a formula that has none can cost more
        # than the rest of an append.
        if formula.inner < 0 or not (is_own or b"!" in xml) or not any(number in xml for number in written):
            continue
        place = _place(sheet, formula)
        old = sheet.text_of(formula)
        new = _through(old, [partial(growth.formula, own_sheet=own, place=place) for growth, own in growths])
        if new != old:
            yield Edit(formula.inner, formula.close, escape(new))


def _place(sheet: SheetPart, formula: FormulaElement) -> Place:
    row, column = sheet.address_of(formula) or (None, None)
    area = formula.area
    return Place(row, column, area.bottom - area.top + 1 if formula.kind == "shared" and area else 1)


def grown_frame(xml: bytes, root: Element, growths: Sequence[SheetGrowth]) -> Iterator[Edit]:
    """The ranges in a sheet's validations, formats, filters and extensions; `xml` is the sheet without its cells."""
    own = [growth for growth, own_sheet in growths if own_sheet]
    formulas = [partial(growth.formula, own_sheet=own_sheet) for growth, own_sheet in growths]
    lists = [growth.sqref for growth in own]
    for element in _below(root):
        if "sqref" in element.attributes and element.name != "selection":
            yield from _grown_attribute(xml, element, "sqref", lists)
        elif element.name in _RANGES:
            yield from _grown_attribute(xml, element, "ref", [growth.ref for growth in own])
        elif element.name in FORMULAS:
            yield from _grown_text(element, formulas)
        elif element.name == "sqref" and element.parent is not None and element.parent.name != "sparkline":
            yield from _grown_text(element, lists)


def grown_table(xml: bytes, table: Table, growth: Growth, others: Iterable[Growth] = ()) -> bytes:
    """The part of the Table itself: its range, its filter, what it is sorted by, the formulas of its columns (ECMA-376
    Part 1, 18.5.1.2).

    These may name cells of other sheets, which grow by `others`.
    """
    root = parse_whole(xml, table.part)
    cells = table.range
    edits = [*_without_insert_row(xml, root)]
    if growth.added:
        whole = Range(cells.left, cells.top, cells.right, cells.bottom + growth.added)
        edits.append(set_attribute(xml, root, "ref", str(whole)))
    for element in _below(root):
        if element.name == "autoFilter" and element.parent is root:
            filtered = Range(cells.left, cells.top, cells.right, growth.new_last)
            if element.attributes.get("ref") != str(filtered):
                edits.append(set_attribute(xml, element, "ref", str(filtered)))
        elif element.name in _RANGES:
            edits += _grown_attribute(xml, element, "ref", [growth.ref])
    edits += _grown_column_formulas(root, [(growth, True), *((other, False) for other in others)])
    return splice(xml, edits)


def _without_insert_row(xml: bytes, root: Element) -> Iterator[Edit]:
    """An empty Table says that its one row is not data; Excel would write over a row there."""
    if root.attributes.get("insertRow") in ("1", "true"):
        yield set_attribute(xml, root, "insertRow", "0")


def grown_other_table(xml: bytes, part: str, growths: Sequence[SheetGrowth]) -> bytes | None:
    """The part of a Table that did not grow itself; None where nothing in it refers to one that did."""
    edits = list(_grown_column_formulas(parse_whole(xml, part), growths))
    return splice(xml, edits) if edits else None


def _grown_column_formulas(root: Element, growths: Sequence[SheetGrowth]) -> Iterator[Edit]:
    for element in _below(root):
        if element.name in ("calculatedColumnFormula", "totalsRowFormula"):
            place = Place(None, None) if element.name == "calculatedColumnFormula" else Place(0, 0)
            yield from _grown_text(element, [partial(g.formula, own_sheet=own, place=place) for g, own in growths])


def grown_chart(xml: bytes, part: str, growths: Sequence[Growth]) -> bytes | None:
    """A chart's series (ECMA-376 Part 1, 21.2.2.65), also those that a filter hides; None where none refers to a Table
    that grew.

    Those of a chart whose data are another workbook's (21.2.2.63) name that one's sheets.
    """
    root = parse(xml, part)
    if next(root.descendants("externalData"), None) is not None:
        return None
    steps = [partial(growth.formula, own_sheet=False) for growth in growths]
    edits = [edit for e in _below(root) if e.name in ("f", "sqref") for edit in _grown_text(e, steps)]
    return splice(xml, edits) if edits else None


def grown_pivot_cache(xml: bytes, part: str, growths: Sequence[Growth]) -> bytes | None:
    """The source of pivot tables (ECMA-376 Part 1, 18.10.1.95); None where it is not a range that ended with a Table
    that grew.

    One with a relationship is a range of another workbook, whatever its sheet is called.
    """
    edits: list[Edit] = []
    for element in _below(parse(xml, part)):
        is_outside = any(name.endswith("}id") for name in element.attributes)
        if element.name in ("worksheetSource", "rangeSet") and not is_outside:
            sheet = element.attributes.get("sheet", "").casefold()
            steps = [growth.ref for growth in growths if growth.sheet.casefold() == sheet]
            edits += _grown_attribute(xml, element, "ref", steps)
    return splice(xml, edits) if edits else None


def grown_control(xml: bytes, part: str, growths: Sequence[Growth]) -> bytes | None:
    """A form control's list and link (MS-XLSX 2.6.199); None where they refer to no Table that grew."""
    root = parse(xml, part)
    steps = [partial(growth.formula, own_sheet=False) for growth in growths]
    edits = [edit for name in _CONTROL_RANGES for edit in _grown_attribute(xml, root, name, steps)]
    return splice(xml, edits) if edits else None


def moved_comments(xml: bytes, part: str, growth: Growth) -> bytes | None:
    """Comments, and threads of them, on a totals row, which stay with their cells (ECMA-376 Part 1, 18.7.3); None where
    there are none.
    """
    edits: list[Edit] = []
    for element in _below(parse(xml, part)):
        if element.name in ("comment", "threadedComment"):
            edits += _grown_attribute(xml, element, "ref", [growth.ref])
    return splice(xml, edits) if edits else None


def moved_notes(xml: bytes, growth: Growth) -> bytes | None:
    """The boxes that the comments of a totals row are shown in, in VML (ECMA-376 Part 4, 19.4.2); None where there are
    none.
    """
    changed = re.sub(_CLIENT_DATA, partial(_moved_box, growth), xml)
    return changed if changed != xml else None


def _moved_box(growth: Growth, match: re.Match[bytes]) -> bytes:
    box = match[0]
    row, column = (re.search(rb"<x:%s>\s*([0-9]{1,7})\s*</x:%s>" % (name, name), box) for name in (b"Row", b"Column"))
    if row is None or column is None:
        return box
    # Both count from 0 here.
    address = f"{column_letters(int(column[1]) + 1)}{int(row[1]) + 1}"
    if growth.ref(address) == address:
        return box
    box = box.replace(row[0], b"<x:Row>%d</x:Row>" % (int(row[1]) + growth.added))
    return re.sub(_ANCHOR, partial(_moved_anchor, growth.added), box)


def _moved_anchor(added: int, match: re.Match[bytes]) -> bytes:
    """Left column, offset, top row, offset, right column, offset, bottom row, offset."""
    places = match[2].split(b",")
    for at in (2, 6) if len(places) == 8 else ():
        places[at] = b" %d" % (int(places[at]) + added)
    return match[1] + b",".join(places) + match[3]


def grown_names(root: Element, growths: Sequence[Growth]) -> Iterator[Edit]:
    """The defined names of the workbook part (ECMA-376 Part 1, 18.2.5), print areas among them."""
    steps = [partial(growth.formula, own_sheet=False) for growth in growths]
    for element in root.descendants("definedName"):
        yield from _grown_text(element, steps)


def _grown_text(element: Element, steps: Iterable[Callable[[str], str]]) -> Iterator[Edit]:
    new = _through(element.text, steps)
    if new != element.text:
        yield set_text(element, new)


def _grown_attribute(xml: bytes, element: Element, name: str, steps: Iterable[Callable[[str], str]]) -> Iterator[Edit]:
    old = element.attributes.get(name, "")
    new = _through(old, steps)
    if new != old:
        yield set_attribute(xml, element, name, new)


def _through(text: str, steps: Iterable[Callable[[str], str]]) -> str:
    for step in steps:
        text = step(text)
    return text


def _below(element: Element) -> Iterator[Element]:
    for child in element.children:
        yield child
        yield from _below(child)


_GROWN_PARTS: dict[str, Callable[[bytes, str, Sequence[Growth]], bytes | None]] = {
    "drawingml.chart+xml": grown_chart,
    "ms-office.chartex+xml": grown_chart,
    "pivotcachedefinition+xml": grown_pivot_cache,
    "ms-excel.controlproperties+xml": grown_control,
}
"""What refers to cells from outside of the sheets, by the end of its content type."""


def grow_of(content_type: str) -> Callable[[bytes, str, Sequence[Growth]], bytes | None] | None:
    """How a part of this type, no sheet or Table, grows; None where it refers to no cells."""
    kind = content_type.lower()
    return next((grow for ending, grow in _GROWN_PARTS.items() if kind.endswith(ending)), None)

"""Rows put in between those of a sheet without formulas (ECMA-376 Part 1, 18.3.1): what stands below moves down, with
the Tables, validations and formats there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from refundbook.base.a1 import MAX_ROW, Range
from refundbook.xlsx.package.package import Package
from refundbook.xlsx.package.workbook_part import Layout, SheetEntry, Table
from refundbook.xlsx.package.xml_splice import TAG, Edit, Element, parse, set_attribute, splice
from refundbook.xlsx.writing.sheet_part import SheetPart

_RANGES = ("ref", "sqref")
_BOUND = ("drawing", "legacyDrawing", "controls", "oleObjects", "rowBreaks", "picture", "extLst")
"""What is tied to rows in ways of its own."""
_TAG = re.compile(rb"<(?:[A-Za-z_][\w.\-]*:)?(?:row|c)(?=[\s/>])" + TAG)
_ADDRESS = re.compile(rb"""(\sr\s*=\s*["']\s*[A-Za-z]{0,3})([0-9]+)""")


def what_is_in_the_way(package: Package, layout: Layout, entry: SheetEntry, row: int) -> str:
    """What keeps rows from being put in above `row`; `""` for nothing."""
    sheet = SheetPart(package.read(entry.part), entry.part)
    if next(sheet.formula_elements(), None) is not None:
        return "it holds formulas"
    if bound := next((child.name for child in sheet.frame.children if child.name in _BOUND), ""):
        return f"it holds a {bound}"
    for table in layout.tables(entry):
        if table.range.top < row <= table.range.bottom:
            return f"the Table {table.name} stands there"
    below = [place for place in _named_rows(package, layout, entry.name) if place >= row]
    return f"a formula elsewhere names its row {below[0]}" if below else ""


def _named_rows(package: Package, layout: Layout, sheet: str) -> Iterator[int]:
    """The rows of a sheet that formulas elsewhere name."""
    name = re.escape(sheet.replace("'", "''")).encode()
    cell = rb"\$?[A-Z]{0,3}\$?([0-9]+)"
    pattern = re.compile(rb"(?i)%s(?:'|&apos;)?!%s(?::%s)?" % (name, cell, cell))
    parts = [part for part in package.parts if part.lower().endswith(".xml") and part.lower().startswith("xl/")]
    for part in parts:
        for match in pattern.finditer(package.read(part)):
            yield from (int(number) for number in match.groups() if number)


def with_rows(xml: bytes, part: str, row: int, count: int, made: Mapping[int, bytes]) -> bytes:
    """A sheet with `count` rows put in above `row`; `made` is the XML of the new ones, by their numbers."""
    sheet = SheetPart(xml, part)
    rows = sheet.rows
    below = rows.among(range(row, MAX_ROW + 1))
    first = rows.span(below[0]) if below else None
    start = first[0] if first is not None else rows.body_end
    body = _TAG.sub(lambda tag: _moved_tag(tag[0], count), rows.markup[start : rows.body_end])
    new = b"".join(made[number] for number in sorted(made))
    prefix = rows.prefix
    data = b"<%ssheetData>%s%s%s</%ssheetData>" % (prefix, xml[rows.body : start], new, body, prefix)
    edits = [sheet.of_frame(edit) for edit in _moved_ranges(sheet.frame_xml, sheet.frame, row, count)]
    return splice(xml, [*edits, Edit(rows.start, rows.end, data)])


def _moved_tag(tag: bytes, count: int) -> bytes:
    return _ADDRESS.sub(lambda match: match[1] + str(int(match[2]) + count).encode(), tag, count=1)


def _moved_ranges(xml: bytes, element: Element, row: int, count: int) -> Iterator[Edit]:
    for child in element.children:
        for name in _RANGES:
            if name in child.attributes and child.name != "selection":
                moved = " ".join(moved_range(part, row, count) for part in child.attributes[name].split())
                if moved != child.attributes[name]:
                    yield set_attribute(xml, child, name, moved)
        yield from _moved_ranges(xml, child, row, count)


def moved_range(text: str, row: int, count: int) -> str:
    """A range after `count` rows were put in above `row`."""
    try:
        cells = Range.parse(text)
    except ValueError:
        return text
    top = cells.top + count if cells.top >= row else cells.top
    bottom = min(cells.bottom + count, MAX_ROW) if cells.bottom >= row else cells.bottom
    return str(cells._replace(top=top, bottom=bottom))


def moved_table(xml: bytes, part: str, row: int, count: int) -> bytes:
    """A Table's part after rows were put in above it."""
    root = parse(xml, part)
    own = set_attribute(xml, root, "ref", moved_range(root.attributes.get("ref", ""), row, count))
    return splice(xml, [own, *_moved_ranges(xml, root, row, count)])


def lengthened_table(xml: bytes, table: Table, count: int) -> bytes:
    """A Table's part, and its filter, with more rows at its end."""
    root = parse(xml, table.part)
    cells = table.range._replace(bottom=table.range.bottom + count)
    named: Iterable[Element] = (root, *(child for child in root.children if child.name == "autoFilter"))
    return splice(xml, [set_attribute(xml, element, "ref", str(cells)) for element in named])

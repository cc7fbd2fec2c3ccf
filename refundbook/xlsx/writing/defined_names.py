"""The defined names of a workbook (ECMA-376 Part 1, 18.2.5), read and given others; sheets put into it (18.2.19)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping

from refundbook.base.named_tuple import NamedTuple
from refundbook.xlsx.package.workbook_part import Layout
from refundbook.xlsx.package.xml_splice import Edit, Element, append_child, escape, parse, splice
from refundbook.xlsx.writing.package_edit import OFFICE, PackageEdit
from refundbook.xlsx.writing.workbook_xml import BEFORE_NAMES

_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
Key = tuple[str, str]
"""A name and the sheet that it holds for (`""`: all), in small letters."""


class Name(NamedTuple):
    """A defined name, the sheet that it holds for (`""`: all), what it stands for, and whether it is hidden."""

    name: str
    sheet: str
    text: str
    is_hidden: bool = False

    @property
    def key(self) -> Key:
        return self.name.casefold(), self.sheet.casefold()


def names_of(layout: Layout) -> dict[Key, Name]:
    """The names of a workbook."""
    return {name.key: name for name, _ in _elements(layout.root)}


def _sheets(root: Element) -> list[str]:
    return [element.attributes.get("name", "") for element in root.descendants("sheet")]


def _elements(root: Element) -> Iterator[tuple[Name, Element]]:
    sheets = _sheets(root)
    for element in root.descendants("definedName"):
        at = element.attributes.get("localSheetId", "")
        sheet = sheets[int(at)] if at.isdecimal() and int(at) < len(sheets) else ""
        hidden = element.attributes.get("hidden") in ("1", "true")
        yield Name(element.attributes.get("name", ""), sheet, element.text, hidden), element


def with_names(xml: bytes, part: str, changes: Mapping[Key, Name | None]) -> bytes:
    """The workbook part with these names, by their keys; None takes one away."""
    root = parse(xml, part)
    edits = []
    there = set()
    for name, element in _elements(root):
        if name.key in changes:
            there.add(name.key)
            changed = changes[name.key]
            edits.append(Edit(element.start, element.end, _written(root, changed) if changed else b""))
    made = b"".join(_written(root, name) for key, name in changes.items() if name is not None and key not in there)
    names = root.child("definedNames")
    if names is not None and made:
        edits.append(append_child(xml, names, made))
    elif made:
        before = [child.end for child in root.children if child.name in BEFORE_NAMES]
        edits.append(
            Edit(before[-1], before[-1], b"<%sdefinedNames>%s</%sdefinedNames>" % (root.prefix, made, root.prefix))
        )
    return splice(xml, edits)


def _written(root: Element, name: Name) -> bytes:
    sheets = [sheet.casefold() for sheet in _sheets(root)]
    place = b' localSheetId="%d"' % sheets.index(name.sheet.casefold()) if name.sheet else b""
    hidden = b' hidden="1"' if name.is_hidden else b""
    stated = b' name="%s"%s%s' % (escape(name.name, quote=True), place, hidden)
    return b"<%sdefinedName%s>%s</%sdefinedName>" % (root.prefix, stated, escape(name.text), root.prefix)


def add_sheet(edit: PackageEdit, workbook: str, name: str, xml: bytes, state: str) -> str:
    """Put a sheet into the workbook, as its last; gives its part. `state` is `visible` or `hidden`."""
    part = edit.add("xl/worksheets/sheet1.xml", xml, _SHEET_TYPE)
    number = edit.relate(workbook, "worksheet", part)
    there = edit.read(workbook)
    root = parse(there, workbook)
    sheets = root.child("sheets")
    assert sheets is not None  # a workbook has one
    last = max(element.whole("sheetId", 0) for element in sheets.children)
    entry = b'<%ssheet xmlns:r="%s" name="%s" sheetId="%d" state="%s" r:id="%s"/>' % (
        *(root.prefix, OFFICE.encode(), escape(name, quote=True), last + 1, state.encode(), number.encode()),
    )
    edit.put(workbook, splice(there, [append_child(there, sheets, entry)]))
    return part


def uses(names: Collection[str]) -> Callable[[str], bool]:
    """Tells whether a formula uses one of these names."""
    if not names:
        return lambda _: False
    pattern = re.compile(rf"(?<![\w.!\[])(?:{'|'.join(map(re.escape, names))})(?![\w.(\[!])", re.IGNORECASE)
    return lambda formula: pattern.search(re.sub(r'"[^"]*"', '""', formula)) is not None

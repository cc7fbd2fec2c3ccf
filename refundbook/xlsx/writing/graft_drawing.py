"""The charts of a sheet (ECMA-376 Part 1, 20.5 and 21.2): whether they are those of another workbook, and putting those
into the place of a sheet's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from refundbook.xlsx.package.package import Package
from refundbook.xlsx.package.xml_splice import Edit, Element, parse, splice
from refundbook.xlsx.package.xml_tree import Meaning
from refundbook.xlsx.writing.package_edit import OFFICE, PackageEdit
from refundbook.xlsx.writing.sheet_content import ORDER, SheetContent

_ANCHORS = ("oneCellAnchor", "twoCellAnchor", "absoluteAnchor")
_STATED = ("barDir", "grouping")
_COLOURS = ("srgbClr", "schemeClr")
_ID = f"{{{OFFICE}}}id"


def drawing_of(sheet: SheetContent) -> str:
    """The part of a sheet's drawing; `""` where it has none."""
    found = sheet.book.package.there(sheet.name, "drawing") if sheet.name else ()
    return found[0] if found else ""


def bytes_of(sheet: SheetContent) -> tuple[bytes, ...]:
    """A sheet's drawing and its charts, byte for byte."""
    package, part = sheet.book.package, drawing_of(sheet)
    return tuple(package.read(name) for name in (part, *package.there(part, "chart"))) if part else ()


def references(sheet: SheetContent) -> list[list[str]]:
    """The cells that each chart of a sheet shows."""
    package, part = sheet.book.package, drawing_of(sheet)
    charts = package.there(part, "chart") if part else ()
    return [[f.text for f in package.root(chart).descendants("f")] for chart in charts]


def drawn(sheet: SheetContent) -> list[Meaning]:
    """What stands in a sheet's drawing and where, without what programs write as they like: of a chart its kind, the
    cells that it shows, its texts and the colours of its series.
    """
    package, part = sheet.book.package, drawing_of(sheet)
    if not part:
        return []
    charts = {r.id: r.target for r in package.relationships(part) if r.kind == "chart" and not r.external}
    anchors = [child for child in package.root(part).children if child.name in _ANCHORS]
    return [(*_place(anchor), *_held(package, anchor, charts)) for anchor in anchors]


def _place(anchor: Element) -> Iterator[str]:
    start = anchor.child("from")
    for name in ("col", "row"):
        found = start.child(name) if start is not None else None
        yield found.text if found is not None else ""


def _held(package: Package, anchor: Element, charts: Mapping[str, str]) -> Iterator[object]:
    found = [element.attributes.get(_ID, "") for element in anchor.descendants("chart")]
    if not found:
        yield from (child.name for child in anchor.children)
    for name in found:
        if name in charts and charts[name] in package:
            yield from _said(package.root(charts[name]), is_series=False)


def _said(element: Element, *, is_series: bool) -> Iterator[object]:
    for child in element.children:
        if child.name.endswith("Chart"):
            yield child.name
        elif child.name in _STATED:
            yield child.attributes.get("val", "")
        elif child.name in ("f", "t"):
            yield child.text
        elif is_series and child.name in _COLOURS:
            yield child.attributes.get("val", "").upper()
        yield from _said(child, is_series=is_series or child.name == "ser")


def put_drawing(edit: PackageEdit, part: str, old: str, new: SheetContent) -> None:
    """Give the sheet in `part` the drawing of another workbook's sheet, in the place of the one in the part `old`
    (`""` for none).
    """
    source, theirs = new.book.package, drawing_of(new)
    if old:
        edit.remove(old, edit.package.there(old, "chart"))
        target = old
    else:
        target = edit.add("xl/drawings/drawing1.xml", b"", source.content_type(theirs))
        edit.put(part, _with_drawing(edit.read(part), part, edit.relate(part, "drawing", target)))
    ids = {}
    for relationship in source.relationships(theirs):
        chart = relationship.target
        made = edit.add("xl/charts/chart1.xml", source.read(chart), source.content_type(chart))
        ids[relationship.id] = edit.relate(target, relationship.kind, made)
    xml = source.read(theirs)
    edit.put(target, splice(xml, _renumbered(xml, parse(xml, theirs), ids)))


def _renumbered(xml: bytes, root: Element, ids: Mapping[str, str]) -> Iterator[Edit]:
    """The references of a drawing to its charts by the ids that these have now."""
    for element in root.descendants("chart"):
        number = ids.get(element.attributes.get(_ID, ""))
        if number is not None:
            tag = xml[element.start : element.inner]
            before = element.attributes[_ID].encode()
            yield Edit(element.start, element.inner, tag.replace(b'"%s"' % before, b'"%s"' % number.encode()))


def _with_drawing(xml: bytes, part: str, number: str) -> bytes:
    root = parse(xml, part)
    place = ORDER.index("drawing")
    before = [child.end for child in root.children if child.name in ORDER[:place]]
    start = max(before, default=root.inner)
    made = b'<%sdrawing xmlns:r="%s" r:id="%s"/>' % (root.prefix, OFFICE.encode(), number.encode())
    return splice(xml, [Edit(start, start, made)])

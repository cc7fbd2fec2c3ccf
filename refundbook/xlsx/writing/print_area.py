"""A sheet's print area that follows rows which no Table holds (ECMA-376 Part 1, 18.2.5)."""

from __future__ import annotations

from collections.abc import Iterator

from refundbook.base.a1 import Range
from refundbook.xlsx.package.xml_splice import Edit, Element, set_text
from refundbook.xlsx.writing.workbook_xml import names_of_sheet


def extended_area(workbook: Element, sheet: str, cells: Range) -> Iterator[Edit]:
    """The change of a print area that ends among `cells`, so that it holds them all: one that is narrower, or several
    ranges, or a formula is somebody's own.
    """
    for element in names_of_sheet(workbook, sheet):
        place, _, address = element.text.rpartition("!")
        if element.attributes.get("name") != "_xlnm.Print_Area":
            continue
        try:
            area = Range.parse(address)
        except ValueError:
            continue
        is_as_wide = area.left <= cells.left and cells.right <= area.right
        if place and is_as_wide and area.top <= cells.top <= area.bottom < cells.bottom:
            yield set_text(element, f"{place}!{address.rstrip('0123456789')}{cells.bottom}")

"""A header row that moves one row down: what holds it in sight and repeats it goes with it (ECMA-376 Part 1, 18.3.1.66,
18.3.1.2, 18.2.5).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from refundbook.base.a1 import Range, column_letters
from refundbook.base.named_tuple import NamedTuple
from refundbook.xlsx.package.xml_splice import Edit, Element, set_attribute, set_text
from refundbook.xlsx.writing.workbook_xml import names_of_sheet

_SORTED = ("sortState", "sortCondition")
_REPEATED = r"\$([0-9]+):\$([0-9]+)"
_FILTERED = r"\$([A-Z]{1,3})\$([0-9]+):\$([A-Z]{1,3})\$([0-9]+)$"


class Heading(NamedTuple):
    """Headers that moved from `row` into the one below it, over data that end with `last`."""

    row: int
    last: int

    def filtered(self, ref: str) -> str:
        """A range that begins with the headers, as it is now; any other as it is."""
        try:
            cells = Range.parse(ref)
        except ValueError:
            return ref
        if cells.top != self.row or cells.bottom == self.row:
            return ref
        return str(cells._replace(top=self.row + 1, bottom=max(cells.bottom, self.last)))

    def sorted(self, ref: str) -> str:
        """A range that begins below the headers, as it is now; any other as it is."""
        try:
            cells = Range.parse(ref)
        except ValueError:
            return ref
        if cells.top != self.row + 1 or cells.bottom <= self.row + 1:
            return ref
        return str(cells._replace(top=self.row + 2, bottom=max(cells.bottom, self.last)))


def moved_frame(xml: bytes, frame: Element, heading: Heading) -> Iterator[Edit]:
    """The sheet's frozen panes, its filter and what it is sorted by; `xml` is the sheet without its cells."""
    for pane in frame.descendants("pane"):
        yield from _moved_pane(xml, pane, heading)
    for element in frame.descendants("autoFilter"):
        if element.parent is frame:
            yield from _moved_ref(xml, element, heading.filtered(element.attributes.get("ref", "")))
    for name in _SORTED:
        for element in frame.descendants(name):
            yield from _moved_ref(xml, element, heading.sorted(element.attributes.get("ref", "")))


def _moved_pane(xml: bytes, pane: Element, heading: Heading) -> Iterator[Edit]:
    if pane.attributes.get("state") not in ("frozen", "frozenSplit") or pane.attributes.get("ySplit") != str(
        heading.row
    ):
        return
    yield set_attribute(xml, pane, "ySplit", str(heading.row + 1))
    corner = pane.attributes.get("topLeftCell", "")
    try:
        cell = Range.parse(corner)
    except ValueError:
        return
    if cell.top == heading.row + 1:
        yield set_attribute(xml, pane, "topLeftCell", f"{column_letters(cell.left)}{heading.row + 2}")


def _moved_ref(xml: bytes, element: Element, ref: str) -> Iterator[Edit]:
    if ref != element.attributes.get("ref", ""):
        yield set_attribute(xml, element, "ref", ref)


def moved_names(workbook: Element, sheet: str, heading: Heading) -> Iterator[Edit]:
    """The names by which the workbook part keeps a sheet's repeated rows and its filter."""
    for element in names_of_sheet(workbook, sheet):
        name, new = element.attributes.get("name", ""), element.text
        if name == "_xlnm.Print_Titles":
            new = re.sub(_REPEATED, lambda rows: _with_headers(rows, heading), element.text)
        elif name == "_xlnm._FilterDatabase" and (cells := re.search(_FILTERED, element.text)):
            moved = Range.parse(heading.filtered(cells[0]))
            left, right = column_letters(moved.left), column_letters(moved.right)
            new = f"{element.text[: cells.start()]}${left}${moved.top}:${right}${moved.bottom}"
        if new != element.text:
            yield set_text(element, new)


def _with_headers(rows: re.Match[str], heading: Heading) -> str:
    """Repeated rows that ended with the headers reach to where these are now."""
    return f"${rows[1]}:${heading.row + 1}" if int(rows[2]) == heading.row else rows[0]

"""Changes rows that are written the usual way by one pattern: to read the elements of a row takes several times as
long as all else, and to begin an XML parser for each row longer still.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from refundbook.base.a1 import column_number
from refundbook.base.named_tuple import NamedTuple
from refundbook.xlsx.package.xml_splice import Edit, Element, set_attribute, splice
from refundbook.xlsx.writing.cell_xml import Cached, Cell, cell_xml, escape_text, number_text
from refundbook.xlsx.writing.row_height import RowHeights, fitted

_STATED = r' ([A-Za-z0-9:]+)="([^"<>&]*)"'
_OPENING = rb'<row(?: [A-Za-z0-9:]+="[^"<>&]*")*>'
_FORMULA = rb'<f(?: [A-Za-z0-9]+="[^"<>]*")*(?:/>|>[^<]*</f>)'
_TEXT = rb'<is><t(?: xml:space="preserve")?>[^<]*</t></is>'
_CELL = (
    rb'<c r="(?P<column>[A-Z]{1,3})[0-9]{1,7}"(?: s="(?P<style>[0-9]{1,9})")?(?P<type>(?: t="[A-Za-z]+")?)(?:/>|>'
    rb"(?:(?P<formula>" + _FORMULA + rb")(?P<value>(?:<v>[^<]*</v>)?)|<v>[^<]*</v>|" + _TEXT + rb"|)</c>)"
)
_CLOSING = b"</row>"
_SPANS = rb'<row[^>]* spans="([0-9]{1,5}):([0-9]{1,5})"'

Cells = dict[int, "re.Match[bytes]"]
"""Where the cells of a row stand, and what of them, by column."""


class Changed(NamedTuple):
    """A row as it was changed, and whether a formula gave way to a value."""

    xml: bytes
    lost_formula: bool


def usual_cells(xml: bytes, begin: int, end: int) -> Cells | None:
    """The cells of a row that stands from `begin` to `end`; None where it is not written the usual way, cell after cell
    with nothing between. There may be no comments in it.
    """
    opening = re.compile(_OPENING).match(xml, begin, end)
    if opening is None or not xml.endswith(_CLOSING, begin, end):
        return None
    cells: Cells = {}
    at, last, pattern = opening.end(), 0, re.compile(_CELL)
    while at < end - len(_CLOSING):
        cell = pattern.match(xml, at, end)
        column = column_number(cell["column"].decode()) if cell else 0
        if cell is None or column <= last:
            return None
        cells[column] = cell
        at, last = cell.end(), column
    return cells


def style_of(cell: re.Match[bytes]) -> int:
    """The index of the format of a cell."""
    return int(cell["style"] or 0)


def changed(
    xml: bytes, row: int, contents: Mapping[int, Cell | Cached], heights: RowHeights, *, date_1904: bool
) -> Changed | None:
    """A row with other contents of cells, by column, and as high as its texts need: the row that a `SheetEditor` makes
    of its elements. None where it is not written the usual way, or lacks one of the cells.
    """
    cells = usual_cells(xml, 0, len(xml))
    written = [column for column, content in contents.items() if isinstance(content, Cell)]
    if cells is None or not contents.keys() <= cells.keys() or not _spans(xml, written):
        return None
    begin = at = xml.index(b">") + 1
    pieces: list[bytes] = []
    for column in sorted(contents):
        cell = cells[column]
        pieces += (xml[at : cell.start()], _new_cell(xml, row, cell, contents[column], date_1904))
        at = cell.end()
    after = b"".join((*pieces, xml[at:]))
    if not written and after == xml[begin:]:
        return Changed(xml, lost_formula=False)
    opening = xml[:begin]
    if any(content.value for content in contents.values()):
        needed = heights.of_contents(contents, lambda column: style_of(cells[column]))
        opening = _with_height(opening, needed, are_results=not written)
    return Changed(opening + after, any(cells[column]["formula"] for column in written))


def _spans(xml: bytes, columns: Iterable[int]) -> bool:
    """Whether the columns that a row says it uses, a hint, hold these."""
    found = re.match(_SPANS, xml)
    return found is None or all(int(found[1]) <= column <= int(found[2]) for column in columns)


def _new_cell(xml: bytes, row: int, cell: re.Match[bytes], content: Cell | Cached, date_1904: bool) -> bytes:
    if isinstance(content, Cell):
        return cell_xml("", f"{cell['column'].decode()}{row}", content, date_1904=date_1904).encode()
    if not cell["formula"]:
        return cell[0]
    kind, made = cell["type"], b""
    if content.value is not None:
        name, made = _result(content.value, b"", date_1904)
        kind = b' t="%s"' % name.encode() if kind or name != "n" else b""
    before, formula = xml[cell.start() : cell.start("type")], xml[cell.end("type") : cell.end("formula")]
    return b"".join((before, kind, formula, made, b"</c>"))


def _with_height(opening: bytes, height: float, *, are_results: bool) -> bytes:
    attributes = dict(re.findall(_STATED, opening.decode("utf-8", "replace")))
    tag = Element("row", "", attributes, 0, len(opening), opening, None)
    return splice(opening, fitted(opening, tag, height, of_formulas=are_results))


def result_edits(xml: bytes, cell: Element, value: object, *, date_1904: bool) -> Iterator[Edit]:
    """The change of one cell, read as an element, to a result beside its formula (None: to none); there is none where
    it holds no formula (ECMA-376 Part 1, 18.3.1.96).
    """
    formula = cell.child("f")
    if formula is None:
        return
    old = cell.child("v")
    if value is None:
        if old is not None:
            yield Edit(old.start, old.end, b"")
        return
    kind, made = _result(value, cell.prefix, date_1904)
    if old is None:
        yield Edit(formula.end, formula.end, made)
    elif xml[old.start : old.end] != made:
        yield Edit(old.start, old.end, made)
    if cell.attributes.get("t", "n") != kind:
        yield set_attribute(xml, cell, "t", kind)


def _result(value: object, prefix: bytes, date_1904: bool) -> tuple[str, bytes]:
    """The type of a cell with this result, and the element that holds it."""
    text = escape_text(value) if isinstance(value, str) else number_text(value, date_1904=date_1904)
    kind = "str" if isinstance(value, str) else "n"
    return kind, b"<%sv>%s</%sv>" % (prefix, text.encode(), prefix)

"""Changes rows that are written the usual way by one pattern: to read the elements of a row takes several times as
long as all else, and to begin an XML parser for each row longer still.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from refundbook.base.a1 import column_letters
from refundbook.base.named_tuple import NamedTuple
from refundbook.xlsx.package.xml_splice import Edit, Element, set_attribute, splice
from refundbook.xlsx.writing.cell_xml import Cached, Cell, cell_xml, escape_text, number_text
from refundbook.xlsx.writing.row_height import RowHeights, fitted

_STATED = r' ([A-Za-z0-9:]+)="([^"<>&]*)"'
_OPENING = rb'<row(?: [A-Za-z0-9:]+="[^"<>&]*")*>'
_TAG = rb'(?: s="(?P<style>[0-9]{1,9})")?(?P<type>(?: t="[A-Za-z]+")?)'
_FORMULA = rb'<f(?: [A-Za-z0-9]+="[^"<>]*")*(?:/>|>[^<]*</f>)'
_TEXT = rb'<is><t(?: xml:space="preserve")?>[^<]*</t></is>'
_CELL = (
    rb'<c r="(?P<column>[A-Z]{1,3})[0-9]{1,7}"' + _TAG + rb"(?:/>|>"
    rb"(?:(?P<formula>" + _FORMULA + rb")(?P<value>(?:<v>[^<]*</v>)?)|<v>[^<]*</v>|" + _TEXT + rb"|)</c>)"
)
_AFTER_ADDRESS = _TAG + rb"/?>"


class Changed(NamedTuple):
    """A row as it was changed, and whether a formula gave way to a value."""

    xml: bytes
    lost_formula: bool = False


def usual_style(xml: bytes, row: int, column: int, begin: int, end: int) -> int | None:
    """The index of the format of a cell in the row that stands from `begin` to `end`; None where it is not written the
    usual way, or not there.
    """
    address = f'<c r="{column_letters(column)}{row}"'.encode()
    at = xml.find(address, begin, end)
    found = re.compile(_AFTER_ADDRESS).match(xml, at + len(address)) if at >= 0 else None
    return int(found["style"] or 0) if found else None


def changed(
    xml: bytes, row: int, contents: Mapping[int, Cell | Cached], heights: RowHeights, *, date_1904: bool
) -> Changed | None:
    """A row with other contents of cells, by column, and as high as its texts need. None where it is not written the
    usual way, or lacks one of the cells. There may be no comments in it.

    It is the row that a `SheetEditor` makes of its elements.
    """
    opening = re.match(_OPENING, xml)
    if opening is None:
        return None
    left = {column_letters(column).encode(): column for column in contents}
    pieces: list[bytes] = []
    at, high, lost_formula = opening.end(), 0.0, False
    for cell in re.finditer(_CELL, xml):
        column = left.pop(cell["column"], None)
        if column is None:
            continue
        content, style = contents[column], int(cell["style"] or 0)
        if isinstance(content, Cell):
            address, style = f"{cell['column'].decode()}{row}", content.style
            lost_formula = lost_formula or cell["formula"] is not None
            pieces += (xml[at : cell.start()], cell_xml("", address, content, date_1904=date_1904).encode())
            at = cell.end()
        elif cell["formula"]:
            kind, made = _with_result(cell["type"], content.value, date_1904)
            pieces += (xml[at : cell.start("type")], kind, xml[cell.end("type") : cell.end("formula")], made)
            at = cell.end("value")
        if isinstance(content.value, str):
            high = max(high, heights.needed(column, content.value, style))
    cells = b"".join((*pieces, xml[at:]))
    if left:
        return None
    if cells == xml[opening.end() :]:
        return Changed(xml, lost_formula)
    are_results = all(isinstance(content, Cached) for content in contents.values())
    is_high = any(content.value for content in contents.values())
    return Changed((_with_height(opening[0], high, are_results) if is_high else opening[0]) + cells, lost_formula)


def _with_result(stated: bytes, value: object, date_1904: bool) -> tuple[bytes, bytes]:
    """How the type of a cell is `stated` that has this result beside its formula, and the element that holds it."""
    if value is None:
        return stated, b""
    kind, made = _result(value, b"", date_1904)
    return (b' t="%s"' % kind.encode() if stated or kind != "n" else b""), made


def _with_height(opening: bytes, height: float, are_results: bool) -> bytes:
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

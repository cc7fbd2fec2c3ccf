"""Puts results beside the formulas of a row, which stay as they are (ECMA-376 Part 1, 18.3.1.96)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from refundbook.base.a1 import column_letters
from refundbook.xlsx.package.xml_splice import Edit, Element, set_attribute, splice
from refundbook.xlsx.writing.cell_xml import escape_text, number_text
from refundbook.xlsx.writing.row_height import RowHeights, fitted

_STATED = r' ([A-Za-z0-9:]+)="([^"<>&]*)"'
_OPENING = rb'<row(?: [A-Za-z0-9:]+="[^"<>&]*")*>'
_CELL = (
    rb'<c r="(?P<column>[A-Z]{1,3})[0-9]{1,7}"(?: s="(?P<style>[0-9]{1,9})")?(?P<type>(?: t="[A-Za-z]+")?)>'
    rb'(?P<formula><f(?: [A-Za-z0-9]+="[^"<>]*")*(?:/>|>[^<]*</f>))(?P<value>(?:<v>[^<]*</v>)?)</c>'
)


def result_edits(xml: bytes, cell: Element, value: object, *, date_1904: bool) -> Iterator[Edit]:
    """The change of one cell to a result (None: to none); there is none where it holds no formula."""
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
    is_text = isinstance(value, str)
    text = escape_text(value) if isinstance(value, str) else number_text(value, date_1904=date_1904)
    return "str" if is_text else "n", b"<%sv>%s</%sv>" % (prefix, text.encode(), prefix)


def with_results(row: bytes, results: Mapping[int, object], heights: RowHeights, *, date_1904: bool) -> bytes | None:
    """A row with results by column, and as high as its texts need. None where the row is not written the usual way.

    It is the row that `result_edits` and `fitted` make, for a fifth of the work: they need its elements, and to begin
    an XML parser for each row takes longer than all else. There may be no comments in the row.
    """
    opening = re.match(_OPENING, row)
    if opening is None:
        return None
    left = {column_letters(column).encode(): column for column in results}
    pieces: list[bytes] = []
    at, high = opening.end(), 0.0
    for cell in re.finditer(_CELL, row):
        column = left.pop(cell["column"], None)
        if column is None:
            continue
        value, kind = results[column], cell["type"]
        made = b""
        if value is not None:
            name, made = _result(value, b"", date_1904)
            kind = b' t="%s"' % name.encode() if kind or name != "n" else b""
        if isinstance(value, str):
            high = max(high, heights.needed(column, value, int(cell["style"] or 0)))
        pieces += (row[at : cell.start("type")], kind, row[cell.end("type") : cell.end("formula")], made)
        at = cell.end("value")
    changed = b"".join((*pieces, row[at:]))
    if left:
        return None
    if changed == row[opening.end() :]:
        return row
    return (_with_height(opening[0], high) if any(results.values()) else opening[0]) + changed


def _with_height(opening: bytes, height: float) -> bytes:
    attributes = dict(re.findall(_STATED, opening.decode("utf-8", "replace")))
    tag = Element("row", "", attributes, 0, len(opening), opening, None)
    return splice(opening, fitted(opening, tag, height, of_formulas=True))

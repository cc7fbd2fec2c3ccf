"""Rows in the shape that most of them have, read without an XML parser: to begin one for every row of a sheet takes
longer than all else that is done to it.
"""

from __future__ import annotations

import re

from refundbook.xlsx.package.xml_splice import Element, parse

_STATED = rb'((?:\s(?!xmlns)[A-Za-z]+="[^"<>&\r\n\t]*")*)'
_OPENING = rb"<row" + _STATED + rb">"
_CELL = rb"<c" + _STATED + rb"(?:/>|>(?:(<f)" + _STATED + rb"(?:/>|>([^<]*)</f>))?(?:(<v>)([^<]*)</v>)?</c>)"
_CLOSING = b"</row>"
_ATTRIBUTE = r'([A-Za-z]+)="([^"]*)"'


def plain_row(xml: bytes, namespace: str) -> Element | None:
    """A row (ECMA-376 Part 1, 18.3.1.73) that is all of `xml`, as `parse` reads it, whose elements are of this
    namespace; there are no comments in it. None where it holds anything but cells with a formula and a value, or is not
    written the usual way.
    """
    opening = re.match(_OPENING, xml)
    if opening is None or not xml.endswith(_CLOSING):
        return None
    try:
        xml.decode()
    except UnicodeDecodeError:
        return None
    row = _Plain("row", None, opening[1], 0, opening.end(), len(xml) - len(_CLOSING), len(xml))
    row.xml, row.namespace = xml, namespace
    at, cell = row.inner, re.compile(_CELL)
    while at < row.close:
        found = cell.match(xml, at)
        if found is None:
            return None
        at = _add_cell(row, found).end
    return row


def _add_cell(row: _Plain, found: re.Match[bytes]) -> _Plain:
    inner = row.xml.index(b">", found.end(1)) + 1
    close = found.end() if inner == found.end() else found.end() - len(b"</c>")
    cell = _Plain("c", row, found[1], found.start(), inner, close, found.end())
    if found[2]:
        start, of_tag = found.start(2), row.xml.index(b">", found.end(3)) + 1
        close, end = (of_tag, of_tag) if found[4] is None else (found.end(4), found.end(4) + len(b"</f>"))
        _Plain("f", cell, found[3], start, of_tag, close, end)
    if found[5]:
        start, text = found.start(5), found.end(5)
        _Plain("v", cell, b"", start, text, found.end(6), found.end(6) + len(b"</v>"))
    return cell


class _Plain(Element):
    """An element of which it is known where all of it stands: what its tag states and its text are read when they are
    asked for.
    """

    __slots__ = ("_attributes", "_stated")

    def __init__(
        self, name: str, parent: _Plain | None, stated: bytes, start: int, inner: int, close: int, end: int
    ) -> None:
        self.name, self._stated = name, stated
        self._attributes: dict[str, str] | None = None
        self.start, self.inner, self.close, self.end = start, inner, close, end
        self.parent, self.children = parent, []
        if parent is not None:
            self.xml, self.namespace = parent.xml, parent.namespace
            parent.children.append(self)

    @property
    def attributes(self) -> dict[str, str]:  # type: ignore[override]  # only read, here as there
        if self._attributes is None:
            stated = re.findall(_ATTRIBUTE, self._stated.decode()) if self._stated else ()
            self._attributes = dict(stated)
        return self._attributes

    @property
    def prefix(self) -> bytes:
        return b""

    @property
    def text(self) -> str:  # type: ignore[override]  # only read, here as there
        content = self.xml[self.inner : self.close] if not self.children else b""
        if b"&" in content or b"\r" in content:
            return parse(b"<t>" + content + b"</t>", self.name).text
        return content.decode()

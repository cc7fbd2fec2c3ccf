"""How high a row must be to show its text. LibreOffice fits no row of a workbook that it opens, and neither program one
whose text a formula changed.

A height that is written without `customHeight` (ECMA-376 Part 1, 18.3.1.73) is the program's own: it fits the row anew
once somebody edits it. The one of a row with `customHeight` is a person's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache

from refundbook.xlsx.package.xml_splice import Edit, Element, set_attribute
from refundbook.xlsx.writing.cell_xml import Cached, Cell, CellColumn

MOST = 409.0
"""No row is higher, in points."""

OF_FORMULAS = 42.0
"""A row of formulas is as high as three lines at least: what others of it show is not known here, and changes."""

LINE = 1.36
"""The height of a line by the size of its font."""

_PIXELS = {
    3: "ijl'|",
    4: " !,.:;/\\[](){}-`ftrI\u00a0",
    5: '*"',
    9: "ABEFKPSTVXYZ&w",
    10: "CDGHNOQRU",
    11: "mM",
    13: "W%@",
}
"""How wide a sign is where a digit, as most letters, takes `_DIGIT` pixels: in Arial of 10 points, much the same in
others, as Excel draws it, which rounds up what it can.
"""
_DIGIT = 7
_MARGIN = 5
"""So many pixels of a column are left blank."""
_WIDEST = max(_PIXELS)

_BREAK = 0
"""Where a line may be broken."""
_WIDTHS = bytearray([_DIGIT]) * 256
for _width, _signs in _PIXELS.items():
    for _sign in _signs.encode("latin-1"):
        _WIDTHS[_sign] = _width
_SPACE = _WIDTHS[ord(" ")]
_WIDTHS[ord(" ")] = _BREAK

_WIDE = "\u2e80"
"""From here on most signs are as wide as two digits: Chinese, Japanese and Korean ones, and emoji."""


def lines(text: str, width: float) -> int:
    """Into how many lines a text is broken in a column so wide (in digits of its font, 18.3.1.13), rather too many than
    too few.
    """
    room = max(_DIGIT, int(width * _DIGIT) - _MARGIN)
    if len(text) * _WIDEST <= room and text.isascii() and "\n" not in text:
        return 1
    if not text.isascii() and max(text) >= _WIDE:
        text = "".join("00" if sign >= _WIDE else sign for sign in text)
    return sum(_broken(part.encode("latin-1", "replace").translate(_WIDTHS), room) for part in text.split("\n"))


def _broken(signs: bytes, room: int) -> int:
    """The lines of signs that are so wide, in a column with so much room: a word that does not fit begins a new one,
    and one that is wider than a line is broken among its letters.
    """
    if sum(signs) + signs.count(_BREAK) * _SPACE <= room:
        return 1
    count, used = 1, 0
    for word in signs.split(bytes([_BREAK])):
        size = sum(word)
        if used and used + size > room:
            count, used = count + 1, 0
        if size > room:
            count, size = count + (size - 1) // room, (size - 1) % room + 1
        used += size + _SPACE
    return count


class RowHeights:
    """How high the rows of one sheet must be: `wraps` gives for a format the size of its font where it breaks texts
    into lines, `width` a column's width.
    """

    def __init__(self, wraps: Callable[[int], float | None], width: Callable[[int], float]) -> None:
        self._wraps = cache(wraps)
        self._width = cache(width)

    def needed(self, column: int, value: object, style: int) -> float:
        """The height in points that a cell's text needs; 0 where one line is enough."""
        size = self._wraps(style) if isinstance(value, str) else None
        count = lines(value, self._width(column)) if size and isinstance(value, str) else 1
        return min(MOST, count * (size or 0) * LINE) if count > 1 else 0.0

    def of_contents(self, contents: Mapping[int, Cell | Cached], style_at: Callable[[int], int]) -> float:
        """The height that the texts of one row need, by column; `style_at` gives the format of a cell, which a result
        beside a formula leaves as it is.
        """
        texts = ((n, content) for n, content in contents.items() if isinstance(content.value, str))
        styled = ((n, c.value, c.style if isinstance(c, Cell) else style_at(n)) for n, c in texts)
        return max((self.needed(*cell) for cell in styled), default=0.0)

    def of_rows(self, columns: Mapping[int, CellColumn], count: int) -> list[float]:
        """The same of whole rows, column by column."""
        found = [0.0] * count
        for column, cells in columns.items():
            if any(isinstance(value, str) and self._wraps(style) for value, style in cells.styles.items()):
                known = {value: self.needed(column, value, style) for value, style in cells.styles.items()}
                found = [max(high, known[value]) for high, value in zip(found, cells.values, strict=True)]
        return found


def fitted(row: bytes, element: Element, height: float, *, of_formulas: bool) -> Iterator[Edit]:
    """The change of a row that is there to the `height` that it needs (0: one line), unless a person set it. Only one
    `of_formulas` may become lower, too.
    """
    if element.attributes.get("customHeight") in ("1", "true"):
        return
    stated = _points(element.attributes.get("ht", ""))
    wanted = max(height, OF_FORMULAS) if of_formulas else height
    if (stated != wanted) if of_formulas else (stated < wanted):
        yield set_attribute(row, element, "ht", f"{wanted:g}")


def _points(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0

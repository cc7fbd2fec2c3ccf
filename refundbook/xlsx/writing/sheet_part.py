"""Looks up cells, formats and formulas in a sheet part (ECMA-376 Part 1, 18.3.1) without reading more of it than is
asked for.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cached_property

from refundbook.base.a1 import Range, column_number
from refundbook.base.errors import DamagedWorkbook
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.text import quoted
from refundbook.xlsx.package.workbook_part import Formula
from refundbook.xlsx.package.xml_splice import TAG, Edit, Element, parse
from refundbook.xlsx.writing.formula_refs import shifted
from refundbook.xlsx.writing.row_index import RowIndex
from refundbook.xlsx.writing.usual_row import Cells, style_of, usual_cells

_ATTRIBUTE = rb"""\s%b\s*=\s*(["'])(.*?)\1"""
_ADDRESS = re.compile(rb"""\sr\s*=\s*["']\s*([A-Za-z]{1,3})([0-9]{1,7})\s*["']""")

USUAL_WIDTH = 9.14
"""That of a column of which nothing is said, as in Excel."""


class FormulaElement(NamedTuple):
    """A formula as it stands in the part: its bytes from `start` to `end`, its text from `inner` to `close` (-1 where
    it has none).

    `stated` is what its tag says of itself: its `kind`, as written (`shared`, `array`, `dataTable`, or `""`), as `ref`
    the cells that it serves, and its `shared` group.
    """

    start: int
    end: int
    inner: int
    close: int
    stated: bytes

    @property
    def kind(self) -> str:
        return self._said(b"t")

    @property
    def ref(self) -> str:
        return self._said(b"ref")

    @property
    def shared(self) -> str:
        return self._said(b"si")

    def _said(self, name: bytes) -> str:
        found = re.search(_ATTRIBUTE % name, self.stated)
        return found[2].decode("utf-8", "replace") if found else ""

    @property
    def area(self) -> Range | None:
        try:
            return Range.parse(self.ref)
        except ValueError:
            return None


class Row(NamedTuple):
    """A row that was read: `cells` are its cells by column; their offsets, and those of `element`, count in `xml`."""

    xml: bytes
    element: Element
    cells: dict[int, Element]


class SheetPart:
    """A sheet part as it stands. Raises UnreadableWorkbook, naming `part`, where what is looked for is damaged."""

    def __init__(self, xml: bytes, part: str) -> None:
        self.xml = xml
        self.part = part
        self._read: dict[int, Row | None] = {}
        self._usual: dict[int, Cells | None] = {}

    @cached_property
    def rows(self) -> RowIndex:
        """Where its rows stand."""
        return RowIndex(self.xml, self.part)

    @cached_property
    def prefix(self) -> str:
        """That of its elements, with the colon."""
        return self._decoded(self.rows.prefix)

    @cached_property
    def frame_xml(self) -> bytes:
        """The part without its cells."""
        return self.xml[: self.rows.start] + self.xml[self.rows.end :]

    @cached_property
    def frame(self) -> Element:
        """The root of `frame_xml`; `of_frame` turns an edit of it into one of the part."""
        return parse(self.frame_xml, self.part)

    def of_frame(self, edit: Edit) -> Edit:
        """An edit of `frame_xml` as one of the part."""
        shift = self.rows.end - self.rows.start if edit.start >= self.rows.start else 0
        return Edit(edit.start + shift, edit.end + shift, edit.replacement)

    def row(self, row: int) -> Row | None:
        """A row's cells; None where there is no such row."""
        if row not in self._read:
            self._read[row] = self._parsed(row)
        return self._read[row]

    def _parsed(self, row: int) -> Row | None:
        span = self.rows.span(row)
        if span is None:
            return None
        root, xml = self.frame, self.xml[slice(*span)]
        xml = self.xml[: root.inner] + xml + b"</" + root.prefix + root.name.encode() + b">"
        element = parse(xml, self.part).children[0]
        column = 0
        cells = {}
        for cell in element.children:
            if cell.name == "c":
                letters = cell.attributes.get("r", "").strip().rstrip("0123456789")
                column = column_number(letters) if letters else column + 1
                cells[column] = cell
        return Row(xml, element, cells)

    def _usual_cells(self, row: int) -> Cells | None:
        """The cells of a row that is written the usual way: they are found without a parser. None of any other."""
        if row not in self._usual:
            span = self.rows.span(row) if self.rows.markup is self.xml else None
            self._usual[row] = usual_cells(self.xml, *span) if span else None
        return self._usual[row]

    def cell_at(self, row: int, column: int) -> Element | None:
        """A cell as it stands; None where there is none."""
        found = self.row(row)
        return found.cells.get(column) if found else None

    def beside(self, row: int, columns: Collection[int]) -> dict[int, bytes]:
        """The XML of a row's cells in other columns."""
        if (found := self.row(row)) is None:
            return {}
        return {n: found.xml[cell.start : cell.end] for n, cell in found.cells.items() if n not in columns}

    def style_at(self, row: int, column: int) -> int | None:
        """The index of the format of a cell; None where there is no such cell."""
        usual = self._usual_cells(row)
        if usual is not None:
            return style_of(usual[column]) if column in usual else None
        cell = self.cell_at(row, column)
        return cell.whole("s", 0) if cell is not None else None

    def style_for(self, row: int, column: int) -> int:
        """The index of the format that a cell has, or would have if it were there: its column's."""
        style = self.style_at(row, column)
        return self.column_style(column) if style is None else style

    def column_style(self, column: int) -> int:
        """The index of the format that a column's new cells have."""
        for element in self.frame.descendants("col"):
            if element.whole("min", 0) <= column <= element.whole("max", 0):
                return element.whole("style", 0)
        return 0

    def column_width(self, column: int) -> float:
        """The width of a column in characters (18.3.1.13)."""
        for element in self.frame.descendants("col"):
            if element.whole("min", 0) <= column <= element.whole("max", 0):
                try:
                    return float(element.attributes["width"])
                except (KeyError, ValueError):
                    break
        return USUAL_WIDTH

    def formulas_at(self, row: int) -> dict[int, Formula]:
        """The formulas of a row by column, shared ones in full; one that cannot be told, such as a data table's, is
        `""`.
        """
        found = self.row(row)
        formulas = {}
        for column, cell in found.cells.items() if found else ():
            formula = cell.child("f")
            if formula is not None:
                group = formula.attributes.get("si", "")
                text = formula.text or self.shared_text(group, row, column)
                metadata = tuple((name, cell.attributes[name]) for name in ("cm", "ph") if name in cell.attributes)
                formulas[column] = Formula(text, formula.attributes.get("t") == "array", metadata)
        return formulas

    def shared_text(self, group: str, row: int, column: int) -> str:
        """What a shared formula says in one of its cells; `""` where there is no such group."""
        if group not in self._shared:
            return ""
        text, (top, left) = self._shared[group]
        return shifted(text, row - top, column - left)

    @cached_property
    def _shared(self) -> dict[str, tuple[str, tuple[int, int]]]:
        """The text of each group of shared formulas, and the row and column of the cell that it is written for."""
        found = {}
        for formula in self.formula_elements():
            # One without text is of a group; some programs give it an end tag all the same.
            if formula.kind == "shared" and formula.close > formula.inner and (address := self.address_of(formula)):
                found[formula.shared] = self.text_of(formula), address
        return found

    def formula_elements(self) -> Iterator[FormulaElement]:
        """Every formula of the sheet, in the order of its cells."""
        name = re.escape(self.rows.prefix + b"f")
        pattern = re.compile(rb"<" + name + rb"(?=[\s/>])(" + TAG + rb")(?:([^<]*)</" + name + rb"\s*>)?")
        for match in pattern.finditer(self.rows.markup, self.rows.body, self.rows.body_end):
            yield FormulaElement(match.start(), match.end(), *match.span(2), match[1])

    def text_of(self, formula: FormulaElement) -> str:
        xml = self.xml[formula.inner : formula.close]
        return parse(b"<f>" + xml + b"</f>", self.part).text if b"&" in xml or b"<" in xml else self._decoded(xml)

    def _decoded(self, text: bytes) -> str:
        try:
            return text.decode()
        except UnicodeDecodeError as error:
            raise DamagedWorkbook(f"It is damaged: the part {quoted(self.part)} is not in UTF-8.") from error

    def address_of(self, formula: FormulaElement) -> tuple[int, int] | None:
        """Row and column of the cell that a formula stands in; None where the cell does not say."""
        name = b"<" + self.rows.prefix + b"c"
        at = formula.start
        markup = self.rows.markup
        while (at := markup.rfind(name, self.rows.body, at)) >= 0:
            if markup[at + len(name) : at + len(name) + 1] in b" \t\r\n>":
                found = _ADDRESS.search(markup, at, markup.find(b">", at))
                return (int(found[2]), column_number(found[1].decode())) if found else None
        raise DamagedWorkbook(f"It is damaged: the part {quoted(self.part)} holds a formula outside of a cell.")

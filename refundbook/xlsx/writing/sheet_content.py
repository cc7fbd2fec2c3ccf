"""What a sheet holds, cell by cell and piece by piece, for comparing it with another's and for putting it into another
workbook.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import product

from refundbook.base.a1 import Range, column_number
from refundbook.base.named_tuple import NamedTuple
from refundbook.xlsx.package.formats import Formats, Look
from refundbook.xlsx.package.package import Package
from refundbook.xlsx.package.workbook_part import Layout
from refundbook.xlsx.package.xml_splice import MAIN, TAG, Element, parse, without_comments
from refundbook.xlsx.writing.formula_refs import spelled_alike
from refundbook.xlsx.writing.sheet_part import SheetPart

Address = tuple[int, int]
"""Row and column."""
_SST = rb"<(?:[A-Za-z_][\w.\-]*:)?sst(?=[\s/>])" + TAG
_SI = rb"<(?:[A-Za-z_][\w.\-]*:)?si(?=[\s/>])"
_NAME = re.compile(rb"<([^\s/>]+)")
_BLANK = b'<worksheet xmlns="%s"><sheetData/></worksheet>' % MAIN.encode()

ORDER = (
    *("sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection"),
    *("protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells"),
    *("phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins"),
    *("pageSetup", "headerFooter", "rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors"),
    *("smartTags", "drawing", "legacyDrawing", "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls"),
    *("webPublishItems", "tableParts", "extLst"),
)
"""The order of a worksheet's children (ECMA-376 Part 1, 18.3.1.99)."""


class Held(NamedTuple):
    """What a cell holds, results of formulas aside: its `kind` (`text`, `number`, `formula`, `array`, or that of
    another cell type), and the text; `ref` are the cells of an array formula.
    """

    kind: str
    text: str
    ref: str = ""


class SheetCell(NamedTuple):
    """A cell: what it holds (None for nothing), the number of its format, and its XML."""

    held: Held | None
    style: int
    xml: bytes


class Book:
    """A package with its layout, shared strings and formats, read when they are needed."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.layout = Layout(package)
        self._sheets: dict[str, SheetContent] = {}

    @cached_property
    def _strings(self) -> tuple[bytes, bytes, list[int]]:
        """The part of the shared strings, the start tag of its root, and where each string begins: only those that are
        asked for are read, of perhaps a million.
        """
        parts = self.package.there(self.layout.part, "sharedStrings")
        xml = without_comments(self.package.read(parts[0])) if parts else b""
        root = re.search(_SST, xml)
        starts = [match.start() for match in re.finditer(_SI, xml)]
        return xml, root[0] if root else b"", [*starts, xml.rfind(b"</")]

    def string(self, number: str) -> str:
        """The shared string of this number, without how parts of it look; `""` where there is none."""
        xml, root, starts = self._strings
        known = int(number) if number.strip().isdecimal() else len(starts)
        if known + 1 >= len(starts):
            return ""
        item = root + xml[starts[known] : starts[known + 1]] + b"</" + _NAME.findall(root)[0] + b">"
        return "".join(_texts(parse(item, "sharedStrings").children[0]))

    @cached_property
    def styles_part(self) -> str:
        """The part of the formats. A workbook has one."""
        return self.package.related(self.layout.part, "styles")[0]

    @cached_property
    def formats(self) -> Formats:
        return Formats(self.package.read(self.styles_part), self.styles_part)

    def sheet(self, name: str) -> SheetContent | None:
        """The sheet of this name; None where there is none."""
        entry = self.layout.sheet(name)
        if entry is not None and entry.part not in self._sheets:
            self._sheets[entry.part] = SheetContent(self, entry.part, self.package.read(entry.part))
        return None if entry is None else self._sheets[entry.part]

    def blank(self) -> SheetContent:
        """A sheet that holds nothing, and is not in the book."""
        return SheetContent(self, "", _BLANK)


class SheetContent:
    """A sheet of a book, in the part `name`."""

    def __init__(self, book: Book, name: str, xml: bytes) -> None:
        self.book = book
        self.name = name
        self.part = SheetPart(xml, name)
        self._column_styles: dict[int, int] = {}

    @property
    def frame(self) -> Element:
        """The sheet without its cells."""
        return self.part.frame

    @cached_property
    def _data(self) -> tuple[bytes, Element]:
        rows = self.part.rows
        xml = self.part.xml[: self.frame.inner] + self.part.xml[rows.start : rows.end] + self._closing
        return xml, parse(xml, self.name).children[0]

    @property
    def _closing(self) -> bytes:
        return b"</" + self.frame.prefix + self.frame.name.encode() + b">"

    @cached_property
    def rows(self) -> dict[int, Element]:
        """The rows by number."""
        found = {}
        number = 0
        for element in self._data[1].children:
            number = element.whole("r", number + 1)
            found[number] = element
        return found

    @cached_property
    def cells(self) -> dict[Address, SheetCell]:
        """The cells that are there, blank ones with a format of their own among them."""
        found = {}
        for row, element in self.rows.items():
            column = 0
            for cell in element.children:
                letters = cell.attributes.get("r", "").rstrip("0123456789")
                column = column_number(letters) if letters else column + 1
                held = self._held(cell, (row, column))
                found[row, column] = SheetCell(held, cell.whole("s", 0), self._data[0][cell.start : cell.end])
        for at in self._results(found):
            found[at] = found[at]._replace(held=None)
        return found

    def _results(self, cells: Mapping[Address, SheetCell]) -> list[Address]:
        """The cells that array formulas of other cells fill: what they hold is computed."""
        found = []
        for first, cell in cells.items():
            if cell.held is not None and ":" in cell.held.ref:
                area = Range.parse(cell.held.ref)
                places = product(range(area.top, area.bottom + 1), range(area.left, area.right + 1))
                found += [at for at in places if at in cells and at != first]
        return found

    def _held(self, cell: Element, at: Address) -> Held | None:
        formula, value = cell.child("f"), cell.child("v")
        if formula is not None:
            kind = formula.attributes.get("t", "")
            if kind == "shared" and not formula.text:
                return Held("formula", self.part.shared_text(formula.attributes.get("si", ""), *at))
            if kind in ("", "normal", "shared"):
                return Held("formula", formula.text)
            first, _, last = formula.attributes.get("ref", "").partition(":")
            return Held(kind, formula.text, first if last in ("", first) else f"{first}:{last}")
        kind = cell.attributes.get("t", "n")
        if cell.child("is") is not None:
            text = "".join(_texts(cell))
        elif value is None:
            return None
        elif kind == "s":
            text = self.book.string(value.text)
        else:
            text = value.text
        if kind == "n":
            return Held("number", text.strip())
        return Held("text" if kind in ("s", "inlineStr", "str") else kind, text) if text else None

    def row_xml(self, row: int) -> bytes:
        """A row as it stands."""
        element = self.rows[row]
        return self._data[0][element.start : element.end]

    def children(self, name: str) -> list[Element]:
        """The children of this name of the sheet without its cells."""
        return [child for child in self.frame.children if child.name == name]

    def child_xml(self, child: Element) -> bytes:
        """A child of the sheet without its cells, as it stands."""
        return self.part.frame_xml[child.start : child.end]

    def held(self, at: Address) -> Held | None:
        """What a cell holds; None for nothing."""
        cell = self.cells.get(at)
        return cell.held if cell is not None else None

    def look(self, at: Address) -> Look:
        """How a cell looks, or would if it were there."""
        cell = self.cells.get(at)
        return self.book.formats.look(cell.style if cell is not None else self._column_style(at[1]))

    def _column_style(self, column: int) -> int:
        if column not in self._column_styles:
            self._column_styles[column] = self.part.column_style(column)
        return self._column_styles[column]


def alike(one: Held | None, other: Held | None) -> bool:
    """Whether two cells hold the same, however programs spell it."""
    if one is None or other is None or one == other:
        return one == other
    is_spelled = one.kind in ("formula", "array", "number")
    same = is_spelled and (one.kind, one.ref) == (other.kind, other.ref)
    return same and spelled_alike(one.text) == spelled_alike(other.text)


def _texts(item: Element) -> Iterator[str]:
    """The texts of a shared or inline string, without how East Asian ones are pronounced."""
    for child in item.children:
        if child.name == "t":
            yield child.text
        elif child.name != "rPh":
            yield from _texts(child)

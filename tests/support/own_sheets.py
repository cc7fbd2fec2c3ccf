"""The part of the own checks that looks at worksheets and Tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from lxml import etree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
MAX_ROW, MAX_COLUMN, MAX_TEXT, MAX_FORMULA = 1_048_576, 16_384, 32_767, 8_192
CELL = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")


@dataclass(frozen=True)
class Box:
    """A range of cells, all four borders included, counted from 1."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def parse(cls, ref: str) -> Box:
        """Raises ValueError where `ref` is no range within a sheet's bounds."""
        first, _, last = ref.partition(":")
        left, top = cell_place(first)
        right, bottom = cell_place(last or first)
        if left > right or top > bottom:
            raise ValueError(f"{ref} is the wrong way round")
        return cls(left, top, right, bottom)

    def __contains__(self, place: tuple[int, int]) -> bool:
        return self.left <= place[0] <= self.right and self.top <= place[1] <= self.bottom

    def overlaps(self, other: Box) -> bool:
        beside = self.right < other.left or other.right < self.left
        return not (beside or self.bottom < other.top or other.bottom < self.top)


def cell_place(address: str) -> tuple[int, int]:
    """Column and row of an address. Raises ValueError where there is no such cell."""
    match = CELL.fullmatch(address)
    if match is None:
        raise ValueError(f"{address!r} is no cell address")
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    row = int(match[2])
    if column > MAX_COLUMN or not 1 <= row <= MAX_ROW:
        raise ValueError(f"{address} is beyond the sheet")
    return column, row


class SheetPart:
    """One worksheet; `cells` maps (column, row) to the cell element, also where rows or cells do not say where they
    are.
    """

    def __init__(self, part: str, root: etree._Element, shared_strings: Sequence[str], style_count: int) -> None:
        self.part = part
        self.root = root
        self.strings = shared_strings
        self._string_numbers = {str(number) for number in range(len(shared_strings))}
        self.style_count = style_count
        self.cells: dict[tuple[int, int], etree._Element] = {}
        self._order = list(self._place_cells())

    @property
    def formula_addresses(self) -> set[str]:
        return {c.get("r", "") for c in self.cells.values() if c.find(f"{MAIN}f") is not None}

    def findings(self) -> Iterator[str]:
        yield from (f"{self.part}: {fault}" for fault in self._order)
        for place, cell in self.cells.items():
            yield from (f"{self.part}: {_address(place)} {fault}" for fault in self._cell_faults(cell))
        yield from (f"{self.part}: {fault}" for fault in self._dimension_faults())
        yield from (f"{self.part}: {fault}" for fault in self._range_faults())

    def _place_cells(self) -> Iterator[str]:
        last_row = 0
        for row in self.root.iterfind(f"{MAIN}sheetData/{MAIN}row"):
            number = int(row.get("r", last_row + 1))
            if number == last_row:
                yield f"row {number} is there twice"
            elif number < last_row:
                yield f"row {number} stands after row {last_row}"
            if number > MAX_ROW:
                yield f"row {number} is beyond the sheet"
            last_row = number
            yield from self._place_row(row, number)

    def _place_row(self, row: etree._Element, number: int) -> Iterator[str]:
        last_column = 0
        for cell in row.iterfind(f"{MAIN}c"):
            address = cell.get("r")
            try:
                column, stated = cell_place(address) if address else (last_column + 1, number)
            except ValueError as error:
                yield f"row {number}: {error}"
                continue
            if stated != number:
                yield f"{address} stands in row {number}"
            if column <= last_column:
                yield f"{_address((column, number))} stands after column {last_column}"
            last_column = max(last_column, column)
            self.cells[column, number] = cell

    def text(self, place: tuple[int, int]) -> str | None:
        """The text that a cell holds, None where it holds something else, or nothing."""
        cell = self.cells.get(place)
        if cell is None:
            return None
        kind, value = cell.get("t"), cell.findtext(f"{MAIN}v")
        if kind == "inlineStr":
            return "".join(t.text or "" for t in cell.iterfind(f"{MAIN}is/{MAIN}t")) + "".join(
                t.text or "" for t in cell.iterfind(f"{MAIN}is/{MAIN}r/{MAIN}t")
            )
        if kind == "s":
            return self.strings[int(value)] if value in self._string_numbers else None
        return value if kind == "str" else None

    def _cell_faults(self, cell: etree._Element) -> Iterator[str]:
        value = cell.findtext(f"{MAIN}v")
        if cell.get("t") == "s" and value not in self._string_numbers:
            yield f"names the shared string {value}, of {len(self.strings)}"
        if int(cell.get("s", "0")) >= self.style_count:
            yield f"names the style {cell.get('s')}, of {self.style_count}"
        for text in cell.iterfind(f"{MAIN}is//{MAIN}t"):
            if (text.text or "").strip() != (text.text or "") and text.get(XML_SPACE) != "preserve":
                yield "loses white space at an end of its text"
        if sum(len((t.text or "").encode("utf-16-le")) // 2 for t in cell.iterfind(f"{MAIN}is//{MAIN}t")) > MAX_TEXT:
            yield "holds more than 32,767 characters"
        formula = cell.findtext(f"{MAIN}f")
        if formula:
            yield from _formula_faults(formula)

    def _dimension_faults(self) -> Iterator[str]:
        dimension = self.root.find(f"{MAIN}dimension")
        if dimension is None:
            return
        try:
            box = Box.parse(dimension.get("ref", ""))
        except ValueError:
            return  # `_range_faults` says so.
        outside = [_address(place) for place in self.cells if place not in box]
        if outside:
            yield f"the dimension {dimension.get('ref')} leaves out {outside[0]} and {len(outside) - 1} more"

    def _range_faults(self) -> Iterator[str]:
        merged = []
        for element in self.root.iter(f"{MAIN}*"):
            for key in ("sqref", "ref"):
                for ref in element.get(key, "").split():
                    try:
                        box = Box.parse(_full(ref))
                    except ValueError as error:
                        yield f"{etree.QName(element).localname}: {error}"
                    else:
                        if element.tag == f"{MAIN}mergeCell":
                            merged.append((ref, box))
        for (one, a), (other, b) in combinations(merged, 2):
            if a.overlaps(b):
                yield f"the merged cells {one} and {other} overlap"


def table_findings(sheet: SheetPart, tables: Sequence[tuple[str, etree._Element]]) -> Iterator[str]:
    """Faults of the Tables on one sheet (ECMA-376 Part 1, 18.5)."""
    boxes = []
    for part, root in tables:
        try:
            box = Box.parse(root.get("ref", ""))
        except ValueError as error:
            yield f"{part}: {error}"
            continue
        boxes.append((part, box))
        yield from (f"{part}: {fault}" for fault in _table_faults(sheet, root, box))
    for (one, a), (other, b) in combinations(boxes, 2):
        if a.overlaps(b):
            yield f"{one}: overlaps {other}"


def _table_faults(sheet: SheetPart, root: etree._Element, box: Box) -> Iterator[str]:
    columns = root.findall(f"{MAIN}tableColumns/{MAIN}tableColumn")
    names = [plain(column.get("name", "")) for column in columns]
    stated = root.find(f"{MAIN}tableColumns")
    if stated is not None and stated.get("count") not in (None, str(len(columns))):
        yield f"says that it has {stated.get('count')} columns, and has {len(columns)}"
    if len(columns) != box.right - box.left + 1:
        yield f"has {len(columns)} columns in {root.get('ref')}"
    for what, values in (("name", [n.casefold() for n in names]), ("id", [c.get("id", "") for c in columns])):
        yield from (f"has two columns with the {what} {v!r}" for v, count in Counter(values).items() if count > 1)
    header_rows, totals_rows = int(root.get("headerRowCount", "1")), int(root.get("totalsRowCount", "0"))
    if box.bottom - box.top + 1 - header_rows - totals_rows < 1:
        yield "has no row for data"
    for column, name in enumerate(names, box.left):
        header = sheet.text((column, box.top))
        if header_rows and (header is None or plain(header) != name):
            yield f"calls a column {name!r} where {_address((column, box.top))} says {header!r}"
    filters = root.find(f"{MAIN}autoFilter")
    expected = f"{_address((box.left, box.top))}:{_address((box.right, box.bottom - totals_rows))}"
    if filters is not None and filters.get("ref") != expected:
        yield f"is filtered over {filters.get('ref')}, and is {root.get('ref')}"


def plain(text: str) -> str:
    """Text with `_x000a_` put back into the character that it stands for (ECMA-376 Part 1, 22.9.2.19)."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), text).replace("\r\n", "\n")


def _formula_faults(formula: str) -> Iterator[str]:
    if len(formula) > MAX_FORMULA:
        yield "holds a formula of more than 8,192 characters"
    if formula.startswith("="):
        yield "holds a formula that begins with an equals sign"
    # What stands in quotes, of texts and of sheet names, does not count; nor does what a table reference escapes with
    # an apostrophe.
    bare = re.sub(r"'[\[\]#@']", "", re.sub(r'"(?:[^"]|"")*"', "", formula))
    bare = re.sub(r"'(?:[^']|'')*'", "", bare)
    if any(bare.count(a) != bare.count(b) for a, b in ("()", "[]", "{}")) or bare.count('"'):
        yield f"holds an unbalanced formula: {formula[:60]}"


def _address(place: tuple[int, int]) -> str:
    column, row = place
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


def _full(ref: str) -> str:
    """`A:B` and `3:5` as the whole columns and rows that they mean."""
    first, _, last = ref.replace("$", "").partition(":")
    if first.isalpha():
        return f"{first}1:{last or first}{MAX_ROW}"
    if first.isdigit():
        return f"A{first}:XFD{last or first}"
    return ref

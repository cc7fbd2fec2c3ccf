"""Looks through a workbook before python-calamine reads it, and hands it only what was looked through.

calamine believes what a file says of itself: it makes room for as many strings as the file claims, holds the whole
rectangle between the first and the last cell, copies a shared string for each cell that refers to it, and takes a
broken workbook for an OpenDocument one that lies in the same zip file. Any of these can end the process, which no
`except` prevents. So what would take too much is refused here, by bounds that no workbook of people comes near, and
calamine is given an archive of its own, whose names cannot mean another part than the one that was looked through.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.parsers import expat

from refundbook.base.a1 import MAX_COLUMN, MAX_ROW, column_number
from refundbook.base.errors import DamagedWorkbook, UnreadableWorkbook
from refundbook.base.text import quoted
from refundbook.xlsx.package.package import Package
from refundbook.xlsx.package.workbook_part import Layout, SheetEntry
from refundbook.xlsx.package.xml_splice import MAIN, may_hide_markup, refuse_malformed, without_comments
from refundbook.xlsx.reading.calamine import SHEET, Rows, read, workbook_of
from refundbook.xlsx.reading.cell_decoder import is_too_far
from refundbook.xlsx.reading.shared_strings import SharedStrings

MAX_AREA = 30_000_000
"""A sheet whose used cells span more than this many cells is refused. Columns A to Z are within, down to
the last row.
"""
MAX_MERGED = 250_000
"""No sheet may have more merged ranges than this."""

MAX_FOLLOWED = 10_000_000
"""A sheet whose cells must be followed one by one, because they are placed as few programs place them, may not hold
more tags than this.
"""

# Cells that all have one of these shapes span less than MAX_AREA: so many columns by so many rows. Nearly every sheet
# has the first.
_SHAPES = tuple(
    re.compile(rb'<c(?! r="%s")[\s/>]' % address)
    for address in (
        rb"[A-Z](?:[0-9]{1,6}|10[0-3][0-9]{4}|104[0-7][0-9]{3})",
        rb"A?[A-Z](?:[0-9]{1,5}|[1-4][0-9]{5})",
        rb"[A-D]?[A-Z](?:[0-9]{1,5}|1[0-9]{5})",
        rb"[A-H]?[A-Z][0-9]{1,5}",
        rb"[A-Z]{1,2}(?:[0-9]{1,4}|[1-3][0-9]{4})",
        rb"(?:[A-Z]{1,2}|[A-W][A-Z]{2})[0-9]{1,3}",
    )
)
_WITH_PREFIX = re.compile(rb"""<[^<>\s/:"'!?]+:(?:c|row)[\s/>]""")
_ADDRESS = re.compile(r"[A-Za-z]+([0-9]{1,20})", re.ASCII)
_ROW_NUMBER = re.compile(r"([0-9]{1,20})", re.ASCII)
_SLACK = 1_000

_MOST_ASKED = 100_000

_BODY = rb"<(?:[^<>\s/:\"'!?]+:)?sheetData[\s/>]"
# No date, time or duration is so many days away.
_MAY_BE_FAR = rb"v(?:\s[^<>]*)?>\s*[-+]?(?:[0-9]{9}|[0-9.]+[eE]|[iInN])"
_NUMBER_CELL = (
    rb"<((?:[\w.-]+:)?)c(\s[^<>]*[^<>/])>(\s*(?:<\1f(?:\s[^<>]*)?(?:/>|>[^<]*</\1f>))?\s*<\1v(?:\s[^<>]*)?>([^<]*)<)"
)
_STYLE = rb"""\ss=(?:"[^"]*"|'[^']*')"""


class Guard:
    """What calamine may read of a workbook. Raises UnreadableWorkbook where its shared strings or styles cannot be
    read.
    """

    def __init__(self, package: Package, layout: Layout) -> None:
        self._package = package
        self._layout = layout
        # Without its strings a workbook is whole as long as no cell names one; without its styles numbers would be
        # taken for no dates.
        found = (("sharedStrings", package.there), ("styles", package.related))
        self._shared = {kind: parts[0] for kind, find in found if (parts := find(layout.part, kind))}
        if "styles" in self._shared:
            refuse_malformed(package.read(self._shared["styles"]), self._shared["styles"])
        strings = self._shared.get("sharedStrings", "")
        self.strings = SharedStrings(package.read(strings) if strings else b"", strings, self.ask)

    def values(self, sheet: SheetEntry, xml: bytes, *, is_whole: bool) -> Rows:
        """The values in a sheet part, or in what `xml` holds of it, as calamine gives them: rows that begin at A1.
        Raises UnreadableWorkbook.
        """
        refuse_malformed(xml, sheet.part)
        refuse_two_bodies(xml, sheet.name)
        refuse_huge(xml, sheet.name)
        if not is_whole and b"<row" not in xml and b":row" not in xml:
            return []
        self.strings.refuse_repeated(xml, sheet.name)
        given = without_far_dates(xml)
        return read(self._archive(sheet.part if is_whole and given is xml else given, with_strings=True))

    def ask(self, cells: Iterable[str]) -> list[object]:
        """The values of single cells: of their XML from after the address on, such as ` t="b"><v>1</v></c>`. Raises
        UnreadableWorkbook.
        """
        left = list(cells)
        values: list[object] = []
        while left:
            asked, left = left[:_MOST_ASKED], left[_MOST_ASKED:]
            rows = "".join(f'<row r="{n}"><c r="A{n}"{cell}</row>' for n, cell in enumerate(asked, 1))
            xml = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()
            refuse_malformed(xml, "worksheet")
            found = read(self._archive(xml, with_strings=False))
            values += [*(row[0] for row in found), *[""] * (len(asked) - len(found))]
        return values

    def _archive(self, sheet: str | bytes, *, with_strings: bool) -> bytes:
        """The file to give to calamine: one sheet, a part that is copied raw or what it holds, with styles and shared
        strings copied raw.
        """
        shared = {kind: part for kind, part in self._shared.items() if with_strings or kind != "sharedStrings"}
        copies = {f"xl/{kind}.xml": part for kind, part in shared.items()}
        made = workbook_of(shared, date_1904=self._layout.date_1904)
        if isinstance(sheet, str):
            copies[SHEET] = sheet
        else:
            made[SHEET] = sheet
        return self._package.extract(copies, made)


def refuse_two_bodies(xml: bytes, name: str) -> None:
    """Refuse a sheet whose rows are in two places: calamine ends at the first end of them. Raises
    UnreadableWorkbook.
    """
    if xml.count(b"sheetData") > 2 and len(re.findall(_BODY, without_comments(xml))) > 1:
        raise DamagedWorkbook(
            f"It is damaged: the sheet {quoted(name)} has its rows in more than one place. "
            "Open it in Excel, have it repaired, and save it."
        )


def refuse_huge(xml: bytes, name: str) -> None:
    """Refuse a sheet that reaches too far: one cell in the far corner would take all memory. `xml` must be well-formed.

    Raises UnreadableWorkbook.
    """
    if len(xml) > MAX_MERGED * len("<mergeCell />") and xml.count(b"mergeCell") > 2 * MAX_MERGED:
        raise UnreadableWorkbook(
            f"The sheet {quoted(name)} has more than {MAX_MERGED:,} merged ranges, more than can be read."
        )
    if len(xml) > MAX_ROW * len("<row/>") and xml.count(b"<row") + xml.count(b":row") > MAX_ROW + _SLACK:
        raise DamagedWorkbook(f"It is damaged: the sheet {quoted(name)} has more rows than a sheet can have.")
    has_prefix = (b":c" in xml or b":row" in xml) and _WITH_PREFIX.search(xml)
    if has_prefix or all(shape.search(xml) for shape in _SHAPES):
        if xml.count(b"<") > MAX_FOLLOWED:
            raise UnreadableWorkbook(
                f"The sheet {quoted(name)} has too many cells in too many columns, more than can be read."
            )
        parser = expat.ParserCreate("utf-8")
        parser.StartElementHandler = _Reach(name).start
        parser.Parse(xml, True)


class _Reach:
    """Follows the cells of a sheet as calamine places them: by their own addresses, and else each after the
    one before.
    """

    def __init__(self, sheet: str) -> None:
        self._sheet = sheet
        self._row = self._column = self._rows = self._columns = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        stated = attributes.get("r", "").strip()
        if name == "row":
            self._row = self._matched(_ROW_NUMBER, stated) if stated else self._row + 1
            self._column = 0
        elif name == "c" and stated:
            self._column = column_number(stated.rstrip("0123456789")[:4])
            self._row = self._matched(_ADDRESS, stated)
        elif name == "c":
            self._column += 1
        else:
            return
        self._rows, self._columns = max(self._rows, self._row), max(self._columns, self._column)
        self._refuse()

    def _matched(self, pattern: re.Pattern[str], stated: str) -> int:
        match = pattern.fullmatch(stated)
        if match is None:
            raise DamagedWorkbook(
                f"It is damaged: the sheet {quoted(self._sheet)} has a row or a cell {quoted(stated[:40])}."
            )
        return int(match[1])

    def _refuse(self) -> None:
        if self._rows > MAX_ROW or self._columns > MAX_COLUMN:
            raise DamagedWorkbook(
                f"It is damaged: the sheet {quoted(self._sheet)} has cells beyond the last row or column that a sheet "
                "can have."
            )
        refuse_wide(self._rows, self._columns, self._sheet)


def without_far_dates(xml: bytes) -> bytes:
    """The sheet without the styles of numbers that are no date in any format: calamine, which would have them as one,
    panics.
    """
    may_hold_one = not may_hide_markup(xml) and re.search(_MAY_BE_FAR, xml)
    return re.sub(_NUMBER_CELL, _without_style_if_far, xml) if may_hold_one else xml


def _without_style_if_far(cell: re.Match[bytes]) -> bytes:
    prefix, attributes, content, number = cell.groups()
    try:
        is_far = is_too_far(float(number))
    except ValueError:
        is_far = False
    return b"<%bc%b>%b" % (prefix, re.sub(_STYLE, b"", attributes), content) if is_far else cell[0]


def refuse_wide(rows: int, columns: int, sheet: str) -> None:
    """Refuse a sheet whose cells span more than `MAX_AREA`. Raises UnreadableWorkbook."""
    if rows * columns > MAX_AREA:
        raise UnreadableWorkbook(
            f"The sheet {quoted(sheet)} spans {rows:,} rows by {columns:,} columns, more than can be read: "
            "delete the empty rows and columns beyond its data."
        )

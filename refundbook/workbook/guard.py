"""Looks through a workbook before python-calamine reads it, and hands it only what was looked through.

calamine believes what a file says of itself: it makes room for as many strings as the file claims, holds the whole rectangle between the first and
the last cell, copies a shared string for each cell that refers to it, and takes a broken workbook for an OpenDocument one that lies in the same
zip file. Any of these can end the process, which no `except` prevents. So what would take too much is refused here, by bounds that no workbook of
people comes near, and calamine is given an archive of its own, whose names cannot mean another part than the one that was looked through.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from xml.parsers import expat

from refundbook.errors import UnreadableWorkbook
from refundbook.workbook.layout import Layout, SheetEntry
from refundbook.workbook.markup import MAIN, refuse_malformed
from refundbook.workbook.package import Package
from refundbook.workbook.ranges import MAX_COLUMN, MAX_ROW, column_number

MAX_AREA = 30_000_000
"""A sheet whose used cells span more than this many cells is refused. Columns A to Z are within, down to the last row."""
MAX_TEXT = 256 << 20
"""The shared strings that a sheet's cells refer to may not come to more bytes than this, each counted as often as it is used."""
MAX_STRINGS = 5_000_000
"""No workbook may have more shared strings than this."""
MAX_MERGED = 250_000
"""No sheet may have more merged ranges than this."""

MAX_FOLLOWED = 10_000_000
"""A sheet whose cells must be followed one by one, because they are placed as few programs place them, may not hold more tags than this."""

# Cells that all have one of these shapes span less than MAX_AREA: so many columns by so many rows. Nearly every sheet has the first.
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
_STRINGS = re.compile(rb"""<(?:[^<>\s/:"'!?]+:)?sst[\s/>]""")
_CLAIM = re.compile(r"[0-9]{1,20}", re.ASCII)
_SLACK = 1_000
_STRING = re.compile(rb"""<(?:[^<>\s/:"'!?]+:)?si[\s/>]""")
_VALUE = re.compile(rb"""(?:<(?:[^<>\s/:"'!?]+:)?v(?:\s[^<>]*)?>([0-9.eE+-]+))?</(?:[^<>\s/:"']+:)?v\s*>""")

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


class Guard:
    """What calamine may read of a workbook. Raises UnreadableWorkbook where its shared strings or styles cannot be read."""

    def __init__(self, package: Package, layout: Layout) -> None:
        self._package = package
        self._layout = layout
        self._shared = {kind: part for kind in ("sharedStrings", "styles") if (part := self._part(kind))}
        strings = self._shared.get("sharedStrings", "")
        self._strings = SharedStrings(package.read(strings) if strings else b"", strings)
        if "styles" in self._shared:
            refuse_malformed(package.read(self._shared["styles"]), self._shared["styles"])

    def _part(self, kind: str) -> str:
        return next(iter(self._package.related(self._layout.part, kind)), "")

    def refuse(self, sheet: SheetEntry, xml: bytes) -> None:
        """Raise UnreadableWorkbook where calamine must not read this sheet."""
        refuse_malformed(xml, sheet.part)
        refuse_huge(xml, sheet.name)
        self._strings.refuse_repeated(xml, sheet.name)

    def name_of(self, sheet: SheetEntry) -> str:
        """The name that a sheet goes by in `archive`."""
        return str(self._layout.sheets.index(sheet))

    def archive(self) -> bytes:
        """The file to give to calamine: the sheets, shared strings and styles, copied raw, and a list of the sheets made anew."""
        sheets = [sheet for sheet in self._layout.sheets if sheet.is_grid and sheet.part in self._package]
        names = [self.name_of(sheet) for sheet in sheets]
        copies = {f"xl/worksheets/{n}.xml": sheet.part for n, sheet in zip(names, sheets, strict=True)}
        copies.update({f"xl/{kind}.xml": part for kind, part in self._shared.items()})
        return self._package.extract(copies, workbook_of(names, self._shared, date_1904=self._layout.date_1904))


def workbook_of(names: Sequence[str], shared: Iterable[str], *, date_1904: bool) -> dict[str, bytes]:
    """The parts that make a workbook of the sheets `xl/worksheets/NAME.xml`, whose names are numbers, and the `shared` parts `xl/KIND.xml`."""
    listed = "".join(f'<sheet name="{n}" sheetId="{int(n) + 1}" r:id="s{n}"/>' for n in names)
    properties = '<workbookPr date1904="1"/>' if date_1904 else ""
    workbook = f'<workbook xmlns="{MAIN}" xmlns:r="{_OFFICE}">{properties}<sheets>{listed}</sheets></workbook>'
    related = [(f"s{n}", "worksheet", f"worksheets/{n}.xml") for n in names]
    related += [(kind, kind, f"{kind}.xml") for kind in shared]
    return {
        "_rels/.rels": _relationships([("w", "officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": workbook.encode(),
        "xl/_rels/workbook.xml.rels": _relationships(related),
    }


def _relationships(related: Iterable[tuple[str, str, str]]) -> bytes:
    items = "".join(
        f'<Relationship Id="{key}" Type="{_OFFICE}/{kind}" Target="{target}"/>' for key, kind, target in related
    )
    return f'<Relationships xmlns="{_PACKAGE}">{items}</Relationships>'.encode()


class SharedStrings:
    """The sizes of a workbook's shared strings. Raises UnreadableWorkbook where there are too many."""

    def __init__(self, xml: bytes, part: str) -> None:
        self._xml = xml
        if not xml:
            return
        root, attributes = refuse_malformed(xml, part)
        if root.rpartition(":")[2] != "sst" or len(_STRINGS.findall(xml)) > 1:
            raise UnreadableWorkbook(f"It is damaged: the part {part!r} is not one list of strings.")
        claimed = (attributes.get(name, "").removeprefix("+") for name in ("count", "uniqueCount"))
        most = max(int(text) if _CLAIM.fullmatch(text) else 0 for text in claimed)
        if max(most, xml.count(b"<si") + xml.count(b":si")) > MAX_STRINGS:
            raise UnreadableWorkbook(
                f"It has more than {MAX_STRINGS:,} shared strings, or says so, more than can be read."
            )

    @cached_property
    def _sizes(self) -> array[int]:
        """The bytes that each string takes up in the part, with its markup."""
        starts = [match.start() for match in _STRING.finditer(self._xml)]
        return array("q", (end - start for start, end in pairwise((*starts, len(self._xml)))))

    def refuse_repeated(self, xml: bytes, sheet: str) -> None:
        """Refuse a sheet whose cells take up too much with long strings that they share. Raises UnreadableWorkbook."""
        # Each step takes longer than the one before, and comes closer to the truth from above.
        longest = max(self._sizes, default=0)
        most = len(xml) // len('<c t="s"><v>0</v></c>')
        if most * longest <= MAX_TEXT or xml.count(b"v>") * longest <= MAX_TEXT:
            return
        if self._at_most(xml) <= MAX_TEXT or self._exactly(xml) <= MAX_TEXT:
            return
        raise UnreadableWorkbook(
            f"The sheet {sheet!r} repeats long texts so often that they come to more than {MAX_TEXT:,} bytes, more than can be read."
        )

    def _at_most(self, xml: bytes) -> int:
        """The size where every number is taken for that of a string, and whatever is no number for the longest."""
        longest = max(self._sizes)
        return sum(self._size(value) if value else longest for value in _VALUE.findall(xml))

    def _exactly(self, xml: bytes) -> int:
        values = _SharedValues()
        parser = expat.ParserCreate("utf-8")
        parser.StartElementHandler = values.start
        parser.EndElementHandler = values.end
        parser.CharacterDataHandler = values.text
        parser.CommentHandler = parser.StartCdataSectionHandler = parser.ProcessingInstructionHandler = values.break_up
        parser.Parse(xml, True)
        longest = max(self._sizes)
        return sum(longest if value is None else self._size(value.encode()) for value in values.found)

    def _size(self, value: bytes) -> int:
        """The size of the string that calamine takes `value` for the number of: the first one where it is no number."""
        if not value.isdigit():
            return self._sizes[0]
        return self._sizes[int(value)] if len(value) < 9 and int(value) < len(self._sizes) else 0


class _SharedValues:
    """Collects what the cells that refer to a shared string hold: None where a comment or such breaks it up, so that readers may differ on it."""

    def __init__(self) -> None:
        self.found: list[str | None] = []
        self._is_shared = self._is_open = self._is_broken = False
        self._pieces: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.break_up()
        name = name.rpartition(":")[2]
        if name == "c":
            self._is_shared = attributes.get("t") == "s"
        elif name == "v" and self._is_shared:
            self._is_open, self._is_broken, self._pieces = True, False, []

    def text(self, text: str) -> None:
        if self._is_open:
            self._pieces.append(text)

    def break_up(self, *_: object) -> None:
        self._is_broken = True

    def end(self, name: str) -> None:
        if self._is_open and name.rpartition(":")[2] == "v":
            self.found.append(None if self._is_broken else "".join(self._pieces))
            self._is_open = False


def refuse_huge(xml: bytes, name: str) -> None:
    """Refuse a sheet that reaches too far: one cell in the far corner would take all memory. `xml` must be well-formed.

    Raises UnreadableWorkbook.
    """
    if len(xml) > MAX_MERGED * len("<mergeCell />") and xml.count(b"mergeCell") > 2 * MAX_MERGED:
        raise UnreadableWorkbook(
            f"The sheet {name!r} has more than {MAX_MERGED:,} merged ranges, more than can be read."
        )
    if len(xml) > MAX_ROW * len("<row/>") and xml.count(b"<row") + xml.count(b":row") > MAX_ROW + _SLACK:
        raise UnreadableWorkbook(f"It is damaged: the sheet {name!r} has more rows than a sheet can have.")
    has_prefix = (b":c" in xml or b":row" in xml) and _WITH_PREFIX.search(xml)
    if has_prefix or all(shape.search(xml) for shape in _SHAPES):
        if xml.count(b"<") > MAX_FOLLOWED:
            raise UnreadableWorkbook(
                f"The sheet {name!r} has too many cells in too many columns, more than can be read."
            )
        parser = expat.ParserCreate("utf-8")
        parser.StartElementHandler = _Reach(name).start
        parser.Parse(xml, True)


class _Reach:
    """Follows the cells of a sheet as calamine places them: by their own addresses, and else each after the one before."""

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
            raise UnreadableWorkbook(f"It is damaged: the sheet {self._sheet!r} has a row or a cell {stated[:40]!r}.")
        return int(match[1])

    def _refuse(self) -> None:
        if self._rows > MAX_ROW or self._columns > MAX_COLUMN:
            raise UnreadableWorkbook(
                f"It is damaged: the sheet {self._sheet!r} has cells beyond the last row or column that a sheet can have."
            )
        if self._rows * self._columns > MAX_AREA:
            raise UnreadableWorkbook(
                f"The sheet {self._sheet!r} spans {self._rows:,} rows by {self._columns:,} columns, more than can be read: "
                "delete the empty rows and columns beyond its data."
            )

"""What a sheet part holds besides values, found by looking through its bytes: formulas and error values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

from refundbook.base.a1 import Range, column_number
from refundbook.xlsx.package.xml_splice import TAG, may_hide_markup, without_comments

_SHEET_DATA = rb"<([A-Za-z_][\w.\-]*:)?sheetData[\s/>]"
# Compiled when they are used: no append needs more than one of them.
# No pattern looks beyond the next `<`: in a sheet made to be slow to read, each of a million tags would be looked
# through to the end of the part.
_ERROR_TYPE = rb"""\st\s*=\s*["']e["']"""
_IS_ERROR = rb"""[^<>]*?\st\s*=\s*["']e["']"""
_ADDRESS = rb"""[^<>]*?\sr\s*=\s*["']\s*([A-Za-z]{1,3})([0-9]{1,7})"""
_ROW_NUMBER = rb"""\sr\s*=\s*["']\s*([0-9]{1,7})"""
_SHARED = rb"""\ssi\s*=\s*["']([0-9]+)"""
_MERGED = rb"""<(?:[^<>\s/:"'!?]+:)?mergeCell\s[^<>]*?\bref\s*=\s*["']([^"'<>]*)"""
_FORMULA_END = rb"(?s:</(?:[\w.-]+:)?f\s*>|<(?:[\w.-]+:)?f(?:\s.*)?/>)"
# It begins with the one sign that must be there: in a megabyte of formulas without results, what could end a formula
# would be tried at each byte.
_RESULT = rb">\s*(<(?:[\w.-]+:)?v(?:\s[^<>]*)?(?:/>|(?<!/)>[^<]*</(?:[\w.-]+:)?v\s*>))"
# What has no place in XML (its 2.2 and 2.4) is not taken for plain, so that it is found.
_PLAIN_TEXT = rb"[\t\n -%'-;=?-\x7f]*+"
_PLAIN_FORMULA = (
    rb'(<f(?: [a-z0-9]+="[^<>&"]*")*>)' + _PLAIN_TEXT + rb"(?:&(?:amp|lt|gt|quot|apos);" + _PLAIN_TEXT + rb")*+(</f>)"
)
_VALUE_WITHIN, _LONGEST_ERROR = 20_000, 40
_LONGEST_FORMULA = 8_192


def _prefix(xml: bytes) -> tuple[bytes, int]:
    """The prefix of the sheet's elements, with its colon, and where its cells begin."""
    found = re.search(_SHEET_DATA, xml)
    return (found.group(1) or b"", found.start()) if found else (b"", len(xml))


def scan_cells(xml: bytes) -> tuple[frozenset[tuple[int, int]], dict[tuple[int, int], str]]:
    """The cells, as (row, column), that hold formulas, and those that hold error values with the error."""
    prefix, begin = _prefix(xml)
    formula = re.compile(rb"<" + re.escape(prefix) + rb"f[\s/>]")
    formulas = _cells_before(xml, prefix, (match.start() for match in formula.finditer(xml, begin)))
    errors = {}
    if b'"e"' in xml or b"'e'" in xml:
        error_type, is_error = re.compile(_ERROR_TYPE), re.compile(_IS_ERROR)
        for cell in _cells_before(xml, prefix, (match.start() for match in error_type.finditer(xml, begin))):
            if match := is_error.match(xml, cell + 1):
                errors[cell] = _value(xml, prefix, match.end())
    at = _addresses(xml, prefix, begin, formulas | errors.keys())
    return frozenset(at[cell] for cell in formulas if cell in at), {
        at[cell]: error for cell, error in errors.items() if cell in at
    }


def formula_texts(xml: bytes) -> dict[tuple[int, int], str]:
    """The formulas of a sheet by (row, column), as they were typed but for the `=`; each cell with a shared one has the
    text of the cell that it was filled from (ECMA-376 Part 1, 18.3.1.40). Cells that do not say where they are, are
    left out, and formulas that are longer than any (Excel's specifications and limits).
    """
    from html import unescape  # 2 ms, for what no append asks for

    xml = without_comments(xml)
    prefix = re.escape(_prefix(xml)[0])
    cell = rb"<%bc(?=[\s>])([^<>]*)>\s*<%bf(?=[\s/>])([^<>]*?)(?:/>|>([^<]*)<)" % (prefix, prefix)
    found: dict[tuple[int, int], str] = {}
    shared: dict[bytes, bytes] = {}
    for match in re.finditer(cell, xml):
        address, group = re.match(_ADDRESS, match[1]), re.search(_SHARED, match[2])
        text = match[3] or (shared.get(group[1]) if group else None)
        if group and text:
            shared.setdefault(group[1], text)
        if address and text and len(text) <= _LONGEST_FORMULA:
            place = int(address[2]), column_number(address[1].decode())
            found[place] = unescape(text.decode("utf-8", "replace"))
    return found


def without_formula_texts(xml: bytes) -> bytes:
    """The sheet with nothing in the formulas whose text is plain, as the values and places of cells do not depend on
    it: they can be nine tenths of a sheet, and to read its values goes through all of it several times.

    `xml` is given back where there is nothing to leave out.
    """
    return xml if may_hide_markup(xml) else re.sub(_PLAIN_FORMULA, rb"\1\2", xml)


def results(xml: bytes) -> Iterator[tuple[int, int]]:
    """From where to where the result of each formula stands that has one beside it (ECMA-376 Part 1, 18.3.1.96)."""
    markup = without_comments(xml)
    for found in re.finditer(_RESULT, markup):
        if re.fullmatch(_FORMULA_END, markup[markup.rfind(b"<", 0, found.start()) : found.start() + 1]):
            yield found.span(1)


def _cells_before(xml: bytes, prefix: bytes, places: Iterable[int]) -> set[int]:
    """Where the tags of the cells begin that the places, which ascend, lie in."""
    name = b"<" + prefix + b"c"
    found = set()
    seen = 0
    for place in places:
        at = place
        while (at := xml.rfind(name, seen, at)) >= 0:
            if xml[at + len(name) : at + len(name) + 1] in (b" ", b">", b"\n", b"\t", b"\r", b"/"):
                found.add(at)
                break
        seen = place
    return found


def _value(xml: bytes, prefix: bytes, at: int) -> str:
    tag = b"<" + prefix + b"v>"
    start = xml.find(tag, at, at + _VALUE_WITHIN) + len(tag)
    return (
        xml[start : start + _LONGEST_ERROR].partition(b"<")[0].decode("utf-8", "replace") if start >= len(tag) else ""
    )


def _addresses(xml: bytes, prefix: bytes, begin: int, cells: set[int]) -> dict[int, tuple[int, int]]:
    found = {}
    stated = re.compile(_ADDRESS)
    for cell in cells:
        address = stated.match(xml, cell + 1)
        if address is None:
            return {at: place for at, place in _count_cells(xml, prefix, begin) if at in cells}
        found[cell] = (int(address.group(2)), column_number(address.group(1).decode()))
    return found


def _count_cells(xml: bytes, prefix: bytes, begin: int) -> Iterator[tuple[int, tuple[int, int]]]:
    """Offset and (row, column) of every cell; rows and cells without an address follow the one before (ECMA-376 Part 1,
    18.3.1.4).
    """
    token = re.compile(rb"<" + re.escape(prefix) + rb"(row|c)(?=[\s/>])" + TAG)
    row = column = 0
    for match in token.finditer(xml, begin):
        if match.group(1) == b"row":
            number = re.search(_ROW_NUMBER, match.group())
            row = int(number.group(1)) if number else row + 1
            column = 0
            continue
        address = re.match(_ADDRESS, match.group()[1:])
        column = column_number(address.group(1).decode()) if address else column + 1
        yield match.start(), (row, column)


def merged_ranges(xml: bytes) -> list[Range]:
    """The merged ranges of a sheet (ECMA-376 Part 1, 18.3.1.55), in the order of the part; what is no range is left
    out.
    """
    end = xml.rfind(b"sheetData")
    found = []
    for match in re.compile(_MERGED).finditer(xml, end):
        with suppress(ValueError):
            found.append(Range.parse(match.group(1).decode("ascii", "replace")))
    return found

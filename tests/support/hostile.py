"""Workbooks that somebody made to take all memory or time of who opens them, to be read in two ways, or to reach
outside.

Each builder gives the bytes of a file. `REFUSED` are no workbooks to work with: every command ends with exit code 4 and
one sentence. `ENDURED` look hostile and can be worked with, or not: any documented exit code will do, but not more
memory or time.
"""

from __future__ import annotations

import io
import os
import struct
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import openpyxl

from refundbook.base.schema import SETTINGS
from tests.support.books import TEMPLATE
from tests.support.pillars import build
from tests.support.zips import MAIN_NS, OFFICE_NS

Builder = Callable[[], bytes]
Parts = dict[str, bytes]

SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
WORKBOOK = "xl/workbook.xml"
TYPES = "[Content_Types].xml"
RELS = "xl/_rels/workbook.xml.rels"
MILLION = 1_000_000


@cache
def _plain() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return build(Path(folder) / "plain.xlsx").read_bytes()


def plain() -> Parts:
    """The parts of a good workbook."""
    with zipfile.ZipFile(io.BytesIO(_plain())) as file:
        return {name: file.read(name) for name in file.namelist()}


def zipped(parts: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return out.getvalue()


def edited(part: str, old: bytes, new: bytes) -> Builder:
    """The good workbook with the first `old` in a part replaced."""

    def builder() -> bytes:
        parts = plain()
        assert old in parts[part], (part, old)
        return zipped({**parts, part: parts[part].replace(old, new, 1)})

    return builder


def replaced(part: str, content: Callable[[], bytes]) -> Builder:
    return lambda: zipped({**plain(), part: content()})


def with_cells(cells: Callable[[], bytes]) -> Builder:
    """The good workbook with these bytes put in after the last row of the Cases sheet."""

    def builder() -> bytes:
        parts = plain()
        return zipped({**parts, SHEET: parts[SHEET].replace(b"</sheetData>", cells() + b"</sheetData>")})

    return builder


def rezipped(change: Callable[[bytes], bytes]) -> Builder:
    return lambda: change(_plain())


# Document types and nesting

LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 20) for n in range(10))
    + b"]>"
)
OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def with_doctype(part: str, doctype: bytes) -> Builder:
    def builder() -> bytes:
        parts = plain()
        declaration, _, rest = parts[part].partition(b"?>")
        return zipped({**parts, part: declaration + b"?>" + doctype + rest})

    return builder


def nested(part: str, before: bytes, depth: int) -> Builder:
    return edited(part, before, b"<a>" * depth + b"</a>" * depth + before)


# Strings


def strings(inner: Callable[[], bytes], attributes: bytes = b"") -> Builder:
    return replaced(STRINGS, lambda: b'<sst xmlns="%s"%s>%s</sst>' % (MAIN_NS.encode(), attributes, inner()))


def repeated_string(cell: bytes, *, first: bool = False) -> Builder:
    """A text of 30,000 characters in the shared strings, as the last or the first of them, which 100,000 cells refer to
    by the given markup.
    """

    def builder() -> bytes:
        parts = plain()
        text = b"<si><t>" + b"x" * 30_000 + b"</t></si>"
        strings = parts[STRINGS]
        at = strings.index(b"<si>") if first else strings.rindex(b"</sst>")
        parts[STRINGS] = strings[:at] + text + strings[at:]
        number = b"%d" % (parts[STRINGS].count(b"<si>") - 1)
        rows = b"".join(
            b'<row r="%d">%s</row>' % (n, cell.replace(b"%(number)s", number)) for n in range(1000, 101_000)
        )
        return zipped({**parts, SHEET: parts[SHEET].replace(b"</sheetData>", rows + b"</sheetData>")})

    return builder


# The zip file


def moved_entry(data: bytes, name: bytes, field: int, number: int) -> bytes:
    """The file with a 32-bit number in a member's entry in the directory changed."""
    at = data.rindex(name) - 46
    assert data[at : at + 4] == b"PK\x01\x02"
    return data[: at + field] + struct.pack("<I", number) + data[at + field + 4 :]


def bomb(block: bytes, times: int) -> tuple[bytes, int, int]:
    """A deflate stream that expands to `times` blocks, with its CRC and size, made without expanding it."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    deflater.compress(b"")
    once = deflater.compress(block) + deflater.flush(zlib.Z_FULL_FLUSH)
    crc = 0
    for _ in range(times):
        crc = zlib.crc32(block, crc)
    return once * times + b"\x03\0", crc, len(block) * times


def with_bomb(part: str, block: bytes, times: int, *, said: int | None = None) -> Builder:
    """The good workbook with a part that expands to `times` blocks; its headers say `said` bytes, or the truth."""

    def builder() -> bytes:
        stream, crc, size = bomb(block, times)
        data = zipped({**plain(), part: b"@" * 8})
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            info = file.getinfo(part)
        start = info.header_offset + 30 + len(part)
        sizes = struct.pack("<III", crc, len(stream), size if said is None else said)
        added = len(stream) - info.compress_size
        directory = data.index(b"PK\x01\x02")
        head = data[: info.header_offset + 14] + sizes + data[info.header_offset + 26 : start] + stream
        body = bytearray(head + data[start + info.compress_size :])
        at = directory + added
        while body[at : at + 4] == b"PK\x01\x02":
            name, extra, comment = struct.unpack_from("<HHH", body, at + 28)
            (offset,) = struct.unpack_from("<I", body, at + 42)
            if offset > info.header_offset:
                struct.pack_into("<I", body, at + 42, offset + added)
            if body[at + 46 : at + 46 + name] == part.encode():
                body[at + 16 : at + 28] = sizes
            at += 46 + name + extra + comment
        struct.pack_into("<I", body, len(body) - 6, directory + added)
        return bytes(body)

    return builder


def second_member(name: str) -> Builder:
    return lambda: zipped({**plain(), name: b"<worksheet/>"})


def renamed_in_both_headers(old: bytes, new: bytes) -> Builder:
    assert len(old) == len(new)
    return lambda: zipped({**plain(), old.decode(): b"x"}).replace(old, new)


# Other files


def ole(stream: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + stream.encode("utf-16-le") + b"\0" * 512


def ods() -> bytes:
    return zipped(
        {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<office:document-content/>"}
    )


def ods_within() -> bytes:
    """A broken workbook with an OpenDocument spreadsheet in the same file, one cell of which says that it stands there
    a milliard times.
    """
    cell = (
        b'<table:table-cell office:value-type="string" '
        b'table:number-columns-repeated="1000000000"><text:p>x</text:p></table:table-cell>'
    )
    names = b"".join(
        b' xmlns:%s="urn:oasis:names:tc:opendocument:xmlns:%s:1.0"' % (n, n) for n in (b"office", b"table", b"text")
    )
    content = (
        b"<office:document-content%s><office:body><office:spreadsheet><table:table "
        b'table:name="Cases">%s</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    rows = b"<table:table-row>" + cell * 50 + b"</table:table-row>"
    parts = plain()
    parts["xl/styles.xml"] = b"<broken"
    return zipped(
        {
            **parts,
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": b"<m/>",
            "content.xml": content % (names, rows * 50),
        }
    )


def xlsb() -> bytes:
    parts = plain()
    parts[TYPES] = parts[TYPES].replace(
        b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        b"application/vnd.ms-excel.sheet.binary.macroEnabled.main",
    )
    return zipped(parts)


def relationship(target: bytes, *, kind: bytes = b"worksheet", mode: bytes = b"") -> Builder:
    """The good workbook with the Cases sheet's relationship pointing elsewhere."""
    return edited(RELS, b'Target="worksheets/sheet1.xml"', b'Target="%s"%s' % (target, mode))


def many(part: str, before: bytes, item: bytes, times: int = 3 * MILLION) -> Builder:
    return edited(part, before, item * times + before)


def encoded(encoding: str) -> Builder:
    """The Cases sheet in another encoding than it is read in by who takes it for UTF-8."""

    def builder() -> bytes:
        parts = plain()
        text = parts[SHEET].decode().replace('encoding="UTF-8"', f'encoding="{encoding}"')
        return zipped({**parts, SHEET: text.encode()})

    return builder


def hidden_in_utf_16() -> bytes:
    """A sheet that is harmless read as UTF-16, as its first bytes say, and reaches into the far corner read
    as bytes.
    """
    evil = (
        b'--><worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c><c '
        b'r="XFD1048576"><v>1</v></c></row></sheetData></worksheet><!--'
    )
    evil += b" " * (len(evil) % 2)
    text = '<?xml version="1.0" encoding="UTF-16"?><!--'.encode("utf-16-le") + evil
    text += f'--><worksheet xmlns="{MAIN_NS}"><sheetData/></worksheet>'.encode("utf-16-le")
    return zipped({**plain(), SHEET: b"\xff\xfe" + text})


def same_part_under_another_name() -> bytes:
    """Two parts of which a reader that does not decode `%41` opens the one and a reader that does the other."""
    parts = plain()
    sheet = parts.pop(SHEET)
    far = sheet.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')
    rels = parts[RELS].replace(b"worksheets/sheet1.xml", b"worksheets/%41.xml")
    types = parts[TYPES].replace(b"worksheets/sheet1.xml", b"worksheets/A.xml")
    own_rels = parts.pop("xl/worksheets/_rels/sheet1.xml.rels")
    more = {"xl/worksheets/A.xml": sheet, "xl/worksheets/%41.xml": far, "xl/worksheets/_rels/A.xml.rels": own_rels}
    return zipped({**parts, RELS: rels, TYPES: types, **more})


FAR = b'<row r="1000"><c r="%s"><v>1</v></c></row>'
SAME_NAME = edited(WORKBOOK, b'name="Communications"', b'name="CASES"')

REFUSED: dict[str, Builder] = {
    **{f"entities_in_{part.rpartition('/')[2]}": with_doctype(part, LAUGHS) for part in (SHEET, STRINGS, WORKBOOK, RELS, TYPES, "xl/styles.xml", "xl/tables/table1.xml")},
    "external_entity_in_sheet": with_doctype(SHEET, OUTSIDE),
    "external_entity_in_workbook": with_doctype(WORKBOOK, OUTSIDE),
    "nested_workbook": nested(WORKBOOK, b"</workbook>", 100_000),
    "nested_types": nested(TYPES, b"</Types>", 100_000),
    "cell_in_far_corner": with_cells(lambda: FAR % b"XFD1048576"),
    "cell_in_last_row_of_wide_sheet": with_cells(lambda: FAR % b"CV1048576"),
    "cell_beyond_last_row": with_cells(lambda: FAR % b"A1048577"),
    "cell_beyond_last_column": with_cells(lambda: FAR % b"XFE1"),
    "cell_with_four_letters": with_cells(lambda: FAR % b"AAAA1"),
    "cell_with_endless_letters": with_cells(lambda: FAR % (b"A" * MILLION + b"1")),
    "cell_with_endless_number": with_cells(lambda: FAR % (b"A" + b"9" * MILLION)),
    "cell_without_letters": with_cells(lambda: FAR % b"12"),
    "cell_address_twice": with_cells(lambda: b'<row r="1000"><c r="A1000" r="XFD1048576"><v>1</v></c></row>'),
    "cell_in_single_quotes": with_cells(lambda: b"<row r='1000'><c s='0' r = 'XFD1048576'><v>1</v></c></row>"),
    "cell_with_another_prefix": with_cells(lambda: b'<q:row xmlns:q="urn:q" r="1000"><q:c r="XFD1048576"><q:v>1</q:v></q:c></q:row>'),
    "row_with_endless_number": with_cells(lambda: b'<row r="%s"><c><v>1</v></c></row>' % (b"9" * 5000)),
    "row_far_down_with_wide_cells": with_cells(lambda: b'<row r="1048576">' + b"<c><v>1</v></c>" * 100 + b"</row>"),
    "million_columns": with_cells(lambda: b'<row r="1000">' + b"<c/>" * MILLION + b"</row>"),
    "millions_of_rows": with_cells(lambda: b"<row/>" * (2 * MILLION)),
    "millions_of_cells_in_few_rows": with_cells(lambda: (b"<row>" + b"<c/>" * 16_000 + b"</row>") * 2000),
    "millions_of_merged_ranges": edited(SHEET, b"<pageMargins", b"<mergeCells>" + b'<mergeCell ref="A1:B2"/>' * MILLION + b"</mergeCells><pageMargins"),
    "strings_said_to_be_many": strings(lambda: b"<si><t>a</t></si>", b' count="99999999999" uniqueCount="99999999999"'),
    "strings_said_to_be_many_with_plus": strings(lambda: b"<si><t>a</t></si>", b' uniqueCount="+9999999999"'),
    "strings_within_strings": strings(lambda: b'<sst uniqueCount="99999999999"><si/></sst>'),
    "strings_within_other_root": replaced(STRINGS, lambda: b'<x xmlns="%s"><sst uniqueCount="99999999999"/></x>' % MAIN_NS.encode()),
    "millions_of_strings": strings(lambda: b"<si/>" * (6 * MILLION)),
    "repeated_long_string": repeated_string(b'<c t="s"><v>%(number)s</v></c>'),
    "repeated_long_string_in_comments": repeated_string(b"<c t = 's'><v>%(number)s<!-- --></v ></c>"),
    "repeated_long_string_with_zeros": repeated_string(b'<c t="s"><v>00%(number)s</v></c>'),
    "repeated_first_string": repeated_string(b'<c t="s"><v>1.5</v></c>', first=True),
    "repeated_first_string_by_a_blank": repeated_string(b'<c t="s"><v> 1</v></c>', first=True),
    "repeated_long_string_in_cdata": repeated_string(b'<c t="s"><v><![CDATA[%(number)s]]></v></c>'),
    "repeated_long_string_and_another": repeated_string(b'<c t="s"><v>%(number)s<x/>1</v></c>'),
    "repeated_long_string_with_prefix": repeated_string(b'<z:c xmlns:z="urn:z" t="s"><z:v>%(number)s</z:v></z:c>'),
    "string_that_is_not_there": with_cells(lambda: b'<row r="1000"><c r="A1000" t="s"><v>99999</v></c></row>'),
    "millions_of_names": many(WORKBOOK, b"</workbook>", b"<x/>"),
    "millions_of_relationships": many(RELS, b"</Relationships>", b"<Relationship/>"),
    "millions_of_types": many(TYPES, b"</Types>", b"<Override/>"),
    "millions_of_columns_in_table": many("xl/tables/table1.xml", b"</tableColumns>", b"<tableColumn/>"),
    "bomb_by_ratio": with_bomb("xl/media/image1.png", b"\0" * 65_536, 4_000),
    "bomb_that_says_it_is_small": with_bomb(STRINGS, b"<si/>" * 13_000, 12_000, said=100),
    "sheet_that_says_it_is_small": with_bomb(SHEET, b"<row/>" * 13_000, 12_000, said=100),
    "part_beyond_the_bound": with_bomb(SHEET, os.urandom(400) + b"<row/>" * 13_000, 7_000),
    "parts_beyond_the_bound_together": rezipped(lambda data: moved_entry(moved_entry(_sized(data, 6), b"big0", 24, 1 << 29), b"big1", 24, 1 << 29)),
    "truncated": rezipped(lambda data: data[: len(data) // 2]),
    "truncated_by_a_byte": rezipped(lambda data: data[:-1]),
    "wrong_crc": rezipped(lambda data: moved_entry(data, SHEET.encode(), 16, 12345)),
    "wrong_size": rezipped(lambda data: moved_entry(data, SHEET.encode(), 24, 12345)),
    "wrong_compressed_size": rezipped(lambda data: moved_entry(data, SHEET.encode(), 20, 100)),
    "overlapping": rezipped(lambda data: moved_entry(data, SHEET.encode(), 42, 0)),
    "same_part_in_capitals": second_member("XL/WORKSHEETS/SHEET1.XML"),
    "same_part_with_backslashes": second_member("xl\\worksheets\\sheet1.xml"),
    "same_part_with_leading_slash": second_member("/xl/worksheets/sheet1.xml"),
    "path_traversal": second_member("../../../etc/cron.d/evil"),
    "path_traversal_with_backslashes": second_member("..\\..\\evil"),
    "path_of_a_drive": second_member("C:/evil"),
    "name_with_nul": renamed_in_both_headers(b"xl/aXb.xml", b"xl/a\0b.xml"),
    "name_with_escape": renamed_in_both_headers(b"xl/aXb.xml", b"xl/a\x1bb.xml"),
    "broken_workbook_with_opendocument": ods_within,
    "sheet_in_ebcdic": encoded("cp037"),
    "sheet_in_utf_7": encoded("utf-7"),
    "sheet_in_punycode": encoded("punycode"),
    "same_sheet_name_twice": SAME_NAME,
    "same_sheet_part_twice": edited(RELS, b"worksheets/sheet2.xml", b"worksheets/sheet1.xml"),
    "sheet_outside": relationship(b"../../../../../../etc/passwd"),
    "sheet_in_the_web": relationship(b"https://example.org/sheet1.xml"),
    "workbook_outside": edited("_rels/.rels", b"xl/workbook.xml", b"../../../etc/passwd"),
    "workbook_is_its_own_relationships": edited("_rels/.rels", b"xl/workbook.xml", b"_rels/.rels"),
    "encrypted": lambda: ole("EncryptedPackage"),
    "xls": lambda: ole("Workbook"),
    "xlsb": xlsb,
    "ods": ods,
    "rows_in_two_places": edited(SHEET, b'<row r="3"', b'<row r="30"><sheetData/></row><row r="3"'),
    "empty": lambda: b"",
    "text": lambda: b"Case Number,Date Opened\nGTB-1,2023-10-26\n",
    "html": lambda: b"<html><table><tr><td>GTB-1</td></tr></table></html>",
    "zip_of_something_else": lambda: zipped({"a.txt": b"a"}),
    "word": lambda: edited(TYPES, b"spreadsheetml.sheet.main+xml", b"wordprocessingml.document.main+xml")(),
    "only_a_signature": lambda: b"PK\x03\x04",
    "zeros": lambda: b"PK" + b"\0" * MILLION,
}  # fmt: skip


def _sized(data: bytes, count: int) -> bytes:
    """The workbook with members `big0`, `big1`, … that say they expand to half a gigabyte each."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    data = zipped({**parts, **{f"big{n}": os.urandom(2 << 20) for n in range(count)}})
    for n in range(count):
        data = moved_entry(data, b"big%d" % n, 24, 1 << 29)
    return data


def with_setting(label: str, value: str) -> Builder:
    """The template with a value put beside a label on its Settings sheet."""

    def builder() -> bytes:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".* extension is not supported")
            book = openpyxl.load_workbook(TEMPLATE)
        page = book[SETTINGS]
        cell = next(cell for row in page.iter_rows() for cell in row if cell.value == label)
        cell.offset(0, 1).value = value
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    return builder


ENDURED: dict[str, Builder] = {
    "sheet_in_the_web_external": relationship(b"https://example.org/sheet1.xml", mode=b' TargetMode="External"'),
    "string_below_zero": with_cells(lambda: b'<row r="1000"><c r="A1000" t="s"><v>-1</v></c></row>'),
    "nested_sheet": nested(SHEET, b"<pageMargins", 100_000),
    "huge_attribute": edited(SHEET, b"<pageMargins", b'<x a="%s"/><pageMargins' % (b"A1 " * (5 * MILLION))),
    "million_attributes": edited(SHEET, b"<sheetData>", b"<x %s/><sheetData>" % b" ".join(b"a%d=''" % n for n in range(200_000))),
    "huge_string": strings(lambda: b"<si><t>" + os.urandom(8 * MILLION).hex().encode() + b"</t></si>" * 1),
    "millions_of_styles": many("xl/styles.xml", b"</cellXfs>", b"<xf/>"),
    "style_that_is_not_there": with_cells(lambda: b'<row r="1000"><c r="A1000" s="999999"><v>1</v></c></row>'),
    "style_with_endless_number": with_cells(lambda: b'<row r="1000"><c r="A1000" s="%s"><v>1</v></c></row>' % (b"9" * 5000)),
    "texts_between_children": edited(SHEET, b"<pageMargins", b"<x>" + b"a<y/>" * (MILLION * 3 // 4) + b"</x><pageMargins"),
    "million_formulas_in_a_cell": with_cells(lambda: b'<row r="1000"><c r="A1000">' + b"<f/>" * MILLION + b"</c></row>"),
    "million_formulas_in_no_cell": with_cells(lambda: b'<row r="1000">' + b"<f/>" * MILLION + b"</row>"),
    "million_errors_in_an_attribute": with_cells(lambda: b'<row r="1000"><c r="A1000" x="%s"/></row>' % (b" t='e'" * MILLION)),
    "rows_in_a_comment": with_cells(lambda: b"<!--" + b'<row a="' * MILLION + b"-->"),
    "cells_in_a_comment": with_cells(lambda: b"<!--" + b"<c <f " * MILLION + b"-->"),
    "encodings_in_the_declaration": edited(SHEET, b"?>", b"?><!-- " + b"<?xml encoding='a' " * MILLION + b"-->"),
    "texts_that_look_like_cells": edited(STRINGS, b"Non-delivery", b'Non-delivery &lt;c r="XFD1048576" <!-- -->:c :row count="99999999999999"'),
    "table_over_everything": edited("xl/tables/table1.xml", b' ref="', b' ref="A1:XFD1048576" xref="'),
    "table_backwards": edited("xl/tables/table1.xml", b' ref="', b' ref="ZZZ9999999:A1" xref="'),
    "hidden_in_utf_16": hidden_in_utf_16,
    "part_under_two_names": same_part_under_another_name,
    "sheet_is_the_workbook": relationship(b"workbook.xml"),
    "relationship_loop": edited(RELS, b"</Relationships>", b'<Relationship Id="loop" Type="%s/sharedStrings" Target="workbook.xml"/></Relationships>' % OFFICE_NS.encode()),
    "sheet_name_with_controls": edited(WORKBOOK, b'name="Communications"', b'name="Communic&#x9b;31m&#10;refundbook: fine&#x202e;"'),
    "pattern_of_stars": with_setting("GTBuy", "*A" * 16_000),
    "pattern_of_groups": with_setting("GTBuy", "(a+)+$" * 5_000),
    "many_patterns": with_setting("GTBuy", "*A*#*-*?* " * 3_200),
    "zone_outside": with_setting("Time zone", "../../../../../../../../etc/passwd"),
    "zone_of_a_device": with_setting("Time zone", "/dev/zero"),
}  # fmt: skip

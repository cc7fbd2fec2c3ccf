"""Values, headers and addresses read from a sheet, however it was laid out."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from refundbook.base.errors import UnreadableWorkbook
from refundbook.xlsx.package.xml_splice import MAIN
from refundbook.xlsx.reading.byte_scan import results, scan_cells, without_formula_texts
from refundbook.xlsx.reading.data_range import DataRange
from refundbook.xlsx.reading.reader import Reader

EXPECTED = {"Name", "Day"}


def made(*layout: tuple[str, object], table: str = "", sheet: str = "S", **options: Any) -> bytes:
    """A workbook with cells (address, value) and, where `table` is a range, a Table there."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, **options}) as book:
        target = book.add_worksheet(sheet)
        day = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for address, value in layout:
            if isinstance(value, date):
                target.write_datetime(address, value, day)
            else:
                target.write(address, value)
        if table:
            headers = [{"header": value} for address, value in layout if address[-1] == table[1] and len(address) == 2]
            target.add_table(table, {"columns": headers})
    return out.getvalue()


def grid(data: bytes, name: str = "S") -> DataRange:
    reader = Reader(data)
    sheet = reader.layout.sheet(name)
    assert sheet is not None
    return reader.grid(sheet, EXPECTED)


def edited(data: bytes, part: str, *replacements: tuple[bytes, bytes]) -> bytes:
    """The workbook with bytes of one part replaced."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == part:
                for before, after in replacements:
                    assert before in content
                    content = content.replace(before, after)
            new.writestr(name, content)
    return out.getvalue()


SHEET_PART = "xl/worksheets/sheet1.xml"


def test_values_stand_at_their_true_addresses_though_rows_and_columns_lead_blank() -> None:
    found = grid(made(("C4", "Name"), ("D4", "Day"), ("C6", "x"), ("D6", date(2023, 10, 26))))
    assert (found.header_row, found.first_column, found.top) == (4, 3, 5)
    assert found.headers == ("Name", "Day")
    assert found.columns == [["", "x"], ["", date(2023, 10, 26)]]


def test_a_tables_own_range_counts_and_what_is_beside_it_does_not() -> None:
    data = made(
        ("A1", "Name"),
        ("B1", "Day"),
        ("C1", "note"),
        ("A2", "x"),
        ("C2", "y"),
        ("A5", "below"),
        ("C6", "beside"),
        table="A1:B3",
    )
    found = grid(data)
    assert found.headers == ("Name", "Day")
    assert found.last_row == 3
    assert found.last_used == 2
    assert found.uncovered == (5,)


def test_the_table_with_most_of_the_headers_is_taken() -> None:
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("S")
        sheet.add_table("A1:B3", {"name": "Other", "columns": [{"header": "Name"}, {"header": "More"}]})
        sheet.add_table("D1:E3", {"name": "Ours", "columns": [{"header": "Day"}, {"header": "Name"}]})
    found = grid(out.getvalue())
    assert found.table is not None
    assert (found.table.name, found.first_column, found.headers) == ("Ours", 4, ("Day", "Name"))


def test_a_date_with_a_time_and_a_date_of_the_1904_system_are_read() -> None:
    moment = datetime(2024, 2, 29, 14, 30)
    for date_1904 in (False, True):
        found = grid(made(("A1", "Day"), ("A2", moment), ("A3", date(2024, 2, 29)), date_1904=date_1904))
        assert found.columns == [[moment, date(2024, 2, 29)]]


def test_formulas_and_errors_are_told_with_their_addresses() -> None:
    data = made(("A1", "Name"), ("A2", "=1/0"), ("A3", "=1+1"), ("A4", "x"))
    data = edited(
        data, SHEET_PART, (b'<c r="A2"><f>1/0</f><v>0</v></c>', b'<c r="A2" t="e"><f>1/0</f><v>#DIV/0!</v></c>')
    )
    found = grid(data)
    assert found.formulas == {(2, 1), (3, 1)}
    assert found.errors == {(2, 1): "#DIV/0!"}


@pytest.mark.parametrize(
    "cells",
    [
        b'<row r="2"><c r="B2" t="e"><v>#REF!</v></c></row><row r="3"><c r="C3" s="1"><f>A1</f><v>1</v></c></row>',
        b"<row r='2'><c t='e' r='B2'>\n <v>#REF!</v></c></row><row r='3'><c r='C3'> <f t='shared' si='0'/></c></row>",
        b"<row/><row><c/><c t='e'><v>#REF!</v></c></row><row><c/><c/><c><f>A1</f></c></row>",
        b'<x:row r="2"><x:c/><x:c t="e"><x:v>#REF!</x:v></x:c></x:row><x:row r="3"><x:c '
        b'r="C3"><x:f>A1</x:f></x:c></x:row>',
    ],
)
def test_formulas_and_errors_are_found_in_every_writers_markup(cells: bytes) -> None:
    prefix = b"x:" if b"x:" in cells else b""
    xml = b"<" + prefix + b"sheetData>" + cells + b"</" + prefix + b"sheetData>"
    assert scan_cells(xml) == (frozenset({(3, 3)}), {(2, 2): "#REF!"})


def test_values_are_not_taken_for_formulas_or_errors() -> None:
    cells = b'<row r="1"><c r="A1" t="inlineStr"><is><t>#REF! t="e"</t></is></c><c r="B1" t="str"><v>f</v></c></row>'
    assert scan_cells(b"<sheetData>" + cells + b"</sheetData>") == (frozenset(), {})


@pytest.mark.parametrize(
    ("cell", "has"),
    [
        (b"<c><f>A1</f><v>1</v></c>", True),
        (b'<x:c t="str"><x:f>A1</x:f>\n<x:v>text</x:v></x:c>', True),
        (b'<c><f t="shared" si="0"/><v>1</v></c>', True),
        (b"<c><f>A1</f><v/></c>", True),
        (b"<c><f>A1</f></c><c><v>1</v></c>", False),
        (b'<c><f t="shared" si="0"/></c><c><v>1</v></c>', False),
        (b"<c><v>1</v></c>", False),
    ],
)
def test_a_result_stands_beside_its_formula(cell: bytes, has: bool) -> None:
    assert any(results(b"<sheetData><row>" + cell + b"</row></sheetData>")) == has


FORMULA_CELLS = st.lists(
    st.sampled_from(
        [
            '<c r="A{n}"><f>IF(A1&lt;2,&quot;a&quot;,"b"&amp;C1)</f><v>1</v></c>',
            '<c r="A{n}" t="str"><f t="array" ref="A{n}">ROW(A1)</f><v>a&amp;b</v></c>',
            '<c r="A{n}" t="e"><f>1/0</f><v>#DIV/0!</v></c>',
            '<c r="A{n}"><f t="shared" si="0"/><v>2</v></c>',
            '<c r="A{n}" t="str"><f>"ü"</f><v>ü</v></c>',
            '<c r="A{n}" t="inlineStr"><is><t>&lt;f&gt;1&lt;/f&gt;</t></is></c>',
            '<c r="A{n}"><f>a &#38; b</f></c>',
            '<c r="A{n}"><v>7</v></c>',
        ]
    ),
    min_size=1,
)


@settings(deadline=None)
@given(FORMULA_CELLS)
def test_without_the_texts_of_formulas_a_sheet_reads_as_with_them(cells: list[str]) -> None:
    rows = "".join(f'<row r="{n}">{cell.replace("{n}", str(n))}</row>' for n, cell in enumerate(cells, 1))
    xml = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()
    bare = without_formula_texts(xml)
    assert scan_cells(bare) == scan_cells(xml)
    assert values_of(bare) == values_of(xml)
    assert b"ROW(" not in bare
    assert b"IF(" not in bare


def values_of(xml: bytes) -> list[list[Any]]:
    data = made(("A1", 1))
    with zipfile.ZipFile(BytesIO(data)) as file:
        data = edited(data, SHEET_PART, (file.read(SHEET_PART), xml))
    return CalamineWorkbook.from_filelike(BytesIO(data)).get_sheet_by_index(0).to_python()


@pytest.mark.parametrize("text", ["a & b", "&amp", "&nbsp;", "\x01", "<b/>", "\ufffe", "]]>", "1>0"])
def test_what_is_no_plain_text_of_a_formula_is_not_overlooked(text: str) -> None:
    xml = f'<sheetData><row r="1"><c r="A1"><f>{text}</f></c></row></sheetData>'.encode()
    assert without_formula_texts(xml) == xml


def test_a_row_that_holds_only_formulas_is_free() -> None:
    found = grid(made(("A1", "Name"), ("B1", "Day"), ("A2", "x"), ("B3", "=A3"), table="A1:B4"))
    assert found.last_used == 2


def test_a_sheet_is_found_whatever_its_upper_and_lower_case() -> None:
    assert grid(made(("A1", "Name"), sheet="s"), "S").headers == ("Name",)


def test_an_empty_sheet_has_one_blank_header() -> None:
    found = grid(made())
    assert (found.headers, found.columns, found.last_row) == (("",), [[]], 1)


def test_one_cell_in_the_far_corner_is_refused_before_it_takes_all_memory() -> None:
    data = made(("A1", "Name"), ("XFD1048576", "x"))
    with pytest.raises(UnreadableWorkbook, match=r"spans 1,048,576 rows by 16,384 columns"):
        grid(data)


def test_a_cell_beyond_the_last_column_is_refused() -> None:
    data = edited(made(("A1", "Name"), ("B2", 7)), SHEET_PART, (b'r="B2"', b'r="ZZZZ2"'))
    with pytest.raises(UnreadableWorkbook, match="beyond the last"):
        grid(data)


ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"Case Number,Date\n", "not an Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, r"old \.xls format"),
        (ENCRYPTED, "encrypted"),
    ],
)
def test_other_files_are_named_for_what_they_are(data: bytes, said: str) -> None:
    with pytest.raises(UnreadableWorkbook, match=said):
        Reader(data)


def test_other_archives_are_named_for_what_they_are() -> None:
    def archive(**members: bytes) -> bytes:
        out = BytesIO()
        with zipfile.ZipFile(out, "w") as file:
            for name, content in members.items():
                file.writestr(name, content)
        return out.getvalue()

    with pytest.raises(UnreadableWorkbook, match="OpenDocument"):
        Reader(archive(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"))
    with pytest.raises(UnreadableWorkbook, match="zip file, but not"):
        Reader(archive(readme=b"hello"))


def test_strict_open_xml_is_refused_with_what_to_do() -> None:
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    data = edited(made(("A1", "Name")), "xl/workbook.xml", (main, b"http://purl.oclc.org/ooxml/spreadsheetml/main"))
    with pytest.raises(UnreadableWorkbook, match="Strict Open XML format: open it in Excel and save it as"):
        Reader(data)


def test_a_sheet_part_that_is_missing_is_said(tmp_path: Path) -> None:
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(made(("A1", "Name")))) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            if name != SHEET_PART:
                new.writestr(name, old.read(name))
    with pytest.raises(UnreadableWorkbook, match=r"sheet1\.xml|sheet1"):
        grid(out.getvalue())

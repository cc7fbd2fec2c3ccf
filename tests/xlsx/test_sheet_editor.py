"""Cells put into a sheet part, byte by byte."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
import xlsxwriter
from hypothesis import example, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from refundbook.base.a1 import Range
from refundbook.base.errors import UnreadableWorkbook, UnsupportedEdit
from refundbook.xlsx.package.package import Package
from refundbook.xlsx.package.workbook_part import Formula
from refundbook.xlsx.package.xml_splice import MAIN
from refundbook.xlsx.writing.cell_xml import Cached, Cell, CellColumn, Moved, number_text
from refundbook.xlsx.writing.formula_refs import Growth
from refundbook.xlsx.writing.sheet_editor import SheetEditor
from refundbook.xlsx.writing.sheet_part import SheetPart
from tests.support.zips import rebuilt

HEAD = f'<worksheet xmlns="{MAIN}"><dimension ref="A1:B2"/>'.encode()
GROWTH = Growth("S", Range(1, 2, 2, 2), 3)


def sheet(body: bytes, tail: bytes = b"", head: bytes = HEAD) -> SheetEditor:
    return SheetEditor(head + body + tail + b"</worksheet>", "xl/worksheets/sheet1.xml")


def result(edited: SheetEditor) -> bytes:
    part = edited.result()
    assert part is not None
    return part.xml


ROWS = (
    b'<sheetData><row r="1"><c r="A1" s="1"/></row><row r="2" spans="1:2" ht="30"><c r="A2" s="4"/><c r="B2" '
    b't="s"><v>0</v></c></row></sheetData>'
)


def test_nothing_staged_changes_nothing() -> None:
    assert sheet(ROWS).result() is None


def test_a_cell_is_replaced_and_its_neighbours_stay() -> None:
    edited = sheet(ROWS)
    edited.put(2, {1: Cell("GTB-1", 4)})
    expected = b'<c r="A2" s="4" t="inlineStr"><is><t xml:space="preserve">GTB-1</t></is></c>'
    assert result(edited) == HEAD + ROWS.replace(b'<c r="A2" s="4"/>', expected) + b"</worksheet>"


def test_a_new_row_comes_after_the_one_before_it_and_widens_the_dimension() -> None:
    edited = sheet(ROWS)
    edited.put(3, {1: Cell(1), 3: Cell(Decimal("2.50"), 7)})
    xml = result(edited)
    assert b'</row><row r="3"><c r="A3"><v>1</v></c><c r="C3" s="7"><v>2.5</v></c></row></sheetData>' in xml
    assert b'<dimension ref="A1:C3"/>' in xml


def test_rows_go_in_between_existing_rows() -> None:
    edited = sheet(b'<sheetData><row r="1"/><row r="9"><c r="A9"/></row></sheetData>')
    edited.put(5, {1: Cell(5)})
    edited.put(3, {1: Cell(3)})
    assert (
        b'<row r="1"/><row r="3"><c r="A3"><v>3</v></c></row><row r="5"><c r="A5"><v>5</v></c></row><row r="9">'
        in result(edited)
    )


_CONTENTS = st.one_of(
    st.none(),
    st.sampled_from(["GTB-1", "=1+1", "_x0041_", "a & b", "a<b", "a>b", "a\rb", "a & <b>\r\n", ""]),
    st.integers(1, 9),
    st.decimals(0, 99, places=2),
    st.dates(date(1904, 1, 1)),
    st.datetimes(datetime(1904, 1, 1)),
    st.builds(
        Formula,
        st.sampled_from(["A1&B1", "SUM(A1:A2)"]),
        st.booleans(),
        st.sampled_from([(), (("cm", "1"), ("ph", "1"))]),
    ),
)


@given(
    st.lists(st.lists(_CONTENTS, min_size=3, max_size=3), min_size=1, max_size=5),
    st.sampled_from([b"<sheetData/>", ROWS, ROWS.replace(b"</sheetData>", b'<row r="5"/><row r="20"/></sheetData>')]),
    st.booleans(),
)
@example([["a & b", "a<b", "a>b"]], b"<sheetData/>", False)
@example([["a\rb", "_x0041_", None]], b"<sheetData/>", False)
def test_new_rows_by_column_are_what_they_are_by_row(entries: list[list[object]], body: bytes, date_1904: bool) -> None:
    """Also between rows that are there, and above a totals row that moves."""
    by_row, by_column = (
        SheetEditor(HEAD + body + b"</worksheet>", "xl/worksheets/sheet1.xml", date_1904=date_1904) for _ in range(2)
    )
    rows = [row for row in range(3, 9) if row != 5][: len(entries)]
    numbers = [2, 4, 1]
    columns = [
        CellColumn(values, {v: int(isinstance(v, date)) for v in values}) for values in zip(*entries, strict=True)
    ]
    for row, values in zip(rows, entries, strict=True):
        by_row.put(row, {n: Cell(v, column.styles[v]) for n, v, column in zip(numbers, values, columns, strict=True)})
    by_column.put_new(rows, dict(zip(numbers, columns, strict=True)))
    for edited in (by_row, by_column):
        edited.put(9, {1: Moved(1)})
    assert result(by_column) == result(by_row)


@pytest.mark.parametrize("others", [[], [Formula("A1", False)]])
def test_a_text_is_never_taken_for_the_place_of_a_number(others: list[object]) -> None:
    edited = sheet(b"<sheetData/>")
    values = ["a\0b", *others]
    edited.put_new(range(3, 3 + len(values)), {1: CellColumn(values, dict.fromkeys(values, 0))})
    with pytest.raises(ValueError, match="holds what no workbook can"):
        edited.result()


def test_new_rows_never_go_into_a_formula_that_fills_them() -> None:
    edited = sheet(b'<sheetData><row r="1"><c r="B1"><f t="array" ref="B1:B4">ROW(1:4)</f></c></row></sheetData>')
    edited.put_new([3, 4], {2: CellColumn([None, None], {None: 0})})
    with pytest.raises(UnsupportedEdit, match="B3 is one of B1:B4, which a single array formula fills"):
        edited.result()


def test_where_only_results_are_put_no_formula_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a Tracker, which has a thousand of them."""
    monkeypatch.delattr(SheetPart, "formula_elements")
    edited = sheet(b'<sheetData><row r="1"><c r="A1"><f>X</f></c></row></sheetData>')
    edited.put(1, {1: Cached(7)})
    assert b"<f>X</f><v>7</v>" in result(edited)


def test_a_row_that_no_sheet_has_is_refused() -> None:
    edited = sheet(ROWS)
    for rows in ([1_048_577], [1_048_576, 1_048_577]):
        with pytest.raises(UnreadableWorkbook, match="has a row 1048577, and no sheet has that many"):
            edited.put_new(rows, {1: CellColumn([1] * len(rows), {1: 0})})
    with pytest.raises(UnreadableWorkbook, match="has a row 1048577, and no sheet has that many"):
        edited.put(1_048_577, {1: Cell(1)})


@pytest.mark.parametrize("empty", [b"<sheetData/>", b"<sheetData></sheetData>", b"<sheetData />"])
def test_a_sheet_without_rows_gets_its_first(empty: bytes) -> None:
    edited = sheet(empty)
    edited.put(1, {1: Cell(1)})
    assert b'<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>' in result(edited)


def test_an_empty_row_element_is_opened_up() -> None:
    edited = sheet(b'<sheetData><row r="2" ht="20"/></sheetData>')
    edited.put(2, {2: Cell(1), 4: Cell(2)})
    assert b'<row r="2" ht="20"><c r="B2"><v>1</v></c><c r="D2"><v>2</v></c></row>' in result(edited)


def test_cells_go_in_between_existing_cells_and_the_spans_hint_follows() -> None:
    edited = sheet(b'<sheetData><row r="2" spans="2:4"><c r="B2"/><c r="D2"/></row></sheetData>')
    edited.put(2, {1: Cell(1), 3: Cell(3), 5: Cell(5)})
    expected = (
        b'<row r="2" spans="1:5"><c r="A2"><v>1</v></c><c r="B2"/><c r="C2"><v>3</v></c><c r="D2"/><c '
        b'r="E2"><v>5</v></c></row>'
    )
    assert expected in result(edited)


def test_the_sheets_namespace_prefix_is_used_for_new_cells() -> None:
    edited = SheetEditor(
        f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1"><x:c r="A1"/></x:row></x:sheetData></x:worksheet>'.encode(),
        "p",
    )
    edited.put(1, {2: Cell("t")})
    edited.put(2, {1: Cell(Formula("1+1"))})
    xml = result(edited)
    assert b'<x:c r="B1" t="inlineStr"><x:is><x:t xml:space="preserve">t</x:t></x:is></x:c></x:row>' in xml
    assert b'<x:row r="2"><x:c r="A2"><x:f>1+1</x:f></x:c></x:row></x:sheetData>' in xml


def test_rows_and_cells_without_addresses_are_counted() -> None:
    edited = sheet(b"<sheetData><row><c><v>1</v></c><c><v>2</v></c></row><row><c s='3'><v>3</v></c></row></sheetData>")
    assert edited.sheet.style_at(2, 1) == 3
    edited.put(2, {2: Cell(9)})
    edited.put(3, {1: Cell(10)})
    assert b'<c s=\'3\'><v>3</v></c><c r="B2"><v>9</v></c></row><row r="3">' in result(edited)


def test_comments_and_cdata_in_the_rows_are_not_taken_for_rows() -> None:
    body = (
        b'<sheetData><!-- <row r="7"> --><row r="1"><c r="A1" t="str"><v><![CDATA[</row><row '
        b'r="8">]]></v></c></row></sheetData>'
    )
    edited = sheet(body)
    edited.put(2, {1: Cell(1)})
    assert result(edited).count(b'<row r="2">') == 1
    assert b']]></v></c></row><row r="2">' in result(edited)


def test_results_are_put_beside_formulas_and_nowhere_else() -> None:
    body = (
        b'<sheetData><row r="1"><c r="A1" s="2"><f>X</f></c><c r="B1" t="n"><f t="array" '
        b'ref="B1">Y</f><v>7</v></c><c r="C1"><v>5</v></c></row></sheetData>'
    )
    edited = sheet(body)
    edited.put(1, {1: Cached("a&b"), 2: Cached("z"), 3: Cached("never"), 4: Cached("never")})
    xml = result(edited)
    assert b'<c r="A1" s="2" t="str"><f>X</f><v>a&amp;b</v></c>' in xml
    assert b'<c r="B1" t="str"><f t="array" ref="B1">Y</f><v>z</v></c><c r="C1"><v>5</v></c></row>' in xml
    assert not edited.lost_formula


def test_a_stale_result_is_taken_away() -> None:
    edited = sheet(b'<sheetData><row r="1"><c r="A1"><f>X</f><v>7</v></c></row></sheetData>')
    edited.put(1, {1: Cached(None)})
    assert b'<c r="A1"><f>X</f></c>' in result(edited)


def test_results_that_are_already_there_change_nothing() -> None:
    edited = sheet(b'<sheetData><row r="1"><c r="A1" t="str"><f>X</f><v>z</v></c></row></sheetData>')
    edited.put(1, {1: Cached("z")})
    assert edited.result() is None


def test_a_formula_that_gives_way_to_a_value_is_told() -> None:
    edited = sheet(b'<sheetData><row r="1"><c r="A1"><f>X</f></c></row></sheetData>')
    edited.put(1, {1: Cell(3)})
    result(edited)
    assert edited.lost_formula


def test_a_totals_row_moves_with_its_format_and_its_ranges_grow() -> None:
    edited = sheet(b'<sheetData><row r="3"><c r="A3" s="9"><f>SUBTOTAL(109,A2:A2)</f><v>1</v></c></row></sheetData>')
    edited.grow(GROWTH._replace(totals_rows=1), own_sheet=True)
    edited.put(4, {1: Moved(3)})
    edited.put(3, {1: Cell(5)})
    xml = result(edited)
    assert (
        b'<row r="3"><c r="A3"><v>5</v></c></row><row r="4"><c r="A4" '
        b's="9"><f>SUBTOTAL(109,A2:A3)</f><v>1</v></c></row>' in xml
    )


def test_ranges_that_ended_with_the_table_grow_and_others_stay() -> None:
    tail = (
        b'<autoFilter ref="A1:B2"/><conditionalFormatting sqref="A2:A2 '
        b'D2:D9"><cfRule><formula>COUNTIF($A$2:$A$2,A2)</formula></cfRule></conditionalFormatting>'
        b"<dataValidations><dataValidation "
        b'sqref="B2"><formula1>Other!$A$2:$A$2</formula1></dataValidation></dataValidations><extLst><ext><x14:f '
        b'xmlns:x14="urn:14"><xm:f xmlns:xm="urn:m">S!A2:A2</xm:f><xm:sqref '
        b'xmlns:xm="urn:m">B2:B2</xm:sqref></x14:f></ext></extLst>'
    )
    edited = sheet(ROWS, tail)
    edited.grow(GROWTH, own_sheet=True)
    expected = (
        tail.replace(b'ref="A1:B2"', b'ref="A1:B3"')
        .replace(b'"A2:A2 D2:D9"', b'"A2:A3 D2:D9"')
        .replace(b"$A$2:$A$2,A2)<", b"$A$2:$A$3,A2)<")
        .replace(b'"B2"', b'"B2:B3"')
        .replace(b">S!A2:A2<", b">S!A2:A3<")
        .replace(b">B2:B2<", b">B2:B3<")
    )
    assert result(edited) == HEAD + ROWS + expected + b"</worksheet>"


def test_on_another_sheet_only_formulas_that_name_the_table_grow() -> None:
    tail = (
        b"<conditionalFormatting "
        b'sqref="A2:A2"><cfRule><formula>MATCH(1,S!$A$2:$A$2,0)+A2:A2</formula></cfRule></conditionalFormatting>'
    )
    edited = sheet(ROWS, tail)
    edited.grow(GROWTH, own_sheet=False)
    assert result(edited) == HEAD + ROWS + tail.replace(b"S!$A$2:$A$2", b"S!$A$2:$A$3") + b"</worksheet>"


def test_what_is_selected_and_where_a_sparkline_stands_do_not_grow() -> None:
    head = (
        f'<worksheet xmlns="{MAIN}"><sheetViews><sheetView><selection sqref="A1:B2"/></sheetView></sheetViews>'.encode()
    )
    tail = (
        b'<extLst><ext><s:sparkline xmlns:s="urn:14"><m:sqref xmlns:m="urn:m">B2</m:sqref></s:sparkline></ext></extLst>'
    )
    edited = sheet(ROWS, tail, head)
    edited.grow(GROWTH, own_sheet=True)
    assert edited.result() is None


def test_what_is_sorted_and_filtered_grows() -> None:
    tail = b'<autoFilter ref="A1:B2"><sortState ref="A2:B2"><sortCondition ref="B2:B2"/></sortState></autoFilter>'
    edited = sheet(ROWS, tail)
    edited.grow(GROWTH, own_sheet=True)
    grown = tail.replace(b"A1:B2", b"A1:B3").replace(b"A2:B2", b"A2:B3").replace(b"B2:B2", b"B2:B3")
    assert result(edited) == HEAD + ROWS + grown + b"</worksheet>"


def test_a_formula_in_entities_or_cdata_grows() -> None:
    body = (
        b'<sheetData><row r="1"><c r="D1"><f>SUM(&apos;S&apos;!A$2:A$3)&amp;&quot;x&quot;</f></c><c '
        b'r="E1"><f><![CDATA[S!A$2:A$3&"<"]]></f></c></row></sheetData>'
    )
    edited = sheet(body, head=f'<worksheet xmlns="{MAIN}">'.encode())
    edited.grow(Growth("S", Range(1, 2, 2, 3), 5), own_sheet=False)
    assert b'<f>SUM(\'S\'!A$2:A$5)&amp;"x"</f></c><c r="E1"><f>S!A$2:A$5&amp;"&lt;"</f>' in result(edited)


def test_rows_are_found_in_any_markup() -> None:
    """A row's number may be its last attribute, quoted in either way, or left out."""
    body = (
        b"<sheetData><row spans='1:2' r='2'><c r='A2'/></row><row\n ht=\"9\"><c r=\"A3\"/></row ><row r=\" 7\" "
        b"/></sheetData>"
    )
    edited = sheet(body)
    for row in (2, 3, 5, 7, 8):
        edited.put(row, {2: Cell(row)})
    xml = result(edited)
    assert b"<row spans='1:2' r='2'><c r='A2'/><c r=\"B2\"><v>2</v></c></row>" in xml
    assert b'<c r="A3"/><c r="B3"><v>3</v></c></row ><row r="5"><c r="B5"><v>5</v></c></row>' in xml
    assert b'<row r=" 7" ><c r="B7"><v>7</v></c></row><row r="8">' in xml


@pytest.mark.parametrize("body", [b"", b"<sheetData><row r='1'/>", b"<sheetData><row r='2'/><row r='2'/></sheetData>"])
def test_a_part_that_is_no_sheet_is_refused(body: bytes) -> None:
    edited = None
    with pytest.raises(UnreadableWorkbook):  # noqa: PT012
        edited = sheet(body)
        edited.put(1, {1: Cell(1)})
        edited.result()


@pytest.mark.parametrize(
    ("value", "in_1900", "in_1904"),
    [
        (date(2023, 10, 26), "45225", "43763"),
        (date(1904, 1, 1), "1462", "0"),
        (date(1900, 3, 1), "61", "-1401"),
        (date(1900, 2, 28), "59", "-1402"),
        (date(2024, 2, 29), "45351", "43889"),
        (datetime(2023, 10, 26, 12, 0), "45225.5", "43763.5"),
    ],
)
def test_dates_become_serial_numbers_of_either_date_system(value: date, in_1900: str, in_1904: str) -> None:
    assert number_text(value) == in_1900
    assert number_text(value, date_1904=True) == in_1904


@pytest.mark.parametrize(
    ("value", "text"),
    [(Decimal("49.90"), "49.9"), (Decimal("1E+3"), "1000"), (Decimal("0.00"), "0"), (7, "7"), (0.1, "0.1")],
)
def test_numbers_are_written_plainly(value: object, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize("value", [True, object(), b"x"])
def test_what_a_cell_cannot_hold_is_a_mistake(value: object) -> None:
    with pytest.raises(TypeError):
        number_text(value)


def _blank_workbook() -> Package:
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.add_worksheet("S").write(0, 0, "h")
    return Package(out.getvalue())


_BLANK = _blank_workbook()
_PART = "xl/worksheets/sheet1.xml"
_TEXTS = st.text(
    st.characters(
        blacklist_categories=["Cs"],
        blacklist_characters=[chr(c) for c in (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF)],
    )
)


@settings(max_examples=150)
@given(
    st.lists(
        st.one_of(_TEXTS, st.sampled_from(["_x0041_", "_x005F_x0041_", "=1+1", " a ", "a\rb\r\nc\td", "<&>'\""])),
        min_size=1,
        max_size=8,
    )
)
def test_any_text_reads_back_as_it_was(texts: list[str]) -> None:
    edited = SheetEditor(_BLANK.read(_PART), _PART)
    edited.put(2, {k: Cell(text) for k, text in enumerate(texts, 1)})
    data = rebuilt(_BLANK.archive, {_BLANK.member(_PART): result(edited)})
    rows = CalamineWorkbook.from_filelike(BytesIO(data)).get_sheet_by_name("S").to_python(skip_empty_area=False)
    read = rows[1] if len(rows) > 1 else []
    assert [*read, *[""] * len(texts)][: len(texts)] == texts

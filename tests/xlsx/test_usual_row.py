"""A row that is changed by a pattern is the one that is changed by way of its elements."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from refundbook.xlsx.package.xml_splice import MAIN, escape
from refundbook.xlsx.writing.cell_xml import Cached, Cell
from refundbook.xlsx.writing.row_height import RowHeights
from refundbook.xlsx.writing.sheet_editor import SheetEditor
from refundbook.xlsx.writing.sheet_part import SheetPart
from refundbook.xlsx.writing.usual_row import Changed, changed

HEAD = f'<worksheet xmlns="{MAIN}" xmlns:x14ac="urn:x14ac">'.encode()
COLUMNS = b'<cols><col min="1" max="2" width="20" style="3"/></cols>'
LETTERS = "ABCDE"

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")) | st.sampled_from(
    ["", "a&b", "<x>", "1\r\n2", "ü", "_x000D_", "word " * 40]
)  # fmt: skip
VALUES = TEXTS | st.none() | st.integers(-9, 9) | st.sampled_from([Decimal("2.50"), date(2026, 5, 29)])
CONTENTS = st.builds(Cached, VALUES) | st.builds(Cell, VALUES, st.integers(0, 2))
ROW_TAGS = st.sampled_from(
    [
        b'<row r="7">',
        b'<row r="7" ht="42">',
        b'<row r="7" spans="1:5" ht="13.6" x14ac:dyDescent="0.25">',
        b'<row r="7" spans="1:2">',
        b'<row r="7" ht="60" customHeight="1">',
        b"<row r='7' ht='60'>",
    ]
)


@st.composite
def cells(draw: st.DrawFn, letters: str) -> bytes:
    """A cell, most of them written the usual way."""
    style = draw(st.sampled_from([b"", b' s="1"', b' s="2"']))
    kind = draw(st.sampled_from([b"", b' t="str"', b' t="n"', b' t="e"']))
    says = draw(st.sampled_from([b"", b' t="array" ref="A7"', b' aca="false"', b' ca="1"']))
    text = escape(draw(st.sampled_from(["1+1", 'IF($A7="","",B7)', "ROW(ü)", "A1&B1"])))
    inner = draw(
        st.sampled_from(
            [
                b"",
                b"<v>1</v>",
                b'<is><t xml:space="preserve">%s</t></is>' % (b"word " * 40),
                *(b"<f%s>%s</f>%s" % (says, text, value) for value in (b"", b"<v>1</v>", b"<v>GT-1</v>")),
                b'<f t="shared" si="0"/><v>1</v>',
            ]
        )
    )
    if draw(st.integers(0, 19)) == 0:
        kind = b' cm="1"'
    if draw(st.integers(0, 19)) == 0:
        inner = draw(
            st.sampled_from([b"<v/>", b'<f>1</f><v xml:space="preserve"> a</v>', b"<f>1</f><is><t>a</t></is>"])
        )
    opening = b'<c r="%s"%s%s' % (letters.encode() + b"7", style, kind)
    return opening + (b">" + inner + b"</c>" if inner or draw(st.booleans()) else b"/>")


@st.composite
def rows(draw: st.DrawFn) -> bytes:
    between = b" " if draw(st.integers(0, 9)) == 0 else b""
    present = [draw(cells(letters)) for letters in LETTERS if draw(st.booleans())]
    return draw(ROW_TAGS) + between.join(present) + b"</row>"


@st.composite
def changes(draw: st.DrawFn) -> tuple[bytes, dict[int, Cached | Cell]]:
    """A row, and other contents, mostly for cells that it has."""
    row = draw(rows())
    there = [n for n, letters in enumerate(LETTERS, 1) if b'r="' + letters.encode() in row]
    columns = draw(st.sets(st.sampled_from(there or [1]), min_size=1))
    if draw(st.integers(0, 9)) == 0:
        columns |= {draw(st.integers(1, len(LETTERS)))}
    return row, {column: draw(CONTENTS) for column in sorted(columns)}


def edited(row: bytes, contents: dict[int, Cached | Cell], *, by_element: bool) -> tuple[bytes, bool]:
    """The rows of a sheet of this row with other contents, and whether a formula was lost: a comment in it leaves only
    the way by its elements.
    """
    comment = b"<!-- -->" if by_element else b""
    opening = HEAD + COLUMNS + comment + b"<sheetData>"
    other = b'<row r="9"><c r="A9" t="str"><f>1</f><v>1</v></c></row>'
    xml = opening + row + other + b"</sheetData></worksheet>"
    editor = SheetEditor(xml, "sheet", wraps=lambda style: 10 if style < 2 else None)
    editor.put(7, contents)
    made = editor.result()
    after = xml if made is None else made.xml
    return after[len(opening) : -len(b"</sheetData></worksheet>")], editor.lost_formula


LONG = "word " * 40
SAME = b'<row r="7"><c r="A7" t="inlineStr"><is><t xml:space="preserve">%s</t></is></c></row>' % LONG.encode()


@settings(max_examples=500)
@given(changes())
@example((SAME, {1: Cell(LONG)}))
def test_by_a_pattern_a_row_becomes_what_it_becomes_by_its_elements(
    change: tuple[bytes, dict[int, Cached | Cell]],
) -> None:
    row, contents = change
    assert edited(row, contents, by_element=False) == edited(row, contents, by_element=True)


@given(rows())
def test_the_format_of_a_cell_is_that_of_its_element(row: bytes) -> None:
    opening, ending = HEAD + COLUMNS, b"</worksheet>"
    plain = SheetPart(opening + b"<sheetData>" + row + b"</sheetData>" + ending, "sheet")
    by_element = SheetPart(opening + b"<!-- --><sheetData>" + row + b"</sheetData>" + ending, "sheet")
    columns = range(1, len(LETTERS) + 2)
    assert [plain.style_at(7, n) for n in columns] == [by_element.style_at(7, n) for n in columns]


def put(row: bytes, contents: dict[int, Cached | Cell]) -> Changed | None:
    return changed(row, 7, contents, RowHeights(lambda _style: 10, lambda _column: 20), date_1904=False)


def xml_of(row: bytes, contents: dict[int, Cached | Cell]) -> bytes:
    made = put(row, contents)
    assert made is not None
    return made.xml


TRACKED = (
    b'<row r="7" ht="42"><c r="A7" s="13" t="str"><f t="array" ref="A7">IF(1,"")</f><v>GT-1</v></c>'
    b'<c r="B7" s="7"><f t="array" ref="B7">2</f><v>46036</v></c><c r="C7" s="9"/></row>'
)


def test_a_row_of_formulas_needs_no_xml_parser() -> None:
    made = put(TRACKED, {1: Cached("GT-2"), 2: Cached("")})
    expected = TRACKED.replace(b"GT-1", b"GT-2").replace(b's="7">', b's="7" t="str">').replace(b"46036", b"")
    assert made == Changed(expected, lost_formula=False)


def test_nor_does_one_of_values() -> None:
    made = put(TRACKED, {1: Cell("GT-2", 13), 2: Cell(2, 7), 3: Cell(None, 9)})
    assert made == Changed(
        b'<row r="7" ht="42"><c r="A7" s="13" t="inlineStr"><is><t xml:space="preserve">GT-2</t></is></c>'
        b'<c r="B7" s="7"><v>2</v></c><c r="C7" s="9"/></row>',
        lost_formula=True,
    )


def test_a_long_text_makes_the_row_higher_and_a_short_one_lower_again() -> None:
    row = b'<row r="7" ht="42"><c r="A7" t="str"><f>1</f><v>a</v></c></row>'
    high = xml_of(row, {1: Cached("word " * 30)})
    assert b'ht="108.8"' in high
    assert xml_of(high, {1: Cached("a")}) == row


@pytest.mark.parametrize(
    "row",
    [
        b'<row r="7"><c r="B7"><f>1</f></c></row>',
        b'<row r="7"><c r="A7"><f>1</f><is><t>a</t></is></c></row>',
        b'<x:row r="7"><x:c r="A7"><x:f>1</x:f></x:c></x:row>',
        b"<row r='7'><c r='A7'><f>1</f></c></row>",
        b'<row r="7"><?p <c r="A7"><f>1</f></c>?><c r="A7"><f>1</f></c></row>',
        b'<row r="7"><c r="A7"><f>1</f></c><extLst><c r="A7"><f>1</f></c></extLst></row>',
        b'<row r="7"><c r="A7"><f>1</f></c><c r="A7"><f>1</f></c></row>',
        b'<row r="7"><c r="B7"><f>1</f></c><c r="A7"><f>1</f></c></row>',
        b'<row r="7"><c r="A7"><f>1</f></c>',
    ],
)
def test_a_row_that_is_written_otherwise_is_left_to_its_elements(row: bytes) -> None:
    assert put(row, {1: Cached("a")}) is None

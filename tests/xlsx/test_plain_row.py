"""A row that is read without an XML parser is the one that the parser reads."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundbook.base.errors import UnreadableWorkbook
from refundbook.xlsx.package.xml_splice import MAIN, Element, escape, parse
from refundbook.xlsx.writing.plain_row import plain_row
from refundbook.xlsx.writing.sheet_part import SheetPart

OPENING, CLOSING = f'<worksheet xmlns="{MAIN}"><sheetData>'.encode(), b"</sheetData></worksheet>"

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")) | st.sampled_from(
    ["", "a&b", "<x>", '"q"', "1\r\n2", "IF($A8=\"\",\"\",1)", "ü", "]]"]
)  # fmt: skip
NAMES = st.sampled_from(["r", "s", "t", "ht", "cm", "ref", "si"])
STATED = st.dictionaries(NAMES, st.text("AZ09 .:$", max_size=6))


def tag(name: str, stated: dict[str, str]) -> bytes:
    return ("<" + name + "".join(f' {key}="{value}"' for key, value in stated.items())).encode()


@st.composite
def cells(draw: st.DrawFn) -> bytes:
    formula, value = draw(st.none() | STATED), draw(st.none() | TEXTS)
    inner = b""
    if formula is not None:
        text = draw(st.none() | TEXTS)
        inner += tag("f", formula) + (b"/>" if text is None else b">" + escape(text) + b"</f>")
    if value is not None:
        inner += b"<v>" + escape(value) + b"</v>"
    opening = tag("c", draw(STATED))
    return opening + b">" + inner + b"</c>" if inner or draw(st.booleans()) else opening + b"/>"


def by_parser(row: bytes) -> Element:
    return parse(OPENING + row + CLOSING, "sheet").children[0].children[0]


def said(element: Element, before: int) -> Iterator[object]:
    """All that an element says of itself, its places counted from `before`."""
    yield element.path().removeprefix("worksheet/sheetData/")
    yield element.namespace, element.attributes, element.text, element.prefix
    yield [place - before for place in (element.start, element.inner, element.close, element.end)]
    for child in element.children:
        yield from said(child, before)


@given(STATED, st.lists(cells(), max_size=5))
def test_it_is_what_the_parser_reads(stated: dict[str, str], inner: list[bytes]) -> None:
    row = tag("row", stated) + b">" + b"".join(inner) + b"</row>"
    found = plain_row(row, MAIN)
    assert found is not None
    assert list(said(found, 0)) == list(said(by_parser(row), len(OPENING)))


@pytest.mark.parametrize(
    "row",
    [
        b'<row r="1"/>',
        b'<row r="1"><c r="A1"/> </row>',
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row>',
        b"<row r='1'><c r='A1'/></row>",
        b'<row r="1"><c r="A&#49;"/></row>',
        b'<row r="1"><c r="A1"><v>1</v><f>1</f></c></row>',
        b'<row r="1"><c r="A1"><f>1</f><v>1</v><extLst/></c></row>',
        b'<row r="1" x:dyDescent="1"><c r="A1"/></row>',
        b'<row r="1"><c xmlns="urn:other" r="A1"/></row>',
        b'<x:row r="1"><x:c r="A1"/></x:row>',
        b'<row r="1"><c r="A1"><v>\xff</v></c></row>',
        b'<row r="1"><c r="A1"/></row><row r="2"></row>',
    ],
)
def test_any_other_is_left_to_the_parser(row: bytes) -> None:
    assert plain_row(row, MAIN) is None


def test_one_in_which_a_comment_stands_is_left_to_the_parser() -> None:
    sheet = SheetPart(OPENING + b'<row r="1"><c r="A1"/><!-- <c r="B1"/> --></row>' + CLOSING, "sheet")
    row = sheet.row(1)
    assert row is not None
    assert list(row.cells) == [1]


def test_a_text_that_is_no_xml_is_refused_when_it_is_asked_for() -> None:
    row = plain_row(b'<row r="1"><c r="A1"><f>a&b</f></c></row>', MAIN)
    assert row is not None
    with pytest.raises(UnreadableWorkbook, match=re.escape("not well-formed")):
        _ = row.children[0].children[0].text

"""XML as bytes: elements are found where they stand, and an edit changes nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundbook.base.errors import UnreadableWorkbook
from refundbook.xlsx.package.xml_splice import (
    append_child,
    escape,
    may_hide_markup,
    parse,
    set_attribute,
    set_text,
    splice,
    to_utf8,
    without_comments,
)

XML = b"""<?xml version="1.0" encoding="UTF-8"?>\n<!-- <a> --><x:root xmlns:x="urn:x" a='1>2' b = "&lt;"><x:child/>text<y xmlns="urn:y">\xc3\xbc</y></x:root>"""


def test_elements_carry_their_offsets_names_and_texts() -> None:
    root = parse(XML, "p")
    assert XML[root.start : root.inner] == b"""<x:root xmlns:x="urn:x" a='1>2' b = "&lt;">"""
    assert (root.name, root.namespace, root.prefix) == ("root", "urn:x", b"x:")
    assert root.attributes == {"a": "1>2", "b": "<"}
    child, y = root.children
    assert XML[child.start : child.end] == b"<x:child/>"
    assert (y.text, XML[y.inner : y.close], XML[y.start : y.end]) == (
        "ü",
        b"\xc3\xbc",
        b'<y xmlns="urn:y">\xc3\xbc</y>',
    )


def test_an_attribute_is_replaced_or_added_and_nothing_else_changes() -> None:
    root = parse(XML, "p")
    assert splice(XML, [set_attribute(XML, root, "a", 'q"&')]) == XML.replace(b"'1>2'", b'"q&quot;&amp;"')
    assert splice(XML, [set_attribute(XML, root, "c", "3")]) == XML.replace(b'"&lt;">', b'"&lt;" c="3">')
    assert splice(XML, [set_attribute(XML, root.children[0], "r", "1")]) == XML.replace(
        b"<x:child/>", b'<x:child r="1"/>'
    )


def test_an_attribute_that_only_looks_like_one_inside_another_is_left_alone() -> None:
    xml = b"""<a t=" s='9'" s="1"/>"""
    assert splice(xml, [set_attribute(xml, parse(xml, "p"), "s", "2")]) == b"""<a t=" s='9'" s="2"/>"""


def test_a_child_is_added_last_also_to_an_empty_element() -> None:
    root = parse(XML, "p")
    assert splice(XML, [append_child(XML, root, b"<z/>")]).endswith(b"</y><z/></x:root>")
    assert b"<x:child><z/></x:child>" in splice(XML, [append_child(XML, root.children[0], b"<z/>")])


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"])))
def test_escaped_text_reads_back(text: str) -> None:
    xml = b"<a><b>old</b></a>"
    changed = splice(xml, [set_text(parse(xml, "p").children[0], text)])
    assert parse(changed, "p").children[0].text == text
    quoted = b'<a b="' + escape(text, quote=True) + b'"/>'
    assert parse(quoted, "p").attributes["b"] == text


def test_overlapping_edits_are_a_mistake() -> None:
    root = parse(XML, "p")
    with pytest.raises(ValueError, match="overlap"):
        splice(XML, [set_attribute(XML, root, "a", "1"), append_child(XML, root, b"")._replace(start=root.start)])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "iso-8859-1"])
def test_other_encodings_are_turned_into_utf_8(encoding: str) -> None:
    declared = "UTF-16" if "16" in encoding else "ISO-8859-1"
    xml = f"<?xml version='1.0' encoding='{declared}'?><a>ü</a>".encode(encoding)
    assert to_utf8(xml) == "<?xml version='1.0' encoding='UTF-8'?><a>ü</a>".encode()


def test_utf_8_is_left_as_it_is_also_with_a_byte_order_mark() -> None:
    for xml in (XML, b"\xef\xbb\xbf<a/>", b"<a/>"):
        assert to_utf8(xml) is xml
    assert parse(b"\xef\xbb\xbf<a>1</a>", "p").text == "1"


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        (b"<a><b></a>", "not well-formed"),
        (b"", "not well-formed"),
        (b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "document type"),
        (b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "document type"),
        (b"<a>" * 300 + b"</a>" * 300, "nested"),
        (b"<?xml version='1.0' encoding='klingon'?><a/>", "encoding"),
    ],
)
def test_what_no_workbook_holds_is_refused_with_the_part_named(xml: bytes, said: str) -> None:
    with pytest.raises(UnreadableWorkbook, match=said):
        parse(to_utf8(xml), "xl/workbook.xml")


@pytest.mark.parametrize("before", [b"", b"!", b"!" * 2_000, b"a! <b>!"])
@pytest.mark.parametrize(
    ("xml", "may"), [(b"<!-- -->", True), (b"<![CDATA[a]]>", True), (b"<a>!</a>", False), (b"", False)]
)
def test_what_could_hide_a_tag_is_seen_behind_any_number_of_marks(before: bytes, xml: bytes, may: bool) -> None:
    assert may_hide_markup(before + xml) == may
    assert (without_comments(before + xml) == before + xml) != may

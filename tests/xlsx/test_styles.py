"""Cell formats: which show dates, and making one that does."""

from __future__ import annotations

import pytest

from refundbook.xlsx.package.styles import DATE, Styles
from refundbook.xlsx.package.xml_splice import MAIN, parse


def styles(
    formats: str = "", xfs: str = '<xf numFmtId="0" fontId="3" applyFont="1"><alignment wrapText="1"/></xf>'
) -> Styles:
    return Styles(
        f'<styleSheet xmlns="{MAIN}">{formats}<cellXfs count="1">{xfs}</cellXfs></styleSheet>'.encode(), "xl/styles.xml"
    )


@pytest.mark.parametrize(
    ("code", "shows_date"),
    [
        ("yyyy-mm-dd", True),
        ("[$-409]d-mmm-yy;@", True),
        ("hh:mm", True),
        ("[h]:mm", True),
        ("#,##0.00", False),
        ("General", False),
        ('0.00" days"', False),
        ("[Red]0.00", False),
        ("0\\d", False),
        ("@", False),
        ("[$€-407]#,##0.00", False),
        ('0;"yyyy"', False),
    ],
)
def test_a_number_format_shows_a_date_or_does_not(code: str, shows_date: bool) -> None:
    quoted = code.replace('"', "&quot;")
    made = styles(
        f'<numFmts count="1"><numFmt numFmtId="170" formatCode="{quoted}"/></numFmts>', '<xf numFmtId="170"/>'
    )
    assert made.is_date(0) is shows_date


def test_the_built_in_date_formats_are_known() -> None:
    for number, shows_date in ((14, True), (22, True), (0, False), (4, False), (49, False), (47, True)):
        assert styles(xfs=f'<xf numFmtId="{number}"/>').is_date(0) is shows_date


def test_a_style_that_does_not_exist_shows_no_date() -> None:
    assert not styles().is_date(99)


def test_a_date_format_is_made_once_like_the_one_it_stands_in_for() -> None:
    made = styles()
    index = made.with_number_format(0, DATE)
    assert index == 1
    assert made.with_number_format(0, DATE) == 1
    assert (styles().added, made.added) == (False, True)
    assert made.is_date(1)
    root = parse(made.xml, "p")
    xfs = root.child("cellXfs")
    assert xfs is not None
    assert xfs.attributes["count"] == "2"
    assert [xf.attributes for xf in xfs.children] == [
        {"numFmtId": "0", "fontId": "3", "applyFont": "1"},
        {"numFmtId": "164", "fontId": "3", "applyFont": "1", "applyNumberFormat": "1"},
    ]
    assert xfs.children[1].children[0].attributes == {"wrapText": "1"}


def test_a_number_format_that_exists_is_used_again() -> None:
    made = styles('<numFmts count="1"><numFmt numFmtId="200" formatCode="yyyy-mm-dd"/></numFmts>')
    made.with_number_format(0, DATE)
    assert made.xml.count(b"<numFmt ") == 1
    assert b'numFmtId="200" fontId="3"' in made.xml


def test_a_new_number_format_joins_those_that_exist() -> None:
    made = styles('<numFmts count="1"><numFmt numFmtId="200" formatCode="0.0"/></numFmts>')
    made.with_number_format(0, DATE)
    assert (
        b'<numFmts count="2"><numFmt numFmtId="200" formatCode="0.0"/><numFmt numFmtId="201" '
        b'formatCode="yyyy-mm-dd"/></numFmts>' in made.xml
    )


def test_a_format_that_keeps_a_text_a_text_is_added_once() -> None:
    made = styles()
    index = made.quoted(0)
    assert index == 1
    assert made.quoted(0) == made.quoted(1) == 1
    formats = parse(made.xml, "styles").child("cellXfs")
    assert formats is not None
    assert formats.attributes["count"] == "2"
    assert formats.children[1].attributes == {"numFmtId": "0", "fontId": "3", "applyFont": "1", "quotePrefix": "1"}
    assert formats.children[1].child("alignment") is not None
    again = Styles(made.xml, "xl/styles.xml")
    assert again.quoted(0) == 1
    assert not again.added


def test_the_format_text_keeps_a_text_a_text_by_itself() -> None:
    made = styles(xfs='<xf numFmtId="49"/>')
    assert made.quoted(0) == 0
    assert not made.added

"""Headers that move a row down: what held them in sight, repeated and filtered them does so still, and nothing else is
touched.
"""

from __future__ import annotations

import pytest

from refundbook.xlsx.package.xml_splice import parse, splice
from refundbook.xlsx.writing.heading import Heading, moved_frame, moved_names
from tests.support.names import book_with_name

HEADING = Heading(1, 203)


def frame(before: str, after: str, heading: Heading = HEADING) -> None:
    xml = f"<worksheet>{before}</worksheet>".encode()
    assert splice(xml, moved_frame(xml, parse(xml, "sheet"), heading)).decode() == f"<worksheet>{after}</worksheet>"


@pytest.mark.parametrize("state", ["frozen", "frozenSplit"])
def test_a_pane_that_held_the_headers_holds_them_and_the_row_above(state: str) -> None:
    frame(
        f'<pane xSplit="1" ySplit="1" topLeftCell="B2" state="{state}"/>',
        f'<pane xSplit="1" ySplit="2" topLeftCell="B3" state="{state}"/>',
    )


def test_a_pane_that_was_scrolled_down_stays_there() -> None:
    frame('<pane ySplit="1" topLeftCell="A90" state="frozen"/>', '<pane ySplit="2" topLeftCell="A90" state="frozen"/>')


@pytest.mark.parametrize("pane", ['<pane ySplit="600" topLeftCell="A2" state="split"/>', '<pane ySplit="3" topLeftCell="A4" state="frozen"/>', '<pane xSplit="1" topLeftCell="B1" state="frozen"/>'])  # fmt: skip
def test_another_pane_stays_as_it_is(pane: str) -> None:
    frame(pane, pane)


@pytest.mark.parametrize(
    ("before", "after"),
    [("A1:E201", "A2:E203"), ("A1:G300", "A2:G300"), ("A2:E201", "A2:E201"), ("H1:H1", "H1:H1"), ("odd", "odd")],
)
def test_a_filter_begins_with_the_headers(before: str, after: str) -> None:
    frame(f'<autoFilter ref="{before}"/>', f'<autoFilter ref="{after}"/>')


def test_what_it_is_sorted_by_begins_below_them() -> None:
    frame(
        '<autoFilter ref="A1:E201"><sortState ref="A2:E201"><sortCondition ref="C2:C201"/></sortState></autoFilter>',
        '<autoFilter ref="A2:E203"><sortState ref="A3:E203"><sortCondition ref="C3:C203"/></sortState></autoFilter>',
    )


@pytest.mark.parametrize(
    ("name", "sheet", "before", "after"),
    [
        ("_xlnm.Print_Titles", 1, "'Tracker'!$1:$1", "'Tracker'!$1:$2"),
        ("_xlnm.Print_Titles", 1, "Tracker!$A:$A,Tracker!$1:$1", "Tracker!$A:$A,Tracker!$1:$2"),
        ("_xlnm.Print_Titles", 1, "Tracker!$1:$3", "Tracker!$1:$3"),
        ("_xlnm.Print_Titles", 0, "Cases!$1:$1", "Cases!$1:$1"),
        ("_xlnm.Print_Titles", 9, "Tracker!$1:$1", "Tracker!$1:$1"),
        ("_xlnm._FilterDatabase", 1, "Tracker!$A$1:$E$201", "Tracker!$A$2:$E$203"),
        ("_xlnm._FilterDatabase", 1, "#REF!", "#REF!"),
        ("Mine", 1, "Tracker!$A$1:$E$201", "Tracker!$A$1:$E$201"),
    ],
)
def test_the_names_of_the_sheet_follow(name: str, sheet: int, before: str, after: str) -> None:
    xml = book_with_name(name, sheet, before)
    assert splice(xml, moved_names(parse(xml, "book"), "Tracker", HEADING)) == book_with_name(name, sheet, after)

"""A print area that ends among the rows that show something holds them all; one of somebody's own stays."""

from __future__ import annotations

import pytest

from refundbook.base.a1 import Range
from refundbook.xlsx.package.xml_splice import parse, splice
from refundbook.xlsx.writing.print_area import extended_area
from tests.support.names import book_with_name

CELLS = Range(1, 1, 11, 31)


@pytest.mark.parametrize(
    ("name", "sheet", "before", "after"),
    [
        ("_xlnm.Print_Area", 1, "'Tracker'!$A$1:$K$15", "'Tracker'!$A$1:$K$31"),
        ("_xlnm.Print_Area", 1, "Tracker!$A$1:$M$30", "Tracker!$A$1:$M$31"),
        ("_xlnm.Print_Area", 1, "Tracker!$A$1:$K$40", "Tracker!$A$1:$K$40"),
        ("_xlnm.Print_Area", 1, "Tracker!$A$1:$E$15", "Tracker!$A$1:$E$15"),
        ("_xlnm.Print_Area", 1, "Tracker!$A$5:$K$15", "Tracker!$A$5:$K$15"),
        ("_xlnm.Print_Area", 1, "Tracker!$A:$K", "Tracker!$A:$K"),
        ("_xlnm.Print_Area", 1, "Tracker!$A$1:$K$9,Tracker!$A$20:$K$25", "Tracker!$A$1:$K$9,Tracker!$A$20:$K$25"),
        ("_xlnm.Print_Area", 1, "OFFSET(Tracker!$A$1,0,0,9,11)", "OFFSET(Tracker!$A$1,0,0,9,11)"),
        ("_xlnm.Print_Area", 0, "Cases!$A$1:$K$15", "Cases!$A$1:$K$15"),
        ("Mine", 1, "Tracker!$A$1:$K$15", "Tracker!$A$1:$K$15"),
    ],
)
def test_a_print_area_holds_the_rows_and_one_of_your_own_stays(name: str, sheet: int, before: str, after: str) -> None:
    xml = book_with_name(name, sheet, before)
    assert splice(xml, extended_area(parse(xml, "book"), "Tracker", CELLS)) == book_with_name(name, sheet, after)

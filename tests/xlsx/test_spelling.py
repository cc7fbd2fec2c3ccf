"""Formulas and cells of two workbooks, whichever programs wrote them."""

from __future__ import annotations

import pytest

from refundbook.xlsx.writing.formula_refs import spelled_alike
from refundbook.xlsx.writing.insert_rows import moved_range
from refundbook.xlsx.writing.sheet_rules import by_headers, moved_columns


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ROUND(A1*1E5,0)", "ROUND(A1*100000,0)"),
        ('TEXTJOIN(" ",TRUE,A1)', 'TEXTJOIN(" ",TRUE(),A1)'),
        ("IF(A1,FALSE,TRUE)", "IF(A1,0,1)"),
        ("A1*0.50", "A1*0.5"),
    ],
)
def test_what_programs_spell_otherwise_is_the_same_formula(one: str, other: str) -> None:
    assert spelled_alike(one) == spelled_alike(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('"1E5"', '"100000"'),
        ("Cases[1E5]", "Cases[100000]"),
        ("'1E5'!A1", "'100000'!A1"),
        ('"TRUE()"', '"TRUE"'),
        ("TRUEST", "1ST"),
        ("$1:$1", "$2:$2"),
        ("A1", "A2"),
    ],
)
def test_texts_names_and_cells_are_what_they_are(one: str, other: str) -> None:
    assert spelled_alike(one) != spelled_alike(other)


def test_a_formula_is_told_by_its_columns_and_how_far_its_rows_are() -> None:
    here, there = {1: "Number", 3: "Due"}, {2: "Number", 1: "Due"}
    assert by_headers("IF($A2>C$1,A3)", here, 2) == by_headers("IF($B5>A$1,B6)", there, 5)
    assert by_headers("IF($A2>C$1,A3)", here, 2) != by_headers("IF($B5>B$1,B6)", there, 5)
    assert moved_columns("IF($A2>C$1,A$1048576)", {1: 2, 3: 1}, 3) == "IF($B5>A$1,B$1048576)"


@pytest.mark.parametrize(
    ("before", "after"), [("A1:B8", "A1:B8"), ("A1:B9", "A1:B12"), ("C9", "C12"), ("C12:C1048576", "C15:C1048576")]
)
def test_what_stands_below_new_rows_goes_down(before: str, after: str) -> None:
    assert moved_range(before, 9, 3) == after

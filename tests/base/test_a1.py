"""Addresses, and how ranges grow with a Table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundbook.base.a1 import MAX_COLUMN, MAX_ROW, Range, column_letters, column_number
from refundbook.xlsx.writing.formula_refs import Growth, Place, shifted

GROWTH = Growth("Cases", Range.parse("A2:O10"), 12)
ONE_ROW = Growth("Cases", Range.parse("A2:O2"), 3)


@given(st.integers(1, MAX_COLUMN))
def test_column_letters_and_numbers_are_each_others_inverse(number: int) -> None:
    assert column_number(column_letters(number)) == number


def test_column_letters_as_excel_counts_them() -> None:
    assert [column_letters(n) for n in (1, 26, 27, 702, 703, 16_384)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]


@given(st.integers(1, MAX_COLUMN), st.integers(1, MAX_ROW), st.integers(1, MAX_COLUMN), st.integers(1, MAX_ROW))
def test_a_range_reads_back(left: int, top: int, right: int, bottom: int) -> None:
    cells = Range(min(left, right), min(top, bottom), max(left, right), max(top, bottom))
    assert Range.parse(str(cells)) == cells


@pytest.mark.parametrize("text", ["", "A", "1", "A1:", "A:A", "1:3", "ABCD1", "A1:B2:C3", "A1;B2"])
def test_what_is_no_range_of_cells_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a range"):
        Range.parse(text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("A2:A10", "A2:A12"),
        ("A1:O10", "A1:O12"),
        ("A2:A10 C5:D10 E2:E9", "A2:A12 C5:D12 E2:E9"),
        ("P2:P10", "P2:P10"),
        ("O2:Z10", "O2:Z12"),
        ("A10", "A10"),
        ("A2:A1048576", "A2:A1048576"),
        ("A2:A11", "A2:A11"),
    ],
)
def test_a_sheets_ranges_grow_when_they_ended_with_the_table(before: str, after: str) -> None:
    assert GROWTH.sqref(before) == after


def test_a_single_cell_grows_when_it_was_all_that_the_table_had() -> None:
    assert ONE_ROW.sqref("C2 D2:D2 C1") == "C2:C3 D2:D3 C1"
    assert ONE_ROW.formula("Cases!$C$2+Cases!$D$2:$D$2", own_sheet=False) == "Cases!$C$2+Cases!$D$2:$D$3"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Cases!$J$2:$J$10", "Cases!$J$2:$J$12"),
        ("'Cases'!J2:J10", "'Cases'!J2:J12"),
        ("cases!J2:J10", "cases!J2:J12"),
        ("SUM(Cases!$J$2:$J$10,Other!$J$2:$J$10)", "SUM(Cases!$J$2:$J$12,Other!$J$2:$J$10)"),
        ("Cases!$A$1:$O$10,Cases!$Q$2:$Q$10", "Cases!$A$1:$O$12,Cases!$Q$2:$Q$10"),
        ('"Cases!$J$2:$J$10"', '"Cases!$J$2:$J$10"'),
        ('IF(A1="""",Cases!$J$2:$J$10)', 'IF(A1="""",Cases!$J$2:$J$12)'),
        ("[1]Cases!$J$2:$J$10", "[1]Cases!$J$2:$J$10"),
        ("'[other.xlsx]Cases'!$J$2:$J$10", "'[other.xlsx]Cases'!$J$2:$J$10"),
        ("Cases[Amount]", "Cases[Amount]"),
        ("Cases[J2:J10]", "Cases[J2:J10]"),
        ("$J$2:$J$10", "$J$2:$J$10"),
        ("MyCases!$J$2:$J$10", "MyCases!$J$2:$J$10"),
        ("My.Cases!$J$2:$J$10", "My.Cases!$J$2:$J$10"),
        ("Cases!$J$10", "Cases!$J$10"),
        ("Cases!$J:$J", "Cases!$J:$J"),
        ("Fälle!$J$2:$J$10", "Fälle!$J$2:$J$10"),
        ("Jan:Cases!$J$2:$J$10", "Jan:Cases!$J$2:$J$10"),
    ],
)
def test_a_formula_elsewhere_grows_only_where_it_names_the_sheet(before: str, after: str) -> None:
    assert GROWTH.formula(before, own_sheet=False) == after


def test_on_its_own_sheet_a_bare_reference_grows_too() -> None:
    assert GROWTH.formula("COUNTIF($A$2:$A$10,$A2)>1", own_sheet=True) == "COUNTIF($A$2:$A$12,$A2)>1"
    assert GROWTH.formula("LOG10(A2:A10)+Other!A2:A10", own_sheet=True) == "LOG10(A2:A12)+Other!A2:A10"


def test_on_its_own_sheet_texts_other_workbooks_and_column_names_stay_too() -> None:
    for formula in ('"A2:A10"', "[1]Cases!A2:A10", "Cases[[A2:A10]:[B]]", "Cases['[A2:A10']]"):
        assert GROWTH.formula(formula, own_sheet=True) == formula


def test_a_sheet_name_with_blanks_and_quotes_is_understood() -> None:
    growth = Growth("Joe's cases", Range.parse("A2:B10"), 11)
    assert growth.formula("'Joe''s cases'!$A$2:$A$10", own_sheet=False) == "'Joe''s cases'!$A$2:$A$11"


WITH_TOTALS = Growth("Cases", Range.parse("B2:O10"), 12, totals_rows=1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Cases!$J$11", "Cases!$J$13"),
        ("SUM(Cases!$B$11:$J$11)", "SUM(Cases!$B$13:$J$13)"),
        ("Cases!$B$1:$O$11", "Cases!$B$1:$O$13"),
        ("Cases!$J$2:$J$10/Cases!J11", "Cases!$J$2:$J$12/Cases!J13"),
        ("Cases!$A$11", "Cases!$A$11"),
        ("Cases!$A$11:$B$11", "Cases!$A$11:$B$11"),
        ("Cases!$J$12", "Cases!$J$12"),
        ("Cases!$J$110+Cases!$J$1", "Cases!$J$110+Cases!$J$1"),
    ],
)
def test_totals_move_down_and_what_takes_them_in_grows(before: str, after: str) -> None:
    assert WITH_TOTALS.formula(before, own_sheet=False) == after


@pytest.mark.parametrize(
    ("formula", "row", "column", "grows"),
    [
        ("SUM(J2:J10)", 12, 3, True),
        ("SUM(J2:J10)", 10, 20, True),
        ("SUM(J2:J10)", 10, 3, False),
        ("SUM($J$2:$J$10)", 10, 3, True),
        ("SUM(J$2:J10)", 10, 20, False),
        ("SUM(J$2:J10)", 12, 3, False),
        ("SUM(J1:J10)", 12, 3, True),
        ("SUM(J3:J10)", 12, 3, False),
        ("SUM(J2:J$10)", 5, 3, True),
        ("SUM(J2:J10)", None, None, False),
        ("SUM(J$2:J$10)", None, None, True),
    ],
)
def test_in_a_cell_only_a_reference_to_a_whole_column_grows_that_was_not_filled_down(
    formula: str, row: int | None, column: int | None, grows: bool
) -> None:
    found = GROWTH.formula(formula, own_sheet=True, place=Place(row, column))
    assert found == (formula.replace("10", "12") if grows else formula)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("J7*2+$R$1", "L10*2+$R$1"),
        ("SUM(J$2:J7)", "SUM(L$2:L10)"),
        ("$J7&J$7", "$J10&L$7"),
        ("Cases!A1+'My J7'!B2", "Cases!C4+'My J7'!D5"),
        ("[1]Cases!A1", "[1]Cases!C4"),
        ('"J7"&J7', '"J7"&L10'),
        ("Cases[[#This Row],[J7]]+T[J'[7]*J7", "Cases[[#This Row],[J7]]+T[J'[7]*L10"),
        ("LOG10(J7)+TAX_J7+J7_+x.J7+1E5", "LOG10(L10)+TAX_J7+J7_+x.J7+1E5"),
        ("SUM(A:A)+SUM($A:B)+SUM(3:4)+SUM(3:$4)", "SUM(C:C)+SUM($A:D)+SUM(6:7)+SUM(6:$4)"),
        ("SUM(Jan:Dec!A1)", "SUM(Jan:Dec!C4)"),
        ("A1#+A1048574", "C4#+#REF!"),
        ("XFC1", "#REF!"),
    ],
)
def test_a_formula_that_is_filled_down_moves_what_has_no_dollar(before: str, after: str) -> None:
    assert shifted(before, 3, 2) == after


_CELLS = st.builds(
    lambda column, row, fix_column, fix_row: f"{'$' * fix_column}{column_letters(column)}{'$' * fix_row}{row}",
    st.integers(1, 1000), st.integers(1000, 9000), st.booleans(), st.booleans(),
)  # fmt: skip


@given(st.lists(_CELLS, min_size=1), st.integers(-900, 900), st.integers(0, 900))
def test_a_formula_moved_there_and_back_is_the_same(cells: list[str], rows: int, columns: int) -> None:
    formula = "SUM(" + ",".join(cells) + ")"
    assert shifted(shifted(formula, rows, columns), -rows, -columns) == formula
    assert shifted(formula, 0, 0) == formula


@given(st.text(max_size=60), st.integers(3, 20))
def test_any_text_survives_being_taken_for_a_formula(text: str, last: int) -> None:
    """Nothing but digits of references ever changes."""
    growth = Growth("Cases", Range(1, 2, 15, last), last + 3, totals_rows=1)
    found = growth.formula(text, own_sheet=True)
    assert "".join(c for c in found if not c.isdigit()) == "".join(c for c in text if not c.isdigit())

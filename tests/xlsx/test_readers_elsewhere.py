"""SheetJS and ExcelJS: what they read in a workbook that was appended to, and workbooks that they saved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import zip_longest
from pathlib import Path

import pytest

import refundbook
from tests.support import elsewhere
from tests.support.appended import SHEETS, TODAY, UNSHARED, appended, entries
from tests.support.office import sheet_values
from tests.support.rich import EVERYTHING, FEATURES, NOT_FOR_CALAMINE
from tests.support.validators import new_findings

pytestmark = pytest.mark.slow

LEFT_OUT = ("notes_below", "libreoffice_written", *NOT_FOR_CALAMINE)
"""No second entry fits; LibreOffice is needed; python-calamine itself reads nothing there."""

CANNOT_READ = {
    "SheetJS": {"spaced_tags"},
    "ExcelJS": {"prefixed", "absolute_targets", "openpyxl_written", "unaddressed"},
}
READS_OTHERWISE = {
    "SheetJS": set[str](),
    # It leaves out a formula's result of 0 and the text of a CDATA section, and repeats a merged cell's text in all its
    # cells.
    "ExcelJS": {
        "totals_row",
        "totals_row_and_calculated_column",
        "calculated_column",
        "full",
        "merged_cells",
        "commented",
    },
}


def serial(value: object) -> object:
    """A value as both programs give it."""
    if isinstance(value, date):
        moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
        return round((moment - datetime(1899, 12, 30)) / timedelta(days=1), 8)
    return None if value == "" else value


def trimmed(rows: list[list[object]]) -> list[list[object]]:
    """Rows without blanks at their ends, and numbers as floats of the precision that a time of day needs."""
    found = [
        [round(float(v), 5) if isinstance(v, (int, float)) and not isinstance(v, bool) else v for v in row]
        for row in rows
    ]
    for row in found:
        while row and row[-1] is None:
            row.pop()
    while found and not found[-1]:
        found.pop()
    return found


def by_calamine(path: Path) -> dict[str, list[list[object]]]:
    return {name: trimmed([[serial(value) for value in row] for row in sheet_values(path, name)]) for name in SHEETS}


def differing_columns(path: Path, found: Mapping[str, list[list[object]]]) -> set[tuple[str, int]] | None:
    """The columns (by sheet and number) in which a program reads anything else than calamine; None where it reads
    nothing.
    """
    if not any(trimmed(found.get(name, [])) for name in SHEETS):
        return None
    differ: set[tuple[str, int]] = set()
    blank: list[object] = []
    for name, ours in by_calamine(path).items():
        for one, other in zip_longest(ours, trimmed(found[name]), fillvalue=blank):
            differ.update((name, at) for at, (a, b) in enumerate(zip_longest(one, other)) if a != b)
    return differ


@pytest.mark.node
def test_both_read_the_values_that_calamine_reads(tmp_path: Path) -> None:
    """Also where a program has its own ways with a workbook, an append adds no column to those in which it reads
    something else.
    """
    pairs = {}
    for name, builder in EVERYTHING.items():
        if name not in LEFT_OUT:
            before = builder(tmp_path / f"{name}.xlsx")
            pairs[name] = before, appended(before, before.with_stem(f"{name}-appended"), 2)
    read = elsewhere.values([path for pair in pairs.values() for path in pair])
    for program in elsewhere.PROGRAMS:
        found = {name: [differing_columns(path, read[path][program]) for path in pair] for name, pair in pairs.items()}
        assert {name for name, (before, after) in found.items() if None is not before != after} == set(), program
        assert {name for name, (before, _) in found.items() if before is None} == CANNOT_READ[program]
        assert {name for name, (before, _) in found.items() if before} == READS_OTHERWISE[program]


@pytest.mark.node
@pytest.mark.parametrize("program", elsewhere.PROGRAMS)
def test_what_they_saved_is_appended_to(tmp_path: Path, program: str) -> None:
    """SheetJS leaves the Tables out, ExcelJS keeps them."""
    before = elsewhere.resaved(program, FEATURES["own_columns"](tmp_path / "made.xlsx"), tmp_path / "before.xlsx")
    after = appended(before, tmp_path / "after.xlsx", 2)
    book = refundbook.load(after, today=TODAY)
    assert book.records.cases["number"][-2:] == [fields["number"] for _, fields in entries(2)[:2]]
    assert book.records.cases.extra["Tags"] == ["Tags of mine"] * 6 + [None] * 2
    assert [finding for finding in new_findings(before, after) if UNSHARED not in finding] == []

"""The case numbers in another workbook."""

from __future__ import annotations

from pathlib import Path

from refundbook.base.errors import UnreadableWorkbook
from refundbook.base.identifiers import canonical
from refundbook.base.schema import CASES
from refundbook.system.bounds import MAX_WORKBOOK
from refundbook.system.nofollow import read_file


def case_numbers_of(path: Path) -> frozenset[str] | None:
    """The case numbers in a workbook; None where it is none, or cannot be read."""
    from refundbook.xlsx.reading.reader import Reader

    try:
        reader = Reader(read_file(path, MAX_WORKBOOK))
        sheet = reader.layout.sheet(CASES.name)
        if sheet is None:
            return None
        grid = reader.grid(sheet, {column.header for column in CASES.columns})
        column = grid.columns[grid.headers.index(CASES["number"].header)]
    except (OSError, UnreadableWorkbook, ValueError):
        return None
    return frozenset(canonical(str(number), ()) for number in column if str(number).strip())

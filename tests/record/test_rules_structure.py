"""A renamed column is told by the header that took its place."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from refundbook import load
from refundbook.base.findings import Finding
from refundbook.base.schema import CASES, SHEETS
from tests.support.books import filled

pytestmark = pytest.mark.slow

OWN = ["Fall", "Von", "Am", "Bestellung", "Zahlung", "Siehe", "Kunde", "Artikel", "Grund", "Betrag", "W", "Frist", "Notiz", "Wann", "Wer"]  # fmt: skip


def renamed(path: Path, sheet: str, names: dict[int, str]) -> list[Finding]:
    """What is found where columns (from 1) have other headers."""
    filled(path, [], [], [])
    book = openpyxl.load_workbook(path)
    page = book[sheet]
    for column, name in names.items():
        page.cell(1, column).value = name
    for told, cell in zip(page.tables[sheet].tableColumns, page[1], strict=False):
        told.name = str(cell.value)
    book.save(path)
    return list(load(path, strict=False).check())


@pytest.mark.parametrize(
    ("sheet", "at"), [(sheet, at) for sheet in SHEETS for at, column in enumerate(sheet.columns) if not column.optional]
)
def test_the_header_that_took_the_place_of_a_column_is_named_once(tmp_path: Path, sheet: object, at: int) -> None:
    which = next(own for own in SHEETS if own is sheet)
    (found,) = renamed(tmp_path / "t.xlsx", which.name, {at + 1: "Qqqq"})
    assert (found.code, found.value, found.row) == ("RB002", "Qqqq", 1)
    assert f"to {which.columns[at].header}." in found.hint
    assert 'If "Qqqq" is that column' in found.hint


def test_so_it_is_where_every_column_has_another_name(tmp_path: Path) -> None:
    names = dict(enumerate((*OWN, *(f"Qqqq {n}" for n in range(len(CASES.columns) - len(OWN)))), 1))
    found = renamed(tmp_path / "t.xlsx", "Cases", names)
    assert len({finding.value for finding in found}) == len(found)
    assert len(found) == len([column for column in CASES.columns if not column.optional])
    assert not [finding for finding in found if "Insert a column" in finding.hint]

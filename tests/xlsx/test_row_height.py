"""How high the rows are that refundbook writes: as high as their text, unless a person set them."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

import refundbook
from refundbook.base import schema
from refundbook.template.tracker import COLUMNS
from refundbook.xlsx.writing.row_height import LINE, MOST, RowHeights, lines
from tests.support.samples import TODAY, load

LONG = "Support asked for photos of the shoes and of the box in which they came. " * 3
SIZE = 10


@pytest.mark.parametrize(
    ("text", "width", "count"),
    [
        ("short", 20, 1),
        ("", 20, 1),
        ("two\nlines", 20, 2),
        ("a blank\n\nline", 20, 3),
        ("x" * 100, 21, 5),
        ("x" * 100, 0.5, 100),
        ("\u9000\u6b3e" * 10, 21, 2),
        ("Christopher", 11, 1),
        ("WWWWWWWWWWW", 11, 2),
        ("I will. " * 12, 20, 4),
        ("two words", 6, 2),
        ("Schl\u00fcsselanh\u00e4nger", 17, 1),
        (" ", 0, 1),
    ],
)
def test_a_text_is_broken_into_lines_by_the_width_of_its_column(text: str, width: float, count: int) -> None:
    assert lines(text, width) == count


def test_a_sentence_takes_as_many_lines_as_libreoffice_breaks_it_into() -> None:
    assert [lines(LONG, width) for width in (11, 39, 42, 56, 108)] == [21, 5, 5, 4, 2]


def test_only_a_format_that_breaks_lines_makes_a_row_higher_and_none_is_higher_than_a_row_can_be() -> None:
    heights = RowHeights({1: float(SIZE)}.get, {1: 21.0}.__getitem__)
    assert heights.needed(1, LONG, 0) == 0
    assert heights.needed(1, 42, 1) == 0
    assert heights.needed(1, "x" * 60, 1) == 3 * SIZE * LINE
    assert heights.needed(1, "x" * 30_000, 1) == MOST


def _rows(path: Path, sheet: int) -> dict[int, float | None]:
    with zipfile.ZipFile(path) as package:
        xml = package.read(f"xl/worksheets/sheet{sheet}.xml").decode()
    rows = re.findall(r'<row r="(\d+)"([^>]*)>', xml)
    found = {int(row): re.search(r' ht="([\d.]+)"', rest) for row, rest in rows}
    return {row: float(height[1]) if height else None for row, height in found.items()}


TRACKER, COMMUNICATIONS = 2, 4
SUMMARY_WIDTH = schema.COMMUNICATIONS["summary"].width
SHOWN_WIDTH = next(width for heading, width, *_ in COLUMNS if "Summary" in heading)


def _made(path: Path) -> Path:
    """A new workbook, in which no row's height is a person's but the headers'."""
    with refundbook.create(path, today=TODAY, user="test") as book:
        book.append_case("GTB-789012", opened="2023-10-26")
        book.append_communication("GTB-789012", date="2023-10-28", with_="Support", summary="Hello.")
    return path


@pytest.mark.slow
def test_a_new_row_is_as_high_as_its_text_and_the_tracker_follows(tmp_path: Path) -> None:
    path = _made(tmp_path / "t.xlsx")
    assert (_rows(path, COMMUNICATIONS)[2], _rows(path, TRACKER)[2]) == (None, 42)
    with load(path) as book:
        book.append_communication("GTB-789012", date="2023-10-29", with_="Support", summary=LONG)
        book.append_communication("GTB-789012", date="2023-10-30", with_="Support", summary="Short.")
    last = max(_rows(path, COMMUNICATIONS))
    heights = _rows(path, COMMUNICATIONS)
    assert heights[last - 1] == pytest.approx(lines(LONG, SUMMARY_WIDTH) * SIZE * LINE)
    assert heights[last] is None
    assert _rows(path, TRACKER)[2] == pytest.approx(lines(f"Hello. {LONG} Short.", SHOWN_WIDTH) * SIZE * LINE)


@pytest.mark.slow
def test_a_height_that_a_person_set_stays(tmp_path: Path) -> None:
    path = _made(tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(path)
    book["Tracker"].row_dimensions[2].height = 20
    book.save(path)
    with load(path) as opened:
        opened.append_communication("GTB-789012", date="2023-10-29", with_="Support", summary=LONG)
    assert _rows(path, TRACKER)[2] == 20


@pytest.mark.slow
def test_an_amended_text_makes_its_row_higher(tmp_path: Path) -> None:
    path = _made(tmp_path / "t.xlsx")
    with load(path) as book:
        book.amend(1, "Summary", LONG)
    assert _rows(path, COMMUNICATIONS)[2] == pytest.approx(lines(LONG, SUMMARY_WIDTH) * SIZE * LINE)

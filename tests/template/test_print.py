"""How the workbook is printed, as LibreOffice prints it: how many pages, and how large the type on each is."""

from __future__ import annotations

import re
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

import refundbook
from benchmarks.workbooks import make
from refundbook.base.live_bounds import INSIGHTS_CELLS
from refundbook.base.schema import INSIGHTS, SETTINGS, SHEETS, TRACKER, Sheet
from refundbook.template import style, tracker
from tests.support.books import TEMPLATE
from tests.support.command import run
from tests.support.office import to_pdf
from tests.support.samples import TODAY

pytestmark = pytest.mark.slow

LEAST = 7.99
"""What LibreOffice writes for 8 points."""


def _type(pdf: Path) -> Iterator[float]:
    """The smallest type on each page, in points, out of what says which font is written in (ISO 32000-1, 9.3.1)."""
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf.read_bytes(), re.DOTALL):
        try:
            content = zlib.decompress(stream)
        except zlib.error:
            continue
        sizes = [float(size) for size in re.findall(rb"/F\d+ ([0-9.]+) Tf", content)]
        if sizes:
            yield min(sizes)


@pytest.mark.libreoffice
def test_an_empty_workbook_is_a_page_a_sheet_in_8_points_and_more(tmp_path: Path) -> None:
    path = shutil.copyfile(TEMPLATE, tmp_path / "empty.xlsx")
    seen = [page for page in openpyxl.load_workbook(path).worksheets if page.sheet_state == "visible"]
    pages = [*_type(to_pdf(path, tmp_path / "out"))]
    assert len(pages) == len(seen)
    assert min(pages) >= LEAST


@pytest.mark.libreoffice
@pytest.mark.parametrize("cases", [30, 1_000])
def test_a_full_workbook_is_printed_in_8_points_and_more(tmp_path: Path, cases: int) -> None:
    make(tmp_path / "full.xlsx", cases)
    pages = [*_type(to_pdf(tmp_path / "full.xlsx", tmp_path / "out"))]
    assert len(pages) > cases // 20
    assert min(pages) >= LEAST


@pytest.mark.libreoffice
def test_what_is_overdue_at_a_time_of_the_day_is_printed_in_8_points_and_more(tmp_path: Path) -> None:
    path = tmp_path / "late.xlsx"
    with refundbook.create(path, today=TODAY) as book:
        book.append_case("GTB-1", opened="2023-10-30", respond_by="2023-11-02 17:30")
        book.append_communication(
            "GTB-1", date="2023-10-31", with_="Support", summary="Soon.", promise="A refund", due="2023-11-01 12:00"
        )
    assert min(_type(to_pdf(path, tmp_path / "out"))) >= LEAST


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_what_nobody_prints_stands_right_of_what_is_printed(sheet: Sheet) -> None:
    printed = [column.printed for column in sheet.columns]
    assert printed == sorted(printed, reverse=True)
    assert not sheet["logged_at"].printed
    assert not sheet["logged_by"].printed


def test_all_of_insights_is_printed_from_the_first_case_on(tmp_path: Path) -> None:
    path = shutil.copyfile(TEMPLATE, tmp_path / "book.xlsx")
    page = openpyxl.load_workbook(path)[INSIGHTS]
    assert (INSIGHTS_CELLS.right, INSIGHTS_CELLS.bottom) == (page.max_column, page.max_row)
    assert page.print_area == f"'{INSIGHTS}'!$A$1:$G${page.row_breaks.brk[0].id}"
    assert run("append", "case", "GTB-1", "--opened", "today", book=path).code == 0
    assert openpyxl.load_workbook(path)[INSIGHTS].print_area == f"'{INSIGHTS}'!$A$1:$G${page.max_row}"


def test_rows_that_are_typed_in_are_printed_and_no_column_that_nobody_prints() -> None:
    book = openpyxl.load_workbook(TEMPLATE)
    for sheet in SHEETS:
        last = openpyxl.utils.get_column_letter(sum(column.printed for column in sheet.columns))
        assert book[sheet.name].print_area == f"'{sheet.name}'!$A$1:${last}${style.LAST_ROW}"


@pytest.mark.parametrize(("paper_inches", "by"), [(11.69, 1), (11.69, 11 / 11.69)], ids=["A4", "Letter"])
@pytest.mark.parametrize("name", [TRACKER, SETTINGS, INSIGHTS, *(sheet.name for sheet in SHEETS)])
def test_excel_prints_in_8_points_on_a4_and_on_letter_too(name: str, paper_inches: float, by: float) -> None:
    """A sheet for A4 is printed on Letter a little smaller ("Allow A4/Letter paper resizing")."""
    page = openpyxl.load_workbook(TEMPLATE)[name]
    last = re.search(r"\$([A-Z]+)\$\d+$", page.print_area)
    assert last
    columns = range(1, openpyxl.utils.column_index_from_string(last[1]) + 1)
    room = (paper_inches - page.page_margins.left - page.page_margins.right) * 96
    widths = [page.column_dimensions[openpyxl.utils.get_column_letter(column)].width for column in columns]
    fitted = min((page.page_setup.scale or 100) / 100, room / (sum(widths) * 7))
    assert style.TEXT_SIZE * fitted * by >= 8


@pytest.mark.parametrize(("more", "fits"), [(0, True), (1, False)])
def test_the_blank_trackers_print_area_is_one_full_page_in_excel(more: int, fits: bool) -> None:
    """On A4, whose page Excel prints on Letter a little smaller: rows in whole pixels, at the whole percentage that
    makes the columns fit.
    """
    page = openpyxl.load_workbook(TEMPLATE)[TRACKER]
    margins, width = page.page_margins, sum(column.width for column in page.column_dimensions.values())
    percent = int((11.69 - margins.left - margins.right) * 96 / (width * 7) * 100)
    rows = [page.row_dimensions[row].height for row in range(1, tracker.FIRST_ROW + tracker.PRINTED_ROWS + more)]
    height = sum(-(-points * 96 // 72) for points in rows) * percent / 100
    assert page.print_area == f"'{TRACKER}'!$A$1:$K${tracker.FIRST_ROW + tracker.PRINTED_ROWS - 1}"
    assert (height <= (8.27 - margins.top - margins.bottom) * 96) is fits

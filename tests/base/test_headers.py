"""A header that was broken with Alt+Enter, or has other blanks, is the header; whatever is wrong with one is said on
one line.
"""

from __future__ import annotations

import re
from pathlib import Path
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest

import refundbook
from refundbook.base.schema import SHEETS
from refundbook.base.settings import SETTING_HEADERS
from refundbook.importing.entry_file import read_lines
from refundbook.storage.settings_sheet import read_settings
from tests.support.books import blank
from tests.support.command import run
from tests.support.samples import sample_at
from tests.support.warm import without_cache

pytestmark = pytest.mark.slow

CASE = ("append", "case", "GTB-789012", "--opened", "2023-10-26", "--amount", "49.90", "--currency", "USD")
FORMS = {
    "Alt+Enter": "Date\nOpened",
    "Alt+Enter after a blank": "Date \nOpened",
    "Windows line end": "Date\r\nOpened",
    "no-break space": "Date\u00a0Opened",
    "doubled": "Date  Opened",
    "outer": "\u00a0Date Opened \n",
    "unseen": "Date \u200bOpened\ufeff",
}


def with_header(path: Path, was: str, now: str) -> Path:
    """The workbook with another header in all its cells and Tables, as Excel writes it: `_x000a_` in a Table's part."""
    in_cells = escape(now).replace("\r", "_x000D_")
    in_tables = escape(re.sub("[\r\n]", lambda match: f"_x{ord(match[0]):04x}_", now))
    with ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            if name.startswith(("xl/sharedStrings", "xl/tables/", "xl/worksheets/")):
                text = data.decode().replace(f"<t>{was}</t>", f'<t xml:space="preserve">{in_cells}</t>')
                data = text.replace(f'name="{was}"', f'name="{in_tables}"').encode()
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_a_header_with_other_blanks_is_the_header(form: str, tmp_path: Path) -> None:
    path = with_header(blank(tmp_path / "t.xlsx"), "Date Opened", form)
    for number in ("GTB-789012", "GTB-789045"):  # by the whole workbook, and by what is known of it
        ran = run(*CASE[:2], number, *CASE[3:], book=path)
        assert (ran.code, ran.err) == (0, "")
    book = refundbook.load(path)
    assert list(book.cases["Date Opened"].astype(str)) == ["2023-10-26", "2023-10-26"]
    assert list(book.tracker["Date Opened"].astype(str)) == ["2023-10-26", "2023-10-26"]


@pytest.mark.parametrize("header", sorted({column.header for sheet in SHEETS for column in sheet.columns if " " in column.header}))  # fmt: skip
def test_so_is_every_one_of_ours(header: str, tmp_path: Path) -> None:
    path = with_header(blank(tmp_path / "t.xlsx"), header, header.replace(" ", "\n"))
    ran = run("check", book=path)
    assert (ran.code, ran.out.count("\n")) == (0, 1)


def test_a_setting_is_found_by_its_label_too() -> None:
    rows = [[f"{SETTING_HEADERS[0]}\n", SETTING_HEADERS[1]], ["Time\u00a0 zone", "Asia/Tokyo"]]
    assert read_settings(rows)[0].time_zone == "Asia/Tokyo"


def test_a_column_of_ones_own_keeps_its_header(tmp_path: Path) -> None:
    path = with_header(blank(tmp_path / "t.xlsx"), "Notes", "My\nnotes")
    ran = run(*CASE, book=path)
    assert ran.code == 1
    assert ran.err.count("\n") == 1
    assert 'the nearest header found is "My notes"' in ran.err


def test_one_that_stands_there_as_it_should_is_not_doubled_by_one_that_is_like_it(tmp_path: Path) -> None:
    path = blank(tmp_path / "t.xlsx")
    path = with_header(path, "Item", "Order\nNumber")
    ran = run("check", book=path)
    assert "RB003" not in ran.out
    assert "RB002" in ran.out


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_entries_from_a_file_and_from_python_name_columns_by_such_headers(form: str, tmp_path: Path) -> None:
    quoted = form.replace("\r\n", "\n")
    (line,) = read_lines(f'pillar,Case Number,"{quoted}"\ncase,1,2023-10-26\n'.encode(), "x.csv")
    assert line.fields["Date Opened"] == "2023-10-26"
    book = refundbook.load(blank(tmp_path / "t.xlsx"))
    book.append("case", {"Case\nNumber": "GTB-789012", form: "2023-10-26"})
    assert len(book.cases) == 1


def test_a_header_that_is_a_year_is_named_as_its_cell_shows_it(tmp_path: Path) -> None:
    path = with_header(blank(tmp_path / "b.xlsx"), "Notes", "Notes of 2024")
    book = openpyxl.load_workbook(path)
    cell = next(cell for cell in book["Cases"][1] if cell.value == "Notes of 2024")
    cell.value = 2024
    book.save(path)
    assert '("2024" stands in its place)' in run("check", book=path).out


def test_a_sheet_in_other_capitals_is_that_sheet_in_every_way(tmp_path: Path) -> None:
    """As in Excel, which knows one sheet Cases."""
    path = sample_at(tmp_path / "b.xlsx")
    book = openpyxl.load_workbook(path)
    for name in ("Cases", "Communications", "Resolutions"):
        book[name].title = "x"
        book["x"].title = name.upper()
    book.save(path)
    case = ("append", "case", "GTB-000001", "--opened", "2023-11-01", "--no-inbox")
    message = ("append", "communication", "GTB-789045", "--date", "2023-11-01", "--with", "buyer", "--summary", "Hello")
    resolution = ("append", "resolution", "GTB-789045", "--status", "Pending")
    for command in (case, message, resolution, ("append", "case", "GTB-000002", *case[3:]), ("undo", "--yes")):
        ran = run(*command, book=path)
        assert ran.code == 0, ran
    with without_cache():
        assert run("append", "case", "GTB-000003", *case[3:], book=path).code == 0
    assert refundbook.load(path).cases.index.tolist()[-2:] == ["GTB-000001", "GTB-000003"]
    assert {"CASES", "COMMUNICATIONS", "RESOLUTIONS"} <= set(openpyxl.load_workbook(path).sheetnames)

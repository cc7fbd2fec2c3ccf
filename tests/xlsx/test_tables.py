"""Rows appended to a Table of anybody's workbook, as docs/xlsx.md shows it: everything else is kept."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from openpyxl.chart import LineChart, Reference
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Font
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.worksheet.table import Table, TableColumn, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from refundbook import (
    BadValue,
    Busy,
    CannotWrite,
    Conflict,
    MissingWorkbook,
    UnreadableWorkbook,
    UnsupportedEdit,
    UsageError,
)
from refundbook.system import atomic_file
from refundbook.system.lock import Lock, lock_of
from refundbook.xlsx.tables import append_rows, appended
from refundbook.xlsx.writing.writer import Writer
from tests.support import packages
from tests.support.appended import UNSHARED, changes, without_places
from tests.support.office import recalculated
from tests.support.own_checks import own_findings
from tests.support.rich import EVERYTHING
from tests.support.validators import new_findings

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*extension is not supported:UserWarning"
)  # by openpyxl, which loses it

PAGE = Path(__file__).parents[2] / "docs" / "xlsx.md"
HEADERS = ("Day", "Shop", "Units", "Price", "Total")
DATA = [(date(2024, 3, day), shop, day, 2.5) for day, shop in enumerate(("Lisbon", "Porto", "Faro", "Porto"), 1)]
TWO = [{"Shop": "Faro", "Units": 7}, {"Shop": "Faro", "Units": 8}]

CHART = "changed /chartSpace/chart/plotArea/{}Chart/ser/{}/numRef/f/text()"
GROWN_TABLE = {"changed /table/@ref", "changed /table/autoFilter/@ref"}
GROWN_SHEET = {"changed /worksheet/dimension/@ref", "added /worksheet/sheetData/row[@r='#']"}


def columns(day: Any) -> list[dict[str, Any]]:
    total = {"header": "Total", "formula": "=Sales[@[Units]]*Sales[@[Price]]", "total_function": "sum"}
    return [{"header": "Day", "format": day}, *({"header": name} for name in HEADERS[1:4]), total]


def by_xlsxwriter(path: Path, *, totals: bool = False) -> Path:
    """A Table with a chart, a name, a validation, conditional formats, sparklines and a formula over it, another Table
    beside it, and a picture's worth of other sheets.
    """
    book = xlsxwriter.Workbook(path)
    page, other = book.add_worksheet("Sales 2024"), book.add_worksheet("Summary")
    day, bold = book.add_format({"num_format": "d mmm yyyy"}), book.add_format({"bold": True})
    options = {"name": "Sales", "columns": columns(day), "data": DATA, "total_row": totals}
    page.add_table(f"B3:F{7 + totals}", options)
    page.add_table("H3:I6", {"name": "Shops", "columns": [{"header": "Shop"}, {"header": "City"}]})
    page.conditional_format("D4:D7", {"type": "data_bar", "data_bar_2010": True})
    page.conditional_format("E4:E7", {"type": "cell", "criteria": ">", "value": 3, "format": bold})
    page.data_validation("C4:C7", {"validate": "list", "source": ["Lisbon", "Porto", "Faro"]})
    other.write_formula("A1", "=SUM('Sales 2024'!D4:D7)", None, 10)
    other.add_sparkline("A2", {"range": "'Sales 2024'!D4:D7"})
    other.write_comment("A3", "mine")
    chart = book.add_chart({"type": "column"})
    chart.add_series({"categories": "='Sales 2024'!$B$4:$B$7", "values": "='Sales 2024'!$D$4:$D$7"})
    other.insert_chart("C3", chart)
    book.define_name("Units", "='Sales 2024'!$D$4:$D$7")
    book.close()
    return path


def with_totals(path: Path) -> Path:
    return by_xlsxwriter(path, totals=True)


def by_openpyxl(path: Path) -> Path:
    """A Table at the sheet's corner with a chart and a conditional format, and another one on a sheet of its own."""
    book = openpyxl.Workbook()
    page: Worksheet = book.create_sheet("Data", 0)
    page.append(HEADERS[:4])
    for row in DATA:
        page.append(row)
    for name, where, ref in (("Sales", page, "A1:D5"), ("Notes", book.create_sheet("Notes"), "A1:B2")):
        table = Table(displayName=name, ref=ref, tableStyleInfo=TableStyleInfo(name="TableStyleMedium9"))
        where.add_table(table)
    book["Notes"].append(("Who", "What"))
    book["Notes"].append(("Ana", "Ask"))
    page.conditional_formatting.add(
        "C2:C5", Rule("expression", formula=["$C2>3"], dxf=DifferentialStyle(font=Font(bold=True)))
    )
    chart = LineChart()
    chart.add_data(Reference(page, min_col=3, min_row=2, max_row=5))
    page.add_chart(chart, "H2")
    book.save(path)
    return path


BUILDERS: dict[str, Callable[[Path], Path]] = {
    "XlsxWriter": by_xlsxwriter,
    "XlsxWriter, totals row": with_totals,
    "openpyxl": by_openpyxl,
}
each_workbook = pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS)


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    return by_xlsxwriter(tmp_path / "sales.xlsx")


def copy_of(path: Path) -> Path:
    before = path.with_name(f"before {path.name}")
    before.write_bytes(path.read_bytes())
    return before


def values(path: Path, table: str = "Sales") -> list[list[object]]:
    """The rows of a Table, as openpyxl reads them."""
    for page in openpyxl.load_workbook(path).worksheets:
        if table in page.tables:
            return [[cell.value for cell in row] for row in page[page.tables[table].ref]]
    raise AssertionError(table)


def run_the_page(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the example of the page as it stands there."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert sum(bool(line) for line in code.splitlines()) <= 10
    monkeypatch.chdir(folder)
    exec(compile(code, str(PAGE), "exec"), {})


# What the page shows


@each_workbook
def test_the_lines_of_the_page_append_two_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], build: Callable[[Path], Path]
) -> None:
    path = build(tmp_path / "sales.xlsx")
    before = copy_of(path)
    old = values(path)
    run_the_page(tmp_path, monkeypatch)
    first = 6 if build is by_openpyxl else 8
    assert capsys.readouterr().out == f"range({first}, {first + 2})\n"
    new = [row[:4] for row in values(path)]
    added = [[datetime(2024, 3, 5), "Lisbon", 3, 9.9], [datetime(2024, 3, 6), "=Porto", 5, 9.9]]
    assert new == [*(row[:4] for row in old[:5]), *added, *(row[:4] for row in old[5:])]
    assert own_findings(path) == own_findings(before)
    assert [finding for finding in new_findings(before, path) if UNSHARED not in finding] == []


@each_workbook
def test_everything_else_is_kept_to_the_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, build: Callable[[Path], Path]
) -> None:
    path = build(tmp_path / "sales.xlsx")
    before = copy_of(path)
    run_the_page(tmp_path, monkeypatch)
    found = {part: without_places(listed) for part, listed in changes(before, path).items()}
    assert packages.recompressed_members(before, path) == set()
    grown = {
        "xl/worksheets/sheet1.xml": GROWN_SHEET | {"changed /worksheet/conditionalFormatting/@sqref"},
        "xl/tables/table1.xml": GROWN_TABLE,
        "xl/charts/chart1.xml": {CHART.format("line", "val")},
    }
    if build is not by_openpyxl:
        grown["xl/worksheets/sheet1.xml"] |= {
            "changed /worksheet/dataValidations/dataValidation/@sqref",
            "changed /worksheet/extLst/ext/conditionalFormattings/conditionalFormatting/sqref/text()",
        }
        grown |= {
            "xl/charts/chart1.xml": {CHART.format("bar", "cat"), CHART.format("bar", "val")},
            "xl/worksheets/sheet2.xml": {
                "changed /worksheet/sheetData/row[@r='#']/c[@r='A#']/f/text()",
                "changed /worksheet/extLst/ext/sparklineGroups/sparklineGroup/sparklines/sparkline/f/text()",
            },
            "xl/workbook.xml": {"changed /workbook/definedNames/definedName[@name='Units']/text()"},
            # The format Text as typed, for what begins with `=`, and the one of a date.
            "xl/styles.xml": found["xl/styles.xml"],
        }
    if build is by_openpyxl:
        grown["xl/styles.xml"] = found["xl/styles.xml"]
    moved = (
        {change for change in found["xl/worksheets/sheet1.xml"] if "/row[" in change} if build is with_totals else set()
    )
    grown["xl/worksheets/sheet1.xml"] |= moved
    grown.setdefault("xl/workbook.xml", found.get("xl/workbook.xml", set()))
    assert found == {part: listed for part, listed in grown.items() if listed}
    assert {change.split("[")[0] for change in found["xl/styles.xml"]} <= {
        "changed /styleSheet/cellXfs/@count",
        "added /styleSheet/cellXfs/xf",
    }


HARD = ("full", "slicer", "pivot_table", "threaded_comment", "text_box", "macros", "dynamic_array", "totals_row", "dates_from_1904", "second_table", "starts_at_c4", "unaddressed", "prefixed", "utf_16")  # fmt: skip


@pytest.mark.parametrize("name", HARD)
def test_what_no_library_writes_is_kept_too(tmp_path: Path, name: str) -> None:
    before = EVERYTHING[name](tmp_path / "before.xlsx")
    after = copy_of(before)
    append_rows(after, "Cases", [{"Case Number": "X-1", "Date Opened": date(2024, 3, 5), "Amount Requested": 5}])
    assert packages.recompressed_members(before, after) == set()
    for part, listed in changes(before, after).items():
        gone = [change for change in listed if change.startswith("removed") and "row[" not in change]
        assert not gone, part
    assert own_findings(after) == own_findings(before)
    assert new_findings(before, after) == []


@pytest.mark.libreoffice
def test_libreoffice_computes_the_new_rows(tmp_path: Path, sales: Path) -> None:
    append_rows(sales, "Sales", [{"Units": 7, "Price": 3}])
    found = openpyxl.load_workbook(recalculated(sales, tmp_path / "out"), data_only=True)
    assert found["Sales 2024"]["F8"].value == 21
    assert found["Summary"]["A1"].value == 17


# What goes in


def test_values_are_what_they_were(sales: Path) -> None:
    given: list[tuple[object, object]] = [
        (True, True),
        (False, False),
        (1, 1),
        (0.1, 0.1),
        (Decimal("1234.50"), 1234.5),
        (Decimal("-0.000001"), -0.000001),
        ("007", "007"),
        ("=1+1", "=1+1"),
        ("a\r\n\tb _x000D_ <&>", "a\r\n\tb _x000D_ <&>"),
        (date(2024, 2, 29), datetime(2024, 2, 29)),
        (datetime(2024, 2, 29, 23, 59, 59), datetime(2024, 2, 29, 23, 59, 59)),
        (None, None),
    ]
    append_rows(sales, "Sales", [{"Shop": value, "Units": 1} for value, _ in given])
    page = openpyxl.load_workbook(sales)["Sales 2024"]
    cells = [page.cell(row, 3) for row in range(8, 8 + len(given))]
    assert [
        cell.value.replace("_x000D_\n", "\r\n") if isinstance(cell.value, str) else cell.value for cell in cells
    ] == [value.replace("_x000D_", "_x005F_x000D_") if isinstance(value, str) else value for _, value in given]
    assert {cell.data_type for cell, (value, _) in zip(cells, given, strict=True) if isinstance(value, str)} <= {
        "s",
        "inlineStr",
    }


def test_true_and_one_are_told_apart_in_one_column(sales: Path) -> None:
    append_rows(sales, "Sales", [{"Shop": value, "Units": 1} for value in (1, True, 0, False, 1.0)])
    page = openpyxl.load_workbook(sales)["Sales 2024"]
    assert [page.cell(row, 3).value for row in range(8, 13)] == [1, True, 0, False, 1]
    assert [page.cell(row, 3).data_type for row in range(8, 13)] == ["n", "b", "n", "b", "n"]


def test_formats_go_on_and_calculated_columns_are_filled(sales: Path) -> None:
    append_rows(sales, "Sales", [{"Day": date(2024, 4, 1), "Units": 2, "Price": 5}])
    page = openpyxl.load_workbook(sales)["Sales 2024"]
    assert page["B8"].number_format == page["B7"].number_format == "d mmm yyyy"
    assert page["F8"].value == page["F7"].value
    assert page["F8"].data_type == "f"


def test_a_data_frame_can_be_given_as_it_is(sales: Path) -> None:
    frame = pd.DataFrame({"Day": [pd.Timestamp("2024-04-01"), pd.NaT], "Units": [2, 3], "Price": [1.5, float("nan")]})
    append_rows(sales, "Sales", frame.to_dict("records"))  # type: ignore[arg-type]
    assert [row[:4] for row in values(sales)[-2:]] == [[datetime(2024, 4, 1), None, 2, 1.5], [None, None, 3, None]]


def test_the_other_table_of_a_sheet_can_be_meant(sales: Path) -> None:
    """Whose rows are blank, and are filled first."""
    assert append_rows(sales, "shops", [{"City": "Lisboa"}]) == range(4, 5)
    assert append_rows(sales, "Shops", [{"City": "Faro"}] * 3) == range(5, 8)
    assert [row[1] for row in values(sales, "Shops")] == ["City", "Lisboa", "Faro", "Faro", "Faro"]
    assert len(values(sales)) == 5


def test_a_header_is_found_whatever_its_blanks(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "t.xlsx")
    book.add_worksheet().add_table("A1:A2", {"name": "T", "columns": [{"header": "Unit\nprice"}]})
    book.close()
    assert append_rows(tmp_path / "t.xlsx", "T", [{"Unit price": 3}]) == range(2, 3)


def test_no_rows_change_nothing(sales: Path) -> None:
    before, stamp = sales.read_bytes(), sales.stat().st_mtime_ns
    assert append_rows(sales, "Sales", []) == range(0)
    assert (sales.read_bytes(), sales.stat().st_mtime_ns) == (before, stamp)


def test_in_memory_no_file_is_touched(sales: Path) -> None:
    before = sales.read_bytes()
    made = appended(before, "Sales", TWO)
    assert made.rows == range(8, 10)
    assert sales.read_bytes() == before
    sales.write_bytes(made.data)
    assert len(values(sales)) == 7


# What is refused


@pytest.mark.parametrize(
    ("rows", "kind", "said"),
    [
        ([{"Unit": 3}], UsageError, 'Row 1: there is no column "Unit" in the Table. Did you mean "Units"?'),
        ([{"Units": 1}, {"Zzz": 3}], UsageError, 'Row 2: there is no column "Zzz" in the Table. There are "Day", "Shop",'),
        ([{"Units": [1]}], BadValue, "Row 1: Units cannot be a list: a cell holds text, a number,"),
        ([{"Units": 12345678901234567}], BadValue, "has more than 15 digits"),
        ([{"Units": Decimal("1E+400")}], BadValue, "is not a number that a cell can hold"),
        ([{"Units": float("inf")}], BadValue, "is not a number that a cell can hold"),
        ([{"Shop": "x" * 32_768}], BadValue, "Shop is 32,768 characters long, and a cell holds 32,767"),
        ([{"Shop": "\U0001f44d" * 16_384}], BadValue, "Shop is 32,768 characters long"),
        ([{"Shop": "a\x07b"}], BadValue, "holds the character ‹control character U+0007›, which no workbook can hold"),
        ([{"Day": date(1900, 2, 28)}], BadValue, "is before 1900-03-01"),
        ([{"Day": datetime(2024, 3, 1, tzinfo=UTC)}], BadValue, "has a time zone, and a cell has none"),
        ([{"Units": 1}, {}], BadValue, "Row 2 holds nothing: leave it out."),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_is_refused_and_nothing_is_written(
    sales: Path, rows: list[dict[str, object]], kind: type[Exception], said: str
) -> None:
    before = sales.read_bytes()
    with pytest.raises(kind) as caught:
        append_rows(sales, "Sales", rows)
    assert said in str(caught.value)
    assert sales.read_bytes() == before


def test_an_unknown_table_is_named_with_the_nearest(sales: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r'There is no Table "Sale" in the workbook\. Did you mean "Sales"\?'):
        append_rows(sales, "Sale", TWO)
    with pytest.raises(UsageError, match=r'It holds "Sales", "Shops"\.'):
        append_rows(sales, "Customers", TWO)
    bare = tmp_path / "bare.xlsx"
    openpyxl.Workbook().save(bare)
    with pytest.raises(UsageError, match=r"It holds none: select the data and press Ctrl\+T in Excel\."):
        append_rows(bare, "Sales", TWO)


def _changed(path: Path, change: Callable[[Any], object]) -> Path:
    book = openpyxl.load_workbook(path)
    change(book["Sales 2024"])
    book.save(path)
    return path


def _table_below(page: Worksheet) -> None:
    """Of which nothing is to be seen but that it is there."""
    columns = [TableColumn(id=1, name="A"), TableColumn(id=2, name="B")]
    page.add_table(Table(displayName="Below", ref="C9:D10", tableColumns=columns))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda page: page.__setitem__("C8", "note"), "row 8, below the Table, is not empty, and a new row would overwrite it"),
        (lambda page: page.merge_cells("C8:D9"), "the cells C8:D9, where the next row goes, are merged"),
        (lambda page: setattr(page.protection, "sheet", True), 'The sheet "Sales 2024" is protected'),
        (_table_below, 'the Table "Below" stands in row 9, where the next row would go'),
    ],
)  # fmt: skip
def test_what_stands_in_the_way_is_said(sales: Path, change: Callable[[Any], object], said: str) -> None:
    before = _changed(sales, change).read_bytes()
    with pytest.raises(UnsupportedEdit) as caught:
        append_rows(sales, "Sales", TWO)
    assert said in str(caught.value)
    assert sales.read_bytes() == before


def test_what_is_no_workbook_is_said(tmp_path: Path) -> None:
    with pytest.raises(MissingWorkbook, match="There is no workbook at"):
        append_rows(tmp_path / "none.xlsx", "Sales", TWO)
    (tmp_path / "text.xlsx").write_text("Day,Shop")
    with pytest.raises(UnreadableWorkbook, match=r"text\.xlsx cannot be read\. It is not an Excel workbook"):
        append_rows(tmp_path / "text.xlsx", "Sales", TWO)
    with pytest.raises(UnreadableWorkbook, match="is a folder"):
        append_rows(tmp_path, "Sales", TWO)


def test_what_does_not_read_back_is_not_written(sales: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = sales.read_bytes()
    monkeypatch.setattr(
        Writer, "append", lambda self, target, rows, columns, growths: self.set_value(target.sheet, 4, 3, "!")
    )
    with pytest.raises(UnreadableWorkbook, match="does not read back as it was given"):
        append_rows(sales, "Sales", TWO)
    assert sales.read_bytes() == before


# The file


def test_a_workbook_that_is_open_or_in_use_is_left_alone(sales: Path) -> None:
    before = sales.read_bytes()
    owner = sales.with_name("~$sales.xlsx")
    owner.write_bytes(b"\x03ana")
    with pytest.raises(Busy, match="is open in Excel by ana"):
        append_rows(sales, "Sales", TWO)
    owner.unlink()
    held = Lock(lock_of(sales))
    held.acquire(1, 0.05)
    try:
        import threading

        caught: list[Exception] = []

        def attempt() -> None:
            try:
                append_rows(sales, "Sales", TWO, wait=0.1)
            except Busy as error:
                caught.append(error)

        other = threading.Thread(target=attempt)
        other.start()
        other.join()
    finally:
        held.release()
    assert "is in use by another process" in str(caught[0])
    assert sales.read_bytes() == before


def test_what_was_saved_meanwhile_is_not_overwritten(sales: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_new = atomic_file.write_new

    def written(*args: object) -> None:
        write_new(*args)  # type: ignore[arg-type]
        _changed(sales, lambda page: page.__setitem__("A1", "mine"))

    monkeypatch.setattr(atomic_file, "write_new", written)
    with pytest.raises(Conflict, match="was changed by someone else"):
        append_rows(sales, "Sales", TWO)
    assert openpyxl.load_workbook(sales)["Sales 2024"]["A1"].value == "mine"


@pytest.mark.skipif(sys.platform == "win32", reason="other permissions")
def test_a_file_keeps_its_mode_and_a_read_only_one_stays(sales: Path) -> None:
    sales.chmod(0o640)
    append_rows(sales, "Sales", TWO)
    assert sales.stat().st_mode & 0o777 == 0o640
    sales.chmod(0o440)
    before = sales.read_bytes()
    with pytest.raises(CannotWrite, match="is read-only"):
        append_rows(sales, "Sales", TWO)
    assert sales.read_bytes() == before
    assert {found.name for found in sales.parent.iterdir()} == {".sales.xlsx.lock", "sales.xlsx"}

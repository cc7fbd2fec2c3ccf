"""People's own columns are columns: filled by each way of entering, read by each way of reading."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.table import TableFormula
from python_calamine import CalamineWorkbook

import refundbook
from refundbook.base.errors import EntryRefused, UsageError
from refundbook.base.schema import CASES
from tests.support import packages
from tests.support.command import run
from tests.support.office import recalculated, sheet_values
from tests.support.own_checks import own_findings
from tests.support.own_made import OWN, headers, own_book
from tests.support.samples import TODAY
from tests.support.validators import new_findings
from tests.support.warm import readings, without_cache

GIVEN = {"Seller": "=1+1", "qty": "12,5", "SEENON": "2023-10-30", "warehouse ": "south", "Loose": "007"}
READ = {"Seller": "=1+1", "Qty": 12.5, "Seen On": date(2023, 10, 30), "Warehouse": "South", "Loose": "007"}


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return own_book(tmp_path / "book.xlsx")


def by_library(path: Path) -> None:
    with refundbook.load(path, today=TODAY) as book:
        book.append_case("GTB-789013", opened="2023-10-27", **GIVEN)


def by_option(path: Path) -> None:
    own = [word for header, value in GIVEN.items() for word in ("--set", f"{header}={value}")]
    ran = run("append", "case", "GTB-789013", "--opened", "2023-10-27", *own, book=path)
    assert (ran.code, ran.err) == (0, "")


def by_file(path: Path) -> None:
    source = path.with_suffix(".csv")
    given = {"pillar": "case", "Case Number": "GTB-789013", "Date Opened": "2023-10-27", **GIVEN}
    source.write_text(f"{','.join(given)}\n" + ",".join(f'"{value}"' for value in given.values()) + "\n")
    assert run("append", "--from", source, book=path).code == 0


def by_amending(path: Path) -> None:
    with refundbook.load(path, today=TODAY) as book:
        book.append_case("GTB-789013", opened="2023-10-27")
    with refundbook.load(path, today=TODAY) as book:
        for header, value in GIVEN.items():
            book.amend("GTB-789013", header, value)


def by_the_inbox(path: Path) -> None:
    owner = path.with_name(f"~${path.name}")
    owner.write_bytes(b"\x03Ana" + b" " * 161)
    by_option_kept(path)
    owner.unlink()
    assert run("inbox", "enter", book=path).code == 0


def by_option_kept(path: Path) -> None:
    own = [word for header, value in GIVEN.items() for word in ("--set", f"{header}={value}")]
    ran = run("append", "case", "GTB-789013", "--opened", "2023-10-27", *own, book=path)
    assert "Kept GTB-789013" in ran.out


WAYS: list[Callable[[Path], None]] = [by_library, by_option, by_file, by_amending, by_the_inbox]


def read_by_openpyxl(path: Path) -> dict[str, object]:
    rows = openpyxl.load_workbook(path)["Cases"].iter_rows(values_only=True)
    first, _, row = rows
    found: dict[str, object] = dict(zip(map(str, first), row, strict=True))
    return {header: found[header] for header in OWN}


def read_by_calamine(path: Path) -> dict[str, object]:
    first, _, row = CalamineWorkbook.from_path(path).get_sheet_by_name("Cases").to_python()
    found: dict[str, object] = dict(zip(map(str, first), row, strict=True))
    return {header: found[header] for header in OWN}


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_what_is_entered_is_read_with_its_kind(book: Path, way: Callable[[Path], None], tmp_path: Path) -> None:
    (tmp_path / "before.xlsx").write_bytes(book.read_bytes())
    way(book)
    assert read_by_calamine(book) == READ
    assert read_by_openpyxl(book) == {**READ, "Seen On": datetime(2023, 10, 30)}
    frame = refundbook.load(book, today=TODAY).cases
    assert {h: v.date() if isinstance(v := frame[h].iloc[1], pd.Timestamp) else v for h in OWN} == READ
    assert [str(frame[h].dtype) for h in ("Seller", "Qty")] == ["string", "float64"]
    assert own_findings(book) == []
    assert new_findings(tmp_path / "before.xlsx", book) == []


@pytest.mark.slow
@pytest.mark.libreoffice
def test_libreoffice_reads_each_kind(book: Path, tmp_path: Path) -> None:
    by_option(book)
    first, _, row = sheet_values(recalculated(book, tmp_path / "saved"), "Cases")
    found = dict(zip(first, row, strict=True))
    assert (found["Seller"], found["Qty"], found["Warehouse"], found["Loose"]) == ("=1+1", 12.5, "South", "007")
    assert found["Seen On"] in (date(2023, 10, 30), datetime(2023, 10, 30))


@pytest.mark.parametrize(
    ("header", "value", "says"),
    [
        ("Warehouse", "East", 'Warehouse "East" is not one of: North, South.'),
        ("Warehouse", "Nort", 'Did you mean "North"?'),
        ("Qty", "many", 'Qty "many" is not a number'),
        ("Qty", "1,234", "can mean 1234 or 1.234"),
        ("Seen On", "soon", 'Seen On "soon" is not a date'),
        ("Seen On", "03/04/2023", "can mean 3 April 2023 or 4 March 2023"),
    ],
)
def test_a_value_that_the_column_does_not_take_is_refused(book: Path, header: str, value: str, says: str) -> None:
    before = book.read_bytes()
    with pytest.raises(EntryRefused, match="was not entered") as refused, refundbook.edit(book, today=TODAY) as opened:
        opened.append_case("GTB-789013", opened="2023-10-27", **{header: value})
    assert says in str(refused.value)
    with pytest.raises(EntryRefused) as refused, refundbook.edit(book, today=TODAY) as opened:
        opened.amend("GTB-789012", header, value)
    assert says in str(refused.value)
    assert book.read_bytes() == before


def test_an_unknown_header_is_refused_with_the_nearest(book: Path) -> None:
    with pytest.raises(UsageError, match=r'no column "Seler"\. Did you mean "Seller"'), refundbook.edit(book) as opened:
        opened.append_case("GTB-789013", opened="2023-10-27", Seler="x")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    "warehouses", ["Lists!$A$1:$A$4", "=Lists!$A$1:$A$4", "'Lists'!A1:A4"], ids=["range", "with =", "quoted"]
)
def test_a_list_that_stands_on_another_sheet_refuses_too(tmp_path: Path, warehouses: str) -> None:
    path = own_book(tmp_path / "book.xlsx", warehouses=warehouses.removeprefix("="))
    with refundbook.edit(path, today=TODAY) as book:
        assert (
            book.append_case("GTB-789013", opened="2023-10-27", Warehouse="overseas").values["Warehouse"] == "Overseas"  # type: ignore[call-arg]
        )
    with pytest.raises(EntryRefused, match="North, South, Overseas"), refundbook.edit(path, today=TODAY) as book:
        book.append_case("GTB-789014", opened="2023-10-27", Warehouse="East")  # type: ignore[call-arg]


def test_entries_with_columns_of_ones_own_are_made_by_what_is_known_of_the_workbook(tmp_path: Path) -> None:
    """And to the byte as by who reads all of it."""
    paths = [own_book(tmp_path / f"{name}.xlsx") for name in ("warm", "cold")]
    paths[1].write_bytes(paths[0].read_bytes())
    for path in paths:
        with refundbook.edit(path, today=TODAY, user="ana") as book:
            book.append_case("GTB-789013", opened="2023-10-27", Qty="3")  # type: ignore[call-arg]

    def more(path: Path) -> None:
        for number in range(14, 17):
            with refundbook.edit(path, today=TODAY, user="ana") as book:
                book.append_case(f"GTB-7890{number}", opened="2023-10-27", **GIVEN)
            with pytest.raises(EntryRefused), refundbook.edit(path, today=TODAY, user="ana") as book:
                book.append_case(f"GTB-7891{number}", opened="2023-10-27", Warehouse="East")  # type: ignore[call-arg]

    with readings() as read:
        with refundbook.edit(paths[0], today=TODAY, user="ana") as book:
            book.append_case("GTB-789099", opened="2023-10-27", **GIVEN)
        assert read.count == 0
    with without_cache(), refundbook.edit(paths[1], today=TODAY, user="ana") as book:
        book.append_case("GTB-789099", opened="2023-10-27", **GIVEN)
    more(paths[0])
    with without_cache():
        more(paths[1])
    assert packages.parts(paths[0]) == packages.parts(paths[1])


def test_a_column_that_a_formula_calculates_is_not_filled(tmp_path: Path) -> None:
    path = own_book(tmp_path / "book.xlsx")
    made = openpyxl.load_workbook(path)
    page = made["Cases"]
    at = 1 + headers(CASES).index("Loose")
    page.cell(2, at).value = "=LEN(A2)"
    for column, header in zip(page.tables["Cases"].tableColumns, headers(CASES), strict=True):
        column.name = header
        if header == "Loose":
            column.calculatedColumnFormula = TableFormula(attr_text="LEN(A2)")
    made.save(path)
    with pytest.raises(EntryRefused, match="Loose is calculated by a formula"), refundbook.edit(path) as book:
        book.append_case("GTB-789013", opened="2023-10-27", Loose="x")  # type: ignore[call-arg]


# Read: lists, groups


@pytest.fixture
def asked(book: Path) -> Path:
    with refundbook.load(book, today=TODAY) as opened:
        opened.append_case("GTB-789013", opened="2023-10-27", amount="20", currency="USD", Seller="Shop Nine", Qty=10)  # type: ignore[call-arg]
        opened.append_case("GTB-789014", opened="2023-10-28", Seller="shop nine", Warehouse="South")  # type: ignore[call-arg]
        opened.append_communication(
            "GTB-789014", date="2023-10-29", with_="Support", agent="Maya", summary="Wait.", direction="Received"
        )
    return book


@pytest.mark.parametrize(
    ("condition", "numbers"),
    [
        ("Seller=Shop Nine", "1314"),
        ("seller = SHOP NINE", "1314"),
        ("Seller!=Shop Nine", "12"),
        ("Seller~nine", "1314"),
        ("Qty>2", "13"),
        ("Qty>=2", "1213"),
        ("Qty<10", "12"),
        ("Qty=", "14"),
        ("Qty!=", "1213"),
        ("Seen On=2023-10-27", "12"),
        ("Seen On<today", "12"),
        ("Date Opened>2023-10-26", "1314"),
        ("Amount Requested=20.00", "13"),
        ("Agent=maya", "14"),
        ("Agent!=maya", "1213"),
        ("Status=pending", "121314"),
    ],
)
def test_a_list_of_those_of_which_a_condition_is_true(asked: Path, condition: str, numbers: str) -> None:
    ran = run("list", "--where", condition, "--columns", "case number", "--json", book=asked)
    assert ["".join(row["Case Number"][-2:] for row in ran.json)] == [numbers]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--where", "Sellr=x"], 'Did you mean "Seller"?'),
        (["--where", "Seller"], "is no condition"),
        (["--where", "Qty>many"], 'Qty "many" is not a number'),
        (["--where", "Seen On>soon"], 'Seen On "soon" is not a date'),
        (["--columns", "Nope"], 'No column is called "Nope"'),
        (["--sort", "Nope"], 'No column is called "Nope"'),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_way_out(asked: Path, args: list[str], says: str) -> None:
    ran = run("list", *args, book=asked)
    assert ran.code == 2
    assert says in ran.err


@pytest.mark.parametrize(
    ("sort", "order"), [("Qty", "121314"), ("-Qty", "131214"), ("Seller", "131412"), ("-Date Opened", "141312")]
)
def test_a_list_in_the_order_of_a_column_with_blanks_last(asked: Path, sort: str, order: str) -> None:
    ran = run("list", "--sort", sort, "--columns", "Case Number, Qty", "--json", book=asked)
    assert "".join(row["Case Number"][-2:] for row in ran.json) == order


def test_figures_for_each_value_of_a_column(asked: Path) -> None:
    ran = run("insights", "--by", "seller", "--json", book=asked)
    table = ran.json["tables"]["outcomes_by_seller"]
    assert [(row["Seller"], row["Cases"]) for row in table] == [("Shop Nine", 2), ("Shop One", 1)]
    assert run("insights", "--by", "warehouse", book=asked).code == 0


def test_a_column_with_many_values_makes_no_groups(asked: Path) -> None:
    with refundbook.load(asked, today=TODAY) as book:
        book.append_many(
            [("case", {"number": f"GTB-79{n:04}", "opened": "2023-10-27", "Loose": f"n{n}"}) for n in range(60)]
        )
    ran = run("insights", "--by", "Loose", book=asked)
    assert ran.code == 2
    assert "62 different values, too many to compare" in ran.err


def test_show_and_find_say_what_stands_in_columns_of_ones_own(asked: Path) -> None:
    assert "Seller: Shop Nine" in run("show", "GTB-789013", book=asked).out
    assert run("find", "shop nine", "--json", book=asked).json[0]["column"] == "Seller"


# A column beside the Table


def test_a_column_beside_the_table_is_pointed_out(tmp_path: Path) -> None:
    path = own_book(tmp_path / "book.xlsx")
    made = openpyxl.load_workbook(path)
    page = made["Cases"]
    at = page.max_column + 1
    page.cell(1, at).value, page.cell(2, at).value = "Shelf", "B4"
    made.save(path)
    assert "RB262" in run("check", book=path).out
    assert "stands beside the table" in run("list", "--where", "Shelf=B4", book=path).err

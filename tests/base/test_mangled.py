"""Numbers of cases, orders and payments that a spreadsheet or a program took for something else: refused at entry,
pointed out where they stand.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from refundbook import EntryRefused, load
from refundbook.base.mangled import is_mangled, unwrapped, what_became_of
from refundbook.base.schema import CASES, TRACKER_HEADERS
from refundbook.xlsx.reading.shown_numbers import as_shown
from tests.support.books import filled
from tests.support.command import Ran, run

pytestmark = pytest.mark.slow

OPENED, TODAY = date(2023, 10, 26), date(2023, 10, 27)
DAY = TODAY.isoformat()
LOST = [
    "4.83711E+11",
    "7.89012E+11",
    "7,89012E+11",
    "4.83711e+11",
    "1E+15",
    "7.89012E11",
    "\uff14.8E+11",
    "\u200e4.83711E+11",
]
DECIMAL = ["789012.0", "789012,0", "0789012.00", "\uff17\uff18\uff19\uff10\uff11\uff12.0", "789012\uff0e0\u200b"]
SOUND = ["5.10", "5.0", "12.0", "1E10", "7E12345", "12E-5", "GTB-789012", "0012345", "GTB-1.0", "E+11", "=1+1"]


@pytest.mark.parametrize("number", [*LOST, *DECIMAL])
def test_what_became_of_a_number_is_refused_with_what_to_do(tmp_path: Path, number: str) -> None:
    book = load(filled(tmp_path / "t.xlsx", [], [], []), today=TODAY)
    says = "its other digits are lost. Type the number" if number in LOST else "Write 0?789012, or with the zeros"
    for name in ("number", "order", "payment", "related"):
        fields: dict[str, object] = {"number": "GTB-1", "opened": OPENED, name: number}
        with pytest.raises(EntryRefused, match=says):
            book.append("case", fields)


@pytest.mark.parametrize("number", SOUND)
def test_a_number_that_somebody_may_have_given_is_taken(tmp_path: Path, number: str) -> None:
    assert not is_mangled(number)
    path = filled(tmp_path / "t.xlsx", [], [], [])
    with load(path, today=TODAY) as book:
        assert book.append_case(number, opened=OPENED).values["number"] == number
    assert not {"RB163", "RB164"} & {finding.code for finding in load(path, today=TODAY).check()}


@pytest.mark.parametrize("how", ["shell", "csv", "json", "import"])
def test_a_number_wrapped_for_excel_is_the_number(tmp_path: Path, how: str) -> None:
    path, file = filled(tmp_path / "t.xlsx", [], [], []), tmp_path / "e.csv"
    wrapped, twice = '="0012345"', '"=""0012345"""'
    match how:
        case "shell":
            ran = run("append", "case", wrapped, "--opened", "2023-10-26", book=path, today=DAY)
        case "csv":
            file.write_text(f"pillar,Case Number,Date Opened\ncase,{twice},2023-10-26\n")
            ran = run("append", "--from", str(file), book=path, today=DAY)
        case "json":
            file.write_text(json.dumps({"pillar": "case", "Case Number": wrapped, "Date Opened": "2023-10-26"}))
            ran = run("append", "--from", str(file), book=path, today=DAY)
        case _:
            file.write_text(f"{','.join(TRACKER_HEADERS)}\n{twice},2023-10-26,x,,\n")
            ran = run("import", str(file), book=path, today=DAY)
    assert ran.code == 0, ran
    assert load(path, today=TODAY).records.cases["number"] == ["0012345"]


@pytest.mark.parametrize("number", ["7.89012E+11", "789012.0"])
def test_entries_from_a_file_and_import_refuse_it_too_and_enter_nothing(tmp_path: Path, number: str) -> None:
    path, file = filled(tmp_path / "t.xlsx", [], [], []), tmp_path / "e.csv"
    file.write_text(f"pillar,Case Number,Date Opened\ncase,GTB-1,2023-10-26\ncase,{number},2023-10-26\n")
    ran = run("append", "--from", str(file), book=path, today=DAY)
    assert (ran.code, "line 3" in ran.err, number in ran.err) == (1, True, True)
    file.write_text(f"{','.join(TRACKER_HEADERS)}\nGTB-1,2023-10-26,x,,\n{number},2023-10-26,x,,\n")
    ran = run("import", str(file), book=path, today=DAY)
    assert (ran.code, number in ran.out + ran.err) == (1, True)
    assert len(load(path, today=TODAY).records.cases) == 0


@pytest.mark.parametrize("cache", ["on", "off"])
def test_news_of_a_case_that_stands_by_such_a_number_can_be_entered(tmp_path: Path, cache: str) -> None:
    """0.1.0 took it."""
    path = filled(tmp_path / "t.xlsx", [{"number": "4.83711E+11", "opened": OPENED}], [], [])
    env = {} if cache == "on" else {"REFUNDBOOK_CACHE": "off"}
    for n in range(2):
        said = (
            "append",
            "communication",
            "4.83711e+11",
            "--date",
            "2023-10-26",
            "--with",
            "buyer",
            "--summary",
            f"No. {n}",
        )
        assert run(*said, book=path, today=DAY, **env).code == 0
    assert load(path, today=TODAY).records.communications["number"] == ["4.83711E+11"] * 2


def test_it_is_pointed_out_where_it_stands(tmp_path: Path) -> None:
    stands = [*LOST[:2], DECIMAL[0], '="0012345"']
    path = filled(tmp_path / "t.xlsx", [{"number": f"GTB-{n}", "opened": OPENED} for n in range(len(stands))], [], [])
    book = openpyxl.load_workbook(path)
    for row, number in enumerate(stands, 2):
        cell = book["Cases"].cell(row, 1, number)
        cell.data_type = "s"
    book.save(path)
    found = load(path, today=TODAY).check()
    assert [finding.cell for finding in found if finding.code == "RB163"] == ["A2", "A3", "A4", "A5"]


STANDS: list[tuple[object, str, str]] = [
    (date(2024, 2, 3), "RB164", "a date"),
    (time(10, 30), "RB164", "a time of day"),
    (True, "RB164", "a truth value"),
    (7890450000000000, "RB163", "more than 15 digits"),
]


@pytest.mark.parametrize(("value", "code", "what"), STANDS)
@pytest.mark.parametrize("name", ["number", "order", "payment", "related"])
def test_a_number_that_stands_as_another_kind_is_pointed_out(
    tmp_path: Path, value: object, code: str, what: str, name: str
) -> None:
    path = filled(tmp_path / "t.xlsx", [{"number": "GTB-1", "opened": OPENED}], [], [])
    book = openpyxl.load_workbook(path)
    cell = book["Cases"].cell(2, 1 + [column.name for column in CASES.columns].index(name))
    cell.value = value  # type: ignore[assignment]
    cell.number_format = {date: "yyyy-mm-dd", time: "hh:mm"}.get(type(value), "General")
    book.save(path)
    report = load(path, today=TODAY).check()
    (found,) = [finding for finding in report if finding.code == code]
    assert (found.cell, what in found.message, "text format" in found.hint) == (cell.coordinate, True, True)
    assert not report.errors
    assert ("RB152" in [f.code for f in report]) == (name == "number" and code == "RB163"), (
        "zeros are lost of numbers only"
    )
    with load(path, today=TODAY) as again:
        again.append_case("GTB-2", opened=OPENED)


def foreign(path: Path, rows: Sequence[Sequence[object]], formats: dict[str, str]) -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in (TRACKER_HEADERS, *rows):
        page.append(list(row))
    for cell, code in formats.items():
        page[cell].number_format = code
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("number", "code", "shown"),
    [
        (12345, "000000000", "000012345"),
        (12345, "General", "12345"),
        (12345, "0", "12345"),
        (123456, "0000-0000", "0012-3456"),
        (123456789, "0000-0000", "12345-6789"),
        (789012, '"GTB-"000000', "GTB-789012"),
        (12, "\\G\\T\\B\\-000000", "GTB-000012"),
        (5551234, "###-####", "555-1234"),
        (12345, "#,##0", "12345"),
        (12345, "000000000;-000000000", "000012345"),
        (12345, '"No; "00000000', "No; 00012345"),
    ],
)
def test_import_keeps_what_a_number_format_shows(tmp_path: Path, number: int, code: str, shown: str) -> None:
    path = filled(tmp_path / "t.xlsx", [], [], [])
    table = foreign(tmp_path / "f.xlsx", [(number, OPENED, "Said.", None, None)], {"A2": code})
    assert run("import", str(table), book=path, today=DAY).code == 0
    assert load(path, today=TODAY).records.cases["number"] == [shown]


def test_so_it_does_for_orders_and_not_for_amounts(tmp_path: Path) -> None:
    path, table, chart = filled(tmp_path / "t.xlsx", [], [], []), tmp_path / "f.xlsx", tmp_path / "m.toml"
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in (("No", "On", "Order", "Sum"), ("GTB-1", OPENED, 77, 12)):
        page.append(list(row))
    page["C2"].number_format = page["D2"].number_format = "00000"
    book.save(table)
    chart.write_text(
        '[columns]\n"No" = "case.number"\n"On" = "case.opened"\n"Order" = "case.order"\n"Sum" = "case.amount"\n'
    )
    assert run("import", str(table), "--map", str(chart), book=path, today=DAY).code == 0
    records = load(path, today=TODAY).records
    assert (records.cases["order"], records.cases["amount"]) == (["00077"], [12])


CURRENCIES = {
    '#,##0.00 "\u20ac"': ("EUR", ""),
    "#,##0.00\\ [$\u20ac-407]": ("EUR", ""),
    "[$\u20ac-2] #,##0.00": ("EUR", ""),
    "[$CAD] #,##0.00;[Red]-[$CAD] #,##0.00": ("CAD", ""),
    '_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)': ("", '"$" beside the amount can mean USD, CAD, AUD'),
    "\u00a3#,##0.00;[Red]-\u00a3#,##0.00": ("GBP", ""),
    '0.00" USD"': ("USD", ""),
    '0.00" pcs"': ("", ""),
    '"USD or EUR" 0.00': ("", ""),
    '"\u20ac "0.00" USD"': ("", ""),
    "#,##0.00": ("", ""),
}
"""What a number format says of an amount's currency, and what it leaves open."""


def imported_amount(folder: Path, code: str, currency: str | None = None) -> Ran:
    path, table = filled(folder / "t.xlsx", [], [], []), folder / "old.xlsx"
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in (("Case Number", "Date Opened", "Amount Requested", "Currency"), ("GTB-1", OPENED, 1234.5, currency)):
        page.append(list(row))
    page["C2"].number_format = code
    book.save(table)
    ran = run("import", str(table), "--yes", book=path, today=DAY)
    assert ran.code == 0, ran
    return ran


@pytest.mark.parametrize("code", CURRENCIES)
def test_import_keeps_the_currency_that_a_number_format_shows(tmp_path: Path, code: str) -> None:
    currency, said = CURRENCIES[code]
    ran = imported_amount(tmp_path, code)
    cases = load(tmp_path / "t.xlsx", today=TODAY).records.cases
    assert (cases["amount"], cases["currency"]) == ([Decimal("1234.5")], [currency or None])
    assert said in ran.err
    assert said or ran.err == ""


def test_a_currency_that_the_table_names_goes_before_that_of_a_format(tmp_path: Path) -> None:
    imported_amount(tmp_path, '#,##0.00 "\u20ac"', "USD")
    assert load(tmp_path / "t.xlsx", today=TODAY).records.cases["currency"] == ["USD"]


@given(st.integers(0, 10**15 - 1), st.from_regex(r"[-0#() ]{1,12}", fullmatch=True))
def test_what_a_format_shows_has_the_digits_of_the_number(number: int, code: str) -> None:
    made = as_shown(code)
    if made is not None and (shown := made(number)) is not None:
        assert int("".join(filter(str.isdigit, shown)) or "0") == number


@pytest.mark.parametrize(
    "code", ["0.00", "0%", "yyyy-mm-dd", "[<100]000;0000", "# ?/?", "0/0", "@", "_-000", "0,000", "00E+00"]
)
def test_nothing_is_made_of_a_format_that_is_not_certain(code: str) -> None:
    assert as_shown(code) is None


SENTENCES: list[tuple[dict[int, object], str]] = [
    ({0: 7890450000000000},
        "Sheet!A2: Case Number 7890450000000000 is a number of more than 15 digits. Excel keeps 15 digits of a "
        "number, the others are lost. Give the cell the text format and type the number again as its issuer wrote it."),
    ({0: date(2023, 3, 12)},
        "Sheet!A2: Case Number 2023-03-12 is a date. A spreadsheet took the number for one. Give the cell the text "
        "format and type the number again as its issuer wrote it."),
    ({0: True}, "Sheet!A2: Case Number TRUE is a truth value."),
    ({0: 12.5}, "Sheet!A2: Case Number 12.5 is a number with decimals or a sign. Give the cell the text format"),
    ({1: 45227},
        "Sheet!B2: Date Opened 45227 is a number: as a date it is 2023-10-28. "
        "Give the cell a date format if that is the date."),
    ({1: 12}, "Sheet!B2: Date Opened 12 is a number, not a date: type the date, as 2023-10-26."),
    ({1: True}, "Sheet!B2: Date Opened TRUE is not a date: type the date, as 2023-10-26."),
    ({1: time(10, 30)}, "Sheet!B2: Date Opened 10:30:00 is a time without a day"),
    ({3: 45227}, "Sheet!D2: Date 45227 is a number: as a date it is 2023-10-28."),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "sentence"), SENTENCES)
def test_import_says_what_to_do_in_a_cell(tmp_path: Path, cells: dict[int, object], sentence: str) -> None:
    row: list[object] = ["GTB-1", OPENED, "Said.", None, None]
    for at, value in cells.items():
        row[at] = value
    table = foreign(tmp_path / "f.xlsx", [row], {"B2": "General"} if isinstance(row[1], (int, float)) else {})
    ran = run("import", str(table), book=filled(tmp_path / "t.xlsx", [], [], []), today="2023-11-05")
    said = ran.out + ran.err
    assert ran.code == 1
    assert sentence in said
    assert "quotation marks" not in said


def test_a_number_in_a_workbook_of_the_1904_system_is_read_by_it(tmp_path: Path) -> None:
    table = foreign(tmp_path / "f.xlsx", [("GTB-1", 43765, "Said.", None, None)], {"B2": "General"})
    book = openpyxl.load_workbook(table)
    book.epoch = CALENDAR_MAC_1904
    book.save(table)
    ran = run("import", str(table), book=filled(tmp_path / "t.xlsx", [], [], []), today="2023-11-05")
    assert "43765 is a number: as a date it is 2023-10-28." in ran.out + ran.err


def test_the_number_of_a_day_is_told_at_the_shell_too(tmp_path: Path) -> None:
    path = filled(tmp_path / "t.xlsx", [], [], [])
    ran = run("append", "case", "GTB-1", "--opened", "45225", book=path, today=DAY)
    assert (
        ran.code,
        'Date Opened "45225", the number that Excel keeps of 2023-10-26, is not a date: write it' in ran.err,
    ) == (1, True)


@given(st.text(max_size=20))
def test_no_text_is_anything_but_mangled_or_not(text: str) -> None:
    assert is_mangled(text) == (what_became_of(text) is not None)
    assert unwrapped(unwrapped(text)) == unwrapped(text) or text.count('="') > 1

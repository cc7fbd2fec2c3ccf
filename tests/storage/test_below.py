"""Rows that a person typed right below a Table which did not grow over them: they count, and the next save takes them
into the Table.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.table import TableColumn, TableFormula

import refundbook
from refundbook.base.errors import EntryRefused, InvalidWorkbook
from refundbook.base.findings import Severity
from refundbook.base.schema import BY_PILLAR, CASES, COMMUNICATIONS, RESOLUTIONS, SHEETS, Sheet
from refundbook.storage.inbox import Inbox
from tests.support import places
from tests.support.books import SAMPLE
from tests.support.command import Ran, run
from tests.support.office import converted, recalculated, sheet_values
from tests.support.samples import load, sample_at
from tests.support.validators import new_findings
from tests.support.warm import readings, without_cache
from tests.support.zips import Parcel

pytestmark = pytest.mark.slow

CASE = ("append", "case", "GTB-000009", "--opened", "2023-11-02")
NEW_CASE: Mapping[str, object] = {"number": "GTB-000002", "opened": date(2023, 11, 1)}
Typed = Mapping[str, object]


def typed(path: Path, sheet: Sheet, *rows: Typed, gap: int = 0) -> Path:
    """Type rows below the Table of a sheet, by column name, as a program does that lets no Table grow."""
    book = openpyxl.load_workbook(path)
    page = book[sheet.name]
    first = (range_boundaries(page.tables[sheet.name].ref)[3] or 0) + 1 + gap
    columns = [column.name for column in sheet.columns]
    for row, values in enumerate(rows, first):
        for name, value in values.items():
            page.cell(row, columns.index(name) + 1).value = value  # type: ignore[assignment]
    book.save(path)
    return path


def ref(path: Path, sheet: Sheet = CASES) -> str:
    return str(openpyxl.load_workbook(path)[sheet.name].tables[sheet.name].ref)


def codes(path: Path) -> list[str]:
    return [f"{finding.code} {finding.where}" for finding in load(path, strict=False).check() if "25" in finding.code]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return sample_at(tmp_path / "b.xlsx")


@pytest.fixture
def below(book: Path) -> Path:
    """The sample, with a case in the row below its Table."""
    return typed(book, CASES, NEW_CASE)


# Reading


def test_a_row_right_below_the_table_is_an_entry_in_every_read(below: Path) -> None:
    read = load(below)
    assert read.cases.index.tolist() == ["GTB-789012", "GTB-789045", "GTB-000002"]
    assert read.tracker.index[-1] == "GTB-000002"
    assert read.case_file("GTB-000002").number == "GTB-000002"
    assert read.records.cases.rows == [2, 3, 4]
    for command in (["show", "GTB-000002"], ["list"], ["tracker"], ["check"]):
        ran = run(*command, book=below)
        assert ran.code == 0
        assert "GTB-000002" in ran.out
    assert "Cases!A4: warning RB258" in run("check", book=below).out


def test_what_is_entered_is_judged_with_it(below: Path) -> None:
    read = load(below)
    with pytest.raises(EntryRefused, match="already in row 4"):
        read.append_case("gtb-000002", opened="2023-11-01")
    read.append_communication("GTB-000002", date="2023-11-02", with_="Support", summary="Hello.")


def test_the_next_entry_number_follows_those_below_the_table(book: Path) -> None:
    message = {"entry": 77, "number": "GTB-789012", "date": date(2023, 11, 1), "with_": "Support", "summary": "Hi."}
    typed(book, COMMUNICATIONS, message)
    entry = load(book).append_communication("GTB-789012", date="2023-11-02", with_="Support", summary="Hello.")
    assert entry.values["entry"] == 78


# Saving


def test_the_next_save_takes_it_into_the_table_and_says_so(below: Path) -> None:
    ran = run(*CASE, book=below)
    assert ran == Ran(
        0,
        "Entered GTB-000009 in Cases, row 5.\n",
        'refundbook: Mended Cases!A4: case "GTB-000002" stood right below the table and is in it now; '
        "filled in: Issuer, Logged At, Logged By.\n",
    )
    assert ref(below) == places.table(CASES, 5)
    cases = load(below).cases
    assert cases.index.tolist()[-2:] == ["GTB-000002", "GTB-000009"]
    assert cases.loc["GTB-000002", "Issuer"] == "GTBuy"
    assert cases.loc["GTB-000002", "Logged By"] == "ana"
    assert not [finding for finding in load(below).check() if finding.code in ("RB256", "RB257", "RB258")]


ACTS: dict[str, Callable[[Path], None]] = {
    "append to another sheet": lambda path: _append(path, "communication"),
    "append to the same sheet": lambda path: _append(path, "case"),
    "amend": lambda path: _amend(path),
    "keep": lambda path: _keep(path),
    "append --from": lambda path: _from_file(path),
    "import": lambda path: _import(path),
    "inbox": lambda path: _enter_inbox(path),
}


def _done(ran: Ran) -> None:
    assert ran.code == 0, ran
    assert "Mended Cases!A4" in ran.err


def _append(path: Path, pillar: str) -> None:
    fields = {"case": {"number": "GTB-000009", "opened": "2023-11-01"}}.get(
        pillar, {"number": "GTB-000002", "date": "2023-11-02", "with_": "Support", "summary": "Hi."}
    )
    with load(path) as opened:
        opened.append(pillar, fields)
    assert [(m.sheet, m.cell) for m in opened.mended] == [("Cases", "A4")]


def _amend(path: Path) -> None:
    with load(path) as opened:
        opened.amend("GTB-000002", "Customer", "Zoe")


def _keep(path: Path) -> None:
    page = openpyxl.load_workbook(path)
    page["Communications"]["K4"] = None
    page.save(path)
    _done(run("keep", "3", "--on", "2023-11-04", book=path))


def _from_file(path: Path) -> None:
    rows = path.with_name("rows.csv")
    rows.write_text("pillar,Case Number,Date Opened\ncase,GTB-000008,2023-11-01\ncase,GTB-000009,2023-11-01\n")
    _done(run("append", "--from", rows, book=path))


def _import(path: Path) -> None:
    old = path.with_name("old.csv")
    old.write_text(
        "GTBuy Case #,Date Opened,Communication Log Summary,Last Support Reply (Date),Resolution Date & Outcome\n"
        "GTB-000009,2023-11-01,,,\n"
    )
    _done(run("import", old, book=path))


def _enter_inbox(path: Path) -> None:
    owner = path.with_name(f"~${path.name}")
    owner.write_bytes(b"\x03ana")
    assert run(*CASE, book=path).code == 0
    owner.unlink()
    _done(run("inbox", "enter", book=path))


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_every_save_takes_it_in(below: Path, act: Callable[[Path], None]) -> None:
    act(below)
    end = load(below).records.cases.rows[-1]
    assert ref(below) == places.table(CASES, end)
    assert "GTB-000002" in load(below).cases.index
    assert not [finding for finding in load(below).check() if finding.code in ("RB256", "RB257", "RB258")]


def test_without_anything_to_save_nothing_is_written(below: Path) -> None:
    before = below.read_bytes()
    with load(below):
        pass
    assert below.read_bytes() == before


def test_a_dry_run_says_it_and_writes_nothing(below: Path) -> None:
    before = below.read_bytes()
    ran = run(*CASE, "--dry-run", book=below)
    assert 'Would mend Cases!A4: case "GTB-000002"' in ran.err
    assert below.read_bytes() == before


def test_what_was_typed_stays_and_only_what_refundbook_fills_is_filled(book: Path) -> None:
    rows = [
        {"number": "GTB-789012", "date": datetime(2023, 11, 1, 10, 30), "with_": "Support", "summary": " Typed. "},
        {"entry": 50, "number": "gtb-789045", "date": date(2023, 11, 1), "with_": "Buyer", "direction": "Sent", "summary": "+49 called.", "logged_by": "zoe"},
    ]  # fmt: skip
    typed(book, COMMUNICATIONS, *rows)
    before = openpyxl.load_workbook(book)["Communications"]
    with load(book) as opened:
        opened.append_case("GTB-000009", opened="2023-11-01")
    after = openpyxl.load_workbook(book)["Communications"]
    filled_in = {}
    for row in after.iter_rows(min_row=before.max_row - 1, max_row=before.max_row):
        for cell in row:
            old = before[cell.coordinate]
            if old.value is not None:
                assert (cell.value, cell.number_format, cell.data_type) == (old.value, old.number_format, old.data_type)
            elif cell.value is not None:
                filled_in[after.cell(1, cell.column).value, cell.row - before.max_row] = cell.value
    moment = datetime(2023, 11, 5, 23, 59, 59)
    assert filled_in == {
        ("Entry", -1): 51,
        ("Direction", -1): "Received",
        ("Logged At", -1): moment,
        ("Logged By", -1): "ana",
        ("Logged At", 0): moment,
    }


def test_a_workbook_that_was_taken_in_is_known_from_then_on(below: Path) -> None:
    assert run(*CASE, book=below).code == 0
    with readings() as seen:
        assert run("append", "case", "GTB-000010", "--opened", "2023-11-02", book=below).err == ""
    assert seen.count == 0


def shortened(path: Path, sheet: Sheet, rows: int) -> None:
    """Let the Table of a sheet, and nothing else, end so many rows higher up, as if it had not grown over the last
    ones.
    """
    if not rows:
        return
    parcel = Parcel(path)
    parcel.rewrite(
        parcel.table(sheet.name),
        lambda part: re.sub(r'ref="A1:([A-Z]+)(\d+)"', lambda m: f'ref="A1:{m[1]}{int(m[2]) - rows}"', part),
    )
    parcel.save(path)


@settings(deadline=None, max_examples=20 if os.environ.get("REFUNDBOOK_LONG_TESTS") else 5)
@given(
    rows=st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)),
    pillar=st.sampled_from(sorted(BY_PILLAR)),
    amended=st.booleans(),
)
def test_it_is_all_one_whether_the_tables_had_grown(
    rows: tuple[int, int, int], pillar: str, amended: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("both")
    grown, not_grown = folder / "grown.xlsx", folder / "not.xlsx"
    sample_at(grown)
    with load(grown) as opened:
        for n in range(3):
            opened.append_case(f"GTB-00000{n}", opened="2023-11-01", amount="5", currency="USD")
            opened.append_communication(f"GTB-00000{n}", date="2023-11-02", with_="Support", summary=f"Text {n}.")
            opened.append_resolution(f"GTB-00000{n}", status="Pending", outcome="Waiting.")
    not_grown.write_bytes(grown.read_bytes())
    for sheet, count in zip(SHEETS, rows, strict=True):
        shortened(not_grown, sheet, count)
    fields = {
        "case": {"number": "GTB-000009", "opened": "2023-11-01"},
        "communication": {"number": "GTB-000002", "date": "2023-11-03", "with_": "Buyer", "summary": "Later."},
        "resolution": {"number": "GTB-000002", "status": "Denied", "date": "2023-11-04"},
    }[pillar]
    with without_cache():
        for path in (grown, not_grown):
            with load(path) as opened:
                opened.append(pillar, fields)
                if amended:
                    opened.amend("GTB-000002", "Customer", "Zoe")
    for sheet in SHEETS:
        assert ref(not_grown, sheet) == ref(grown, sheet)
    one, other = (load(path).records for path in (grown, not_grown))
    for a, b in zip(one.logs, other.logs, strict=True):
        assert (a.rows, a.columns, a.keys, a.joined, b.joined) == (b.rows, b.columns, b.keys, (), ())
    assert sheet_values(grown, "Tracker") == sheet_values(not_grown, "Tracker")


# What cannot be taken in


def test_a_row_that_lacks_something_is_a_warning_on_load_and_refuses_every_save(book: Path) -> None:
    typed(book, CASES, {"number": "GTB-000002"})
    before = book.read_bytes()
    report = load(book).check()
    (found,) = (finding for finding in report if finding.code == "RB257")
    assert (found.where, found.severity, found.value) == ("Cases!A4", Severity.WARNING, "GTB-000002")
    assert found.message == (
        "Case GTB-000002 in row 4, right below the table, cannot be taken into it: Date Opened is empty; "
        "it is required."
    )
    with pytest.raises(InvalidWorkbook, match="Case GTB-000002 in row 4") as refused, load(book) as opened:
        opened.append_case("GTB-000009", opened="2023-11-01")
    assert [finding.severity for finding in refused.value.report] == [Severity.ERROR]
    assert book.read_bytes() == before


def test_what_was_to_be_entered_is_kept_and_goes_in_once_the_row_is_right(book: Path) -> None:
    typed(book, CASES, {"number": "GTB-000002"})
    ran = run(*CASE, book=book)
    assert (ran.code, ran.out) == (1, "Kept GTB-000009 for Cases in the inbox.\n")
    assert "breaks a rule already (Cases!A4: error RB257: Case GTB-000002 in row 4" in ran.err
    assert "is kept in the inbox beside it" in ran.err
    assert [str(waiting) for waiting in Inbox(book).entries()] == ["case GTB-000009"]
    assert run(*CASE, "--dry-run", book=book).code == 1
    assert run(*CASE, "--json", book=book).code == 1
    typed(book, CASES, NEW_CASE)
    ran = run("inbox", "enter", book=book)
    assert ran.code == 0, ran
    assert load(book).cases.index.tolist() == ["GTB-789012", "GTB-789045", "GTB-000002", "GTB-000009"]


BAD: dict[str, tuple[Sheet, Typed, str]] = {
    "text for a date": (CASES, {"number": "GTB-000002", "opened": "someday"}, "not a date"),
    "a date in the future": (CASES, {"number": "GTB-000002", "opened": date(2024, 5, 1)}, "in the future"),
    "a number that is there": (CASES, {"number": "gtb-789012", "opened": date(2023, 11, 1)}, "row 2"),
    "an amount that is text": (CASES, {**NEW_CASE, "amount": "much"}, "not a number"),
    "a case that does not exist": (RESOLUTIONS, {"number": "GTB-5", "status": "Pending"}, "GTB-5"),
    "a status of its own": (RESOLUTIONS, {"number": "GTB-789012", "status": "Refunded"}, "accepted values"),
    "no summary": (COMMUNICATIONS, {"number": "GTB-789012", "date": date(2023, 11, 1), "with_": "Buyer"}, "Summary is empty"),
    "an entry number that is there": (
        COMMUNICATIONS,
        {"entry": 1, "number": "GTB-789012", "date": date(2023, 11, 1), "with_": "Buyer", "summary": "Hi."},
        "1",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("sheet", "row", "why"), BAD.values(), ids=BAD)
def test_a_row_that_would_break_a_rule_does_not_refuse_the_load(book: Path, sheet: Sheet, row: Typed, why: str) -> None:
    counted = len(load(book).records.log(sheet))
    typed(book, sheet, row)
    read = load(book)
    assert len(read.records.log(sheet)) == counted
    (found,) = (finding for finding in read.check() if finding.code == "RB257")
    assert why in found.message
    read.append_case("GTB-000009", opened="2023-11-01")
    with pytest.raises(InvalidWorkbook, match="RB257"):
        read.save()


def test_rows_around_one_that_cannot_be_taken_in_count_all_the_same(book: Path) -> None:
    typed(book, CASES, NEW_CASE, {"number": "GTB-000003"}, {"number": "GTB-000004", "opened": date(2023, 11, 1)})
    assert load(book).records.cases.rows == [2, 3, 4, 6]
    assert codes(book)[-3:] == ["RB258 Cases!A4", "RB257 Cases!A5", "RB258 Cases!A6"]


def test_what_belongs_to_a_case_that_is_left_out_is_left_out_with_it(book: Path) -> None:
    typed(book, CASES, {"number": "GTB-000003", "opened": "someday"})
    typed(book, RESOLUTIONS, {"number": "GTB-000003", "status": "Pending"})
    found = [f.where for f in load(book).check() if f.code == "RB257"]
    assert [where.partition("!")[0] for where in found] == ["Cases", "Resolutions"]


def test_a_case_and_its_messages_below_their_tables_come_in_together(book: Path) -> None:
    typed(book, CASES, NEW_CASE)
    typed(book, RESOLUTIONS, {"number": "GTB-000002", "status": "Pending"})
    with load(book) as opened:
        opened.amend("GTB-789012", "Customer", "Zoe")
    assert len(opened.mended) == 2
    assert load(book).records.resolutions["number"][-1] == "GTB-000002"


def test_the_case_that_a_row_lacks_may_come_with_the_very_save(book: Path) -> None:
    """Else its case could be entered nowhere but in a spreadsheet program."""
    typed(book, RESOLUTIONS, {"number": "GTB-000009", "status": "Pending"})
    assert "RB257 Resolutions!A4" in codes(book)
    assert run("append", "resolution", "GTB-789045", "--status", "Pending", book=book).code == 1
    assert run("inbox", "drop", "1", book=book).code == 0
    ran = run(*CASE, book=book)
    assert ran.code == 0
    assert "Mended Resolutions!A4" in ran.err
    assert load(book).records.resolutions["number"][-1] == "GTB-000009"
    assert ref(book, RESOLUTIONS) == places.table(RESOLUTIONS, 4)


# Rows that a blank one parts from the Table


def parted(path: Path, *, is_adopting: bool) -> Path:
    """The sample, with a case that the next entry makes stand right below the Table; with another one there already
    where that `is_adopting`.
    """
    typed(path, CASES, {"number": "GTB-000003", "opened": date(2023, 11, 1)}, gap=2 if is_adopting else 1)
    return typed(path, CASES, NEW_CASE) if is_adopting else path


@pytest.mark.parametrize("is_adopting", [False, True])
def test_an_entry_may_fill_the_blank_row_before_them_and_they_count_from_then_on(
    book: Path, *, is_adopting: bool
) -> None:
    parted(book, is_adopting=is_adopting)
    assert run("show", "GTB-000003", book=book).code == 1
    assert run(*CASE, book=book).code == 0
    assert run("show", "GTB-000003", book=book).code == 0
    assert load(book).cases.index.tolist()[-2:] == ["GTB-000009", "GTB-000003"]
    ran = run("append", "resolution", "GTB-789045", "--status", "Pending", book=book)
    assert (ran.code, "Mended Cases!A" in ran.err) == (0, True)
    assert ref(book) == places.table(CASES, 5 + is_adopting)


@pytest.mark.parametrize("is_adopting", [False, True])
def test_what_was_known_before_they_were_reached_hides_none_that_cannot_be_taken_in(
    book: Path, *, is_adopting: bool
) -> None:
    parted(book, is_adopting=is_adopting)
    assert run("append", "case", "GTB-000003", "--opened", "2023-11-02", book=book).code == 0
    ran = run("append", "resolution", "GTB-789045", "--status", "Pending", book=book)
    assert (ran.code, "error RB257: Case GTB-000003 in row" in ran.err) == (1, True)


# What is none of ours

LABELS: dict[str, Typed] = {
    "a total": {"number": "Total"},
    "a total with sums": {"number": "Total", "amount": "=SUM(J2:J3)", "opened": "=COUNT(C2:C3)"},
    "a total of a year": {"number": "Total 2023"},
    "a sum": {"number": "Sum:"},
    "a note": {"number": "Note: call Maya at 5"},
    "a count": {"number": "=COUNTA(A2:A3)"},
    "a note elsewhere": {"notes": "Amounts include shipping."},
    "a formula elsewhere": {"amount": "=SUM(J2:J3)"},
}


@pytest.mark.parametrize("row", LABELS.values(), ids=LABELS)
def test_a_label_below_the_table_blocks_nothing_but_its_own_row(book: Path, row: Typed) -> None:
    typed(book, CASES, row)
    assert "RB256 Cases!A4" in codes(book)
    assert len(load(book).cases) == 2
    with load(book) as opened:
        opened.append_communication("GTB-789012", date="2023-11-02", with_="Support", summary="Hello.")
        opened.amend("GTB-789012", "Customer", "Zoe")
    assert opened.mended == ()
    assert ref(book) == places.table(CASES, 3)


def test_rows_below_a_label_or_a_blank_row_do_not_touch_the_table(book: Path) -> None:
    typed(book, CASES, {"number": "Total"}, NEW_CASE)
    typed(book, RESOLUTIONS, {"number": "GTB-789012", "status": "Pending"}, gap=1)
    assert load(book).records.cases.rows == [2, 3]
    assert [code for code in codes(book) if "RB256" in code] == [
        "RB256 Cases!A4",
        "RB256 Cases!A5",
        f"RB256 Resolutions!A{4 if len(SAMPLE.resolutions) == 1 else len(SAMPLE.resolutions) + 3}",
    ]


@pytest.mark.parametrize("blank", [" ", "   ", "\u00a0", "\u200b", "\n", " \u2003"])
def test_cells_with_only_blanks_below_the_table_are_in_nobodys_way(book: Path, blank: str) -> None:
    typed(book, CASES, *[{"number": blank, "customer": blank, "logged_by": blank}] * 3)
    assert codes(book) == codes(sample_at(book.with_name("other.xlsx")))
    for n in range(4):
        assert run("append", "case", f"GTB-00000{n}", "--opened", "2023-11-01", book=book).code == 0
    assert load(book).records.cases["customer"] == [None] * 6
    assert ref(book) == places.table(CASES, 7)


def test_rows_below_a_totals_row_do_not_count(book: Path) -> None:
    written = openpyxl.load_workbook(book)
    table = written["Cases"].tables["Cases"]
    table.ref, table.totalsRowCount = places.table(CASES, 4), 1
    written["Cases"]["A4"] = "Total"
    written["Cases"]["A5"], written["Cases"]["C5"] = "GTB-000002", date(2023, 11, 1)
    written.save(book)
    assert load(book).records.cases.rows == [2, 3]
    assert "RB256 Cases!A5" in codes(book)


def test_a_new_table_of_one_blank_row_takes_in_what_stands_below_it(tmp_path: Path) -> None:
    path = tmp_path / "new.xlsx"
    refundbook.create(path)
    typed(path, CASES, NEW_CASE)
    assert run(*CASE, book=path).code == 0
    assert load(path).cases.index.tolist() == ["GTB-000002", "GTB-000009"]
    assert ref(path) == places.table(CASES, 4)


# The rest of the workbook


def test_what_ended_with_the_table_ends_with_it_again(below: Path, tmp_path: Path) -> None:
    """Validations, formats, names and the filter, as for rows that refundbook appends."""
    before = openpyxl.load_workbook(below)
    other = sample_at(tmp_path / "other.xlsx")
    with load(below) as opened:
        opened.append_communication("GTB-789012", date="2023-11-02", with_="Support", summary="Hello.")
    with load(other) as opened:
        opened.append_case("GTB-000002", opened="2023-11-01")
    ours, theirs = (openpyxl.load_workbook(path)["Cases"] for path in (below, other))
    assert ours.tables["Cases"].autoFilter.ref == theirs.tables["Cases"].autoFilter.ref == places.table(CASES, 4)
    assert ours.dimensions == places.table(CASES, 4)
    assert sorted(str(v.sqref) for v in ours.data_validations.dataValidation) == sorted(
        str(v.sqref) for v in theirs.data_validations.dataValidation
    )
    assert sorted(str(f.sqref) for f in ours.conditional_formatting) == sorted(
        str(f.sqref) for f in theirs.conditional_formatting
    )
    assert before["Cases"].tables["Cases"].ref == places.table(CASES, 3)
    assert new_findings(other, below) == []


OWN, BESIDE = places.own_letter(CASES), f"{places.own_letter(CASES, 2)}1"


def test_a_formula_range_and_a_calculated_column_go_on_over_it(tmp_path: Path) -> None:
    path = with_own_column(tmp_path / "b.xlsx")
    with load(path) as opened:
        opened.amend("GTB-789012", "Customer", "Zoe")
    page = openpyxl.load_workbook(path)["Cases"]
    assert [page[f"{OWN}{row}"].value for row in range(2, 7)] == [
        "=J2*2",
        "=J3*2",
        "=J4*2",
        7,
        "=J6*2",
    ]
    assert page[BESIDE].value == "=SUM($J$2:$J$6)"
    assert page.tables["Cases"].ref == places.table(CASES, 6, own=1)


def with_own_column(path: Path) -> Path:
    """Cases with a calculated column and three rows below: without, with a value, with another cell's blank in that
    column.
    """
    sample_at(path)
    book = openpyxl.load_workbook(path)
    page = book["Cases"]
    page[f"{OWN}1"], page[f"{OWN}2"], page[f"{OWN}3"], page[BESIDE] = "Double", "=J2*2", "=J3*2", "=SUM($J$2:$J$3)"
    table = page.tables["Cases"]
    table.ref = table.autoFilter.ref = places.table(CASES, 3, own=1)
    column = TableColumn(id=len(CASES.columns) + 1, name="Double")
    column.calculatedColumnFormula = TableFormula(attr_text="J2*2")
    table.tableColumns.append(column)
    for row in (4, 5, 6):
        page[f"A{row}"], page[f"C{row}"], page[f"J{row}"] = f"GTB-00000{row}", date(2023, 11, 1), row
    page[f"{OWN}5"], page[f"{OWN}6"] = 7, " "
    book.save(path)
    return path


def test_a_workbook_that_libreoffice_wrote_takes_in_what_was_typed_there(tmp_path: Path) -> None:
    typed(sample_at(tmp_path / "b.xlsx"), CASES, NEW_CASE)
    (path,) = converted([tmp_path / "b.xlsx"], tmp_path / "out")
    assert run(*CASE, book=path).code == 0
    assert load(path).cases.index.tolist()[-2:] == ["GTB-000002", "GTB-000009"]
    values = sheet_values(recalculated(path, tmp_path / "again"), "Tracker")
    assert [row[0] for row in values[1:5]] == ["GTB-789012", "GTB-789045", "GTB-000002", "GTB-000009"]

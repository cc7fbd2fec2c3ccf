"""The Book: made, loaded, appended to, amended and saved, all or nothing."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import nullcontext
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from filelock import FileLock, Timeout
from openpyxl.worksheet.table import TableFormula

import refundbook
from refundbook import Book, Entry, EntryRefused, Finding
from refundbook.base.schema import CASES
from refundbook.record import admission, records, rules
from refundbook.record.records import Positions, Records
from refundbook.storage import commit
from refundbook.storage.workbook_file import WorkbookFile
from refundbook.system.pieces import chunks
from refundbook.xlsx.shared_file import Patience
from refundbook.xlsx.writing import range_growth, read_back
from refundbook.xlsx.writing.append_target import AppendTarget
from refundbook.xlsx.writing.formula_refs import Growth
from refundbook.xlsx.writing.sheet_part import SheetPart
from refundbook.xlsx.writing.writer import Built, Writer
from tests.support import places
from tests.support.books import SAMPLE, TEMPLATE, blank, filled
from tests.support.processes import POSSIBLE, second_process
from tests.support.samples import TODAY, load, sample_at

pytestmark = pytest.mark.slow


def codes(error: EntryRefused) -> list[str]:
    return [finding.code for finding in error.findings]


def codes_of(entry: Entry) -> list[str]:
    return [warning.code for warning in entry.warnings]


def rules_run(monkeypatch: pytest.MonkeyPatch) -> list[Collection[str]]:
    """The codes of the rules that are run in this process from now on, run by run."""
    asked: list[Collection[str]] = []
    check = rules.check

    def noted(records: Records, at: Positions | None = None, codes: Collection[str] = rules.RULES) -> list[Finding]:
        asked.append(codes)
        return check(records, at, codes)

    monkeypatch.setattr(rules, "check", noted)
    return asked


def everything(book: Book) -> dict[str, object]:
    """All that a Book knows of its rows, to see that nothing of it changed."""
    return {
        log.sheet.name: (
            list(log.rows),
            {name: list(values) for name, values in log.columns.items()},
            {name: list(values) for name, values in log.extra.items()},
            list(log.keys),
            {key: list(at) for key, at in log.by_case.items()},
            set(log.numeric),
            set(log.formulas),
            dict(log.errors),
        )
        for log in book.records.logs
    }


def change(path: Path, edit: Callable[[openpyxl.Workbook], None]) -> Path:
    """Change a workbook as a person would."""
    book = openpyxl.load_workbook(path)
    edit(book)
    book.save(path)
    return path


def append_and_fail(book: Book) -> None:
    book.append_case("GTB-789100", opened="2023-11-01")
    raise ZeroDivisionError


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    return sample_at(tmp_path / "tracker.xlsx")


# Creating and loading


def test_create_copies_the_template_and_finds_nothing_wrong_with_it(tmp_path: Path) -> None:
    book = refundbook.create(tmp_path / "new.xlsx", today=TODAY)
    assert (tmp_path / "new.xlsx").read_bytes() == TEMPLATE.read_bytes()
    assert not book.check().findings
    assert len(book.records.cases) == 0


def test_create_never_overwrites(sample: Path) -> None:
    before = sample.read_bytes()
    with pytest.raises(FileExistsError):
        refundbook.create(sample)
    assert sample.read_bytes() == before


def test_create_says_that_the_folder_is_missing(tmp_path: Path) -> None:
    with pytest.raises(refundbook.CannotWrite, match="the folder does not exist"):
        refundbook.create(tmp_path / "nowhere" / "tracker.xlsx")


def test_a_missing_workbook_is_a_file_not_found_and_names_init(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        load(tmp_path / "tracker.xlsx")
    assert isinstance(caught.value, refundbook.MissingWorkbook)
    assert "`refundbook init`" in str(caught.value)


def test_what_is_no_workbook_is_unreadable_and_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.xlsx"
    path.write_text("GTB-789012 was refunded", encoding="utf-8")
    with pytest.raises(refundbook.UnreadableWorkbook, match=r"notes\.xlsx cannot be read"):
        load(path)


def test_a_broken_rule_refuses_the_load_with_the_whole_report(tmp_path: Path) -> None:
    late = {**SAMPLE.cases[0], "opened": date(2024, 1, 1)}
    nobody = {**SAMPLE.communications[0], "number": "GTB-1"}
    path = filled(tmp_path / "t.xlsx", cases=[late], communications=[nobody], resolutions=[])
    with pytest.raises(refundbook.InvalidWorkbook) as caught:
        load(path)
    assert [(f.code, f.where) for f in caught.value.report.errors] == [
        ("RB203", "Cases!C2"),
        ("RB301", "Communications!B2"),
    ]
    assert str(caught.value).startswith(f"{path}: Cases!C2: error RB203: Date Opened 2024-01-01 is in the future")
    assert str(caught.value).endswith("1 more: run `refundbook check`.")


def test_without_strict_a_broken_workbook_is_loaded_and_its_errors_can_be_looked_at(tmp_path: Path) -> None:
    path = filled(tmp_path / "t.xlsx", cases=[*SAMPLE.cases, SAMPLE.cases[0]])
    book = load(path, strict=False)
    assert [f.code for f in book.check().errors] == ["RB201"]
    assert len(book.cases) == 3


@pytest.mark.skipif(not POSSIBLE, reason="another system than Linux")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_second_process_runs_every_other_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a large workbook; errors and warnings are in the order of the rows all the same."""
    first, every = SAMPLE.cases[0], sorted(rules.RULES)
    late = {**SAMPLE.communications[0], "logged_at": date(2023, 11, 1)}
    path = filled(
        tmp_path / "t.xlsx",
        cases=[*SAMPLE.cases, {**first, "number": "GTB-7890l2"}, first],
        communications=[late, *SAMPLE.communications[1:]],
    )
    alone = load(path, strict=False).check()
    assert [f.code for f in alone] == ["RB151", "RB251", "RB353", "RB201", "RB254"]
    assert {f.code in every[::2] for f in alone} == {True, False}, "either process finds something"
    monkeypatch.setattr(records, "_WORTH_ANOTHER", 0)
    asked = rules_run(monkeypatch)
    with second_process():
        assert load(path, strict=False).check() == alone
    assert asked == [every[::2]], "the others not here"


@pytest.mark.skipif(not POSSIBLE, reason="another system than Linux")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_second_process_looks_for_what_is_pointed_out_in_many_entries(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [("case", {"number": f"PP-R-{number}", "opened": "2023-10-20"}) for number in ("10", "IO", "20", "2O")]
    alone = load(sample).append_many(many)
    assert [codes_of(entry) for entry in alone] == [[], ["RB251"], [], ["RB251"]]
    monkeypatch.setattr(admission, "_WORTH_ANOTHER", len(many))
    book = load(sample)
    asked = rules_run(monkeypatch)
    with second_process():
        assert book.append_many(many) == alone
    assert set().union(*asked) == rules.ERRORS, "the others not here"


def test_without_strict_a_workbook_without_a_sheet_can_be_checked_but_has_no_records(sample: Path) -> None:
    change(sample, lambda book: book.remove(book["Resolutions"]))
    book = load(sample, strict=False)
    assert [f.code for f in book.check()] == ["RB001"]
    assert "not valid" in repr(book)
    for use in (lambda: book.records, lambda: book.cases, lambda: book.append_case("GTB-1", opened="today")):
        with pytest.raises(refundbook.InvalidWorkbook, match="Resolutions is missing"):
            use()


def test_sheets_that_are_not_pillars_may_be_missing(sample: Path) -> None:
    def only_pillars(book: openpyxl.Workbook) -> None:
        for name in ("Tracker", "Insights", "Settings", "Read Me"):
            book.remove(book[name])

    change(sample, only_pillars)
    with load(sample) as book:
        book.append_case("GTB-789100", opened="2023-11-01")
    assert "GTB-789100" in load(sample).cases.index


def test_an_error_value_beside_or_below_the_table_is_no_entry(sample: Path) -> None:
    def put_errors(book: openpyxl.Workbook) -> None:
        for sheet in ("Cases", "Communications"):
            for address in ("AZ3", "AZ6", "AZ900", "C900"):
                book[sheet][address] = "#REF!"

    change(sample, put_errors)
    book = load(sample)
    assert book.records.cases.rows == [2, 3]
    assert not book.check().errors


def test_a_blank_row_of_the_table_with_an_error_value_beside_it_stays_blank(tmp_path: Path) -> None:
    path = filled(tmp_path / "t.xlsx", cases=[SAMPLE.cases[0], {"Mine": None}, SAMPLE.cases[1]])

    def put_error(book: openpyxl.Workbook) -> None:
        book["Cases"][f"{places.own_letter(CASES)}3"] = "#REF!"  # in a column of the user's own, within the Table

    change(path, put_error)
    assert load(path).records.cases.rows == [2, 4]


def test_the_last_moment_that_excel_knows_can_be_read(sample: Path) -> None:
    def put(book: openpyxl.Workbook) -> None:
        cell = book["Cases"][places.cell(CASES, "respond_by", 2)]
        cell.value = 2958465.9999999
        cell.number_format = "yyyy-mm-dd hh:mm"

    assert load(change(sample, put)).records.cases["respond_by"][0] == datetime(9999, 12, 31, 23, 59, 59)


def test_a_duration_in_a_text_column_is_read_as_text(sample: Path) -> None:
    def put(book: openpyxl.Workbook) -> None:
        cell = book["Cases"][places.cell(CASES, "notes", 2)]
        cell.value = 1.5
        cell.number_format = "[h]:mm"

    assert load(change(sample, put)).records.cases["notes"][0] == "1 day, 12:00:00"


# Appending


def test_the_sample_cases_can_be_entered_and_read_back(tmp_path: Path) -> None:
    with refundbook.create(tmp_path / "t.xlsx", today=TODAY, user="ana") as book:
        book.append_case("GTB-789012", opened="2023-10-26", reason="Non-delivery", amount="49.90", currency="usd")
        book.append_communication(
            "GTB-789012",
            date="2023-10-28 14:30",
            with_="support",  # type: ignore[arg-type]
            agent="Maya",
            summary="Support requested 48 hrs for investigation.",
            promise="Investigate",
            due="48 hrs",
        )
        book.append_resolution("GTB-789012", status="full refund", date="2023-10-30", amount="49.90", method="Card")  # type: ignore[arg-type]
    records = load(tmp_path / "t.xlsx").records
    case, message, resolution = ({name: values[0] for name, values in log.columns.items()} for log in records.logs)
    logged = {"logged_at": datetime(2023, 11, 5, 23, 59, 59), "logged_by": "ana"}
    assert without_blanks(case) == {
        "number": "GTB-789012",
        "issuer": "GTBuy",
        "opened": date(2023, 10, 26),
        "reason": "Non-delivery",
        "amount": Decimal("49.9"),
        "currency": "USD",
        **logged,
    }
    assert without_blanks(message) == {
        "entry": 1,
        "number": "GTB-789012",
        "date": datetime(2023, 10, 28, 14, 30),
        "with_": "Support",
        "direction": "Received",
        "agent": "Maya",
        "summary": "Support requested 48 hrs for investigation.",
        "promise": "Investigate",
        "due": datetime(2023, 10, 30, 14, 30),
        **logged,
    }
    assert without_blanks(resolution) == {
        "number": "GTB-789012",
        "status": "Full Refund",
        "date": date(2023, 10, 30),
        "amount": Decimal("49.9"),
        "method": "Card",
        **logged,
    }


def without_blanks(values: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}


def test_an_entry_says_where_it_goes_and_what_the_rules_warn_of(sample: Path) -> None:
    entry = load(sample).append_case("GTB-78904S", opened="2023-11-01", issuer="GTBuy")
    assert isinstance(entry, Entry)
    assert (entry.sheet, entry.row, entry.values["number"]) == ("Cases", 4, "GTB-78904S")
    assert [(f.code, f.where) for f in entry.warnings] == [("RB151", "Cases!A4")]


def test_an_entry_made_just_now_is_not_said_to_be_late(sample: Path) -> None:
    assert load(sample).append_case("GTB-789100", opened="2023-06-01").warnings == ()


def test_appending_writes_nothing_until_the_book_is_saved(sample: Path) -> None:
    before = sample.read_bytes()
    book = load(sample)
    book.append_case("GTB-789100", opened="2023-11-01")
    assert sample.read_bytes() == before
    assert list(book.cases.index) == ["GTB-789012", "GTB-789045", "GTB-789100"]
    book.save()
    assert list(load(sample).cases.index) == ["GTB-789012", "GTB-789045", "GTB-789100"]


def test_the_check_takes_in_what_is_not_saved_yet(sample: Path) -> None:
    book = load(sample)
    book.append_case("GTB-78904S", opened="2023-11-01", issuer="GTBuy")
    assert ("RB151", "Cases!A4") in [(f.code, f.where) for f in book.check()]


def test_everything_wrong_with_an_entry_is_said_at_once(sample: Path) -> None:
    with pytest.raises(EntryRefused) as caught:
        load(sample).append_communication("GTB-1", date="someday", with_="Agent", summary=" ", due="2023-13-01")  # type: ignore[arg-type]
    assert sorted(codes(caught.value)) == ["RB101", "RB102", "RB105", "RB301"]
    message = str(caught.value)
    assert message.startswith("The communication for case GTB-1 was not entered: ")
    for part in (
        'Date "someday" is not a date',
        'With "Agent" is not one of',
        "Summary is empty",
        "is not on the Cases sheet",
    ):
        assert part in message


def test_a_refused_entry_leaves_the_book_as_it_was(sample: Path) -> None:
    book = load(sample)
    before = everything(book)
    with pytest.raises(EntryRefused):
        book.append_case("gtb-789012", opened="2023-11-01")
    assert everything(book) == before
    file = sample.read_bytes()
    book.save()
    assert sample.read_bytes() == file


def test_a_number_is_written_as_it_stands_on_the_cases_sheet(sample: Path) -> None:
    book = load(sample)
    message = book.append_communication(" gtb–789012", date="2023-11-01", with_="Buyer", summary="Thanks")
    related = book.append_case("GTB-789100", opened="2023-11-01", related="gtb-789045")
    resolution = book.append_resolution("gtb-789045", status="Denied", date="2023-11-03")
    assert message.values["number"] == "GTB-789012"
    assert related.values["related"] == "GTB-789045"
    assert resolution.values["number"] == "GTB-789045"


def test_a_duplicate_is_told_how_the_number_stands_there(sample: Path) -> None:
    with pytest.raises(EntryRefused, match=r'Case Number gtb-789012 is already in row 2 .* spelled "GTB-789012"'):
        load(sample).append_case("gtb-789012", opened="2023-11-01")


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("reson", 'Cases has no column "reson". Did you mean "Reason"?'),
        ("Amount Requestd", 'Cases has no column "Amount Requestd". Did you mean "Amount Requested"?'),
        ("xyz", 'Cases has no column "xyz". Its columns are: Case Number, '),
    ],
)
def test_a_field_that_does_not_exist_is_named_with_the_nearest(sample: Path, field: str, message: str) -> None:
    with pytest.raises(refundbook.UsageError) as caught:
        load(sample).append_case("GTB-1", opened="2023-11-01", **{field: "x"})
    assert str(caught.value).startswith(message)


def test_a_field_may_be_named_by_header_parameter_or_option_but_once(sample: Path) -> None:
    book = load(sample)
    for k, name in enumerate(("respond_by", "Respond By", "respond-by", " RESPOND BY ")):
        entry = book.append_case(f"GTB-80000{k}", opened="2023-11-01", **{name: "2023-12-01"})
        assert entry.values["respond_by"] == date(2023, 12, 1)
    with pytest.raises(refundbook.UsageError, match='"Respond By" is given twice'):
        book.append_case("GTB-800009", opened="2023-11-01", **{"respond_by": "2023-12-01", "Respond By": "2023-12-01"})


def test_only_the_three_pillars_can_be_appended_to(sample: Path) -> None:
    book = load(sample)
    assert book.append(" Case ", {"number": "GTB-789100", "opened": "2023-11-01"}).sheet == "Cases"
    with pytest.raises(refundbook.UsageError, match="it must be one of case, communication, resolution"):
        book.append("tracker", {"number": "GTB-789101"})


def test_what_refundbook_fills_in_may_be_given(sample: Path) -> None:
    entry = load(sample).append_communication(
        "GTB-789012", date="2023-11-01", with_="Buyer", summary="Hello", entry=20, direction="sent", logged_by="Zoë", logged_at="2023-11-02 09:00"  # type: ignore[arg-type]
    )  # fmt: skip
    assert [entry.values[name] for name in ("entry", "direction", "logged_by", "logged_at")] == [20, "Sent", "Zoë", datetime(2023, 11, 2, 9)]  # fmt: skip


@pytest.mark.parametrize("user", ["", "   "])
def test_a_user_without_a_name_leaves_logged_by_blank(sample: Path, user: str) -> None:
    with refundbook.load(sample, today=TODAY, user=user) as book:
        assert book.append_case("GTB-789100", opened="2023-11-01").values["logged_by"] is None
    assert load(sample).records.cases["logged_by"][-1] is None


def test_the_user_is_the_log_in_name_unless_the_environment_says_another(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REFUNDBOOK_USER", "Maya")
    assert refundbook.load(sample, today=TODAY).append_case("GTB-1", opened="today").values["logged_by"] == "Maya"
    monkeypatch.delenv("REFUNDBOOK_USER")
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "david")
    assert refundbook.load(sample, today=TODAY).append_case("GTB-1", opened="today").values["logged_by"] == "david"


# Entry numbers


def add_message(book: Book, **fields: object) -> object:
    return book.append_communication(
        "GTB-789045",
        date="2023-11-04",
        with_="Buyer",
        summary=f"Hello {len(book.records.communications)}",
        **fields,  # type: ignore[arg-type]
    ).values["entry"]


def test_entry_numbers_count_on_from_the_greatest(sample: Path) -> None:
    book = load(sample)
    assert [add_message(book), add_message(book)] == [8, 9]
    book.save()
    assert add_message(book) == 10


def test_a_given_entry_number_leaves_no_gap_before_the_next(tmp_path: Path) -> None:
    numbered = [{**row, "entry": 10 * k} for k, row in enumerate(SAMPLE.communications, 1)]
    book = load(filled(tmp_path / "t.xlsx", communications=numbered))
    assert [add_message(book, entry=5), add_message(book), add_message(book, entry=90), add_message(book)] == [5, 71, 90, 91]  # fmt: skip


def test_a_refused_entry_takes_no_entry_number(sample: Path) -> None:
    book = load(sample)
    with pytest.raises(EntryRefused):
        book.append_communication("GTB-789045", date="someday", with_="Buyer", summary="Hello")
    assert add_message(book) == 8


def test_the_next_entry_number_follows_an_amended_one(sample: Path) -> None:
    book = load(sample)
    book.amend(1, "entry", 8)
    assert add_message(book) == 9


# Many at once


def test_later_entries_may_build_on_earlier_ones(sample: Path) -> None:
    with load(sample) as book:
        entries = book.append_many(
            [
                ("case", {"Case Number": "GTB-789100", "Date Opened": "2023-11-01"}),
                ("communication", {"Case Number": "gtb-789100", "Date": "2023-11-02", "With": "Buyer", "Summary": "Hello"}),
                ("resolution", {"Case Number": "GTB-789100", "Status": "Pending"}),
                ("resolution", {"Case Number": "GTB-789100", "Status": "Withdrawn", "Resolution Date": "2023-11-03"}),
            ]
        )  # fmt: skip
    assert [(entry.sheet, entry.row) for entry in entries] == [
        ("Cases", 4),
        ("Communications", 9),
        ("Resolutions", 4),
        ("Resolutions", 5),
    ]
    assert not load(sample).check().errors


def test_many_are_entered_all_or_none_and_each_refused_one_is_named(sample: Path) -> None:
    book = load(sample)
    before = everything(book)
    with pytest.raises(refundbook.EntriesRefused) as caught:
        book.append_many(
            [
                ("case", {"number": "GTB-789100", "opened": "2023-11-01"}),
                ("case", {"number": "GTB-789101", "opened": "2024-11-01"}),
                ("communication", {"number": "GTB-789100", "date": "2023-11-02", "with": "Buyer", "summary": "Hello"}),
                ("case", {"number": "GTB-789100", "opened": "2023-11-01"}),
                ("resolution", {"number": "GTB-789102", "status": "Pending"}),
            ]
        )
    assert [(refused.index, codes(refused)) for refused in caught.value.entries] == [
        (1, ["RB203"]),
        (3, ["RB201"]),
        (4, ["RB301"]),
    ]
    assert str(caught.value).count("\n") == 2
    assert everything(book) == before


def test_an_exception_between_entries_takes_back_those_before_it(sample: Path) -> None:
    def entries() -> Iterator[tuple[str, Mapping[str, object]]]:
        yield "case", {"number": "GTB-789100", "opened": "2023-11-01"}
        yield "communication", {"number": "GTB-789100", "date": "2023-11-02", "with": "Buyer", "summary": "Hello"}
        raise KeyboardInterrupt

    book = load(sample)
    before = everything(book)
    with pytest.raises(KeyboardInterrupt):
        book.append_many(entries())
    assert everything(book) == before
    assert add_message(book) == 8


def test_no_entries_at_all_are_no_change(sample: Path) -> None:
    before = sample.read_bytes()
    with load(sample) as book:
        assert book.append_many([]) == []
    assert sample.read_bytes() == before


def test_an_entry_that_makes_an_older_one_wrong_is_the_one_that_is_refused(tmp_path: Path) -> None:
    denied = {
        "number": "GTB-789012",
        "status": "Denied",
        "date": date(2023, 11, 1),
        "logged_at": datetime(2023, 11, 1, 9),
    }
    book = load(filled(tmp_path / "t.xlsx", resolutions=[denied]))
    withdrawn = {"number": "GTB-789012", "status": "Withdrawn", "date": "2023-10-31", "logged_at": "2023-10-31"}
    with pytest.raises(EntryRefused, match="follows the final") as caught:
        book.append("resolution", withdrawn)
    assert caught.value.findings[0].where == "Resolutions!B2"
    others = [("case", {"number": f"GTB-80000{k}", "opened": "2023-11-01"}) for k in range(2)]
    with pytest.raises(refundbook.EntriesRefused) as many:
        book.append_many([others[0], ("resolution", withdrawn), others[1]])
    assert [refused.index for refused in many.value.entries] == [1]


def test_an_entry_is_not_refused_for_an_error_that_stood_there_before(tmp_path: Path) -> None:
    late = {**SAMPLE.communications[0], "date": date(2024, 1, 1)}
    book = load(filled(tmp_path / "t.xlsx", communications=[late]), strict=False)
    entry = book.append_communication("GTB-789012", date="2023-11-01", with_="Buyer", summary="Hello")
    assert entry.row == 3
    with pytest.raises(refundbook.InvalidWorkbook, match="Communications!C2"):
        book.save()


def test_an_entry_is_not_refused_where_only_the_advice_on_an_old_error_changes(tmp_path: Path) -> None:
    """Here on a number in place of a date, of which it is said what would fit."""

    def lose_format(book: openpyxl.Workbook) -> None:
        cell = book["Communications"]["C2"]
        cell.value, cell.number_format = 43_767, "General"

    path = filled(tmp_path / "t.xlsx", communications=SAMPLE.communications[:1], resolutions=[])
    book = load(change(path, lose_format), strict=False)
    before = book.check().errors
    entry = book.append_resolution("GTB-789012", status="Denied", date="2023-10-28")
    assert entry.sheet == "Resolutions"
    assert [finding.hint for finding in book.check().errors] != [finding.hint for finding in before]


def test_an_entry_without_a_number_is_told_all_that_is_wrong_with_it(sample: Path) -> None:
    """Also what is found by looking at the whole row."""
    message = {"date": "2023-11-26", "with": "Support", "summary": "s", "due": "2023-11-01", "logged_at": "2023-09-01"}
    with pytest.raises(EntryRefused) as caught:
        load(sample).append("communication", message)
    assert set(codes(caught.value)) == {"RB101", "RB204", "RB206"}


def test_an_entry_without_a_number_is_refused_for_that(sample: Path) -> None:
    for pillar, fields in (("case", {"opened": "2023-11-01"}), ("resolution", {"status": "Pending"})):
        with pytest.raises(EntryRefused, match="without a number was not entered: Case Number is empty"):
            load(sample).append(pillar, fields)


# Amending


def test_amend_corrects_one_cell_and_keeps_the_rest(sample: Path) -> None:
    before = load(sample)
    with load(sample) as book:
        entry = book.amend(3, "Summary", "Support asked for 48 hrs.")
        assert (entry.sheet, entry.row, entry.values["summary"]) == ("Communications", 4, "Support asked for 48 hrs.")
    after = load(sample)
    changed = {
        (log.sheet.name, name, i)
        for log, old in zip(after.records.logs, before.records.logs, strict=True)
        for name, values in log.columns.items()
        for i, value in enumerate(values)
        if value != old[name][i]
    }
    assert changed == {("Communications", "summary", 2)}


@pytest.mark.parametrize(
    ("which", "pillar", "column", "value", "where"),
    [
        (7, None, "due", "2 business days", ("Communications", 8, date(2023, 11, 6))),
        (7, "communication", "Agent", "Dave", ("Communications", 8, "Dave")),
        ("gtb-789012", None, "amount", "50", ("Cases", 2, Decimal(50))),
        ("GTB-789012", "case", "related", "gtb-789045", ("Cases", 2, "GTB-789045")),
        ("GTB-789012", "Resolution", "outcome", None, ("Resolutions", 2, None)),
    ],
)
def test_what_can_be_amended(
    sample: Path, which: str | int, pillar: str | None, column: str, value: object, where: tuple[str, int, object]
) -> None:
    with load(sample) as book:
        entry = book.amend(which, column, value, pillar=pillar)
    assert (entry.sheet, entry.row) == where[:2]
    log = next(log for log in load(sample).records.logs if log.sheet.name == where[0])
    assert log[column.lower()][log.rows.index(where[1])] == where[2]


def test_of_several_resolutions_the_newest_is_amended(tmp_path: Path) -> None:
    rows = [
        {"number": "GTB-789012", "status": "Pending"},
        {"number": "GTB-789012", "status": "Pending", "outcome": "x"},
    ]
    book = load(filled(tmp_path / "t.xlsx", resolutions=rows))
    assert book.amend("GTB-789012", "outcome", "y", pillar="resolution").row == 3


@pytest.mark.parametrize(
    ("which", "pillar", "error", "message"),
    [
        (99, None, refundbook.UnknownEntry, "There is no entry 99 in Communications."),
        ("GTB-1", None, refundbook.UnknownEntry, "There is no case GTB-1"),
        ("GTB-1", "resolution", refundbook.UnknownEntry, "Case GTB-1 has no resolution."),
        (1, "case", refundbook.UsageError, "An entry number belongs to Communications"),
        ("GTB-789012", "communication", refundbook.UsageError, "by its entry number"),
        ("GTB-789012", "resolutions", refundbook.UsageError, "must be one of case, communication, resolution"),
    ],
)
def test_what_amend_cannot_find(
    sample: Path, which: str | int, pillar: str | None, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        load(sample).amend(which, "notes", "x", pillar=pillar)


def test_amend_names_the_nearest_column(sample: Path) -> None:
    with pytest.raises(refundbook.UsageError, match='Did you mean "Summary"'):
        load(sample).amend(1, "sumary", "x")


@pytest.mark.parametrize(
    ("which", "column", "value", "code"),
    [
        (1, "summary", None, "RB101"),
        (1, "date", "someday", "RB102"),
        ("GTB-789012", "amount", "1,250", "RB103"),
        (1, "with", "Agent", "RB105"),
        (1, "entry", "0", "RB106"),
        (1, "notes in vain", "x", ""),
        (1, "summary", "a\x07b", "RB107"),
        ("GTB-789012", "number", "GTB-789045", "RB201"),
        (2, "entry", 1, "RB202"),
        (1, "entry", 7, "RB202"),
        ("GTB-789012", "opened", "2023-11-06", "RB203"),
        (3, "due", "2023-10-27", "RB206"),
        ("GTB-789012", "related", "gtb-789012", "RB212"),
        ("GTB-789012", "number", "GTB-789013", "RB301"),
        (1, "number", "GTB-789013", "RB301"),
        (1, "number", "GTB-789045", "RB302"),
        ("GTB-789012", "opened", "2023-10-27", "RB302"),
    ],
)
def test_a_refused_amendment_leaves_everything_as_it_was(
    sample: Path, which: str | int, column: str, value: object, code: str
) -> None:
    file = sample.read_bytes()
    with load(sample) as book:
        before, report = everything(book), book.check()
        with pytest.raises((EntryRefused, refundbook.UsageError)) as caught:
            book.amend(which, column, value)
        if isinstance(caught.value, EntryRefused):
            assert code in codes(caught.value)
            assert " was not changed: " in str(caught.value)
        else:
            assert code == ""
        assert everything(book) == before
        assert book.check() == report
    assert sample.read_bytes() == file


def test_a_refused_amendment_forgets_nothing_about_its_cell(sample: Path) -> None:
    """What is known of a cell beside its value (a formula, an error value, a number for a text) is part of what is left
    as it was.
    """

    def put(book: openpyxl.Workbook) -> None:
        book["Cases"]["A2"] = 789012
        book["Cases"][places.cell(CASES, "notes", 2)] = "#N/A"
        book["Cases"]["C3"] = "=DATE(2023,10,28)"
        for sheet, column in (("Communications", "B"), ("Resolutions", "A")):
            for row in range(2, 10):
                if book[sheet][f"{column}{row}"].value == "GTB-789012":
                    book[sheet][f"{column}{row}"] = "789012"

    change(sample, put)
    book = load(sample, strict=False)
    before = everything(book)
    known = book.records.cases
    assert (known.numeric, known.errors) == ({0}, {(0, "notes"): "#N/A"})
    assert (1, "opened") in known.formulas
    for which, column, value in (
        ("789012", "number", "GTB-789045"),
        ("GTB-789045", "opened", "2024-01-01"),
        ("789012", "notes", "a\x07"),
    ):
        with pytest.raises(EntryRefused):
            book.amend(which, column, value)
    assert everything(book) == before


def test_an_amended_formula_or_error_value_is_one_no_longer(sample: Path) -> None:
    def put(book: openpyxl.Workbook) -> None:
        book["Cases"][places.cell(CASES, "notes", 2)] = "#N/A"

    change(sample, put)
    with load(sample) as book:
        assert [f.code for f in book.check() if f.where == places.where(CASES, "notes", 2)] == ["RB155"]
        book.amend("GTB-789012", "notes", "Called twice.")
        assert not [f for f in book.check() if f.where == places.where(CASES, "notes", 2)]
    assert load(sample).records.cases["notes"][0] == "Called twice."


def test_an_entry_number_cannot_be_amended_to_one_that_stands_further_down(sample: Path) -> None:
    with load(sample) as book:
        with pytest.raises(EntryRefused, match="Entry 7 is already in row 2 of Communications"):
            book.amend(1, "entry", 7)
        book.amend(1, "entry", 70)
    assert load(sample).records.communications["entry"] == [70, 2, 3, 4, 5, 6, 7]


def test_an_entry_that_is_not_saved_yet_can_be_amended(sample: Path) -> None:
    with load(sample) as book:
        book.append_case("GTB-789100", opened="2023-11-01", notes="x")
        entry = book.append_communication("GTB-789100", date="2023-11-02", with_="Buyer", summary="Helo")
        book.amend(int(str(entry.values["entry"])), "summary", "Hello")
        book.amend("GTB-789100", "notes", None)
    records = load(sample).records
    assert records.communications["summary"][-1] == "Hello"
    assert records.cases["notes"][-1] is None


def test_amending_a_message_to_another_case_spells_its_number_as_it_stands_there(sample: Path) -> None:
    with load(sample) as book:
        book.amend(7, "number", "gtb-789012")
    assert load(sample).records.communications["number"][-1] == "GTB-789012"


def test_amending_a_case_number_can_change_how_it_is_spelled(sample: Path) -> None:
    with load(sample) as book:
        book.amend("GTB-789012", "number", "gtb-789012")
    assert load(sample).records.cases["number"][0] == "gtb-789012"


def test_a_broken_workbook_is_saved_only_once_it_is_corrected(tmp_path: Path) -> None:
    twice = {**SAMPLE.cases[1], "number": "GTB-789012", "opened": date(2024, 1, 1)}
    path = filled(tmp_path / "t.xlsx", cases=[*SAMPLE.cases, {**twice, "number": "GTB-789100"}])
    before = path.read_bytes()
    book = load(path, strict=False)
    book.append_case("GTB-789101", opened="2023-11-01")
    with pytest.raises(refundbook.InvalidWorkbook, match="Cases!C4: error RB203"):
        book.save()
    assert path.read_bytes() == before
    book.amend("GTB-789100", "opened", "2023-11-01")
    book.save()
    assert list(load(path).cases.index) == ["GTB-789012", "GTB-789045", "GTB-789100", "GTB-789101"]


# Saving


def test_what_is_written_does_not_depend_on_chance(sample: Path, tmp_path: Path) -> None:
    """Not on the order of a set either: here two formats are made, one for days and one for moments."""

    def forget_formats(book: openpyxl.Workbook) -> None:
        for cell in book["Communications"]["J"]:
            cell.number_format = "General" if cell.value is None else cell.number_format

    change(sample, forget_formats)
    dues = ("2023-11-10", "2023-11-11 10:00", "2023-11-12", "2023-11-13 10:00")
    script = (
        "import refundbook, sys, datetime\n"
        "with refundbook.load(sys.argv[1], today=datetime.date(2023, 11, 5), user='ana') as book:\n"
        f"    for due in {dues}:\n"
        "        book.append_communication('GTB-789012', date='2023-11-01', with_='Buyer', summary=due, due=due)"
    )
    made = set()
    for seed in ("1", "2", "3", "4"):
        path = tmp_path / f"{seed}.xlsx"
        path.write_bytes(sample.read_bytes())
        env = {**os.environ, "PYTHONHASHSEED": seed, "REFUNDBOOK_CACHE": "off"}
        subprocess.run([sys.executable, "-c", script, str(path)], env=env, check=True)
        made.add(path.read_bytes())
    assert len(made) == 1


def test_saving_without_changes_writes_nothing(sample: Path) -> None:
    os.utime(sample, (1, 1))
    with load(sample) as book:
        book.save()
    assert sample.stat().st_mtime == 1
    assert [path.name for path in sample.parent.iterdir()] == ["tracker.xlsx"]


def test_a_book_is_saved_on_leaving_but_not_when_an_exception_passes_through(sample: Path) -> None:
    before = sample.read_bytes()
    with pytest.raises(ZeroDivisionError), load(sample) as book:
        append_and_fail(book)
    assert sample.read_bytes() == before
    with load(sample) as book:
        book.append_case("GTB-789100", opened="2023-11-01")
    assert "GTB-789100" in load(sample).cases.index


def test_a_saved_book_can_be_appended_to_and_saved_again(sample: Path) -> None:
    book = load(sample)
    for k in range(3):
        row = book.append_case(f"GTB-80000{k}", opened="2023-11-01").row
        assert row == 4 + k
        book.save()
        assert not book.check().errors
    assert len(load(sample).cases) == 5


@pytest.mark.parametrize("strict", [True, False])
def test_a_saved_book_refuses_what_one_that_was_just_loaded_refuses(sample: Path, strict: bool) -> None:
    book = load(sample, strict=strict)
    for number in ("GTB-789100", "GTB-789101"):
        with pytest.raises(EntryRefused):
            book.append_case("GTB-789012", opened="2023-11-01")
        with pytest.raises(EntryRefused):
            book.amend("GTB-789012", "opened", "2023-11-06")
        book.append_case(number, opened="2023-11-01")
        book.save()
    assert list(load(sample).cases.index) == ["GTB-789012", "GTB-789045", "GTB-789100", "GTB-789101"]


def test_what_someone_else_changed_meanwhile_is_not_overwritten(sample: Path) -> None:
    mine, theirs = load(sample), load(sample)
    theirs.append_case("GTB-789100", opened="2023-11-01")
    theirs.save()
    mine.append_case("GTB-789101", opened="2023-11-01")
    with pytest.raises(refundbook.Conflict, match="Nothing was overwritten"):
        mine.save()
    assert list(load(sample).cases.index) == ["GTB-789012", "GTB-789045", "GTB-789100"]


def excel_owner(name: str) -> bytes:
    """Excel's owner file: the name in the system's code page, 54 bytes with its length, then again in UTF-16."""
    narrow = bytes([len(name)]) + name.encode("cp1252", "replace").ljust(54)
    return narrow + len(name).to_bytes(2, "little") + name.ljust(54).encode("utf-16-le")


@pytest.mark.parametrize(
    ("owner_file", "content", "message"),
    [
        ("~$tracker.xlsx", excel_owner("Zoë Müller"), "is open in Excel by Zoë Müller. Nothing was written; save and close it there first."),
        (".~lock.tracker.xlsx#", b",zoe,desk,05.11.2023 09:00,file:///home/zoe;", "is open in LibreOffice by zoe."),
        (".~lock.tracker.xlsx#", "Zoë Müller,zoe,desk,05.11.2023 09:00,file:///home/zoe;".encode(), "is open in LibreOffice by Zoë Müller."),
        ("~$tracker.xlsx", b"", "is open in Excel. Nothing was written"),
    ],
)  # fmt: skip
def test_a_workbook_that_is_open_elsewhere_is_left_alone(
    sample: Path, owner_file: str, content: bytes, message: str
) -> None:
    before = sample.read_bytes()
    book = load(sample)
    book.append_case("GTB-789100", opened="2023-11-01")
    owner = sample.with_name(owner_file)
    owner.write_bytes(content)
    with pytest.raises(refundbook.Busy) as caught:
        book.save()
    assert message in str(caught.value)
    assert sample.read_bytes() == before
    owner.unlink()
    book.save()
    assert "GTB-789100" in load(sample).cases.index


def test_a_read_only_workbook_is_left_alone(sample: Path) -> None:
    before = sample.read_bytes()
    sample.chmod(stat.S_IRUSR)
    with pytest.raises(refundbook.CannotWrite, match="is read-only"), load(sample) as book:
        book.append_case("GTB-789100", opened="2023-11-01")
    assert sample.read_bytes() == before


Columns = Mapping[int, Sequence[object]]


def append_with(monkeypatch: pytest.MonkeyPatch, fault: Callable[[range, Columns], tuple[range, Columns]]) -> None:
    """Have the writer put in something else than it is given."""
    append = Writer.append

    def faulty(
        writer: Writer, target: AppendTarget, rows: range, columns: Columns, growths: Collection[Growth] = ()
    ) -> None:
        append(writer, target, *fault(rows, columns), growths)

    monkeypatch.setattr(Writer, "append", faulty)


@pytest.mark.parametrize("fault", ["another value", "another row", "a lost sheet"])
def test_what_does_not_read_back_as_it_was_entered_is_not_written(
    sample: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """The last guard, against faults of refundbook's own: here they are made on purpose."""
    build = Writer.build

    def faulty(rows: range, columns: Columns) -> tuple[range, Columns]:
        if fault == "another value":
            columns = {**columns, 1: ["GTB-789101"] * len(rows)}
        moved = fault == "another row"
        return range(rows.start + moved, rows.stop + moved), columns

    def faulty_build(writer: Writer) -> Built:
        built = build(writer)
        if fault != "a lost sheet":
            return built
        return built._replace(pieces=[renamed_sheet(b"".join(chunks(built.pieces)))])

    append_with(monkeypatch, faulty)
    monkeypatch.setattr(Writer, "build", faulty_build)
    before = sample.read_bytes()
    with pytest.raises(refundbook.CannotWrite, match="does not read back as what was entered"), load(sample) as book:
        book.append_case("GTB-789100", opened="2023-11-01")
    assert sample.read_bytes() == before
    assert [path.name for path in sample.parent.iterdir() if path.suffix == ".xlsx"] == ["tracker.xlsx"]


@pytest.mark.skipif(not POSSIBLE, reason="another system than Linux")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("faulty_row", [0, 1, 2, 3, None])
def test_a_second_process_reads_back_half_of_many_entries(
    sample: Path, monkeypatch: pytest.MonkeyPatch, faulty_row: int | None
) -> None:
    read_rows = read_back.read_rows
    read: list[range] = []

    def faulty(rows: range, columns: Columns) -> tuple[range, Columns]:
        return rows, {**columns, 1: [f"{number}{'!' * (at == faulty_row)}" for at, number in enumerate(columns[1])]}

    def noted(part: SheetPart, rows: range, *rest: Any, **named: Any) -> Any:
        read.append(rows)
        return read_rows(part, rows, *rest, **named)

    append_with(monkeypatch, faulty)
    monkeypatch.setattr(commit, "read_rows", noted)
    monkeypatch.setattr(commit, "_WORTH_ANOTHER", 4)
    book, before = load(sample), sample.read_bytes()
    first = book.append_many([("case", {"number": f"NEW-{n}", "opened": "2023-11-01"}) for n in range(4)])[0].row
    with second_process(), nullcontext() if faulty_row is None else pytest.raises(refundbook.CannotWrite):
        book.save()
    assert read == [range(first, first + 2)], "the others not here"
    assert (sample.read_bytes() == before) is (faulty_row is not None)


def test_a_correction_that_does_not_read_back_is_not_written(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_value = Writer.set_value

    def faulty(writer: Writer, sheet: str, row: int, column: int, value: object) -> None:
        set_value(writer, sheet, row, column, f"{value}!" if sheet == "Communications" else value)

    monkeypatch.setattr(Writer, "set_value", faulty)
    before = sample.read_bytes()
    with pytest.raises(refundbook.CannotWrite, match="does not read back as what was entered"), load(sample) as book:
        book.amend(1, "summary", "It did not come")
    assert sample.read_bytes() == before


def test_a_row_outside_of_its_table_is_not_written(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def left_as_it_was(xml: bytes, *_: object) -> bytes:
        return xml

    monkeypatch.setattr(range_growth, "grown_table", left_as_it_was)
    before = sample.read_bytes()
    with pytest.raises(refundbook.CannotWrite, match="does not read back as what was entered"), load(sample) as book:
        book.append_case("GTB-789100", opened="2023-11-01")
    assert sample.read_bytes() == before


def renamed_sheet(data: bytes) -> bytes:
    """A workbook whose Resolutions sheet is called otherwise."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/workbook.xml":
                content = content.replace(b'name="Resolutions"', b'name="Results"')
            target.writestr(name, content)
    return out.getvalue()


def test_edit_holds_the_lock_from_load_to_save(sample: Path) -> None:
    stranger = FileLock(sample.with_name(".tracker.xlsx.lock"))
    with refundbook.edit(sample, today=TODAY, user="ana") as book:
        book.append_case("GTB-789100", opened="2023-11-01")
        with pytest.raises(Timeout):
            stranger.acquire(timeout=0)
    with stranger.acquire(timeout=0):
        assert "GTB-789100" in load(sample).cases.index


def test_edit_says_that_it_waits_and_gives_up_in_the_end(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WorkbookFile, "patience", Patience(0.02, 0.01))
    said: list[str] = []
    with (
        FileLock(sample.with_name(".tracker.xlsx.lock")),
        pytest.raises(refundbook.Busy, match="in use by another refundbook"),
        refundbook.edit(sample, today=TODAY, waiting=said.append),
    ):
        raise AssertionError("the lock was not respected")
    assert len(said) == 1
    assert said[0].startswith("Waiting for another refundbook to finish with tracker.xlsx")


def test_edit_saves_nothing_when_an_exception_passes_through(sample: Path) -> None:
    before = sample.read_bytes()
    with pytest.raises(ZeroDivisionError), refundbook.edit(sample, today=TODAY) as book:
        append_and_fail(book)
    assert sample.read_bytes() == before


def test_edit_of_a_missing_workbook_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(refundbook.MissingWorkbook), refundbook.edit(tmp_path / "t.xlsx"):
        raise AssertionError("there is nothing to edit")
    assert not list(tmp_path.iterdir())


def test_what_a_person_typed_in_excel_is_there(tmp_path: Path) -> None:
    path = blank(tmp_path / "t.xlsx")
    with load(path) as book:
        book.append_case("GTB-789012", opened="2023-10-26")

    def type_in(book: openpyxl.Workbook) -> None:
        page = book["Cases"]
        page["A3"], page["C3"] = "GTB-789045", date(2023, 10, 28)
        page.tables["Cases"].ref = page.tables["Cases"].ref.replace("2", "3")

    change(path, type_in)
    with load(path) as book:
        book.append_communication("GTB-789045", date="2023-10-29", with_="Buyer", summary="Hello")
    assert list(load(path).cases.index) == ["GTB-789012", "GTB-789045"]


def test_a_saved_book_finds_what_one_that_was_just_loaded_finds(sample: Path) -> None:
    """Also of a column of ours that somebody lets Excel calculate, and whose formula was filled down."""
    book = openpyxl.load_workbook(sample)
    sheet = book["Cases"]
    items = [cell.value for cell in sheet[1]].index("Item")
    sheet.tables["Cases"].tableColumns[items].calculatedColumnFormula = TableFormula(attr_text='UPPER("shoes")')
    for row in (2, 3):
        sheet.cell(row, items + 1).value = '=UPPER("shoes")'
    book.save(sample)
    saved = load(sample)
    saved.append_case("GTB-789100", opened="2023-11-01")
    saved.save()
    assert [f.cell for f in saved.check() if f.code == "RB154"] == ["H2", "H3", "H4"]
    assert saved.check() == load(sample).check()


def test_an_entry_without_a_case_number_is_judged_by_all_that_there_is(sample: Path) -> None:
    """It is of no case, whose rows would be looked at with it."""
    book = load(sample)
    entry = {"entry": 1, "date": "2023-11-01", "with": "Support", "summary": "Hello"}
    with pytest.raises(refundbook.EntriesRefused) as refusal:
        book.append_many([("communication", entry)])
    assert [finding.code for finding in refusal.value.entries[0].findings] == ["RB101", "RB202"]

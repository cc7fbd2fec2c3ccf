"""The history beside a workbook: a line for each command, and one for what was changed without any."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import refundbook
from refundbook.base.schema import TRACKER_HEADERS
from refundbook.record.history.chain import Change, Line
from refundbook.record.history.verify import Claim
from refundbook.storage.history_reader import verified
from refundbook.storage.journal import Journal
from refundbook.storage.workbook_file import WorkbookFile
from tests.support.command import run
from tests.support.samples import TODAY, bare_sample_at, load, sample_at
from tests.support.warm import cache_file


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return bare_sample_at(tmp_path / "tracker.xlsx")


def lines(book: Path) -> list[Line]:
    return list(Journal(WorkbookFile(book)).lines())


def kinds(book: Path) -> list[str]:
    return [line.header["kind"] for line in lines(book)]


def last(book: Path) -> tuple[str, list[tuple[str, list[tuple[str, Any, Any]]]]]:
    """The command of the last line, or its kind, and the cells of each row that it changed."""
    line = lines(book)[-1]
    changes = [change for change in line.changes if change is not None]
    told = [(f"{change.pillar} {change.entry or change.number}", change.cells()) for change in changes]
    return line.header.get("command", line.header["kind"]), told


def append(book: Path, number: str = "GTB-789100") -> None:
    assert run("append", "case", number, "--opened", "2023-11-01", "--amount", "9.50", book=book).code == 0


def by_hand(book: Path, change: Callable[[openpyxl.Workbook], None]) -> None:
    workbook = openpyxl.load_workbook(book)
    change(workbook)
    workbook.save(book)


def put(sheet: str, cell: str, value: Any) -> Callable[[openpyxl.Workbook], None]:
    def change(workbook: openpyxl.Workbook) -> None:
        workbook[sheet][cell].value = value

    return change


def test_the_first_command_that_writes_begins_it_with_what_was_there(book: Path) -> None:
    assert run("check", book=book).code == 0
    assert run("inbox", "enter", book=book).code == 0
    assert not (book.parent / ".refundbook").exists()
    append(book)
    assert kinds(book) == ["begin", "command"]
    begun = [change for change in lines(book)[0].changes if change]
    assert [change.number for change in begun if change.pillar == "case"] == ["GTB-789012", "GTB-789045"]
    assert all(change.before is None for change in begun)


def test_an_append_has_its_line(book: Path) -> None:
    append(book)
    header = lines(book)[-1].header
    assert (header["command"], header["by"], header["at"]) == ("append case", "ana", "2023-11-05T23:59:59")
    assert last(book)[1] == [
        (
            "case GTB-789100",
            [
                ("Case Number", None, "GTB-789100"),
                ("Issuer", None, "GTBuy"),
                ("Date Opened", None, {"date": "2023-11-01"}),
                ("Amount Requested", None, 9.5),
                ("Logged At", None, {"date": "2023-11-05T23:59:59"}),
                ("Logged By", None, "ana"),
            ],
        )
    ]


def many_rows(book: Path) -> None:
    rows = book.with_name("rows.csv")
    rows.write_text("pillar,Case Number,Date Opened\ncase,GTB-789301,2023-11-01\ncase,GTB-789302,2023-11-01\n")
    assert run("append", "--from", rows, book=book).code == 0


def imported(book: Path) -> None:
    table = book.with_name("old.csv")
    table.write_text(f"{','.join(TRACKER_HEADERS)}\nGTB-789400,2023-10-01,,,Pending\n")
    assert run("import", table, book=book).code == 0


def kept(book: Path) -> None:
    assert run("append", "communication", "GTB-789012", "--date", "2023-11-01", "--with", "Support", "--summary", "x",
               "--promise", "call", "--due", "2023-11-03", book=book).code == 0  # fmt: skip
    assert run("keep", "8", book=book).code == 0


def from_the_inbox(book: Path) -> None:
    owner = book.with_name(f"~${book.name}")
    owner.write_bytes(b"\x03ana")
    append(book)
    owner.unlink()
    assert run("inbox", "enter", book=book).code == 0


def upgraded(book: Path) -> None:
    assert run("upgrade", book=book).code == 0


def restored(book: Path) -> None:
    append(book)
    assert run("restore", "1", book=book).code == 0


def from_python(book: Path) -> None:
    with refundbook.load(book, today=TODAY, user="bo") as opened:
        opened.append_case("GTB-789500", opened="2023-11-02")
        opened.amend("GTB-789045", "Amount Requested", "121.00")


COMMANDS: dict[str, tuple[Callable[[Path], None], str, list[str]]] = {
    "append": (append, "append case", ["case GTB-789100"]),
    "many rows": (many_rows, "append --from", ["case GTB-789301", "case GTB-789302"]),
    "import": (imported, "import", ["case GTB-789400", "resolution GTB-789400"]),
    "keep": (kept, "keep", ["communication 8"]),
    "inbox": (from_the_inbox, "inbox enter", ["case GTB-789100"]),
    "restore": (restored, "restore", []),
    "Python": (from_python, "", ["case GTB-789500", "case GTB-789045"]),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_that_writes_has_one_line_and_none_is_taken_for_a_hand(book: Path, name: str) -> None:
    command, words, rows = COMMANDS[name]
    command(book)
    assert lines(book)[-1].header["kind"] == "command"
    assert last(book)[0].startswith(words)
    assert [row for row, _ in last(book)[1]] == rows
    load(book)
    append(book, "GTB-789900")
    assert set(kinds(book)) == {"begin", "command"}


def test_an_upgrade_has_its_line(tmp_path: Path) -> None:
    book = tmp_path / "old.xlsx"
    shutil.copy(Path(__file__).parent / "data" / "tracker-0.1.0.xlsx", book)
    upgraded(book)
    assert last(book) == ("upgrade", [])
    assert kinds(book) == ["begin", "command"]


def test_what_was_changed_by_hand_is_told_before_the_next_command_with_what_it_was(book: Path) -> None:
    append(book)
    by_hand(book, put("Cases", "J2", 499))
    append(book, "GTB-789101")
    assert kinds(book) == ["begin", "command", "hand", "command"]
    change = lines(book)[2].changes[0]
    assert isinstance(change, Change)
    assert (change.number, change.cells()) == ("GTB-789012", [("Amount Requested", 49.9, 499)])


def test_a_command_that_only_reads_tells_it_too(book: Path) -> None:
    append(book)
    by_hand(book, put("Cases", "J2", 499))
    assert run("show", "GTB-789012", book=book).code == 0
    assert run("show", "GTB-789012", book=book).code == 0
    assert kinds(book) == ["begin", "command", "hand"]


def test_it_never_waits_for_a_command_that_has_the_workbook(book: Path) -> None:
    append(book)
    by_hand(book, put("Cases", "J2", 499))
    with refundbook.edit(book, today=TODAY):
        assert kinds(book) == ["begin", "command", "hand"]


def test_a_number_that_was_changed_by_hand_is_one_edit(book: Path) -> None:
    append(book)

    def rename(workbook: openpyxl.Workbook) -> None:
        for sheet, column in (("Cases", "A"), ("Communications", "B"), ("Resolutions", "A")):
            for cell in workbook[sheet][column]:
                if cell.value == "GTB-789012":
                    cell.value = "GTB-789013"

    by_hand(book, rename)
    load(book)
    assert [cells for _, cells in last(book)[1]] == [[("Case Number", "GTB-789012", "GTB-789013")]] * 5


def test_what_a_command_changed_is_found_again_after_a_hand(book: Path) -> None:
    """`keep` and `amend` know nothing of where a row stands, nor of people's own columns."""

    def change(workbook: openpyxl.Workbook) -> None:
        sheet = workbook["Cases"]
        sheet.cell(1, sheet.max_column + 1, "Seller")
        sheet.cell(2, sheet.max_column, "Shop Nine")

    append(book)
    by_hand(book, change)
    with refundbook.load(book, today=TODAY, user="ana") as opened:
        opened.amend("GTB-789012", "Notes", "x")
    by_hand(book, put("Cases", "N2", "y"))
    load(book)
    assert last(book) == ("hand", [("case GTB-789012", [("Notes", "x", "y")])])


def test_an_older_copy_is_told_as_one(book: Path) -> None:
    append(book)
    older = book.read_bytes()
    append(book, "GTB-789101")
    book.write_bytes(older)
    load(book)
    assert (lines(book)[-1].header["kind"], lines(book)[-1].header["as_of"]) == ("older", 2)
    by_hand(book, put("Cases", "J2", 499))
    load(book)
    assert last(book) == ("hand", [("case GTB-789012", [("Amount Requested", 49.9, 499)])])


def test_an_entry_number_is_never_given_out_twice(book: Path) -> None:
    said = ["append", "communication", "GTB-789012", "--date", "2023-11-01", "--with", "Support", "--summary", "x"]
    assert run(*said, book=book).code == 0
    by_hand(book, lambda workbook: workbook["Communications"].delete_rows(9))
    assert run(*said, book=book).code == 0
    assert [row for row, _ in last(book)[1]] == ["communication 9"]


def test_a_command_without_its_line_is_never_told_as_a_hand(book: Path) -> None:
    append(book)
    assert run("append", "case", "GTB-789101", "--opened", "2023-11-01", book=book, REFUNDBOOK_HISTORY="off").code == 0
    assert kinds(book) == ["begin", "command"]
    append(book, "GTB-789102")
    assert kinds(book) == ["begin", "command", "outside", "command"]
    assert [change.number for change in lines(book)[2].changes if change] == ["GTB-789101"]


def test_where_it_cannot_be_written_the_command_is_done_and_says_so(book: Path) -> None:
    append(book)
    journal = Journal(WorkbookFile(book)).file
    journal.rename(journal.with_name("away"))
    journal.mkdir()
    ran = run("append", "case", "GTB-789101", "--opened", "2023-11-01", book=book)
    assert ran.code == 0
    assert "The history of tracker.xlsx was not written" in ran.err
    assert len(load(book).records.cases) == 4


def test_the_settings_turn_it_off(tmp_path: Path) -> None:
    book = sample_at(tmp_path / "tracker.xlsx")

    def off(workbook: openpyxl.Workbook) -> None:
        for row in workbook["Settings"].iter_rows():
            for cell in row:
                if cell.value == "Keep a history":
                    workbook["Settings"].cell(cell.row, cell.column + 1, "Off")

    by_hand(book, off)
    append(book)
    assert not Journal(WorkbookFile(book)).file.exists()


def test_an_append_to_a_known_workbook_stays_warm(book: Path) -> None:
    append(book)
    ran = run("append", "case", "GTB-789101", "--opened", "2023-11-01", book=book, REFUNDBOOK_DEBUG="1")
    assert "debug: warm" in ran.err
    assert "cold" not in ran.err
    assert cache_file(book).exists()


def test_a_file_that_says_when_its_rows_were_logged_is_called_an_import(book: Path) -> None:
    rows = book.with_name("rows.csv")
    rows.write_text("pillar,Case Number,Date Opened,Logged At\ncase,GTB-789301,2023-11-01,2023-11-02\n")
    assert run("append", "--from", rows, book=book).code == 0
    assert "(an import: Logged At and Logged By as the file has them)" in lines(book)[-1].header["command"]


# Renamed, copied, forked


def test_a_renamed_workbook_takes_its_history_along(book: Path) -> None:
    append(book)
    renamed = book.rename(book.with_name("shop.xlsx"))
    load(renamed)
    assert kinds(renamed) == ["begin", "command", "renamed"]
    assert lines(renamed)[-1].header["from"] == "tracker.xlsx"
    assert not Journal(WorkbookFile(book)).file.exists()
    append(renamed, "GTB-789101")
    assert kinds(renamed)[2:] == ["renamed", "command"]
    assert verified(renamed).problems == ()


def test_one_that_was_renamed_and_changed_begins_anew_and_says_which_history_lies_there(book: Path) -> None:
    append(book)
    renamed = book.rename(book.with_name("shop.xlsx"))
    by_hand(renamed, put("Cases", "J2", 499))
    append(renamed, "GTB-789101")
    assert kinds(renamed) == ["begin", "command"]
    assert lines(renamed)[0].header["beside"] == ["tracker.xlsx"]
    assert [f.code for f in load(renamed).check() if f.code == "RB173"] == ["RB173"]


def test_a_copy_starts_its_own_whose_first_line_names_the_others_head(book: Path) -> None:
    append(book)
    copy = Path(shutil.copy(book, book.with_name("copy.xlsx")))
    append(copy, "GTB-789101")
    head = lines(book)[-1]
    assert lines(copy)[0].header["copy_of"] == [{"name": "tracker.xlsx", "line": 2, "hash": head.hash}]
    append(book, "GTB-789102")
    assert kinds(book) == ["begin", "command", "command"]


def test_a_workbook_that_was_deleted_and_brought_back_goes_on_with_its_history(book: Path) -> None:
    append(book)
    append(book, "GTB-789101")
    book.unlink()
    assert run("restore", "1", book=book).code == 0
    append(book, "GTB-789102")
    assert verified(book).problems == ()
    assert kinds(book) == ["begin", "command", "command", "command", "command"]


# Erasing


def test_what_the_history_says_of_a_case_is_erased_and_it_still_verifies(book: Path) -> None:
    append(book)
    head = lines(book)[-1].hash
    by_hand(book, put("Cases", "J2", 499))
    ran = run("history", "--forget", "gtb-789012", book=book)
    assert ran.code == 0, ran.err
    assert "still in the workbook" in ran.out
    assert "1 backup in" in ran.out
    data = Journal(WorkbookFile(book)).file.read_bytes()
    assert b"GTB-789012" not in data
    assert b"Provided tracking proof." not in data
    assert b"GTB-789045" in data
    assert verified(book, Claim(None, head)).problems == ()
    assert kinds(book) == ["begin", "command", "hand", "forget"]
    assert "erased" in run("history", book=book).out
    assert run("history", "--forget", "GTB-789012", book=book).code == 1


def test_nothing_more_is_told_by_hand_of_a_case_that_was_erased(book: Path) -> None:
    append(book)
    assert run("history", "--forget", "GTB-789012", book=book).code == 0
    by_hand(book, put("Cases", "J2", 499))
    by_hand(book, put("Cases", "J3", 7))
    load(book)
    assert last(book) == ("hand", [("case GTB-789045", [("Amount Requested", 120, 7)])])
    append(book, "GTB-789101")
    assert verified(book).problems == ()

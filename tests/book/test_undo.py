"""`undo`: the newest command, shown first, by a line of its own; never over what was changed since."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import refundbook
from refundbook.base.errors import EntryRefused, RulesRefuse, UsageError
from tests.support.command import run
from tests.support.own_checks import own_findings
from tests.support.own_made import own_book
from tests.support.places import where
from tests.support.samples import TODAY, load, sample_at
from tests.support.terminal import at_terminal
from tests.support.validators import new_findings

pytestmark = pytest.mark.slow

A, B = "GTB-789012", "GTB-789045"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = sample_at(tmp_path / "t.xlsx")
    run("append", "case", "GTB-700000", "--opened", "2023-11-01", book=path)
    return path


def state(path: Path) -> list[object]:
    """What a workbook holds, wherever it stands."""
    records = refundbook.load(path, today=TODAY).records
    return [sorted(map(str, zip(*log.columns.values(), *log.extra.values(), strict=True))) for log in records.logs]


def kinds(path: Path) -> list[str]:
    """The commands of the history, oldest first."""
    ran = run("history", "--json", book=path)
    events = ran.json if isinstance(ran.json, list) else ran.json["events"]
    return [event["command"] for event in events if event["kind"] == "command"][::-1]


COMMANDS = {
    "case": ["append", "case", "GTB-700001", "--opened", "2023-11-02", "--message", "Lost."],
    "message": ["log", A, "Label sent."],
    "resolution": ["append", "resolution", B, "--status", "Denied", "--date", "2023-11-05"],
    "amend": ["amend", A, "Customer=Ann", "Amount Requested=1"],
    "cleared": ["amend", "--entry", "3", "Agent=", "Kept On="],
    "moved": ["amend", "--entry", "3", f"Case Number={B}"],
    "rename": ["rename", A, "GTB-5"],
    "not kept": ["keep", "--undo", "3"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_what_a_command_did_is_undone_and_a_second_undo_brings_it_back(book: Path, name: str, tmp_path: Path) -> None:
    first = tmp_path / "first.xlsx"
    first.write_bytes(book.read_bytes())
    before = state(book)
    assert run(*COMMANDS[name], book=book).code == 0
    after = state(book)
    assert after != before
    ran = run("undo", "--yes", book=book)
    assert (ran.code, ran.err) == (0, "")
    assert state(book) == before
    told_of = run("undo", "--dry-run", book=book).out.splitlines()
    assert told_of[1] == "That would change:", told_of
    assert run("undo", "--yes", book=book).code == 0
    assert state(book) == after
    assert run("undo", "--yes", book=book).code == 0
    assert state(book) == before
    assert kinds(book)[-3:] == ["undo"] * 3
    assert own_findings(book) == []
    assert new_findings(first, book) == []


def test_the_next_entry_takes_the_row_that_became_free(book: Path) -> None:
    run("log", A, "x", book=book)
    run("undo", "--yes", book=book)
    ran = run("log", A, "y", "--json", book=book)
    assert (ran.json["entered"][0]["row"], ran.json["entered"][0]["values"]["Entry"]) == (9, 9)


def test_many_rows_at_once_and_columns_of_ones_own(tmp_path: Path) -> None:
    path = own_book(tmp_path / "own.xlsx")
    run("amend", A, "Qty=3", book=path)
    before = state(path)
    rows = [("case", {"number": f"GTB-7{n:04}", "opened": "2023-11-01", "Qty": n, "Seller": "=x"}) for n in range(30)]
    with refundbook.edit(path, today=TODAY) as opened:
        opened.append_many(rows)
    after = state(path)
    for expected in (before, after, before):
        assert run("undo", "--yes", book=path).code == 0
        assert state(path) == expected
    assert own_findings(path) == []


def test_it_says_what_it_will_do_and_asks_at_a_terminal(book: Path) -> None:
    before = book.read_bytes()
    code, shown = at_terminal("-b", book, "undo", answers=[("Do that? [y/N]:", "n")])
    assert code == 130
    assert "GTB-700000: removed case: Issuer GTBuy; Date Opened 2023-11-01" in shown
    assert book.read_bytes() == before
    code, _ = at_terminal("-b", book, "undo", answers=[("Do that? [y/N]:", "y")])
    assert code == 0
    assert load(book).cases.index.tolist() == [A, B]


def test_without_a_terminal_it_asks_for_yes_and_writes_nothing(book: Path) -> None:
    before = book.read_bytes()
    ran = run("undo", book=book)
    assert ran.code == 2
    assert "give --yes" in ran.err
    assert "was not changed" in run("undo", "--dry-run", book=book).out
    assert book.read_bytes() == before


def by_hand(path: Path, cell: str, value: str) -> None:
    sheet, _, address = cell.partition("!")
    made = openpyxl.load_workbook(path)
    made[sheet][address] = value
    made.save(path)


def test_cells_that_were_changed_by_hand_since_are_not_overwritten(book: Path) -> None:
    run("amend", A, "Customer=Ann", book=book)
    by_hand(book, where(refundbook.base.schema.CASES, "customer", 2), "Bob")
    before = book.read_bytes()
    ran = run("undo", "--yes", book=book)
    assert ran.code == 1
    assert "was changed since" in ran.err
    assert book.read_bytes() == before


def test_a_hand_edit_of_other_cells_does_not_stand_in_the_way(book: Path) -> None:
    run("amend", A, "Customer=Ann", book=book)
    by_hand(book, where(refundbook.base.schema.CASES, "item", 2), "Shoes")
    assert run("undo", "--yes", book=book).code == 0
    row = load(book).cases.loc[A]
    assert (str(row["Customer"]), row["Item"]) == ("<NA>", "Shoes")


def test_a_row_that_was_filled_in_by_hand_since_is_not_taken_out(book: Path) -> None:
    by_hand(book, where(refundbook.base.schema.CASES, "item", 4), "Shoes")
    assert "was changed since" in run("undo", "--yes", book=book).err


def test_what_the_rules_would_refuse_is_not_undone(book: Path) -> None:
    """A message that was typed in Excel would be left without its case."""
    made = openpyxl.load_workbook(book)
    page = made["Communications"]
    row: list[Any] = [99, "GTB-700000", date(2023, 11, 2), "Buyer", "Received", None, None, "Hello"]
    for column, value in enumerate(row, 1):
        page.cell(9, column).value = value
    table = page.tables["Communications"]
    table.ref = table.ref.replace("8", "9")
    table.autoFilter.ref = table.ref
    made.save(book)
    before = book.read_bytes()
    with pytest.raises(EntryRefused, match="was not undone"), refundbook.edit(book, today=TODAY) as opened:
        opened.undo()
    assert book.read_bytes() == before


@pytest.mark.parametrize("command", [["add-column", "Seller", "--on", "cases"], ["restore", "1"]])
def test_what_restore_reverses_says_so(book: Path, command: list[str]) -> None:
    assert run(*command, book=book).code == 0
    ran = run("undo", "--yes", book=book)
    assert ran.code == 1
    assert "`refundbook restore`" in ran.err


def test_without_a_history_nothing_is_undone(tmp_path: Path) -> None:
    path = sample_at(tmp_path / "t.xlsx")
    run("log", A, "x", book=path, REFUNDBOOK_HISTORY="off")
    ran = run("undo", "--yes", book=path, REFUNDBOOK_HISTORY="off")
    assert (ran.code, "has no history" in ran.err) == (1, True)


def test_of_a_line_that_is_the_newest_no_more_nothing_is_undone(book: Path) -> None:
    with refundbook.edit(book, today=TODAY) as opened, pytest.raises(RulesRefuse, match="done meanwhile"):
        opened.undo(1)


def test_what_is_not_saved_yet_comes_first(book: Path) -> None:
    with refundbook.load(book, today=TODAY) as opened:
        opened.append_case("GTB-2", opened="2023-11-01")
        with pytest.raises(UsageError, match="Save what was entered"):
            opened.undo()


def test_an_open_workbook_is_left_alone(book: Path) -> None:
    book.with_name(f"~${book.name}").write_bytes(b"\x03Ana" + b" " * 161)
    before = book.read_bytes()
    assert run("undo", "--yes", book=book).code == 3
    assert book.read_bytes() == before

"""Corrections: several cells of an entry at once, a case's number everywhere, a promise that was not kept after all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import refundbook
from refundbook.base.errors import EntryRefused, RefundbookError, RulesRefuse, UnknownEntry, UsageError
from tests.support.command import run
from tests.support.own_checks import own_findings
from tests.support.samples import TODAY, load, sample_at

A, B = "GTB-789012", "GTB-789045"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return sample_at(tmp_path / "t.xlsx")


def test_several_cells_at_once_with_what_stood_there_before(book: Path) -> None:
    with refundbook.edit(book, today=TODAY) as opened:
        done = opened.amend_many(A, {"Customer": "Ann Lee", "amount": "59,90", "Date Opened": "2023-10-25"})
    assert [(c.pillar, c.key, c.column, c.before, str(c.after)) for c in done.corrections] == [
        ("case", A, "Customer", None, "Ann Lee"),
        ("case", A, "Date Opened", load(sample_at(book.with_name("s.xlsx"))).records.cases["opened"][0], "2023-10-25"),
        ("case", A, "Amount Requested", done.corrections[2].before, "59.90"),
    ]
    assert all(c.where.startswith("Cases!") for c in done.corrections)
    row = load(book).cases.loc[A]
    assert (row["Customer"], str(row["Amount Requested"])) == ("Ann Lee", "59.9")
    assert own_findings(book) == []


def test_cells_that_are_right_only_together_are_judged_together(book: Path) -> None:
    with refundbook.edit(book, today=TODAY) as opened:
        opened.amend_many(B, {"Status": "Denied", "Resolution Date": "2023-11-04"}, pillar="resolution")
    with pytest.raises(EntryRefused), refundbook.edit(book, today=TODAY) as opened:
        opened.amend_many(B, {"Status": "Pending"}, pillar="resolution")


@pytest.mark.parametrize(
    ("which", "values", "pillar", "error"),
    [
        (A, {"Customer": "x", "Date Opened": "2024-01-01"}, None, EntryRefused),
        (A, {"Amount Requested": "x", "Date Opened": "y"}, None, EntryRefused),
        (A, {"Customr": "x"}, None, UsageError),
        (A, {"Customer": "x", "customer": "y"}, None, UsageError),
        ("GTB-1", {"Customer": "x"}, None, UnknownEntry),
        (99, {"Agent": "x"}, None, UnknownEntry),
        (3, {"Case Number": "GTB-1"}, None, EntryRefused),
        (3, {"Date": "2023-10-01"}, None, EntryRefused),
        (A, {"Resolution Date": ""}, "resolution", EntryRefused),
    ],
)
def test_what_is_refused_changes_nothing(
    book: Path, which: str | int, values: dict[str, object], pillar: str | None, error: type[RefundbookError]
) -> None:
    before = book.read_bytes()
    with refundbook.load(book, today=TODAY) as opened:
        kept = [log.columns["number"][:] for log in opened.records.logs], opened.check().findings
        with pytest.raises(error):
            opened.amend_many(which, values, pillar=pillar)
        assert ([log.columns["number"] for log in opened.records.logs], opened.check().findings) == kept
    assert book.read_bytes() == before


def test_a_message_moves_to_its_right_case(book: Path) -> None:
    ran = run("amend", "--entry", "3", f"Case Number={B}", book=book)
    assert (ran.code, ran.out) == (0, f"Changed Communications!B4, Case Number: {B} (was {A}).\n")
    assert load(book).communications.set_index("Entry", append=True).xs(3, level="Entry").index.tolist() == [B]


def test_a_case_is_renamed_everywhere(book: Path) -> None:
    with refundbook.load(book, today=TODAY) as opened:
        opened.amend(B, "Related Case", A)
    ran = run("rename", A.lower(), "GTB-555123", book=book)
    assert ran.out == f"Renamed {A} to GTB-555123: 6 cells in Cases, Communications, Resolutions.\n"
    read = load(book)
    assert A not in "".join(map(str, read.tracker.index))
    assert read.cases.loc[B, "Related Case"] == "GTB-555123"
    assert len(read.case_file("GTB-555123").messages) == 3
    assert read.case_file("GTB-555123").related == (B,)
    assert own_findings(book) == []


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        (A, B, RulesRefuse),
        (A, B.lower(), RulesRefuse),
        ("GTB-1", "GTB-2", UnknownEntry),
        (A, "1.2E+11", EntryRefused),
        (A, "", UsageError),
    ],
)
def test_a_name_that_cannot_be_leaves_all_as_it_was(
    book: Path, old: str, new: str, error: type[RefundbookError]
) -> None:
    before = book.read_bytes()
    with pytest.raises(error), refundbook.edit(book, today=TODAY) as opened:
        opened.rename(old, new)
    assert book.read_bytes() == before


def test_a_number_may_be_written_otherwise(book: Path) -> None:
    assert run("rename", A, A.lower(), book=book).code == 0
    assert load(book).cases.index.tolist() == [A.lower(), B]


def test_a_promise_was_not_kept_after_all(book: Path) -> None:
    ran = run("keep", "--undo", "3", book=book)
    assert ran.out == f"Marked as not kept: entry 3 of {A}, Investigate\n"
    again = run("keep", "--undo", "3", book=book)
    assert (again.code, again.err) == (1, "refundbook: The promise in entry 3 is not marked as kept.\n")
    assert run("keep", "3", "--on", "2023-10-30", book=book).code == 0


def test_a_gateway_was_not_answered_after_all(book: Path) -> None:
    run("amend", A, "Respond By=2023-11-20", book=book)
    assert run("keep", "--answered", "9012", book=book).code == 0
    assert run("keep", "--undo", "--answered", A, "--json", book=book).json["not_answered"]["Case Number"] == A
    assert run("keep", "--undo", "--answered", A, book=book).code == 1


# At the shell


def test_of_an_open_workbook_the_cells_to_change_are_named(book: Path) -> None:
    book.with_name(f"~${book.name}").write_bytes(b"\x03Ana" + b" " * 161)
    before = book.read_bytes()
    for args, cells in (
        (["amend", "9012", "Customer=x", "Item=y"], "Cases!G2, Cases!H2"),
        (["amend", "--entry", "3", "Agent=x"], "Communications!G4"),
        (["keep", "--undo", "3"], "Communications!K4"),
    ):
        ran = run(*args, book=book)
        assert ran.code == 3
        assert f"or change {cells} there" in ran.err
    assert book.read_bytes() == before


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["amend", A], 2, "Say what to correct"),
        (["amend", "Customer=x"], 2, "Say which case"),
        (["amend", A, "Customer"], 2, "write HEADER=VALUE"),
        (["amend", A, "Case Number=GTB-2"], 2, f"refundbook rename {A} GTB-2"),
        (["amend", "--entry", "3", "--resolution", "x=y"], 2, "give one"),
        (["amend", A, "Customer=x", "Customer=y"], 2, "given twice"),
        (["keep", "--undo", "3", "--on", "today"], 2, "give no --on"),
    ],
)
def test_how_it_is_not_meant_is_said(book: Path, args: list[str], code: int, says: str) -> None:
    ran = run(*args, book=book)
    assert ran.code == code
    assert says in ran.err


def test_a_dry_run_changes_nothing(book: Path) -> None:
    before = book.read_bytes()
    ran = run("amend", A, "Customer=Ann", "--dry-run", book=book)
    assert "Would change Cases!G2, Customer: Ann (was blank)." in ran.out
    assert "Would rename" in run("rename", A, "GTB-5", "--dry-run", book=book).out
    assert book.read_bytes() == before


def test_what_stands_there_already_is_no_change(book: Path) -> None:
    before = book.read_bytes()
    ran = run("amend", A, "Reason=Non-delivery", book=book)
    assert ran.out == f"{A} says so already. Nothing was changed.\n"
    assert book.read_bytes() == before


# The end of a number


def test_an_end_of_four_characters_that_one_has_is_its_number_and_less_is_none(book: Path) -> None:
    assert f"{A}: " in run("show", "9012", book=book).out
    assert "Changed" in run("amend", "89012", "Customer=x", book=book).out
    ran = run("append", "resolution", "9045", "--status", "Denied", "--date", "today", book=book)
    assert f"Entered {B} in Resolutions" in ran.out
    assert "There is no case 012" in run("amend", "012", "Customer=x", book=book).err


def test_an_exact_number_wins_and_an_end_of_several_is_refused_with_all(book: Path) -> None:
    with refundbook.load(book, today=TODAY) as opened:
        opened.append_case("9012", opened="2023-10-27")
        opened.append_case("PP-789045", opened="2023-10-27")
    assert "Changed Cases!G4" in run("amend", "9012", "Customer=x", book=book).out
    ran = run("amend", "89045", "Customer=x", book=book)
    assert (ran.code, ran.err) == (
        2,
        f'refundbook: Several cases end in "89045": {B}, PP-789045. Write more of the number.\n',
    )


def test_what_is_known_of_a_workbook_knows_the_ends_too(tmp_path: Path) -> None:
    path = sample_at(tmp_path / "t.xlsx")
    for number in ("GTB-700001", "PP-R-ABC-1"):
        with refundbook.edit(path, today=TODAY) as opened:
            opened.append_case(number, opened="2023-10-27")
    with refundbook.edit(path, today=TODAY) as opened:
        assert opened.number_meant("0001") == "GTB-700001"
        assert opened.number_meant("abc-1") == "PP-R-ABC-1"
        assert opened.number_meant("789045") == B
        assert opened.number_meant("6789") == "6789"


@pytest.mark.parametrize("call", ["append", "case_file", "rename"])
def test_the_library_and_new_numbers_take_no_ends(book: Path, call: str) -> None:
    calls: dict[str, Callable[[refundbook.Book], object]] = {
        "append": lambda opened: opened.append_communication("9012", date="today", with_="Buyer", summary="x"),
        "case_file": lambda opened: opened.case_file("9012"),
        "rename": lambda opened: opened.rename("9012", "GTB-1"),
    }
    with pytest.raises(RefundbookError), refundbook.edit(book, today=TODAY) as opened:
        calls[call](opened)
    assert run("append", "case", "9012", "--opened", "today", book=book).code == 0

"""The inbox: an entry is made when it happens, also while the workbook cannot be written, and is in the workbook once
in the end.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from filelock import FileLock

import refundbook
from refundbook.base.errors import CannotWrite, EntriesRefused, InvalidWorkbook, UnknownEntry
from refundbook.book.opening import stand_in
from refundbook.storage.inbox import Inbox, put
from refundbook.storage.workbook_file import WorkbookFile
from refundbook.system.sharing import InUse
from refundbook.xlsx import shared_file
from refundbook.xlsx.shared_file import Patience
from tests.support.books import SAMPLE, filled
from tests.support.command import Ran, run
from tests.support.confined import run_confined
from tests.support.holding import READS, held
from tests.support.own_made import own_book
from tests.support.samples import TODAY, load, sample_at
from tests.support.systems import make_pipe

pytestmark = pytest.mark.slow

CASE = ("append", "case", "GTB-789100", "--opened", "2023-11-01")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return sample_at(tmp_path / "tracker.xlsx")


@pytest.fixture
def opened(book: Path) -> Path:
    """The workbook, open in Excel."""
    book.with_name("~$tracker.xlsx").write_bytes(b"\x03ana")
    return book


def close(book: Path) -> None:
    book.with_name("~$tracker.xlsx").unlink()


def cases(book: Path) -> list[object]:
    return load(book, strict=False).records.cases["number"]


# What is kept, and when


def test_while_the_workbook_is_open_elsewhere_an_entry_is_kept_beside_it_and_that_is_said(opened: Path) -> None:
    before = opened.read_bytes()
    ran = run(*CASE, book=opened)
    assert ran == Ran(
        0,
        "Kept GTB-789100 for Cases in the inbox.\n",
        f"refundbook: {opened} is open in Excel by ana. What you entered is kept in the inbox beside it, and goes in "
        "with the next command that can write: see `refundbook inbox`. (If it is open nowhere, as after a crash, "
        "give --ignore-open.)\n",
    )
    assert opened.read_bytes() == before
    assert [str(waiting) for waiting in Inbox(opened).entries()] == ["case GTB-789100"]


def test_while_another_refundbook_holds_the_workbook_an_entry_is_kept(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WorkbookFile, "patience", Patience(0.02, 0.01))
    with FileLock(book.with_name(".tracker.xlsx.lock")):
        ran = run(*CASE, book=book)
    assert ran.code == 0
    assert "is in use by another refundbook. What you entered is kept in the inbox" in ran.err
    assert len(Inbox(book).entries()) == 1


@pytest.mark.parametrize("shared", [READS, 0], ids=["others may read it", "nobody may read it"])
def test_while_another_program_has_the_workbook_open_an_entry_is_kept(book: Path, shared: int) -> None:
    """On Windows: as Excel does where it can put no owner file, or a program that lets nobody near it."""
    with held(book, shared):
        ran = run(*CASE, book=book)
    assert (ran.code, ran.out) == (0, "Kept GTB-789100 for Cases in the inbox.\n"), ran
    assert ran.err.startswith(f"refundbook: {book} is open in another program")
    assert "What you entered is kept in the inbox" in ran.err
    assert ("only later" in ran.err) is not shared
    assert run("inbox", "enter", book=book).code == 0
    assert cases(book)[-1] == "GTB-789100"


def test_an_entry_for_a_workbook_that_nobody_may_read_is_judged_by_itself_and_later_among_the_others(
    book: Path,
) -> None:
    def keep(pillar: str, **fields: str) -> None:
        put(stand_in(book, today=TODAY, user="ana"), [(pillar, fields)])

    with pytest.raises(EntriesRefused, match="in the future"):
        keep("case", number="GTB-789100", opened="2023-11-09")
    with pytest.raises(EntriesRefused, match="can mean"):
        keep("case", number="GTB-789100", opened="03/04/2023")
    assert not Inbox(book).entries()
    keep("case", number="GTB-789012", opened="2023-11-01")
    keep("communication", number="GTB-789045", date="2023-11-02", with_="Support", summary="Sent back.")
    ran = run("inbox", "enter", book=book)
    assert "Entered from the inbox: GTB-789045 in Communications" in ran.err
    assert [str(waiting) for waiting in Inbox(book).entries()] == ["case GTB-789012"]


def test_what_only_a_workbook_that_nobody_may_read_can_tell_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = own_book(tmp_path / "tracker.xlsx")

    def nobody(path: Path, most: int) -> bytes:
        raise InUse(path)

    monkeypatch.setattr(shared_file, "read_file", nobody)
    monkeypatch.setattr(shared_file, "opened", lambda path: nobody(path, 0))
    ran = run(*CASE, "--set", "Seller=Shop Nine", book=book)
    assert (ran.code, ran.out) == (3, "")
    assert (
        ran.err
        == f"refundbook: {book} is open in another program, which lets nobody else read it. Close it there first.\n"
    )
    assert not Inbox(book).entries()


def test_a_dry_run_keeps_nothing_where_an_older_row_is_in_error(tmp_path: Path) -> None:
    early = {**SAMPLE.communications[0], "date": date(2023, 10, 1)}
    broken = filled(tmp_path / "tracker.xlsx", communications=[early])
    ran = run(*CASE, "--dry-run", book=broken)
    assert (ran.code, ran.out) == (1, "")
    assert "RB302" in ran.err
    assert Inbox(broken).entries() == []


def test_an_error_in_an_older_row_keeps_the_entry_back(tmp_path: Path) -> None:
    book = filled(tmp_path / "t.xlsx", [{**SAMPLE.cases[0], "opened": date(2024, 1, 2)}], [], [])
    ran = run(*CASE, book=book)
    assert (ran.code, ran.out) == (1, "Kept GTB-789100 for Cases in the inbox.\n")
    assert f"{book} breaks a rule already (Cases!C2: error RB203: " in ran.err
    assert cases(book) == ["GTB-789012"]


def test_a_workbook_without_our_sheets_gets_no_inbox(tmp_path: Path) -> None:
    book = sample_at(tmp_path / "tracker.xlsx")
    import openpyxl

    other = openpyxl.Workbook()
    other.save(book)
    ran = run(*CASE, book=book)
    assert (ran.code, ran.out) == (1, "")
    assert "RB001" in ran.err
    assert not Inbox(book).file.exists()


def test_a_new_entry_that_the_rules_refuse_is_refused_and_not_kept(opened: Path) -> None:
    ran = run("append", "case", "GTB-789012", "--opened", "2023-11-01", book=opened)
    assert (ran.code, ran.out) == (1, "")
    assert "is already in row 2 of Cases" in ran.err
    assert not Inbox(opened).entries()


def test_an_entry_is_checked_with_what_waits_already(opened: Path) -> None:
    message = ("append", "communication", "GTB-789100", "--date", "2023-11-02", "--with", "buyer", "--summary", "Hello")
    assert run(*message, book=opened).code == 1
    assert run(*CASE, book=opened).code == 0
    assert run(*CASE, book=opened).code == 1
    assert run(*message, book=opened).code == 0
    assert [str(waiting) for waiting in Inbox(opened).entries()] == ["case GTB-789100", "communication GTB-789100"]


def test_rows_from_a_file_are_kept_all_or_none(opened: Path) -> None:
    rows = opened.with_name("rows.csv")
    rows.write_text("pillar,Case Number,Date Opened\ncase,GTB-789100,2023-11-01\ncase,GTB-789012,2023-11-01\n")
    ran = run("append", "--from", rows, book=opened)
    assert ran.code == 1
    assert "line 3" in ran.err
    assert not Inbox(opened).entries()
    rows.write_text("pillar,Case Number,Date Opened\ncase,GTB-789100,2023-11-01\ncase,GTB-789101,2023-11-01\n")
    assert run("append", "--from", rows, book=opened).code == 0
    assert len(Inbox(opened).entries()) == 2


@pytest.mark.parametrize("args", [CASE, ("append", "--from", "rows.csv")])
def test_without_an_inbox_a_script_gets_3(opened: Path, args: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(opened.parent)
    Path("rows.csv").write_text("pillar,Case Number,Date Opened\ncase,GTB-789100,2023-11-01\n")
    ran = run(*args, "--no-inbox", book=opened)
    assert (ran.code, ran.out) == (3, "")
    assert "is open in Excel by ana. Nothing was written" in ran.err
    assert not Inbox(opened).entries()


def test_without_an_inbox_an_older_error_gets_1(tmp_path: Path) -> None:
    book = filled(tmp_path / "t.xlsx", [{**SAMPLE.cases[0], "opened": date(2024, 1, 2)}], [], [])
    ran = run(*CASE, "--no-inbox", book=book)
    assert (ran.code, ran.out) == (1, "")
    assert not Inbox(book).entries()


def test_a_dry_run_keeps_nothing_and_knows_what_waits(opened: Path) -> None:
    assert run(*CASE, "--dry-run", book=opened).code == 0
    assert not Inbox(opened).entries()
    assert run(*CASE, book=opened).code == 0
    assert run(*CASE, "--dry-run", book=opened).code == 1


def test_what_is_kept_is_told_in_json(opened: Path) -> None:
    answer = run(*CASE, "--json", book=opened).json
    assert answer["entered"] == []
    assert answer["kept"][0]["sheet"] == "Cases"
    assert answer["kept"][0]["values"]["Date Opened"] == "2023-11-01"
    assert answer["because"] == f"{opened} is open in Excel by ana"


def test_an_owner_file_that_was_left_behind_can_be_ignored(opened: Path) -> None:
    assert run(*CASE, "--ignore-open", book=opened).out == "Entered GTB-789100 in Cases, row 4.\n"
    assert "GTB-789100" in cases(opened)


def test_every_way_to_write_can_ignore_it(opened: Path) -> None:
    with pytest.raises(refundbook.Busy), refundbook.edit(opened, today=TODAY):
        raise AssertionError("it was not respected")
    with refundbook.edit(opened, today=TODAY, ignore_open=True) as held:
        held.append_case("GTB-789100", opened="2023-11-01")
    with refundbook.load(opened, today=TODAY, ignore_open=True) as held:
        held.append_case("GTB-789101", opened="2023-11-01")
    assert cases(opened)[2:] == ["GTB-789100", "GTB-789101"]


@pytest.mark.posix("files have no mode on Windows")
def test_the_file_is_one_json_object_a_line_as_private_as_the_workbook(opened: Path) -> None:
    opened.chmod(0o640)
    run(*CASE, book=opened)
    run("append", "case", "GTB-789101", "--opened", "2023-11-01", "--notes", 'a\nb "c" =1+1 \u2028', book=opened)
    file = opened.parent / ".refundbook" / "tracker.xlsx.inbox.jsonl"
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").removesuffix("\n").split("\n")]
    assert [line["fields"]["Case Number"] for line in lines] == ["GTB-789100", "GTB-789101"]
    assert len({line["id"] for line in lines}) == 2
    assert file.stat().st_mode & 0o777 == 0o640


# Entering what waits


def test_the_next_command_that_can_write_enters_it_first_and_in_order(opened: Path) -> None:
    run(*CASE, book=opened)
    run("append", "communication", "GTB-789100", "--date", "2023-11-02", "--with", "buyer", "--summary", "Hello", book=opened)  # fmt: skip
    close(opened)
    ran = run("append", "case", "GTB-789101", "--opened", "2023-11-01", book=opened)
    assert ran.out == "Entered GTB-789101 in Cases, row 5.\n"
    assert ran.err.splitlines() == [
        "refundbook: Entered from the inbox: GTB-789100 in Cases, row 4.",
        "refundbook: Entered from the inbox: GTB-789100 in Communications, row 9.",
    ]
    assert cases(opened)[2:] == ["GTB-789100", "GTB-789101"]
    assert not Inbox(opened).file.exists()


def test_what_waits_is_entered_also_when_the_commands_own_entry_is_refused(opened: Path) -> None:
    run(*CASE, book=opened)
    close(opened)
    assert run(*CASE, book=opened).code == 1
    assert cases(opened)[2:] == ["GTB-789100"]
    assert not Inbox(opened).entries()


def test_an_entry_has_the_values_and_the_time_with_which_it_was_made(opened: Path) -> None:
    told = ["--date", "today", "--with", "support", "--agent", "Maya", "--summary", "Wait", "--due", "48 hrs"]
    run("append", "communication", "gtb–789012", *told, book=opened, today="2023-11-05T10:20:30")
    run("append", "resolution", "GTB-789045", "--status", "store credit", "--date", "yesterday", "--amount", "49.90", book=opened)  # fmt: skip
    close(opened)
    assert run("inbox", "enter", book=opened, today="2023-11-20T08:00:00").code == 0
    records = load(opened).records
    at = records.communications.by_case["gtb-789012"][-1]
    entered = {name: values[at] for name, values in records.communications.columns.items()}
    assert entered["number"] == "GTB-789012"
    assert entered["date"] == date(2023, 11, 5)
    assert entered["due"] == datetime(2023, 11, 7) or entered["due"] == date(2023, 11, 7)
    assert entered["logged_at"] == datetime(2023, 11, 5, 10, 20, 30)
    assert entered["logged_by"] == "ana"
    last = {name: values[-1] for name, values in records.resolutions.columns.items()}
    assert (last["status"], last["date"], last["amount"]) == ("Store Credit", date(2023, 11, 4), Decimal("49.9"))
    assert last["logged_at"] == datetime(2023, 11, 5, 23, 59, 59)


def test_an_entry_number_is_given_when_the_entry_goes_in(opened: Path) -> None:
    message = ("append", "communication", "GTB-789012", "--date", "2023-11-02", "--with", "buyer")
    run(*message, "--summary", "First", book=opened)
    with refundbook.load(opened, today=TODAY, ignore_open=True) as by_hand:
        by_hand.append_communication("GTB-789012", date="2023-11-03", with_="Buyer", summary="Second")
    close(opened)
    run("inbox", "enter", book=opened)
    rows = load(opened).records.communications
    assert list(zip(rows["summary"], rows["entry"], strict=True))[-2:] == [("Second", 8), ("First", 9)]


def test_an_entry_number_that_was_given_is_kept(opened: Path) -> None:
    rows = opened.with_name("rows.jsonl")
    rows.write_text('{"pillar": "communication", "Case Number": "GTB-789012", "Date": "2023-11-02", "With": "Buyer", "Summary": "Hi", "entry": 77}')  # fmt: skip
    run("append", "--from", rows, book=opened)
    close(opened)
    run("inbox", "enter", book=opened)
    assert load(opened).records.communications["entry"][-1] == 77


def test_what_the_rules_refuse_by_then_stays_with_its_finding_and_holds_nobody_up(opened: Path) -> None:
    run(*CASE, book=opened)
    run("append", "case", "GTB-789101", "--opened", "2023-11-01", book=opened)
    with refundbook.load(opened, today=TODAY, ignore_open=True) as by_hand:
        by_hand.append_case("gtb-789100", opened="2023-11-02")
    close(opened)
    ran = run("append", "case", "GTB-789102", "--opened", "2023-11-01", book=opened)
    assert ran.code == 0
    assert "1 entry is still in the inbox, because the rules refuse it: see `refundbook inbox`." in ran.err
    assert cases(opened)[2:] == ["gtb-789100", "GTB-789101", "GTB-789102"]
    (left,) = Inbox(opened).entries()
    assert str(left) == "case GTB-789100"
    assert left.refused[0]["code"] == "RB201"
    assert "refused: RB201 Case Number GTB-789100 is already in row 4" in run("inbox", book=opened).out
    assert run("inbox", "enter", book=opened).code == 1


def test_a_refused_entry_goes_in_once_its_reason_is_gone(opened: Path) -> None:
    run(*CASE, book=opened)
    run("append", "communication", "GTB-789100", "--date", "2023-11-02", "--with", "buyer", "--summary", "Hello", book=opened)  # fmt: skip
    close(opened)
    run("inbox", "drop", "1", book=opened)
    assert run("inbox", "enter", book=opened).code == 1
    assert Inbox(opened).entries()[0].refused[0]["code"] == "RB301"
    assert run(*CASE, book=opened).code == 0
    assert run("inbox", "enter", book=opened).code == 0
    assert load(opened).records.communications["summary"][-1] == "Hello"


def test_reading_commands_leave_it_where_it_is_and_point_it_out(opened: Path) -> None:
    run(*CASE, book=opened)
    close(opened)
    kept = Inbox(opened).file.read_bytes()
    for args in (["tracker"], ["check"], ["show", "GTB-789012"]):
        ran = run(*args, book=opened)
        assert ran.code == 0
        assert (
            f"1 entry is in the inbox of {opened.name} and not in the workbook yet: see `refundbook inbox`." in ran.err
        )
    assert Inbox(opened).file.read_bytes() == kept


def test_the_library_leaves_it_alone_unless_asked(opened: Path) -> None:
    run(*CASE, book=opened)
    close(opened)
    with refundbook.edit(opened, today=TODAY) as held:
        held.append_case("GTB-789101", opened="2023-11-01")
    assert cases(opened)[2:] == ["GTB-789101"]
    with refundbook.edit(opened, today=TODAY) as held:
        taken = Inbox(opened).enter(held)
    assert [entry.values["number"] for entry in taken.entered] == ["GTB-789100"]
    assert cases(opened)[2:] == ["GTB-789101", "GTB-789100"]


@pytest.mark.posix("files have no owner to be changed on Windows")
def test_a_save_that_fails_leaves_everything_in_the_inbox(opened: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(*CASE, book=opened)
    close(opened)
    before = opened.read_bytes()

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for name in ("fsync", "chown"):
        with monkeypatch.context() as broken:
            broken.setattr(f"os.{name}", refuse)
            assert run("inbox", "enter", book=opened).code == (3 if name == "fsync" else 0)
        if name == "fsync":
            assert opened.read_bytes() == before
            assert len(Inbox(opened).entries()) == 1
    assert cases(opened)[2:] == ["GTB-789100"]


def test_a_swap_that_fails_after_it_was_noted_is_told_from_one_that_happened(
    opened: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(*CASE, book=opened)
    close(opened)
    rename = os.replace

    def refuse(source: str, target: str, **folders: int) -> None:
        if Path(target).name == opened.name:
            raise PermissionError(13, "Permission denied")
        rename(source, target, **folders)

    with monkeypatch.context() as broken:
        broken.setattr(os, "replace", refuse)
        assert run("inbox", "enter", book=opened).code == 3
    assert len(Inbox(opened).entries()) == 1
    with refundbook.load(opened, today=TODAY) as by_hand:
        by_hand.append_case("GTB-789500", opened="2023-11-01")
    assert run("inbox", "enter", book=opened).code == 0
    assert cases(opened)[2:] == ["GTB-789500", "GTB-789100"]
    assert not [name for name in opened.parent.iterdir() if name.name.endswith(".new")]


def test_a_new_file_that_somebody_deleted_after_a_crash_is_not_taken_for_the_workbook(
    opened: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(*CASE, book=opened)
    close(opened)
    rename = os.replace

    def fail(source: str, target: str, **folders: int) -> None:
        rename(source, target, **folders) if Path(target).name != opened.name else 1 / 0

    with monkeypatch.context() as broken:
        broken.setattr(os, "replace", fail)
        assert run("inbox", "enter", book=opened).code == 70
    (left,) = [file for file in opened.parent.iterdir() if file.name.endswith(".new")]
    shutil.rmtree(left)
    assert len(Inbox(opened).entries()) == 1
    assert run("inbox", "enter", book=opened).code == 0
    assert cases(opened)[2:] == ["GTB-789100"]


# The file may have been edited, or come from somebody else


@pytest.mark.parametrize("line", ["{", "[1]", '{"id": 1}', '{"pillar": "case"}', "\udcff", "null", '{"pillar": "x", "id": "1", "fields": {}}', '{"entering": 3, "new_file": "../tracker.xlsx"}', "[" * 100_000])  # fmt: skip
def test_a_line_that_cannot_be_read_is_shown_and_never_lost(opened: Path, line: str) -> None:
    run(*CASE, book=opened)
    close(opened)
    file = Inbox(opened).file
    odd = f"{line}\n".encode(errors="surrogateescape")
    file.write_bytes(odd + file.read_bytes())
    listed = run("inbox", book=opened)
    assert listed.code == 0
    ran = run("inbox", "enter", book=opened)
    assert cases(opened)[2:] == ["GTB-789100"]
    assert opened.exists()
    assert "refused: This line of the inbox cannot be read." in listed.out
    assert ran.code == 1
    assert file.read_bytes() == odd
    assert run("inbox", "drop", "1", book=opened).code == 0
    assert not file.exists()


@pytest.mark.parametrize(("header", "value", "code"), [("Date Opened", "soon", "RB102"), ("Amount Requested", "much", "RB103"), ("Date Opened", ["x"], ""), ("Colour", "red", "")])  # fmt: skip
def test_a_value_that_somebody_spoilt_is_refused_like_any_other(
    opened: Path, header: str, value: object, code: str
) -> None:
    run(*CASE, book=opened)
    close(opened)
    file = Inbox(opened).file
    data = json.loads(file.read_text())
    data["fields"][header] = value
    file.write_text(json.dumps(data) + "\n")
    assert run("inbox", "enter", book=opened).code == 1
    assert Inbox(opened).entries()[0].refused[0]["code"] == code
    assert len(cases(opened)) == 2


@pytest.mark.parametrize("text", [r"\ud800", "\udcff"], ids=["half a character", "a byte that is no text"])
def test_a_text_that_cannot_be_stored_is_refused_and_holds_nobody_up(opened: Path, text: str) -> None:
    run(*CASE, book=opened)
    close(opened)
    file = Inbox(opened).file
    line = f'{{"id": "1", "pillar": "case", "fields": {{"Case Number": "A-1{text}", "Date Opened": "2023-11-01"}}}}\n'
    file.write_bytes(line.encode(errors="surrogateescape") + file.read_bytes())
    for entered in (1, 0):
        ran = run("inbox", "enter", book=opened)
        assert ran.code == 1, ran.err
        assert ran.err.count("Entered from the inbox") == entered
    assert cases(opened)[2:] == ["GTB-789100"]
    (left,) = Inbox(opened).entries()
    assert str(left.fields["Case Number"]).startswith("A-1")
    assert left.refused[0]["code"] == "RB107"


def test_a_note_that_names_another_file_deletes_nothing(opened: Path) -> None:
    run(*CASE, book=opened)
    close(opened)
    victim = opened.with_name("notes.txt")
    victim.write_text("mine")
    file = Inbox(opened).file
    (entry,) = Inbox(opened).entries()
    for name in ("notes.txt", "../shop/notes.txt", "/etc/passwd", ".tracker.xlsx.new"):
        note = {"entering": [entry.id], "new_file": name, "old_digest": "0"}
        file.write_text(json.dumps(note) + "\n" + json.dumps({"id": entry.id, "pillar": "case", "fields": entry.fields}) + "\n")  # fmt: skip
        assert [waiting.id for waiting in Inbox(opened).entries()] == ["", entry.id]
    assert run("inbox", "enter", book=opened).code == 1
    assert cases(opened)[2:] == ["GTB-789100"]
    assert victim.read_text() == "mine"


# Listing and dropping


def test_the_list_says_what_waits_and_when_it_was_made(opened: Path) -> None:
    run(*CASE, book=opened, today="2023-11-05T10:20:30")
    run("append", "communication", "GTB-789012", "--date", "2023-11-02", "--with", "buyer", "--summary", "Hello\u202e", book=opened)  # fmt: skip
    ran = run("inbox", book=opened)
    assert ran.out.splitlines() == [
        "1  case GTB-789100: 2023-11-01 (made 2023-11-05 10:20:30 by ana)",
        "2  communication GTB-789012: Hello\u2039right-to-left override\u203a (made 2023-11-05 23:59:59 by ana)",
    ]
    listed = run("inbox", "--json", book=opened).json
    assert [(entry["number"], entry["pillar"], entry["refused"]) for entry in listed] == [(1, "case", []), (2, "communication", [])]  # fmt: skip
    assert listed[0]["fields"]["Logged At"] == "2023-11-05T10:20:30"


def test_an_empty_inbox_is_no_error(book: Path) -> None:
    assert run("inbox", book=book).out == "Nothing waits in the inbox of tracker.xlsx.\n"
    assert run("inbox", "--json", book=book).json == []
    assert run("inbox", "enter", book=book).code == 0
    assert run("inbox", "drop", "1", book=book).code == 1
    assert {entry.name for entry in book.parent.iterdir()} <= {"tracker.xlsx", ".tracker.xlsx.lock"}


def test_one_entry_is_dropped_and_the_others_stay(opened: Path) -> None:
    for number in ("GTB-789100", "GTB-789101", "GTB-789102"):
        run("append", "case", number, "--opened", "2023-11-01", book=opened)
    ran = run("inbox", "drop", "2", book=opened)
    assert ran.out == "Dropped case GTB-789101: 2023-11-01 (made 2023-11-05 23:59:59 by ana)\n"
    assert [str(waiting) for waiting in Inbox(opened).entries()] == ["case GTB-789100", "case GTB-789102"]
    for number in ("0", "3"):
        assert run("inbox", "drop", number, book=opened).code == 1
    with pytest.raises(UnknownEntry, match="There is no entry 3 in the inbox: it holds 2"):
        Inbox(opened).drop(3)


def test_two_workbooks_in_one_folder_have_an_inbox_each(opened: Path) -> None:
    other = sample_at(opened.with_name("other.xlsx"))
    run(*CASE, book=opened)
    assert not Inbox(other).entries()
    assert run(*CASE, book=other).err == ""


# From Python, and from several at once


def test_from_python_entries_are_checked_and_kept_all_or_none(opened: Path) -> None:
    with pytest.raises(EntriesRefused):
        put(load(opened), [("case", {"number": "A-1", "opened": "today"}), ("case", {"number": "A-1", "opened": "today"})])  # fmt: skip
    assert not Inbox(opened).entries()
    put(load(opened), [("case", {"number": "A-1", "opened": "today"}), ("case", {"number": "A-2", "opened": "today"})])
    assert [str(waiting) for waiting in Inbox(opened).entries()] == ["case A-1", "case A-2"]


def test_a_workbook_with_broken_structure_keeps_nothing(tmp_path: Path) -> None:
    import openpyxl

    path = tmp_path / "t.xlsx"
    openpyxl.Workbook().save(path)
    with pytest.raises(InvalidWorkbook):
        put(load(path, strict=False), [("case", {"number": "A-1", "opened": "today"})])


def test_an_inbox_that_cannot_be_made_is_said(opened: Path) -> None:
    (opened.parent / ".refundbook").write_text("in the way")
    with pytest.raises(CannotWrite, match=r"The inbox .* cannot be written"):
        put(load(opened), [("case", {"number": "A-1", "opened": "today"})])
    assert run(*CASE, book=opened).code == 3
    assert run("tracker", book=opened).code == 0


@pytest.mark.parametrize("make", [make_pipe, Path.mkdir, lambda at: at.symlink_to("/dev/zero")], ids=["pipe", "folder", "device"])  # fmt: skip
def test_an_inbox_that_is_no_file_is_never_waited_for(opened: Path, make: Callable[[Path], None]) -> None:
    file = Inbox(opened).file
    file.parent.mkdir()
    make(file)
    reading, writing = run_confined(opened, ["tracker"], CASE).ran
    assert reading.code == 0
    assert writing.code == 3
    for ran in (reading, writing):
        assert f"The inbox {file} " in ran.err
        assert "move it away." in ran.err.lower()


def test_several_that_keep_entries_at_once_lose_none(opened: Path) -> None:
    def keep_some(name: str) -> None:
        for n in range(5):
            put(load(opened), [("case", {"number": f"{name}-{n}", "opened": "2023-11-01"})])

    threads = [threading.Thread(target=keep_some, args=(f"GTB-90000{t}",)) for t in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({str(waiting) for waiting in Inbox(opened).entries()}) == 20


def test_an_entry_that_is_kept_while_others_are_entered_waits_and_is_not_lost(
    opened: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(*CASE, book=opened)
    close(opened)
    save: Callable[..., None] = refundbook.Book.save
    keeping = threading.Thread(target=lambda: put(load(opened), [("case", {"number": "A-1", "opened": "2023-11-01"})]))

    def slow_save(book: refundbook.Book, **options: object) -> None:
        if "record" in options:
            keeping.start()
            time.sleep(0.3)
        save(book, **options)

    monkeypatch.setattr(refundbook.Book, "save", slow_save)
    assert run("inbox", "enter", book=opened).code in (0, 1)
    keeping.join()
    assert cases(opened)[2:] == ["GTB-789100"]
    assert [str(waiting) for waiting in Inbox(opened).entries()] == ["case A-1"]

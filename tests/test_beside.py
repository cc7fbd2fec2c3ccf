"""A sync client's conflict copy beside the workbook is pointed out, and no other file is."""

from __future__ import annotations

from pathlib import Path

import pytest

from refundbook.inbox import Inbox
from refundbook.rules import conflict_copies, lost_inboxes
from tests.support.command import run
from tests.support.samples import load, sample_at

COPIES = [
    "tracker (conflicted copy).xlsx",
    "tracker (Mia's conflicted copy 2023-10-28).xlsx",
    "tracker (In Konflikt stehende Kopie von Mia 2023-10-28).xlsx",
    "tracker (Copie en conflit de Mia 2023-10-28).xlsx",
    "tracker (Case Conflict).xlsx",
    "tracker (SFConflict mia@example.com 2023-10-28-10-11-12).xlsx",
    "tracker (conflicted copy 2023-10-28 101112).xlsx",
    "tracker_conflict-20231028-101112.xlsx",
    "tracker.sync-conflict-20231028-101112-ABCDEF1.xlsx",
    "tracker.Conflict.xlsx",
    "tracker (1).xlsx",
    "tracker(2).xlsx",
    "tracker-PC.xlsx",
    "tracker-DESKTOP-1A2B3C.xlsx",
]
OTHERS = [
    "tracker 2022.xlsx",
    "tracker-2022.xlsx",
    "tracker-old.xlsx",
    "tracker (2022).xlsx",
    "tracker (Mia).xlsx",
    "tracker-PC.csv",
    "my tracker-PC.xlsx",
    "tracker.conflict",
    "conflicts.xlsx",
    "trackers.xlsx",
    "tracker-ACCOUNTING-DEPARTMENT.xlsx",
    ".tracker.xlsx.lock",
    "~$tracker.xlsx",
]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return sample_at(tmp_path / "tracker.xlsx")


@pytest.mark.parametrize("name", COPIES)
def test_a_conflict_copy_is_pointed_out(book: Path, name: str) -> None:
    book.with_name(name).write_bytes(b"")
    (finding,) = conflict_copies(book)
    assert (finding.code, finding.value) == ("RB158", name)
    assert finding.where == name


@pytest.mark.parametrize("name", OTHERS)
def test_another_file_is_not(book: Path, name: str) -> None:
    book.with_name(name).write_bytes(b"")
    assert list(conflict_copies(book)) == []


def test_a_copy_by_the_name_of_this_computer_is_one(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "Mias-MacBook-Pro.local")
    book.with_name("tracker-Mias-MacBook-Pro.local.xlsx").write_bytes(b"")
    assert len(list(conflict_copies(book))) == 1


def test_check_says_it_and_does_not_fail_for_it(book: Path) -> None:
    book.with_name("tracker-PC.xlsx").write_bytes(b"")
    ran = run("check", book=book)
    assert ran.code == 0
    assert ran.out.startswith('tracker-PC.xlsx: warning RB158: "tracker-PC.xlsx" beside the workbook looks like a sync')
    assert run("check", "--format", "json", book=book).json[0]["findings"][0]["code"] == "RB158"
    assert "RB158" in run("check", "--format", "github", book=book).out


def test_a_copy_that_comes_while_the_workbook_is_loaded_is_seen(book: Path) -> None:
    held = load(book)
    assert not held.check().findings
    book.with_name("tracker-PC.xlsx").write_bytes(b"")
    assert [finding.code for finding in held.check()] == ["RB158"]


# Entries that wait where nobody looks


def kept(book: Path) -> Path:
    """The inbox of the workbook, with an entry in it."""
    owner = book.with_name(f"~${book.name}")
    owner.write_bytes(b"\x03ana")
    assert run("append", "case", "GTB-789100", "--opened", "2023-11-01", book=book).code == 0
    owner.unlink()
    return Inbox(book).file


def test_what_waits_for_a_workbook_that_was_renamed_is_pointed_out(book: Path) -> None:
    inbox = kept(book)
    assert list(lost_inboxes(book)) == []
    renamed = book.rename(book.with_name("refunds.xlsx"))
    (finding,) = lost_inboxes(renamed)
    assert (finding.code, finding.value) == ("RB160", ".refundbook/tracker.xlsx.inbox.jsonl")
    ran = run("check", book=renamed)
    assert ran.code == 0
    assert ".refundbook/tracker.xlsx.inbox.jsonl: warning RB160: " in ran.out
    # What the hint says helps.
    assert "rename it to refunds.xlsx.inbox.jsonl" in ran.out
    inbox.rename(inbox.with_name("refunds.xlsx.inbox.jsonl"))
    assert run("inbox", "enter", book=renamed).code == 0
    assert load(renamed).records.cases["number"][-1] == "GTB-789100"
    assert list(lost_inboxes(renamed)) == []


def test_what_waits_for_another_workbook_is_not(book: Path) -> None:
    kept(sample_at(book.with_name("other.xlsx")))
    assert list(lost_inboxes(book)) == []


@pytest.mark.parametrize("name", ["tracker.xlsx.inbox-PC.jsonl", "tracker.xlsx.inbox (Mia's conflicted copy 2023-10-28).jsonl"])  # fmt: skip
def test_a_conflict_copy_of_the_inbox_is_pointed_out(book: Path, name: str) -> None:
    inbox = kept(book)
    inbox.rename(inbox.with_name(name))
    (finding,) = lost_inboxes(book)
    assert (finding.code, finding.value) == ("RB160", f".refundbook/{name}")


def test_other_files_in_the_folder_are_not_inboxes(book: Path) -> None:
    kept(book)
    for name in ("tracker.xlsx.inbox.lock", ".tracker.xlsx.inbox.jsonl.new", "notes.jsonl", "gone.xlsx.inbox.txt"):
        (book.parent / ".refundbook" / name).touch()
    (book.parent / ".refundbook" / "gone.xlsx.inbox.jsonl").mkdir()
    assert list(lost_inboxes(book)) == []

"""A sync client's conflict copy beside the workbook is pointed out, and no other file is."""

from __future__ import annotations

from pathlib import Path

import pytest

from refundbook.rules import conflict_copies
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

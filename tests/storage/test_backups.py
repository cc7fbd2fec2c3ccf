"""Backups: the workbook before the first save of a day is kept, the newest ten, and any of them can be brought back,
and that undone.
"""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import refundbook
from refundbook.base.errors import Busy, CannotWrite, UnknownEntry, UnreadableWorkbook
from refundbook.storage import backups
from refundbook.storage.inbox import Inbox
from refundbook.storage.workbook_file import WorkbookFile
from tests.support.command import run
from tests.support.gallery import build
from tests.support.samples import load, sample_at
from tests.support.zips import Parcel

pytestmark = pytest.mark.slow

OLD = "case number=OLD-1 opened=2023-09-01"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A workbook with one case."""
    return build(tmp_path / "tracker.xlsx", OLD)


def enter(book: Path, number: str, today: date | datetime) -> None:
    with refundbook.edit(book, today=today, user="ana") as held:
        held.append_case(number, opened="2023-09-01")


def names(book: Path) -> list[str]:
    return [backup.name for backup in backups.backups(book)]


def cases(book: Path) -> list[object]:
    return load(book).records.cases["number"][1:]


# What is kept


@pytest.mark.posix("files have no mode on Windows")
def test_before_the_first_save_of_a_day_the_workbook_is_kept_as_it_was(book: Path) -> None:
    book.chmod(0o640)
    before = book.read_bytes()
    enter(book, "A-1", datetime(2023, 11, 5, 9, 30))
    assert names(book) == ["tracker.xlsx.2023-11-05T09-30-00.xlsx"]
    (kept,) = backups.backups(book)
    assert kept.path == book.parent / ".refundbook" / "backups" / kept.name
    assert kept.path.read_bytes() == before
    assert kept.path.stat().st_mode & 0o777 == 0o640
    assert kept.made == datetime(2023, 11, 5, 9, 30)


def test_a_later_save_of_the_day_keeps_nothing_more_and_the_next_day_does(book: Path) -> None:
    enter(book, "A-1", datetime(2023, 11, 5, 9, 30))
    enter(book, "A-2", datetime(2023, 11, 5, 23, 59))
    assert len(names(book)) == 1
    second = book.read_bytes()
    enter(book, "A-3", datetime(2023, 11, 6, 0, 0, 1))
    newest, _ = backups.backups(book)
    assert newest.path.read_bytes() == second


def test_the_day_is_the_workbooks_day(tmp_path: Path) -> None:
    """At 20:00 in UTC it is the next day in Shanghai."""
    book = build(tmp_path / "tracker.xlsx", f'setting "Time zone=Asia/Shanghai" ; {OLD}')
    for number, moment in (("A-1", "2023-11-05T10:00:00+00:00"), ("A-2", "2023-11-05T20:00:00+00:00")):
        enter(book, number, datetime.fromisoformat(moment))
    assert names(book) == ["tracker.xlsx.2023-11-06T04-00-00.xlsx", "tracker.xlsx.2023-11-05T18-00-00.xlsx"]


def test_a_backup_is_a_file_of_its_own(book: Path) -> None:
    """A hard link would change with a workbook that another program writes in place, where a crash came before the
    swap.
    """
    held = WorkbookFile(book)
    held.read()
    kept = backups.back_up(held, datetime(2023, 11, 5, 12))
    assert kept.path.stat().st_nlink == 1
    before = kept.path.read_bytes()
    assert before == book.read_bytes()
    with book.open("r+b") as file:
        file.write(b"spoilt")
    assert kept.path.read_bytes() == before


def test_reading_and_what_changes_nothing_keep_nothing(book: Path) -> None:
    run("tracker", book=book)
    run("append", "case", "A-1", "--opened", "2023-11-01", "--dry-run", book=book)
    run("append", "case", "OLD-1", "--opened", "2023-11-01", book=book)
    load(book).save()
    assert names(book) == []


def test_the_newest_ten_are_kept(book: Path) -> None:
    for n in range(13):
        enter(book, f"A-{n}", date(2023, 11, 5) + timedelta(n))
    assert len(names(book)) == backups.KEPT == 10
    assert names(book)[0].startswith("tracker.xlsx.2023-11-17")
    assert names(book)[-1].startswith("tracker.xlsx.2023-11-08")


def test_only_backups_of_this_workbook_are_counted_and_removed(book: Path) -> None:
    other = build(book.with_name("other.xlsx"), OLD)
    enter(other, "A-1", date(2023, 11, 5))
    enter(book, "A-1", date(2023, 11, 5))
    folder = book.parent / ".refundbook" / "backups"
    mine = ["tracker.xlsx.before the move.xlsx", "tracker.xlsx.2023-02-31T00-00-00.xlsx", "tracker.2023-01-01T00-00-00.xlsx"]  # fmt: skip
    for name in mine:
        (folder / name).write_bytes(b"mine")
    for n in range(12):
        enter(book, f"B-{n}", date(2023, 12, 5) + timedelta(n))
    assert len(names(book)) == 10
    assert len(names(other)) == 1
    assert all((folder / name).exists() for name in mine)


@pytest.mark.parametrize(("setting", "count"), [("On", 1), ("", 1), ("perhaps", 1), ("Off", 0), ("off", 0)])
def test_one_setting_turns_them_off(tmp_path: Path, setting: str, count: int) -> None:
    book = build(tmp_path / "tracker.xlsx", f'setting "Backups={setting}" ; {OLD}')
    enter(book, "A-1", date(2023, 11, 5))
    assert len(names(book)) == count
    found = [finding.message for finding in load(book).check() if finding.code == "RB157"]
    assert found == (['Backups is "perhaps"; it must be On, Off.'] if setting == "perhaps" else [])


def test_without_a_backup_nothing_is_saved(book: Path) -> None:
    (book.parent / ".refundbook").write_text("in the way")
    before = book.read_bytes()
    with pytest.raises(
        CannotWrite, match=r"its backup of the day cannot be made.* or turn Backups off on the Settings"
    ):
        enter(book, "A-1", date(2023, 11, 5))
    assert book.read_bytes() == before


def test_half_a_backup_that_a_crash_left_is_no_backup(book: Path) -> None:
    folder = book.parent / ".refundbook" / "backups"
    folder.mkdir(parents=True)
    (folder / ".tracker.xlsx.2023-11-05T23-59-59.xlsx.new").write_bytes(b"half")
    assert names(book) == []
    enter(book, "A-1", date(2023, 11, 5))
    assert [entry.name for entry in folder.iterdir()] == ["tracker.xlsx.2023-11-05T23-59-59.xlsx"]


# Bringing one back


@pytest.fixture
def kept(book: Path) -> Path:
    """Three days of one entry each, so three backups: 3 has nothing new, 2 has A-1, 1 has A-1 and A-2."""
    for n in (1, 2, 3):
        enter(book, f"A-{n}", date(2023, 11, n))
    return book


def test_the_list_has_them_newest_first(kept: Path) -> None:
    assert run("restore", book=kept).out.splitlines() == [
        " 1  2023-11-03 23:59:59  tracker.xlsx.2023-11-03T23-59-59.xlsx",
        " 2  2023-11-02 23:59:59  tracker.xlsx.2023-11-02T23-59-59.xlsx",
        " 3  2023-11-01 23:59:59  tracker.xlsx.2023-11-01T23-59-59.xlsx",
    ]
    listed = run("restore", "--json", book=kept).json
    assert (listed[0]["number"], listed[0]["made"]) == (1, "2023-11-03T23:59:59")
    assert Path(listed[0]["path"]).is_file()


def test_without_backups_the_list_says_so(book: Path) -> None:
    assert run("restore", book=book).out == "There are no backups of tracker.xlsx yet.\n"
    assert run("restore", "--json", book=book).json == []
    assert run("restore", "1", book=book).err == "refundbook: There is no backup \"1\" of tracker.xlsx. There are none yet: `refundbook restore` lists them.\n"  # fmt: skip


@pytest.mark.parametrize("which", ["2", "tracker.xlsx.2023-11-02T23-59-59.xlsx"])
def test_one_is_brought_back_by_number_or_name(kept: Path, which: str) -> None:
    wanted = backups.find(kept, "2").path.read_bytes()
    ran = run("restore", which, book=kept)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "Brought back tracker.xlsx as it was at 2023-11-02 23:59:59.",
        "What it replaced is kept too. To undo this: refundbook restore tracker.xlsx.2023-11-05T23-59-59.xlsx",
    ]
    assert kept.read_bytes() == wanted
    assert cases(kept) == ["A-1"]


def test_it_is_undone_by_the_name_that_it_says_and_that_again(kept: Path) -> None:
    before = kept.read_bytes()
    first = run("restore", "3", "--json", book=kept).json
    second = run("restore", first["replaced"], "--json", book=kept).json
    assert kept.read_bytes() == before
    assert second["replaced"] != first["replaced"]
    run("restore", second["replaced"], book=kept)
    assert cases(kept) == []
    assert len(names(kept)) == 6


def test_the_oldest_of_ten_can_be_brought_back_and_undone(book: Path) -> None:
    for n in range(10):
        enter(book, f"A-{n}", date(2023, 10, 5) + timedelta(n))
    before = book.read_bytes()
    done = backups.restore(book, "10", today=date(2023, 11, 5))
    assert cases(book) == []
    assert len(names(book)) == 10
    assert done.replaced is not None
    backups.restore(book, done.replaced.name, today=date(2023, 11, 5))
    assert book.read_bytes() == before


def test_backups_that_are_turned_off_are_still_made_by_a_restore(tmp_path: Path) -> None:
    book = build(tmp_path / "tracker.xlsx", OLD)
    enter(book, "A-1", date(2023, 11, 5))
    build(book, f"setting Backups=Off ; {OLD}")
    off = book.read_bytes()
    done = backups.restore(book, "1", today=date(2023, 11, 6))
    assert done.replaced is not None
    assert done.replaced.path.read_bytes() == off


@pytest.mark.parametrize("damage", [b"", b"not a workbook"])
def test_a_damaged_workbook_can_be_replaced_by_a_backup(kept: Path, damage: bytes) -> None:
    kept.write_bytes(damage)
    assert run("check", book=kept).code == 4
    assert run("restore", "1", book=kept).code == 0
    assert cases(kept) == ["A-1", "A-2"]


@pytest.mark.posix("files have no mode on Windows")
def test_a_workbook_that_is_gone_comes_back_with_its_mode(kept: Path) -> None:
    backups.find(kept, "1").path.chmod(0o640)
    kept.unlink()
    ran = run("restore", "1", book=kept)
    assert ran.out == "Brought back tracker.xlsx as it was at 2023-11-03 23:59:59.\n"
    assert cases(kept) == ["A-1", "A-2"]
    assert kept.stat().st_mode & 0o777 == 0o640


def test_a_damaged_backup_is_not_brought_back(kept: Path) -> None:
    before = kept.read_bytes()
    backups.find(kept, "1").path.write_bytes(b"spoilt")
    with pytest.raises(UnreadableWorkbook, match=r"2023-11-03T23-59-59\.xlsx cannot be brought back"):
        backups.restore(kept, "1")
    assert kept.read_bytes() == before
    assert len(names(kept)) == 3


def test_a_workbook_that_is_open_elsewhere_is_not_replaced(kept: Path) -> None:
    owner = kept.with_name("~$tracker.xlsx")
    owner.write_bytes(b"\x03ana")
    before = kept.read_bytes()
    with pytest.raises(Busy, match="open in Excel by ana"):
        backups.restore(kept, "1")
    assert (kept.read_bytes(), len(names(kept))) == (before, 3)
    assert run("restore", "1", "--ignore-open", book=kept).code == 0
    assert cases(kept) == ["A-1", "A-2"]


@pytest.mark.parametrize("which", ["0", "4", "-1", "tracker.xlsx", "../../tracker.xlsx", "²"])
def test_a_backup_that_there_is_not_is_said(kept: Path, which: str) -> None:
    with pytest.raises(UnknownEntry, match="There are 3: `refundbook restore` lists them"):
        backups.restore(kept, which)


def test_what_waits_in_the_inbox_is_not_touched_by_a_restore(kept: Path) -> None:
    owner = kept.with_name("~$tracker.xlsx")
    owner.write_bytes(b"\x03ana")
    run("append", "case", "A-4", "--opened", "2023-11-01", book=kept)
    owner.unlink()
    run("restore", "1", book=kept)
    assert [str(waiting) for waiting in Inbox(kept).entries()] == ["case A-4"]
    run("inbox", "enter", book=kept)
    assert cases(kept) == ["A-1", "A-2", "A-4"]


def test_a_restore_after_a_crash_leaves_what_was_entered_in_the_workbook_that_it_replaces(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The backup is then the very file that the entries went into, as it was before."""
    owner = book.with_name("~$tracker.xlsx")
    owner.write_bytes(b"\x03ana")
    run("append", "case", "A-1", "--opened", "2023-09-01", book=book)
    owner.unlink()
    write = Inbox._write

    def crash(inbox: Inbox, mark: Any, waiting: Any) -> None:
        if mark is None:
            raise ZeroDivisionError
        write(inbox, mark, waiting)

    with monkeypatch.context() as crashing:
        crashing.setattr(Inbox, "_write", crash)
        assert run("inbox", "enter", book=book).code == 70
    assert cases(book) == ["A-1"]
    run("restore", "1", book=book)
    assert cases(book) == []
    assert not Inbox(book).entries()


@pytest.mark.posix("files have no mode on Windows")
def test_the_folder_has_the_permissions_of_the_one_that_it_stands_in(book: Path) -> None:
    book.parent.chmod(0o750)
    before = os.umask(0o000)
    try:
        enter(book, "A-1", date(2023, 11, 5))
    finally:
        os.umask(before)
    for folder in (book.parent / ".refundbook", book.parent / ".refundbook" / "backups"):
        assert folder.stat().st_mode & 0o777 == 0o750


@pytest.mark.parametrize("damage", ["cut short", "a part that is no XML"])
def test_a_damaged_workbook_is_refused_with_the_way_to_its_backups(tmp_path: Path, damage: str) -> None:
    book = sample_at(tmp_path / "b.xlsx")
    if damage == "cut short":
        book.write_bytes(book.read_bytes()[:-100])
    else:
        parcel = Parcel(book)
        parcel.parts[parcel.table("Cases")] = b"<table"
        parcel.save(book)
    for command in (["list"], ["append", "case", "GTB-1", "--opened", "2023-11-01"]):
        ran = run(*command, book=book)
        assert ran.code == 4
        assert "Excel may repair it (File > Open > Open and Repair); `refundbook restore` lists its backups." in ran.err

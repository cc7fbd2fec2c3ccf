"""Two computers with one synced folder, which both wrote before the sync client brought either's work to the other."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from refundbook.record.history.chain import Line
from refundbook.record.history.words import events
from refundbook.storage.history_reader import told_lines, verified
from tests.support.command import Ran, run
from tests.support.samples import bare_sample_at, load

BOOK = "tracker.xlsx"
JOURNAL = ".refundbook/tracker.xlsx.journal.jsonl"


class Computer(NamedTuple):
    """A folder of its own, what is known there of the workbook, and a user."""

    folder: Path

    @property
    def book(self) -> Path:
        return self.folder / BOOK

    def run(self, *args: str | Path, book: Path | None = None) -> Ran:
        here = {"REFUNDBOOK_CACHE": str(self.folder.with_suffix(".cache")), "REFUNDBOOK_USER": self.folder.name}
        return run(*args, book=book or self.book, **here)

    def says(self, summary: str) -> None:
        """Enter a message."""
        case = ("GTB-789045", "--date", "2023-11-03", "--with", "Support")
        assert self.run("append", "communication", *case, "--summary", summary).code == 0

    def findings(self) -> set[tuple[str, str]]:
        """What the rules find in the folder and in the history: code, and file or sheet."""
        found = self.run("check", "--json").json[0]["findings"]
        return {(one["code"], one["sheet"]) for one in found if one["code"][:4] in ("RB15", "RB17", "RB27")}

    def kinds(self) -> list[str]:
        return [line.header["kind"] for line in told_lines(self.book)]


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Computer, Computer]:
    """Two computers with the same files."""
    one, two = Computer(tmp_path / "one"), Computer(tmp_path / "two")
    one.folder.mkdir()
    bare_sample_at(one.book)
    one.says("Common")
    shutil.copytree(one.folder, two.folder)
    assert two.run("show", "GTB-789045").code == 0
    return one, two


def forked(pair: tuple[Computer, Computer]) -> tuple[Computer, Computer]:
    """Both wrote: the one a message, the other two."""
    one, two = pair
    one.says("One")
    two.says("Two")
    two.says("Two again")
    return one, two


def entries(book: Path) -> dict[object, object]:
    log = load(book, strict=False).records.communications
    return dict(zip(log["entry"], log["summary"], strict=True))


def given_out(*lines: Line) -> list[tuple[int, object]]:
    """Each entry number that commands gave out, with what was entered under it."""
    changes = [c for line in lines if line.header["kind"] == "command" for c in line.changes if c is not None]
    return [(c.entry, c.after["Summary"]) for c in changes if c.entry is not None and c.after is not None]


Named = Callable[[str], str]
CLIENTS = {
    "Dropbox": " (two's conflicted copy 2026-11-29)",
    "Nextcloud": " (conflicted copy 2026-11-29 101112)",
    "Syncthing": ".sync-conflict-20261129-101112-ABCDEF1",
    "OneDrive": "-DESKTOP-1A2B3C",
    "Google Drive": " (1)",
    "iCloud Drive": " 2",
}
"""What each puts between the name of a file and its suffix."""


@pytest.fixture(params=CLIENTS)
def named(request: pytest.FixtureRequest) -> Named:
    """How a sync client names what it keeps beside a file."""
    return lambda name: CLIENTS[request.param].join(_parted(name))


def _parted(name: str) -> tuple[str, str]:
    stem, _, suffix = name.rpartition(".")
    return stem, f".{suffix}"


def test_both_files_kept_under_two_names_are_told_and_nothing_is_merged(
    pair: tuple[Computer, Computer], named: Named
) -> None:
    one, two = forked(pair)
    theirs, journal = one.book.with_name(named(BOOK)), (one.folder / JOURNAL).with_name(named(Path(JOURNAL).name))
    shutil.copy(two.book, theirs)
    shutil.copy(two.folder / JOURNAL, journal)
    kept = theirs.read_bytes(), journal.read_bytes()
    assert one.findings() == {("RB158", theirs.name), ("RB173", f".refundbook/{journal.name}")}
    one.says("Later")
    assert (theirs.read_bytes(), journal.read_bytes()) == kept
    assert one.kinds() == ["begin", "command", "command", "command"]
    assert verified(one.book).problems == ()
    assert list(entries(one.book).values())[-3:] == ["Common", "One", "Later"]


def test_an_entry_number_that_the_other_computer_gave_out_is_not_given_out_again(
    pair: tuple[Computer, Computer], named: Named
) -> None:
    one, two = forked(pair)
    journal = (one.folder / JOURNAL).with_name(named(Path(JOURNAL).name))
    shutil.copy(two.folder / JOURNAL, journal)
    one.says("Later")
    journal.unlink()
    one.says("Still later")
    assert list(entries(two.book))[-1] == 10
    assert [number for number, _ in given_out(*told_lines(one.book))] == [8, 9, 11, 12]


def test_their_workbook_in_the_place_of_ours_is_no_edit_by_hand(pair: tuple[Computer, Computer], named: Named) -> None:
    one, two = forked(pair)
    journal = (one.folder / JOURNAL).with_name(named(Path(JOURNAL).name))
    shutil.copy(two.book, one.book)
    shutil.copy(two.folder / JOURNAL, journal)
    assert one.findings() == {("RB173", f".refundbook/{journal.name}")}
    one.says("Later")
    assert one.kinds() == ["begin", "command", "command", "other", "command"]
    event = events(told_lines(one.book))[3]
    assert "on another computer" in event.title
    assert journal.name in event.told[0]
    assert any("One → Two" in text for text in event.told)
    assert verified(one.book).problems == ()
    assert journal.exists()


def test_their_history_in_the_place_of_ours_is_no_edit_by_hand(pair: tuple[Computer, Computer], named: Named) -> None:
    one, two = forked(pair)
    journal = (one.folder / JOURNAL).with_name(named(Path(JOURNAL).name))
    shutil.copy(one.folder / JOURNAL, journal)
    shutil.copy(two.folder / JOURNAL, one.folder / JOURNAL)
    one.says("Later")
    assert one.findings() == {("RB173", f".refundbook/{journal.name}")}
    assert one.kinds() == ["begin", "command", "command", "command", "other", "command"]
    assert verified(one.book).problems == ()
    assert list(entries(one.book))[-1] == 11


def test_where_ours_was_written_over_our_commands_are_no_edit_by_hand(pair: tuple[Computer, Computer]) -> None:
    one, two = forked(pair)
    shutil.copy(two.folder / JOURNAL, one.folder / JOURNAL)
    one.says("Later")
    assert one.kinds() == ["begin", "command", "command", "command", "outside", "command"]


def test_a_workbook_that_comes_before_its_history_is_told_right_once_that_is_there(
    pair: tuple[Computer, Computer], named: Named
) -> None:
    """Two alone wrote. Here the workbook is looked at before the rest has come: our line makes the other one a conflict."""
    one, two = pair
    two.says("Two")
    shutil.copy(two.book, one.book)
    assert one.run("check").code == 0
    assert one.kinds()[-1] == "hand"
    journal = (one.folder / JOURNAL).with_name(named(Path(JOURNAL).name))
    shutil.copy(two.folder / JOURNAL, journal)
    assert one.kinds()[-1] == "other"
    assert one.findings() == {("RB173", f".refundbook/{journal.name}")}


def test_a_history_that_comes_before_its_workbook_leaves_no_warning(pair: tuple[Computer, Computer]) -> None:
    one, two = pair
    two.says("Two")
    shutil.copy(two.folder / JOURNAL, one.folder / JOURNAL)
    assert one.findings() == {("RB172", JOURNAL)}
    shutil.copy(two.book, one.book)
    assert one.findings() == set()
    one.says("One")
    assert "hand" not in one.kinds()
    assert [number for number, _ in given_out(*told_lines(one.book))] == [8, 9, 10]


def test_their_copy_of_the_workbook_finds_its_history(pair: tuple[Computer, Computer], named: Named) -> None:
    one, two = forked(pair)
    theirs, journal = one.book.with_name(named(BOOK)), (one.folder / JOURNAL).with_name(named(Path(JOURNAL).name))
    shutil.copy(two.book, theirs)
    shutil.copy(two.folder / JOURNAL, journal)
    told = one.run("history", book=theirs).out
    assert "Summary Two again" in told
    assert verified(theirs).problems == ()
    assert [line.header["kind"] for line in told_lines(theirs)] == ["begin", "command", "command", "command", "renamed"]
    assert one.findings() == {("RB158", theirs.name)}
    theirs.unlink()
    assert one.findings() == {("RB173", f".refundbook/{theirs.name}.journal.jsonl")}


def test_erasing_names_the_other_history_which_it_does_not_reach(pair: tuple[Computer, Computer], named: Named) -> None:
    one, two = forked(pair)
    journal = (one.folder / JOURNAL).with_name(named(Path(JOURNAL).name))
    shutil.copy(two.folder / JOURNAL, journal)
    assert journal.name in one.run("history", "--forget", "GTB-789045").out


@pytest.mark.parametrize(
    "end",
    [b"", b'{"changes":[],"hash":"', b'{"changes":[],"hash":"a","header":{"entry":"x","line":9,"workbook":""}}\n'],
)
def test_one_that_cannot_be_read_stands_in_nobodys_way(pair: tuple[Computer, Computer], end: bytes) -> None:
    one, two = forked(pair)
    journal = (one.folder / JOURNAL).with_name("tracker.xlsx.journal (1).jsonl")
    journal.write_bytes(end)
    shutil.copy(two.book, one.book)
    one.says("Later")
    assert one.kinds() == ["begin", "command", "command", "hand", "command"]
    assert ("RB173", f".refundbook/{journal.name}") in one.findings()


def test_what_is_stamped_is_the_line_as_it_stands(pair: tuple[Computer, Computer], tmp_path: Path) -> None:
    one, two = pair
    two.says("Two")
    shutil.copy(two.book, one.book)
    assert one.run("check").code == 0
    shutil.copy(two.folder / JOURNAL, (one.folder / JOURNAL).with_name("tracker.xlsx.journal (1).jsonl"))
    assert one.kinds()[-1] == "other"
    assert one.run("history", "--stamp-request", tmp_path / "head.tsq").code == 0
    head = one.run("history", "--head").out.split()[1]
    assert bytes.fromhex(head) in (tmp_path / "head.tsq").read_bytes()

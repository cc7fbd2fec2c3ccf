"""A sync client's conflict copy beside the workbook is pointed out, and no other file is."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Literal

import pytest

from refundbook.record.rules import conflict_copies, lost_inboxes
from refundbook.storage.case_numbers import case_numbers_of
from refundbook.storage.inbox import Inbox
from tests.support.books import SAMPLE, filled
from tests.support.command import run
from tests.support.samples import load, sample_at

pytestmark = pytest.mark.slow

DROPBOX = "Dropbox (help.dropbox.com/syncing-uploads/conflicted-copy), in the language of the client"
EXPLORER = "Windows Explorer, in the language of Windows"
FINDER = "Finder, in the language of macOS"
GNOME = "GNOME's file manager, in the language of the desktop"
EXCEL = "Excel, of a file that it recovered or repaired"
DRIVE = "Google Drive and Sheets, 'Make a copy', in the language of the account"
ONEDRIVE = (
    "OneDrive: the computer's name behind a hyphen (support.microsoft.com, 'Restrictions and limitations in OneDrive')"
)
COPIES = {
    "tracker (conflicted copy).xlsx": DROPBOX,
    "tracker (Mia's conflicted copy 2023-10-28).xlsx": DROPBOX,
    "tracker (In Konflikt stehende Kopie von Mia 2023-10-28).xlsx": DROPBOX,
    "tracker (Copie en conflit de Mia 2023-10-28).xlsx": DROPBOX,
    "tracker (Copia en conflicto de Mia 2023-10-28).xlsx": DROPBOX,
    "tracker (Copia in conflitto di Mia 2023-10-28).xlsx": DROPBOX,
    "tracker (Cópia em conflito de Mia 2023-10-28).xlsx": DROPBOX,
    "tracker (Conflicterende kopie van Mia 2023-10-28).xlsx": DROPBOX,
    "tracker (kopia powodująca konflikt Mia 2023-10-28).xlsx": DROPBOX,
    "tracker (konfliktní kopie Mia 2023-10-28).xlsx": DROPBOX,
    "tracker (สำเนาที่ขัดแย้งของ Mia 2023-10-28).xlsx": DROPBOX,
    "tracker (Mias konfliktkopia 2023-10-28).xlsx": DROPBOX,
    "tracker (конфликтующая копия Mia 2023-10-28).xlsx": DROPBOX,
    "tracker (Mia の競合コピー 2023-10-28).xlsx": DROPBOX,
    "tracker (Mia 的冲突副本 2023-10-28).xlsx": DROPBOX,
    "tracker (Mia 的衝突複本 2023-10-28).xlsx": DROPBOX,
    "tracker (Mia의 충돌하는 사본 2023-10-28).xlsx": DROPBOX,
    "tracker (Case Conflict).xlsx": DROPBOX,
    "tracker (SFConflict mia@example.com 2023-10-28-10-11-12).xlsx": "Seafile (manual.seafile.com, file conflicts)",
    "tracker (conflicted copy 2023-10-28 101112).xlsx": "Nextcloud (docs.nextcloud.com, desktop client, conflicts)",
    "tracker_conflict-20231028-101112.xlsx": "ownCloud before 2.5 (doc.owncloud.com, desktop app, conflicts)",
    "tracker.sync-conflict-20231028-101112-ABCDEF1.xlsx": "Syncthing (docs.syncthing.net/users/syncing.html)",
    "tracker.Conflict.xlsx": "Resilio Sync (help.resilio.com, conflicts)",
    "tracker (1).xlsx": "Google Drive for desktop",
    "tracker(2).xlsx": "OneDrive on the web",
    "tracker-PC.xlsx": ONEDRIVE,
    "tracker-DESKTOP-1A2B3C.xlsx": ONEDRIVE,
    "tracker-Zoe’s MacBook Pro.xlsx": ONEDRIVE,
    "tracker-Zoe's iMac.xlsx": ONEDRIVE,
    "tracker-MacBook Air von Zoe.xlsx": ONEDRIVE,
    "tracker-MacBook Pro de Zoé.xlsx": ONEDRIVE,
    "tracker-Zoes-MBP.local.xlsx": ONEDRIVE,
    "tracker 2.xlsx": "iCloud Drive",
    "tracker 13.xlsx": "iCloud Drive",
    "tracker copy.xlsx": FINDER,
    "tracker copy 2.xlsx": FINDER,
    "tracker Kopie.xlsx": FINDER,
    "trackerのコピー.xlsx": FINDER,
    "tracker - Copy.xlsx": EXPLORER,
    "tracker - Copy (2).xlsx": EXPLORER,
    "tracker - Kopie.xlsx": EXPLORER,
    "tracker - Copie (3).xlsx": EXPLORER,
    "tracker - copia.xlsx": EXPLORER,
    "tracker - Cópia.xlsx": EXPLORER,
    "tracker - kopia.xlsx": EXPLORER,
    "tracker – kopia.xlsx": EXPLORER,
    "tracker - Копия.xlsx": EXPLORER,
    "tracker - コピー.xlsx": EXPLORER,
    "tracker - 副本.xlsx": EXPLORER,
    "tracker — копия.xlsx": EXPLORER,
    "tracker — копия (2).xlsx": EXPLORER,
    "tracker - Copy - Copy.xlsx": EXPLORER,
    "tracker - Copy (2) - Copy.xlsx": EXPLORER,
    "tracker - עותק.xlsx": EXPLORER,
    "Tracker - Copy.XLSX": EXPLORER,
    "tracker拷贝.xlsx": FINDER,
    "tracker 副本 2.xlsx": FINDER,
    "tracker의 사본.xlsx": FINDER,
    "tracker copy 3 2.xlsx": FINDER,
    "tracker (1) (1).xlsx": "browsers, of a file that was downloaded and sent again",
    "tracker-DESKTOP-1A2B3C-2.xlsx": ONEDRIVE,
    "tracker-Zoes iPad.xlsx": ONEDRIVE,
    "tracker (copy).xlsx": GNOME,
    "tracker (another copy).xlsx": GNOME,
    "tracker (3rd copy).xlsx": GNOME,
    "tracker (Kopie).xlsx": GNOME,
    "tracker (Copy 2).xlsx": GNOME,
    "tracker (AutoRecovered).xlsx": EXCEL,
    "tracker (version 1).xlsx": EXCEL,
    "tracker [Repaired].xlsx": EXCEL,
    "Copy of Copy of tracker.xlsx": DRIVE,
    "Copy of tracker (1).xlsx": DRIVE,
    "「tracker」のコピー.xlsx": DRIVE,
    "نسخة من tracker.xlsx": DRIVE,
    "Kopie souboru tracker.xlsx": DRIVE,
    "Copy of tracker.xlsx": DRIVE,
    "Kopie von tracker.xlsx": DRIVE,
    "Copie de tracker.xlsx": DRIVE,
    "Copia de tracker.xlsx": DRIVE,
    "Copia di tracker.xlsx": DRIVE,
    "Cópia de tracker.xlsx": DRIVE,
    "Kopie van tracker.xlsx": DRIVE,
    "Kopia tracker.xlsx": DRIVE,
}
"""By whom a copy is called so."""
CERTAIN = ("onfli", "онфли", "競合", "冲突", "衝突", "충돌", "ขัดแย้ง")
OTHERS = [
    "tracker 2022.xlsx",
    "tracker-2022.xlsx",
    "tracker-old.xlsx",
    "tracker-archive.xlsx",
    "tracker archive.xlsx",
    "tracker 2024.xlsx",
    "tracker 24.xlsx",
    "tracker 1.xlsx",
    "tracker v2.xlsx",
    "tracker-copyright.xlsx",
    "trackercopy.xlsx",
    "tracker (my copy of May).xlsx",
    "tracker (version of May).xlsx",
    "Copy of Copy of trackers.xlsx",
    "tracker-PAD.csv",
    "tracker copying.xlsx",
    "Copy of other tracker.xlsx",
    "Copy of trackers.xlsx",
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
    (finding,) = conflict_copies(book, case_numbers_of)
    assert (finding.code, finding.value) == ("RB158", name)
    assert finding.where == name


@pytest.mark.parametrize("name", OTHERS)
def test_another_file_is_not(book: Path, name: str) -> None:
    book.with_name(name).write_bytes(b"")
    assert list(conflict_copies(book, case_numbers_of)) == []


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    "name", ["tracker - Cópia.xlsx", "tracker - コピー.xlsx", "tracker (Cópia em conflito de Zoé).xlsx"]
)
def test_it_is_told_however_the_system_writes_its_accents(book: Path, name: str, form: Literal["NFC", "NFD"]) -> None:
    book.with_name(unicodedata.normalize(form, name)).write_bytes(b"")
    assert len(list(conflict_copies(book, case_numbers_of))) == 1


def likely() -> list[str]:
    return [name for name in COPIES if not any(word in name for word in CERTAIN)]


@pytest.mark.parametrize("name", likely())
def test_a_workbook_of_other_cases_is_none_where_only_its_name_says_so(book: Path, name: str) -> None:
    others = [{**SAMPLE.cases[0], "number": f"GTB-5000{n:02}"} for n in range(9)]
    filled(book.with_name(name), others, [], [])
    assert list(conflict_copies(book, case_numbers_of)) == []
    filled(book.with_name(name), [], [], [])
    assert list(conflict_copies(book, case_numbers_of)) == []


@pytest.mark.parametrize("name", likely())
def test_a_workbook_of_mostly_the_same_cases_is_one(book: Path, name: str) -> None:
    more = [{**SAMPLE.cases[0], "number": f"GTB-5000{n:02}"} for n in range(3)]
    for cases in (SAMPLE.cases, [*SAMPLE.cases, *more], SAMPLE.cases[:1]):
        filled(book.with_name(name), cases, [], [])
        (finding,) = conflict_copies(book, case_numbers_of)
        assert finding.value == name


def test_a_copy_that_says_so_is_one_whatever_it_holds(book: Path) -> None:
    filled(book.with_name("tracker (conflicted copy).xlsx"), [{**SAMPLE.cases[0], "number": "GTB-500000"}], [], [])
    assert len(list(conflict_copies(book, case_numbers_of))) == 1


def test_no_workbook_is_read_where_no_name_is_like_its_own(book: Path) -> None:
    sample_at(book.with_name("tracker 2024.xlsx"))
    read: list[Path] = []

    def noted(path: Path) -> frozenset[str]:
        read.append(path)
        return frozenset()

    assert list(conflict_copies(book, noted)) == []
    assert read == []


def test_a_copy_by_the_name_of_this_computer_is_one(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "Mias-MacBook-Pro.local")
    book.with_name("tracker-Mias-MacBook-Pro.local.xlsx").write_bytes(b"")
    assert len(list(conflict_copies(book, case_numbers_of))) == 1


def test_check_says_it_and_does_not_fail_for_it(book: Path) -> None:
    book.with_name("tracker-PC.xlsx").write_bytes(b"")
    ran = run("check", book=book)
    assert ran.code == 0
    assert ran.out.startswith(
        'tracker-PC.xlsx: warning RB158: "tracker-PC.xlsx" beside the workbook looks like a copy of it'
    )
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

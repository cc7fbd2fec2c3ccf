"""Somebody else may write to the workbook's folder, and puts links, folders and pipes where refundbook is about to
open, make or rename something.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from refundbook import RefundbookError
from refundbook.storage.backups import backups
from refundbook.storage.inbox import Inbox
from refundbook.storage.workbook_file import WorkbookFile
from refundbook.system.nofollow import Unfit, delete, open_file, open_folder
from tests.support.command import run
from tests.support.samples import load, sample_at
from tests.support.systems import make_pipe

pytestmark = [pytest.mark.slow, pytest.mark.posix("links are made and raced with by POSIX calls")]

CASE = ("append", "case", "GTB-789100", "--opened", "2023-11-01")
SECONDS = 60 if os.environ.get("REFUNDBOOK_LONG_TESTS") else 1
IS_ROOT = os.name == "posix" and os.geteuid() == 0


@pytest.fixture
def shop() -> Iterator[Path]:
    """A folder that anybody may write to."""
    folder = Path(os.path.realpath(tempfile.mkdtemp(prefix="refundbook-links-")))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def book(shop: Path) -> Path:
    made = sample_at(shop / "tracker.xlsx")
    made.chmod(0o664)
    return made


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file that only this user may read."""
    made = tmp_path / "private.key"
    made.write_text("secret")
    made.chmod(0o600)
    return made


def numbers(book: Path) -> list[object]:
    return list(load(book).records.cases["number"])


def is_private(secret: Path) -> bool:
    return secret.stat().st_mode & 0o777 == 0o600 and secret.stat().st_uid == os.geteuid()


# The lock


def test_a_link_at_the_locks_place_opens_nothing_up(book: Path, secret: Path) -> None:
    book.with_name(".tracker.xlsx.lock").symlink_to(secret)
    ran = run(*CASE, book=book)
    assert (ran.code, is_private(secret), secret.read_text()) == (3, True, "secret")
    assert f"cannot be locked: {book.with_name('.tracker.xlsx.lock')} is a symbolic link" in ran.err
    assert "GTB-789100" not in numbers(book)


def test_a_link_at_the_locks_place_that_leads_nowhere_makes_no_file(book: Path, tmp_path: Path) -> None:
    book.with_name(".tracker.xlsx.lock").symlink_to(tmp_path / "made")
    assert run(*CASE, book=book).code == 3
    assert not (tmp_path / "made").exists()


def test_a_second_name_of_a_private_file_at_the_locks_place_opens_nothing_up(book: Path, shop: Path) -> None:
    private = shop / "private.key"
    private.touch(0o600)
    private.chmod(0o600)
    book.with_name(".tracker.xlsx.lock").hardlink_to(private)
    assert run(*CASE, book=book).code == 0
    assert is_private(private)


@pytest.mark.parametrize(("make", "said"), [(Path.mkdir, "is a folder"), (make_pipe, "is a device or pipe")])
def test_what_else_stands_at_the_locks_place_is_said(book: Path, make: Callable[[Path], None], said: str) -> None:
    make(book.with_name(".tracker.xlsx.lock"))
    ran = run(*CASE, book=book)
    assert ran.code == 3
    assert f".tracker.xlsx.lock {said}, where a file should be: move it away. Nothing was written." in ran.err


def test_a_lock_is_held_on_the_file_that_stands_there(book: Path, shop: Path) -> None:
    """One that was moved away while it was opened holds nobody off."""
    lock = book.with_name(".tracker.xlsx.lock")
    with WorkbookFile(book).locked():
        held = lock.stat().st_ino
    lock.rename(shop / "aside")
    with WorkbookFile(book).locked():
        assert lock.stat().st_ino != held


# The folder for inbox and backups


@pytest.mark.parametrize("where", [".refundbook", ".refundbook/backups"])
def test_no_backup_goes_through_a_link(book: Path, tmp_path: Path, where: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    shutil.rmtree(book.parent / ".refundbook", ignore_errors=True)
    (book.parent / where).parent.mkdir(exist_ok=True)
    (book.parent / where).symlink_to(elsewhere)
    ran = run(*CASE, book=book)
    assert ran.code == 3
    assert f"{book.parent / where} is a symbolic link" in ran.err
    assert list(elsewhere.iterdir()) == []
    assert elsewhere.stat().st_mode & 0o777 == 0o700
    assert "GTB-789100" not in numbers(book)


def test_no_entry_is_kept_through_a_link(book: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (book.parent / ".refundbook").symlink_to(tmp_path / "elsewhere")
    book.with_name("~$tracker.xlsx").write_bytes(b"\x03ana")
    ran = run(*CASE, book=book)
    assert ran.code == 3
    assert ".refundbook is a symbolic link" in ran.err
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_an_inbox_that_is_a_link_is_neither_read_nor_replaced(book: Path, secret: Path) -> None:
    file = Inbox(book).file
    file.parent.mkdir()
    file.symlink_to(secret)
    for args in (CASE, ("inbox",)):
        ran = run(*args, book=book)
        assert ran.code == 3
        assert "is not a file: move it away" in ran.err
        assert "secret" not in ran.out + ran.err
    assert file.is_symlink()


def test_a_link_is_no_backup(book: Path, secret: Path) -> None:
    assert run(*CASE, book=book).code == 0
    (kept,) = backups(book)
    kept.path.with_name("tracker.2023-11-01T10-00-00.xlsx").symlink_to(secret)
    kept.path.with_name("tracker.xlsx.2023-11-01T10-00-00.xlsx").symlink_to(secret)
    assert backups(book) == [kept]


def test_a_backup_holds_what_was_read_and_never_what_was_put_there_since(book: Path, secret: Path) -> None:
    held = WorkbookFile(book)
    held.read()
    book.rename(book.with_name("aside"))
    book.symlink_to(secret)
    with pytest.raises(OSError, match="symbolic link"):
        held.read_again()


# What a person names


@pytest.mark.parametrize("args", [("due", "--ics"), ("insights", "--html")])
def test_a_page_or_calendar_is_not_made_where_a_link_leads(book: Path, tmp_path: Path, args: tuple[str, ...]) -> None:
    (book.parent / "out").symlink_to(tmp_path / "made")
    ran = run(*args, str(book.parent / "out"), book=book)
    assert ran.code == 3
    assert "is a symbolic link that leads nowhere" in ran.err
    assert not (tmp_path / "made").exists()


@pytest.mark.skipif(not IS_ROOT, reason="only root may give a link away")
@pytest.mark.parametrize("args", [("due", "--ics"), ("insights", "--html")])
def test_another_users_link_is_not_followed(book: Path, tmp_path: Path, args: tuple[str, ...]) -> None:
    (tmp_path / "empty").touch()
    (book.parent / "out").symlink_to(tmp_path / "empty")
    os.lchown(book.parent / "out", 65534, 65534)
    ran = run(*args, str(book.parent / "out"), book=book)
    assert ran.code == 3
    assert "is a symbolic link that another user made" in ran.err
    assert (tmp_path / "empty").read_bytes() == b""


@pytest.mark.parametrize("args", [("due", "--ics"), ("insights", "--html")])
def test_a_page_or_calendar_is_never_waited_for(book: Path, args: tuple[str, ...]) -> None:
    make_pipe(book.parent / "out")
    ran = run(*args, str(book.parent / "out"), book=book)
    assert ran.code == 3
    assert "is a device or pipe" in ran.err


def test_init_makes_nothing_where_a_link_leads(shop: Path, tmp_path: Path) -> None:
    (shop / "new.xlsx").symlink_to(tmp_path / "made.xlsx")
    assert run("init", book=shop / "new.xlsx").code == 2
    assert not (tmp_path / "made.xlsx").exists()


# Paths without links


def test_a_link_on_any_part_of_a_real_path_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").write_text("x")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "real" / "link").symlink_to("file")
    os.close(open_file(tmp_path / "real" / "file"))
    with pytest.raises(Unfit, match="symbolic link"):
        delete(tmp_path / "link" / "file")
    assert (tmp_path / "real" / "file").exists()
    for path in (tmp_path / "link" / "file", tmp_path / "real" / "link"):
        with pytest.raises(Unfit, match="symbolic link"):
            open_file(path)
    with pytest.raises(Unfit, match="symbolic link"):
        open_folder(tmp_path / "link")
    with pytest.raises(NotADirectoryError):
        open_folder(tmp_path / "real" / "file")
    with pytest.raises(FileNotFoundError):
        open_file(tmp_path / "none" / "file")


# Races: whoever looks into the folder all the time sees a new file while it is written

ATTACK = """
import os, sys, time
folder, secret, how, seconds = sys.argv[1:]
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
os.chdir(folder)
os.mkdir("enemy"); os.symlink(secret, "enemy/new"); os.symlink(secret, "enemy/old")
print("ready", flush=True)
until = time.monotonic() + float(seconds)

def attempt(do, *args):
    try:
        do(*args)
    except OSError:
        return False
    return True

n = 0
while time.monotonic() < until:
    if how == "the lock":
        attempt(os.symlink, secret, ".tracker.xlsx.lock")
        time.sleep(0.002)
        attempt(os.unlink, ".tracker.xlsx.lock")
        continue
    if how == "the folder":
        n += 1
        attempt(os.symlink, os.path.dirname(secret), ".refundbook")
        time.sleep(0.002)
        attempt(os.unlink, ".refundbook")
        attempt(os.rename, ".refundbook", f"aside{n}")
        continue
    for name in os.listdir("."):
        if name.startswith(".tracker.xlsx") and name.endswith(".new"):
            n += 1
            if how == "the new file":
                # What stands there goes, and a link comes.
                attempt(os.rename, name, f"aside{n}")
                attempt(os.symlink, secret, name)
            elif how == "its folder":
                attempt(os.rename, name, f"aside{n}")
                attempt(os.mkdir, name)
                attempt(os.symlink, secret, f"{name}/new")
            else:
                attempt(os.unlink, f"{name}/new")
                attempt(os.symlink, secret, f"{name}/new")
"""
ATTACKS = ["the new file", "its folder", "the lock", "the folder", *(["within"] if IS_ROOT else [])]


@contextmanager
def enemy(folder: Path, secret: Path, how: str) -> Iterator[subprocess.Popen[bytes]]:
    """Another user at work in the folder, where root runs the tests, for some seconds."""
    command = [sys.executable, "-c", ATTACK, str(folder), str(secret), how, str(SECONDS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"ready\n"
        yield running


@pytest.mark.parametrize("how", ATTACKS)
def test_who_wins_every_race_in_the_folder_gets_nothing(book: Path, secret: Path, how: str) -> None:
    written = {book.read_bytes()}
    tries = 0
    with enemy(book.parent, secret, how) as running:
        while running.poll() is None:
            tries += 1
            data = b"%d " % tries * 50_000
            try:
                held = WorkbookFile(book)
                with held.locked():
                    held.read()
                    held.replace(data, keep=lambda at=held: at.make_home("backups"))  # type: ignore[misc]
            except RefundbookError:
                pass
            else:
                written.add(data)
            assert not book.is_symlink(), f"the workbook is a link after {tries}"
            assert is_private(secret), f"the secret is open after {tries}"
            assert book.read_bytes() in written
    assert tries > 10
    assert secret.read_text() == "secret"
    assert sorted(entry.name for entry in secret.parent.iterdir()) == ["private.key"]


def test_while_somebody_swaps_links_an_append_is_whole_or_refused(book: Path, secret: Path) -> None:
    begun, entered = time.monotonic(), 2
    with enemy(book.parent, secret, "the new file") as running:
        while running.poll() is None and time.monotonic() - begun < SECONDS:
            ran = run("append", "case", f"GTB-79{entered:04}", "--opened", "2023-11-01", book=book)
            assert ran.code in (0, 3), ran.err
            entered += ran.code == 0
            assert len(numbers(book)) == entered
            assert is_private(secret)
    assert entered > 2

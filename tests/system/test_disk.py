"""Disks that are full and files that may not be written: one clear sentence, exit code 3, and the workbook
as it was.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from refundbook.storage.inbox import Inbox
from tests.support.command import Ran, environment, run
from tests.support.ordinary import NOBODY
from tests.support.samples import load, sample_at

pytestmark = [pytest.mark.slow, pytest.mark.posix("full disks and lost permissions are made by POSIX calls")]

ROOT = Path(__file__).parents[2]
APPEND = ("append", "case", "GTB-789100", "--opened", "2023-11-01")
IS_ROOT = os.name == "posix" and os.geteuid() == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a megabyte."""
    if not IS_ROOT or sys.platform != "linux":
        pytest.skip("only root may mount a file system")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True, check=False)
    if mounted.returncode and not os.environ.get("CI"):
        pytest.skip("root may not mount a file system here")
    assert mounted.returncode == 0, mounted.stderr
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.fixture
def shop() -> Iterator[Path]:
    """A folder that any user may enter, as pytest's own is not."""
    folder = Path(tempfile.mkdtemp(prefix="refundbook-shop-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def by_an_ordinary_user(*args: str, book: Path, groups: str = "") -> Ran:
    """The command, run by a user whom permissions bind."""
    command = [sys.executable, "-m", "tests.support.ordinary", groups, "-b", str(book), *args]
    env = {**os.environ, **environment(), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, cwd=ROOT, env=env, check=False)
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def names(folder: Path) -> set[str]:
    return {str(entry.relative_to(folder)) for entry in folder.rglob("*")}


def fill(disk: Path, left: int) -> None:
    """Use up the disk but for some bytes."""
    with (disk / "filler").open("wb", buffering=0) as filler:
        for size in (1 << 16, 1 << 12):
            try:
                while True:
                    filler.write(bytes(size))
            except OSError:
                pass
        filler.truncate(filler.tell() - left)


@pytest.mark.parametrize("left", [0, 20_000, 60_000, 80_000, 120_000, 140_000, 260_000])
def test_a_full_disk_leaves_the_workbook_as_it_was(small_disk: Path, left: int) -> None:
    book = sample_at(small_disk / "tracker.xlsx")
    before = book.read_bytes()
    fill(small_disk, left // 4096 * 4096)
    ran = run(*APPEND, book=book)
    if ran.code == 0:
        assert left > 2 * len(before)
    else:
        assert (ran.code, ran.out) == (3, "")
        assert "the disk is full" in ran.err
        assert ran.err.count("\n") == 1
        assert book.read_bytes() == before
        # Whatever was begun is taken away again: on a full disk every byte counts.
        assert not [name for name in names(small_disk) if name.endswith(".new")]
    (small_disk / "filler").unlink()
    assert run(*APPEND, book=book).code == (1 if ran.code == 0 else 0)


def test_a_disk_that_is_full_for_the_backup_says_how_to_do_without(small_disk: Path) -> None:
    book = sample_at(small_disk / "tracker.xlsx")
    fill(small_disk, 12_288)
    ran = run(*APPEND, book=book)
    assert ran.code == 3
    assert "its backup of the day cannot be made, the disk is full" in ran.err
    assert "turn Backups off on the Settings sheet" in ran.err


@pytest.mark.parametrize("left", [0, 4096, 8192])
def test_a_full_disk_keeps_nothing_in_the_inbox_and_says_so(small_disk: Path, left: int) -> None:
    book = sample_at(small_disk / "tracker.xlsx")
    book.with_name("~$tracker.xlsx").write_bytes(b"\x03ana")
    assert run(*APPEND, book=book).code == 0
    kept = Inbox(book).entries()
    fill(small_disk, left)
    ran = run("append", "case", "GTB-789101", "--opened", "2023-11-01", "--notes", "x" * 9000, book=book)
    assert (ran.code, ran.out) == (3, "")
    assert "cannot be written: the disk is full. Nothing was kept there." in ran.err
    assert Inbox(book).entries() == kept


def test_an_init_on_a_full_disk_leaves_nothing(small_disk: Path) -> None:
    fill(small_disk, 8192)
    ran = run("init", book=small_disk / "tracker.xlsx")
    assert ran.code == 3
    assert "cannot be made: the disk is full" in ran.err
    assert names(small_disk) == {"filler"}


def test_a_folder_that_may_not_be_written_is_said(shop: Path) -> None:
    book = sample_at(shop / "tracker.xlsx")
    book.chmod(0o666)
    shop.chmod(0o555)
    before = book.read_bytes()
    ran = by_an_ordinary_user(*APPEND, book=book)
    shop.chmod(0o755)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err == f"refundbook: {book} cannot be written: you have no permission to do so here. It is unchanged.\n"
    assert book.read_bytes() == before
    assert names(shop) == {"tracker.xlsx"}


@pytest.mark.skipif(not IS_ROOT, reason="only root may give a file away")
def test_another_users_file_is_not_replaced_without_leave_though_the_folder_would_allow_it(shop: Path) -> None:
    book = sample_at(shop / "tracker.xlsx")
    book.chmod(0o644)
    shop.chmod(0o777)
    before = book.read_bytes()
    ran = by_an_ordinary_user(*APPEND, book=book)
    assert (ran.code, ran.out) == (3, "")
    assert "you have no permission to change it" in ran.err
    assert book.read_bytes() == before


@pytest.mark.skipif(not IS_ROOT, reason="only root may give a file away")
def test_a_file_that_may_not_be_read_is_said(shop: Path) -> None:
    book = sample_at(shop / "tracker.xlsx")
    book.chmod(0o600)
    shop.chmod(0o777)
    ran = by_an_ordinary_user(*APPEND, book=book)
    assert (ran.code, ran.out) == (4, "")
    assert ran.err == f"refundbook: {book} cannot be read: you have no permission to do so here.\n"


@pytest.mark.skipif(not IS_ROOT, reason="only root may give a file away")
def test_owner_and_group_are_kept_by_root(shop: Path) -> None:
    book = sample_at(shop / "tracker.xlsx")
    os.chown(book, NOBODY, 12345)
    book.chmod(0o640)
    assert run(*APPEND, book=book).code == 0
    assert (book.stat().st_uid, book.stat().st_gid, book.stat().st_mode & 0o777) == (NOBODY, 12345, 0o640)


@pytest.mark.skipif(not IS_ROOT, reason="only root may give a file away")
def test_the_group_is_kept_by_its_members(shop: Path) -> None:
    team = 12345
    book = sample_at(shop / "tracker.xlsx")
    os.chown(book, 0, team)
    book.chmod(0o660)
    shop.chmod(0o777)
    assert by_an_ordinary_user(*APPEND, book=book, groups=str(team)).code == 0
    assert (book.stat().st_uid, book.stat().st_gid, book.stat().st_mode & 0o777) == (NOBODY, team, 0o660)


@pytest.mark.skipif(not IS_ROOT, reason="only root may give a file away")
def test_a_team_of_one_group_keeps_its_access_whoever_appends(shop: Path) -> None:
    """The owner may not be kept by another user, but the group is, for the workbook, its lock, its inbox and its
    backups.
    """
    team = 12345
    book = sample_at(shop / "tracker.xlsx")
    os.chown(shop, 0, team)
    shop.chmod(0o2770)
    os.chown(book, 0, team)
    book.chmod(0o660)
    assert by_an_ordinary_user(*APPEND, book=book, groups=str(team)).code == 0
    assert (book.stat().st_gid, book.stat().st_mode & 0o777) == (team, 0o660)
    book.with_name("~$tracker.xlsx").write_bytes(b"\x03ana")
    second = ("append", "case", "GTB-789101", "--opened", "2023-11-01")
    assert run(*second, book=book).code == 0
    book.with_name("~$tracker.xlsx").unlink()
    third = ("append", "case", "GTB-789102", "--opened", "2023-11-01")
    ran = by_an_ordinary_user(*third, book=book, groups=str(team))
    assert ran.code == 0, ran.err
    assert list(load(book).cases.index)[2:] == ["GTB-789100", "GTB-789101", "GTB-789102"]
    for file in shop.rglob("*"):
        assert file.stat().st_gid == team, file
        assert file.stat().st_mode & 0o060 == 0o060, file


def test_the_temporary_folder_is_never_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that it may be on another file system, from which nothing can be moved in one step, or readable by others."""
    book = sample_at(tmp_path / "tracker.xlsx")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "none"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_get_candidate_names", None)
    assert run(*APPEND, book=book).code == 0


def test_a_workbook_behind_a_link_is_replaced_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    book = sample_at(tmp_path / "shop" / "tracker.xlsx")
    link = tmp_path / "link.xlsx"
    link.symlink_to(book)
    assert run(*APPEND, book=link).code == 0
    assert link.is_symlink()
    assert list(load(book).cases.index)[2:] == ["GTB-789100"]
    # The lock and the backups are the file's own, so that it does not matter by which name it is called.
    assert names(tmp_path) - names(tmp_path / "shop") == {"shop", "link.xlsx"} | {
        f"shop/{name}" for name in names(tmp_path / "shop")
    }
    assert run("restore", "--json", book=book).json == run("restore", "--json", book=link).json != []

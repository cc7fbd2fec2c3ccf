"""The file on disk: all or nothing, locked, and never over somebody else's change."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import refundbook
from refundbook.base.errors import Busy, CannotWrite, Conflict, MissingWorkbook, UnreadableWorkbook
from refundbook.storage import workbook_file
from refundbook.storage.workbook_file import WorkbookFile
from refundbook.system import atomic_file, programs, room
from refundbook.system.attributes import copy_attributes
from refundbook.xlsx.shared_file import Patience
from tests.support.command import run
from tests.support.systems import make_pipe, needs_posix

pytestmark = pytest.mark.slow


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "tracker.xlsx"
    made.write_bytes(b"old")
    return made


def opened(path: Path) -> WorkbookFile:
    made = WorkbookFile(path)
    made.read()
    return made


def names(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(path: Path) -> None:
    opened(path).replace(b"new")
    assert path.read_bytes() == b"new"
    assert names(path.parent) == {"tracker.xlsx"}


def test_it_can_be_replaced_again_and_again(path: Path) -> None:
    held = opened(path)
    held.replace(b"new")
    held.replace(b"newer")
    assert path.read_bytes() == b"newer"


def test_a_file_that_changed_meanwhile_is_not_overwritten(path: Path) -> None:
    held = opened(path)
    path.write_bytes(b"other")
    with pytest.raises(Conflict, match=r"tracker\.xlsx was changed by someone else"):
        held.replace(b"new")
    assert path.read_bytes() == b"other"


def test_a_file_that_is_gone_is_not_made_again(path: Path) -> None:
    held = opened(path)
    path.unlink()
    with pytest.raises(UnreadableWorkbook):
        held.replace(b"new")
    assert not path.exists()


@pytest.mark.posix("files have no mode on Windows")
def test_the_mode_is_kept_and_the_temporary_file_is_private(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.chmod(0o640)
    modes = []

    def looking(source: Path, target: int, at: Path) -> None:
        modes.append(os.fstat(target).st_mode & 0o777)
        copy_attributes(source, target, at)

    monkeypatch.setattr(atomic_file, "copy_attributes", looking)
    opened(path).replace(b"new")
    assert modes == [0o600]
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="extended attributes are Linux's")
def test_extended_attributes_are_kept(path: Path) -> None:
    try:
        os.setxattr(path, "user.colour", b"red")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    opened(path).replace(b"new")
    assert os.getxattr(path, "user.colour") == b"red"


@pytest.mark.posix("Windows lets few users make links")
def test_a_link_stays_a_link_and_its_target_is_replaced(path: Path) -> None:
    link = path.with_name("link.xlsx")
    link.symlink_to(path)
    opened(link).replace(b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"


def test_what_a_killed_process_left_behind_does_not_stand_in_the_way(path: Path) -> None:
    path.with_name(".tracker.xlsx.new").write_bytes(b"half")
    opened(path).replace(b"new")
    assert path.read_bytes() == b"new"
    assert names(path.parent) == {"tracker.xlsx"}


@pytest.mark.parametrize(
    ("code", "said"),
    [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "read-only"), (errno.EIO, "input/output error")],
)
def test_a_failed_write_leaves_the_old_file_and_says_why(
    path: Path, monkeypatch: pytest.MonkeyPatch, code: int, said: str
) -> None:
    def failing(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(CannotWrite, match=said):
        opened(path).replace(b"new")
    assert path.read_bytes() == b"old"
    assert names(path.parent) == {"tracker.xlsx"}


def test_a_read_only_file_is_respected(path: Path) -> None:
    path.chmod(0o444)
    with pytest.raises(CannotWrite, match="is read-only"):
        opened(path).replace(b"new")
    assert path.read_bytes() == b"old"


def excel_owner(name: str) -> bytes:
    """The name after its length in the system's code page, filled up to 55 bytes, then the same in UTF-16."""
    narrow = bytes([len(name)]) + name.encode("cp1252").ljust(54)
    return narrow + len(name).to_bytes(2, "little") + name.ljust(54).encode("utf-16-le")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("~$tracker.xlsx", excel_owner("Mia Möller"), "open in Excel by Mia Möller."),
        ("~$tracker.xlsx", b"\x03mia", "open in Excel by mia."),
        ("~$tracker.xlsx", b"\x04m\x1b\x07a", "open in Excel by ma."),
        (".~tracker.xlsx", excel_owner("Mia"), "open in WPS Office by Mia."),
        (".~lock.tracker.xlsx#", b",mia,shop-pc,03.11.2023 10:00,file:///home/mia;", "open in LibreOffice by mia."),
        (".~lock.tracker.xlsx#", "Möller\\, Mia,mia,pc,1,f;".encode(), "open in LibreOffice by Möller, Mia."),
        *((owner, odd, "open in ") for owner in ("~$tracker.xlsx", ".~lock.tracker.xlsx#") for odd in (b"", b"\xff", b"\x05ab", b"\xff" * 165, b",,,;", b"\0")),
    ],
)  # fmt: skip
def test_who_has_the_workbook_open_is_respected_and_named(path: Path, name: str, content: bytes, said: str) -> None:
    path.with_name(name).write_bytes(content)
    with pytest.raises(Busy) as busy:
        opened(path).replace(b"new")
    assert said in str(busy.value)
    assert name in str(busy.value)
    assert path.read_bytes() == b"old"


def test_an_owner_file_counts_whatever_it_is(path: Path) -> None:
    make_pipe(path.with_name("~$tracker.xlsx"))
    with pytest.raises(Busy, match=r"open in Excel\."):
        opened(path).replace(b"new")


def test_an_owner_file_that_was_left_behind_can_be_ignored(path: Path) -> None:
    path.with_name("~$tracker.xlsx").write_bytes(excel_owner("Mia"))
    held = WorkbookFile(path, ignore_open=True)
    held.read()
    held.replace(b"new")
    assert path.read_bytes() == b"new"
    assert path.with_name("~$tracker.xlsx").exists()


class Computer:
    """Stands in for what the system says of this computer and its processes."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.processes = folder / "proc"
        (self.processes / "self/ns").mkdir(parents=True)
        (self.processes / "self/ns/pid").symlink_to("pid:[4026531836]")
        self.runs(1, "systemd")
        monkeypatch.setattr(programs, "_PROCESSES", self.processes)
        monkeypatch.setattr(programs, "user_name", lambda: "mia")
        monkeypatch.setattr("socket.gethostname", lambda: "shop-pc")

    def runs(self, number: int, name: str, *, ended: bool = False) -> None:
        (self.processes / str(number)).mkdir()
        (self.processes / str(number) / "comm").write_text(f"{name}\n")
        (self.processes / str(number) / "cmdline").write_text("" if ended else f"/usr/bin/{name}\0")

    def is_a_container(self) -> None:
        (self.processes / "self/ns/pid").unlink()
        (self.processes / "self/ns/pid").symlink_to("pid:[4026532001]")


@pytest.fixture
def computer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Computer:
    needs_posix("what runs is told by /proc; for Windows there is a test below")
    (tmp_path / "computer").mkdir()
    return Computer(tmp_path / "computer", monkeypatch)


MIAS_LOCK = b",mia,shop-pc,03.11.2023 10:00,file:///home/mia;"


def test_what_a_libreoffice_of_ours_that_is_gone_left_behind_does_not_count(path: Path, computer: Computer) -> None:
    path.with_name(".~lock.tracker.xlsx#").write_bytes(MIAS_LOCK)
    computer.runs(7, "soffice.bin", ended=True)
    opened(path).replace(b"new")
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize(
    "content", [MIAS_LOCK.replace(b"mia,", b"tom,"), MIAS_LOCK.replace(b"shop-pc", b"laptop"), b"mia,shop-pc;", b""]
)
def test_what_a_libreoffice_of_another_user_or_computer_left_counts(
    path: Path, computer: Computer, content: bytes
) -> None:
    path.with_name(".~lock.tracker.xlsx#").write_bytes(content)
    with pytest.raises(Busy, match="open in LibreOffice"):
        opened(path).replace(b"new")


@pytest.mark.parametrize("doing", [lambda c: c.runs(7, "soffice.bin"), Computer.is_a_container, lambda c: shutil.rmtree(c.processes)])  # fmt: skip
def test_while_a_libreoffice_runs_or_that_cannot_be_told_its_lock_counts(
    path: Path, computer: Computer, doing: Callable[[Computer], None]
) -> None:
    doing(computer)
    path.with_name(".~lock.tracker.xlsx#").write_bytes(MIAS_LOCK)
    with pytest.raises(Busy, match="open in LibreOffice by mia"):
        opened(path).replace(b"new")


def test_excels_owner_file_always_counts(path: Path, computer: Computer) -> None:
    path.with_name("~$tracker.xlsx").write_bytes(excel_owner("mia"))
    with pytest.raises(Busy, match="open in Excel by mia"):
        opened(path).replace(b"new")


@pytest.mark.windows
@pytest.mark.parametrize("separator", ["/", "\\"])
def test_on_windows_too_only_a_lock_of_ours_without_its_libreoffice_counts_no_more(path: Path, separator: str) -> None:
    user, computer = programs.user_name(), socket.gethostname()
    owner = path.with_name(".~lock.tracker.xlsx#")
    owner.write_text(f",{computer}{separator}{user}x,{computer},03.11.2023 10:00,file:///C:/;".replace("\\", "\\\\"))
    with pytest.raises(Busy, match="open in LibreOffice"):
        opened(path).replace(b"new")
    owner.write_text(f",{computer}{separator}{user},{computer},03.11.2023 10:00,file:///C:/;".replace("\\", "\\\\"))
    opened(path).replace(b"new")
    assert any("python" in name for name in programs.running())


def test_one_process_waits_for_another_and_says_so(path: Path) -> None:
    code = "import sys,time; from pathlib import Path; from refundbook.storage.workbook_file import WorkbookFile\n"
    code += "with WorkbookFile(Path(sys.argv[1])).locked():\n print('held', flush=True); time.sleep(1.6)"
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"held"
        said: list[str] = []
        with WorkbookFile(path).locked(said.append):
            assert holder.wait() == 0
    assert said == ["Waiting for another refundbook to finish with tracker.xlsx (at most 30 seconds) …"]


def test_waiting_ends(path: Path) -> None:
    mine = WorkbookFile(path, patience=Patience(0.3, 0.1))
    code = "import sys,time; from pathlib import Path; from refundbook.storage.workbook_file import WorkbookFile\n"
    code += "with WorkbookFile(Path(sys.argv[1])).locked():\n print('held', flush=True); time.sleep(30)"
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        began = time.monotonic()
        with pytest.raises(Busy, match="in use by another refundbook"), mine.locked(lambda _: None):
            pass
        assert time.monotonic() - began < 5
        holder.kill()
    with WorkbookFile(path).locked():
        pass


def test_the_lock_can_be_taken_again_by_its_holder(path: Path) -> None:
    with WorkbookFile(path).locked(), WorkbookFile(path).locked():
        pass


def test_a_missing_workbook_is_said_with_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(MissingWorkbook, match="refundbook init"):
        WorkbookFile(tmp_path / "none.xlsx").read()


def test_a_folder_or_a_pipe_is_no_workbook(tmp_path: Path) -> None:
    with pytest.raises(UnreadableWorkbook, match="a folder"):
        WorkbookFile(tmp_path).read()
    pipe = tmp_path / "pipe"
    make_pipe(pipe)
    with pytest.raises(UnreadableWorkbook, match="not a file"):
        WorkbookFile(pipe).read()


def test_a_new_file_never_goes_over_another(path: Path) -> None:
    with pytest.raises(FileExistsError):
        workbook_file.create(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(path.parent) == {"tracker.xlsx"}


@pytest.mark.posix("files have no mode on Windows")
def test_a_new_file_gets_the_mode_that_the_user_asks_for(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        workbook_file.create(tmp_path / "new.xlsx", b"new")
    finally:
        os.umask(before)
    assert (tmp_path / "new.xlsx").stat().st_mode & 0o777 == 0o640
    assert names(tmp_path) == {"new.xlsx"}


def test_a_new_file_is_made_also_where_there_are_no_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)
    workbook_file.create(tmp_path / "new.xlsx", b"new")
    with pytest.raises(FileExistsError):
        workbook_file.create(tmp_path / "new.xlsx", b"newer")
    assert (tmp_path / "new.xlsx").read_bytes() == b"new"
    assert names(tmp_path) == {"new.xlsx"}


def test_a_new_file_in_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="the folder does not exist"):
        workbook_file.create(tmp_path / "none" / "tracker.xlsx", b"new")


@pytest.mark.posix("files have no mode on Windows")
def test_whoever_may_write_the_workbook_may_lock_it(path: Path) -> None:
    path.chmod(0o660)
    with WorkbookFile(path).locked():
        pass
    assert path.with_name(".tracker.xlsx.lock").stat().st_mode & 0o777 == 0o660


def test_a_file_system_without_locks_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise NotImplementedError("no flock")

    monkeypatch.setattr("refundbook.system.lock.Lock.acquire", refuse)
    with pytest.raises(CannotWrite, match="cannot be locked"), WorkbookFile(path).locked():
        pass


@pytest.mark.posix("files have no mode on Windows")
def test_a_recorded_file_is_whole_before_it_is_recorded_and_there_until_it_is_the_workbook(path: Path) -> None:
    seen = []

    def record(new: Path) -> None:
        file = new / "new"
        seen.append((new.parent, file.read_bytes(), file.stat().st_mode & 0o777, path.read_bytes()))

    path.chmod(0o640)
    opened(path).replace(b"new", record=record)
    assert seen == [(path.parent, b"new", 0o640, b"old")]
    assert path.read_bytes() == b"new"
    assert names(path.parent) == {"tracker.xlsx"}


@pytest.mark.posix("Windows has no call to bring a folder down to the disk")
@pytest.mark.parametrize("recorded", [True, False])
def test_the_new_file_is_on_the_disk_before_it_takes_the_place_and_so_is_the_place_after(
    path: Path, monkeypatch: pytest.MonkeyPatch, recorded: bool
) -> None:
    done = []
    rename = os.replace

    def fsync(descriptor: int) -> None:
        done.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")

    def replace(source: str, target: str, **folders: int) -> None:
        done.append("swap")
        rename(source, target, **folders)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    opened(path).replace(b"new", record=(lambda _: done.append("record")) if recorded else None)
    assert done == (
        ["file", "folder", "folder", "record", "swap", "folder"] if recorded else ["file", "swap", "folder"]
    )


def test_a_recorded_file_that_does_not_become_the_workbook_stays_as_proof(path: Path) -> None:
    def record(new: Path) -> None:
        raise CannotWrite(new.name)

    with pytest.raises(CannotWrite) as refused:
        opened(path).replace(b"new", record=record)
    opened(path).replace(b"newer")
    assert (path.with_name(str(refused.value)) / "new").read_bytes() == b"new"


def test_what_is_kept_is_kept_before_anything_is_written_and_only_if_nothing_stands_in_the_way(path: Path) -> None:
    kept = []

    def keep() -> None:
        kept.append((path.read_bytes(), names(path.parent)))

    opened(path).replace(b"new", keep=keep)
    assert kept == [(b"old", {"tracker.xlsx"})]
    held = opened(path)
    path.write_bytes(b"other")
    with pytest.raises(Conflict):
        held.replace(b"newer", keep=keep)
    assert len(kept) == 1


def saved_in_excel(path: Path) -> None:
    """As Excel and sync clients do it: written beside the workbook, then renamed over it."""
    beside = path.with_name("1A2B3C00")
    beside.write_bytes(b"saved in Excel")
    beside.replace(path)


def written_in_place(path: Path) -> None:
    path.write_bytes(b"saved in Excel")


def opened_in_excel(path: Path) -> None:
    path.with_name(f"~${path.name}").write_bytes(b"\x03ana")


@pytest.mark.parametrize("recorded", [True, False])
@pytest.mark.parametrize(("meanwhile", "refusal"), [(saved_in_excel, Conflict), (written_in_place, Conflict), (opened_in_excel, Busy)])  # fmt: skip
def test_what_happens_while_the_new_file_is_written_counts_too(
    path: Path, meanwhile: Callable[[Path], None], refusal: type[Exception], recorded: bool
) -> None:
    """A backup and a new file of a large workbook take a second to write."""
    held = opened(path)
    if recorded:
        with pytest.raises(refusal):
            held.replace(b"new", record=lambda _: meanwhile(path))
    else:
        with pytest.raises(refusal):
            held.replace(b"new", keep=lambda: meanwhile(path))
        assert not [name for name in names(path.parent) if name.endswith(".new")]
    assert path.read_bytes() == (b"saved in Excel" if refusal is Conflict else b"old")


def test_a_path_that_is_too_long_to_be_written_beside_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, where a path has 260 characters; what a save makes has longer names than the workbook."""
    monkeypatch.setattr(room, "LONGEST_FOLDER", 247)
    monkeypatch.setattr(room, "are_long_paths_enabled", lambda: False)
    short, long = (tmp_path / ("x" * (length - len(str(tmp_path)) - len("/.xlsx")) + ".xlsx") for length in (150, 200))
    with refundbook.create(short) as book:
        book.append_case("A-1", opened="2023-11-01")
    with pytest.raises(CannotWrite, match=r"has a path of 200 characters, \d+ more than can be written to"):
        refundbook.create(long)
    assert not long.exists()
    long.write_bytes(short.read_bytes())
    assert run("list", book=long).code == 0
    ran = run("append", "case", "A-2", "--opened", "2023-11-01", book=long)
    assert ran.code == 3
    assert "Move it to a folder with a shorter path" in ran.err
    monkeypatch.setattr(room, "are_long_paths_enabled", lambda: True)
    assert run("append", "case", "A-2", "--opened", "2023-11-01", book=long).code == 0

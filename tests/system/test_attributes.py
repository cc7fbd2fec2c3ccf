"""What a file has besides its bytes is there after a save, too. (For Linux and macOS see `test_workbook_file.py`.)"""

from __future__ import annotations

import os
import subprocess
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from refundbook.system import atomic_file

pytestmark = pytest.mark.windows

HIDDEN, READ_ONLY = 0x02, 0x01
UNTRIED = "Wine 8 has none of it on this file system"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "book.xlsx"
    made.write_bytes(b"old")
    return made


def save(file: Path) -> None:
    atomic_file.write_over(file, b"new", like=file)
    assert file.read_bytes() == b"new"
    assert [found.name for found in file.parent.iterdir()] == [file.name]


def attributes(file: Path) -> int:
    return int(getattr(file.stat(), "st_file_attributes", 0))


def test_a_hidden_file_stays_hidden(file: Path) -> None:
    subprocess.run(["attrib", "+h", str(file)], check=True)
    assert attributes(file) & HIDDEN
    save(file)
    assert attributes(file) & HIDDEN


def test_a_read_only_file_is_copied_and_leaves_nothing_behind(file: Path) -> None:
    """As a backup is that somebody made read-only, and that is brought back."""
    file.chmod(0o444)
    copy = file.with_name("copy.xlsx")
    atomic_file.write_first(copy, b"new", like=file)
    assert attributes(copy) & READ_ONLY
    assert copy.stat().st_nlink == 1
    assert sorted(found.name for found in file.parent.iterdir()) == ["book.xlsx", "copy.xlsx"]


@pytest.mark.not_wine(UNTRIED)
def test_it_was_made_when_it_was_made(file: Path) -> None:
    win32: Any = import_module("refundbook.system.win32")
    descriptor = os.open(file, os.O_RDWR)
    win32.set_creation_time(descriptor, 1_600_000_000 * 10**9)
    os.close(descriptor)
    save(file)
    assert file.stat().st_ctime == 1_600_000_000


@pytest.mark.not_wine(UNTRIED)
def test_what_other_programs_put_beside_its_bytes_stays(file: Path) -> None:
    stream = Path(f"{file}:Zone.Identifier")
    stream.write_bytes(b"[ZoneTransfer]\r\nZoneId=3\r\n")
    save(file)
    assert stream.read_bytes() == b"[ZoneTransfer]\r\nZoneId=3\r\n"


@pytest.mark.not_wine(UNTRIED)
def test_who_may_read_and_write_it_stays(file: Path) -> None:
    subprocess.run(["icacls", str(file), "/inheritance:r", "/grant", f"{os.environ['USERNAME']}:F"], check=True)
    before = subprocess.run(["icacls", str(file)], capture_output=True, check=True).stdout
    save(file)
    assert subprocess.run(["icacls", str(file)], capture_output=True, check=True).stdout == before

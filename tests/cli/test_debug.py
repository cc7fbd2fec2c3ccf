"""What is said while a command runs, for who looks for a fault: only where it is asked for."""

from __future__ import annotations

import logging
import re
import shutil
from pathlib import Path

import openpyxl
import pytest

import refundbook
from refundbook.base.debug import VARIABLE
from refundbook.cli import main
from tests.support.command import run
from tests.support.samples import TODAY, sample_at
from tests.support.terminal import process
from tests.support.warm import cache_file

pytestmark = pytest.mark.slow

PHASES = [
    "parse and fetch",
    "admit",
    "build the new file",
    "read it back",
    "put the new file in its place",
    "remember it",
]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """The sample, with one entry that refundbook made."""
    path = sample_at(tmp_path / "t.xlsx")
    append(path, "GTB-1")
    return path


def append(path: Path, number: str, *, is_on: bool = True) -> list[str]:
    """What is said of an append."""
    env = {VARIABLE: "1"} if is_on else {}
    ran = run("append", "case", number, "--opened", "2023-11-02", "--no-inbox", book=path, **env)
    lines = ran.err.splitlines()
    assert all(line.startswith("refundbook: ") for line in lines)
    return [line.removeprefix("refundbook: debug: ") for line in lines if line.startswith("refundbook: debug: ")]


def way(said: list[str]) -> list[str]:
    return [line for line in said if line.startswith(("warm", "cold"))]


def test_it_says_that_what_the_cache_holds_was_enough(book: Path) -> None:
    assert way(append(book, "GTB-2")) == ["warm: what the cache holds is of this very file"]


def test_it_says_why_the_workbook_is_read(book: Path) -> None:
    cache_file(book).unlink()
    (said,) = way(append(book, "GTB-2"))
    assert said.startswith("cold: the cache cannot be read (")
    changed = openpyxl.load_workbook(book)
    changed["Cases"]["M2"] = "a note"
    changed.save(book)
    assert way(append(book, "GTB-3")) == ["cold: the file has other bytes than the one that the cache is of"]


def test_it_says_why_what_the_cache_holds_was_not_enough_after_all(book: Path) -> None:
    assert way(append(book, "GTB-1")) == [
        "warm: what the cache holds is of this very file",
        "cold from here on: an entry is not taken (EntriesRefused)",
    ]


def test_it_says_how_many_bytes_of_which_files_were_read_and_written(book: Path) -> None:
    before = book.stat().st_size
    said = append(book, "GTB-2")
    assert f"opened {book}: {before} bytes, to be read where they are needed" in said
    assert f"wrote {book}: {book.stat().st_size} bytes" in said
    cache = re.escape(str(cache_file(book)))
    assert any(re.fullmatch(rf"read from the cache {cache}: about, \d+ bytes", line) for line in said)
    assert any(re.fullmatch(rf"wrote to the cache {cache}: \d+ blobs, \d+ bytes", line) for line in said)
    shutil.rmtree(book.parent / ".refundbook", ignore_errors=True)
    cache_file(book).unlink()
    size = book.stat().st_size
    said = append(book, "GTB-3")
    assert f"read {book}: {size} bytes" in said
    assert any(re.fullmatch(rf"wrote the backup .*\.xlsx: {size} bytes", line) for line in said)


def test_it_says_how_long_each_phase_took(book: Path) -> None:
    found = [match[1] for line in append(book, "GTB-2") if (match := re.fullmatch(r"(.*): \d+\.\d ms", line))]
    assert found == ["open the snapshot", *PHASES]
    cache_file(book).unlink()
    found = [match[1] for line in append(book, "GTB-3") if (match := re.fullmatch(r"(.*): \d+\.\d ms", line))]
    assert found == ["open the snapshot", "read and check the whole workbook", *PHASES]


def test_the_option_says_the_same_as_the_variable(book: Path) -> None:
    said = process("--debug", "-b", book, "append", "case", "GTB-2", "--opened", "2023-11-02")
    assert said.code == 0
    assert "refundbook: debug: warm: what the cache holds is of this very file" in said.err
    assert said.out == "Entered GTB-2 in Cases, row 5.\n"


def test_nothing_is_said_otherwise_nor_any_more(book: Path) -> None:
    assert append(book, "GTB-2")
    assert append(book, "GTB-3", is_on=False) == []
    assert run("--debug", "check", book=book).err
    assert run("check", book=book).err == ""
    assert logging.getLogger("refundbook").handlers == []


def test_a_fault_inside_shows_where_it_is(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("refundbook.book.load", fail)
    assert run("check", book=book).code == 70
    with pytest.raises(ZeroDivisionError):
        main(["--debug", "-b", str(book), "check"])
    assert run("check", book=book).code == 70


def test_a_program_hears_it_by_its_own_logging(book: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "refundbook"), refundbook.edit(book, today=TODAY) as edited:
        edited.append_case("GTB-2", opened="2023-11-02")
    assert "warm: what the cache holds is of this very file" in caplog.messages
    assert {record.name for record in caplog.records} == {"refundbook"}


def test_a_name_of_a_file_makes_no_line_of_its_own(book: Path) -> None:
    path = book.rename(book.with_name("t\nrefundbook: done.xlsx"))
    ran = run("check", book=path, **{VARIABLE: "1"})
    assert all(line.startswith("refundbook: debug: ") for line in ran.err.splitlines())

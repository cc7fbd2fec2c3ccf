"""Several processes and one workbook: every entry is there, once, and nobody waits for ever.

`REFUNDBOOK_LONG_TESTS=1`: eight processes that append fifty entries each; without it six each.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

import refundbook
from refundbook.storage.inbox import Inbox
from refundbook.storage.workbook_file import WorkbookFile
from refundbook.system.bounds import MAX_WORKBOOK
from refundbook.system.nofollow import read_file
from tests.support.command import environment, run
from tests.support.own_checks import own_findings
from tests.support.samples import TODAY, load, sample_at
from tests.support.systems import is_windows
from tests.support.terminal import ROOT

pytestmark = pytest.mark.slow

PROCESSES = 8
EACH = 50 if os.environ.get("REFUNDBOOK_LONG_TESTS") else 6
ENTERS = """
import sys
from datetime import date
import refundbook
book, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
n = 0
while n < count:
    try:
        with refundbook.edit(book, today=date(2023, 11, 5), user=name) as held:
            held.append_case(f"{name}-{n}", opened="2023-11-01")
    except refundbook.Busy:  # on a slow machine its turn may not come within the stated time
        continue
    n += 1
"""
APPENDS = """
import sys
from tests.support.command import run
book, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
from pathlib import Path
for n in range(count):
    ran = run("append", "case", f"{name}-{n}", "--opened", "2023-11-01", book=Path(book))
    assert ran.code == 0, ran.err
"""
HOLDS = """
import sys, time
from pathlib import Path
from refundbook.storage.workbook_file import WorkbookFile
with WorkbookFile(Path(sys.argv[1])).locked():
    print("held", flush=True)
    time.sleep(60)
"""


def start(code: str, *args: str | Path) -> subprocess.Popen[bytes]:
    env = {**os.environ, **environment(), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, *map(str, args)]
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.mark.parametrize("code", [ENTERS, APPENDS], ids=["library", "command"])
def test_entries_of_many_processes_are_all_there_once(tmp_path: Path, code: str) -> None:
    book = sample_at(tmp_path / "tracker.xlsx")
    running = [start(code, book, f"P{k}", str(EACH)) for k in range(PROCESSES)]
    for process in running:
        _, said = process.communicate(timeout=600)
        assert process.returncode == 0, said
    # What a command could not enter within its time is in the inbox, and goes in with the next one.
    run("inbox", "enter", book=book)
    entered = load(book)
    assert sorted(map(str, entered.records.cases["number"][2:])) == sorted(
        f"P{k}-{n}" for k in range(PROCESSES) for n in range(EACH)
    )
    assert not entered.check().errors
    assert own_findings(book) == []
    left = {file.name for file in tmp_path.iterdir()}
    assert left == {"tracker.xlsx", ".refundbook"} | (set() if is_windows() else {".tracker.xlsx.lock"})


def test_entries_of_one_process_are_in_its_order(tmp_path: Path) -> None:
    book = sample_at(tmp_path / "tracker.xlsx")
    running = [start(ENTERS, book, f"P{k}", "4") for k in range(3)]
    for process in running:
        assert process.communicate(timeout=600)[1] == b""
    numbers = [str(number) for number in load(book).records.cases["number"]]
    for k in range(3):
        assert [number for number in numbers if number.startswith(f"P{k}-")] == [f"P{k}-{n}" for n in range(4)]


def test_a_holder_that_is_killed_leaves_no_lock_behind(tmp_path: Path) -> None:
    book = sample_at(tmp_path / "tracker.xlsx")
    with start(HOLDS, book) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"held"
        holder.kill()
        holder.wait()
    said: list[str] = []
    with WorkbookFile(book).locked(said.append):
        pass
    assert said == []


def test_who_loaded_before_another_saved_does_not_overwrite_it(tmp_path: Path) -> None:
    book = sample_at(tmp_path / "tracker.xlsx")
    mine = load(book)
    process = start(ENTERS, book, "P", "1")
    assert process.communicate(timeout=60)[1] == b""
    mine.append_case("A-1", opened="2023-11-01")
    with pytest.raises(refundbook.Conflict, match="load it again and repeat"):
        mine.save()
    assert load(book).records.cases["number"][2:] == ["P-0"]


def test_a_reader_never_sees_half_a_workbook(tmp_path: Path) -> None:
    """One that looks all the time, at a workbook that is large enough to be looked at while it is written."""
    book, copy, random = sample_at(tmp_path / "tracker.xlsx"), tmp_path / "copy.xlsx", Random(3)
    with load(book) as large:
        notes = (random.randbytes(15_000).hex() for _ in range(50))
        large.append_many(
            ("case", {"number": f"N-{n}", "opened": "2023-11-01", "notes": note}) for n, note in enumerate(notes)
        )
    before = len(load(book).records.cases)
    process = start(ENTERS, book, "P", "6")
    seen: dict[bytes, None] = {}
    while process.poll() is None:
        seen[read_file(book, MAX_WORKBOOK)] = None
    assert process.communicate()[1] == b""
    counts = []
    for content in (*seen, book.read_bytes()):
        copy.write_bytes(content)
        counts.append(len(load(copy).records.cases))
    assert counts == sorted(counts)
    assert {before, before + 6} < set(counts)


def test_the_inbox_is_entered_once_by_many_at_once(tmp_path: Path) -> None:
    book = sample_at(tmp_path / "tracker.xlsx")
    owner = book.with_name("~$tracker.xlsx")
    owner.write_bytes(b"\x03ana")
    for n in range(3):
        assert run("append", "case", f"W-{n}", "--opened", "2023-11-01", book=book).code == 0
    owner.unlink()
    running = [start(APPENDS, book, f"P{k}", "2") for k in range(4)]
    for process in running:
        assert process.communicate(timeout=600)[1] == b""
    numbers = [str(number) for number in load(book).records.cases["number"][2:]]
    assert numbers[:3] == ["W-0", "W-1", "W-2"]
    assert sorted(numbers[3:]) == sorted(f"P{k}-{n}" for k in range(4) for n in range(2))
    assert not Inbox(book).entries()


def test_the_day_of_these_tests_is_the_commands() -> None:
    assert environment()["REFUNDBOOK_TODAY"] == TODAY.isoformat()

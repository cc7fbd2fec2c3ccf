"""What goes in beside others: readers that come and go, other commands, and the end of the process at any moment.

`REFUNDBOOK_LONG_TESTS=1`: forty entries beside each reader, fifty of each of two processes, and two hundred processes
that are killed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from refundbook.storage.inbox import Inbox
from tests.support.command import environment, run
from tests.support.holding import SHARING
from tests.support.own_checks import own_findings
from tests.support.samples import load, sample_at
from tests.support.terminal import ROOT

pytestmark = pytest.mark.slow

IS_LONG = bool(os.environ.get("REFUNDBOOK_LONG_TESTS"))
ENTRIES = 40 if IS_LONG else 5
EACH = 50 if IS_LONG else 4
KILLS = 200 if IS_LONG else 4
LISTS = """
import sys
from pathlib import Path
from tests.support.command import run
while True:
    ran = run("list", book=Path(sys.argv[1]))
    if ran.code or not ran.out:
        sys.exit(f"{ran}")
"""
APPENDS = """
import sys
from pathlib import Path
from tests.support.command import run
book, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
for n in range(count):
    ran = run("append", "case", f"{name}-{n}", "--opened", "2023-11-01", book=book)
    assert ran.code == 0, ran.err
"""
KEEPS = """
import sys
from pathlib import Path
from tests.support.command import run
book, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
for n in range(count):
    ran = run("append", "case", f"{name}-{n}", "--opened", "2023-11-01", book=book)
    assert ran.code == 0, ran.err
    assert "in the inbox" in ran.out, ran
"""
ENTERS = """
import sys
from pathlib import Path
from tests.support.command import run
book, first = Path(sys.argv[1]), int(sys.argv[2])
owner = book.with_name("~$" + book.name)
owner.unlink(missing_ok=True)
print("ready", flush=True)
for n in range(first, first + 1000):
    if n % 3 == 0:
        owner.write_bytes(b"\\x03ana")
    ran = run("append", "case", f"K-{n:05}", "--opened", "2023-11-01", book=book)
    assert ran.code == 0, ran.err
    print(n, flush=True)
    owner.unlink(missing_ok=True)
"""


@contextmanager
def beside(*command: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process of Python, which is ended after the block."""
    env = {**os.environ, **environment(), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, *map(str, command)], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def numbers(book: Path) -> list[str]:
    return [str(number) for number in load(book).records.cases["number"][2:]]


def enter(book: Path) -> None:
    for n in range(ENTRIES):
        ran = run("append", "case", f"A-{n}", "--opened", "2023-11-01", book=book)
        assert (ran.code, ran.out) == (0, f"Entered A-{n} in Cases, row {n + 4}.\n"), ran.err


@pytest.mark.parametrize("shared", SHARING.values(), ids=SHARING)
def test_every_entry_goes_in_beside_a_program_that_opens_the_workbook_again_and_again(
    tmp_path: Path, shared: int
) -> None:
    book = sample_at(tmp_path / "tracker.xlsx")
    with beside("-m", "tests.support.holding", book, str(shared)) as reader:
        time.sleep(1)
        enter(book)
        assert reader.poll() is None
    assert numbers(book) == [f"A-{n}" for n in range(ENTRIES)]
    assert not Inbox(book).entries()


def test_every_entry_goes_in_beside_a_command_that_lists_and_that_never_fails(tmp_path: Path) -> None:
    book = sample_at(tmp_path / "tracker.xlsx")
    with beside("-c", LISTS, book) as lister:
        time.sleep(1)
        enter(book)
        assert lister.poll() is None, lister.stderr and lister.stderr.read()
    assert numbers(book) == [f"A-{n}" for n in range(ENTRIES)]


def test_what_two_processes_enter_at_once_is_all_there_once(tmp_path: Path) -> None:
    book = sample_at(tmp_path / "tracker.xlsx")
    with beside("-c", APPENDS, book, "P", str(EACH)) as one, beside("-c", APPENDS, book, "Q", str(EACH)) as other:
        for process in (one, other):
            assert process.communicate(timeout=300)[1] == b""
    # What could not be entered within its time is in the inbox, and goes in with the next command.
    assert run("inbox", "enter", book=book).code == 0
    assert sorted(numbers(book)) == sorted(f"{name}-{n}" for name in "PQ" for n in range(EACH))
    assert own_findings(book) == []


def test_what_two_processes_keep_in_the_inbox_at_once_is_all_there_once(tmp_path: Path) -> None:
    book = sample_at(tmp_path / "tracker.xlsx")
    owner = book.with_name("~$tracker.xlsx")
    owner.write_bytes(b"\x03ana")
    with beside("-c", KEEPS, book, "P", str(ENTRIES)) as one, beside("-c", KEEPS, book, "Q", str(ENTRIES)) as other:
        for process in (one, other):
            assert process.communicate(timeout=300)[1] == b""
    owner.unlink()
    assert run("inbox", "enter", book=book).code == 0
    assert sorted(numbers(book)) == sorted(f"{name}-{n}" for name in "PQ" for n in range(ENTRIES))


def test_a_process_that_is_ended_at_any_moment_leaves_the_workbook_whole_and_every_entry_once(tmp_path: Path) -> None:
    """By SIGKILL, on Windows by TerminateProcess. Every third entry goes by way of the inbox."""
    book, random = sample_at(tmp_path / "tracker.xlsx"), Random(4)
    said: set[str] = set()
    begun, span = 0, 0.0
    for kill in range(KILLS + 1):
        with beside("-c", ENTERS, book, str(begun)) as process:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == b"ready", process.stderr and process.stderr.read()
            ready, printed = time.monotonic(), b""
            if not kill:
                # What four entries take here tells when to end the others: one of each kind, and the first by all
                # of the workbook.
                printed = b"".join(process.stdout.readline() for _ in range(4))
                span = time.monotonic() - ready
            else:
                time.sleep(random.uniform(0, span))
            process.kill()
            done = [int(found) for found in re.findall(rb"(\d+)\r?\n", printed + process.stdout.read())]
        said |= {f"K-{n:05}" for n in done}
        begun += len(done) + 1
        assert own_findings(book) == []
        assert len(set(numbers(book))) == len(numbers(book))
    book.with_name(f"~${book.name}").unlink(missing_ok=True)
    assert run("append", "case", "LAST", "--opened", "2023-11-01", book=book).code == 0
    there = numbers(book)
    assert len(set(there)) == len(there)
    assert len(said) > KILLS // 2
    assert said <= set(there) <= said | {f"K-{n:05}" for n in range(begun)} | {"LAST"}
    assert not load(book).check().errors

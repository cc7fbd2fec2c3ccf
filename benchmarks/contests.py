"""What is measured: for each contest its contenders, each with a workbook and a cache of its own."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from importlib.util import find_spec
from itertools import chain, count, pairwise
from pathlib import Path

from benchmarks.measure import ROOT, Contender, run
from benchmarks.workbooks import FIRST_DAY, case_number

PEERS = ("openpyxl", "pandas", "wolfxl", "xlsxedit", "excelize")
WARM, COLD, SAVED = "refundbook, warm", "refundbook, cold", ", Excel saved it"
COPY = "cp and fsync"
CHECK, READ_ONLY, CALAMINE = "refundbook check", "openpyxl, read-only", "python-calamine alone"
BULK = "append --from"
FRAME, READ_EXCEL = "refundbook.load(…).communications", "pandas.read_excel, calamine"
LOG, SHOW, AMEND, RENAME, UNDO, EVIDENCE = "log", "show", "amend", "rename", "undo", "evidence"
HELP, CLICK = "refundbook --help", "python -c 'import click'"


def available(peers: Sequence[str]) -> list[str]:
    """Those that are installed."""
    return [peer for peer in peers if find_spec(peer)]


class Contests:
    """The contests on workbooks of one size. `books` holds the workbooks, `scratch` what is measured."""

    def __init__(self, books: Path, scratch: Path, cases: int) -> None:
        self.cases = cases
        self._scratch = scratch
        self._book = books / f"book-{cases}.xlsx"
        self._saved = books / f"excel-{cases}.xlsx"

    def append(self, peers: Sequence[str]) -> Iterator[Contender]:
        """One message: warm, cold, cold after Excel saved the workbook; the peers; and what a copy of the
        file takes.
        """
        yield self._ours(WARM, self._book, self._append, warm=True)
        yield self._ours(COLD, self._book, self._append)
        yield self._ours(COLD + SAVED, self._saved, self._append)
        for peer in peers:
            yield self._script(peer, f"append-{peer}", self._book, case_number(self._position))
        if "openpyxl" in peers:
            yield self._script("openpyxl" + SAVED, "append-openpyxl", self._saved, case_number(self._position))
        target = self._scratch / "copy.xlsx"
        copy = ("sh", "-c", 'cp "$1" "$2" && sync "$2"', "sh", str(self._book), str(target))
        yield Contender(COPY, lambda _: copy, lambda: target.unlink(missing_ok=True))

    def one_case(self) -> Iterator[Contender]:
        """What concerns one case, of a workbook as refundbook left it, beside one message."""
        number, last = case_number(self._position), case_number(self.cases - 1)
        renamed = pairwise(chain([last], (f"RENAMED-{n}" for n in count())))
        words: Mapping[str, Callable[[int], tuple[str, ...]]] = {
            LOG: lambda turn: (LOG, number, f"They will call ({turn})."),
            AMEND: lambda turn: (AMEND, number, f"Customer=Ann {turn}", f"Item=Shoes {turn}"),
            RENAME: lambda _: (RENAME, *next(renamed)),
            UNDO: lambda _: (UNDO, "--yes"),
            SHOW: lambda _: (SHOW, number),
            EVIDENCE: lambda turn: (EVIDENCE, number, "-o", str(self._scratch / f"packet{turn}"), "--force"),
        }
        yield self._ours(WARM, self._book, self._append, warm=True)
        for name, said in words.items():

            def command(path: Path, turn: int, said: Callable[[int], tuple[str, ...]] = said) -> Sequence[str]:
                return (*_refundbook(path), *said(turn))

            yield self._ours(name, self._book, command, warm=True)

    def check(self, saved: bool) -> Iterator[Contender]:
        """Everything read and checked, nothing known of the file before, beside what only reads."""
        book, suffix = (self._saved, SAVED) if saved else (self._book, "")
        yield self._ours(CHECK + suffix, book, lambda path, _: (*_refundbook(path), "check"))
        yield self._script(READ_ONLY + suffix, "read-openpyxl", book)
        yield self._script(CALAMINE + suffix, "read-calamine", book)

    def bulk(self) -> Iterator[Contender]:
        """As many messages as there are cases, one for each, beside one message."""
        messages = self._scratch / "messages.jsonl"
        messages.write_text("".join(map(_message, range(self.cases))), encoding="utf-8")
        yield self._ours(BULK, self._book, lambda path, _: (*_refundbook(path), "append", "--from", str(messages)))
        yield self._ours(COLD, self._book, self._append)

    def frame(self) -> Iterator[Contender]:
        """The log as a DataFrame."""
        yield self._script(FRAME, "frame-refundbook", self._book)
        yield self._script(READ_EXCEL, "frame-pandas", self._book)

    @property
    def _position(self) -> int:
        """Of the last case that is still open."""
        return (self.cases - 1) // 2 * 2

    def _append(self, path: Path, turn: int) -> tuple[str, ...]:
        message = ("--date", "2023-12-01", "--with", "support", "--summary", f"Support will look into it ({turn}).")
        return (*_refundbook(path), "append", "communication", case_number(self._position), *message)

    def _ours(
        self, name: str, source: Path, command: Callable[[Path, int], Sequence[str]], warm: bool = False
    ) -> Contender:
        """A command of refundbook's: on the workbook that it left the last time where `warm`, which was appended to
        first, else on a fresh copy with an empty cache.
        """
        book = self._place(name)
        env = {"XDG_CACHE_HOME": str(book.parent / "cache")}

        def prepare() -> None:
            if not (warm and book.exists()):
                _fresh(source, book)
                if warm:
                    run(self._append(book, -2), env)

        return Contender(name, lambda turn: command(book, turn), prepare, env)

    def _script(self, name: str, job: str, source: Path, *arguments: str) -> Contender:
        """A script of peers.py, on a fresh copy with an empty cache."""
        book = self._place(name)
        command = (sys.executable, "-P", str(ROOT / "benchmarks" / "peers.py"), job, str(book), *arguments)
        env = {"XDG_CACHE_HOME": str(book.parent / "cache")}
        return Contender(name, lambda _: command, lambda: _fresh(source, book), env)

    def _place(self, name: str) -> Path:
        return self._scratch / "".join(filter(str.isalnum, name)) / "book.xlsx"


def starting() -> Iterator[Contender]:
    """What a command takes before it does anything."""
    yield Contender(HELP, lambda _: (sys.executable, "-m", "refundbook", "--help"))
    yield Contender(CLICK, lambda _: (sys.executable, "-c", "import click"))


def _refundbook(path: Path) -> tuple[str, ...]:
    return (sys.executable, "-m", "refundbook", "-b", str(path))


def _fresh(source: Path, book: Path) -> None:
    """A copy in an empty folder, on the disk before the clock starts: else the fsync of what is timed would wait for
    it.
    """
    shutil.rmtree(book.parent, ignore_errors=True)
    book.parent.mkdir(parents=True)
    shutil.copy(source, book)
    with book.open("rb") as file:
        os.fsync(file.fileno())


def _message(position: int) -> str:
    entry: Mapping[str, str] = {
        "pillar": "communication",
        "Case Number": case_number(position),
        "Date": (FIRST_DAY + timedelta(days=position % 300 + 4)).isoformat(),
        "With": "Support",
        "Summary": f"Support will look into it (bulk {position}).",
    }
    return json.dumps(entry) + "\n"

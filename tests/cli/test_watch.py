"""`refundbook watch`: what is told at each save of a workbook that somebody has open."""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import IO, Any

import pytest

from refundbook.book.watching import Watched
from refundbook.cli.watch_cmd import _Rounds
from refundbook.record.history.words import events
from refundbook.storage.history_reader import told_lines
from tests.support.by_hand import put
from tests.support.command import environment, run
from tests.support.samples import TODAY, bare_sample_at, load

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0
"""Seconds: how fast the machine is, is no property of refundbook."""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return bare_sample_at(tmp_path / "tracker.xlsx")


class Watching:
    """A `refundbook watch` that runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._lines: Queue[str] = Queue()
        assert process.stdout is not None
        Thread(target=self._read, args=(process.stdout,), daemon=True).start()

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            self._lines.put(line)

    def line(self) -> str:
        return self._lines.get(timeout=PATIENCE).rstrip("\n")

    def news(self) -> Any:
        return json.loads(self.line())

    def is_silent(self) -> bool:
        try:
            self._lines.get(timeout=1.5)
        except Empty:
            return True
        return False

    def stop(self) -> int:
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(PATIENCE)


@contextmanager
def watching(book: Path, *args: str) -> Iterator[Watching]:
    env = {**os.environ, **environment(), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "refundbook", "-b", str(book), "watch", *args]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8") as process:  # fmt: skip
        try:
            yield Watching(process)
        finally:
            process.kill()


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no Ctrl-C to one process")
def test_each_save_is_told_by_itself_with_what_the_rules_find_that_is_new(book: Path) -> None:
    with watching(book, "--json") as watch:
        assert watch.news()["changes"] == []
        put(book, "Cases", "J2", 499)
        news = watch.news()
        assert [(c["column"], c["before"], c["after"]) for c in news["changes"][0]["changes"][0]["cells"]] == [
            ("Amount Requested", 49.9, 499)
        ]
        put(book, "Cases", "C2", "soon")
        news = watch.news()
        assert "RB102" in {finding["code"] for finding in news["new_findings"]}
        put(book, "Cases", "C2", None)
        assert "RB101" in {finding["code"] for finding in watch.news()["new_findings"]}
        assert watch.is_silent()
        assert watch.stop() == 0
    assert [line.header["kind"] for line in told_lines(book)] == ["begin", "hand", "hand", "hand"]


def test_it_says_so_in_words_within_two_seconds(book: Path) -> None:
    with watching(book) as watch:
        assert watch.line().startswith("Watching ")
        while "no errors" not in watch.line():
            pass
        # Some are enough: the machine may have other things to do at the moment.
        assert any(seconds_until_told(book, watch, at) < 2 for at in range(1, 6))


def seconds_until_told(book: Path, watch: Watching, amount: int) -> float:
    put(book, "Cases", "J2", amount)
    begin = time.monotonic()
    while f" → {amount}.00" not in watch.line():
        pass
    return time.monotonic() - begin


def test_a_look_tells_what_is_new_as_the_history_does(book: Path) -> None:
    """The history before it, which may be long, is not read again: the currency of a case, and when the line before was
    written, come from elsewhere.
    """
    put(book, "Cases", "K2", "JPY")
    watched = Watched(book, TODAY)
    news = watched.look()
    assert news is not None
    assert news.events == ()
    put(book, "Resolutions", "D2", 4990)
    put(book, "Resolutions", "E2", None)
    news = watched.look()
    assert news is not None
    (told,) = events(told_lines(book))[1:]
    assert [(event.title, event.told) for event in news.events] == [(told.title, told.told)]
    assert "Amount 49.90 → 4990;" in told.told[0]
    assert run("append", "case", "GTB-789100", "--opened", "2023-11-01", book=book).code == 0
    news = watched.look()
    assert news is not None
    assert [event.command for event in news.events] == ["append case"]


def test_what_waits_in_the_inbox_is_entered_once_nobody_has_the_workbook_open(book: Path) -> None:
    owner = book.with_name(f"~${book.name}")
    owner.write_bytes(b"\x03ana")
    assert run("append", "case", "GTB-789100", "--opened", "2023-11-01", book=book).code == 0
    with watching(book) as watch:
        while "no errors" not in watch.line():
            pass
        assert len(load(book).records.cases) == 2
        owner.unlink()
        while "Entered from the inbox: GTB-789100" not in watch.line():
            pass
        while "inbox enter" not in watch.line():
            pass
    assert len(load(book).records.cases) == 3


def test_a_file_that_is_half_written_is_waited_for(book: Path) -> None:
    with watching(book, "--json") as watch:
        watch.news()
        data = book.read_bytes()
        book.write_bytes(data[:1000])
        time.sleep(1)
        book.write_bytes(data)
        put(book, "Cases", "J2", 499)
        assert watch.news()["changes"]


def test_once_looks_once(book: Path) -> None:
    ran = run("watch", "--once", book=book)
    assert (ran.code, "no errors" in ran.out) == (0, True)
    put(book, "Cases", "J2", 499)
    news = run("watch", "--once", "--json", book=book).json
    assert (news["errors"], news["problem"]) == (0, None)
    assert [event["kind"] for event in news["changes"]] == ["hand"]
    assert run("watch", "--once", "--json", book=book).json["changes"] == []
    assert [line.header["kind"] for line in told_lines(book)] == ["begin", "hand"]
    assert run("watch", "--once", book=book.with_name("none.xlsx")).code == 2


def test_nothing_of_a_workbook_stays_in_memory_after_a_look(book: Path) -> None:
    """The command runs for days, without Python's own search for garbage."""
    rounds = _Rounds(book, as_json=True)
    gc.collect()
    gc.disable()
    try:
        for amount in range(1, 4):
            put(book, "Cases", "J2", amount)
            rounds.go()
        assert gc.collect() < 100
    finally:
        gc.enable()

"""What is printed, and where it goes: to a reader that has seen enough, and into a file that Excel opens."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from refundbook.cli import common
from refundbook.system.streams import goes_into_file, is_reader_gone, ready_for_csv
from tests.support.command import environment
from tests.support.samples import sample_at
from tests.support.systems import is_windows
from tests.support.terminal import ROOT

MARK = "\ufeff".encode()


class NobodyReads(io.StringIO):
    """A pipe whose other end is closed, as the C library of Windows tells it."""

    def write(self, text: str) -> int:
        raise OSError(errno.EINVAL, "Invalid argument")


def test_a_reader_that_has_seen_enough_is_no_error_on_windows_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "name", "nt")
    monkeypatch.setattr(sys, "stdout", NobodyReads())
    common.say("one")
    common.say("two")
    sys.stdout.close()


def test_any_other_refusal_to_print_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    network = OSError(errno.EINVAL, "An unexpected network error occurred")
    network.winerror = 59  # type: ignore[attr-defined]
    monkeypatch.setattr(os, "name", "nt")
    assert is_reader_gone(OSError(errno.EINVAL, "Invalid argument"))
    assert not is_reader_gone(network)
    assert not is_reader_gone(OSError(errno.ENOSPC, "No space left on device"))
    monkeypatch.setattr(os, "name", "posix")
    assert is_reader_gone(BrokenPipeError(errno.EPIPE, "Broken pipe"))
    assert not is_reader_gone(OSError(errno.EINVAL, "Invalid argument"))


@pytest.mark.parametrize(("system", "mark"), [("nt", "\ufeff"), ("posix", "")])
def test_only_a_file_that_windows_makes_gets_a_mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, mark: str) -> None:  # fmt: skip
    reader, writer = os.pipe()
    os.close(reader)
    with (tmp_path / "cases.csv").open("w") as file, os.fdopen(writer, "w") as pipe:
        monkeypatch.setattr(os, "name", system)
        assert (goes_into_file(file), goes_into_file(pipe), goes_into_file(io.StringIO())) == (True, False, False)
        assert (ready_for_csv(file), ready_for_csv(pipe), ready_for_csv(io.StringIO())) == (mark, "", "")
        monkeypatch.undo()


@pytest.mark.slow
def test_excel_reads_what_is_redirected_into_a_file(tmp_path: Path) -> None:
    """By the mark alone it knows UTF-8 on Windows; a program that the table is piped into would stumble over it."""
    book = sample_at(tmp_path / "tracker.xlsx")
    command = [sys.executable, "-m", "refundbook", "-b", str(book), "list", "--format"]
    env = {**os.environ, **environment(), "PYTHONPATH": str(ROOT)}

    def redirected(form: str) -> bytes:
        with (tmp_path / form).open("wb") as file:
            subprocess.run([*command, form], stdout=file, env=env, check=True)
        return (tmp_path / form).read_bytes()

    piped = subprocess.run([*command, "csv"], stdout=subprocess.PIPE, env=env, check=True).stdout
    assert piped.startswith(b"Case Number,")
    assert b"\r\r\n" not in piped
    assert redirected("csv") == (MARK if is_windows() else b"") + piped
    assert not redirected("json").startswith(MARK)

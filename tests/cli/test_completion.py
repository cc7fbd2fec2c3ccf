"""What the shell offers when Tab is pressed: asked as the shell asks, through the environment."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from refundbook.base.schema import RESOLUTIONS
from tests.support.books import SAMPLE, filled
from tests.support.command import Ran
from tests.support.samples import sample_at
from tests.support.terminal import process, typed_at_terminal

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with a promise that is not kept, and a case whose number has a long dash in it."""
    promise = {**SAMPLE.communications[-1], "entry": 8, "promise": "Send\nthe label", "due": date(2023, 11, 4), "summary": "z"}  # fmt: skip
    cases = [*SAMPLE.cases, {"number": "PP–R–1", "opened": date(2023, 11, 1)}]
    return filled(
        tmp_path_factory.mktemp("completion") / "t.xlsx", cases, communications=[*SAMPLE.communications, promise]
    )


def asked(*words: str, book: str = "") -> Ran:
    """The answer to `refundbook WORDS` with Tab pressed at the end of the last word, in zsh's form: kind, value and
    help, a line each.
    """
    line = " ".join(["refundbook", *words])
    return process(_REFUNDBOOK_COMPLETE="zsh_complete", COMP_WORDS=line, COMP_CWORD=str(len(words)), REFUNDBOOK=book)


def offered(book: Path, *words: str) -> list[str]:
    ran = asked("-b", book.as_posix(), *words)
    assert (ran.code, ran.err) == (0, "")
    return ran.out.splitlines()[1::3]


@pytest.mark.parametrize(
    ("words", "values"),
    [
        (["show", "GTB"], ["GTB-789012", "GTB-789045"]),
        (["evidence", "GTB"], ["GTB-789012", "GTB-789045"]),
        (["show", "gtb-78904"], ["GTB-789045"]),
        (["show", "pp-r"], ["PP–R–1"]),
        (["show", "X"], []),
        (["append", "communication", "GTB-789012"], ["GTB-789012"]),
        (["append", "resolution", "PP"], ["PP–R–1"]),
        (["append", "case", "A-1", "--related", "GTB-78901"], ["GTB-789012"]),
        (["append", "case", "GTB"], []),
        (["append", "case", "A-1", "--reason", "De"], ["Defective"]),
        (["append", "case", "A-1", "--issuer", "pay"], ["PayPal"]),
        (["append", "case", "A-1", "--currency", "us"], ["USD"]),
        (["append", "resolution", "A-1", "--status", "P"], ["Pending", "Partial Refund"]),
        (["append", "communication", "A-1", "--with", "s"], ["Support"]),
        (["list", "--status", "d"], ["Denied"]),
        (["list", "--reason", "non"], ["Non-delivery"]),
        (["keep", ""], ["8"]),
        (["ke"], ["keep"]),
        (["list", "--st"], ["--status"]),
    ],
)
def test_the_shell_offers_what_the_workbook_has(book: Path, words: Sequence[str], values: list[str]) -> None:
    assert offered(book, *words) == values


def test_every_status_is_offered(book: Path) -> None:
    assert offered(book, "list", "--status", "") == list(RESOLUTIONS["status"].choices)


def test_a_number_and_a_promise_say_what_they_are(book: Path) -> None:
    assert asked("-b", str(book), "show", "GTB-789012").out.splitlines() == ["plain", "GTB-789012", "Non-delivery"]
    assert asked("-b", str(book), "keep", "8").out.splitlines() == ["plain", "8", "GTB-789045: Send the label"]


def test_the_book_of_the_environment_is_asked(book: Path) -> None:
    assert asked("show", "GTB-78901", book=str(book)).out.splitlines()[1] == "GTB-789012"


def test_the_reasons_are_those_of_the_settings_sheet(tmp_path: Path) -> None:
    import openpyxl

    path = sample_at(tmp_path / "t.xlsx")
    workbook = openpyxl.load_workbook(path)
    for row in workbook["Settings"].iter_rows():
        for cell in row:
            if cell.value == "Defective":
                cell.value = "Faulty goods"
    workbook.save(path)
    assert offered(path, "list", "--reason", "fau") == ["Faulty goods"]
    assert offered(path, "list", "--reason", "def") == []


@pytest.mark.parametrize("kind", ["missing", "damaged", "folder", "no sheets"])
@pytest.mark.parametrize(
    "words", [["show", "G"], ["keep", ""], ["list", "--reason", "D"], ["append", "communication", "G"]]
)
def test_whatever_is_wrong_the_prompt_stays_clean(tmp_path: Path, kind: str, words: Sequence[str]) -> None:
    path = tmp_path / "t.xlsx"
    if kind == "damaged":
        path.write_bytes(b"PK\x03\x04 no workbook")
    elif kind == "folder":
        path.mkdir()
    elif kind == "no sheets":
        import openpyxl

        openpyxl.Workbook().save(path)
    ran = asked("-b", str(path), *words)
    assert (ran.code, ran.err) == (0, "")
    defaults = (
        ["Defective", "Damaged in transit", "Duplicate charge"] if (kind, words[0]) == ("no sheets", "list") else []
    )
    assert ran.out.splitlines()[1::3] == defaults


def test_pressing_tab_reads_one_sheet_and_none_of_the_slow_libraries(book: Path) -> None:
    script = (
        "import sys, click\n"
        "from refundbook.cli.commands import cli\n"
        "from click.shell_completion import ShellComplete\n"
        f"found = ShellComplete(cli, {{}}, 'refundbook', '_X').get_completions(['-b', {str(book)!r}, 'show'], 'GTB')\n"
        "assert [item.value for item in found] == ['GTB-789012', 'GTB-789045'], found\n"
        "print(*sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True)
    assert not set(done.stdout.split()) & {"pandas", "numpy", "openpyxl", "dateutil", "refundbook.book"}


@pytest.mark.skipif(shutil.which("bash") is None, reason="There is no bash.")
def test_the_script_that_switches_it_on_is_a_script(tmp_path: Path) -> None:
    """What the README tells people to put into their shell's start-up file."""
    ran = process(_REFUNDBOOK_COMPLETE="bash_source")
    assert "_REFUNDBOOK_COMPLETE" in ran.out
    (tmp_path / "script").write_text(ran.out, encoding="utf-8")
    subprocess.run(["bash", "-n", str(tmp_path / "script")], check=True)


@pytest.mark.skipif(shutil.which("bash") is None, reason="There is no bash.")
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("show GTB-78901", ["show", "GTB-789012"]),
        ("list --status Fu", ["list", "--status", "Full Refund"]),
        ("list --status 'Fu", ["list", "--status", "Full Refund"]),
        (r"list --status Full\ R", ["list", "--status", "Full Refund"]),
        ('list --reason "Not as', ["list", "--reason", "Not as described"]),
        ("append resolution GTB-1 --status St", ["append", "resolution", "GTB-1", "--status", "Store Credit"]),
    ],
)
def test_pressing_tab_in_bash_completes_the_line(book: Path, tmp_path: Path, typed: str, words: list[str]) -> None:
    """At a terminal, with what the README tells people to put into ~/.bashrc; the command shows the words that it is
    given.
    """
    command = tmp_path / "refundbook"
    command.write_text(
        f'#!/bin/sh\n[ "$_REFUNDBOOK_COMPLETE" ] && exec {shlex.quote(sys.executable)} -m refundbook "$@"\n'
        'printf "<%s>" "$@"\necho\n'
    )
    command.chmod(0o755)
    settings = tmp_path / "bashrc"
    settings.write_text('eval "$(_REFUNDBOOK_COMPLETE=bash_source refundbook)"\nPS1="ready>"\n')
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    code, shown = typed_at_terminal(
        ["bash", "--noprofile", "--rcfile", str(settings), "-i"],
        [("ready>", f"refundbook {typed}\t\n"), ("ready>", "exit\n")],
        PATH=path,
        REFUNDBOOK=str(book),
        TERM="dumb",
    )
    assert code == 0
    assert "".join(f"<{word}>" for word in words) in shown.splitlines(), shown


@pytest.mark.parametrize(
    ("words", "typed", "answers"),
    [
        (["-b", "BOOK", "show", "GTB"], "GTB", ["GTB-789012\t", "GTB-789045\t"]),
        (["-b", "BOOK", "show", ""], "", ["GTB-789012\t"]),
        (["-b", "BOOK", "append", "resolution", "GTB-789012", "--status", "Full"], "Full", ["'Full Refund'\t'Full Refund'"]),
        (["-b", "BOOK", "append", "resolution", "GTB-789012", "--status", "'Full R"], "'Full R", ["'Full Refund'\t'Full Refund'"]),
        (["-b", "BOOK", "sho"], "sho", ["show\t"]),
    ],
)  # fmt: skip
def test_powershell_asks_with_the_words_as_they_were_typed(
    book: Path, words: list[str], typed: str, answers: list[str]
) -> None:
    """A path with a backslash, which a POSIX shell's rules would take away, is one of them."""
    lines = "\n".join(["refundbook", *(f'"{book}"' if word == "BOOK" else word for word in words)])
    ran = process(_REFUNDBOOK_COMPLETE="powershell_complete", COMP_WORDS=lines.rstrip("\n"), COMP_CWORD=typed)
    assert (ran.code, ran.err) == (0, "")
    given = ran.out.splitlines()
    assert all(any(line.startswith(answer.removesuffix("'Full Refund'")) for line in given) for answer in answers)
    assert len(given) == len(answers) or not typed


def test_powershell_is_given_a_script_that_asks_in_this_way() -> None:
    ran = process(_REFUNDBOOK_COMPLETE="powershell_source")
    assert ran.code == 0
    assert "Register-ArgumentCompleter -Native -CommandName refundbook" in ran.out
    assert "$env:_REFUNDBOOK_COMPLETE = 'powershell_complete'" in ran.out

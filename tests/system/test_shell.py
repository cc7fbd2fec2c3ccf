"""What a command says to be typed can be typed, in the shell that is there."""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import refundbook
from refundbook.system.shell import argument

SHOWS = "import sys; print(ascii(sys.argv[1:]))"
NAMES = ["tracker.xlsx", r"C:\Shop\tracker.xlsx", r"C:\My Shop\tracker.xlsx", r"C:\A & B (1)\t.xlsx", "O'Neil.xlsx", "C:\\Shop\\", "a b\\", 'say "hi"', r"\\nas\shop\t.xlsx"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_windows_reads_it_as_one_argument_with_quotation_marks_and_no_apostrophes(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "name", "nt")
    quoted = argument(name)
    assert quoted == name if " " not in name and name != "O'Neil.xlsx" and not name.endswith("\\") else quoted[0] == '"'


COMMAND = re.compile(r"refundbook(?: [\w-]+)+ '?$")
"""The end of a text that a name follows, in a command that is to be typed."""


@pytest.mark.parametrize(
    "path", sorted((Path(refundbook.__file__).parent / "cli").glob("*.py")), ids=lambda path: path.stem
)
def test_every_name_in_a_command_that_is_to_be_typed_is_quoted_for_the_shell_that_is_there(path: Path) -> None:
    texts = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.JoinedStr)]
    for text in texts:
        for before, name in pairwise(text.values):
            if isinstance(before, ast.Constant) and COMMAND.search(str(before.value)):
                assert isinstance(name, ast.FormattedValue)
                assert ast.unparse(name.value).startswith("argument("), ast.unparse(text)


@pytest.mark.windows
@pytest.mark.parametrize("name", NAMES)
def test_cmd_hands_it_over_as_it_is(name: str, tmp_path: Path) -> None:
    script = tmp_path / "shows.py"
    script.write_text(SHOWS)
    line = f"{argument(sys.executable)} {argument(str(script))} {argument(name)}"
    done = subprocess.run(f'cmd.exe /d /s /c "{line}"', capture_output=True, encoding="ascii", check=True)
    assert done.stdout.strip() == ascii([name])


@pytest.mark.posix("shlex is a POSIX shell's")
@given(st.text(min_size=1))
def test_a_posix_shell_reads_it_as_one_argument(text: str) -> None:
    assert shlex.split(argument(text)) == [text]

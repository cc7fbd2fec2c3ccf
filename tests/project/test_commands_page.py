"""docs/commands.md says what the commands' own help says, and the short lines of `refundbook --help` are true."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import click
import pytest

from refundbook.cli.commands import COMMANDS, cli

DOCS = Path(__file__).parents[2] / "docs"


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_commands", DOCS / "make_commands.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_not_stale() -> None:
    assert (DOCS / "commands.md").read_text(encoding="utf-8") == script().page(), "run: python docs/make_commands.py"


def test_the_page_is_the_same_before_and_after_the_command_was_used_in_the_same_process() -> None:
    """Click keeps a command's help option as it was first asked for."""
    code = (
        "from runpy import run_path\n"
        "from click.testing import CliRunner\n"
        "from refundbook.cli.commands import cli\n"
        "if {used}: CliRunner().invoke(cli, ['--help'])\n"
        "print(run_path('docs/make_commands.py')['page']())\n"
    )
    fresh, used = (
        subprocess.run([sys.executable, "-c", code.format(used=used)], cwd=DOCS.parent, capture_output=True, check=True)
        for used in (False, True)
    )
    assert fresh.stdout == used.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_a_commands_help_begins_with_its_short_line(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.name == name
    short = COMMANDS[name].rstrip(".")
    assert " ".join((command.help or "").split()).startswith(short)

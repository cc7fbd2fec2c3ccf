"""docs/commands.md says what the commands' own help says, and the short lines of `refundbook --help` are true."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import click
import pytest

from refundbook.cli import COMMANDS, cli

DOCS = Path(__file__).parent.parent / "docs"


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_commands", DOCS / "make_commands.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_not_stale() -> None:
    assert (DOCS / "commands.md").read_text(encoding="utf-8") == script().page(), "run: python docs/make_commands.py"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_commands_help_begins_with_its_short_line(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.name == name
    short = COMMANDS[name][1].rstrip(".")
    assert " ".join((command.help or "").split()).startswith(short)

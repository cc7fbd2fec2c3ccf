"""Writes docs/commands.md from the command's own help texts. Run it after changing a command; a test fails while the
page is stale.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import click

from refundbook.cli.commands import cli

PAGE = Path(__file__).with_name("commands.md")
WIDTH = 100
INTRODUCTION = """# Commands

Made from the help texts by `docs/make_commands.py`; `refundbook COMMAND --help` prints the same.
"""


def page() -> str:
    """The page as Markdown."""
    return INTRODUCTION + "".join(_sections(cli, "refundbook", None))


def _sections(command: click.Command, name: str, parent: click.Context | None) -> list[str]:
    settings = {**command.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}
    context = click.Context(command, info_name=name.rpartition(" ")[2], parent=parent, **settings)
    sections = [f"\n## {name}\n\n```text\n{command.get_help(context)}\n```\n"]
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            if found is not None:
                sections += _sections(found, f"{name} {child}", context)
    return sections


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    PAGE.write_text(page(), encoding="utf-8")

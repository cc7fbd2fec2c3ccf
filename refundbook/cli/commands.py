"""The commands as Click knows them. Each lives in a module of its own, imported when it is run."""

from __future__ import annotations

import builtins
import io
import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from importlib import import_module
from keyword import iskeyword
from pathlib import Path

import click

from refundbook.base.version import __version__
from refundbook.cli.many_options import many_options
from refundbook.cli.names import COMPLETE, DEFAULT_BOOK, PATTERN_SIGNS, POWERSHELL, VARIABLE, Stopped

COMMANDS = {
    "init": "Make a new workbook from the template.",
    "log": "Enter a message about a case, in the shortest way: received from support, now.",
    "add": "Enter a case, a message or a resolution by question and answer.",
    "append": "Enter a case, a communication or a resolution, or many from a file.",
    "check": "Say what the rules find in one or more workbooks.",
    "tracker": "Print the Tracker: one row a case.",
    "show": "Print all that the workbook holds about one case.",
    "list": "List cases: all, or those that are open, of a status, for a reason, from an issuer, since a day.",
    "find": "Find a text anywhere in the three logs, your own columns among them.",
    "due": "Print what is late and what is due soon, the oldest first.",
    "keep": "Mark the promise in a message as kept.",
    "amend": "Correct cells of a case, of a message, or of a resolution, all or none.",
    "rename": "Give the case OLD the number NEW, in all three logs and where other cases name it as related.",
    "undo": "Undo what the newest command entered or corrected, whoever ran it.",
    "insights": "Say what the log adds up to: outcomes, money, waiting times, promises, the age of open cases.",
    "export": "Write the three logs as tables with one fixed schema, for programs that analyse.",
    "evidence": "Make the packet that a payment gateway asks for in a dispute over the case NUMBER.",
    "import": "Take over another tracker, a report, or mails.",
    "history": "Tell who changed what and when, newest first: by commands, and by hand in between.",
    "watch": "Stay beside the open workbook, and say at each save what was changed and what the rules newly find.",
    "inbox": "List what was kept while the workbook could not be written.",
    "add-column": "Make a column of your own, at the right end of a sheet's table.",
    "upgrade": "Bring a workbook that an older refundbook made up to date.",
    "restore": "List the workbook's backups, newest first, or bring one back by its name or its number in the list.",
}
"""Command name to the line that `refundbook --help` shows, so that help needs none of the modules."""


GROUPS = {
    "Record": ("log", "add", "append", "keep"),
    "Correct": ("amend", "rename", "undo"),
    "Look": ("tracker", "show", "list", "find", "due", "insights", "history"),
    "Bring in and out": ("import", "export", "evidence"),
    "Look after": ("init", "check", "inbox", "add-column", "upgrade", "restore"),
}
"""The commands as `refundbook --help` groups them; what is in none of these stands in the last."""

_TELLING = {"-h", "--help", "--version"}
_CORRECTING = ("edit", "change", "correct", "fix", "modify", "set", "update", "delete", "remove", "move", "revert")
"""What people call corrections."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        module = import_module(f"refundbook.cli.{name}_cmd")
        is_taken = iskeyword(name) or hasattr(builtins, name)
        command: click.Command = getattr(module, f"{name}_" if is_taken else name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        grouped = {name for names in GROUPS.values() for name in names}
        for title, names in GROUPS.items():
            is_last = title == next(reversed(GROUPS))
            others = [name for name in COMMANDS if name not in grouped] if is_last else []
            with formatter.section(title):
                formatter.write_dl([(name, COMMANDS[name]) for name in (*names, *others) if name in COMMANDS])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            raise click.UsageError(_unknown(args[0]), ctx)
        return super().resolve_command(ctx, args)


def _unknown(name: str) -> str:
    from difflib import get_close_matches

    from refundbook.base.text import safe

    near = get_close_matches(name.lower(), COMMANDS, 1)
    hint = f" Did you mean {near[0]}?" if near and name.lower() not in _CORRECTING else ""
    return (
        f"No such command '{safe(name)}'.{hint} Corrections are made by amend, rename, undo and keep --undo; "
        "refundbook --help lists all commands."
    )


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.option(
    "-b",
    "--book",
    type=click.Path(readable=False),
    multiple=True,
    help="The workbook; $REFUNDBOOK where that is set.  [default: tracker.xlsx]  Commands that read take several, and "
    'patterns such as "shops/*.xlsx".',
)
@click.option(
    "--debug",
    is_flag=True,
    is_eager=True,
    help="Say on standard error what is read and written, in what way and why, and how long it takes; "
    "as with $REFUNDBOOK_DEBUG=1.",
)
@many_options
@click.version_option(__version__, message="refundbook %(version)s")
@click.pass_context
def cli(context: click.Context, book: tuple[str, ...], debug: bool) -> None:
    """Keep refund cases, promises and outcomes in an Excel workbook that can be trusted.

    \b
    Begin:      refundbook init
    A case:     refundbook append case GTB-789012 --opened 2023-10-26 --reason Non-delivery
    A message:  refundbook log 789012 "Label sent."
    The end:    refundbook append resolution GTB-789012 --status "Full Refund" --date today

    Exit codes: 0 done; 1 the rules refuse it and nothing was written; 2 wrong usage; 3 the workbook is locked, open
    elsewhere or was changed meanwhile; 4 it is not a workbook, is damaged, or of a kind that is not supported.
    """
    if debug:
        from refundbook.cli.common import speak_of_work

        speak_of_work()
    given = book or (os.environ.get(VARIABLE) or DEFAULT_BOOK,)
    if context.invoked_subcommand is None:
        _begin(context, Path(given[0]))
        return
    if len(given) == 1 and not any(sign in given[0] for sign in PATTERN_SIGNS):
        context.obj = Path(given[0])
        return
    from refundbook.cli.many import choose

    context.obj = choose(context.invoked_subcommand, given)


def _begin(context: click.Context, path: Path) -> None:
    """What is said to who gives no command: how the workbook stands, or, where there is none, how to begin."""
    from refundbook.base.errors import MissingWorkbook
    from refundbook.cli import home

    try:
        home.show(path)
    except MissingWorkbook:
        raise click.exceptions.NoArgsIsHelpError(context) from None


def run(args: Sequence[str]) -> int:
    """Run a command; gives its exit code. Raises RefundbookError, SystemExit, and Stopped when the user stops it."""
    if os.environ.get(COMPLETE, "").startswith(POWERSHELL):
        from refundbook.cli import powershell

        powershell.offer()
    try:
        result = _result_of(args)
    except click.ClickException as error:
        from refundbook.base.text import safe
        from refundbook.system.shell import without_doubled_backslashes

        said = io.StringIO()
        error.show(said)
        # It quotes what was typed as it is.
        sys.stderr.write(safe(without_doubled_backslashes(said.getvalue())))
        return error.exit_code
    except click.Abort as error:
        raise Stopped from error
    return result if isinstance(result, int) else 0


def _result_of(args: Sequence[str]) -> object:
    """What Click returns. Help is not left to it to print: it takes a reader that has seen enough for an error."""
    if not _TELLING.intersection(args):
        return cli.main(args=list(args), prog_name="refundbook", standalone_mode=False)
    from refundbook.cli.common import say

    told = io.StringIO()
    try:
        with redirect_stdout(told):
            return cli.main(args=list(args), prog_name="refundbook", standalone_mode=False)
    finally:
        say(told.getvalue(), end=False)
